#pragma once

#include "ui/conversation/message_layout.h"

#include <memory>
#include <vector>

namespace hearth::ui {

/// A place on the screen that stays where it is while heights around it change.
struct ScrollAnchor {
    int message = 0;
    int block = -1; ///< of that message; -1 where its blocks are not known
    int offset = 0; ///< from the top of the block, or of the message

    friend bool operator==(const ScrollAnchor&, const ScrollAnchor&) = default;
};

/// All messages one below the other. Only those that were asked for are parsed and laid out; the others have a height
/// that is guessed from their length, or remembered. y counts from the top of the conversation. Thread: UI.
class ConversationLayout {
public:
    /// `style` must outlive the layout, or be replaced before it goes.
    void setStyle(const ConversationStyle& style);
    void setColumnWidth(int width);

    void setMessages(std::vector<ShownMessage> messages);
    void append(ShownMessage message);
    void removeFrom(int index);
    [[nodiscard]] int count() const { return static_cast<int>(m_messages.size()); }
    [[nodiscard]] MessageLayout& message(int index) { return *m_messages[static_cast<std::size_t>(index)]; }
    [[nodiscard]] const MessageLayout& message(int index) const { return *m_messages[static_cast<std::size_t>(index)]; }
    /// Index of the message with this id, -1 if there is none. Looks from the end.
    [[nodiscard]] int indexOf(MessageId id) const;
    /// To be called when message(index) changed its height.
    void heightChanged(int index);

    [[nodiscard]] int top(int index) const;
    [[nodiscard]] int totalHeight() const;
    /// The message that covers y; the first or last one outside. -1 when there are none.
    [[nodiscard]] int messageAt(int y) const;
    [[nodiscard]] ScrollAnchor anchorAt(int y) const;
    [[nodiscard]] int positionOf(ScrollAnchor anchor) const;

    /// Makes exact what shows between `above` and `below` pixels from an anchor that stays at its place. Returns
    /// whether any height changed.
    bool ensureLaidOut(ScrollAnchor anchor, int above, int below);
    /// Cools messages far from those between first and last.
    void coolOutside(int first, int last);

    /// Space above the first and below the last message.
    [[nodiscard]] int edge() const;

private:
    void refreshTops() const;

    const ConversationStyle* m_style = nullptr;
    int m_columnWidth = 0;
    std::vector<std::unique_ptr<MessageLayout>> m_messages;
    std::vector<int> m_warm;             ///< indices of messages that may be warm
    mutable std::vector<int> m_tops;     ///< one more than messages
    mutable std::size_t m_exactTops = 0; ///< tops before this index are right
};

} // namespace hearth::ui
