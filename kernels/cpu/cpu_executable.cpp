#include "kernels/cpu/cpu_executable.h"

#include "kernels/api/check.h"
#include "kernels/cpu/grouped_stage.h"
#include "kernels/cpu/kernel_choice.h"
#include "kernels/cpu/linear_stage.h"
#include "kernels/cpu/position_stages.h"
#include "kernels/cpu/rope_tables.h"
#include "kernels/cpu/row_stages.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <optional>
#include <utility>

namespace hearth {

namespace {

using Clock = std::chrono::steady_clock;

/// Ops that rotate and so need a table of angles.
template <typename TypedOp>
constexpr bool kTurns = std::is_same_v<TypedOp, RopeStore> || std::is_same_v<TypedOp, LatentStore>;

/// The stages of one program as work for the pool.
class ProgramWork final : public PhasedWork {
public:
    ProgramWork(const Program& program, const StagePlan& plan, Timing timing) : m_timed(timing == Timing::PerOp) {
        auto tables = std::make_unique<RopeTablesStage>();
        RopeTablesStage& ropes = *tables;
        add(std::move(tables), kNoOp);
        for (std::size_t index = 0; index < program.ops.size(); ++index)
            add(std::visit([&](const auto& op) { return make(plan, op, ropes); }, program.ops[index]),
                static_cast<std::int32_t>(index));
        if (m_timed)
            m_seconds.resize(m_stages.size());
    }

    [[nodiscard]] std::size_t sharedBytes() const { return m_sharedBytes; }
    [[nodiscard]] std::size_t workerBytes() const { return m_workerBytes; }

    void reset(const StepContext& step) {
        m_step = step;
        m_stage = 0;
        m_stagePhase = 0;
        m_stageStart = m_timed ? Clock::now() : Clock::time_point{};
        std::fill(m_seconds.begin(), m_seconds.end(), 0.0);
    }

    std::int32_t beginPhase(std::int32_t) override {
        while (m_stage < m_stages.size() && !m_step.cancelled()) {
            const std::int32_t chunks = m_stages[m_stage].stage->beginPhase(m_stagePhase, m_step);
            if (chunks != kNoMorePhases) {
                ++m_stagePhase;
                return chunks;
            }
            endStage();
        }
        return kNoMorePhases;
    }

    void runChunk(std::int32_t, std::int32_t chunk, std::int32_t worker) override {
        if (!m_step.cancelled())
            m_stages[m_stage].stage->runChunk(m_stagePhase - 1, chunk, worker, m_step);
    }

    /// Seconds of the last run by op; empty if not timed.
    [[nodiscard]] std::vector<std::pair<std::int32_t, double>> seconds() const {
        std::vector<std::pair<std::int32_t, double>> result;
        for (std::size_t index = 0; index < m_seconds.size(); ++index)
            if (m_stages[index].op != kNoOp)
                result.emplace_back(m_stages[index].op, m_seconds[index]);
        return result;
    }

private:
    static constexpr std::int32_t kNoOp = -1;
    struct Entry {
        std::unique_ptr<Stage> stage;
        std::int32_t op = kNoOp;
    };

    template <typename TypedOp>
    static std::unique_ptr<Stage> make(const StagePlan& plan, const TypedOp& op, RopeTablesStage& ropes) {
        if constexpr (kTurns<TypedOp>)
            return makeStage(plan, op, ropes.tableFor(plan.program, op.rope));
        else if constexpr (requires { makeStage(plan, op); })
            return makeStage(plan, op);
        else
            return nullptr; // whyUnsupported() has refused the program
    }

    void add(std::unique_ptr<Stage> stage, std::int32_t op) {
        m_sharedBytes = std::max(m_sharedBytes, stage->sharedBytes());
        m_workerBytes = std::max(m_workerBytes, stage->workerBytes());
        m_stages.push_back({std::move(stage), op});
    }

    void endStage() {
        if (m_timed) {
            const Clock::time_point now = Clock::now();
            m_seconds[m_stage] = std::chrono::duration<double>(now - m_stageStart).count();
            m_stageStart = now;
        }
        ++m_stage;
        m_stagePhase = 0;
    }

    bool m_timed;
    std::vector<Entry> m_stages;
    std::size_t m_sharedBytes = 0;
    std::size_t m_workerBytes = 0;
    StepContext m_step;
    std::size_t m_stage = 0;
    std::int32_t m_stagePhase = 0; ///< the next one of the current stage
    Clock::time_point m_stageStart;
    std::vector<double> m_seconds;
};

class CpuExecutable final : public Executable {
public:
    CpuExecutable(Program program, PagedCache* cache, const CompileOptions& options, CpuIsa isa, ComputePool& compute)
        : m_program(std::move(program)), m_cache(cache), m_compute(compute),
          m_work(m_program,
                 StagePlan{m_program, isa, chooseVectorKernels(isa), compute.threads(), cache, options.pager},
                 options.timing) {}

