#include "engine/text/jinja/scope_symbols.h"

namespace hearth::jinja {

void Symbols::define(const std::string& name, Load load, const Location* outer) {
    Symbol& symbol = m_symbols[name];
    symbol.location = {m_function, m_function->slotOf(m_level, name)};
    symbol.load = load;
    if (outer != nullptr)
        symbol.outer = *outer;
}

const Symbols::Location* Symbols::find(const std::string& name) const {
    for (const Symbols* scope = this; scope != nullptr; scope = scope->m_parent)
        if (const auto found = scope->m_symbols.find(name); found != scope->m_symbols.end())
            return &found->second.location;
    return nullptr;
}

void Symbols::load(const std::string& name) {
    if (find(name) == nullptr)
        define(name, Load::Context, nullptr);
}

void Symbols::store(const std::string& name) {
    m_stores.insert(name);
    if (m_symbols.contains(name))
        return;
    const Location* outer = m_parent == nullptr ? nullptr : m_parent->find(name);
    define(name, outer != nullptr ? Load::Copy : Load::Unset, outer);
}

void Symbols::declareParameter(const std::string& name) {
    m_stores.insert(name);
    define(name, Load::Parameter, nullptr);
}

void Symbols::joinBranches(const std::vector<Symbols>& branches) {
    std::map<std::string, std::size_t> storedIn;
    for (const Symbols& branch : branches)
        for (const std::string& name : branch.m_stores)
            if (!m_stores.contains(name))
                ++storedIn[name];
    for (const Symbols& branch : branches) {
        for (const auto& [name, symbol] : branch.m_symbols)
            m_symbols[name] = symbol;
        m_stores.insert(branch.m_stores.begin(), branch.m_stores.end());
    }
    // A name that only some branches set keeps its outer value in the others.
    for (const auto& [name, count] : storedIn) {
        if (count == branches.size())
            continue;
        Symbol& symbol = m_symbols.at(name);
        const Location* outer = m_parent == nullptr ? nullptr : m_parent->find(name);
        symbol.load = outer != nullptr ? Load::Copy : Load::Context;
        if (outer != nullptr)
            symbol.outer = *outer;
    }
}

VariableRef Symbols::reference(const Location& location, const FunctionScope& from) {
    VariableRef variable{0, location.slot};
    for (const FunctionScope* scope = &from; scope != location.function && scope != nullptr; scope = scope->parent)
        ++variable.hops;
    return variable;
}

Scope Symbols::entries() const {
    Scope scope;
    for (const auto& [name, symbol] : m_symbols) {
        if (symbol.load == Load::Parameter)
            continue;
        ScopeEntry entry;
        entry.slot = symbol.location.slot;
        if (symbol.load == Load::Context) {
            entry.load = ScopeEntry::Load::Context;
            entry.name = name;
        } else if (symbol.load == Load::Copy) {
            entry.load = ScopeEntry::Load::Copy;
            entry.outer = reference(symbol.outer, *m_function);
        }
        scope.push_back(std::move(entry));
    }
    return scope;
}

} // namespace hearth::jinja
