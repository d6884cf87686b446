#include "kernels/cpu/rope_tables.h"

#include "kernels/cpu/owned_norm.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hearth {

namespace {

constexpr std::int32_t kRowsPerChunk = 16;

/// The pair that turns `turns` times within the original context (arXiv 2309.00071, section 3.2).
double correctionPair(const Rope& rope, double turns) {
    const double context = rope.originalContext;
    return rope.dimensions * std::log(context / (turns * 2.0 * std::numbers::pi))
           / (2.0 * std::log(static_cast<double>(rope.base)));
}

/// 1 where YaRN keeps a pair's own frequency, 0 where it is scaled.
double extrapolationShare(const Rope& rope, std::int32_t pair) {
    if (rope.extrapolationFactor == 0.0F)
        return 0.0;
    const double low = std::max(0.0, std::floor(correctionPair(rope, rope.betaFast)));
    const double high = std::min(rope.dimensions - 1.0, std::ceil(correctionPair(rope, rope.betaSlow)));
    const double ramp = (pair - low) / std::max(0.001, high - low);
    return (1.0 - std::clamp(ramp, 0.0, 1.0)) * rope.extrapolationFactor;
}

/// Which of the axes t, h, w, e turns `pair`.
std::uint8_t axisOf(const Rope& rope, std::int32_t pair) {
    const auto& sections = rope.sections;
    const std::int32_t total = sections[0] + sections[1] + sections[2] + sections[3];
    const std::int32_t place = pair % total;
    if (rope.interleaved) {
        constexpr std::uint8_t kExtra = 3;
        const auto axis = static_cast<std::uint8_t>(place % 3);
        return place < 3 * sections[axis] ? axis : kExtra;
    }
    std::int32_t end = 0;
    for (std::uint8_t axis = 0; axis < 4; ++axis) {
        end += sections[axis];
        if (place < end)
            return axis;
    }
    return 3;
}

} // namespace

RopeTable::RopeTable(const Program& program, const Rope& rope) : m_rope(rope) {
    const auto pairs = static_cast<std::size_t>(rope.dimensions / 2);
    const std::vector<float> factors = ownedVector(program, rope.factors);
    const bool multiAxis = std::ranges::any_of(rope.sections, [](std::int32_t count) { return count > 0; });
    for (std::size_t pair = 0; pair < pairs; ++pair) {
        const auto index = static_cast<std::int32_t>(pair);
        const double own = std::pow(static_cast<double>(rope.base), -2.0 * index / rope.dimensions)
                           / (factors.empty() ? 1.0 : static_cast<double>(factors[pair]));
        const double share = extrapolationShare(rope, index);
        m_frequencies.push_back(own * rope.frequencyScale * (1.0 - share) + own * share);
        if (multiAxis)
            m_axes.push_back(axisOf(rope, index));
    }
    m_cosines.resize(pairs * static_cast<std::size_t>(program.maxRows));
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
