#pragma once

#include "engine/text/jinja/value.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearth::jinja {

/// Where a variable lives at run time: the activation `hops` functions out from the one that runs, and its slot there.
struct VariableRef {
    std::int32_t hops = 0;
    std::int32_t slot = 0;
};

/// What a variable starts as when its scope is entered.
struct ScopeEntry {
    enum class Load : std::uint8_t {
        Unset,   ///< no value until it is set
        Context, ///< looked up by name among the inputs and globals
        Copy,    ///< the value that the outer scope's variable has now
    };
    Load load = Load::Unset;
    std::int32_t slot = 0;
    std::string name;
    VariableRef outer; ///< for Copy
};

/// A scope's variables, set up by resolveScopes().
using Scope = std::vector<ScopeEntry>;

enum class ExpressionKind : std::uint8_t {
    None,
    Boolean,
    Integer,
    Float,
    Text,
    Name,
    Tuple,
    List,
    Dict,
    Unary,
    Binary,
    Concat,
    Compare,
    Attribute,
    Subscript,
    Slice,
    Call,
    Filter,
    Test,
    Conditional,
};

struct Expression {
    explicit Expression(ExpressionKind expressionKind, std::int32_t sourceLine)
        : kind(expressionKind), line(sourceLine) {}
    virtual ~Expression() = default;

    ExpressionKind kind;
    std::int32_t line;
    std::int32_t depth = 1; ///< of the tree below; bounded by the parser, so walking it may recurse
};

using ExpressionPtr = std::unique_ptr<Expression>;

/// None, Boolean, Integer, Float or Text, by its kind.
struct LiteralExpression final : Expression {
    using Expression::Expression;
    Integer integer = 0; ///< also of Boolean
    double real = 0;
    std::string text;
    std::int32_t textIndex = 0; ///< among the template's literal texts
};

struct NameExpression final : Expression {
    using Expression::Expression;
    std::string name;
    VariableRef variable;
};

/// Tuple, List or Concat, by its kind.
struct SequenceExpression final : Expression {
    using Expression::Expression;
    std::vector<ExpressionPtr> items;
};

struct DictExpression final : Expression {
    using Expression::Expression;
    std::vector<std::pair<ExpressionPtr, ExpressionPtr>> items;
};

enum class UnaryOperator : std::uint8_t { Minus, Plus, Not };
struct UnaryExpression final : Expression {
    using Expression::Expression;
    UnaryOperator operation = UnaryOperator::Not;
    ExpressionPtr operand;
};

enum class BinaryOperator : std::uint8_t { Add, Subtract, Multiply, Divide, FloorDivide, Modulo, Power, And, Or };
struct BinaryExpression final : Expression {
    using Expression::Expression;
    BinaryOperator operation = BinaryOperator::Add;
    ExpressionPtr left;
    ExpressionPtr right;
};

enum class Comparison : std::uint8_t { Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual, In, NotIn };
/// a < b < c: true if every neighbouring pair compares so.
struct CompareExpression final : Expression {
    using Expression::Expression;
    ExpressionPtr first;
    std::vector<std::pair<Comparison, ExpressionPtr>> rest;
};

struct AttributeExpression final : Expression {
    using Expression::Expression;
    ExpressionPtr object;
    std::string name;
};

struct SubscriptExpression final : Expression {
    using Expression::Expression;
    ExpressionPtr object;
    ExpressionPtr key; ///< may be a Slice
};

struct SliceExpression final : Expression {
    using Expression::Expression;
    ExpressionPtr start; ///< null if not given; so the others
    ExpressionPtr stop;
    ExpressionPtr step;
};

struct ArgumentExpressions {
    std::vector<ExpressionPtr> positional;
    std::vector<std::pair<std::string, ExpressionPtr>> named;
    ExpressionPtr star;       ///< *expression, or null
    ExpressionPtr doubleStar; ///< **expression, or null
};

struct CallExpression final : Expression {
    using Expression::Expression;
    ExpressionPtr callee;
    ArgumentExpressions arguments;
};

/// Filter or Test, by its kind.
struct FilterExpression final : Expression {
    using Expression::Expression;
    ExpressionPtr input; ///< null in a filter block: the block's text
    std::string name;
    ArgumentExpressions arguments;
};

