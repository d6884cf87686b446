#pragma once

#include <atomic>
#include <cstddef>
#include <span>
#include <thread>
#include <vector>

namespace hearth {

/// Enters those pages of mapped files into this process's page tables that the system already holds in memory, so that
/// the first tokens do not stop at each of them. Nothing is read from the disk for it. Works on a thread of its own,
/// which ends with the object; where the system cannot do it, pages come one by one as before. Thread: one.
class PageMapper {
public:
    /// The ranges stay mapped as long as the object lives.
    explicit PageMapper(std::vector<std::span<const std::byte>> ranges);
    /// Until everything that can be entered is.
    void wait();
    /// Whether every page of the ranges was in memory and is entered. Thread: any.
    [[nodiscard]] bool isComplete() const { return m_isComplete.load(std::memory_order_relaxed); }

private:
    std::atomic<bool> m_isComplete{false};
    std::jthread m_thread; // last: it writes the above
};

} // namespace hearth
