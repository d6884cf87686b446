#pragma once

#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/objects.h"

#include <optional>
#include <vector>

namespace hearth::jinja {

/// The variables of one running function of the template (the whole, a macro, a recursive loop).
struct Activation final : Object {
    static constexpr Kind kKind = Kind::Activation;
    Activation(std::int32_t slotCount, Value outer)
        : Object(kKind), slots(static_cast<std::size_t>(slotCount), Value::missing()), parent(std::move(outer)) {}
    [[nodiscard]] std::size_t extraBytes() const { return slots.capacity() * sizeof(Value); }
    void dropChildren() override {
        slots.clear();
        parent = Value();
    }

    std::vector<Value> slots;
    Value parent; ///< the Activation of the function around this one in the source; None for the whole template
};

/// A macro, or the block of a call, with the variables around it.
struct Macro final : Object {
    static constexpr Kind kKind = Kind::Macro;
    Macro(const MacroFunction& macroFunction, Value surroundings)
        : Object(kKind), function(macroFunction), activation(std::move(surroundings)) {}
    [[nodiscard]] std::size_t extraBytes() const { return 0; }
    void dropChildren() override { activation = Value(); }

    const MacroFunction& function; ///< in the template's Syntax, which outlives the render
    Value activation;
};

/// The variable `loop`, and the walk over the loop's items itself.
class Loop final : public Object {
public:
    static constexpr Kind kKind = Kind::Loop;
    Loop(const ForStatement& statement, Value iterable, Cursor cursor, std::int32_t depth)
        : Object(kKind), m_statement(statement), m_iterable(std::move(iterable)), m_cursor(std::move(cursor)),
          m_depth(depth) {}
    [[nodiscard]] std::size_t extraBytes() const { return 0; }
    void dropChildren() override;

    /// Moves to the next item; false at the end.
    [[nodiscard]] Result<bool> advance(Runtime& runtime);
    [[nodiscard]] const Value& item() const { return m_current; }
    /// loop.index and the others. Missing if there is no such attribute.
    [[nodiscard]] Result<Value> attribute(Runtime& runtime, std::string_view name);
    [[nodiscard]] Result<Value> cycle(const std::vector<Value>& values) const;
    /// Whether `values` differ from those of the last call.
    [[nodiscard]] Result<bool> changed(Runtime& runtime, const std::vector<Value>& values);
    [[nodiscard]] Result<Integer> length(Runtime& runtime);
    [[nodiscard]] Integer index() const { return m_index; }

    [[nodiscard]] const ForStatement& statement() const { return m_statement; }
    [[nodiscard]] std::int32_t depth() const { return m_depth; }
    /// Of a recursive loop: the Activation that its next round of calls starts from.
    Value surroundings;

private:
    Status peek(Runtime& runtime);

    const ForStatement& m_statement; ///< in the template's Syntax, which outlives the render
    Value m_iterable;
    Cursor m_cursor;
    std::int32_t m_depth; ///< 1 for the outermost
    Integer m_index = 0;  ///< of the current item, from 1
    Value m_current = Value::missing();
    Value m_previous = Value::missing();
    Value m_next = Value::missing(); ///< already taken from the cursor
    bool m_atEnd = false;            ///< the cursor gave its last item
    std::optional<Integer> m_length;
    std::optional<std::vector<Value>> m_lastChanged;
};

} // namespace hearth::jinja
