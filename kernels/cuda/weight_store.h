#pragma once

#include "kernels/cuda/device_memory.h"
#include "kernels/cuda/device_types.h"
#include "kernels/cuda/expand_grids.h"

#include <map>
#include <memory>
#include <mutex>
#include <tuple>

namespace hearth::cuda {

/// Weights in device memory, each once however many programs use it; freed with the last program that does.
/// Thread: any.
class WeightStore {
public:
    /// The weight as it lies in the file, its matrices one after another. Errors: OutOfMemory, Device.
    [[nodiscard]] Result<std::shared_ptr<DeviceMemory>> upload(const WeightView& view);
    /// Its numbers as floats, row after row: for biases, norms and other small ones.
    [[nodiscard]] Result<std::shared_ptr<DeviceMemory>> uploadFloats(const WeightView& view);
    /// The grids of the IQ types; made at the first call.
    [[nodiscard]] Result<Grids> grids();

private:
    /// Where the bytes come from, how many, how far apart matrices lie, and whether they were expanded.
    using Key = std::tuple<const std::byte*, std::size_t, std::size_t, bool>;
    [[nodiscard]] std::shared_ptr<DeviceMemory> known(const Key& key);

    std::mutex m_mutex;
    std::map<Key, std::weak_ptr<DeviceMemory>> m_weights;
    DeviceMemory m_gridMemory;
    Grids m_grids;
};

} // namespace hearth::cuda
