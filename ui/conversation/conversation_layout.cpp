#include "ui/conversation/conversation_layout.h"

#include <algorithm>

namespace hearth::ui {
namespace {

// Messages further away than this from what shows give their layouts back. A page up or down stays warm.
constexpr int kWarmReach = 24;

} // namespace

void ConversationLayout::setStyle(const ConversationStyle& style) {
    m_style = &style;
    for (const auto& message : m_messages)
        message->setColumn(m_columnWidth, style);
    m_exactTops = 0;
}

void ConversationLayout::setColumnWidth(int width) {
    if (width == m_columnWidth)
        return;
    m_columnWidth = width;
    for (const auto& message : m_messages)
        message->setColumn(width, *m_style);
    m_exactTops = 0;
}

void ConversationLayout::setMessages(std::vector<ShownMessage> messages) {
    m_messages.clear();
    m_warm.clear();
    m_messages.reserve(messages.size());
    for (ShownMessage& message : messages) {
        m_messages.push_back(std::make_unique<MessageLayout>(std::move(message)));
        m_messages.back()->setColumn(m_columnWidth, *m_style);
    }
    m_exactTops = 0;
}

void ConversationLayout::append(ShownMessage message) {
    m_messages.push_back(std::make_unique<MessageLayout>(std::move(message)));
    m_messages.back()->setColumn(m_columnWidth, *m_style);
    heightChanged(count() - 1);
}

void ConversationLayout::removeFrom(int index) {
    m_messages.resize(static_cast<std::size_t>(index));
    std::erase_if(m_warm, [index](int warm) { return warm >= index; });
    m_exactTops = std::min(m_exactTops, static_cast<std::size_t>(index) + 1);
}

int ConversationLayout::indexOf(MessageId id) const {
    const auto found = std::find_if(m_messages.rbegin(), m_messages.rend(),
                                    [id](const auto& message) { return message->shown().message.id == id; });
    return static_cast<int>(m_messages.rend() - found) - 1;
}

void ConversationLayout::heightChanged(int index) {
    m_exactTops = std::min(m_exactTops, static_cast<std::size_t>(index) + 1);
}

int ConversationLayout::edge() const {
    return m_style ? m_style->scaled(Metrics::kSpace6) : 0;
}

void ConversationLayout::refreshTops() const {
    m_tops.resize(m_messages.size() + 1);
    if (m_exactTops == 0)
        m_tops[0] = edge();
    for (std::size_t index = std::max<std::size_t>(m_exactTops, 1); index < m_tops.size(); ++index)
        m_tops[index] = m_tops[index - 1] + m_messages[index - 1]->height();
    m_exactTops = m_tops.size();
}

int ConversationLayout::top(int index) const {
    if (m_exactTops <= m_messages.size())
        refreshTops();
    return m_tops[static_cast<std::size_t>(index)];
}

int ConversationLayout::totalHeight() const {
    return top(count()) + edge();
}

int ConversationLayout::messageAt(int y) const {
    if (m_messages.empty())
        return -1;
    (void)top(0);
    const auto behind = std::upper_bound(m_tops.begin(), m_tops.end(), y);
    return std::clamp(static_cast<int>(behind - m_tops.begin()) - 1, 0, count() - 1);
}

ScrollAnchor ConversationLayout::anchorAt(int y) const {
    const int index = messageAt(y);
    if (index < 0)
        return {};
    const int inside = y - top(index);
    const int block = message(index).blockNear(inside);
    return {index, block, block < 0 ? inside : inside - message(index).blockRect(block).top()};
}

int ConversationLayout::positionOf(ScrollAnchor anchor) const {
    if (m_messages.empty())
        return 0;
    const int index = std::min(anchor.message, count() - 1);
    const MessageLayout& layout = message(index);
    const int block = std::min(anchor.block, layout.blockCount() - 1);
    return top(index) + (block < 0 ? 0 : layout.blockRect(block).top()) + anchor.offset;
}

bool ConversationLayout::ensureLaidOut(ScrollAnchor anchor, int above, int below) {
    if (m_messages.empty())
        return false;
    bool changed = false;
    const auto layOut = [&](int index, int from, int to) {
        MessageLayout& layout = message(index);
        if (!layout.isWarm())
            m_warm.push_back(index);
        if (layout.ensureLaidOut(from, to)) {
            heightChanged(index);
            changed = true;
        }
    };
    const int start = std::min(anchor.message, count() - 1);
    // The message of the anchor: what becomes exact above the anchor moves its top.
    const auto startTop = [&] { return top(start) - positionOf(anchor); };
    for (int round = 0; round < 4; ++round) {
        const int before = startTop();
        layOut(start, -above - before, below - before);
        if (startTop() == before)
            break;
    }
    // Downwards.
    int y = startTop() + message(start).height();
    for (int index = start + 1; index < count() && y <= below; ++index) {
        layOut(index, -above - y, below - y);
        y += message(index).height();
    }
    // Upwards: a message is measured whole up to where it shows, from its lower end.
    y = startTop();
    for (int index = start - 1; index >= 0 && y >= -above; --index) {
        MessageLayout& layout = message(index);
        // As heights become exact the upper part comes into reach or leaves it; a few rounds settle it.
        for (int round = 0; round < 4; ++round) {
            const int before = layout.height();
            layOut(index, before - (above + y), before - y + below);
            if (layout.height() == before)
                break;
        }
        y -= layout.height();
    }
    return changed;
}

void ConversationLayout::coolOutside(int first, int last) {
    std::erase_if(m_warm, [&](int index) {
        if (index >= first - kWarmReach && index <= last + kWarmReach)
            return false;
        message(index).cool();
        return !message(index).isWarm();
    });
}

} // namespace hearth::ui
