#pragma once

#include <cstdint>

namespace hearth {

/// What was written of a sequence to be taken up later.
struct SavedSequence {
    std::int32_t tokens = 0;
    std::uint64_t sizeBytes = 0;
};

} // namespace hearth
