#include "kernels/cpu/rope_tables.h"

#include "kernels/api/rope_angles.h"
#include "kernels/cpu/owned_norm.h"

#include <cmath>

namespace hearth {

namespace {

constexpr std::int32_t kRowsPerChunk = 16;

} // namespace

RopeTable::RopeTable(const Program& program, const Rope& rope) : m_rope(rope) {
    RopeAngles angles = ropeAngles(rope, ownedVector(program, rope.factors));
    m_frequencies = std::move(angles.frequencies);
    m_axes = std::move(angles.axes);
    m_cosines.resize(m_frequencies.size() * static_cast<std::size_t>(program.maxRows));
    m_sines.resize(m_cosines.size());
}

bool RopeTable::serves(const Rope& rope) const {
    // The layout says which columns make a pair, not how far they turn.
    return rope.dimensions == m_rope.dimensions && rope.base == m_rope.base
           && rope.frequencyScale == m_rope.frequencyScale && rope.factors == m_rope.factors
           && rope.extrapolationFactor == m_rope.extrapolationFactor && rope.originalContext == m_rope.originalContext
           && rope.betaFast == m_rope.betaFast && rope.betaSlow == m_rope.betaSlow && rope.magnitude == m_rope.magnitude
           && rope.sections == m_rope.sections && rope.interleaved == m_rope.interleaved;
}

void RopeTable::fillRow(const StepState& state, std::int32_t row) {
    float* cosines = m_cosines.data() + offset(row);
    float* sines = m_sines.data() + offset(row);
    const std::size_t axes = m_axes.empty() ? 1 : 4;
    const std::int32_t* position = state.positions.data() + static_cast<std::size_t>(row) * axes;
    for (std::size_t pair = 0; pair < m_frequencies.size(); ++pair) {
        const double angle = position[m_axes.empty() ? 0 : m_axes[pair]] * m_frequencies[pair];
        cosines[pair] = static_cast<float>(std::cos(angle) * m_rope.magnitude);
        sines[pair] = static_cast<float>(std::sin(angle) * m_rope.magnitude);
    }
}

const RopeTable* RopeTablesStage::tableFor(const Program& program, const Rope& rope) {
    if (rope.layout == RopeLayout::None || rope.dimensions == 0)
        return nullptr;
    for (const auto& table : m_tables)
        if (table->serves(rope))
            return table.get();
    m_tables.push_back(std::make_unique<RopeTable>(program, rope));
    return m_tables.back().get();
}

std::int32_t RopeTablesStage::beginPhase(std::int32_t phase, const StepContext& step) {
    if (phase > 0)
        return PhasedWork::kNoMorePhases;
    m_split = {m_tables.empty() ? 0 : step.rows, kRowsPerChunk};
    return m_split.chunks();
}

void RopeTablesStage::runChunk(std::int32_t, std::int32_t chunk, std::int32_t, const StepContext& step) {
    const std::int32_t first = m_split.first(chunk);
    for (const auto& table : m_tables)
        for (std::int32_t row = first; row < first + m_split.size(chunk); ++row)
            table->fillRow(*step.state, row);
}

} // namespace hearth
