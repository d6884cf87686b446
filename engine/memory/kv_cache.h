#pragma once

#include "engine/memory/window_pages.h"
#include "kernels/api/backend.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// Where the numbers of pages come from that were computed before: a saved sequence.
class PageSource {
public:
    virtual ~PageSource() = default;
    /// Whether it has a logical page of the sequence in this page class.
    [[nodiscard]] virtual bool has(std::int32_t pageClass, std::int32_t logical) const = 0;
    /// Writes what it has into a page of the pool.
    [[nodiscard]] virtual Status fill(std::int32_t pageClass, std::int32_t logical, std::int32_t page) = 0;
};

/// Which page of a CachePool holds which tokens of which sequence. Pages form a tree: a page follows its parent and
/// holds the next kPageTokens tokens, so that everything with a common beginning (a conversation's branches, a
/// regenerated answer, two questions on one document) shares its pages. One sequence is open at a time; the pages of
/// closed ones stay findable until they are needed, least recently used leaves first.
/// Windowed page classes have fewer pages than the tree: one by one they belong to the pages of the tree that the open
/// sequence still looks at, and to those where sequences ended. A sequence goes on only where its windows are there.
/// A model with recurrent states can only go on where a state was kept: slot 0 of the pool belongs to the open
/// sequence, the last one its mark, those between hold copies made by keepState(), the least recently used making room.
/// Thread: one at a time.
class KvCache {
public:
    /// windows: of the pool's page classes 1 and above, as Program::windows. The pool outlives the cache.
    explicit KvCache(CachePool& pool, std::span<const std::int32_t> windows = {});

    enum class Reuse : std::uint8_t { No, Yes };

    /// Closes the open sequence and opens one that begins with `tokens`. The result: how many of them are already in
    /// its pages, never all (the last must be computed to know what follows it).
    [[nodiscard]] std::int32_t open(std::span<const std::int32_t> tokens, Reuse reuse);

    /// Makes room for `count` tokens behind those committed. Errors: OutOfMemory if the pool is too small.
    [[nodiscard]] Status reserve(std::int32_t count);

    /// Says that the next tokens of the open sequence have been computed into their slots, which were reserved.
    void commit(std::span<const std::int32_t> tokens);

    /// Notes that a later sequence may go on from here: keeps the windows as they are after the committed tokens, and
    /// a copy of the recurrent states.
    void keepState();

    /// Whether the pool has recurrent states.
    [[nodiscard]] bool hasStates() const { return m_pool.stateSlotCount() > 0; }
    /// Remembers the states as they are now, in place of those remembered before; goBackToMark() brings them back, as
    /// long as the sequence is open. Nothing happens without states.
    void markState();
    void goBackToMark();
    /// Says that a step has broken off: the states fit no place of the sequence, and keepState() keeps nothing until
    /// another is opened.
    void loseState() { m_stateIsLost = true; }

    /// Tokens of the open sequence that are committed.
    [[nodiscard]] std::int32_t length() const { return m_length; }
    /// Physical pages of the open sequence, in order; covers what was reserved.
    [[nodiscard]] std::span<const std::int32_t> pageTable() const { return m_table; }
    /// The same for the page classes 1 and above, as StepState::windowTables.
    [[nodiscard]] std::span<const std::span<const std::int32_t>> windowTables() const { return m_tableSpans; }

    /// A number that no other sequence has had since this cache was made.
    [[nodiscard]] std::uint64_t sequence() const { return m_clock; }

    /// The committed tokens of the open sequence.
    [[nodiscard]] std::vector<std::int32_t> tokens() const;
    /// Whether somebody may go on from a windowed page of the open sequence: what saving it should not leave out.
    [[nodiscard]] bool isWindowKept(std::int32_t pageClass, std::int32_t logical) const;
    /// A copy of the states that belongs to the first `tokens` tokens of the open sequence.
    struct StateCopy {
        std::int32_t tokens = 0;
        std::int32_t slot = 0;
    };
    /// Those of the open sequence, longest first.
    [[nodiscard]] std::vector<StateCopy> stateCopies() const;

