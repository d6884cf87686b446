#pragma once

#include "kernels/base/assert.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace hearth::jinja {

/// Python's int as far as templates need it: sums and products beyond 127 bits are errors.
__extension__ using Integer = __int128;

enum class Kind : std::uint8_t {
    Missing, ///< a variable that was never set; templates never see it as a value
    Undefined,
    None,
    Boolean,
    Integer,
    Float,
    Text,
    List,
    Tuple,
    Dict,
    DictView,
    Range,
    Iterator,
    Namespace,
    Function,
    Macro,
    Loop,
    Cycler,
    Joiner,
    Activation, ///< the variables of one running macro; only ever inside a Macro or a Loop
};

class Heap;

/// Something that lives in a Heap and is counted by the Values that point to it. Thread: that of its render.
class Object {
public:
    Object(const Object&) = delete;
    Object& operator=(const Object&) = delete;
    virtual ~Object() = default;

    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] Heap& heap() const { return *m_heap; }

protected:
    explicit Object(Kind kind) : m_kind(kind) {}
    /// Lets go of every Value inside, so that cycles can be freed.
    virtual void dropChildren() {}

private:
    friend class Heap;
    friend class Value;

    Heap* m_heap = nullptr;
    Object* m_previous = nullptr;
    Object* m_next = nullptr;
    std::size_t m_chargedBytes = 0;
    std::uint32_t m_references = 0;
    Kind m_kind;
};

/// One value of a template: small ones inline, the others counted references into the render's Heap.
/// Copying a list or dict copies the reference, as in Python. Thread: that of its render.
class Value {
public:
    Value() = default; ///< None
    Value(const Value& other) : m_kind(other.m_kind), m_holdsObject(other.m_holdsObject), m_payload(other.m_payload) {
        retain();
    }
    Value(Value&& other) noexcept
        : m_kind(other.m_kind), m_holdsObject(std::exchange(other.m_holdsObject, false)), m_payload(other.m_payload) {
        other.m_kind = Kind::None;
    }
    Value& operator=(const Value& other) {
        Value copy(other);
        swap(copy);
        return *this;
    }
    Value& operator=(Value&& other) noexcept {
        Value taken(std::move(other));
        swap(taken);
        return *this;
    }
    ~Value() { release(); }

    static Value missing() { return Value(Kind::Missing); }
    static Value boolean(bool value) {
        Value result(Kind::Boolean);
        result.m_payload.boolean = value;
        return result;
    }
    static Value integer(Integer value) {
        Value result(Kind::Integer);
        result.m_payload.integer = value;
        return result;
    }
    static Value real(double value) {
        Value result(Kind::Float);
        result.m_payload.real = value;
        return result;
    }
    /// A reference to an object, of the object's kind.
    static Value of(Object& object) { return Value(object.m_kind, object); }
    /// An undefined value; `hint` (a Text) is what using it says.
    static Value undefined(Object& hint) {
        HEARTH_ASSERT(hint.kind() == Kind::Text);
        return Value(Kind::Undefined, hint);
    }

    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] bool is(Kind kind) const { return m_kind == kind; }
    [[nodiscard]] bool isMissing() const { return m_kind == Kind::Missing; }
    [[nodiscard]] bool isUndefined() const { return m_kind == Kind::Undefined; }
    [[nodiscard]] bool isNone() const { return m_kind == Kind::None; }
    [[nodiscard]] bool isText() const { return m_kind == Kind::Text; }
    /// True for int and bool, which is an int in Python.
    [[nodiscard]] bool isIntegral() const { return m_kind == Kind::Integer || m_kind == Kind::Boolean; }
    [[nodiscard]] bool isNumber() const { return isIntegral() || m_kind == Kind::Float; }

    [[nodiscard]] bool asBoolean() const {
        HEARTH_ASSERT(m_kind == Kind::Boolean);
        return m_payload.boolean;
    }
    /// Of an int or a bool.
    [[nodiscard]] Integer asInteger() const {
        HEARTH_ASSERT(isIntegral());
        return m_kind == Kind::Boolean ? Integer{m_payload.boolean} : m_payload.integer;
    }
    /// Of any number.
    [[nodiscard]] double asReal() const {
        return m_kind == Kind::Float ? m_payload.real : static_cast<double>(asInteger());
    }
    /// The object behind the value, whose class must have the value's kind.
    template <typename T>
    [[nodiscard]] T& as() const {
        HEARTH_ASSERT(m_holdsObject && m_payload.object->kind() == T::kKind);
        return static_cast<T&>(*m_payload.object);
    }
    /// Null for values held inline.
    [[nodiscard]] const Object* object() const { return m_holdsObject ? m_payload.object : nullptr; }

private:
    explicit Value(Kind kind) : m_kind(kind) {}
    Value(Kind kind, Object& object) : m_kind(kind), m_holdsObject(true) {
        m_payload.object = &object;
        retain();
    }
    void retain() const {
        if (m_holdsObject)
            ++m_payload.object->m_references;
    }
    void release();
    void swap(Value& other) noexcept {
        std::swap(m_kind, other.m_kind);
        std::swap(m_holdsObject, other.m_holdsObject);
        std::swap(m_payload, other.m_payload);
    }

    Kind m_kind = Kind::None;
    bool m_holdsObject = false;
    union Payload {
        Integer integer = 0;
        double real;
        bool boolean;
        Object* object;
    } m_payload;
};

/// Python's name of the value's type, as its messages print it ("str", "dict", …).
[[nodiscard]] std::string_view typeName(const Value& value);

} // namespace hearth::jinja
