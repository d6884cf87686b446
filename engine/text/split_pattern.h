#pragma once

#include "engine/text/code_point_set.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hearth {

/// A small backtracking matcher for the patterns that models split their text with. It knows literals, \r \n \t,
/// \s \S \d, \p{L} \p{N} \p{P} \p{S} \p{M}, [sets] with ranges, [^inverted] and [with--exclusions], groups (?:…),
/// look-ahead (?=…) (?!…), the end $, and greedy ? * + {n} {m,n}. No captures, no back references.
/// Immutable; the patterns are the program's own, so a malformed one is an assertion. Thread: any.
class SplitPattern {
public:
    static constexpr std::size_t kNoMatch = static_cast<std::size_t>(-1);

    /// Working memory of match(); kept by the caller from call to call. Thread: one.
    struct Scratch {
        struct State {
            std::uint32_t step;
            std::size_t position;
            /// The end of a run may be given back down to here.
            std::size_t lowest;
        };
        std::vector<State> states;
    };

    /// The alternatives are tried in their order; the first that matches counts, as in Perl.
    explicit SplitPattern(std::span<const std::u32string_view> alternatives);

    /// Where the match that begins at `start` ends, or kNoMatch. The text ends where the span ends.
    [[nodiscard]] std::size_t match(std::span<const char32_t> text, std::size_t start, Scratch& scratch) const;

private:
    friend class SplitPatternParser;

    enum class Kind : std::uint8_t {
        One,     ///< one code point of a set
        Run,     ///< `minimum` to `maximum` code points of a set, as many as possible
        Fork,    ///< go on at the next step, and if that fails at `target`
        Jump,    ///< go on at `target`
        Ahead,   ///< the steps before `target` match here (or do not, if `negative`); then go on at `target`
        TextEnd, ///< nothing is left
        Done,    ///< the pattern, or what Ahead asks for, has matched
    };
    struct Step {
        Kind kind = Kind::Done;
        bool negative = false;
        std::uint16_t set = 0;
        std::uint32_t minimum = 1;
        std::uint32_t maximum = 1;
        /// Relative to this step.
        std::int32_t target = 0;
    };
    struct Alternative {
        std::uint32_t firstStep = 0;
        /// Which ASCII characters a match can begin with; others are always tried.
        std::array<std::uint64_t, 2> beginnings{};
    };

    [[nodiscard]] std::size_t run(std::span<const char32_t> text, std::size_t start, std::uint32_t step,
                                  Scratch& scratch) const;
    [[nodiscard]] bool takeRun(std::span<const char32_t> text, std::uint32_t number, std::size_t& position,
                               Scratch& scratch) const;
    void addBeginnings(std::uint32_t step, std::array<std::uint64_t, 2>& beginnings) const;

    std::vector<CodePointSet> m_sets;
    std::vector<Step> m_steps;
    std::vector<Alternative> m_alternatives;
};

} // namespace hearth
