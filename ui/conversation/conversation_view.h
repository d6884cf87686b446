#pragma once

#include "ui/conversation/conversation_layout.h"
#include "ui/conversation/shown_message.h"

#include <QAbstractScrollArea>
#include <QPointer>
#include <QTimer>
#include <QUrl>

#include <memory>
#include <optional>
#include <vector>

namespace hearth::ui {

class FindSession;
class JumpButton;
class Theme;

/// One conversation, painted as a whole: questions in bubbles, answers as text across the column. It shows what it is
/// given and reports what the user wants; it changes nothing but the clipboard. Only what shows is laid out. The
/// place of reading stays while text comes or heights become known; at the end it follows the answer until the user
/// scrolls up. Thread: UI.
class ConversationView : public QAbstractScrollArea {
    Q_OBJECT

public:
    /// `theme` must outlive the view.
    explicit ConversationView(const Theme& theme, QWidget* parent = nullptr);
    ~ConversationView() override;

    // What is shown.
    /// Another conversation: shows its end.
    void setMessages(std::vector<ShownMessage> messages);
    void appendMessage(ShownMessage message);
    /// Reasoning of the streaming answer with this id, and what it took so far.
    void appendReasoning(qint64 id, const QString& delta);
    void setProgress(qint64 id, const AnswerStats& stats);
    /// Replaces the message with the same id; nothing happens if there is none.
    void updateMessage(ShownMessage message);
    /// Text of the streaming answer with this id.
    void appendText(qint64 id, const QString& delta);
    /// Messages from `first` on are replaced by others: another branch. The place of reading above stays.
    void replaceFrom(int first, std::vector<ShownMessage> messages);
    [[nodiscard]] int messageCount() const { return m_layout.count(); }
    [[nodiscard]] const ShownMessage& messageAt(int index) const { return m_layout.message(index).shown(); }
    /// The line below the greeting of an empty conversation; the view's own if empty.
    void setEmptyNote(const QString& note);
    /// What the streaming answer waits for, while it has no text ("Reading the question ...").
    void setWaitingNote(const QString& note);
    [[nodiscard]] QStringList suggestions() const { return m_suggestions; }
    void setSuggestions(const QStringList& suggestions);

    // Place.
    void scrollToMessage(qint64 id);
    void scrollToEnd();
    /// Follows the end while text comes.
    [[nodiscard]] bool followsEnd() const { return m_followsEnd; }

    // Selection.
    void selectAll();
    void clearSelection();
    [[nodiscard]] bool hasSelection() const { return m_selectionStart != m_selectionEnd; }
    [[nodiscard]] QString selectedText();
    [[nodiscard]] QString selectedMarkdown();
    /// Puts the selection on the clipboard.
    void copySelection();
    void copySelectionAsMarkdown();

    // Find.
    /// Marks every place that holds `text`, upper and lower case alike; an empty text ends the search.
    void find(const QString& text);
    void findNext();
    void findPrevious();

    /// The message that keyboard commands act on, -1 if none.
    [[nodiscard]] int currentMessage() const { return m_current; }
    void setCurrentMessage(int index);
    /// What Enter would press in the current message.
    [[nodiscard]] int focusedSuggestion() const { return m_focusedSuggestion; }
    [[nodiscard]] std::vector<QRect> suggestionRects() const;
    [[nodiscard]] MessageTarget focusedTarget() const { return m_focusedTarget; }
    void activate(int message, const MessageTarget& target);
    [[nodiscard]] static QString actionName(MessageAction action);
    /// What a target of a message is called.
    [[nodiscard]] QString targetName(int message, const MessageTarget& target) const;

    /// The geometry, in coordinates of the conversation; for tests and assistive technology.
    [[nodiscard]] ConversationLayout& layout() { return m_layout; }
    /// Where a rectangle of a message is on the viewport.
    [[nodiscard]] QRect viewportRect(int message, const QRect& rect) const;
    /// Brings the geometry up to date; otherwise that happens before the next paint.
    void layOutNow();

