#include "engine/text/jinja/frames.h"
#include "engine/text/jinja/operations.h"

namespace hearth::jinja {

void Loop::dropChildren() {
    surroundings = Value();
    m_iterable = Value();
    m_cursor = Cursor();
    m_current = Value();
    m_previous = Value();
    m_next = Value();
    m_lastChanged.reset();
}

Status Loop::peek(Runtime& runtime) {
    if (!m_next.isMissing() || m_atEnd)
        return {};
    Value item;
    HEARTH_TRY(const bool more, m_cursor.next(runtime, item));
    if (more)
        m_next = std::move(item);
    else
        m_atEnd = true;
    return {};
}

Result<bool> Loop::advance(Runtime& runtime) {
    HEARTH_CHECK(peek(runtime));
    if (m_next.isMissing())
        return false;
    m_previous = std::move(m_current);
    m_current = std::exchange(m_next, Value::missing());
    ++m_index;
    return true;
}

Result<Integer> Loop::length(Runtime& runtime) {
    if (m_length)
        return *m_length;
    if (!m_iterable.is(Kind::Iterator)) {
        HEARTH_TRY(m_length, lengthOf(runtime, m_iterable));
        return *m_length;
    }
    // An iterator has to be read to its end to be counted.
    std::vector<Value> rest;
    Value item;
    while (true) {
        HEARTH_TRY(const bool more, m_cursor.next(runtime, item));
        if (!more)
            break;
        rest.push_back(std::move(item));
    }
    m_length = m_index + (m_next.isMissing() ? 0 : 1) + static_cast<Integer>(rest.size());
    m_atEnd = m_atEnd && rest.empty();
    m_cursor = Cursor(runtime.list(std::move(rest)));
    return *m_length;
}

Result<Value> Loop::attribute(Runtime& runtime, std::string_view name) {
    if (name == "index")
        return Value::integer(m_index);
    if (name == "index0")
        return Value::integer(m_index - 1);
    if (name == "first")
        return Value::boolean(m_index == 1);
    if (name == "depth")
        return Value::integer(m_depth);
    if (name == "depth0")
        return Value::integer(m_depth - 1);
    if (name == "last" || name == "nextitem") {
        HEARTH_CHECK(peek(runtime));
        if (name == "last")
            return Value::boolean(m_next.isMissing());
        return m_next.isMissing() ? runtime.undefined("there is no next item") : m_next;
    }
    if (name == "previtem")
        return m_previous.isMissing() ? runtime.undefined("there is no previous item") : m_previous;
    if (name == "length" || name == "revindex" || name == "revindex0") {
        HEARTH_TRY(const Integer count, length(runtime));
        return Value::integer(name == "length" ? count : name == "revindex" ? count - m_index + 1 : count - m_index);
    }
    return Value::missing();
}

Result<Value> Loop::cycle(const std::vector<Value>& values) const {
    if (values.empty())
        return templateError("loop.cycle() needs values");
    return values[static_cast<std::size_t>((m_index - 1) % static_cast<Integer>(values.size()))];
}

Result<bool> Loop::changed(Runtime& runtime, const std::vector<Value>& values) {
    bool same = m_lastChanged.has_value() && m_lastChanged->size() == values.size();
    for (std::size_t index = 0; same && index < values.size(); ++index) {
        HEARTH_TRY(same, equals(runtime, (*m_lastChanged)[index], values[index]));
    }
    if (!same)
        m_lastChanged = values;
    return !same;
}

} // namespace hearth::jinja
