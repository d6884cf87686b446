#include "engine/text/jinja/objects.h"
#include "engine/text/jinja/operations.h"
#include "engine/text/jinja/unicode.h"

namespace hearth::jinja {
namespace {

// Up to here looking through the entries is as quick as hashing.
constexpr std::size_t kUnindexedEntries = 8;
constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
// What one entry costs beyond its two values: node and bucket of the index.
constexpr std::size_t kIndexBytes = 48;

} // namespace

void Dict::dropChildren() {
    m_entries.clear();
    m_indexByHash.clear();
}

std::size_t Dict::indexOf(std::string_view key, std::size_t hash) const {
    const auto matches = [&](std::size_t index) {
        return m_entries[index].key.isText() && textOf(m_entries[index].key) == key;
    };
    if (m_indexByHash.empty()) {
        for (std::size_t index = 0; index < m_entries.size(); ++index)
            if (matches(index))
                return index;
        return kAbsent;
    }
    for (auto [found, end] = m_indexByHash.equal_range(hash); found != end; ++found)
        if (matches(found->second))
            return found->second;
    return kAbsent;
}

std::size_t Dict::indexOf(const Value& key, std::size_t hash) const {
    if (m_indexByHash.empty()) {
        for (std::size_t index = 0; index < m_entries.size(); ++index)
            if (sameKey(m_entries[index].key, key))
                return index;
        return kAbsent;
    }
    for (auto [found, end] = m_indexByHash.equal_range(hash); found != end; ++found)
        if (sameKey(m_entries[found->second].key, key))
            return found->second;
    return kAbsent;
}

const Value* Dict::find(std::string_view key) const {
    const std::size_t index = indexOf(key, m_indexByHash.empty() ? 0 : hashOf(key));
    return index == kAbsent ? nullptr : &m_entries[index].value;
}

Result<const Value*> Dict::find(const Value& key) const {
    HEARTH_TRY(const std::size_t hash, hashOf(key));
    const std::size_t index = indexOf(key, hash);
    return index == kAbsent ? nullptr : &m_entries[index].value;
}

Status Dict::set(const Value& key, Value value) {
    HEARTH_TRY(const std::size_t hash, hashOf(key));
    const std::size_t index = indexOf(key, hash);
    if (index == kAbsent)
        append(key, std::move(value), hash);
    else
        m_entries[index].value = std::move(value);
    return {};
}

void Dict::append(const Value& key, Value value, std::size_t hash) {
    if (m_entries.size() == kUnindexedEntries)
        for (std::size_t index = 0; index < m_entries.size(); ++index)
            m_indexByHash.emplace(*hashOf(m_entries[index].key), index);
    if (m_entries.size() >= kUnindexedEntries)
        m_indexByHash.emplace(hash, m_entries.size());
    m_entries.push_back({key, std::move(value)});
    heap().charge(*this, sizeof(Entry) + kIndexBytes);
}

std::size_t Text::length() const {
    if (!m_length)
        m_length = codePointCount(bytes);
    return *m_length;
}

} // namespace hearth::jinja