struct ConditionalExpression final : Expression {
    using Expression::Expression;
    ExpressionPtr test;
    ExpressionPtr whenTrue;
    ExpressionPtr whenFalse; ///< null: undefined
};

/// What can stand left of "=": a name, an attribute of a namespace, or a tuple of such.
struct AssignTarget {
    enum class Kind : std::uint8_t { Name, NamespaceAttribute, Tuple };
    Kind kind = Kind::Name;
    std::int32_t line = 0;
    std::string name; ///< of the variable
    std::string attribute;
    std::vector<AssignTarget> items;
    VariableRef variable;
};

enum class StatementKind : std::uint8_t {
    Text,
    Print,
    For,
    If,
    Macro,
    CallBlock,
    FilterBlock,
    With,
    Set,
    SetBlock,
    Break,
    Continue,
    ScopeBlock,
};

struct Statement {
    explicit Statement(StatementKind statementKind, std::int32_t sourceLine) : kind(statementKind), line(sourceLine) {}
    virtual ~Statement() = default;

    StatementKind kind;
    std::int32_t line;
};

using Body = std::vector<std::unique_ptr<Statement>>;

/// Break and Continue are plain Statements.
struct TextStatement final : Statement {
    using Statement::Statement;
    std::string text;
};

struct PrintStatement final : Statement {
    using Statement::Statement;
    ExpressionPtr value;
};

struct ForStatement final : Statement {
    using Statement::Statement;
    AssignTarget target;
    ExpressionPtr iterable;
    ExpressionPtr condition; ///< null if the loop takes every item
    bool recursive = false;
    Body body;
    Body otherwise;

    VariableRef loopVariable;
    AssignTarget conditionTarget; ///< `target` as the condition sees it
    Scope bodyScope;
    Scope otherwiseScope;
    Scope conditionScope;
    std::int32_t conditionSlots = 0; ///< slots of the function that the condition is
    std::int32_t recursiveSlots = 0; ///< slots of the function that a recursive loop is
};

struct IfStatement final : Statement {
    using Statement::Statement;
    std::vector<std::pair<ExpressionPtr, Body>> branches;
    Body otherwise;
};

struct Parameter {
    std::string name;
    ExpressionPtr defaultValue; ///< null if there is none
    std::int32_t slot = 0;
};

/// A macro, or the block of a call: a function that gives text.
struct MacroFunction {
    std::string name; ///< empty for a call block
    std::vector<Parameter> parameters;
    Body body;

    Scope scope;
    std::int32_t slotCount = 0;
    std::optional<std::int32_t> callerSlot; ///< if the body uses `caller`; so the others
    std::optional<std::int32_t> kwargsSlot;
    std::optional<std::int32_t> varargsSlot;
};

struct MacroStatement final : Statement {
    using Statement::Statement;
    MacroFunction function;
    VariableRef variable;
};

struct CallBlockStatement final : Statement {
    using Statement::Statement;
    MacroFunction function;
    ExpressionPtr call; ///< a CallExpression, or null for a generation block, which is called as it stands
};

struct FilterBlockStatement final : Statement {
    using Statement::Statement;
    ExpressionPtr filter; ///< its innermost input is null
    Body body;
    Scope scope;
};

struct WithStatement final : Statement {
    using Statement::Statement;
    std::vector<std::pair<AssignTarget, ExpressionPtr>> assignments;
    Body body;
    Scope scope;
};

struct SetStatement final : Statement {
    using Statement::Statement;
    AssignTarget target;
    ExpressionPtr value;
};

struct SetBlockStatement final : Statement {
    using Statement::Statement;
    AssignTarget target;
    ExpressionPtr filter; ///< null if there is none
    Body body;
    Scope scope;
};

/// A block or autoescape tag: a scope of its own, printed where it stands.
struct ScopeBlockStatement final : Statement {
    using Statement::Statement;
    ExpressionPtr escape; ///< of autoescape: must be false when it runs; else null
    Body body;
    Scope scope;
};

/// A whole template after parsing and scope resolution. Immutable from then on.
struct Syntax {
    Body body;
    Scope scope;
    std::int32_t slotCount = 0;
    std::int32_t textCount = 0; ///< literal texts
};

} // namespace hearth::jinja
