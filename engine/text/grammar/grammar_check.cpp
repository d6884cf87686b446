#include "engine/text/grammar/grammar_check.h"

#include <algorithm>
#include <utility>

namespace hearth {

namespace {

using Rules = GrammarRules;
using Kind = GrammarRules::Kind;

std::size_t at(std::int32_t index) {
    return static_cast<std::size_t>(index);
}

/// Finds all nodes that have a property which leaves have or not, sequences have if all children have it, and choices
/// if one has. Goes from the leaves up, each node once.
class Propagation {
public:
    explicit Propagation(const Rules& rules) : m_rules(rules) {
        m_parents.resize(rules.size());
        m_callers.resize(rules.rules().size());
        for (std::size_t node = 0; node < rules.size(); ++node)
            link(static_cast<Rules::Node>(node));
        m_bodies.resize(rules.size());
        for (std::size_t rule = 0; rule < rules.rules().size(); ++rule)
            if (rules.rules()[rule].body >= 0)
                m_bodies[at(rules.rules()[rule].body)].push_back(static_cast<Rules::Rule>(rule));
    }

    template <typename Leaf>
    std::vector<bool> run(Leaf leafHas) {
        std::vector<bool> has(m_rules.size());
        std::vector<std::int32_t> missing(m_rules.size());
        std::vector<Rules::Node> fresh;
        for (std::size_t node = 0; node < m_rules.size(); ++node) {
            const Rules::Expression& it = m_rules.expression(static_cast<Rules::Node>(node));
            missing[node] = it.kind == Kind::Sequence ? it.count : 1;
            const bool isLeaf = it.kind == Kind::Text || it.kind == Kind::Characters || it.kind == Kind::Token;
            const bool skips = it.kind == Kind::Repeat && it.least == 0;
            if ((isLeaf && leafHas(it)) || skips || (it.kind == Kind::Sequence && it.count == 0)) {
                has[node] = true;
                fresh.push_back(static_cast<Rules::Node>(node));
            }
        }
        const auto tell = [&](Rules::Node parent) {
            if (!has[at(parent)] && --missing[at(parent)] <= 0) {
                has[at(parent)] = true;
                fresh.push_back(parent);
            }
        };
        while (!fresh.empty()) {
            const Rules::Node node = fresh.back();
            fresh.pop_back();
            for (const Rules::Node parent : m_parents[at(node)])
                tell(parent);
            for (const Rules::Rule rule : m_bodies[at(node)])
                for (const Rules::Node caller : m_callers[at(rule)])
                    tell(caller);
        }
        return has;
    }

private:
    void link(Rules::Node node) {
        const Rules::Expression& it = m_rules.expression(node);
        switch (it.kind) {
        case Kind::Sequence:
        case Kind::Choice:
            for (const Rules::Node child : m_rules.children(node))
                m_parents[at(child)].push_back(node);
            break;
        case Kind::Repeat:
            m_parents[at(it.index)].push_back(node);
            break;
        case Kind::Call:
            m_callers[at(it.index)].push_back(node);
            break;
        case Kind::Text:
        case Kind::Characters:
        case Kind::Token:
            break;
        }
    }

    const Rules& m_rules;
    std::vector<std::vector<Rules::Node>> m_parents;
    std::vector<std::vector<Rules::Node>> m_callers; ///< by rule
    std::vector<std::vector<Rules::Rule>> m_bodies;  ///< by node
};

/// The rules that an expression may call before it has read anything.
void addFirstCalls(const Rules& rules, const GrammarFacts& facts, Rules::Node root, std::vector<Rules::Rule>& calls) {
    std::vector<Rules::Node> open{root};
    while (!open.empty()) {
        const Rules::Node node = open.back();
        open.pop_back();
        const Rules::Expression& it = rules.expression(node);
        if (it.kind == Kind::Call) {
            calls.push_back(it.index);
        } else if (it.kind == Kind::Repeat) {
            if (it.most != 0)
                open.push_back(it.index);
        } else if (it.kind == Kind::Choice) {
            const auto children = rules.children(node);
            open.insert(open.end(), children.begin(), children.end());
        } else if (it.kind == Kind::Sequence) {
            for (const Rules::Node child : rules.children(node)) {
                open.push_back(child);
                if (!facts.canBeEmpty[at(child)])
                    break;
            }
        }
    }
    std::sort(calls.begin(), calls.end());
    calls.erase(std::unique(calls.begin(), calls.end()), calls.end());
}

} // namespace

GrammarFacts factsOf(const GrammarRules& rules) {
    Propagation propagation(rules);
    GrammarFacts facts;
    facts.canEnd = propagation.run([&rules](const Rules::Expression& leaf) {
        return leaf.kind != Kind::Characters || !rules.setOf(leaf.index).isEmpty();
    });
    facts.canBeEmpty = propagation.run([&rules](const Rules::Expression& leaf) {
        return leaf.kind == Kind::Text && rules.textOf(leaf.index).empty();
    });
    return facts;
}

std::string nameOfRule(const GrammarRules& rules, GrammarRules::Rule rule) {
    const Rules::Named& it = rules.rules()[at(rule)];
    return it.name.empty() ? "a group" : "'" + it.name + "'";
}

Status checkLeftRecursion(const GrammarRules& rules, const GrammarFacts& facts) {
    enum class Seen : std::uint8_t { No, Open, Done };
    std::vector<Seen> seen(rules.rules().size(), Seen::No);
    struct Visit {
        Rules::Rule rule;
        std::vector<Rules::Rule> calls;
        std::size_t next = 0;
    };
    std::vector<Visit> path;
    const auto open = [&](Rules::Rule rule) {
        seen[at(rule)] = Seen::Open;
        path.push_back({rule, {}, 0});
        addFirstCalls(rules, facts, rules.rules()[at(rule)].body, path.back().calls);
    };
    for (std::size_t first = 0; first < seen.size(); ++first) {
        if (seen[first] != Seen::No || rules.rules()[first].body < 0)
            continue;
        open(static_cast<Rules::Rule>(first));
        while (!path.empty()) {
            Visit& visit = path.back();
            if (visit.next == visit.calls.size()) {
                seen[at(visit.rule)] = Seen::Done;
                path.pop_back();
                continue;
            }
            const Rules::Rule called = visit.calls[visit.next++];
            if (seen[at(called)] == Seen::Open) {
                const std::string& place = rules.rules()[at(called)].place;
                return Error{ErrorCode::InvalidInput, "grammar: " + (place.empty() ? "" : place + ": ") + "the rule "
                                                          + nameOfRule(rules, called)
                                                          + " is left-recursive: it calls itself before it has read "
                                                            "anything; put what is repeated behind, as in x ::= y x?"};
            }
            if (seen[at(called)] == Seen::No)
                open(called);
        }
    }
    return {};
}

} // namespace hearth
