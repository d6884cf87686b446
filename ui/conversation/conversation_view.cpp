#include "ui/conversation/conversation_view.h"

#include "ui/conversation/conversation_accessible.h"
#include "ui/conversation/find_session.h"
#include "ui/conversation/jump_button.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QEvent>
#include <QResizeEvent>
#include <QScrollBar>

#include <algorithm>
#include <utility>

namespace hearth::ui {
namespace {

constexpr int kCaretBlinkMs = 530;
constexpr int kDoneMs = 1500;
constexpr int kAutoScrollMs = 30;
// Nearer to the end than this counts as being there.
constexpr int kEndReach = 8;

} // namespace

ConversationView::ConversationView(const Theme& theme, QWidget* parent)
    : QAbstractScrollArea(parent), m_theme(theme), m_style(std::make_unique<ConversationStyle>(theme)) {
    installConversationAccessibility();
    setObjectName(QStringLiteral("conversationView"));
    setAccessibleName(tr("Conversation"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    m_suggestions = {tr("Explain how a heat pump works, in simple words"),
                     tr("Write a friendly reminder about an unpaid invoice"),
                     tr("Compare bubble sort and merge sort in a table")};

    m_jumpButton = new JumpButton(theme, this);
    m_jumpButton->hide();
    connect(m_jumpButton, &QAbstractButton::clicked, this, &ConversationView::scrollToEnd);

    m_find = std::make_unique<FindSession>(m_layout);
    connect(m_find.get(), &FindSession::progressed, this, [this] {
        viewport()->update();
        Q_EMIT findChanged(m_find->currentNumber(), m_find->total(), m_find->isSearching());
    });
    connect(m_find.get(), &FindSession::currentFound, this, &ConversationView::showCurrentMatch);
    m_doneTimer.setSingleShot(true);
    m_doneTimer.setInterval(kDoneMs);
    connect(&m_doneTimer, &QTimer::timeout, this, [this] {
        m_doneMessage = -1;
        viewport()->update();
    });
    m_caretTimer.setInterval(kCaretBlinkMs);
    connect(&m_caretTimer, &QTimer::timeout, this, &ConversationView::blink);
    m_autoScroll.setInterval(kAutoScrollMs);
    connect(&m_autoScroll, &QTimer::timeout, this, &ConversationView::autoScroll);
    m_tripleClick.setSingleShot(true);
    connect(&theme, &Theme::changed, this, &ConversationView::applyTheme);
    m_layout.setStyle(*m_style);
    updateColumn();
}

ConversationView::~ConversationView() = default;

QSize ConversationView::sizeHint() const {
    return {m_style->columnWidth + 2 * m_style->sideMargin, 600};
}

void ConversationView::applyTheme() {
    const auto before = std::exchange(m_style, std::make_unique<ConversationStyle>(m_theme));
    m_layout.setStyle(*m_style);
    updateColumn();
    requestLayout();
}

void ConversationView::updateColumn() {
    const int available = viewport()->width() - 2 * m_style->sideMargin;
    m_layout.setColumnWidth(std::clamp(available, 160, std::max(160, m_style->columnWidth)));
}

int ConversationView::columnLeft() const {
    const int width = std::min(m_style->columnWidth, viewport()->width() - 2 * m_style->sideMargin);
    return std::max(m_style->sideMargin, (viewport()->width() - width) / 2);
}

// What is shown.

void ConversationView::setMessages(std::vector<ShownMessage> messages) {
    m_layout.setMessages(std::move(messages));
    clearSelection();
    m_current = -1;
    m_focusedTarget = {};
    m_hovered = {};
    m_pressed = {};
    m_doneMessage = -1;
    m_followsEnd = true;
    m_anchor = {};
    if (m_find->isActive())
        m_find->start(m_find->text(), m_layout.count() - 1);
    blink();
    requestLayout();
    announceReset(*this);
}

void ConversationView::appendMessage(ShownMessage message) {
    // Whoever asks wants to see the question and its answer.
    if (message.message.role == MessageRole::User)
        m_followsEnd = true;
    m_layout.append(std::move(message));
    m_find->invalidateFrom(m_layout.count() - 1);
    blink();
    requestLayout();
    announceReset(*this);
}

void ConversationView::updateMessage(ShownMessage message) {
    const int index = m_layout.indexOf(message.message.id);
    if (index < 0)
        return;
    const bool wasStreaming = m_layout.message(index).isStreaming();
    m_layout.message(index).update(std::move(message));
    m_layout.heightChanged(index);
    m_find->invalidateFrom(index);
    if (index == m_current && m_focusedTarget.action && m_layout.message(index).targetRect(m_focusedTarget).isNull())
        m_focusedTarget = {};
    if (wasStreaming && !m_layout.message(index).isStreaming())
        announceNewBlocks(index, m_layout.message(index).blockCount());
    blink();
    requestLayout();
}

void ConversationView::appendText(qint64 id, const QString& delta) {
    const int index = m_layout.indexOf(id);
    if (index < 0 || delta.isEmpty())
        return;
    m_layout.message(index).appendText(delta);
    m_layout.heightChanged(index);
    if (m_find->isActive())
        m_find->invalidateFrom(index);
    announceNewBlocks(index, m_layout.message(index).finishedBlocks());
    requestLayout();
}

void ConversationView::appendReasoning(qint64 id, const QString& delta) {
    const int index = m_layout.indexOf(id);
    if (index < 0 || delta.isEmpty())
        return;
    m_layout.message(index).appendReasoning(delta);
    m_layout.heightChanged(index);
    requestLayout();
}

void ConversationView::setProgress(qint64 id, const AnswerStats& stats) {
    const int index = m_layout.indexOf(id);
    if (index < 0)
        return;
    m_layout.message(index).setProgress(stats);
    m_layout.heightChanged(index);
    requestLayout();
}

void ConversationView::replaceFrom(int first, std::vector<ShownMessage> messages) {
    if (hasSelection() && std::max(m_selectionStart, m_selectionEnd).message >= first)
        clearSelection();
    // The messages that take the place may have other heights: keep what stands above them where it is.
    layOutNow();
    const int top = viewTop();
    m_layout.removeFrom(first);
    for (ShownMessage& message : messages)
        m_layout.append(std::move(message));
    m_current = std::min(m_current, m_layout.count() - 1);
    m_focusedTarget = {};
    m_hovered = {};
    m_find->invalidateFrom(first);
    if (!m_followsEnd)
        m_anchor = m_layout.anchorAt(top);
    blink();
    requestLayout();
    announceReset(*this);
}

void ConversationView::setEmptyNote(const QString& note) {
    m_emptyNote = note;
    viewport()->update();
}

void ConversationView::setWaitingNote(const QString& note) {
    if (note == m_waitingNote)
        return;
    m_waitingNote = note;
    viewport()->update();
}

void ConversationView::setSuggestions(const QStringList& suggestions) {
    m_suggestions = suggestions;
    m_focusedSuggestion = -1;
    viewport()->update();
}

// Place.

void ConversationView::requestLayout() {
    viewport()->update();
    if (m_layoutPending)
        return;
    m_layoutPending = true;
    QApplication::postEvent(this, new QEvent(QEvent::LayoutRequest));
}

void ConversationView::layOutNow() {
    if (m_layoutPending)
        settle();
}

int ConversationView::viewTop() const {
    const int last = std::max(0, m_layout.totalHeight() - viewport()->height());
    return m_followsEnd ? last : std::clamp(m_layout.positionOf(m_anchor), 0, last);
}

/// Lays out what shows until the geometry holds still, and brings the scroll bar in line.
void ConversationView::settle() {
    m_layoutPending = false;
    if (m_settling)
        return;
    m_settling = true;
    const int height = viewport()->height();
    const int margin = height / 2;
    for (int round = 0; round < 8 && m_layout.count() > 0; ++round) {
        const int top = viewTop();
        if (!m_layout.ensureLaidOut(m_layout.anchorAt(top), margin, height + margin))
            break;
    }
    m_anchor = m_layout.anchorAt(viewTop());
    updateScrollBar();
    if (m_layout.count() > 0)
        m_layout.coolOutside(m_layout.messageAt(viewTop()), m_layout.messageAt(viewTop() + height));
    updateJumpButton();
    viewport()->update();
    m_settling = false;
}

void ConversationView::updateScrollBar() {
    QScrollBar* bar = verticalScrollBar();
    const int height = viewport()->height();
    bar->setPageStep(height);
    bar->setSingleStep(m_style->chatLineHeight * 2);
    bar->setRange(0, std::max(0, m_layout.totalHeight() - height));
    bar->setValue(viewTop());
    m_lastScroll = bar->value();
}

void ConversationView::scrollContentsBy(int, int) {
    if (m_settling)
        return;
    layOutNow();
    const int height = viewport()->height();
    const int value = verticalScrollBar()->value();
    const int delta = value - m_lastScroll;
    int top = value;
    // A step keeps its length on the screen even where heights on the way were only guessed.
    if (std::abs(delta) <= 2 * height && m_layout.count() > 0) {
        const ScrollAnchor here = m_layout.anchorAt(m_lastScroll);
        (void)m_layout.ensureLaidOut(here, std::max(0, -delta), height + std::max(0, delta));
        top = m_layout.positionOf(here) + delta;
    }
    setViewTop(top);
}

void ConversationView::setViewTop(int top) {
    const int last = std::max(0, m_layout.totalHeight() - viewport()->height());
    m_followsEnd = top >= last - kEndReach;
    m_anchor = m_layout.anchorAt(std::clamp(top, 0, last));
    settle();
}

void ConversationView::scrollToEnd() {
    m_followsEnd = true;
    settle();
}

void ConversationView::scrollToMessage(qint64 id) {
    const int index = m_layout.indexOf(id);
    if (index < 0)
        return;
    m_followsEnd = false;
    m_anchor = {index, -1, -m_layout.edge() / 2};
    settle();
    setViewTop(viewTop());
}

/// Scrolls as little as it takes to show a rectangle of a message.
void ConversationView::ensureVisible(int message, const QRect& rect) {
    layOutNow();
    const int margin = m_style->scaled(Metrics::kSpace4);
    for (int round = 0; round < 3; ++round) {
        const int top = m_layout.top(message) + rect.top();
        const int bottom = top + rect.height();
        const int view = viewTop();
        const int height = viewport()->height();
        if (top - margin < view || rect.height() + 2 * margin > height)
            setViewTop(top - margin);
        else if (bottom + margin > view + height)
            setViewTop(bottom + margin - height);
        else
            break;
    }
}

QRect ConversationView::viewportRect(int message, const QRect& rect) const {
    return rect.translated(columnLeft(), m_layout.top(message) - viewTop());
}

void ConversationView::updateJumpButton() {
    const int below = m_layout.totalHeight() - viewport()->height() - viewTop();
    const bool wanted = !m_followsEnd && below > m_style->chatLineHeight * 2;
    const int side = m_style->scaled(36);
    m_jumpButton->setGeometry(viewport()->x() + (viewport()->width() - side) / 2,
                              viewport()->y() + viewport()->height() - side - m_style->scaled(Metrics::kSpace3), side,
                              side);
    m_jumpButton->setVisible(wanted);
    m_jumpButton->raise();
}

// Events without input.

bool ConversationView::event(QEvent* event) {
    if (event->type() == QEvent::LayoutRequest) {
        if (m_layoutPending)
            settle();
        return true;
    }
    return QAbstractScrollArea::event(event);
}

void ConversationView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    layOutNow();
    updateColumn();
    settle();
}

void ConversationView::changeEvent(QEvent* event) {
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::LayoutDirectionChange)
        requestLayout();
}

/// Starts or stops the caret of the streaming answer, and toggles it.
void ConversationView::blink() {
    const bool streaming = m_layout.count() > 0 && m_layout.message(m_layout.count() - 1).isStreaming();
    if (!streaming) {
        m_caretTimer.stop();
        return;
    }
    const int flash = QApplication::cursorFlashTime();
    m_caretVisible = !m_caretTimer.isActive() || flash <= 0 || !m_caretVisible;
    if (!m_caretTimer.isActive())
        m_caretTimer.start();
    viewport()->update();
}

void ConversationView::announceNewBlocks(int message, int end) {
    const bool goesOn = m_layout.message(message).isStreaming();
    if (end > m_announcedBlocks)
        announceBlocks(*this, message, m_announcedBlocks, end);
    m_announcedBlocks = goesOn ? std::max(end, m_announcedBlocks) : 0;
}

// Find.

void ConversationView::find(const QString& text) {
    if (text.isEmpty()) {
        m_find->start({}, 0);
        return;
    }
    layOutNow();
    m_find->start(text, m_layout.messageAt(viewTop()));
}

void ConversationView::findNext() {
    if (m_find->next())
        showCurrentMatch();
}

void ConversationView::findPrevious() {
    if (m_find->previous())
        showCurrentMatch();
}

void ConversationView::showCurrentMatch() {
    const auto match = m_find->currentMatch();
    if (match) {
        const int index = m_find->currentMessage();
        // Bring the block into reach first: before it is laid out nobody knows where in it the match stands.
        MessageLayout& message = m_layout.message(index);
        if (!message.isWarm())
            ensureVisible(index, QRect(0, 0, 1, 1));
        ensureVisible(index, message.blockRect(match->block));
        if (BlockLayout* block = message.blockLayout(match->block)) {
            QRect rect = block->rangeRect(match->range);
            const int sideways = rect.right() - message.blockRect(match->block).width() + m_style->codePadding;
            if (block->contentWidth() > 0 && (sideways > 0 || rect.left() < 0)) {
                block->setScrollOffset(block->scrollOffset() + (rect.left() < 0 ? rect.left() - 40 : sideways + 40));
                rect = block->rangeRect(match->range);
            }
            ensureVisible(index, rect.translated(message.blockRect(match->block).topLeft()));
        }
    }
    viewport()->update();
    Q_EMIT findChanged(m_find->currentNumber(), m_find->total(), m_find->isSearching());
}

} // namespace hearth::ui
