// The mouse in the conversation view.

#include "ui/conversation/conversation_view.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QScrollBar>
#include <QStyleHints>
#include <QTextBoundaryFinder>
#include <QWheelEvent>

#include <algorithm>
#include <limits>

namespace hearth::ui {

ConversationView::Hit ConversationView::hitTest(QPoint viewportPoint) const {
    Hit hit;
    if (m_layout.count() == 0) {
        const auto rects = suggestionRects();
        for (std::size_t index = 0; index < rects.size(); ++index)
            if (rects[index].contains(viewportPoint))
                hit.suggestion = static_cast<int>(index);
        return hit;
    }
    const int y = viewportPoint.y() + viewTop();
    hit.message = m_layout.messageAt(y);
    hit.point = QPoint(viewportPoint.x() - columnLeft(), y - m_layout.top(hit.message));
    const MessageLayout& message = m_layout.message(hit.message);
    hit.target = message.targetAt(hit.point);
    if (hit.target.isNull()) {
        hit.link = message.linkAt(hit.point);
        const int block = message.blockAt(hit.point);
        hit.onText = block >= 0 && message.blockLayout(block);
    }
    return hit;
}

TextPosition ConversationView::positionAt(QPoint viewportPoint) const {
    const int y = viewportPoint.y() + viewTop();
    const int index = std::max(0, m_layout.messageAt(y));
    TextPosition position =
        m_layout.message(index).positionAt(QPoint(viewportPoint.x() - columnLeft(), y - m_layout.top(index)));
    position.message = index;
    return position;
}

void ConversationView::setHovered(const Hit& hit) {
    const bool same = hit.message == m_hovered.message && hit.target == m_hovered.target && hit.link == m_hovered.link
                      && hit.suggestion == m_hovered.suggestion;
    m_hovered = hit;
    updateCursor(hit);
    if (!same)
        viewport()->update();
}

void ConversationView::updateCursor(const Hit& hit) {
    const bool presses = !hit.target.isNull() || !hit.link.isEmpty() || hit.suggestion >= 0;
    viewport()->setCursor(presses ? Qt::PointingHandCursor : hit.onText ? Qt::IBeamCursor : Qt::ArrowCursor);
    viewport()->setToolTip(hit.link);
}

void ConversationView::mousePressEvent(QMouseEvent* event) {
    layOutNow();
    const QPoint point = event->position().toPoint();
    m_keyboardFocus = false;
    if (event->button() != Qt::LeftButton) {
        event->ignore();
        return;
    }
    m_pressPoint = point;
    m_pressed = hitTest(point);
    if (beginSideScroll(point) || !m_pressed.target.isNull() || m_pressed.suggestion >= 0 || m_layout.count() == 0)
        return;
    const TextPosition position = positionAt(point);
    if (m_tripleClick.isActive() && m_selectionStart.message == position.message) {
        m_tripleClick.stop();
        selectBlock(position);
        return;
    }
    m_selecting = true;
    m_dragPoint = point;
    if (!event->modifiers().testFlag(Qt::ShiftModifier))
        m_selectionStart = position;
    m_selectionEnd = position;
    viewport()->update();
}

void ConversationView::mouseMoveEvent(QMouseEvent* event) {
    const QPoint point = event->position().toPoint();
    layOutNow();
    if (m_sideMessage >= 0) {
        BlockLayout* block = m_layout.message(m_sideMessage).blockLayout(m_sideBlock);
        if (block) {
            const QRect bar = block->scrollBar();
            const double scale = double(block->contentWidth()) / std::max(1, bar.width());
            block->setScrollOffset(static_cast<int>((point.x() - m_sideGrip) * scale));
            viewport()->update();
        }
        return;
    }
    if (m_selecting && event->buttons().testFlag(Qt::LeftButton)) {
        m_dragPoint = point;
        extendSelection(point);
        const bool outside = point.y() < 0 || point.y() >= viewport()->height();
        if (outside && !m_autoScroll.isActive())
            m_autoScroll.start();
        else if (!outside)
            m_autoScroll.stop();
        return;
    }
    setHovered(hitTest(point));
}

void ConversationView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    const QPoint point = event->position().toPoint();
    const bool sideways = m_sideMessage >= 0;
    m_sideMessage = -1;
    m_selecting = false;
    m_autoScroll.stop();
    layOutNow();
    const Hit released = hitTest(point);
    const Hit pressed = std::exchange(m_pressed, {});
    setHovered(released);
    if (sideways)
        return;
    // X11 and Wayland paste what was selected last with the middle button.
    QClipboard* clipboard = QGuiApplication::clipboard();
    if (hasSelection() && clipboard->supportsSelection())
        clipboard->setText(selectedText(), QClipboard::Selection);
    if (!pressed.target.isNull() && released.message == pressed.message && released.target == pressed.target) {
        activate(pressed.message, pressed.target);
        return;
    }
    if (pressed.suggestion >= 0 && pressed.suggestion == released.suggestion) {
        Q_EMIT suggestionActivated(m_suggestions[pressed.suggestion]);
        return;
    }
    const bool click = (point - m_pressPoint).manhattanLength() < QApplication::startDragDistance() && !hasSelection();
    if (click && !pressed.link.isEmpty() && pressed.link == released.link)
        Q_EMIT linkActivated(QUrl(pressed.link));
}

void ConversationView::mouseDoubleClickEvent(QMouseEvent* event) {
    layOutNow();
    const QPoint point = event->position().toPoint();
    const Hit hit = hitTest(point);
    if (event->button() != Qt::LeftButton || !hit.target.isNull()) {
        mousePressEvent(event);
        return;
    }
    if (m_layout.count() == 0)
        return;
    selectWord(positionAt(point));
    m_tripleClick.start(QApplication::doubleClickInterval());
}

