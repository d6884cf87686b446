#include "engine/text/split_pattern.h"

#include "engine/text/split_pattern_parser.h"

#include <algorithm>

namespace hearth {

SplitPattern::SplitPattern(std::span<const std::u32string_view> alternatives) {
    for (const std::u32string_view source : alternatives) {
        Alternative alternative;
        alternative.firstStep = static_cast<std::uint32_t>(m_steps.size());
        SplitPatternParser parser(*this, source);
        const std::vector<Step> steps = parser.parse();
        m_steps.insert(m_steps.end(), steps.begin(), steps.end());
        addBeginnings(alternative.firstStep, alternative.beginnings);
        m_alternatives.push_back(alternative);
    }
}

void SplitPattern::addBeginnings(std::uint32_t number, std::array<std::uint64_t, 2>& beginnings) const {
    const Step& step = m_steps[number];
    const auto target = number + static_cast<std::uint32_t>(step.target);
    switch (step.kind) {
    case Kind::One:
    case Kind::Run:
        beginnings[0] |= m_sets[step.set].ascii()[0];
        beginnings[1] |= m_sets[step.set].ascii()[1];
        if (step.minimum == 0)
            addBeginnings(number + 1, beginnings);
        break;
    case Kind::Fork:
        addBeginnings(number + 1, beginnings);
        addBeginnings(target, beginnings);
        break;
    case Kind::Jump:
    case Kind::Ahead:
        addBeginnings(target, beginnings);
        break;
    case Kind::TextEnd:
    case Kind::Done:
        beginnings = {~std::uint64_t{0}, ~std::uint64_t{0}};
        break;
    }
}

std::size_t SplitPattern::match(std::span<const char32_t> text, std::size_t start, Scratch& scratch) const {
    const char32_t first = text[start];
    for (const Alternative& alternative : m_alternatives) {
        if (first < 128 && (alternative.beginnings[first / 64] >> (first % 64) & 1) == 0)
            continue;
        const std::size_t end = run(text, start, alternative.firstStep, scratch);
        if (end != kNoMatch)
            return end;
    }
    return kNoMatch;
}

bool SplitPattern::takeRun(std::span<const char32_t> text, std::uint32_t number, std::size_t& position,
                           Scratch& scratch) const {
    const Step& step = m_steps[number];
    const CodePointSet& set = m_sets[step.set];
    const std::size_t available = text.size() - position;
    const std::size_t limit = position + std::min<std::size_t>(step.maximum, available);
    const std::size_t lowest = position + step.minimum;
    while (position < limit && set.contains(text[position]))
        ++position;
    if (position < lowest)
        return false;
    if (position > lowest)
        scratch.states.push_back({number + 1, position - 1, lowest});
    return true;
}

std::size_t SplitPattern::run(std::span<const char32_t> text, std::size_t start, std::uint32_t number,
                              Scratch& scratch) const {
    // A look-ahead runs inside a match: what lies below belongs to that.
    const std::size_t bottom = scratch.states.size();
    std::size_t position = start;
    while (true) {
        const Step& step = m_steps[number];
        const auto target = number + static_cast<std::uint32_t>(step.target);
        bool failed = false;
        switch (step.kind) {
        case Kind::One:
            failed = position >= text.size() || !m_sets[step.set].contains(text[position]);
            ++position;
            ++number;
            break;
        case Kind::Run:
            failed = !takeRun(text, number, position, scratch);
            ++number;
            break;
        case Kind::Fork:
            scratch.states.push_back({target, position, position});
            ++number;
            break;
        case Kind::Jump:
            number = target;
            break;
        case Kind::Ahead:
            failed = (run(text, position, number + 1, scratch) == kNoMatch) != step.negative;
            number = target;
            break;
        case Kind::TextEnd:
            failed = position != text.size();
            ++number;
            break;
        case Kind::Done:
            scratch.states.resize(bottom);
            return position;
        }
        if (!failed)
            continue;
        if (scratch.states.size() == bottom)
            return kNoMatch;
        Scratch::State& last = scratch.states.back();
        number = last.step;
        position = last.position;
        if (last.position > last.lowest)
            --last.position;
        else
            scratch.states.pop_back();
    }
}

} // namespace hearth
