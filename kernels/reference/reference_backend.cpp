#include "kernels/reference/reference_backend.h"

#include "kernels/api/check.h"
#include "kernels/quant/quantise.h"
#include "kernels/reference/cache_pool.h"
#include "kernels/reference/ops.h"

#include <algorithm>
#include <chrono>
#include <new>

namespace hearth {

namespace {

class ReferenceExecutable final : public Executable {
public:
    ReferenceExecutable(Program program, ReferenceCachePool* pool, Timing timing, AlignedBuffer arena)
        : m_program(std::move(program)), m_pool(pool), m_timing(timing), m_arena(std::move(arena)) {
        m_timings.reserve(m_program.ops.size());
    }

    Status enqueue(const StepState& state) override {
        if (m_state)
            return Error{ErrorCode::InvalidInput, "a step is under way: wait for it first"};
        HEARTH_CHECK(checkStep(m_program, state, m_pool));
        m_outputCount = 0;
        m_rows = 0;
        m_state = state;
        return {};
    }

    Status wait(std::stop_token stop) override {
        if (!m_state)
            return Error{ErrorCode::InvalidInput, "no step to wait for"};
        const StepState state = *std::exchange(m_state, std::nullopt);
        m_timings.clear();
        for (std::size_t index = 0; index < m_program.ops.size(); ++index) {
            if (stop.stop_requested())
                return Error{ErrorCode::Cancelled, "stopped before op " + std::to_string(index)};
            HEARTH_CHECK(runOp(index, state));
        }
        m_outputCount = poolsRows() ? 1 : state.outputRows.size();
        m_rows = state.tokens.size();
        return {};
    }

    std::span<const float> output() const override {
        if (m_program.output == kNoBuffer)
            return {};
        const auto id = static_cast<std::size_t>(m_program.output);
        const auto* start = reinterpret_cast<const float*>(m_arena.data() + m_program.plan.offsets[id]);
        return {start, m_outputCount * static_cast<std::size_t>(m_program.buffers[id].columns)};
    }

    std::span<const float> values(BufferId buffer) const override {
        if (std::ranges::find(m_program.kept, buffer) == m_program.kept.end())
            return {};
        const auto id = static_cast<std::size_t>(buffer);
        const auto* start = reinterpret_cast<const float*>(m_arena.data() + m_program.plan.offsets[id]);
        return {start, m_rows * static_cast<std::size_t>(m_program.buffers[id].columns)};
    }

    std::int32_t independentRows() const override { return isCausal(m_program) ? m_program.maxRows : 1; }

    std::vector<OpTiming> timings() const override { return m_timings; }

private:
    bool poolsRows() const { return !m_program.ops.empty() && std::holds_alternative<PoolRows>(m_program.ops.back()); }

    Status runOp(std::size_t index, const StepState& state) {
        const Op& op = m_program.ops[index];
        const reference::Step step{m_program, state, m_arena.data(), m_pool};
        const auto start = std::chrono::steady_clock::now();
        try { // the only thing below that throws is a vector that does not fit
            std::visit([&](const auto& typed) { reference::run(typed, step); }, op);
        } catch (const std::bad_alloc&) {
            return Error{ErrorCode::OutOfMemory, "no memory for the values inside " + std::string(opName(op))};
        }
        if (m_timing == Timing::PerOp) {
            const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
            const std::int32_t rows = step.rows();
            m_timings.push_back({static_cast<std::int32_t>(index), seconds.count(),
                                 costOf(m_program, op, rows, state.cacheStart + rows)});
        }
        return {};
    }

    Program m_program;
    ReferenceCachePool* m_pool;
    Timing m_timing;
    AlignedBuffer m_arena;
    std::optional<StepState> m_state; ///< handed over and not yet run
    std::size_t m_outputCount = 0;
    std::size_t m_rows = 0; ///< of the last finished step
    std::vector<OpTiming> m_timings;
};

class ReferenceBackend final : public Backend {
public:
    const DeviceInfo& device() const override { return m_device; }

    std::optional<std::string> whyUnsupported(const Program& program, const Op& op) const override {
        if (std::optional<std::string> why = whyMalformed(program, op))
            return why;
        const auto* store = std::get_if<RopeStore>(&op);
        const auto* latent = std::get_if<LatentStore>(&op);
        if (latent == nullptr && (store == nullptr || store->k == kNoBuffer))
            return std::nullopt;
        const CacheId cache = latent != nullptr ? latent->cache : store->cache;
        const DType dtype = program.caches[static_cast<std::size_t>(cache)].dtype;
        if (!canQuantise(dtype))
            return std::string(opName(op)) + ": a cache of " + std::string(dtypeInfo(dtype).name)
                   + " cannot be written token by token";
        return std::nullopt;
    }

    Result<std::unique_ptr<CachePool>> allocateCache(const CacheLayout& layout) override {
        HEARTH_TRY(std::unique_ptr<CachePool> pool, ReferenceCachePool::create(layout));
        return pool;
    }

    Result<std::unique_ptr<Executable>> compile(Program program, CachePool* pool, CompileOptions options) override {
        HEARTH_CHECK(checkProgram(program));
        for (const Op& op : program.ops)
            if (std::optional<std::string> why = whyUnsupported(program, op))
                return Error{ErrorCode::Unsupported, std::move(*why)};
        auto* pages = dynamic_cast<ReferenceCachePool*>(pool);
        const bool keepsAnything = !program.caches.empty() || !program.states.empty();
        if (keepsAnything && (pages == nullptr || !pages->holds(program)))
            return Error{ErrorCode::InvalidInput, "the cache pool was not made for this program on this device"};
        HEARTH_TRY(AlignedBuffer arena, AlignedBuffer::create(program.plan.sizeBytes));
        std::unique_ptr<Executable> executable =
            std::make_unique<ReferenceExecutable>(std::move(program), pages, options.timing, std::move(arena));
        return executable;
    }

private:
    DeviceInfo m_device{"reference", "Reference (plain C++, double precision, 1 thread)", 0};
};

} // namespace

std::unique_ptr<Backend> createReferenceBackend() {
    return std::make_unique<ReferenceBackend>();
}

} // namespace hearth
