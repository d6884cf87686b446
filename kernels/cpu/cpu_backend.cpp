#include "kernels/cpu/cpu_backend.h"

#include "kernels/api/check.h"
#include "kernels/base/cores.h"
#include "kernels/cpu/compute_pool.h"
#include "kernels/cpu/cpu_executable.h"
#include "kernels/cpu/kernel_choice.h"
#include "kernels/cpu/paged_cache.h"
#include "kernels/quant/quantise.h"

#include <algorithm>
#include <string>
#include <utility>

#if defined(__linux__)
#include <unistd.h>
#endif

namespace hearth {

namespace {

std::uint64_t physicalMemoryBytes() {
#if defined(__linux__)
    const long pages = sysconf(_SC_PHYS_PAGES);
    const long pageBytes = sysconf(_SC_PAGESIZE);
    if (pages > 0 && pageBytes > 0)
        return static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(pageBytes);
#endif
    return 0;
}

class CpuBackend final : public Backend {
public:
    CpuBackend(std::int32_t threads, CpuIsa isa) : m_isa(isa), m_compute(threads) {
        const std::int32_t running = m_compute.threads();
        m_device = {"cpu",
                    cpuModelName() + ", " + std::string(cpuIsaName(isa)) + ", " + std::to_string(running)
                        + (running == 1 ? " thread" : " threads"),
                    physicalMemoryBytes()};
    }

    const DeviceInfo& device() const override { return m_device; }

    std::optional<std::string> whyUnsupported(const Program& program, const Op& op) const override {
        if (std::optional<std::string> why = whyMalformed(program, op))
            return why;
        if (!hasStage(op))
            return std::string(opName(op)) + " does not run on this device yet";
        if (const auto* store = std::get_if<RopeStore>(&op); store != nullptr && store->k != kNoBuffer)
            return whyNotCached(program, op, store->cache, 0);
        if (const auto* latent = std::get_if<LatentStore>(&op))
            return whyNotCached(program, op, latent->cache, 0);
        if (const auto* select = std::get_if<SelectSlots>(&op))
            return whyNotCached(program, op, select->cache, 0);
        if (const auto* attention = std::get_if<Attention>(&op))
            return whyNotCached(program, op, attention->cache, attention->valueColumns);
        if (const auto* pool = std::get_if<PoolRows>(&op))
            for (const WeightId id : {pool->dense.weight, pool->head.weight})
                if (const WeightView* weight = program.weight(id); weight != nullptr && !weight->lowRank.empty())
                    return std::string(opName(op)) + ": '" + weight->name + "' cannot be changed by an adapter here";
        return std::nullopt;
    }

    Result<std::unique_ptr<CachePool>> allocateCache(const CacheLayout& layout) override {
        HEARTH_TRY(std::unique_ptr<PagedCache> pool, PagedCache::create(layout));
        return std::unique_ptr<CachePool>(std::move(pool));
    }

    Result<std::unique_ptr<Executable>> compile(Program program, CachePool* pool, CompileOptions options) override {
        HEARTH_CHECK(checkProgram(program));
        for (const Op& op : program.ops)
            if (std::optional<std::string> why = whyUnsupported(program, op))
                return Error{ErrorCode::Unsupported, std::move(*why)};
        auto* pages = dynamic_cast<PagedCache*>(pool);
        const bool keepsAnything = !program.caches.empty() || !program.states.empty();
        if (keepsAnything && (pages == nullptr || !pages->holds(program)))
            return Error{ErrorCode::InvalidInput, "the cache pool was not made for this program on this device"};
        return makeCpuExecutable(std::move(program), pages, options, m_isa, m_compute);
    }

private:
    [[nodiscard]] std::optional<std::string> whyNotCached(const Program& program, const Op& op, CacheId cache,
                                                          std::int32_t valueColumns) const {
        const CacheSpec& spec = program.caches[static_cast<std::size_t>(cache)];
        const DTypeInfo& info = dtypeInfo(spec.dtype);
        if (!canQuantise(spec.dtype) || chooseCacheKernels(spec.dtype, m_isa) == nullptr)
            return std::string(opName(op)) + ": a cache cannot be kept as " + std::string(info.name);
        if (valueColumns % info.blockValues != 0)
            return std::string(opName(op)) + ": values of " + std::to_string(valueColumns)
                   + " columns are no whole blocks of " + std::string(info.name);
        return std::nullopt;
    }

    CpuIsa m_isa;
    ComputePool m_compute;
    DeviceInfo m_device;
};

} // namespace

std::unique_ptr<Backend> createCpuBackend(const CpuOptions& options) {
    const CpuIsa best = detectCpuIsa();
    const std::int32_t threads = options.threads > 0 ? options.threads : usableCores();
    return std::make_unique<CpuBackend>(threads, std::min(best, options.isa.value_or(best)));
}

} // namespace hearth