void ConversationView::extendSelection(QPoint viewportPoint) {
    m_selectionEnd = positionAt(viewportPoint);
    viewport()->update();
}

void ConversationView::selectWord(const TextPosition& position) {
    const MessageLayout& message = m_layout.message(position.message);
    if (position.block >= message.blockCount() || !message.blockLayout(position.block))
        return;
    const QString text = message.blockLayout(position.block)->text();
    QTextBoundaryFinder finder(QTextBoundaryFinder::Word, text);
    finder.setPosition(position.offset);
    if (!finder.isAtBoundary() || position.offset == text.size())
        finder.toPreviousBoundary();
    m_selectionStart = m_selectionEnd = position;
    m_selectionStart.offset = static_cast<int>(std::max<qsizetype>(finder.position(), 0));
    finder.toNextBoundary();
    m_selectionEnd.offset = static_cast<int>(finder.position() < 0 ? text.size() : finder.position());
    viewport()->update();
}

void ConversationView::selectBlock(const TextPosition& position) {
    m_selectionStart = m_selectionEnd = position;
    m_selectionStart.offset = 0;
    const BlockLayout* block = m_layout.message(position.message).blockLayout(position.block);
    m_selectionEnd.offset = block ? static_cast<int>(block->text().size()) : 0;
    viewport()->update();
}

void ConversationView::autoScroll() {
    const int over = m_dragPoint.y() < 0 ? m_dragPoint.y() : m_dragPoint.y() - viewport()->height() + 1;
    QScrollBar* bar = verticalScrollBar();
    bar->setValue(bar->value() + std::clamp(over, -120, 120));
    extendSelection(m_dragPoint);
}

bool ConversationView::beginSideScroll(QPoint viewportPoint) {
    if (m_pressed.message < 0)
        return false;
    const MessageLayout& message = m_layout.message(m_pressed.message);
    const int index = message.blockAt(m_pressed.point);
    BlockLayout* block = index < 0 ? nullptr : message.blockLayout(index);
    if (!block || block->scrollBar().isEmpty()
        || !block->scrollBar().contains(m_pressed.point - message.blockRect(index).topLeft()))
        return false;
    m_sideMessage = m_pressed.message;
    m_sideBlock = index;
    const double scale = double(block->contentWidth()) / std::max(1, block->scrollBar().width());
    m_sideGrip = viewportPoint.x() - static_cast<int>(block->scrollOffset() / scale);
    return true;
}

bool ConversationView::scrollBlockSideways(QPoint viewportPoint, int delta) {
    const Hit hit = hitTest(viewportPoint);
    if (hit.message < 0)
        return false;
    const MessageLayout& message = m_layout.message(hit.message);
    const int index = message.blockAt(hit.point);
    BlockLayout* block = index < 0 ? nullptr : message.blockLayout(index);
    if (!block || block->scrollBar().isEmpty())
        return false;
    block->setScrollOffset(block->scrollOffset() - delta);
    viewport()->update();
    return true;
}

void ConversationView::wheelEvent(QWheelEvent* event) {
    layOutNow();
    const QPoint pixels = event->pixelDelta().isNull() ? event->angleDelta() / 2 : event->pixelDelta();
    const bool shift = event->modifiers().testFlag(Qt::ShiftModifier);
    const int sideways = shift ? (pixels.x() != 0 ? pixels.x() : pixels.y()) : pixels.x();
    if ((shift || std::abs(pixels.x()) > std::abs(pixels.y()))
        && scrollBlockSideways(event->position().toPoint(), sideways)) {
        event->accept();
        return;
    }
    QAbstractScrollArea::wheelEvent(event);
    setHovered(hitTest(event->position().toPoint()));
}

bool ConversationView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::Leave)
        setHovered({});
    return QAbstractScrollArea::viewportEvent(event);
}

void ConversationView::contextMenuEvent(QContextMenuEvent* event) {
    layOutNow();
    const bool keyboard = event->reason() == QContextMenuEvent::Keyboard;
    Hit hit = hitTest(viewport()->mapFromGlobal(event->globalPos()));
    QPoint at = event->globalPos();
    if (keyboard && m_current >= 0) {
        hit = {};
        hit.message = m_current;
        at = viewport()->mapToGlobal(viewportRect(m_current, m_layout.message(m_current).bodyRect()).center());
    }
    QMenu menu(this);
    menu.setObjectName(QStringLiteral("conversationMenu"));
    if (hasSelection()) {
        menu.addAction(tr("Copy"), this, &ConversationView::copySelection);
        menu.addAction(tr("Copy as Markdown"), this, &ConversationView::copySelectionAsMarkdown);
    }
    if (!hit.link.isEmpty())
        menu.addAction(tr("Copy link address"), this, [this, hit] { copyText(hit.link); });
    if (hit.message >= 0) {
        menu.addSeparator();
        static constexpr MessageAction kOffered[] = {MessageAction::Copy,       MessageAction::Edit,
                                                     MessageAction::Regenerate, MessageAction::Continue,
                                                     MessageAction::Retry,      MessageAction::Mixture};
        for (const MessageTarget& target : m_layout.message(hit.message).targets())
            if (target.action
                && std::find(std::begin(kOffered), std::end(kOffered), *target.action) != std::end(kOffered))
                menu.addAction(actionName(*target.action), this,
                               [this, hit, target] { activate(hit.message, target); });
    }
    if (m_layout.count() > 0) {
        menu.addSeparator();
        menu.addAction(tr("Select all"), this, &ConversationView::selectAll);
    }
    if (!menu.isEmpty())
        menu.exec(at);
}

} // namespace hearth::ui
