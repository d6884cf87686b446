#include "engine/run/speculation/prompt_lookup.h"

#include <algorithm>
#include <array>

namespace hearth {

namespace {

constexpr std::size_t kSlots = std::size_t{1} << 14;
// Tokens that are compared backwards; more agreement says little more.
constexpr std::int32_t kLongest = 16;
// Places that are compared: a pair as frequent as ", the" stands in thousands of them.
constexpr std::int32_t kMostPlaces = 64;
/// Agreeing tokens from which on a class begins.
constexpr std::array<std::int32_t, Guess::kClasses> kClassStarts{2, 3, 4, 5, 6, 8, 11, 16};

std::int32_t classOf(std::int32_t agreeing) {
    const auto next = std::ranges::upper_bound(kClassStarts, agreeing);
    return static_cast<std::int32_t>(next - kClassStarts.begin()) - 1;
}

/// How many tokens up to and including places a and b agree; a < b.
std::int32_t agreement(std::span<const TokenId> text, std::int32_t a, std::int32_t b) {
    std::int32_t count = 0;
    while (count < kLongest && count <= a
           && text[static_cast<std::size_t>(a - count)] == text[static_cast<std::size_t>(b - count)])
        ++count;
    return count;
}

} // namespace

PromptLookup::PromptLookup() : m_latest(kSlots, -1) {}

void PromptLookup::begin(const SamplerSettings&, const Sampler&) {
    std::ranges::fill(m_latest, -1);
    m_previous.clear();
    m_source = -1;
}

std::size_t PromptLookup::slotOf(TokenId first, TokenId second) const {
    const std::uint64_t pair =
        (std::uint64_t{static_cast<std::uint32_t>(first)} << 32U) | static_cast<std::uint32_t>(second);
    return static_cast<std::size_t>((pair * 0x9E3779B97F4A7C15ULL) >> 40U) % kSlots;
}

void PromptLookup::index(std::span<const TokenId> text) {
    for (std::size_t place = m_previous.size(); place < text.size(); ++place) {
        if (place == 0) {
            m_previous.push_back(-1);
            continue;
        }
        std::int32_t& latest = m_latest[slotOf(text[place - 1], text[place])];
        m_previous.push_back(latest);
        latest = static_cast<std::int32_t>(place);
    }
}

Status PromptLookup::start(std::span<const TokenId> text, std::stop_token) {
    index(text);
    m_text = text;
    m_guesses.clear();
    m_source = -1;
    const auto last = static_cast<std::int32_t>(text.size()) - 1;
    std::int32_t best = 1; // one token alone says nothing
    std::int32_t place = last < 0 ? -1 : m_previous[static_cast<std::size_t>(last)];
    for (std::int32_t tried = 0; place >= 0 && tried < kMostPlaces && best < kLongest; ++tried) {
        const std::int32_t agreeing = agreement(text, place, last);
        if (agreeing > best) {
            best = agreeing;
            m_source = place;
        }
        place = m_previous[static_cast<std::size_t>(place)];
    }
    m_confidence = m_source < 0 ? 0 : classOf(best);
    return {};
}

Result<std::optional<Guess>> PromptLookup::next(std::stop_token) {
    if (m_source < 0)
        return std::optional<Guess>{};
    // Where the twin is near the end, reading on runs into the guesses themselves: the text repeats itself.
    const std::size_t place = static_cast<std::size_t>(m_source) + 1 + m_guesses.size();
    const TokenId token = place < m_text.size() ? m_text[place] : m_guesses[place - m_text.size()];
    m_guesses.push_back(token);
    return std::optional<Guess>({token, m_confidence});
}

} // namespace hearth
