#include "engine/text/grammar/grammar_automaton.h"

#include "engine/text/grammar/grammar_check.h"
#include "engine/text/grammar/utf8_paths.h"

#include <algorithm>
#include <bitset>
#include <map>
#include <utility>

namespace hearth {

/// Builds the states of one grammar after Thompson: every expression between two states.
class AutomatonBuilder {
public:
    AutomatonBuilder(const GrammarRules& rules, const GrammarFacts& facts) : m_rules(rules), m_facts(facts) {}

    Result<GrammarAutomaton> build(GrammarRules::Rule start) {
        m_starts.assign(m_rules.rules().size(), 0);
        m_reached.assign(m_rules.rules().size(), false);
        const State first = stateOf(start);
        while (!m_open.empty()) {
            const GrammarRules::Rule rule = m_open.back();
            m_open.pop_back();
            const State end = newState();
            m_states[end].endsRule = true;
            add(m_rules.rules()[static_cast<std::size_t>(rule)].body, stateOf(rule), end);
            if (m_states.size() > GrammarAutomaton::kMostStates)
                return Error{ErrorCode::InvalidInput, "grammar: it is too big: the rule " + nameOfRule(m_rules, rule)
                                                          + " takes it beyond "
                                                          + std::to_string(GrammarAutomaton::kMostStates)
                                                          + " states; smaller numbers of repetitions help most"};
        }
        return flattened(first);
    }

private:
    using State = GrammarAutomaton::State;
    using Kind = GrammarRules::Kind;
    struct Draft {
        std::vector<GrammarAutomaton::ByteEdge> bytes;
        std::vector<GrammarAutomaton::CallEdge> calls;
        std::vector<GrammarAutomaton::TokenEdge> tokens;
        std::vector<State> empties;
        bool endsRule = false;
    };

    State newState() {
        m_states.emplace_back();
        return static_cast<State>(m_states.size() - 1);
    }
    /// The first state of a rule; what it holds is added once.
    State stateOf(GrammarRules::Rule rule) {
        const auto index = static_cast<std::size_t>(rule);
        if (!m_reached[index]) {
            m_reached[index] = true;
            m_starts[index] = newState();
            m_open.push_back(rule);
        }
        return m_starts[index];
    }
    [[nodiscard]] bool full() const { return m_states.size() > GrammarAutomaton::kMostStates; }

    // Nothing is ever added into `from` or out of `to`, so that options may share both.
    void add(GrammarRules::Node node, State from, State to) {
        if (full())
            return;
        const GrammarRules::Expression& it = m_rules.expression(node);
        switch (it.kind) {
        case Kind::Text:
            addText(m_rules.textOf(it.index), from, to);
            return;
        case Kind::Characters:
            addCharacters(m_rules.setOf(it.index), from, to);
            return;
        case Kind::Token:
            m_states[from].tokens.push_back({static_cast<std::uint32_t>(it.index), to});
            return;
        case Kind::Sequence:
            addSequence(m_rules.children(node), from, to);
            return;
        case Kind::Choice:
            // What can never end would lead into a dead end.
            for (const GrammarRules::Node option : m_rules.children(node))
                if (m_facts.canEnd[static_cast<std::size_t>(option)])
                    add(option, from, to);
            return;
        case Kind::Repeat:
            addRepeat(it, from, to);
            return;
        case Kind::Call: {
            const State called = stateOf(it.index);
            m_states[from].calls.push_back({called, to, false});
            return;
        }
        }
    }

    void addText(std::string_view text, State from, State to) {
        if (text.empty()) {
            m_states[from].empties.push_back(to);
            return;
        }
        for (std::size_t index = 0; index < text.size(); ++index) {
            const State next = index + 1 == text.size() ? to : newState();
            const auto byte = static_cast<std::uint8_t>(text[index]);
            m_states[from].bytes.push_back({byte, byte, next});
            from = next;
        }
    }

    /// Paths that go on alike share their states, from the end on.
    void addCharacters(const CodePointRanges& set, State from, State to) {
        std::map<std::pair<std::vector<std::pair<int, int>>, State>, State> shared;
        for (const Utf8Path& path : utf8PathsOf(set)) {
            State target = to;
            std::vector<std::pair<int, int>> rest;
            for (std::size_t index = path.length; index-- > 1;) {
                rest.emplace_back(path.bytes[index].first, path.bytes[index].last);
                const auto [found, isNew] = shared.try_emplace({rest, to}, 0);
                if (isNew) {
                    found->second = newState();
                    m_states[found->second].bytes.push_back({path.bytes[index].first, path.bytes[index].last, target});
                }
                target = found->second;
            }
            m_states[from].bytes.push_back({path.bytes[0].first, path.bytes[0].last, target});
        }
    }