    [[nodiscard]] QSize sizeHint() const override;

Q_SIGNALS:
    void editRequested(qint64 id);
    void regenerateRequested(qint64 id);
    void continueRequested(qint64 id);
    void retryRequested(qint64 id);
    /// How this answer came about.
    void mixtureRequested(qint64 id);
    /// delta: -1 or 1.
    void versionSwitchRequested(qint64 id, int delta);
    /// A click on a link; http, https or mailto.
    void linkActivated(const QUrl& url);
    void suggestionActivated(const QString& text);
    /// Something went to the clipboard.
    void copied();
    /// current: from 1, 0 if there is no match. searching: more may come.
    void findChanged(int current, int total, bool searching);
    void currentMessageChanged(int index);

protected:
    bool event(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void wheelEvent(QWheelEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool focusNextPrevChild(bool next) override;

private:
    /// What is under the mouse.
    struct Hit {
        int message = -1;
        QPoint point; ///< in the message
        MessageTarget target;
        QString link;
        int suggestion = -1;
        bool onText = false;
    };
    enum class Step { Previous, Next };
    enum class CopyFormat { PlainText, Markdown };

    // Geometry.
    void applyTheme();
    void updateColumn();
    void requestLayout();
    void settle();
    void setViewTop(int top);
    [[nodiscard]] int viewTop() const;
    [[nodiscard]] int columnLeft() const;
    void updateScrollBar();
    void updateJumpButton();
    void ensureVisible(int message, const QRect& rect);

    // Painting.
    void paintMessages(QPainter& painter, const QRect& clip);
    void paintEmptyState(QPainter& painter);
    [[nodiscard]] MessagePaint paintOf(int message, const QRect& clip);
    void blink();

    // Input.
    [[nodiscard]] Hit hitTest(QPoint viewportPoint) const;
    [[nodiscard]] TextPosition positionAt(QPoint viewportPoint) const;
    void setHovered(const Hit& hit);
    void updateCursor(const Hit& hit);
    void extendSelection(QPoint viewportPoint);
    void selectWord(const TextPosition& position);
    void selectBlock(const TextPosition& position);
    void autoScroll();
    bool scrollBlockSideways(QPoint viewportPoint, int delta);
    [[nodiscard]] bool beginSideScroll(QPoint viewportPoint);
    bool pressKey(int key);
    void turnPage(Step step);
    void moveCurrent(Step step);
    bool moveTarget(Step step);
    void pressFocused();
    void showDone(int message, const MessageTarget& target);
    void toggleReasoning(int message);
    void copyText(const QString& text);
    [[nodiscard]] QString selectedPart(int message, CopyFormat format) const;
    [[nodiscard]] QString selection(CopyFormat format);

    void announceNewBlocks(int message, int end);
    void showCurrentMatch();

    const Theme& m_theme;
    std::unique_ptr<ConversationStyle> m_style;
    ConversationLayout m_layout;
    ScrollAnchor m_anchor;
    bool m_followsEnd = true;
    bool m_layoutPending = false;
    bool m_settling = false;
    int m_lastScroll = 0;

    TextPosition m_selectionStart;
    TextPosition m_selectionEnd;
    bool m_selecting = false;
    QPoint m_pressPoint;
    Hit m_pressed;
    Hit m_hovered;
    QPoint m_dragPoint;
    QTimer m_autoScroll;
    QTimer m_tripleClick;
    /// The block whose sideways bar is being dragged.
    int m_sideMessage = -1;
    int m_sideBlock = -1;
    int m_sideGrip = 0;

    int m_current = -1;
    MessageTarget m_focusedTarget;
    bool m_keyboardFocus = false;
    int m_doneMessage = -1;
    MessageTarget m_doneTarget;
    QTimer m_doneTimer;
    QTimer m_caretTimer;
    bool m_caretVisible = true;

    /// Blocks of the streaming answer that assistive technology knows.
    int m_announcedBlocks = 0;

    QStringList m_suggestions;
    QString m_emptyNote;
    QString m_waitingNote;
    int m_focusedSuggestion = -1;
    JumpButton* m_jumpButton = nullptr;
    std::unique_ptr<FindSession> m_find;
};

} // namespace hearth::ui
