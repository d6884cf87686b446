#pragma once

#include <cstddef>
#include <cstdint>

namespace hearth::jinja {

/// What one render may use. Templates come with model files, so they are not trusted to end.
struct Limits {
    /// Nodes evaluated, items iterated, and 256 bytes of text made each count one. The longest real conversations
    /// (thousands of messages) stay below a twentieth of it; the whole takes a few seconds.
    std::uint64_t steps = 40'000'000;
    /// Held at once by values and output.
    std::size_t memoryBytes = 512U << 20U;
    std::size_t outputBytes = 64U << 20U;
    /// Evaluations inside evaluations: macro calls, nested values, recursive loops. Measured: 1 MiB of stack.
    std::int32_t depth = 1000;
};

} // namespace hearth::jinja