    void addSequence(std::span<const GrammarRules::Node> parts, State from, State to) {
        if (parts.empty())
            m_states[from].empties.push_back(to);
        for (std::size_t index = 0; index < parts.size(); ++index) {
            const State next = index + 1 == parts.size() ? to : newState();
            add(parts[index], from, next);
            from = next;
        }
    }

    void addRepeat(const GrammarRules::Expression& it, State from, State to) {
        const bool possible = m_facts.canEnd[static_cast<std::size_t>(it.index)];
        if (it.most == 0 || !possible) {
            m_states[from].empties.push_back(to);
            return;
        }
        // A loop of its own at the end, or so many copies that may be left out.
        const bool endless = it.most == GrammarRules::kUnlimited;
        const std::int32_t fixed = endless ? std::max(it.least - 1, 0) : it.least;
        for (std::int32_t copy = 0; copy < fixed && !full(); ++copy)
            from = addCopy(it.index, from);
        if (endless) {
            const State loop = newState();
            const State end = newState();
            m_states[from].empties.push_back(loop);
            if (it.least == 0)
                m_states[loop].empties.push_back(to);
            add(it.index, loop, end);
            m_states[end].empties.push_back(loop);
            m_states[end].empties.push_back(to);
            return;
        }
        for (std::int32_t copy = it.least; copy < it.most && !full(); ++copy) {
            m_states[from].empties.push_back(to);
            from = addCopy(it.index, from);
        }
        m_states[from].empties.push_back(to);
    }

    State addCopy(GrammarRules::Node node, State from) {
        const State next = newState();
        add(node, from, next);
        return next;
    }

    /// The state behind empty edges that lead on without a choice.
    [[nodiscard]] State behindEmpties(State state) const {
        for (std::size_t steps = 0; steps < m_states.size(); ++steps) {
            const Draft& draft = m_states[state];
            if (draft.endsRule || draft.empties.size() != 1 || !draft.bytes.empty() || !draft.calls.empty()
                || !draft.tokens.empty())
                break;
            state = draft.empties.front();
        }
        return state;
    }

    Result<GrammarAutomaton> flattened(State start) {
        GrammarAutomaton automaton;
        automaton.m_start = start;
        automaton.m_tokens = m_rules.tokens();
        automaton.m_states.resize(m_states.size());
        const auto append = [](auto& all, const auto& some) {
            const GrammarAutomaton::Extent extent{static_cast<std::uint32_t>(all.size()),
                                                  static_cast<std::uint32_t>(some.size())};
            all.insert(all.end(), some.begin(), some.end());
            return extent;
        };
        for (std::size_t state = 0; state < m_states.size(); ++state) {
            Draft& draft = m_states[state];
            for (GrammarAutomaton::CallEdge& call : draft.calls) {
                call.back = behindEmpties(call.back);
                call.last = m_states[call.back].endsRule; // such a state has no edges
            }
            GrammarAutomaton::Node& node = automaton.m_states[state];
            node.bytes = append(automaton.m_bytes, draft.bytes);
            node.calls = append(automaton.m_calls, draft.calls);
            node.tokens = append(automaton.m_tokenEdges, draft.tokens);
            node.empties = append(automaton.m_empties, draft.empties);
            node.endsRule = draft.endsRule;
        }
        findClasses(automaton);
        return automaton;
    }

    /// A new class begins wherever an edge begins or has just ended.
    static void findClasses(GrammarAutomaton& automaton) {
        std::bitset<257> begins;
        begins.set(0);
        for (const GrammarAutomaton::ByteEdge& edge : automaton.m_bytes) {
            begins.set(edge.first);
            begins.set(std::size_t{edge.last} + 1);
        }
        for (std::size_t byte = 0; byte < 256; ++byte) {
            if (begins.test(byte))
                automaton.m_classBytes[automaton.m_classCount++] = static_cast<std::uint8_t>(byte);
            automaton.m_classes[byte] = static_cast<std::uint8_t>(automaton.m_classCount - 1);
        }
    }

    const GrammarRules& m_rules;
    const GrammarFacts& m_facts;
    std::vector<Draft> m_states;
    std::vector<State> m_starts; ///< by rule
    std::vector<bool> m_reached; ///< by rule
    std::vector<GrammarRules::Rule> m_open;
};

Result<GrammarAutomaton> GrammarAutomaton::build(const GrammarRules& rules, GrammarRules::Rule start) {
    const GrammarFacts facts = factsOf(rules);
    HEARTH_CHECK(checkLeftRecursion(rules, facts));
    const GrammarRules::Named& root = rules.rules()[static_cast<std::size_t>(start)];
    if (!facts.canEnd[static_cast<std::size_t>(root.body)])
        return Error{ErrorCode::InvalidInput, "grammar: " + (root.place.empty() ? "" : root.place + ": ") + "the rule "
                                                  + nameOfRule(rules, start)
                                                  + " matches no finite text: every way through it goes on forever"};
    return AutomatonBuilder(rules, facts).build(start);
}

} // namespace hearth
