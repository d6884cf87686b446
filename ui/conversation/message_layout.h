#pragma once

#include "ui/conversation/block_layout.h"
#include "ui/conversation/conversation_style.h"
#include "ui/conversation/reasoning_section.h"
#include "ui/conversation/shown_message.h"
#include "ui/conversation/text_flow.h"
#include "ui/markdown/markdown_stream.h"

#include <QCoreApplication>
#include <QRect>

#include <memory>
#include <optional>
#include <vector>

namespace hearth::ui {

/// A match of the search, in one block.
struct TextMatch {
    int block = 0;
    TextRange range;

    friend bool operator==(const TextMatch&, const TextMatch&) = default;
};

/// What can be pressed in a message: one of its actions, or the copy button of a block.
struct MessageTarget {
    std::optional<MessageAction> action;
    int copyBlock = -1;

    [[nodiscard]] bool isNull() const { return !action && copyBlock < 0; }
    friend bool operator==(const MessageTarget&, const MessageTarget&) = default;
};

/// How a message is to be painted.
struct MessagePaint {
    QRect clip;           ///< in the painter's coordinates
    bool active = false;  ///< under the mouse or current: shows all its actions
    bool current = false; ///< reached with the keyboard: has the focus ring
    MessageTarget hovered;
    MessageTarget focused;
    MessageTarget done; ///< shows for a moment that it copied
    /// Selected from here to there; equal for none. The message numbers are not looked at.
    TextPosition selectionBegin;
    TextPosition selectionEnd;
    const std::vector<TextMatch>* matches = nullptr;
    std::optional<TextMatch> currentMatch;
    bool caretVisible = false; ///< of a streaming answer
    QString waitingNote;       ///< beside the caret of an answer that has no text yet
};

/// One message: its blocks, their heights, and what stands around them. Coordinates are relative to the top left
/// corner of the column. A cold message knows only its text and a height, guessed or remembered; warm ones hold
/// blocks, and the blocks that were shown hold their text layouts. Thread: UI.
class MessageLayout {
    Q_DECLARE_TR_FUNCTIONS(MessageLayout)

public:
    explicit MessageLayout(ShownMessage shown);

    [[nodiscard]] const ShownMessage& shown() const { return m_shown; }
    [[nodiscard]] bool isUser() const { return m_shown.message.role == MessageRole::User; }
    [[nodiscard]] bool isStreaming() const { return m_shown.message.state == MessageState::Streaming; }

    /// Takes in new state, figures or text.
    void update(ShownMessage shown);
    /// Text that came while streaming.
    void appendText(const QString& delta);
    /// Reasoning that came before the text.
    void appendReasoning(const QString& delta);
    /// Figures while streaming.
    void setProgress(const AnswerStats& stats);
    /// Folds or unfolds the reasoning.
    void toggleReasoning();
    [[nodiscard]] const ReasoningSection& reasoning() const { return m_reasoning; }
    /// Blocks of a streaming answer that change no more.
    [[nodiscard]] int finishedBlocks() const { return static_cast<int>(m_stream.frozenCount()); }

    /// The column and the look; forgets all geometry if they differ from before. `style` must outlive the message.
    void setColumn(int width, const ConversationStyle& style);
    [[nodiscard]] int height() const { return m_height; }
    /// Makes exact what shows between the two edges. Returns whether any geometry changed.
    bool ensureLaidOut(int top, int bottom);
    /// Gives back blocks and layouts, and remembers the height.
    void cool();
    [[nodiscard]] bool isWarm() const { return m_warm; }

    /// The blocks, parsed for the occasion if the message is cold; the geometry stays as it is.
    [[nodiscard]] std::vector<Block> readBlocks() const;
    [[nodiscard]] int blockCount() const { return static_cast<int>(m_entries.size()); }
    /// Index of the block at or below y, the last one at the end; -1 if there are none or the message is cold.
    [[nodiscard]] int blockNear(int y) const;
    /// Blocks that hold a layout at the moment.
    [[nodiscard]] int laidOutBlocks() const;
    [[nodiscard]] QRect blockRect(int block) const;
    [[nodiscard]] BlockLayout* blockLayout(int block) const;
    /// The bubble of a user's message; otherwise the rectangle of the text.
    [[nodiscard]] QRect bodyRect() const { return m_body; }

    /// Nearest text position to a point (message number left 0).
    [[nodiscard]] TextPosition positionAt(QPoint point) const;
    /// Block at a point, -1 if none is.
    [[nodiscard]] int blockAt(QPoint point) const;
    [[nodiscard]] QString linkAt(QPoint point) const;
    [[nodiscard]] MessageTarget targetAt(QPoint point) const;
    /// Everything that can be pressed, in reading order.
    [[nodiscard]] std::vector<MessageTarget> targets() const;
    [[nodiscard]] QRect targetRect(const MessageTarget& target) const;

    /// The figures at the end of the message.
    [[nodiscard]] QString footerText() const;

    void paint(QPainter& painter, QPoint topLeft, const MessagePaint& paint) const;

private:
    struct Entry {
        QRect rect;
        std::unique_ptr<BlockLayout> layout;
    };
    struct ActionSlot {
        MessageAction action = MessageAction::Copy;
        QRect rect;
        bool enabled = true;
        bool labelled = false; ///< a word, not an icon; always shown
    };

    void parse();
    [[nodiscard]] bool isThinking() const {
        return isStreaming() && m_shown.message.text.isEmpty() && !m_reasoning.isEmpty();
    }
    void updateReasoning();
    void resetEntries(std::size_t from);
    void layOutBlock(int block);
    void shrinkBubble();
    void place();
    [[nodiscard]] int textWidth() const;
    [[nodiscard]] int blockLeft(const Block& block) const;
    [[nodiscard]] int gapBefore(int block) const;
    int placeAttachments(int y);
    int placeStatus(int y);
    int placeFooter(int y);
    void estimate();
    [[nodiscard]] const std::vector<Block>& blocks() const { return isUser() ? m_plainBlocks : m_stream.blocks(); }
    [[nodiscard]] QString statusText() const;

    void paintBubble(QPainter& painter, QPoint topLeft) const;
    void paintHeader(QPainter& painter, QPoint topLeft) const;
    void paintAttachments(QPainter& painter, QPoint topLeft) const;
    void paintBlock(QPainter& painter, int block, QPoint topLeft, const MessagePaint& paint) const;
    void paintContainers(QPainter& painter, int block, QPoint topLeft) const;
    void paintMarker(QPainter& painter, const Container& item, const QRect& line) const;
    void paintStatus(QPainter& painter, QPoint topLeft, const MessagePaint& paint) const;
    void paintFooter(QPainter& painter, QPoint topLeft, const MessagePaint& paint) const;
    void paintAction(QPainter& painter, const ActionSlot& slot, QPoint topLeft, const MessagePaint& paint) const;
    void paintCaret(QPainter& painter, QPoint topLeft) const;

    ShownMessage m_shown;
    const ConversationStyle* m_style = nullptr;
    int m_width = 0;
    int m_height = 0;
    bool m_warm = false;
    int m_lineFeeds = -1; ///< in the text; -1: not counted
    MarkdownStream m_stream;
    std::vector<Block> m_plainBlocks;
    std::vector<Entry> m_entries;
    int m_textWidth = 0;
    QRect m_body;
    QRect m_header;
    ReasoningSection m_reasoning;
    std::vector<QRect> m_attachments;
    std::unique_ptr<TextFlow> m_statusFlow;
    QRect m_status;
    QRect m_footer;
    std::vector<ActionSlot> m_actions;
};

} // namespace hearth::ui