    /// Closes the open sequence and opens one that holds `tokens`, all of them: pages that are not there come from
    /// `source`. The result: how many tokens it holds, which may be fewer (a full pool, a source that failed).
    [[nodiscard]] std::int32_t restore(std::span<const std::int32_t> tokens, PageSource& source);
    /// A slot for a copy of the states after the first `count` tokens of the open sequence; the caller fills it. The
    /// pool has states.
    [[nodiscard]] std::int32_t takeStateSlot(std::int32_t count);
    /// Forgets what a slot holds: it could not be filled.
    void dropState(std::int32_t slot);

    /// Forgets every sequence.
    void clear();

private:
    static constexpr std::int32_t kNoPage = -1;

    struct Page {
        std::int32_t parent = kNoPage;
        std::int32_t children = 0;
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

    [[nodiscard]] Page& pageAt(std::int32_t page) { return m_pages[static_cast<std::size_t>(page)]; }
    [[nodiscard]] const Page& pageAt(std::int32_t page) const { return m_pages[static_cast<std::size_t>(page)]; }

    void close();
    /// Takes pages that hold the beginning of `tokens`, at most `most` of them, as far as a sequence can go on there.
    void takeShared(std::span<const std::int32_t> tokens, std::int32_t most);
    /// The same for a model with states: as far as the longest kept state whose pages are still there.
    void takeSharedWithState(std::span<const std::int32_t> tokens);
    /// The pages that hold the beginning of `tokens`, and how much of it each.
    [[nodiscard]] std::vector<Match> follow(std::span<const std::int32_t> tokens, std::int32_t most) const;
    /// The most tokens of `path` after which every window is there.
    [[nodiscard]] std::int32_t usableLength(std::span<const Match> path) const;
    [[nodiscard]] Match longestMatch(std::int32_t parent, std::span<const std::int32_t> tokens) const;
    /// A page that begins as `match` says; kNoPage if there is no room.
    [[nodiscard]] std::int32_t copyBeginning(const Match& match);
    [[nodiscard]] std::int32_t takePage();
    void append(std::int32_t page);
    void setParent(std::int32_t page, std::int32_t parent);
    /// Gives a page back, with its windows; it has no children.
    void release(std::int32_t page);
    /// A windowed page for a page of the tree; `other` keeps its own. False if there is no room.
    [[nodiscard]] bool takeWindow(WindowPages& windows, std::int32_t page, std::int32_t other = kNoPage);
    /// Lets the pages that stood behind another page of the same content follow this one, which has just become full.
    void mergeTwins(std::int32_t page);
    /// The next page of a sequence that is restored. False if it cannot be had.
    [[nodiscard]] bool appendRestored(std::int32_t logical, std::span<const std::int32_t> tokens, PageSource& source);
    void keepWindows();
    void refreshTables();
    /// The first logical page that the open sequence still looks at, with some to spare.
    [[nodiscard]] std::int32_t firstNeeded(const WindowPages& windows) const;

    CachePool& m_pool;
    std::vector<Page> m_pages;
    std::vector<WindowPages> m_windows; ///< by page class, less 1
    std::vector<KeptState> m_states;    ///< entry i is in slot i + 1 of the pool
    std::vector<std::int32_t> m_table;
    std::vector<std::vector<std::int32_t>> m_windowTables;
    std::vector<std::span<const std::int32_t>> m_tableSpans;
    std::vector<std::int32_t> m_needed; ///< kept, so that a decode step allocates nothing
    std::vector<std::int32_t> m_tokens; ///< of the open sequence; only kept where there are states
    std::int32_t m_length = 0;
    std::uint64_t m_clock = 0;
    bool m_stateIsLost = false;
};

} // namespace hearth
