#pragma once

#include "engine/text/jinja/heap.h"
#include "engine/text/jinja/value.h"
#include "kernels/base/result.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hearth::jinja {

class Runtime;

/// What a call passes: values by position, then by name.
struct Arguments {
    std::vector<Value> positional;
    std::vector<std::pair<std::string, Value>> named;
};

/// A filter (self is its input), a method (self is its object) or a global function (self is None).
using Builtin = Result<Value> (*)(Runtime& runtime, const Value& self, const Arguments& arguments);

/// A string: valid UTF-8, never changed once made.
struct Text final : Object {
    static constexpr Kind kKind = Kind::Text;
    explicit Text(std::string text, bool isMarkup = false) : Object(kKind), bytes(std::move(text)), markup(isMarkup) {}
    [[nodiscard]] std::size_t extraBytes() const { return bytes.capacity(); }
    /// Code points; counted once.
    [[nodiscard]] std::size_t length() const;

    const std::string bytes;
    const bool markup; ///< came from `safe` or `escape`: adding plain text to it escapes that text

private:
    mutable std::optional<std::size_t> m_length;
};

/// The bytes of a Text value.
[[nodiscard]] inline const std::string& textOf(const Value& value) {
    return value.as<Text>().bytes;
}

struct List final : Object {
    static constexpr Kind kKind = Kind::List;
    explicit List(std::vector<Value> values = {}) : Object(kKind), items(std::move(values)) {}
    [[nodiscard]] std::size_t extraBytes() const { return items.capacity() * sizeof(Value); }
    void dropChildren() override { items.clear(); }

    std::vector<Value> items;
};

struct Tuple final : Object {
    static constexpr Kind kKind = Kind::Tuple;
    /// `isGroup`: a result of groupby, whose two items are also called grouper and list.
    explicit Tuple(std::vector<Value> values, bool isGroup = false);
    [[nodiscard]] std::size_t extraBytes() const { return items.capacity() * sizeof(Value); }
    void dropChildren() override { items.clear(); }

    std::vector<Value> items; ///< never changed
    const bool group;
    const std::int32_t nesting; ///< of tuples in tuples, from 1: hashing them recurses
};

/// A dict in insertion order. Keys are compared as Python does: 1, 1.0 and true are one key.
class Dict final : public Object {
public:
    static constexpr Kind kKind = Kind::Dict;
    struct Entry {
        Value key;
        Value value;
    };

    Dict() : Object(kKind) {}
    [[nodiscard]] std::size_t extraBytes() const { return 0; }
    void dropChildren() override;

    [[nodiscard]] const std::vector<Entry>& entries() const { return m_entries; }
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }
    /// Null if absent.
    [[nodiscard]] const Value* find(std::string_view key) const;
    /// Null if absent. Errors: InvalidInput for a key that Python cannot hash.
    [[nodiscard]] Result<const Value*> find(const Value& key) const;
    /// Adds or replaces; a replaced entry keeps its place and its first key. Errors: as find().
    [[nodiscard]] Status set(const Value& key, Value value);

private:
    [[nodiscard]] std::size_t indexOf(std::string_view key, std::size_t hash) const;
    [[nodiscard]] std::size_t indexOf(const Value& key, std::size_t hash) const;
    void append(const Value& key, Value value, std::size_t hash);

    std::vector<Entry> m_entries;
    std::unordered_multimap<std::size_t, std::size_t> m_indexByHash; ///< empty while there are few entries
};

/// What dict.keys(), values() and items() return: a live view.
struct DictView final : Object {
    static constexpr Kind kKind = Kind::DictView;
    enum class Part : std::uint8_t { Keys, Values, Items };
    DictView(Value source, Part which) : Object(kKind), dict(std::move(source)), part(which) {}
    [[nodiscard]] std::size_t extraBytes() const { return 0; }
    void dropChildren() override { dict = Value(); }

    Value dict;
    const Part part;
};

struct Range final : Object {
    static constexpr Kind kKind = Kind::Range;
    Range(Integer first, Integer end, Integer stride) : Object(kKind), start(first), stop(end), step(stride) {}
    [[nodiscard]] std::size_t extraBytes() const { return 0; }
    [[nodiscard]] Integer size() const;

    const Integer start;
    const Integer stop;
    const Integer step;
};

/// A place in an iteration over a value. For what can be iterated see iterate().
class Cursor {
public:
    Cursor() = default;
    explicit Cursor(Value source) : m_source(std::move(source)) {}
    /// False at the end. Counts a step of the runtime. Errors: those of a lazy filter's function; limits.
    [[nodiscard]] Result<bool> next(Runtime& runtime, Value& item);

private:
    Value m_source;
    std::size_t m_position = 0; ///< index of the next item; for texts the byte where it begins
};

/// An iterator that computes its items when asked (what `map` and `select` return): always true, has no length,
/// and is used up by one pass.
struct Iterator final : Object {
    static constexpr Kind kKind = Kind::Iterator;
    /// False at the end.
    using Next = std::function<Result<bool>(Runtime& runtime, Value& item)>;
    Iterator(std::string_view name, Next function) : Object(kKind), pythonName(name), next(std::move(function)) {}
    [[nodiscard]] std::size_t extraBytes() const { return 0; }
    void dropChildren() override { next = nullptr; }

    const std::string_view pythonName; ///< a literal: "generator"
    Next next;                         ///< null once the end was reached
    bool running = false;              ///< asked from within its own function, it refuses
};

struct Namespace final : Object {
    static constexpr Kind kKind = Kind::Namespace;
    explicit Namespace(Value dict) : Object(kKind), attributes(std::move(dict)) {}
    [[nodiscard]] std::size_t extraBytes() const { return 0; }
    void dropChildren() override { attributes = Value(); }

    Value attributes; ///< a Dict
};

/// A global function or a method bound to its object.
struct Function final : Object {
    static constexpr Kind kKind = Kind::Function;
    Function(std::string_view functionName, Builtin function, Value object)
        : Object(kKind), name(functionName), call(function), self(std::move(object)) {}
    [[nodiscard]] std::size_t extraBytes() const { return 0; }
    void dropChildren() override { self = Value(); }

    const std::string_view name; ///< a literal
    const Builtin call;
    Value self;
};

struct Cycler final : Object {
    static constexpr Kind kKind = Kind::Cycler;
    explicit Cycler(std::vector<Value> values) : Object(kKind), items(std::move(values)) {}
    [[nodiscard]] std::size_t extraBytes() const { return items.capacity() * sizeof(Value); }
    void dropChildren() override { items.clear(); }

    std::vector<Value> items; ///< at least one
    std::size_t position = 0;
};

/// Called, it gives nothing the first time and then the separator.
struct Joiner final : Object {
    static constexpr Kind kKind = Kind::Joiner;
    explicit Joiner(Value text) : Object(kKind), separator(std::move(text)) {}
    [[nodiscard]] std::size_t extraBytes() const { return 0; }
    void dropChildren() override { separator = Value(); }

    Value separator;
    bool used = false;
};

} // namespace hearth::jinja
