#include "engine/text/grammar/string_language.h"

#include "engine/text/unicode.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>

namespace hearth {

StringLanguage::State StringLanguage::addState(bool accepts) {
    m_accepts.push_back(accepts);
    m_next.insert(m_next.end(), classCount(), 0);
    return static_cast<State>(m_accepts.size() - 1);
}

std::size_t StringLanguage::classOf(char32_t codePoint) const {
    return static_cast<std::size_t>(std::upper_bound(m_starts.begin(), m_starts.end(), codePoint) - m_starts.begin())
           - 1;
}

StringLanguage StringLanguage::ofTexts(const std::vector<std::string>& texts) {
    std::vector<std::vector<char32_t>> points;
    StringLanguage language;
    for (const std::string& text : texts) {
        points.push_back(codePointsOf(text));
        for (const char32_t point : points.back()) {
            language.m_starts.push_back(point);
            language.m_starts.push_back(point + 1);
        }
    }
    std::sort(language.m_starts.begin(), language.m_starts.end());
    language.m_starts.erase(std::unique(language.m_starts.begin(), language.m_starts.end()), language.m_starts.end());
    const State first = language.addState(false);
    const State dead = language.addState(false);
    std::fill(language.m_next.begin(), language.m_next.end(), dead);
    for (const auto& text : points) {
        State state = first;
        for (const char32_t point : text) {
            const std::size_t index = state * language.classCount() + language.classOf(point);
            if (language.m_next[index] == dead) {
                const State added = language.addState(false);
                std::fill_n(language.m_next.end() - static_cast<std::ptrdiff_t>(language.classCount()),
                            language.classCount(), dead);
                language.m_next[index] = added;
            }
            state = language.m_next[index];
        }
        language.m_accepts[state] = true;
    }
    return language;
}

StringLanguage StringLanguage::ofLength(std::int32_t least, std::int32_t most) {
    StringLanguage language;
    const std::int32_t last = most < 0 ? least : most;
    for (std::int32_t length = 0; length <= last; ++length)
        language.m_next[language.addState(length >= least)] = static_cast<State>(length + 1);
    if (most < 0)
        language.m_next.back() = static_cast<State>(last); // longer ones stay in the last state
    else
        language.m_next[language.addState(false)] = static_cast<State>(last + 1);
    return language;
}

StringLanguage StringLanguage::complement() const {
    StringLanguage other = *this;
    other.m_accepts.flip();
    return other;
}

Result<StringLanguage> StringLanguage::intersected(const StringLanguage& other) const {
    StringLanguage both;
    both.m_starts.clear();
    std::set_union(m_starts.begin(), m_starts.end(), other.m_starts.begin(), other.m_starts.end(),
                   std::back_inserter(both.m_starts));
    std::map<std::pair<State, State>, State> numbers;
    std::vector<std::pair<State, State>> states;
    const auto numberOf = [&](State left, State right) {
        const auto [found, isNew] = numbers.try_emplace({left, right}, static_cast<State>(states.size()));
        if (isNew) {
            states.emplace_back(left, right);
            (void)both.addState(m_accepts[left] && other.m_accepts[right]);
        }
        return found->second;
    };
    (void)numberOf(0, 0);
    for (std::size_t state = 0; state < states.size(); ++state) {
        if (states.size() > kMostStates)
            return Error{ErrorCode::InvalidInput,
                         "what the string must be takes more than " + std::to_string(kMostStates) + " states together"};
        for (std::size_t index = 0; index < both.classCount(); ++index) {
            const auto [left, right] = states[state];
            const char32_t point = both.m_starts[index];
            const State next = numberOf(m_next[left * classCount() + classOf(point)],
                                        other.m_next[right * other.classCount() + other.classOf(point)]);
            both.m_next[state * both.classCount() + index] = next;
        }
    }
    return both;
}

bool StringLanguage::matches(std::string_view text) const {
    State state = 0;
    for (const char32_t point : codePointsOf(text))
        state = m_next[state * classCount() + classOf(point)];
    return m_accepts[state];
}

/// The states from which the end can be reached.
std::vector<bool> StringLanguage::alive() const {
    std::vector<std::vector<State>> before(m_accepts.size());
    for (State state = 0; state < m_accepts.size(); ++state)
        for (std::size_t index = 0; index < classCount(); ++index)
            before[m_next[state * classCount() + index]].push_back(state);
    std::vector<bool> alive = m_accepts;
    std::vector<State> open;
    for (State state = 0; state < alive.size(); ++state)
        if (alive[state])
            open.push_back(state);
    while (!open.empty()) {
        const State state = open.back();
        open.pop_back();
        for (const State from : before[state]) {
            if (alive[from])
                continue;
            alive[from] = true;
            open.push_back(from);
        }
    }
    return alive;
}

GrammarRules::Node StringLanguage::asJson(GrammarRules& rules) const {
    const std::vector<bool> useful = alive();
    std::vector<GrammarRules::Rule> states(m_accepts.size());
    for (State state = 0; state < states.size(); ++state)
        if (useful[state])
            states[state] = rules.anonymousRule();
    if (!useful[0])
        return rules.choice({});
    for (State state = 0; state < states.size(); ++state) {
        if (!useful[state])
            continue;
        std::map<State, std::vector<CodePointRanges::Range>> targets;
        for (std::size_t index = 0; index < classCount(); ++index) {
            const char32_t last = index + 1 < classCount() ? m_starts[index + 1] - 1 : 0x10ffff;
            const State target = m_next[state * classCount() + index];
            if (useful[target])
                targets[target].push_back({m_starts[index], last});
        }
        std::vector<GrammarRules::Node> options;
        if (m_accepts[state])
            options.push_back(rules.sequence({}));
        for (auto& [target, ranges] : targets) {
            const GrammarRules::Node character = jsonCharacters(rules, CodePointRanges(std::move(ranges)));
            options.push_back(rules.sequence({character, rules.call(states[target])}));
        }
        rules.define(states[state], rules.choice(options));
    }
    return rules.call(states[0]);
}

GrammarRules::Node jsonCharacters(GrammarRules& rules, const CodePointRanges& set) {
    constexpr std::array<std::pair<char32_t, std::string_view>, 7> kShort{{{U'"', "\\\""},
                                                                           {U'\\', "\\\\"},
                                                                           {U'\b', "\\b"},
                                                                           {U'\f', "\\f"},
                                                                           {U'\n', "\\n"},
                                                                           {U'\r', "\\r"},
                                                                           {U'\t', "\\t"}}};
    static const CodePointRanges escaped({{0, 0x1f}, {U'"', U'"'}, {U'\\', U'\\'}});
    std::vector<GrammarRules::Node> options;
    const CodePointRanges plain = set.without(escaped);
    if (!plain.isEmpty())
        options.push_back(rules.characters(plain));
    const CodePointRanges special = set.intersected(escaped);
    for (const CodePointRanges::Range& range : special.ranges()) {
        for (char32_t point = range.first; point <= range.last; ++point) {
            const auto* const known =
                std::find_if(kShort.begin(), kShort.end(), [point](const auto& row) { return row.first == point; });
            if (known != kShort.end()) {
                options.push_back(rules.text(known->second));
                continue;
            }
            constexpr std::string_view kDigits = "0123456789abcdef";
            options.push_back(rules.text(std::string("\\u00") + kDigits[point / 16] + kDigits[point % 16]));
        }
    }
    return rules.choice(options);
}

} // namespace hearth
