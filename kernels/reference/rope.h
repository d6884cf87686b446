#pragma once

#include "kernels/api/program.h"

#include <span>
#include <vector>

namespace hearth::reference {

/// Rotary position embedding as Rope describes it, all in double.
class Rotation {
public:
    Rotation(const Program& program, const Rope& rope);
    /// Turns the first rope.dimensions values of one head. positions: one, or four (t, h, w, e) with sections.
    void apply(std::span<double> head, std::span<const std::int32_t> positions) const;

private:
    [[nodiscard]] std::size_t axisOf(std::int32_t pair) const;

    Rope m_rope;
    std::vector<double> m_frequencies; ///< radians per position, one a pair
};

} // namespace hearth::reference
