#include "kernels/cuda/weight_store.h"

#include "kernels/quant/dequantise.h"
#include "kernels/quant/grids.h"

#include <vector>

namespace hearth::cuda {

namespace {

template <typename Grid>
Status placeGrid(DeviceMemory& memory, std::size_t& used, const Grid& grid, const typename Grid::value_type*& out) {
    out = memory.data<typename Grid::value_type>(used);
    const auto bytes = std::as_bytes(std::span(grid));
    HEARTH_CHECK(memory.write(used, bytes));
    used += bytes.size();
    return {};
}

} // namespace

std::shared_ptr<DeviceMemory> WeightStore::known(const Key& key) {
    const auto found = m_weights.find(key);
    return found == m_weights.end() ? nullptr : found->second.lock();
}

Result<std::shared_ptr<DeviceMemory>> WeightStore::upload(const WeightView& view) {
    const std::lock_guard lock(m_mutex);
    const Key key{view.data, view.sizeBytes(), view.matrixStrideBytes, false};
    if (auto memory = known(key))
        return memory;
    HEARTH_TRY(DeviceMemory memory, DeviceMemory::create(view.sizeBytes()));
    for (std::int32_t matrix = 0; matrix < view.matrices; ++matrix) {
        const std::size_t bytes = view.matrixSizeBytes();
        HEARTH_CHECK(memory.write(static_cast<std::size_t>(matrix) * bytes, {view.matrixData(matrix), bytes}));
    }
    auto shared = std::make_shared<DeviceMemory>(std::move(memory));
    m_weights[key] = shared;
    return shared;
}

Result<std::shared_ptr<DeviceMemory>> WeightStore::uploadFloats(const WeightView& view) {
    const std::lock_guard lock(m_mutex);
    const Key key{view.data, view.sizeBytes(), view.matrixStrideBytes, true};
    if (auto memory = known(key))
        return memory;
    const auto columns = static_cast<std::size_t>(view.columns);
    const auto rows = static_cast<std::size_t>(view.rows);
    std::vector<float> numbers(columns * rows * static_cast<std::size_t>(view.matrices));
    for (std::size_t row = 0; row < rows * static_cast<std::size_t>(view.matrices); ++row) {
        const std::byte* matrix = view.matrixData(static_cast<std::int32_t>(row / rows));
        dequantiseRow(view.dtype, matrix + row % rows * view.rowSizeBytes(), view.columns, &numbers[row * columns]);
    }
    HEARTH_TRY(DeviceMemory memory, DeviceMemory::create(numbers.size() * sizeof(float)));
    HEARTH_CHECK(memory.write(0, std::as_bytes(std::span(numbers))));
    auto shared = std::make_shared<DeviceMemory>(std::move(memory));
    m_weights[key] = shared;
    return shared;
}

Result<Grids> WeightStore::grids() {
    const std::lock_guard lock(m_mutex);
    if (m_gridMemory.sizeBytes() > 0)
        return m_grids;
    HEARTH_TRY(m_gridMemory, DeviceMemory::create(sizeof(kIq2XxsGrid) + sizeof(kIq2XsGrid) + sizeof(kIq2SGrid)
                                                  + sizeof(kIq3XxsGrid) + sizeof(kIq3SGrid) + sizeof(kIq1Grid)));
    std::size_t used = 0;
    HEARTH_CHECK(placeGrid(m_gridMemory, used, kIq2XxsGrid, m_grids.iq2Xxs));
    HEARTH_CHECK(placeGrid(m_gridMemory, used, kIq2XsGrid, m_grids.iq2Xs));
    HEARTH_CHECK(placeGrid(m_gridMemory, used, kIq2SGrid, m_grids.iq2S));
    HEARTH_CHECK(placeGrid(m_gridMemory, used, kIq3XxsGrid, m_grids.iq3Xxs));
    HEARTH_CHECK(placeGrid(m_gridMemory, used, kIq3SGrid, m_grids.iq3S));
    HEARTH_CHECK(placeGrid(m_gridMemory, used, kIq1Grid, m_grids.iq1));
    return m_grids;
}

} // namespace hearth::cuda
