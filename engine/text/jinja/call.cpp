#include "engine/text/jinja/interpreter.h"

#include "engine/text/jinja/operations.h"

#include <algorithm>
#include <utility>

namespace hearth::jinja {
namespace {

// Takes the value of that name out of the named arguments; Missing if there is none.
Value takeNamed(Arguments& arguments, std::string_view name) {
    const auto found = std::find_if(arguments.named.begin(), arguments.named.end(),
                                    [&](const auto& argument) { return argument.first == name; });
    if (found == arguments.named.end())
        return Value::missing();
    Value value = std::move(found->second);
    arguments.named.erase(found);
    return value;
}

std::string describe(const MacroFunction& function) {
    return function.name.empty() ? "the call block" : "the macro '" + function.name + "'";
}

} // namespace

Result<Value> Interpreter::evaluateCall(const CallExpression& node, const Value* caller) {
    HEARTH_TRY(const Value callee, evaluate(*node.callee));
    HEARTH_TRY(Arguments arguments, evaluateArguments(node.arguments));
    if (caller != nullptr)
        arguments.named.emplace_back("caller", *caller);
    m_line = node.line;
    HEARTH_TRY(Value result, call(callee, arguments));
    m_line = node.line;
    return result;
}

Result<Value> Interpreter::call(const Value& callee, const Arguments& arguments) {
    switch (callee.kind()) {
    case Kind::Function: {
        const auto& function = callee.as<Function>();
        return function.call(m_runtime, function.self, arguments);
    }
    case Kind::Macro:
        return callMacro(callee.as<Macro>(), arguments);
    case Kind::Loop:
        return callLoop(callee.as<Loop>(), arguments);
    case Kind::Joiner: {
        auto& joiner = callee.as<Joiner>();
        if (!arguments.positional.empty() || !arguments.named.empty())
            return templateError("a joiner is called without arguments");
        return std::exchange(joiner.used, true) ? joiner.separator : m_runtime.text({});
    }
    default:
        return wrongType("cannot call a value of type", callee);
    }
}

Result<Value> Interpreter::callMacro(const Macro& macro, const Arguments& arguments) {
    const DepthScope depth(m_runtime);
    HEARTH_CHECK(depth.check());
    const MacroFunction& function = macro.function;
    Value activation = m_runtime.heap().make<Activation>(function.slotCount, macro.activation);
    std::swap(m_activation, activation);
    const auto run = [&]() -> Result<Value> {
        HEARTH_CHECK(bindMacroArguments(function, arguments));
        Flow flow = Flow::Normal;
        HEARTH_TRY(std::string text, capture(function.body, flow));
        return m_runtime.text(std::move(text));
    };
    Result<Value> result = run();
    std::swap(m_activation, activation);
    return result;
}

// Source: Jinja's rules for macros: positional, then named, then defaults; `caller`, `kwargs` and `varargs` only where
// the body mentions them.
Status Interpreter::bindMacroArguments(const MacroFunction& function, const Arguments& given) {
    Arguments arguments = given;
    const std::size_t count = function.parameters.size();
    const auto slot = [this](std::int32_t index) -> Value& { return current().slots[static_cast<std::size_t>(index)]; };
    for (std::size_t index = 0; index < count; ++index)
        slot(function.parameters[index].slot) = index < arguments.positional.size()
                                                    ? arguments.positional[index]
                                                    : takeNamed(arguments, function.parameters[index].name);
    if (function.callerSlot) {
        Value caller = takeNamed(arguments, "caller");
        slot(*function.callerSlot) = caller.isMissing() ? m_runtime.undefined("no caller is defined") : caller;
    }
    if (function.kwargsSlot) {
        const Value kwargs = m_runtime.dict();
        for (auto& [name, value] : arguments.named)
            HEARTH_CHECK(kwargs.as<Dict>().set(m_runtime.text(name), std::move(value)));
        slot(*function.kwargsSlot) = kwargs;
    } else if (!arguments.named.empty()) {
        return templateError(describe(function) + " has no parameter '" + arguments.named.front().first + "'");
    }
    const std::size_t used = std::min(count, arguments.positional.size());
    if (function.varargsSlot)
        slot(*function.varargsSlot) = m_runtime.tuple(std::vector<Value>(
            arguments.positional.begin() + static_cast<std::ptrdiff_t>(used), arguments.positional.end()));
    else if (arguments.positional.size() > count)
        return templateError(describe(function) + " takes at most " + std::to_string(count) + " arguments");

    enter(function.scope);
    for (const Parameter& parameter : function.parameters) {
        if (!slot(parameter.slot).isMissing())
            continue;
        if (parameter.defaultValue) {
            HEARTH_TRY(Value value, evaluate(*parameter.defaultValue));
            slot(parameter.slot) = std::move(value);
        } else {
            slot(parameter.slot) = m_runtime.undefined("parameter '" + parameter.name + "' was not provided");
        }
    }
    return {};
}

Result<Value> Interpreter::callLoop(const Loop& loop, const Arguments& arguments) {
    if (!loop.statement().recursive)
        return templateError("only a loop marked 'recursive' can be called");
    if (arguments.positional.size() != 1 || !arguments.named.empty())
        return templateError("a recursive loop is called with one iterable");
    return runRecursiveLoop(loop.statement(), arguments.positional[0], loop.surroundings, loop.depth() + 1);
}

} // namespace hearth::jinja
