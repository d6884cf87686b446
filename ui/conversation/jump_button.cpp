#include "ui/conversation/jump_button.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QPainter>

namespace hearth::ui {

JumpButton::JumpButton(const Theme& theme, QWidget* parent) : QAbstractButton(parent), m_theme(theme) {
    setObjectName(QStringLiteral("jumpToLatest"));
    setToolTip(tr("Jump to the latest message"));
    setAccessibleName(tr("Jump to the latest message"));
    // The keyboard has the End key for this; the button comes and goes too fast to be a stop of Tab.
    setFocusPolicy(Qt::NoFocus);
    setCursor(Qt::PointingHandCursor);
}

void JumpButton::enterEvent(QEnterEvent* event) {
    QAbstractButton::enterEvent(event);
    update();
}

void JumpButton::leaveEvent(QEvent* event) {
    QAbstractButton::leaveEvent(event);
    update();
}

void JumpButton::paintEvent(QPaintEvent*) {
    const Colors& colors = m_theme.colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF circle = QRectF(rect()).adjusted(3, 2, -3, -4);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.shadow);
    painter.drawEllipse(circle.translated(0, 1.5));
    painter.setPen(hasFocus() ? QPen(colors.accent, Metrics::kFocusWidth) : QPen(colors.border, Metrics::kHair));
    painter.setBrush(isDown() ? colors.pressed : underMouse() ? colors.hover : colors.raised);
    painter.drawEllipse(circle);
    const int side = Metrics::kIcon;
    const QPoint middle = circle.center().toPoint();
    themedIcon(m_theme, QStringLiteral("arrow-down"))
        .paint(&painter, QRect(middle.x() - side / 2, middle.y() - side / 2, side, side));
}

} // namespace hearth::ui
