#pragma once

#include "kernels/cpu/stage.h"

#include <memory>
#include <vector>

namespace hearth {

/// Cosines and sines of one kind of rope for the rows of a step. Angles are computed in double and rounded once.
class RopeTable {
public:
    RopeTable(const Program& program, const Rope& rope);

    /// Whether `rope` turns by the same angles.
    [[nodiscard]] bool serves(const Rope& rope) const;
    [[nodiscard]] std::int32_t pairs() const { return static_cast<std::int32_t>(m_frequencies.size()); }
    /// Fills row `row` from the step's positions.
    void fillRow(const StepState& state, std::int32_t row);
    /// (pairs) of a filled row.
    [[nodiscard]] const float* cosines(std::int32_t row) const { return m_cosines.data() + offset(row); }
    [[nodiscard]] const float* sines(std::int32_t row) const { return m_sines.data() + offset(row); }

private:
    [[nodiscard]] std::size_t offset(std::int32_t row) const {
        return static_cast<std::size_t>(row) * m_frequencies.size();
    }

    Rope m_rope;
    std::vector<double> m_frequencies; ///< radians per position of each pair
    std::vector<std::uint8_t> m_axes;  ///< of each pair: 0 .. 3 for t, h, w, e; empty for one axis
    std::vector<float> m_cosines;
    std::vector<float> m_sines;
};

/// The first stage of a program that rotates: fills every table once for all layers.
class RopeTablesStage final : public Stage {
public:
    /// The table for `rope`, made if no op before had the same; null if it does not rotate.
    const RopeTable* tableFor(const Program& program, const Rope& rope);

    [[nodiscard]] std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override;
    void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) override;

private:
    std::vector<std::unique_ptr<RopeTable>> m_tables;
    Split m_split;
};

} // namespace hearth
