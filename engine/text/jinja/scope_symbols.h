#pragma once

#include "engine/text/jinja/ast.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hearth::jinja {

/// A function of the template at analysis: the whole, a macro, a recursive loop, a loop's condition. Its variables
/// have one slot per (nesting level, name).
struct FunctionScope {
    const FunctionScope* parent = nullptr;
    std::map<std::pair<std::int32_t, std::string>, std::int32_t> slots;

    std::int32_t slotOf(std::int32_t level, const std::string& name) {
        return slots.emplace(std::pair(level, name), static_cast<std::int32_t>(slots.size())).first->second;
    }
};

/// What one scope knows of its names while it is analysed. Copied for each branch of an `if`. Thread: one.
class Symbols {
public:
    struct Location {
        FunctionScope* function = nullptr;
        std::int32_t slot = 0;
    };

    Symbols(const Symbols* parent, FunctionScope& function)
        : m_parent(parent), m_function(&function), m_level(parent == nullptr ? 0 : parent->m_level + 1) {}

    /// The name is read here.
    void load(const std::string& name);
    /// The name is assigned here.
    void store(const std::string& name);
    /// The name is a parameter of this scope: set before the scope is entered.
    void declareParameter(const std::string& name);
    /// Joins what the branches of an `if` did, each a copy of this as it was before.
    void joinBranches(const std::vector<Symbols>& branches);

    /// Where the name lives; it was loaded or stored in this scope or one around it, or this returns null.
    [[nodiscard]] const Location* find(const std::string& name) const;
    /// The scope's start, as seen from `function`.
    [[nodiscard]] Scope entries() const;
    [[nodiscard]] FunctionScope& function() const { return *m_function; }

    /// `location` as code of `from` reaches it.
    [[nodiscard]] static VariableRef reference(const Location& location, const FunctionScope& from);

private:
    enum class Load : std::uint8_t { Unset, Context, Copy, Parameter };
    struct Symbol {
        Location location;
        Load load = Load::Unset;
        Location outer; ///< for Copy
    };

    void define(const std::string& name, Load load, const Location* outer);

    const Symbols* m_parent;
    FunctionScope* m_function;
    std::int32_t m_level;
    std::map<std::string, Symbol> m_symbols;
    std::set<std::string> m_stores;
};

} // namespace hearth::jinja
