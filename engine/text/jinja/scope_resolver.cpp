#include "engine/text/jinja/scope_resolver.h"

#include "engine/text/jinja/ast_walk.h"
#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/scope_symbols.h"

#include <memory>
#include <utility>

namespace hearth::jinja {
namespace {

// Keeps the analysis, which copies a scope's names for every branch, linear in practice.
constexpr std::size_t kMostVariables = 2000;

// Whether an unknown filter is an error already before it runs. It is not inside of `if`, for a template may ask
// first whether there is one.
enum class Unknown : std::uint8_t { Refuse, Allow };

class Resolver {
public:
    Status run(Syntax& syntax) {
        FunctionScope function;
        Symbols symbols(nullptr, function);
        HEARTH_CHECK(collect(syntax.body, symbols));
        HEARTH_CHECK(bind(syntax.body, symbols, Unknown::Refuse));
        syntax.scope = symbols.entries();
        syntax.slotCount = static_cast<std::int32_t>(function.slots.size());
        return {};
    }

private:
    // What a scope's own statements load and store, not looking into scopes inside.
    Status collect(Body& body, Symbols& symbols);
    Status collect(Statement& statement, Symbols& symbols);
    Status collectIf(IfStatement& node, std::size_t branch, Symbols& symbols);
    static void collect(Expression& expression, Symbols& symbols);
    static void collectIfGiven(const ExpressionPtr& expression, Symbols& symbols);
    static void collectTarget(const AssignTarget& target, Symbols& symbols, bool asParameter);

    // Writes places into the tree and goes into the scopes inside.
    Status bind(Body& body, const Symbols& symbols, Unknown unknown);
    Status bind(Statement& statement, const Symbols& symbols, Unknown unknown);
    Status bind(Expression& expression, const Symbols& symbols, Unknown unknown);
    Status bindIfGiven(const ExpressionPtr& expression, const Symbols& symbols, Unknown unknown);
    Status bindTarget(AssignTarget& target, const Symbols& symbols);
    Status bindFor(ForStatement& node, const Symbols& symbols, Unknown unknown);
    Status bindCondition(ForStatement& node, const Symbols& symbols);
    Status bindFunction(MacroFunction& node, std::int32_t line, const Symbols& symbols);
    Status bindWith(WithStatement& node, const Symbols& symbols, Unknown unknown);
    Status bindScope(Body& body, ExpressionPtr& filter, Scope& scope, const Symbols& symbols);

    std::int32_t m_loops = 0;
};

// Whether `name` is read in the body before it is set there.
class ReadFinder {
public:
    explicit ReadFinder(std::string name) : m_name(std::move(name)) {}

    bool reads(Body& body) {
        visit(body);
        return m_outcome == Outcome::Read;
    }

private:
    enum class Outcome : std::uint8_t { Unseen, Read, Set };

    void see(bool isName, Outcome outcome) {
        if (isName && m_outcome == Outcome::Unseen)
            m_outcome = outcome;
    }
    void visit(Body& body) {
        for (const auto& statement : body)
            visit(*statement);
    }
    void visit(Expression& expression) {
        if (expression.kind == ExpressionKind::Name)
            see(static_cast<NameExpression&>(expression).name == m_name, Outcome::Read);
        visitChildren(expression, [this](Expression& child) { visit(child); });
    }
    void visit(const ExpressionPtr& expression) {
        if (expression)
            visit(*expression);
    }
    void visit(const AssignTarget& target) {
        see(target.kind == AssignTarget::Kind::Name && target.name == m_name, Outcome::Set);
        for (const AssignTarget& item : target.items)
            visit(item);
    }
    void visit(MacroFunction& function) {
        for (const Parameter& parameter : function.parameters)
            see(parameter.name == m_name, Outcome::Set);
        for (const Parameter& parameter : function.parameters)
            visit(parameter.defaultValue);
        visit(function.body);
    }
    void visit(Statement& statement);

