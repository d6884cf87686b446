#include "ui/shell/popup_panel.h"

#include "ui/theme/theme.h"

#include <QApplication>
#include <QKeyEvent>
#include <QPainter>

#include <algorithm>

namespace hearth::ui {

PopupPanel::PopupPanel(const Theme& theme, QWidget& window) : QWidget(&window), m_theme(theme) {
    connect(qApp, &QApplication::focusChanged, this, [this](QWidget*, QWidget* now) { focusMoved(now); });
    hide();
}

void PopupPanel::openAt(const QRect& card, QWidget& focus) {
    const QRect room =
        parentWidget()->rect().adjusted(Metrics::kSpace2, Metrics::kSpace2, -Metrics::kSpace2, -Metrics::kSpace2);
    QRect place = card;
    place.setSize(place.size().boundedTo(room.size()));
    place.moveLeft(std::clamp(place.left(), room.left(), room.right() - place.width() + 1));
    place.moveTop(std::clamp(place.top(), room.top(), room.bottom() - place.height() + 1));
    if (isHidden()) {
        m_focusBefore = QApplication::focusWidget();
    }
    setGeometry(place.adjusted(-kShadow, -kShadow, kShadow, kShadow));
    show();
    raise();
    focus.setFocus(Qt::PopupFocusReason);
    qApp->installEventFilter(this);
}

void PopupPanel::close() {
    if (isHidden()) {
        return;
    }
    qApp->removeEventFilter(this);
    QWidget* focus = QApplication::focusWidget();
    const bool hadFocus = focus != nullptr && isAncestorOf(focus);
    const QPointer<QWidget> before = m_focusBefore;
    m_focusBefore.clear();
    hide();
    if (hadFocus && before != nullptr) {
        before->setFocus(Qt::PopupFocusReason);
    }
}

void PopupPanel::focusMoved(QWidget* now) {
    // No focus at all: another program's window has it, and ours comes back as it was.
    if (isVisible() && now != nullptr && !isAncestorOf(now) && now->window() == window()) {
        m_focusBefore.clear();
        close();
    }
}

bool PopupPanel::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::MouseButtonPress) {
        const auto* widget = qobject_cast<QWidget*>(watched);
        if (widget != nullptr && widget != this && !isAncestorOf(widget) && widget->window() == window()) {
            close();
            return true; // the click that closes does nothing else
        }
    }
    if (event->type() == QEvent::Resize && watched == parentWidget()) {
        close();
    }
    return QWidget::eventFilter(watched, event);
}

void PopupPanel::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Escape) {
        close();
        return;
    }
    QWidget::keyPressEvent(event);
}

void PopupPanel::paintEvent(QPaintEvent*) {
    const Colors& colors = m_theme.colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    const QRectF card = QRectF(rect()).adjusted(kShadow, kShadow, -kShadow, -kShadow);
    // A shadow out of translucent layers, each a little smaller than the one below.
    QColor shade = colors.shadow;
    shade.setAlphaF(shade.alphaF() / (2 * kShadow));
    painter.setBrush(shade);
    for (int grow = kShadow; grow > 0; grow -= 1) {
        painter.drawRoundedRect(card.adjusted(-grow, -grow + 3, grow, std::min(grow + 3, kShadow)),
                                Metrics::kRadiusLarge + grow, Metrics::kRadiusLarge + grow);
    }
    painter.setPen(m_theme.contrast() == Contrast::High ? colors.borderStrong : colors.border);
    painter.setBrush(colors.raised);
    painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), Metrics::kRadiusLarge, Metrics::kRadiusLarge);
}

} // namespace hearth::ui
