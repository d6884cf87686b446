#include "engine/text/jinja/interpreter.h"

#include "engine/text/jinja/operations.h"

#include <utility>

namespace hearth::jinja {

Result<Interpreter::Flow> Interpreter::executeFor(const ForStatement& node) {
    HEARTH_TRY(const Value iterable, evaluate(*node.iterable));
    if (!node.recursive)
        return runLoop(node, iterable, 1);
    HEARTH_TRY(const Value text, runRecursiveLoop(node, iterable, m_activation, 1));
    HEARTH_CHECK(print(text));
    return Flow::Normal;
}

// A recursive loop is a function: each round of calls has variables of its own.
Result<Value> Interpreter::runRecursiveLoop(const ForStatement& node, const Value& iterable, const Value& surroundings,
                                            std::int32_t depth) {
    const DepthScope scope(m_runtime);
    HEARTH_CHECK(scope.check());
    Value activation = m_runtime.heap().make<Activation>(node.recursiveSlots, surroundings);
    std::swap(m_activation, activation);
    std::string outer = std::exchange(m_output, {});
    const Result<Flow> flow = runLoop(node, iterable, depth);
    std::string inner = std::exchange(m_output, std::move(outer));
    std::swap(m_activation, activation);
    if (!flow.ok())
        return flow.error();
    return m_runtime.text(std::move(inner));
}

Result<Interpreter::Flow> Interpreter::runLoop(const ForStatement& node, const Value& iterable, std::int32_t depth) {
    HEARTH_TRY(Cursor cursor, iterate(m_runtime, iterable));
    Value walked = iterable;
    if (node.condition) {
        walked = filteredItems(node, std::move(cursor));
        cursor = Cursor(walked);
    }
    const Value loopValue = m_runtime.heap().make<Loop>(node, walked, std::move(cursor), depth);
    auto& loop = loopValue.as<Loop>();
    if (node.recursive)
        loop.surroundings = current().parent;
    bool any = false;
    while (true) {
        HEARTH_TRY(const bool more, loop.advance(m_runtime));
        if (!more)
            break;
        HEARTH_CHECK(assign(node.target, loop.item()));
        variable(node.loopVariable) = loopValue;
        enter(node.bodyScope);
        HEARTH_TRY(const Flow flow, execute(node.body));
        // As in Jinja, `else` runs unless one round came to its end.
        if (flow == Flow::Break)
            break;
        any = any || flow == Flow::Normal;
    }
    if (any || node.otherwise.empty())
        return Flow::Normal;
    enter(node.otherwiseScope);
    return execute(node.otherwise);
}

// The items that the loop's condition lets through, tested one at a time as the loop asks for them.
Value Interpreter::filteredItems(const ForStatement& node, Cursor cursor) {
    const Value surroundings = m_activation;
    return m_runtime.heap().make<Iterator>(
        "generator",
        [this, &node, cursor = std::move(cursor), surroundings](Runtime&, Value& item) mutable -> Result<bool> {
            Value activation = m_runtime.heap().make<Activation>(node.conditionSlots, surroundings);
            std::swap(m_activation, activation);
            const std::int32_t line = m_line;
            const auto findNext = [&]() -> Result<bool> {
                enter(node.conditionScope);
                while (true) {
                    HEARTH_TRY(const bool more, cursor.next(m_runtime, item));
                    if (!more)
                        return false;
                    HEARTH_CHECK(assign(node.conditionTarget, item));
                    HEARTH_TRY(const Value passes, evaluate(*node.condition));
                    if (isTrue(passes))
                        return true;
                }
            };
            Result<bool> found = findNext();
            std::swap(m_activation, activation);
            if (found.ok())
                m_line = line;
            return found;
        });
}

} // namespace hearth::jinja
