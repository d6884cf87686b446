#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// The pages of one windowed page class: which page of KvCache's tree has one. A page of the tree can go without: what
/// slid out of the window makes room for others, unless a sequence may go on from there later. Such pages are kept as
/// long as there are others to take, then the least recently used of them go too. Thread: one at a time.
class WindowPages {
public:
    static constexpr std::int32_t kNone = -1;

    /// window: as Program::windows; pages: of the pool; owners: pages of the tree.
    WindowPages(std::int32_t window, std::int32_t pages, std::int32_t owners);

    [[nodiscard]] std::int32_t window() const { return m_window; }
    /// The class's page of a page of the tree, or kNone.
    [[nodiscard]] std::int32_t of(std::int32_t owner) const { return m_pageOf[static_cast<std::size_t>(owner)]; }
    [[nodiscard]] bool isKept(std::int32_t owner) const;

    /// A page for an owner that has none, and who had to give it up (kNone: it was free).
    struct Taken {
        std::int32_t page = kNone; ///< kNone: every page is in use by the sequence that is open
        std::int32_t formerOwner = kNone;
    };
    /// inUse: owners whose pages must stay.
    [[nodiscard]] Taken take(std::int32_t owner, std::uint64_t clock, std::span<const std::int32_t> inUse);
    void release(std::int32_t owner);
    /// Notes that the owner's page, if it has one, is needed where a sequence ends.
    void keep(std::int32_t owner, std::uint64_t clock);
    void clear();

private:
    struct Page {
        std::int32_t owner = kNone;
        bool isKept = false;
        std::uint64_t lastUse = 0;
    };
    std::int32_t m_window;
    std::vector<Page> m_pages;
    std::vector<std::int32_t> m_pageOf; ///< by owner
};

} // namespace hearth