    [[nodiscard]] Status allocate() {
        // A page apart: two workers never write one cache line, nor lines that a prefetcher pairs.
        constexpr std::size_t kPage = 4096;
        m_workerStride = (m_work.workerBytes() + kPage - 1) / kPage * kPage + 2 * AlignedBuffer::kAlignment;
        HEARTH_TRY(m_arena, AlignedBuffer::create(m_program.plan.sizeBytes));
        HEARTH_TRY(m_shared, AlignedBuffer::create(m_work.sharedBytes()));
        HEARTH_TRY(m_workers, AlignedBuffer::create(m_workerStride * static_cast<std::size_t>(m_compute.threads())));
        return {};
    }

    Status enqueue(const StepState& state) override {
        if (m_state)
            return Error{ErrorCode::InvalidInput, "a step is under way: wait for it first"};
        HEARTH_CHECK(checkStep(m_program, state, m_cache));
        m_outputRows = 0;
        m_state = state;
        return {};
    }

    Status wait(std::stop_token stop) override {
        if (!m_state)
            return Error{ErrorCode::InvalidInput, "no step to wait for"};
        const StepState state = *std::exchange(m_state, std::nullopt);
        StepContext step;
        step.state = &state;
        step.rows = static_cast<std::int32_t>(state.tokens.size());
        step.cache = m_cache;
        step.arena = m_arena.data();
        step.program = &m_program;
        step.shared = m_shared.data();
        step.workers = m_workers.data();
        step.workerStride = m_workerStride;
        step.stop = &stop;
        m_lastRows = step.rows;
        m_lastTokens = state.cacheStart + step.rows;
        m_work.reset(step);
        m_compute.run(m_work);
        if (stop.stop_requested())
            return Error{ErrorCode::Cancelled, "the step was stopped"};
        m_outputRows = poolsRows() ? 1 : state.outputRows.size();
        return {};
    }

    std::span<const float> output() const override {
        if (m_program.output == kNoBuffer)
            return {};
        const auto id = static_cast<std::size_t>(m_program.output);
        const auto* start = reinterpret_cast<const float*>(m_arena.data() + m_program.plan.offsets[id]);
        return {start, m_outputRows * static_cast<std::size_t>(m_program.buffers[id].columns)};
    }

    std::span<const float> values(BufferId buffer) const override {
        if (std::ranges::find(m_program.kept, buffer) == m_program.kept.end())
            return {};
        const auto id = static_cast<std::size_t>(buffer);
        const auto* start = reinterpret_cast<const float*>(m_arena.data() + m_program.plan.offsets[id]);
        return {start, static_cast<std::size_t>(m_lastRows) * static_cast<std::size_t>(m_program.buffers[id].columns)};
    }

    std::int32_t independentRows() const override {
        // Stages of such programs stream each row by itself: same kernels, same order of sums, whatever else runs.
        return m_program.maxRows <= kNarrowRows && isCausal(m_program) ? m_program.maxRows : 1;
    }

    std::vector<OpTiming> timings() const override {
        std::vector<OpTiming> timings;
        for (const auto& [op, seconds] : m_work.seconds())
            timings.push_back(
                {op, seconds,
                 costOf(m_program, m_program.ops[static_cast<std::size_t>(op)], m_lastRows, m_lastTokens)});
        return timings;
    }

private:
    bool poolsRows() const { return !m_program.ops.empty() && std::holds_alternative<PoolRows>(m_program.ops.back()); }

    Program m_program;
    PagedCache* m_cache;
    ComputePool& m_compute;
    ProgramWork m_work;
    AlignedBuffer m_arena;
    AlignedBuffer m_shared;
    AlignedBuffer m_workers;
    std::size_t m_workerStride = 0;
    std::optional<StepState> m_state; ///< handed over and not yet run
    std::size_t m_outputRows = 0;
    std::int32_t m_lastRows = 0;
    std::int32_t m_lastTokens = 0;
};

} // namespace

bool hasStage(const Op& op) {
    return std::visit(
        []<typename TypedOp>(const TypedOp&) {
            return kTurns<TypedOp> || requires(const StagePlan& plan, const TypedOp& typed) {
                makeStage(plan, typed);
            };
        },
        op);
}

Result<std::unique_ptr<Executable>> makeCpuExecutable(Program program, PagedCache* cache, const CompileOptions& options,
                                                      CpuIsa isa, ComputePool& compute) {
    try { // vectors of the standard library: tables of the stages
        auto executable = std::make_unique<CpuExecutable>(std::move(program), cache, options, isa, compute);
        HEARTH_CHECK(executable->allocate());
        return std::unique_ptr<Executable>(std::move(executable));
    } catch (const std::bad_alloc&) {
        return Error{ErrorCode::OutOfMemory, "no memory for the tables of a program"};
    }
}

} // namespace hearth
