#pragma once

#include "kernels/api/backend.h"
#include "kernels/cuda/device_program.h"

#include <optional>
#include <vector>

namespace hearth::cuda {

/// A program on one GPU: a step's state goes over in one copy, the ops follow in one stream, what the host wants to see
/// comes back at the end.
class CudaExecutable final : public Executable {
public:
    CudaExecutable(std::unique_ptr<DeviceProgram> device, Timing timing);
    ~CudaExecutable() override;

    [[nodiscard]] Status enqueue(const StepState& state) override;
    [[nodiscard]] Status wait(std::stop_token stop) override;
    [[nodiscard]] std::span<const float> output() const override { return m_output; }
    [[nodiscard]] std::span<const float> values(BufferId buffer) const override;
    [[nodiscard]] std::vector<OpTiming> timings() const override { return m_timings; }

private:
    struct Upload; ///< where the parts of a step lie in its copy
    [[nodiscard]] Status runOps(const StepState& state, std::stop_token stop);
    [[nodiscard]] Status fetch(const StepState& state);
    [[nodiscard]] Status fetchBuffer(BufferId buffer, std::size_t rows, std::vector<float>& out) const;
    [[nodiscard]] Status upload(const StepState& state, Upload& upload);

    std::unique_ptr<DeviceProgram> m_device;
    Timing m_timing;
    cudaStream_t m_stream = nullptr;
    DeviceMemory m_step; ///< the state of a step
    std::vector<std::byte> m_staged;
    std::optional<StepState> m_state; ///< handed over and not yet run
    std::vector<float> m_output;
    std::vector<std::vector<float>> m_kept; ///< one for each of Program::kept
    std::vector<OpTiming> m_timings;
};

} // namespace hearth::cuda
