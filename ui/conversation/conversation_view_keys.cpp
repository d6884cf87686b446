// The keyboard, the selection and the clipboard in the conversation view.

#include "ui/conversation/conversation_view.h"

#include "ui/conversation/conversation_accessible.h"
#include "ui/markdown/markdown_writer.h"

#include <QClipboard>
#include <QFocusEvent>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QScrollBar>

#include <algorithm>
#include <limits>

namespace hearth::ui {

QString ConversationView::actionName(MessageAction action) {
    switch (action) {
    case MessageAction::Copy:
        return tr("Copy message");
    case MessageAction::Edit:
        return tr("Edit question");
    case MessageAction::Regenerate:
        return tr("Answer again");
    case MessageAction::Continue:
        return tr("Continue");
    case MessageAction::Retry:
        return tr("Try again");
    case MessageAction::PreviousVersion:
        return tr("Previous version");
    case MessageAction::NextVersion:
        return tr("Next version");
    case MessageAction::Mixture:
        return tr("How it came about");
    case MessageAction::ToggleReasoning:
        return tr("Show or hide the reasoning");
    }
    return {};
}

QString ConversationView::targetName(int message, const MessageTarget& target) const {
    if (!target.action)
        return tr("Copy code");
    return *target.action == MessageAction::ToggleReasoning ? m_layout.message(message).reasoning().label()
                                                            : actionName(*target.action);
}

void ConversationView::keyPressEvent(QKeyEvent* event) {
    layOutNow();
    if (event->matches(QKeySequence::Copy)) {
        if (hasSelection())
            copySelection();
        else if (m_current >= 0)
            activate(m_current, {MessageAction::Copy, -1});
        return;
    }
    if (event->matches(QKeySequence::SelectAll)) {
        selectAll();
        return;
    }
    const bool sideways = event->key() == Qt::Key_Left || event->key() == Qt::Key_Right;
    if (sideways && event->modifiers().testFlag(Qt::AltModifier) && m_current >= 0) {
        Q_EMIT versionSwitchRequested(messageAt(m_current).message.id, event->key() == Qt::Key_Left ? -1 : 1);
        return;
    }
    const bool plain = (event->modifiers() & ~(Qt::KeypadModifier | Qt::ControlModifier)) == Qt::NoModifier;
    if (!plain || m_layout.count() == 0) {
        if (m_layout.count() == 0 && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter))
            pressFocused();
        else
            QAbstractScrollArea::keyPressEvent(event);
        return;
    }
    m_keyboardFocus = true;
    if (event->key() == Qt::Key_Escape && !hasSelection() && m_focusedTarget.isNull())
        event->ignore();
    else if (!pressKey(event->key()))
        QAbstractScrollArea::keyPressEvent(event);
    viewport()->update();
}

/// Returns false for a key that means nothing here.
bool ConversationView::pressKey(int key) {
    switch (key) {
    case Qt::Key_Up:
        moveCurrent(Step::Previous);
        return true;
    case Qt::Key_Down:
        moveCurrent(Step::Next);
        return true;
    case Qt::Key_Home:
        setCurrentMessage(0);
        setViewTop(0);
        return true;
    case Qt::Key_End:
        setCurrentMessage(m_layout.count() - 1);
        scrollToEnd();
        return true;
    case Qt::Key_PageUp:
        turnPage(Step::Previous);
        return true;
    case Qt::Key_PageDown:
        turnPage(Step::Next);
        return true;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        pressFocused();
        return true;
    case Qt::Key_Escape:
        clearSelection();
        m_focusedTarget = {};
        return true;
    default:
        return false;
    }
}

/// The current message becomes the one where reading goes on: near the top, or the last one at the end.
void ConversationView::turnPage(Step step) {
    const int overlap = m_style->chatLineHeight * 2;
    const int page = viewport()->height() - overlap;
    QScrollBar* bar = verticalScrollBar();
    bar->setValue(bar->value() + (step == Step::Next ? page : -page));
    const bool atEnd = bar->value() == bar->maximum();
    const int place = bar->value() == 0 ? 0 : atEnd ? viewport()->height() - 1 : overlap;
    m_current = m_layout.messageAt(viewTop() + place);
    m_focusedTarget = {};
    announceFocus(*this);
    Q_EMIT currentMessageChanged(m_current);
}

