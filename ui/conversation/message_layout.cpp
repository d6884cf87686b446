#include "ui/conversation/message_layout.h"

#include "ui/markdown/segment_parser.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace hearth::ui {
namespace {

// A short question is set in a bubble as wide as its text; measuring a long one would lay out all of it.
constexpr std::size_t kMostMeasuredBlocks = 6;
constexpr double kBubbleShare = 0.82;

bool isItem(const Container& container) {
    return container.kind != ContainerKind::Quote;
}

bool opensItem(const Block& block) {
    return std::any_of(block.containers.begin(), block.containers.end(),
                       [](const Container& container) { return isItem(container) && container.opensHere; });
}

bool insideList(const Block& block) {
    return std::any_of(block.containers.begin(), block.containers.end(), isItem);
}

/// Whether a list of another kind begins at the outermost level.
bool startsOtherList(const Block& before, const Block& here) {
    const Container& old = before.containers.front();
    const Container& now = here.containers.front();
    const bool numbered = old.kind == ContainerKind::OrderedItem;
    return now.opensHere && isItem(old) && isItem(now) && numbered != (now.kind == ContainerKind::OrderedItem);
}

} // namespace

MessageLayout::MessageLayout(ShownMessage shown) : m_shown(std::move(shown)) {
    m_reasoning.setText(m_shown.message.reasoning);
    updateReasoning();
}

/// Brings the section's state in line with the message's.
void MessageLayout::updateReasoning() {
    m_reasoning.setProgress(isThinking(), m_shown.message.stats.reasoningSeconds);
}

void MessageLayout::appendReasoning(const QString& delta) {
    m_shown.message.reasoning += delta;
    m_reasoning.append(delta);
    updateReasoning();
    if (!m_style)
        return;
    if (m_warm)
        place();
    else
        estimate();
}

void MessageLayout::setProgress(const AnswerStats& stats) {
    m_shown.message.stats = stats;
    updateReasoning();
    if (m_warm && m_style && isThinking())
        place(); // the line says for how long
}

void MessageLayout::toggleReasoning() {
    m_reasoning.toggle();
    if (!m_style)
        return;
    if (m_warm)
        place();
    else
        estimate();
}

void MessageLayout::update(ShownMessage shown) {
    const bool sameText = shown.message.text == m_shown.message.text;
    const bool grew = !sameText && !isUser() && shown.message.text.startsWith(m_shown.message.text);
    if (grew)
        appendText(shown.message.text.sliced(m_shown.message.text.size()));
    const bool ended = isStreaming() && shown.message.state != MessageState::Streaming;
    m_shown = std::move(shown);
    m_lineFeeds = -1;
    if (m_shown.message.reasoning != m_reasoning.text())
        m_reasoning.setText(m_shown.message.reasoning);
    updateReasoning();
    if (!m_style)
        return;
    if (!sameText && !grew) {
        m_warm = false;
        m_stream.clear();
        m_plainBlocks.clear();
        m_entries.clear();
    }
    if (!m_warm) {
        estimate();
        return;
    }
    if (ended)
        resetEntries(m_stream.finish());
    place();
}

void MessageLayout::appendText(const QString& delta) {
    m_shown.message.text += delta;
    m_lineFeeds = -1;
    updateReasoning();
    if (!m_warm || isUser()) {
        m_warm = false;
        if (m_style)
            estimate();
        return;
    }
    resetEntries(m_stream.append(delta));
    place();
}

void MessageLayout::setColumn(int width, const ConversationStyle& style) {
    m_width = width;
    m_style = &style;
    m_entries.clear();
    m_textWidth = 0;
    if (!m_warm) {
        estimate();
        return;
    }
    resetEntries(0);
    shrinkBubble();
    place();
}

int MessageLayout::textWidth() const {
    if (!isUser())
        return m_width;
    return m_textWidth > 0 ? m_textWidth : static_cast<int>(m_width * kBubbleShare) - 2 * m_style->bubblePadding;
}

void MessageLayout::estimate() {
    if (m_lineFeeds < 0)
        m_lineFeeds = static_cast<int>(m_shown.message.text.count(u'\n'));
    const double lettersPerLine = std::max(1.0, textWidth() / m_style->letterWidth);
    const double lines =
        std::ceil(static_cast<double>(m_shown.message.text.size()) / lettersPerLine) + 0.6 * m_lineFeeds;
    const int text = static_cast<int>(std::max(1.0, lines) * m_style->chatLineHeight);
    const int around =
        m_style->footerHeight + m_style->messageGap + (isUser() ? 2 * m_style->bubblePadding : m_style->scaled(28));
    m_height = text + around + (m_reasoning.isEmpty() ? 0 : m_reasoning.estimate(m_width, *m_style));
}

