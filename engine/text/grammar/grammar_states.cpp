#include "engine/text/grammar/grammar_states.h"

#include <algorithm>
#include <utility>

namespace hearth {

GrammarStates::GrammarStates(const GrammarAutomaton& automaton)
    : m_automaton(automaton), m_classCount(automaton.classCount()), m_below(automaton.size(), StackSets::kNone) {
    clear();
}

void GrammarStates::clear() {
    m_sets = StackSets();
    m_sets.limitWork(kMostWork);
    m_states.clear();
    m_next.clear();
    m_numbers.clear();
    m_tokens.clear();
    (void)numberOf(StackSets::kNone); // kDead
    std::fill(m_next.begin(), m_next.end(), kDead);
}

GrammarStates::State GrammarStates::numberOf(StackSets::Id set) {
    const auto [found, isNew] = m_numbers.try_emplace(set, static_cast<State>(m_states.size()));
    if (isNew) {
        m_states.push_back(set);
        m_work += m_classCount; // so that the tables stay within bounds too
        m_next.insert(m_next.end(), m_classCount, kUnknown);
    }
    return found->second;
}

GrammarStates::State GrammarStates::start() {
    reach(m_automaton.start(), StackSets::kEmpty);
    return close();
}

/// Adds stacks with `state` on top to the closure.
void GrammarStates::reach(GrammarAutomaton::State state, StackSets::Id below) {
    if (below == StackSets::kNone)
        return;
    const StackSets::Id before = m_below[state];
    const StackSets::Id after = m_sets.unite(before, below);
    if (after == before)
        return;
    if (before == StackSets::kNone)
        m_reached.push_back(state);
    m_below[state] = after;
    m_open.push_back(state);
}

/// Goes on from a state without reading anything.
void GrammarStates::follow(GrammarAutomaton::State state) {
    const StackSets::Id below = m_below[state];
    ++m_work;
    for (const GrammarAutomaton::State next : m_automaton.empties(state))
        reach(next, below);
    for (const GrammarAutomaton::CallEdge& call : m_automaton.calls(state))
        reach(call.start, call.last ? below : m_sets.push(call.back, below));
    if (!m_automaton.endsRule(state))
        return;
    m_accepts |= m_sets.hasEmpty(below);
    // By index: the table may move.
    for (std::size_t index = 0; index < m_sets.entries(below).size(); ++index) {
        const StackSets::Entry caller = m_sets.entries(below)[index];
        reach(caller.top, caller.below);
    }
}

/// What was reached and all that can be reached from it, as a state: only tops that read something matter.
GrammarStates::State GrammarStates::close() {
    while (!m_open.empty() && !m_exhausted) {
        const GrammarAutomaton::State state = m_open.back();
        m_open.pop_back();
        follow(state);
        m_exhausted = m_work + m_sets.work() - m_workBefore > kMostWork;
    }
    m_open.clear();
    std::sort(m_reached.begin(), m_reached.end());
    std::vector<StackSets::Entry> entries;
    for (const GrammarAutomaton::State state : m_reached) {
        if (!m_automaton.bytes(state).empty() || !m_automaton.tokenEdges(state).empty())
            entries.push_back({state, m_below[state]});
        m_below[state] = StackSets::kNone;
    }
    m_reached.clear();
    const bool accepts = std::exchange(m_accepts, false);
    return m_exhausted ? kDead : numberOf(m_sets.make(accepts, entries));
}

GrammarStates::State GrammarStates::explore(State state, std::size_t byteClass) {
    if (m_exhausted)
        return kDead;
    const std::uint8_t byte = m_automaton.byteOfClass(byteClass);
    const StackSets::Id set = m_states[state];
    for (std::size_t index = 0; index < m_sets.entries(set).size(); ++index) {
        const StackSets::Entry entry = m_sets.entries(set)[index];
        for (const GrammarAutomaton::ByteEdge& edge : m_automaton.bytes(entry.top))
            if (byte >= edge.first && byte <= edge.last)
                reach(edge.target, entry.below);
        m_work += m_automaton.bytes(entry.top).size();
    }
    const State next = close();
    if (!m_exhausted)
        m_next[state * m_classCount + byteClass] = next;
    return next;
}

std::span<const std::pair<std::uint32_t, GrammarStates::State>> GrammarStates::tokens(State state) {
    if (m_automaton.tokens().empty())
        return {};
    if (const auto known = m_tokens.find(state); known != m_tokens.end())
        return known->second;
    std::vector<std::pair<std::uint32_t, State>> next;
    const StackSets::Id set = m_states[state];
    for (std::size_t index = 0; index < m_sets.entries(set).size(); ++index) {
        const StackSets::Entry entry = m_sets.entries(set)[index];
        for (const GrammarAutomaton::TokenEdge& edge : m_automaton.tokenEdges(entry.top)) {
            reach(edge.target, entry.below);
            next.emplace_back(edge.token, close());
        }
    }
    return m_tokens.emplace(state, std::move(next)).first->second;
}

GrammarStates::State GrammarStates::unite(State left, State right) {
    return numberOf(m_sets.unite(m_states[left], m_states[right]));
}

std::uint64_t GrammarStates::takeWork() {
    const std::uint64_t all = m_work + m_sets.work();
    m_sets.limitWork(m_sets.work() + kMostWork);
    return all - std::exchange(m_workBefore, all);
}

std::size_t GrammarStates::sizeBytes() const {
    return m_sets.sizeBytes() + m_next.size() * sizeof(State) + m_states.size() * 64;
}

void GrammarStates::compact(std::span<State> kept) {
    StackSets before = std::move(m_sets);
    const std::vector<StackSets::Id> states = std::move(m_states);
    clear();
    m_workBefore = 0;
    m_work = 0;
    std::unordered_map<StackSets::Id, StackSets::Id> copies;
    for (State& state : kept)
        state = numberOf(m_sets.copyOf(before, states[state], copies));
}

} // namespace hearth
