#include "ui/shell/context_meter.h"

#include "ui/theme/theme.h"

#include <QEvent>
#include <QLocale>
#include <QPainter>
#include <QStyle>

#include <algorithm>

namespace hearth::ui {

namespace {

constexpr int kRing = 18;
constexpr double kWarnShare = 0.8;
constexpr int kFullCircle = 360 * 16; ///< QPainter counts sixteenths of a degree

} // namespace

ContextMeterRing::ContextMeterRing(const Theme& theme, QWidget* parent) : QWidget(parent), m_theme(theme) {
    setObjectName(QStringLiteral("contextMeter"));
    setFocusPolicy(Qt::TabFocus); // so that keyboard and screen reader users reach the numbers
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    hide();
}

void ContextMeterRing::setUsage(int used, int draft, int total, int droppedMessages) {
    m_used = used;
    m_draft = draft;
    m_total = total;
    m_dropped = droppedMessages;
    setVisible(total > 0);
    retranslate();
    update();
}

QSize ContextMeterRing::sizeHint() const {
    return {kRing + Metrics::kSpace2, Metrics::kControl};
}

void ContextMeterRing::retranslate() {
    const QLocale locale;
    const int used = m_used + m_draft;
    QString tip = tr("%1 of %2 tokens").arg(locale.toString(used), locale.toString(m_total));
    if (m_total > 0) {
        tip = tr("Context: %1 (%2)").arg(tip, locale.toString(100.0 * used / m_total, 'f', 0) + locale.percent());
    }
    if (m_draft > 0) {
        tip += QLatin1Char('\n') + tr("%Ln token(s) of them in your draft", nullptr, m_draft);
    }
    if (m_dropped > 0) {
        tip += QLatin1Char('\n')
               + tr("%n message(s) at the beginning no longer fit; the model does not see them.", nullptr, m_dropped);
    }
    setToolTip(tip);
    setAccessibleName(tr("Context used"));
    setAccessibleDescription(tip);
}

void ContextMeterRing::paintEvent(QPaintEvent*) {
    if (m_total <= 0) {
        return;
    }
    const Colors& colors = m_theme.colors();
    const double share = std::clamp(static_cast<double>(m_used + m_draft) / m_total, 0.0, 1.0);
    const QColor color = m_dropped > 0 ? colors.danger : share >= kWarnShare ? colors.warning : colors.accent;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF ring(width() / 2.0 - kRing / 2.0 + 1.5, height() / 2.0 - kRing / 2.0 + 1.5, kRing - 3, kRing - 3);
    painter.setPen(QPen(colors.pressed, 3));
    painter.drawEllipse(ring);
    painter.setPen(QPen(color, 3, Qt::SolidLine, Qt::RoundCap));
    painter.drawArc(ring, 90 * 16, -static_cast<int>(share * kFullCircle));
    if (hasFocus()) {
        painter.setPen(QPen(colors.accent, Metrics::kFocusWidth));
        painter.drawRoundedRect(QRectF(rect()).adjusted(1, 3, -1, -3), Metrics::kRadiusSmall, Metrics::kRadiusSmall);
    }
}

void ContextMeterRing::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange || event->type() == QEvent::LocaleChange) {
        retranslate();
    }
    QWidget::changeEvent(event);
}

} // namespace hearth::ui