void ConversationView::setCurrentMessage(int index) {
    if (index < 0 || index >= m_layout.count())
        return;
    m_current = index;
    m_focusedTarget = {};
    layOutNow();
    const MessageLayout& message = m_layout.message(index);
    // Of a message higher than the window the first part is shown.
    ensureVisible(index, QRect(0, 0, 1, std::min(message.height(), viewport()->height() / 2)));
    viewport()->update();
    announceFocus(*this);
    Q_EMIT currentMessageChanged(index);
}

/// To the next message, or on within one that is higher than the window.
void ConversationView::moveCurrent(Step step) {
    const int top = viewTop();
    const int height = viewport()->height();
    if (m_current < 0) {
        setCurrentMessage(step == Step::Next ? m_layout.messageAt(top) : m_layout.messageAt(top + height - 1));
        return;
    }
    const int messageTop = m_layout.top(m_current) - top;
    const int messageBottom = messageTop + m_layout.message(m_current).height();
    const bool visible = messageBottom > 0 && messageTop < height;
    const bool goesOn =
        step == Step::Next ? messageBottom > height + m_style->messageGap : messageTop < -m_style->messageGap;
    if (visible && goesOn) {
        const int stride = m_style->chatLineHeight * 4;
        QScrollBar* bar = verticalScrollBar();
        bar->setValue(bar->value() + (step == Step::Next ? stride : -stride));
        return;
    }
    const int next = m_current + (step == Step::Next ? 1 : -1);
    if (next < 0 || next >= m_layout.count())
        return;
    setCurrentMessage(next);
    // Coming from below, the end of a high message is next.
    const MessageLayout& message = m_layout.message(next);
    if (step == Step::Previous && message.height() > height)
        setViewTop(m_layout.top(next) + message.height() - height);
}

bool ConversationView::focusNextPrevChild(bool next) {
    return moveTarget(next ? Step::Next : Step::Previous) || QAbstractScrollArea::focusNextPrevChild(next);
}

/// To the next thing that Enter presses; false at the end, where the focus leaves the view.
bool ConversationView::moveTarget(Step step) {
    m_keyboardFocus = true;
    if (m_layout.count() == 0) {
        const int next = m_focusedSuggestion + (step == Step::Next ? 1 : -1);
        if (next < 0 || next >= m_suggestions.size()) {
            m_focusedSuggestion = -1;
            return false;
        }
        m_focusedSuggestion = next;
        viewport()->update();
        announceFocus(*this);
        return true;
    }
    layOutNow();
    if (m_current < 0) {
        // The mouse brought the focus here: begin with what can be seen.
        setCurrentMessage(m_layout.messageAt(viewTop() + viewport()->height() - 1));
        return true;
    }
    const std::vector<MessageTarget> targets = m_layout.message(m_current).targets();
    const auto here = std::find(targets.begin(), targets.end(), m_focusedTarget);
    auto index = here == targets.end() ? (step == Step::Next ? -1 : static_cast<std::ptrdiff_t>(targets.size()))
                                       : here - targets.begin();
    if (m_focusedTarget.isNull() && step == Step::Previous)
        return false;
    index += step == Step::Next ? 1 : -1;
    if (index >= static_cast<std::ptrdiff_t>(targets.size())) {
        m_focusedTarget = {};
        return false;
    }
    m_focusedTarget = index < 0 ? MessageTarget{} : targets[static_cast<std::size_t>(index)];
    if (!m_focusedTarget.isNull())
        ensureVisible(m_current, m_layout.message(m_current).targetRect(m_focusedTarget));
    viewport()->update();
    announceFocus(*this);
    return true;
}

void ConversationView::pressFocused() {
    if (m_layout.count() == 0) {
        if (m_focusedSuggestion >= 0)
            Q_EMIT suggestionActivated(m_suggestions[m_focusedSuggestion]);
    } else if (m_current >= 0 && !m_focusedTarget.isNull()) {
        activate(m_current, m_focusedTarget);
    }
}

void ConversationView::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    const bool byKeyboard = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason
                            || event->reason() == Qt::ShortcutFocusReason;
    if (byKeyboard) {
        m_keyboardFocus = true;
        if (m_layout.count() == 0)
            m_focusedSuggestion = m_suggestions.isEmpty() ? -1 : 0;
        else if (m_current < 0)
            m_current = m_layout.count() - 1;
        announceFocus(*this);
    }
    viewport()->update();
}

void ConversationView::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    m_focusedSuggestion = -1;
    viewport()->update();
}

