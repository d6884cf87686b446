#pragma once

#include "kernels/api/backend.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// Which page of a CachePool holds which tokens of which sequence. Pages form a tree: a page follows its parent and
/// holds the next kPageTokens tokens, so that everything with a common beginning (a conversation's branches, a
/// regenerated answer, two questions on one document) shares its pages. One sequence is open at a time; the pages of
/// closed ones stay findable until they are needed, least recently used leaves first.
/// A model with recurrent states can only go on where a state was kept: slot 0 of the pool belongs to the open
/// sequence, the others hold copies made by keepState(), the least recently used making room. Thread: one at a time.
class KvCache {
public:
    /// The pool outlives the cache.
    explicit KvCache(CachePool& pool);

    enum class Reuse : std::uint8_t { No, Yes };

    /// Closes the open sequence and opens one that begins with `tokens`. The result: how many of them are already in
    /// its pages, never all (the last must be computed to know what follows it).
    [[nodiscard]] std::int32_t open(std::span<const std::int32_t> tokens, Reuse reuse);

    /// Makes room for `count` tokens behind those committed. Errors: OutOfMemory if the pool is too small.
    [[nodiscard]] Status reserve(std::int32_t count);

    /// Says that the next tokens of the open sequence have been computed into their slots, which were reserved.
    void commit(std::span<const std::int32_t> tokens);

    /// Keeps a copy of the recurrent states as they are after the committed tokens, so that a later sequence can go on
    /// from here. Nothing happens if the pool has no states.
    void keepState();

    /// Tokens of the open sequence that are committed.
    [[nodiscard]] std::int32_t length() const { return m_length; }
    /// Physical pages of the open sequence, in order; covers what was reserved.
    [[nodiscard]] std::span<const std::int32_t> pageTable() const { return m_table; }

    /// A number that no other sequence has had since this cache was made.
    [[nodiscard]] std::uint64_t sequence() const { return m_clock; }

    /// Forgets every sequence.
    void clear();

private:
    static constexpr std::int32_t kNoPage = -1;

    struct Page {
        std::int32_t parent = kNoPage;
        std::vector<std::int32_t> tokens;
        std::uint64_t lastUse = 0;
        bool inUse = false; ///< holds tokens, or belongs to the open sequence
        bool isOpen = false;
    };
    struct Match {
        std::int32_t page = kNoPage;
        std::int32_t tokens = 0;
    };

    /// A copy of the states, and the tokens that led to it.
    struct KeptState {
        std::vector<std::int32_t> tokens;
        std::uint64_t lastUse = 0;
    };

    void close();
    /// Takes pages that hold the beginning of `tokens`, at most `most` of them.
    void takeShared(std::span<const std::int32_t> tokens, std::int32_t most);
    /// The same for a model with states: as far as the longest kept state whose pages are still there.
    void takeSharedWithState(std::span<const std::int32_t> tokens);
    [[nodiscard]] Match longestMatch(std::int32_t parent, std::span<const std::int32_t> tokens) const;
    [[nodiscard]] std::int32_t takePage();
    void append(std::int32_t page);

    CachePool& m_pool;
    std::vector<Page> m_pages;
    std::vector<KeptState> m_states; ///< entry i is in slot i + 1 of the pool
    std::vector<std::int32_t> m_table;
    std::vector<std::int32_t> m_tokens; ///< of the open sequence; only kept where there are states
    std::int32_t m_length = 0;
    std::uint64_t m_clock = 0;
};

} // namespace hearth
