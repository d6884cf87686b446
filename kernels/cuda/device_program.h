#pragma once

#include "kernels/cuda/cache_pool.h"
#include "kernels/cuda/device_memory.h"
#include "kernels/cuda/device_types.h"
#include "kernels/cuda/weight_store.h"

#include <map>
#include <memory>
#include <vector>

namespace hearth::cuda {

/// A program's tables on the device: weights, expanded vectors, turning speeds, the arena and scratch memory.
/// Thread: one at a time.
class DeviceProgram {
public:
    /// Uploads what the ops use. Errors: OutOfMemory, Device.
    [[nodiscard]] static Result<std::unique_ptr<DeviceProgram>> create(Program program, CudaCachePool* pool,
                                                                       std::shared_ptr<WeightStore> store);

    [[nodiscard]] const Program& program() const { return m_program; }
    [[nodiscard]] CudaCachePool* pool() const { return m_pool; }
    [[nodiscard]] const Grids& grids() const { return m_grids; }
    [[nodiscard]] std::int32_t columns(BufferId buffer) const {
        return m_program.buffers[static_cast<std::size_t>(buffer)].columns;
    }
    template <typename T = float>
    [[nodiscard]] T* buffer(BufferId buffer) const {
        return m_arena.data<T>(m_program.plan.offsets[static_cast<std::size_t>(buffer)]);
    }
    /// No weight: data is null.
    [[nodiscard]] Matrices matrices(WeightId id) const;
    /// Null without weight.
    [[nodiscard]] const float* floats(WeightId id) const;
    /// width: what the norm's parts measure if it has no weight.
    [[nodiscard]] DeviceNorm norm(const Norm& norm, std::int32_t width) const;
    /// Of an op that was prepared, by its place in the list.
    [[nodiscard]] const DeviceRope& rope(std::size_t op) const { return m_ropes.at(op); }
    [[nodiscard]] const float* slopes(std::size_t op) const { return m_slopes.at(op).data<float>(); }

    /// Memory for one op's intermediate numbers; what an earlier op took is free again after beginOp().
    void beginOp() { m_scratchUsed = 0; }
    [[nodiscard]] Result<float*> scratch(std::int64_t floats);

private:
    DeviceProgram(Program program, CudaCachePool* pool, std::shared_ptr<WeightStore> store)
        : m_program(std::move(program)), m_pool(pool), m_store(std::move(store)) {}
    [[nodiscard]] Status prepare(std::size_t index);
    [[nodiscard]] Status useMatrices(WeightId id);
    [[nodiscard]] Status useFloats(WeightId id);
    [[nodiscard]] Status useNorm(const Norm& norm);
    [[nodiscard]] Status useLinear(const Linear& linear);
    [[nodiscard]] Status useRope(std::size_t op, const Rope& rope);
    [[nodiscard]] Status useSlopes(std::size_t op, float maxBias, std::int32_t heads);

    [[nodiscard]] Status prepareOp(std::size_t index, const EmbedRows& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const NormProject& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const RopeStore& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const Attention& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const ProjectResidual& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const GateUp& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const DownReduce& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const Logits& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const RouteExperts& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const LatentStore& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const HeadProject& op);
    [[nodiscard]] Status prepareOp(std::size_t, const LoadRows&) { return {}; }
    [[nodiscard]] Status prepareOp(std::size_t index, const NormRows& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const DeltaStep& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const ShortConvolution& op);
    [[nodiscard]] Status prepareOp(std::size_t index, const PoolRows& op);
    [[nodiscard]] Status prepareOp(std::size_t, const SelectSlots&) { return {}; }

    Program m_program;
    CudaCachePool* m_pool;
    std::shared_ptr<WeightStore> m_store;
    Grids m_grids;
    std::map<WeightId, std::shared_ptr<DeviceMemory>> m_matrices;
    std::map<WeightId, std::shared_ptr<DeviceMemory>> m_floats;
    std::map<std::size_t, DeviceRope> m_ropes;
    std::map<std::size_t, DeviceMemory> m_slopes;
    std::vector<DeviceMemory> m_tables; ///< of the ropes
    DeviceMemory m_arena;
    DeviceMemory m_scratch;
    std::size_t m_scratchUsed = 0;
};

} // namespace hearth::cuda
