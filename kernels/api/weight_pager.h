#pragma once

#include <cstddef>

namespace hearth {

/// Hears which of a routed weight's matrices a step is about to read, so that what is not in memory yet can be fetched
/// whole and ahead of the reading. Thread: the one that opens a phase of the step, one at a time.
class WeightPager {
public:
    virtual ~WeightPager() = default;
    /// Must not block for long and must not allocate.
    virtual void willRead(const std::byte* data, std::size_t sizeBytes) = 0;
};

} // namespace hearth
