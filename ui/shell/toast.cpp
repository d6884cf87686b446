#include "ui/shell/toast.h"

#include "ui/theme/hearth_style.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QPainter>
#include <QPushButton>

#include <algorithm>
#include <utility>

namespace hearth::ui {

namespace {

constexpr int kShownMs = 8000; ///< long enough to read, decide and reach the button

} // namespace

Toast::Toast(const Theme& theme, QWidget& host, const QWidget& neighbour)
    : QWidget(&host), m_theme(theme), m_neighbour(neighbour), m_text(new QLabel(this)),
      m_button(new QPushButton(this)) {
    setObjectName(QStringLiteral("toast"));
    m_text->setObjectName(QStringLiteral("toastText"));
    m_text->setTextFormat(Qt::PlainText);
    m_button->setObjectName(QStringLiteral("toastAction"));
    setButtonTone(*m_button, ButtonTone::Quiet);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(Metrics::kSpace4, Metrics::kSpace2, Metrics::kSpace2, Metrics::kSpace2);
    row->setSpacing(Metrics::kSpace3);
    row->addWidget(m_text);
    row->addWidget(m_button);
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &Toast::closeIfUnused);
    connect(m_button, &QPushButton::clicked, this, [this] {
        const std::function<void()> action = std::exchange(m_action, {});
        hide();
        if (action) {
            action();
        }
    });
    host.installEventFilter(this);
    hide();
}

void Toast::showMessage(const QString& text, const QString& actionText, std::function<void()> action) {
    const int widest = std::max(120, parentWidget()->width() - 160);
    m_text->setText(m_text->fontMetrics().elidedText(text, Qt::ElideRight, widest));
    setAccessibleName(text);
    m_action = std::move(action);
    m_button->setText(actionText);
    m_button->setAccessibleName(actionText);
    m_button->setVisible(!actionText.isEmpty());
    show();
    raise();
    layout()->invalidate();
    place();
    m_timer.start(kShownMs);
}

void Toast::place() {
    const QSize size = sizeHint().boundedTo(parentWidget()->size());
    const QPoint edge = m_neighbour.mapTo(parentWidget(), QPoint(m_neighbour.width() / 2, 0));
    setGeometry(edge.x() - size.width() / 2, edge.y() - size.height() - Metrics::kSpace3, size.width(), size.height());
}

void Toast::closeIfUnused() {
    if (underMouse() || m_button->hasFocus()) {
        m_timer.start(kShownMs);
        return;
    }
    m_action = {};
    hide();
}

void Toast::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_theme.contrast() == Contrast::High ? m_theme.colors().borderStrong : m_theme.colors().border);
    painter.setBrush(m_theme.colors().raised);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Metrics::kRadiusLarge,
                            Metrics::kRadiusLarge);
}

bool Toast::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize && isVisible()) {
        place();
    }
    return QWidget::eventFilter(watched, event);
}

void Toast::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        hide();
        return;
    }
    QWidget::keyPressEvent(event);
}

} // namespace hearth::ui