    std::string m_name;
    Outcome m_outcome = Outcome::Unseen;
};

void ReadFinder::visit(Statement& statement) {
    switch (statement.kind) {
    case StatementKind::Text:
    case StatementKind::Break:
    case StatementKind::Continue:
        break;
    case StatementKind::Print:
        visit(static_cast<PrintStatement&>(statement).value);
        break;
    case StatementKind::For: {
        auto& node = static_cast<ForStatement&>(statement);
        visit(node.target);
        visit(node.iterable);
        visit(node.body);
        visit(node.otherwise);
        visit(node.condition);
        break;
    }
    case StatementKind::If: {
        auto& node = static_cast<IfStatement&>(statement);
        for (auto& [test, body] : node.branches) {
            visit(test);
            visit(body);
        }
        visit(node.otherwise);
        break;
    }
    case StatementKind::Macro:
        visit(static_cast<MacroStatement&>(statement).function);
        break;
    case StatementKind::CallBlock:
        visit(static_cast<CallBlockStatement&>(statement).call);
        visit(static_cast<CallBlockStatement&>(statement).function);
        break;
    case StatementKind::FilterBlock:
        visit(static_cast<FilterBlockStatement&>(statement).body);
        visit(static_cast<FilterBlockStatement&>(statement).filter);
        break;
    case StatementKind::With: {
        auto& node = static_cast<WithStatement&>(statement);
        for (auto& [target, value] : node.assignments)
            visit(target);
        for (auto& [target, value] : node.assignments)
            visit(value);
        visit(node.body);
        break;
    }
    case StatementKind::Set:
        visit(static_cast<SetStatement&>(statement).target);
        visit(static_cast<SetStatement&>(statement).value);
        break;
    case StatementKind::SetBlock:
        visit(static_cast<SetBlockStatement&>(statement).target);
        visit(static_cast<SetBlockStatement&>(statement).filter);
        visit(static_cast<SetBlockStatement&>(statement).body);
        break;
    case StatementKind::ScopeBlock:
        visit(static_cast<ScopeBlockStatement&>(statement).body);
        break;
    }
}

void Resolver::collect(Expression& expression, Symbols& symbols) {
    if (expression.kind == ExpressionKind::Name)
        symbols.load(static_cast<NameExpression&>(expression).name);
    visitChildren(expression, [&](Expression& child) { collect(child, symbols); });
}

void Resolver::collectIfGiven(const ExpressionPtr& expression, Symbols& symbols) {
    if (expression)
        collect(*expression, symbols);
}

void Resolver::collectTarget(const AssignTarget& target, Symbols& symbols, bool asParameter) {
    if (target.kind == AssignTarget::Kind::NamespaceAttribute)
        symbols.load(target.name);
    else if (target.kind == AssignTarget::Kind::Name && asParameter)
        symbols.declareParameter(target.name);
    else if (target.kind == AssignTarget::Kind::Name)
        symbols.store(target.name);
    for (const AssignTarget& item : target.items)
        collectTarget(item, symbols, asParameter);
}

Status Resolver::collect(Body& body, Symbols& symbols) {
    for (const auto& statement : body)
        HEARTH_CHECK(collect(*statement, symbols));
    return {};
}

Status Resolver::collect(Statement& statement, Symbols& symbols) {
    if (symbols.function().slots.size() > kMostVariables)
        return Error{ErrorCode::InvalidInput, "line " + std::to_string(statement.line) + ": the template has more than "
                                                  + std::to_string(kMostVariables) + " variables"};
    switch (statement.kind) {
    case StatementKind::Text:
    case StatementKind::Break:
    case StatementKind::Continue:
        break;
    case StatementKind::Print:
        collect(*static_cast<PrintStatement&>(statement).value, symbols);
        break;
    case StatementKind::For:
        collect(*static_cast<ForStatement&>(statement).iterable, symbols);
        break;
    case StatementKind::If:
        return collectIf(static_cast<IfStatement&>(statement), 0, symbols);
    case StatementKind::Macro:
        symbols.store(static_cast<MacroStatement&>(statement).function.name);
        break;
    case StatementKind::CallBlock:
        collectIfGiven(static_cast<CallBlockStatement&>(statement).call, symbols);
        break;
    case StatementKind::FilterBlock:
        break; // the filter is part of the block's own scope
    case StatementKind::With:
        for (const auto& [target, value] : static_cast<WithStatement&>(statement).assignments)
            collect(*value, symbols);
        break;
    case StatementKind::Set:
        collect(*static_cast<SetStatement&>(statement).value, symbols);
        collectTarget(static_cast<SetStatement&>(statement).target, symbols, false);
        break;
    case StatementKind::SetBlock:
        collectTarget(static_cast<SetBlockStatement&>(statement).target, symbols, false);
        break;
    case StatementKind::ScopeBlock:
        collectIfGiven(static_cast<ScopeBlockStatement&>(statement).escape, symbols);
        break;
    }
    return {};
}

// The first branch is the `if` itself, further ones are its `elif`s, each of which is an `if` without any else.
Status Resolver::collectIf(IfStatement& node, std::size_t branch, Symbols& symbols) {
    collect(*node.branches[branch].first, symbols);
    std::vector<Symbols> branches(3, symbols);
    HEARTH_CHECK(collect(node.branches[branch].second, branches[0]));
    if (branch == 0) {
        for (std::size_t elif = 1; elif < node.branches.size(); ++elif)
            HEARTH_CHECK(collectIf(node, elif, branches[1]));
        HEARTH_CHECK(collect(node.otherwise, branches[2]));
    }
    symbols.joinBranches(branches);
    return {};
}

Status Resolver::bind(Body& body, const Symbols& symbols, Unknown unknown) {
    for (const auto& statement : body)
        HEARTH_CHECK(bind(*statement, symbols, unknown));
    return {};
}

Status Resolver::bindIfGiven(const ExpressionPtr& expression, const Symbols& symbols, Unknown unknown) {
    return expression ? bind(*expression, symbols, unknown) : Status();
}

Status Resolver::bind(Expression& expression, const Symbols& symbols, Unknown unknown) {
    if (expression.kind == ExpressionKind::Name) {
        auto& node = static_cast<NameExpression&>(expression);
        const Symbols::Location* location = symbols.find(node.name);
        HEARTH_ASSERT(location != nullptr);
        node.variable = Symbols::reference(*location, symbols.function());
    } else if (expression.kind == ExpressionKind::Conditional) {
        unknown = Unknown::Allow;
    } else if (unknown == Unknown::Refuse) {
        const bool isFilter = expression.kind == ExpressionKind::Filter;
        if (isFilter || expression.kind == ExpressionKind::Test) {
            const std::string& name = static_cast<FilterExpression&>(expression).name;
            if (isFilter ? findFilter(name) == nullptr : findTest(name) == nullptr)
                return Error{ErrorCode::InvalidInput, "line " + std::to_string(expression.line) + ": there is no "
                                                          + (isFilter ? "filter '" : "test '") + name + "'"};
        }
    }
    Status status;
    visitChildren(expression, [&](Expression& child) {
        if (status.ok())
            status = bind(child, symbols, unknown);
    });
    return status;
}

Status Resolver::bindTarget(AssignTarget& target, const Symbols& symbols) {
    if (target.kind == AssignTarget::Kind::Tuple) {
        for (AssignTarget& item : target.items)
            HEARTH_CHECK(bindTarget(item, symbols));
        return {};
    }
    if (target.kind == AssignTarget::Kind::Name && target.name == "loop" && m_loops > 0)
        return Error{ErrorCode::InvalidInput,
                     "line " + std::to_string(target.line) + ": the variable 'loop' cannot be set inside of a loop"};
    const Symbols::Location* location = symbols.find(target.name);
    HEARTH_ASSERT(location != nullptr);
    target.variable = Symbols::reference(*location, symbols.function());
    return {};
}

Status Resolver::bind(Statement& statement, const Symbols& symbols, Unknown unknown) {
    switch (statement.kind) {
    case StatementKind::Text:
    case StatementKind::Break:
    case StatementKind::Continue:
        return {};
    case StatementKind::Print:
        return bind(*static_cast<PrintStatement&>(statement).value, symbols, unknown);
    case StatementKind::For:
        return bindFor(static_cast<ForStatement&>(statement), symbols, unknown);
    case StatementKind::If: {
        auto& node = static_cast<IfStatement&>(statement);
        for (auto& [test, body] : node.branches) {
            HEARTH_CHECK(bind(*test, symbols, Unknown::Allow));
            HEARTH_CHECK(bind(body, symbols, Unknown::Allow));
        }
        return bind(node.otherwise, symbols, Unknown::Allow);
    }
    case StatementKind::Macro: {
        auto& node = static_cast<MacroStatement&>(statement);
        node.variable = Symbols::reference(*symbols.find(node.function.name), symbols.function());
        return bindFunction(node.function, node.line, symbols);
    }
    case StatementKind::CallBlock: {
        auto& node = static_cast<CallBlockStatement&>(statement);
        HEARTH_CHECK(bindFunction(node.function, node.line, symbols));
        return bindIfGiven(node.call, symbols, unknown);
    }
    case StatementKind::FilterBlock: {
        auto& node = static_cast<FilterBlockStatement&>(statement);
        return bindScope(node.body, node.filter, node.scope, symbols);
    }
    case StatementKind::With:
        return bindWith(static_cast<WithStatement&>(statement), symbols, unknown);
    case StatementKind::Set: {
        auto& node = static_cast<SetStatement&>(statement);
        HEARTH_CHECK(bind(*node.value, symbols, unknown));
        return bindTarget(node.target, symbols);
    }
    case StatementKind::SetBlock: {
        auto& node = static_cast<SetBlockStatement&>(statement);
        HEARTH_CHECK(bindTarget(node.target, symbols));
        return bindScope(node.body, node.filter, node.scope, symbols);
    }
    case StatementKind::ScopeBlock: {
        auto& node = static_cast<ScopeBlockStatement&>(statement);
        HEARTH_CHECK(bindIfGiven(node.escape, symbols, unknown));
        ExpressionPtr none;
        return bindScope(node.body, none, node.scope, symbols);
    }
    }
    return {};
}

// A scope in the same function: its statements, and the filter that its text goes through.
Status Resolver::bindScope(Body& body, ExpressionPtr& filter, Scope& scope, const Symbols& symbols) {
    Symbols inner(&symbols, symbols.function());
    HEARTH_CHECK(collect(body, inner));
    collectIfGiven(filter, inner);
    HEARTH_CHECK(bind(body, inner, Unknown::Refuse));
    HEARTH_CHECK(bindIfGiven(filter, inner, Unknown::Refuse));
    scope = inner.entries();
    return {};
}

Status Resolver::bindWith(WithStatement& node, const Symbols& symbols, Unknown unknown) {
    Symbols inner(&symbols, symbols.function());
    for (const auto& [target, value] : node.assignments)
        collectTarget(target, inner, true);
    HEARTH_CHECK(collect(node.body, inner));
    for (auto& [target, value] : node.assignments) {
        HEARTH_CHECK(bind(*value, symbols, unknown));
        HEARTH_CHECK(bindTarget(target, inner));
    }
    HEARTH_CHECK(bind(node.body, inner, Unknown::Refuse));
    node.scope = inner.entries();
    return {};
}

Status Resolver::bindFor(ForStatement& node, const Symbols& symbols, Unknown unknown) {
    HEARTH_CHECK(bind(*node.iterable, symbols, unknown));
    ++m_loops;
    if (node.condition)
        HEARTH_CHECK(bindCondition(node, symbols));
    FunctionScope own{&symbols.function(), {}};
    FunctionScope& function = node.recursive ? own : symbols.function();
    Symbols loop(&symbols, function);
    loop.declareParameter("loop");
    collectTarget(node.target, loop, true);
    HEARTH_CHECK(collect(node.body, loop));
    HEARTH_CHECK(bindTarget(node.target, loop));
    node.loopVariable = Symbols::reference(*loop.find("loop"), function);
    HEARTH_CHECK(bind(node.body, loop, Unknown::Refuse));
    node.bodyScope = loop.entries();

    Symbols otherwise(&symbols, function);
    HEARTH_CHECK(collect(node.otherwise, otherwise));
    HEARTH_CHECK(bind(node.otherwise, otherwise, Unknown::Refuse));
    node.otherwiseScope = otherwise.entries();
    node.recursiveSlots = static_cast<std::int32_t>(own.slots.size());
    --m_loops;
    return {};
}

// The condition is a function of its own: looking ahead for loop.last must not disturb the loop's variables.
Status Resolver::bindCondition(ForStatement& node, const Symbols& symbols) {
    FunctionScope function{&symbols.function(), {}};
    Symbols condition(&symbols, function);
    collectTarget(node.target, condition, true);
    collect(*node.condition, condition);
    node.conditionTarget = node.target;
    HEARTH_CHECK(bindTarget(node.conditionTarget, condition));
    HEARTH_CHECK(bind(*node.condition, condition, Unknown::Refuse));
    node.conditionScope = condition.entries();
    node.conditionSlots = static_cast<std::int32_t>(function.slots.size());
    return {};
}

Status Resolver::bindFunction(MacroFunction& node, std::int32_t line, const Symbols& symbols) {
    FunctionScope function{&symbols.function(), {}};
    Symbols inner(&symbols, function);
    for (const Parameter& parameter : node.parameters)
        inner.declareParameter(parameter.name);
    for (const Parameter& parameter : node.parameters)
        if (parameter.name == "caller" && !parameter.defaultValue && ReadFinder("caller").reads(node.body))
            return Error{ErrorCode::InvalidInput,
                         "line " + std::to_string(line) + ": the parameter 'caller' needs a default"};
    const auto special = [&](const char* name, std::optional<std::int32_t>& slot) {
        for (const Parameter& parameter : node.parameters)
            if (parameter.name == name)
                return;
        if (!ReadFinder(name).reads(node.body))
            return;
        inner.declareParameter(name);
        slot = inner.find(name)->slot;
    };
    special("caller", node.callerSlot);
    special("kwargs", node.kwargsSlot);
    special("varargs", node.varargsSlot);
    for (const Parameter& parameter : node.parameters)
        collectIfGiven(parameter.defaultValue, inner);
    HEARTH_CHECK(collect(node.body, inner));
    const std::int32_t loops = std::exchange(m_loops, 0);
    for (Parameter& parameter : node.parameters) {
        parameter.slot = inner.find(parameter.name)->slot;
        HEARTH_CHECK(bindIfGiven(parameter.defaultValue, inner, Unknown::Refuse));
    }
    HEARTH_CHECK(bind(node.body, inner, Unknown::Refuse));
    m_loops = loops;
    node.scope = inner.entries();
    node.slotCount = static_cast<std::int32_t>(function.slots.size());
    return {};
}

} // namespace

Status resolveScopes(Syntax& syntax) {
    return Resolver().run(syntax);
}

} // namespace hearth::jinja
