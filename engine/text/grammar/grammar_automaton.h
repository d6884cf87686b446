#pragma once

#include "engine/text/grammar/grammar_rules.h"
#include "kernels/base/result.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hearth {

/// A grammar as a machine that reads bytes: states with edges, and calls of rules that return to a state.
/// From every state the end can be reached; no rule calls itself before it has read anything. Immutable. Thread: any.
class GrammarAutomaton {
public:
    using State = std::uint32_t;

    struct ByteEdge {
        std::uint8_t first;
        std::uint8_t last;
        State target;
    };
    /// Goes on in `start`, and from the end of that rule in `back`.
    struct CallEdge {
        State start;
        State back;
        bool last; ///< nothing follows in the calling rule: its own caller may be returned to at once
    };
    struct TokenEdge {
        std::uint32_t token; ///< of tokens()
        State target;
    };

    /// `start`: the rule that the whole text must be.
    /// Errors: InvalidInput if it can never end, if a rule is left-recursive (both are named), or if the automaton
    /// would have more than kMostStates states.
    [[nodiscard]] static Result<GrammarAutomaton> build(const GrammarRules& rules, GrammarRules::Rule start);

    [[nodiscard]] State start() const { return m_start; }
    [[nodiscard]] std::size_t size() const { return m_states.size(); }
    [[nodiscard]] std::span<const ByteEdge> bytes(State state) const { return part(m_bytes, m_states[state].bytes); }
    [[nodiscard]] std::span<const CallEdge> calls(State state) const { return part(m_calls, m_states[state].calls); }
    [[nodiscard]] std::span<const TokenEdge> tokenEdges(State state) const {
        return part(m_tokenEdges, m_states[state].tokens);
    }
    [[nodiscard]] std::span<const State> empties(State state) const { return part(m_empties, m_states[state].empties); }
    [[nodiscard]] bool endsRule(State state) const { return m_states[state].endsRule; }
    [[nodiscard]] const std::vector<GrammarToken>& tokens() const { return m_tokens; }

    /// Bytes that no edge tells apart have one class.
    [[nodiscard]] std::uint8_t classOf(std::uint8_t byte) const { return m_classes[byte]; }
    [[nodiscard]] std::size_t classCount() const { return m_classCount; }
    [[nodiscard]] std::uint8_t byteOfClass(std::size_t index) const { return m_classBytes[index]; }

    static constexpr std::size_t kMostStates = std::size_t{1} << 19;

private:
    friend class AutomatonBuilder;
    struct Extent {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
    };
    struct Node {
        Extent bytes;
        Extent calls;
        Extent tokens;
        Extent empties;
        bool endsRule = false;
    };
    template <typename T>
    [[nodiscard]] static std::span<const T> part(const std::vector<T>& all, Extent extent) {
        return std::span(all).subspan(extent.first, extent.count);
    }

    std::vector<Node> m_states;
    std::vector<ByteEdge> m_bytes;
    std::vector<CallEdge> m_calls;
    std::vector<TokenEdge> m_tokenEdges;
    std::vector<State> m_empties;
    std::vector<GrammarToken> m_tokens;
    std::array<std::uint8_t, 256> m_classes{};
    std::array<std::uint8_t, 256> m_classBytes{};
    std::size_t m_classCount = 0;
    State m_start = 0;
};

} // namespace hearth