void MessageLayout::parse() {
    if (m_warm)
        return;
    m_warm = true;
    m_stream.clear();
    if (isUser()) {
        m_plainBlocks = parsePlainText(m_shown.message.text);
    } else {
        m_stream.append(m_shown.message.text);
        if (!isStreaming())
            m_stream.finish();
    }
    m_entries.clear();
    m_textWidth = 0;
    resetEntries(0);
    shrinkBubble();
    if (m_style)
        place();
}

void MessageLayout::cool() {
    if (!m_warm || isStreaming())
        return;
    m_warm = false;
    m_stream.clear();
    m_plainBlocks.clear();
    m_entries.clear();
    m_reasoning.cool();
}

std::vector<Block> MessageLayout::readBlocks() const {
    if (m_warm)
        return blocks();
    return isUser() ? parsePlainText(m_shown.message.text) : parseMarkdown(m_shown.message.text);
}

int MessageLayout::laidOutBlocks() const {
    return static_cast<int>(
        std::count_if(m_entries.begin(), m_entries.end(), [](const Entry& entry) { return entry.layout != nullptr; }));
}

/// Brings the entries from `from` on in line with the blocks; earlier ones keep their layouts.
void MessageLayout::resetEntries(std::size_t from) {
    if (!m_style)
        return;
    const auto& all = blocks();
    // The open code block only grew: its rows and colours stay.
    const bool grows = from < m_entries.size() && from + 1 == all.size() && m_entries[from].layout
                       && m_entries[from].layout->grow(all[from]);
    Entry grown;
    if (grows)
        grown = std::move(m_entries[from]);
    m_entries.resize(std::min(from, m_entries.size()));
    for (std::size_t index = m_entries.size(); index < all.size(); ++index) {
        const int left = blockLeft(all[index]);
        const int width = std::max(textWidth() - left, m_style->scaled(80));
        m_entries.push_back({QRect(left, 0, width, 0), nullptr});
        if (grows && index == from) {
            m_entries.back().layout = std::move(grown.layout);
            m_entries.back().rect.setHeight(m_entries.back().layout->setWidth(width));
        } else {
            m_entries.back().rect.setHeight(estimateBlockHeight(all[index], width, *m_style));
        }
    }
}

int MessageLayout::blockLeft(const Block& block) const {
    int left = 0;
    for (const Container& container : block.containers)
        left += isItem(container) ? m_style->indent : m_style->quoteIndent;
    return std::min(left, textWidth() / 2);
}

int MessageLayout::gapBefore(int block) const {
    if (block == 0)
        return 0;
    const auto& all = blocks();
    const Block& here = all[static_cast<std::size_t>(block)];
    const Block& before = all[static_cast<std::size_t>(block) - 1];
    if (here.goesOn)
        return 0;
    if (here.kind == BlockKind::Heading)
        return m_style->headingGap;
    if (before.kind == BlockKind::Heading)
        return m_style->scaled(Metrics::kSpace2);
    if (insideList(here) && insideList(before) && !startsOtherList(before, here))
        return opensItem(here) || before.kind == BlockKind::Paragraph ? m_style->itemGap
                                                                      : m_style->scaled(Metrics::kSpace2);
    return m_style->paragraphGap;
}

void MessageLayout::layOutBlock(int block) {
    const auto& all = blocks();
    Entry& entry = m_entries[static_cast<std::size_t>(block)];
    entry.layout = makeBlockLayout(all[static_cast<std::size_t>(block)], *m_style);
    entry.rect.setHeight(entry.layout->setWidth(entry.rect.width()));
}

/// Makes the bubble of a short question as narrow as its text.
void MessageLayout::shrinkBubble() {
    if (!m_style || !isUser() || m_plainBlocks.size() > kMostMeasuredBlocks)
        return;
    int used = m_style->scaled(Metrics::kSpace4);
    for (std::size_t index = 0; index < m_entries.size(); ++index) {
        layOutBlock(static_cast<int>(index));
        used = std::max(used, m_entries[index].layout->usedWidth());
    }
    m_textWidth = std::min(used, textWidth());
    for (Entry& entry : m_entries) {
        entry.rect.setWidth(m_textWidth);
        entry.rect.setHeight(entry.layout->setWidth(m_textWidth));
    }
}

bool MessageLayout::ensureLaidOut(int top, int bottom) {
    const int heightBefore = m_height;
    bool changed = !m_warm;
    parse();
    // Exact heights move what is below; a few rounds settle which blocks show.
    for (int round = 0; round < 8; ++round) {
        bool exact = true;
        int grown = 0;
        for (std::size_t index = 0; index < m_entries.size(); ++index) {
            const QRect rect = m_entries[index].rect.translated(0, grown);
            if (rect.top() > bottom)
                break;
            if (rect.bottom() < top || m_entries[index].layout)
                continue;
            layOutBlock(static_cast<int>(index));
            grown += m_entries[index].rect.height() - rect.height();
            exact = false;
        }
        if (exact)
            break;
        changed = true;
        place();
    }
    return changed || m_height != heightBefore;
}

