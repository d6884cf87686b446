#include "ui/shell/banner.h"

#include "ui/theme/hearth_style.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QToolButton>

#include <utility>

namespace hearth::ui {

namespace {

constexpr int kProgressSteps = 1000;

QLabel* textLabel(const QString& name, QWidget* parent) {
    auto* label = new QLabel(parent);
    label->setObjectName(name);
    label->setWordWrap(true);
    label->setTextFormat(Qt::PlainText); // error details may hold anything
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    return label;
}

} // namespace

Banner::Banner(const Theme& theme, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_icon(new QLabel(this)),
      m_sentence(textLabel(QStringLiteral("bannerSentence"), this)),
      m_nextStep(textLabel(QStringLiteral("bannerNextStep"), this)), m_progress(new QProgressBar(this)),
      m_actionButton(new QPushButton(this)), m_close(new QToolButton(this)) {
    setObjectName(QStringLiteral("banner"));
    m_progress->setObjectName(QStringLiteral("bannerProgress"));
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(Metrics::kSpace2);
    m_actionButton->setObjectName(QStringLiteral("bannerAction"));
    m_close->setObjectName(QStringLiteral("bannerClose"));
    m_close->setIcon(themedIcon(theme, QStringLiteral("close"), IconTone::Muted));
    m_close->setAutoRaise(true);
    m_close->setFocusPolicy(Qt::StrongFocus);

    auto* texts = new QVBoxLayout;
    texts->setSpacing(2);
    texts->addWidget(m_sentence);
    texts->addWidget(m_nextStep);
    texts->addWidget(m_progress);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(Metrics::kSpace4, Metrics::kSpace3, Metrics::kSpace2, Metrics::kSpace3);
    row->setSpacing(Metrics::kSpace3);
    row->addWidget(m_icon, 0, Qt::AlignTop);
    row->addLayout(texts, 1);
    row->addWidget(m_actionButton, 0, Qt::AlignVCenter);
    row->addWidget(m_close, 0, Qt::AlignTop);

    connect(m_actionButton, &QPushButton::clicked, this, &Banner::runAction);
    connect(m_close, &QToolButton::clicked, this, &Banner::dismiss);
    setKind(BannerKind::Information);
    QEvent language(QEvent::LanguageChange);
    changeEvent(&language);
    hide();
}

void Banner::showMessage(BannerKind kind, const QString& sentence, const QString& nextStep, const QString& actionText,
                         std::function<void()> action) {
    m_progressShown = false;
    setKind(kind);
    m_sentence->setText(sentence);
    m_nextStep->setText(nextStep);
    m_nextStep->setVisible(!nextStep.isEmpty());
    m_progress->hide();
    m_close->show();
    setAction(actionText, std::move(action));
    setAccessibleName(nextStep.isEmpty() ? sentence : sentence + QLatin1Char(' ') + nextStep);
    show();
}

void Banner::showProgress(const QString& text, double fraction, const QString& cancelText,
                          std::function<void()> cancel) {
    m_progressShown = true;
    setKind(BannerKind::Information);
    m_sentence->setText(text);
    m_nextStep->hide();
    m_progress->show();
    m_progress->setRange(0, fraction < 0 ? 0 : kProgressSteps);
    m_progress->setValue(static_cast<int>(fraction * kProgressSteps));
    m_close->hide();
    setAction(cancelText, std::move(cancel));
    setAccessibleName(text);
    show();
}

void Banner::endProgress() {
    if (m_progressShown) {
        dismiss();
    }
}

void Banner::dismiss() {
    if (isHidden()) {
        return;
    }
    m_progressShown = false;
    m_action = {};
    hide();
    Q_EMIT dismissed();
}

QString Banner::sentence() const {
    return m_sentence->text();
}

void Banner::setAction(const QString& text, std::function<void()> action) {
    m_action = std::move(action);
    m_actionButton->setText(text);
    m_actionButton->setAccessibleName(text);
    m_actionButton->setVisible(!text.isEmpty());
}

void Banner::runAction() {
    const std::function<void()> action = std::exchange(m_action, {});
    dismiss();
    if (action) {
        action();
    }
}

void Banner::setKind(BannerKind kind) {
    m_kind = kind;
    const QString name = kind == BannerKind::Error     ? QStringLiteral("error")
                         : kind == BannerKind::Warning ? QStringLiteral("warning")
                                                       : QStringLiteral("info");
    const IconTone tone = kind == BannerKind::Error     ? IconTone::Danger
                          : kind == BannerKind::Warning ? IconTone::Warning
                                                        : IconTone::Accent;
    m_icon->setPixmap(
        themedIcon(m_theme, name, tone).pixmap(QSize(Metrics::kIconLarge, Metrics::kIconLarge), devicePixelRatio()));
    m_sentence->setFont(m_theme.font(FontRole::InterfaceStrong));
    update();
}

void Banner::paintEvent(QPaintEvent*) {
    const Colors& colors = m_theme.colors();
    const QColor fill = m_kind == BannerKind::Error     ? colors.dangerSoft
                        : m_kind == BannerKind::Warning ? colors.warningSoft
                                                        : colors.accentSoft;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_theme.contrast() == Contrast::High ? QPen(colors.borderStrong) : QPen(Qt::NoPen));
    painter.setBrush(fill);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Metrics::kRadius, Metrics::kRadius);
}

void Banner::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        m_close->setToolTip(tr("Dismiss"));
        m_close->setAccessibleName(tr("Dismiss this message"));
        m_progress->setAccessibleName(tr("Progress"));
    } else if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        setKind(m_kind);
    }
    QWidget::changeEvent(event);
}

} // namespace hearth::ui
