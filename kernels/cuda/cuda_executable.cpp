#include "kernels/cuda/cuda_executable.h"

#include "kernels/api/check.h"
#include "kernels/cuda/run_op.h"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace hearth::cuda {

namespace {

// So many ops of a prompt are put into the stream before the stop token is looked at again.
constexpr std::size_t kOpsBetweenStops = 16;
constexpr std::size_t kPartAlignment = 16;

} // namespace

struct CudaExecutable::Upload {
    DeviceStep step;
    std::vector<const std::int32_t*> tables;
};

CudaExecutable::CudaExecutable(std::unique_ptr<DeviceProgram> device, Timing timing)
    : m_device(std::move(device)), m_timing(timing), m_kept(m_device->program().kept.size()) {
    // Without a stream of its own the work goes into the default one.
    if (cudaStreamCreateWithFlags(&m_stream, cudaStreamNonBlocking) != cudaSuccess)
        m_stream = nullptr;
}

CudaExecutable::~CudaExecutable() {
    static_cast<void>(cudaStreamSynchronize(m_stream));
    if (m_stream != nullptr)
        static_cast<void>(cudaStreamDestroy(m_stream));
}

Status CudaExecutable::enqueue(const StepState& state) {
    if (m_state)
        return Error{ErrorCode::InvalidInput, "a step is under way: wait for it first"};
    HEARTH_CHECK(checkStep(m_device->program(), state, m_device->pool()));
    m_output.clear();
    for (std::vector<float>& kept : m_kept)
        kept.clear();
    m_state = state;
    return {};
}

/// All of a step in one copy: tokens, positions, output rows, page tables, embeddings.
Status CudaExecutable::upload(const StepState& state, Upload& upload) {
    m_staged.clear();
    const auto stage = [&](std::span<const std::byte> bytes) {
        const std::size_t offset = (m_staged.size() + kPartAlignment - 1) / kPartAlignment * kPartAlignment;
        m_staged.resize(offset + bytes.size());
        std::ranges::copy(bytes, m_staged.begin() + static_cast<std::ptrdiff_t>(offset));
        return offset;
    };
    const std::size_t tokens = stage(std::as_bytes(state.tokens));
    const std::size_t positions = stage(std::as_bytes(state.positions));
    const std::size_t outputRows = stage(std::as_bytes(state.outputRows));
    std::vector<std::size_t> tables{stage(std::as_bytes(state.pageTable))};
    for (const std::span<const std::int32_t> table : state.windowTables)
        tables.push_back(stage(std::as_bytes(table)));
    const std::size_t embeddings = stage(std::as_bytes(state.embeddings));
    if (m_staged.size() > m_step.sizeBytes()) {
        HEARTH_TRY(m_step, DeviceMemory::create(2 * m_staged.size()));
    }
    HEARTH_CHECK(m_step.write(0, m_staged));
    upload.step.tokens = m_step.data<const std::int32_t>(tokens);
    upload.step.positions = m_step.data<const std::int32_t>(positions);
    upload.step.outputRows = m_step.data<const std::int32_t>(outputRows);
    upload.step.embeddings = m_step.data<const float>(embeddings);
    upload.step.rows = static_cast<std::int32_t>(state.tokens.size());
    upload.step.positionsPerRow = static_cast<std::int32_t>(state.positions.size() / state.tokens.size());
    upload.step.outputCount = static_cast<std::int32_t>(state.outputRows.size());
    upload.step.cacheStart = state.cacheStart;
    for (const std::size_t table : tables)
        upload.tables.push_back(m_step.data<const std::int32_t>(table));
    return {};
}

Status CudaExecutable::runOps(const StepState& state, std::stop_token stop) {
    Upload uploaded;
    HEARTH_CHECK(upload(state, uploaded));
    const StepContext context{*m_device,           uploaded.step,   uploaded.tables,
                              state.adapterScales, state.stateSlot, m_stream};
    const std::size_t count = m_device->program().ops.size();
    for (std::size_t index = 0; index < count; ++index) {
        const bool looksUp = index % kOpsBetweenStops == 0 || m_timing == Timing::PerOp;
        if (looksUp && uploaded.step.rows > 1)
            HEARTH_CHECK(statusOf(cudaStreamSynchronize(m_stream), "computing a step"));
        if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, "stopped before op " + std::to_string(index)};
        const auto start = std::chrono::steady_clock::now();
        HEARTH_CHECK(runOp(index, context));
        if (m_timing == Timing::PerOp) {
            HEARTH_CHECK(statusOf(cudaStreamSynchronize(m_stream), opName(m_device->program().ops[index])));
            const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
            m_timings.push_back({static_cast<std::int32_t>(index), seconds.count(),
                                 costOf(m_device->program(), m_device->program().ops[index], uploaded.step.rows,
                                        state.cacheStart + uploaded.step.rows)});
        }
    }
    return statusOf(cudaStreamSynchronize(m_stream), "computing a step");
}

Status CudaExecutable::wait(std::stop_token stop) {
    if (!m_state)
        return Error{ErrorCode::InvalidInput, "no step to wait for"};
    const StepState state = *std::exchange(m_state, std::nullopt);
    m_timings.clear();
    const Status ran = runOps(state, stop);
    if (!ran.ok()) {
        static_cast<void>(cudaStreamSynchronize(m_stream));
        return ran;
    }
    return fetch(state);
}

Status CudaExecutable::fetchBuffer(BufferId buffer, std::size_t rows, std::vector<float>& out) const {
    out.resize(rows * static_cast<std::size_t>(m_device->columns(buffer)));
    if (out.empty())
        return {};
    return statusOf(
        cudaMemcpy(out.data(), m_device->buffer(buffer), out.size() * sizeof(float), cudaMemcpyDeviceToHost),
        "copying results from the GPU");
}

Status CudaExecutable::fetch(const StepState& state) {
    const Program& program = m_device->program();
    if (program.output != kNoBuffer) {
        const bool pools = !program.ops.empty() && std::holds_alternative<PoolRows>(program.ops.back());
        HEARTH_CHECK(fetchBuffer(program.output, pools ? 1 : state.outputRows.size(), m_output));
    }
    for (std::size_t index = 0; index < m_kept.size(); ++index)
        HEARTH_CHECK(fetchBuffer(program.kept[index], state.tokens.size(), m_kept[index]));
    return {};
}

std::span<const float> CudaExecutable::values(BufferId buffer) const {
    const std::vector<BufferId>& kept = m_device->program().kept;
    const auto found = std::ranges::find(kept, buffer);
    if (found == kept.end())
        return {};
    return m_kept[static_cast<std::size_t>(found - kept.begin())];
}

} // namespace hearth::cuda