/// Stacks everything from the top down.
void MessageLayout::place() {
    int y = 0;
    m_header = {};
    if (isUser()) {
        y = placeAttachments(y);
    } else {
        m_header = QRect(0, 0, m_width, m_style->scaled(26));
        y = m_header.bottom() + 1;
        if (!m_reasoning.isEmpty())
            y = m_reasoning.place(y, m_width, *m_style);
    }
    const int padding = isUser() ? m_style->bubblePadding : 0;
    const int bubbleWidth = textWidth() + 2 * padding;
    const int left = isUser() ? m_width - bubbleWidth : 0;
    const int bodyTop = y;
    // A bubble holds its text a little tighter above and below than at the sides, for lines bring their own space.
    const int verticalPadding = padding * 2 / 3;
    y += verticalPadding;
    for (std::size_t index = 0; index < m_entries.size(); ++index) {
        y += gapBefore(static_cast<int>(index));
        QRect& rect = m_entries[index].rect;
        const auto& all = blocks();
        rect.moveTo(left + padding + blockLeft(all[index]), y);
        y += rect.height();
    }
    if (m_entries.empty() && isStreaming() && !isThinking())
        y += m_style->chatLineHeight;
    y += verticalPadding;
    m_body = QRect(left, bodyTop, bubbleWidth, y - bodyTop);
    if (isUser() && m_entries.empty()) {
        y = bodyTop;
        m_body.setHeight(0);
    }
    m_actions.clear();
    y = placeStatus(y);
    y = placeFooter(y);
    // The footer of a question is empty most of the time, and so part of the gap.
    m_height = y + (isUser() ? m_style->messageGap / 2 : m_style->messageGap);
}

QRect MessageLayout::blockRect(int block) const {
    return m_entries[static_cast<std::size_t>(block)].rect;
}

BlockLayout* MessageLayout::blockLayout(int block) const {
    return m_entries[static_cast<std::size_t>(block)].layout.get();
}

int MessageLayout::blockAt(QPoint point) const {
    const auto behind = std::partition_point(m_entries.begin(), m_entries.end(),
                                             [point](const Entry& entry) { return entry.rect.bottom() < point.y(); });
    return behind != m_entries.end() && behind->rect.contains(point) ? static_cast<int>(behind - m_entries.begin())
                                                                     : -1;
}

TextPosition MessageLayout::positionAt(QPoint point) const {
    if (m_entries.empty())
        return {};
    const int block = blockNear(point.y());
    const Entry& entry = m_entries[static_cast<std::size_t>(block)];
    return {0, block, entry.layout ? entry.layout->positionAt(point - entry.rect.topLeft()) : 0};
}

int MessageLayout::blockNear(int y) const {
    const auto behind = std::partition_point(m_entries.begin(), m_entries.end(),
                                             [y](const Entry& entry) { return entry.rect.bottom() < y; });
    return std::min(static_cast<int>(behind - m_entries.begin()), blockCount() - 1);
}

QString MessageLayout::linkAt(QPoint point) const {
    const int block = blockAt(point);
    if (block < 0 || !blockLayout(block))
        return {};
    return blockLayout(block)->linkAt(point - blockRect(block).topLeft());
}

std::vector<MessageTarget> MessageLayout::targets() const {
    std::vector<MessageTarget> all;
    if (!m_reasoning.isEmpty() && m_warm)
        all.push_back({MessageAction::ToggleReasoning, -1});
    for (std::size_t index = 0; index < m_entries.size(); ++index)
        if (m_entries[index].layout && !m_entries[index].layout->copyButton().isEmpty())
            all.push_back({std::nullopt, static_cast<int>(index)});
    for (const ActionSlot& slot : m_actions)
        if (slot.enabled)
            all.push_back({slot.action, -1});
    return all;
}

QRect MessageLayout::targetRect(const MessageTarget& target) const {
    if (target.action == MessageAction::ToggleReasoning)
        return m_reasoning.isEmpty() ? QRect() : m_reasoning.toggleRect();
    if (target.action) {
        for (const ActionSlot& slot : m_actions)
            if (slot.action == *target.action)
                return slot.rect;
        return {};
    }
    const auto index = static_cast<std::size_t>(target.copyBlock);
    if (target.copyBlock < 0 || index >= m_entries.size() || !m_entries[index].layout)
        return {};
    return m_entries[index].layout->copyButton().translated(m_entries[index].rect.topLeft());
}

MessageTarget MessageLayout::targetAt(QPoint point) const {
    for (const MessageTarget& target : targets())
        if (targetRect(target).contains(point))
            return target;
    return {};
}

} // namespace hearth::ui
