#include "engine/memory/page_mapper.h"

#include <algorithm>
#include <cstdint>

#include <sys/mman.h>
#include <unistd.h>

namespace hearth {

namespace {

// Looked at together: few calls, and the thread still ends soon when it is told to.
constexpr std::size_t kPagesAtOnce = 4096;
// Shorter runs are left to the page faults, which take this many with them.
constexpr std::size_t kShortestRun = 16;

bool isResident(unsigned char page) {
    return (page & 1U) != 0;
}

enum class Mapped { All, Some, Unsupported };

Mapped mapResident(std::uintptr_t first, std::size_t pages, std::size_t pageBytes) {
#ifdef MADV_POPULATE_READ
    std::vector<unsigned char> resident(pages);
    if (::mincore(reinterpret_cast<void*>(first), pages * pageBytes, resident.data()) != 0)
        return Mapped::Unsupported;
    for (auto run = resident.begin(); run != resident.end();) {
        run = std::find_if(run, resident.end(), isResident);
        const auto end = std::find_if_not(run, resident.end(), isResident);
        const auto length = static_cast<std::size_t>(end - run);
        const auto start = static_cast<std::size_t>(run - resident.begin());
        if (length >= kShortestRun
            && ::madvise(reinterpret_cast<void*>(first + start * pageBytes), length * pageBytes, MADV_POPULATE_READ)
                   != 0)
            return Mapped::Unsupported;
        run = end;
    }
    return std::ranges::all_of(resident, isResident) ? Mapped::All : Mapped::Some;
#else
    static_cast<void>(first);
    static_cast<void>(pages);
    static_cast<void>(pageBytes);
    return Mapped::Unsupported;
#endif
}

/// Whether everything was there to be entered.
bool mapAll(const std::stop_token& stop, const std::vector<std::span<const std::byte>>& ranges) {
    bool isComplete = true;
    const auto pageBytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    for (const std::span<const std::byte> range : ranges) {
        const auto address = reinterpret_cast<std::uintptr_t>(range.data());
        const std::uintptr_t end = (address + range.size() + pageBytes - 1) / pageBytes * pageBytes;
        for (std::uintptr_t first = address / pageBytes * pageBytes; first < end; first += kPagesAtOnce * pageBytes) {
            const std::size_t pages = std::min((end - first) / pageBytes, kPagesAtOnce);
            const Mapped mapped = stop.stop_requested() ? Mapped::Unsupported : mapResident(first, pages, pageBytes);
            if (mapped == Mapped::Unsupported)
                return false;
            isComplete = isComplete && mapped == Mapped::All;
        }
    }
    return isComplete;
}

} // namespace

PageMapper::PageMapper(std::vector<std::span<const std::byte>> ranges)
    : m_thread([this, ranges = std::move(ranges)](const std::stop_token& stop) {
          m_isComplete.store(mapAll(stop, ranges), std::memory_order_relaxed);
      }) {}

void PageMapper::wait() {
    if (m_thread.joinable())
        m_thread.join();
}

} // namespace hearth
