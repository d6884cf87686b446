#include "engine/text/grammar/code_point_ranges.h"

#include <algorithm>
#include <utility>

namespace hearth {

namespace {

constexpr char32_t kLast = 0x10ffff;
constexpr char32_t kFirstSurrogate = 0xd800;
constexpr char32_t kLastSurrogate = 0xdfff;

} // namespace

CodePointRanges::CodePointRanges(std::vector<Range> ranges) {
    std::vector<Range> pieces;
    pieces.reserve(ranges.size() + 1);
    for (const Range& range : ranges) {
        const Range bounded{range.first, std::min(range.last, kLast)};
        if (bounded.first > bounded.last)
            continue;
        // The surrogates cut a range in two.
        if (bounded.first < kFirstSurrogate)
            pieces.push_back({bounded.first, std::min<char32_t>(bounded.last, kFirstSurrogate - 1)});
        if (bounded.last > kLastSurrogate)
            pieces.push_back({std::max<char32_t>(bounded.first, kLastSurrogate + 1), bounded.last});
    }
    std::sort(pieces.begin(), pieces.end(),
              [](const Range& left, const Range& right) { return left.first < right.first; });
    for (const Range& piece : pieces) {
        if (!m_ranges.empty() && piece.first <= m_ranges.back().last + 1)
            m_ranges.back().last = std::max(m_ranges.back().last, piece.last);
        else
            m_ranges.push_back(piece);
    }
}

CodePointRanges CodePointRanges::all() {
    return of(0, kLast);
}

bool CodePointRanges::contains(char32_t codePoint) const {
    const auto behind = std::partition_point(m_ranges.begin(), m_ranges.end(),
                                             [codePoint](const Range& range) { return range.last < codePoint; });
    return behind != m_ranges.end() && behind->first <= codePoint;
}

CodePointRanges CodePointRanges::inverted() const {
    std::vector<Range> gaps;
    char32_t next = 0;
    for (const Range& range : m_ranges) {
        if (range.first > next)
            gaps.push_back({next, range.first - 1});
        next = range.last + 1;
    }
    if (next <= kLast)
        gaps.push_back({next, kLast});
    return CodePointRanges(std::move(gaps));
}

CodePointRanges CodePointRanges::united(const CodePointRanges& other) const {
    std::vector<Range> both = m_ranges;
    both.insert(both.end(), other.m_ranges.begin(), other.m_ranges.end());
    return CodePointRanges(std::move(both));
}

CodePointRanges CodePointRanges::intersected(const CodePointRanges& other) const {
    std::vector<Range> common;
    auto left = m_ranges.begin();
    auto right = other.m_ranges.begin();
    while (left != m_ranges.end() && right != other.m_ranges.end()) {
        const Range overlap{std::max(left->first, right->first), std::min(left->last, right->last)};
        if (overlap.first <= overlap.last)
            common.push_back(overlap);
        (left->last < right->last ? left : right)++;
    }
    CodePointRanges result;
    result.m_ranges = std::move(common);
    return result;
}

} // namespace hearth
