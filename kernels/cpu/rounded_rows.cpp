#include "kernels/cpu/rounded_rows.h"

namespace hearth {

namespace {

constexpr std::size_t kLaneColumns = 4;
constexpr std::size_t kBlockColumns = 32;

} // namespace

void RoundedRows::layOut(ScratchLayout& layout, std::size_t rows, std::int32_t columns, std::size_t laneRows) {
    m_columns = columns;
    const std::size_t lanes = blocks() * (kBlockColumns / kLaneColumns) * laneRows;
    m_values = layout.add<std::int8_t>(rows * (blocks() * kBlockColumns + 64));
    m_scales = layout.add<float>(rows * blocks());
    m_sums32 = layout.add<float>(rows * blocks());
    m_minus32 = layout.add<std::int32_t>(rows * blocks());
    m_sums16 = layout.add<float>(rows * blocks() * 2);
    m_minus16 = layout.add<std::int32_t>(rows * blocks() * 2);
    m_laneScales = layout.add<float>(lanes);
    m_laneSums = layout.add<float>(lanes);
    m_laneMinus = layout.add<std::int32_t>(lanes);
}

Int8Rows RoundedRows::at(std::byte* scratch, Scales scales, std::size_t first) const {
    Int8Rows rows;
    rows.valueStride = blocks() * kBlockColumns + 64;
    rows.blockStride = blocks();
    rows.values = pieceAt<std::int8_t>(scratch, m_values) + first * rows.valueStride;
    rows.scales = pieceAt<float>(scratch, m_scales) + first * rows.blockStride;
    rows.sums32 = pieceAt<float>(scratch, m_sums32) + first * rows.blockStride;
    rows.minus32 = pieceAt<std::int32_t>(scratch, m_minus32) + first * rows.blockStride;
    rows.sums16 = pieceAt<float>(scratch, m_sums16) + first * rows.blockStride * 2;
    rows.minus16 = pieceAt<std::int32_t>(scratch, m_minus16) + first * rows.blockStride * 2;
    if (scales == Scales::ByLane) {
        rows.laneStride = blocks() * (kBlockColumns / kLaneColumns);
        rows.laneScales = pieceAt<float>(scratch, m_laneScales) + first * rows.laneStride;
        rows.laneSums = pieceAt<float>(scratch, m_laneSums) + first * rows.laneStride;
        rows.laneMinus = pieceAt<std::int32_t>(scratch, m_laneMinus) + first * rows.laneStride;
    }
    return rows;
}

void RoundedRows::round(const VectorKernels& vectors, const float* in, const Int8Rows& out, std::int32_t row,
                        std::int32_t leftOverRow, float* leftOver) const {
    vectors.quantise(in, m_columns, out, row);
    const auto index = static_cast<std::size_t>(row);
    const std::int8_t* values = out.values + index * out.valueStride;
    const bool byLanes = out.laneScales != nullptr;
    const float* scales = byLanes ? out.laneScales + index * out.laneStride : out.scales + index * out.blockStride;
    const std::size_t perBlock = byLanes ? kBlockColumns / kLaneColumns : 1;
    const auto columns = static_cast<std::size_t>(m_columns);
    for (std::size_t start = 0; start < columns; start += kBlockColumns) {
        const float scale = scales[start / kBlockColumns * perBlock];
        for (std::size_t column = start; column < start + kBlockColumns && column < columns; ++column)
            leftOver[column] = in[column] - scale * static_cast<float>(values[column]);
    }
    vectors.quantise(leftOver, m_columns, out, leftOverRow);
}

void addLeftOvers(const float* results, std::int32_t rows, std::size_t width, float* out, std::size_t outStride) {
    for (std::int32_t row = 0; row < rows; ++row) {
        const float* rounded = results + static_cast<std::size_t>(row) * width;
        const float* leftOver = results + static_cast<std::size_t>(rows + row) * width;
        float* sum = out + static_cast<std::size_t>(row) * outStride;
        for (std::size_t column = 0; column < width; ++column)
            sum[column] = rounded[column] + leftOver[column];
    }
}

} // namespace hearth
