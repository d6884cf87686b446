#pragma once

#include <cstddef>
#include <cstdint>

namespace hearth::jinja {

/// What one render may use. Templates come with model files, so they are not trusted to end.
struct Limits {
    /// Nodes evaluated, items iterated, and 256 bytes of text made each count one: 25 to 50 ns. Conversations of 4,000
    /// messages take under 5 million with nearly all templates; a few (Gemma 4) look back from every message and take
    /// 100 million.
    std::uint64_t steps = 200'000'000;
    /// Held at once by values and output.
    std::size_t memoryBytes = 256U << 20U;
    std::size_t outputBytes = 64U << 20U;
    /// Evaluations inside evaluations: macro calls, nested values, recursive loops. The deepest ones known take 1.2 MB
    /// of stack.
    std::int32_t depth = 1000;
};

} // namespace hearth::jinja
