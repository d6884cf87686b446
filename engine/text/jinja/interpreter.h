#pragma once

#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/frames.h"
#include "engine/text/jinja/runtime.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hearth::jinja {

/// Runs a template once. Errors of all: InvalidInput without the line; line() says where. Thread: one.
class Interpreter {
public:
    /// `syntax` outlives the runtime's objects; `inputs` is a Dict of the template's variables.
    Interpreter(const Syntax& syntax, Runtime& runtime, Value inputs);

    [[nodiscard]] Result<std::string> run();
    /// Of the node that was evaluated last.
    [[nodiscard]] std::int32_t line() const { return m_line; }

private:
    /// What a statement asks the loop around it to do.
    enum class Flow : std::uint8_t { Normal, Break, Continue };

    // Expressions.
    Result<Value> evaluate(const Expression& expression);
    Value literal(const LiteralExpression& node);
    Result<Value> readVariable(const NameExpression& node);
    Result<std::vector<Value>> evaluateItems(const std::vector<ExpressionPtr>& items);
    Result<Value> evaluateDict(const DictExpression& node);
    Result<Value> evaluateUnary(const UnaryExpression& node);
    Result<Value> evaluateBinary(const BinaryExpression& node);
    Result<Value> evaluateConcat(const SequenceExpression& node);
    Result<Value> evaluateCompare(const CompareExpression& node);
    Result<bool> compare(Comparison comparison, const Value& left, const Value& right);
    Result<Value> evaluateSubscript(const SubscriptExpression& node);
    Result<Value> evaluateConditional(const ConditionalExpression& node);
    Result<Value> evaluateCall(const CallExpression& node, const Value* caller);
    /// `blockText`: what the innermost filter of a filter block is applied to.
    Result<Value> evaluateFilter(const FilterExpression& node, const Value* blockText);
    Result<Value> evaluateTest(const FilterExpression& node);
    Result<Arguments> evaluateArguments(const ArgumentExpressions& expressions);

    // Calls.
    Result<Value> call(const Value& callee, const Arguments& arguments);
    Result<Value> callMacro(const Macro& macro, const Arguments& arguments);
    Status bindMacroArguments(const MacroFunction& function, const Arguments& arguments);
    Result<Value> callLoop(const Loop& loop, const Arguments& arguments);

    // Statements.
    Result<Flow> execute(const Body& body);
    Result<Flow> execute(const Statement& statement);
    Status print(const Value& value);
    Status append(std::string_view text);
    Result<Flow> executeIf(const IfStatement& node);
    Result<Flow> executeFor(const ForStatement& node);
    Result<Flow> runLoop(const ForStatement& node, const Value& iterable, std::int32_t depth);
    Result<Value> runRecursiveLoop(const ForStatement& node, const Value& iterable, const Value& surroundings,
                                   std::int32_t depth);
    Value filteredItems(const ForStatement& node, Cursor cursor);
    Status executeCallBlock(const CallBlockStatement& node);
    Status executeFilterBlock(const FilterBlockStatement& node);
    Result<Flow> executeWith(const WithStatement& node);
    Status executeSetBlock(const SetBlockStatement& node);
    Result<Flow> executeScope(const ScopeBlockStatement& node);
    /// What the body prints, instead of printing it. Breaking out of it loses the text, as in Jinja.
    Result<std::string> capture(const Body& body, Flow& flow);

    // Variables.
    Activation& current() { return m_activation.as<Activation>(); }
    Value& variable(const VariableRef& reference);
    void enter(const Scope& scope);
    Value lookUp(const std::string& name);
    Status assign(const AssignTarget& target, const Value& value);

    const Syntax& m_syntax;
    Runtime& m_runtime;
    Value m_inputs;
    Value m_activation;
    std::vector<Value> m_literals; ///< literal texts, each made when first needed
    std::string m_output;          ///< of the innermost capture
    std::int32_t m_line = 1;
};

} // namespace hearth::jinja