void ConversationView::activate(int message, const MessageTarget& target) {
    const MessageLayout& layout = m_layout.message(message);
    const qint64 id = layout.shown().message.id;
    if (!target.action) {
        if (target.copyBlock < 0 || target.copyBlock >= layout.blockCount() || !layout.blockLayout(target.copyBlock))
            return;
        copyText(layout.blockLayout(target.copyBlock)->text());
        showDone(message, target);
        return;
    }
    switch (*target.action) {
    case MessageAction::Copy:
        copyText(layout.shown().message.text);
        showDone(message, target);
        break;
    case MessageAction::Edit:
        Q_EMIT editRequested(id);
        break;
    case MessageAction::Regenerate:
        Q_EMIT regenerateRequested(id);
        break;
    case MessageAction::Continue:
        Q_EMIT continueRequested(id);
        break;
    case MessageAction::Retry:
        Q_EMIT retryRequested(id);
        break;
    case MessageAction::PreviousVersion:
        Q_EMIT versionSwitchRequested(id, -1);
        break;
    case MessageAction::NextVersion:
        Q_EMIT versionSwitchRequested(id, 1);
        break;
    case MessageAction::Mixture:
        Q_EMIT mixtureRequested(id);
        break;
    case MessageAction::ToggleReasoning:
        toggleReasoning(message);
        break;
    }
}

/// The line that was pressed stays where it is; what is below moves.
void ConversationView::toggleReasoning(int message) {
    layOutNow();
    MessageLayout& layout = m_layout.message(message);
    if (layout.reasoning().isEmpty())
        return;
    const bool following = m_followsEnd && layout.isStreaming();
    const int offset = viewTop() - m_layout.top(message);
    layout.toggleReasoning();
    m_layout.heightChanged(message);
    if (!following) {
        m_followsEnd = false;
        m_anchor = {message, -1, offset};
    }
    requestLayout();
    layOutNow();
    announceToggle(*this, message);
    viewport()->update();
}

void ConversationView::showDone(int message, const MessageTarget& target) {
    m_doneMessage = message;
    m_doneTarget = target;
    m_doneTimer.start();
    viewport()->update();
}

// Selection and clipboard.

void ConversationView::selectAll() {
    if (m_layout.count() == 0)
        return;
    constexpr int kLast = std::numeric_limits<int>::max();
    m_selectionStart = {0, 0, 0};
    m_selectionEnd = {m_layout.count() - 1, kLast, kLast};
    viewport()->update();
}

void ConversationView::clearSelection() {
    m_selectionStart = m_selectionEnd = {};
    m_selecting = false;
    m_autoScroll.stop();
    viewport()->update();
}

QString ConversationView::selectedPart(int message, CopyFormat format) const {
    const auto [first, last] = std::minmax(m_selectionStart, m_selectionEnd);
    const MessageLayout& layout = m_layout.message(message);
    const std::vector<Block> blocks = layout.readBlocks();
    std::vector<Block> parts;
    for (int index = 0; index < static_cast<int>(blocks.size()); ++index) {
        const bool before = message == first.message && index < first.block;
        const bool behind = message == last.message && index > last.block;
        if (before || behind)
            continue;
        const Block& block = blocks[static_cast<std::size_t>(index)];
        const auto size = static_cast<int>(blockText(block).size());
        const int begin = message == first.message && index == first.block ? std::min(first.offset, size) : 0;
        const int end = message == last.message && index == last.block ? std::min(last.offset, size) : size;
        if (begin < end || (begin == 0 && end == size))
            parts.push_back(sliceBlock(block, begin, end));
    }
    return format == CopyFormat::Markdown ? writeMarkdown(parts) : writePlainText(parts);
}

QString ConversationView::selection(CopyFormat format) {
    if (!hasSelection())
        return {};
    layOutNow();
    const auto [first, last] = std::minmax(m_selectionStart, m_selectionEnd);
    QStringList parts;
    for (int message = first.message; message <= std::min(last.message, m_layout.count() - 1); ++message)
        if (const QString part = selectedPart(message, format); !part.isEmpty())
            parts += part;
    return parts.join(QStringLiteral("\n\n"));
}

QString ConversationView::selectedText() {
    return selection(CopyFormat::PlainText);
}

QString ConversationView::selectedMarkdown() {
    return selection(CopyFormat::Markdown);
}

void ConversationView::copySelection() {
    copyText(selectedText());
}

void ConversationView::copySelectionAsMarkdown() {
    copyText(selectedMarkdown());
}

void ConversationView::copyText(const QString& text) {
    if (text.isEmpty())
        return;
    QGuiApplication::clipboard()->setText(text);
    Q_EMIT copied();
}

} // namespace hearth::ui
