#include "engine/text/jinja/interpreter.h"

#include "engine/text/jinja/builtins.h"
#include "engine/text/jinja/operations.h"

#include <utility>

namespace hearth::jinja {

Interpreter::Interpreter(const Syntax& syntax, Runtime& runtime, Value inputs)
    : m_syntax(syntax), m_runtime(runtime), m_inputs(std::move(inputs)),
      m_literals(static_cast<std::size_t>(syntax.textCount), Value::missing()) {
    m_activation = m_runtime.heap().make<Activation>(syntax.slotCount, Value());
}

Result<std::string> Interpreter::run() {
    enter(m_syntax.scope);
    HEARTH_TRY(const Flow flow, execute(m_syntax.body));
    static_cast<void>(flow);
    return std::move(m_output);
}

Value& Interpreter::variable(const VariableRef& reference) {
    Activation* activation = &current();
    for (std::int32_t hop = 0; hop < reference.hops; ++hop)
        activation = &activation->parent.as<Activation>();
    return activation->slots[static_cast<std::size_t>(reference.slot)];
}

Value Interpreter::lookUp(const std::string& name) {
    if (const Value* input = m_inputs.as<Dict>().find(name))
        return *input;
    const NamedBuiltin* global = findGlobal(name);
    return global != nullptr ? m_runtime.heap().make<Function>(global->name, global->call, Value()) : Value::missing();
}

void Interpreter::enter(const Scope& scope) {
    for (const ScopeEntry& entry : scope) {
        Value value = Value::missing();
        if (entry.load == ScopeEntry::Load::Context)
            value = lookUp(entry.name);
        else if (entry.load == ScopeEntry::Load::Copy)
            value = variable(entry.outer);
        current().slots[static_cast<std::size_t>(entry.slot)] = std::move(value);
    }
}

Status Interpreter::assign(const AssignTarget& target, const Value& value) {
    switch (target.kind) {
    case AssignTarget::Kind::Name:
        variable(target.variable) = value;
        return {};
    case AssignTarget::Kind::NamespaceAttribute: {
        const Value& object = variable(target.variable);
        if (!object.is(Kind::Namespace))
            return templateError("'" + target.name + "' is no namespace, its attributes cannot be set");
        return object.as<Namespace>().attributes.as<Dict>().set(m_runtime.text(target.attribute), value);
    }
    case AssignTarget::Kind::Tuple:
        break;
    }
    HEARTH_TRY(const std::vector<Value> items, collect(m_runtime, value));
    if (items.size() != target.items.size())
        return templateError("cannot unpack " + std::to_string(items.size()) + " values into "
                             + std::to_string(target.items.size()) + " names");
    for (std::size_t index = 0; index < items.size(); ++index)
        HEARTH_CHECK(assign(target.items[index], items[index]));
    return {};
}

Status Interpreter::append(std::string_view text) {
    HEARTH_CHECK(m_runtime.step(text.size() / 256));
    if (text.size() > m_runtime.limits().outputBytes - m_output.size())
        return templateError("the template writes more than " + std::to_string(m_runtime.limits().outputBytes)
                             + " bytes");
    m_output += text;
    return {};
}

Status Interpreter::print(const Value& value) {
    if (value.isText())
        return append(textOf(value));
    HEARTH_TRY(const std::string text, toText(m_runtime, value));
    return append(text);
}

Result<std::string> Interpreter::capture(const Body& body, Flow& flow) {
    std::string outer = std::exchange(m_output, {});
    Result<Flow> result = execute(body);
    std::string inner = std::exchange(m_output, std::move(outer));
    if (!result.ok())
        return std::move(result).error();
    flow = *result;
    return inner;
}

Result<Interpreter::Flow> Interpreter::execute(const Body& body) {
    for (const auto& statement : body) {
        HEARTH_TRY(const Flow flow, execute(*statement));
        if (flow != Flow::Normal)
            return flow;
    }
    return Flow::Normal;
}

Result<Interpreter::Flow> Interpreter::execute(const Statement& statement) {
    const DepthScope depth(m_runtime);
    HEARTH_CHECK(depth.check());
    HEARTH_CHECK(m_runtime.step());
    m_line = statement.line;
    switch (statement.kind) {
    case StatementKind::Text:
        HEARTH_CHECK(append(static_cast<const TextStatement&>(statement).text));
        break;
    case StatementKind::Print: {
        HEARTH_TRY(const Value value, evaluate(*static_cast<const PrintStatement&>(statement).value));
        HEARTH_CHECK(print(value));
        break;
    }
    case StatementKind::For:
        return executeFor(static_cast<const ForStatement&>(statement));
    case StatementKind::If:
        return executeIf(static_cast<const IfStatement&>(statement));
    case StatementKind::Macro: {
        const auto& node = static_cast<const MacroStatement&>(statement);
        variable(node.variable) = m_runtime.heap().make<Macro>(node.function, m_activation);
        break;
    }
    case StatementKind::CallBlock:
        HEARTH_CHECK(executeCallBlock(static_cast<const CallBlockStatement&>(statement)));
        break;
    case StatementKind::FilterBlock:
        HEARTH_CHECK(executeFilterBlock(static_cast<const FilterBlockStatement&>(statement)));
        break;
    case StatementKind::With:
        return executeWith(static_cast<const WithStatement&>(statement));
    case StatementKind::Set: {
        const auto& node = static_cast<const SetStatement&>(statement);
        HEARTH_TRY(const Value value, evaluate(*node.value));
        HEARTH_CHECK(assign(node.target, value));
        break;
    }
    case StatementKind::SetBlock:
        HEARTH_CHECK(executeSetBlock(static_cast<const SetBlockStatement&>(statement)));
        break;
    case StatementKind::Break:
        return Flow::Break;
    case StatementKind::Continue:
        return Flow::Continue;
    case StatementKind::ScopeBlock:
        return executeScope(static_cast<const ScopeBlockStatement&>(statement));
    }
    return Flow::Normal;
}

Result<Interpreter::Flow> Interpreter::executeIf(const IfStatement& node) {
    for (const auto& [testNode, body] : node.branches) {
        HEARTH_TRY(const Value test, evaluate(*testNode));
        if (isTrue(test))
            return execute(body);
    }
    return execute(node.otherwise);
}

Status Interpreter::executeCallBlock(const CallBlockStatement& node) {
    const Value block = m_runtime.heap().make<Macro>(node.function, m_activation);
    if (!node.call) {
        HEARTH_TRY(const Value text, call(block, {}));
        return print(text);
    }
    HEARTH_TRY(const Value text, evaluateCall(static_cast<const CallExpression&>(*node.call), &block));
    return print(text);
}

Status Interpreter::executeFilterBlock(const FilterBlockStatement& node) {
    enter(node.scope);
    Flow flow = Flow::Normal;
    HEARTH_TRY(std::string text, capture(node.body, flow));
    const Value input = m_runtime.text(std::move(text));
    HEARTH_TRY(const Value result, evaluateFilter(static_cast<const FilterExpression&>(*node.filter), &input));
    return print(result);
}

Result<Interpreter::Flow> Interpreter::executeWith(const WithStatement& node) {
    std::vector<Value> values;
    for (const auto& [target, expression] : node.assignments) {
        HEARTH_TRY(Value value, evaluate(*expression));
        values.push_back(std::move(value));
    }
    enter(node.scope);
    for (std::size_t index = 0; index < values.size(); ++index)
        HEARTH_CHECK(assign(node.assignments[index].first, values[index]));
    return execute(node.body);
}

Status Interpreter::executeSetBlock(const SetBlockStatement& node) {
    enter(node.scope);
    Flow flow = Flow::Normal;
    HEARTH_TRY(std::string text, capture(node.body, flow));
    Value value = m_runtime.text(std::move(text));
    if (node.filter) {
        HEARTH_TRY(value, evaluateFilter(static_cast<const FilterExpression&>(*node.filter), &value));
    }
    return assign(node.target, value);
}

Result<Interpreter::Flow> Interpreter::executeScope(const ScopeBlockStatement& node) {
    if (node.escape) {
        HEARTH_TRY(const Value escape, evaluate(*node.escape));
        if (isTrue(escape))
            return templateError("autoescape writes HTML, which no prompt is");
    }
    enter(node.scope);
    return execute(node.body);
}

} // namespace hearth::jinja
