#include "kernels/cuda/cuda_backend.h"

#include "kernels/api/check.h"
#include "kernels/cuda/cache_pool.h"
#include "kernels/cuda/cuda_executable.h"
#include "kernels/cuda/launch.h"
#include "kernels/quant/quantise.h"

#include <algorithm>

namespace hearth::cuda {

namespace {

constexpr std::size_t kSharedBytes = 48 * 1024; // of a block, on every GPU without asking for more
constexpr std::int32_t kMostThreads = 1024;     // of a block

std::string tooLarge(const Op& op, std::size_t bytes) {
    return std::string(opName(op)) + ": needs " + std::to_string(bytes) + " bytes of shared memory, "
           + std::to_string(kSharedBytes) + " are there";
}

/// What is bounded by a block of threads.
std::optional<std::string> whyTooLarge(const Program& program, const Op& op) {
    std::size_t bytes = 0;
    if (const auto* attention = std::get_if<Attention>(&op))
        bytes = attentionSharedBytes(attention->headColumns, attention->valueColumns);
    if (const auto* route = std::get_if<RouteExperts>(&op))
        bytes = routeSharedBytes(program.weight(route->router.weight)->rows, route->groups, route->expertsUsed);
    if (const auto* delta = std::get_if<DeltaStep>(&op); delta != nullptr && delta->stateColumns > kMostThreads)
        return "DeltaStep: states of " + std::to_string(delta->stateColumns) + " columns; up to "
               + std::to_string(kMostThreads) + " are supported";
    return bytes > kSharedBytes ? std::optional(tooLarge(op, bytes)) : std::nullopt;
}

class CudaBackend final : public Backend {
public:
    CudaBackend(DeviceInfo info, std::int32_t device) : m_info(std::move(info)), m_device(device) {}

    const DeviceInfo& device() const override { return m_info; }

    std::optional<std::string> whyUnsupported(const Program& program, const Op& op) const override {
        if (std::optional<std::string> why = whyMalformed(program, op))
            return why;
        return whyTooLarge(program, op);
    }

    Result<std::unique_ptr<CachePool>> allocateCache(const CacheLayout& layout) override {
        HEARTH_CHECK(statusOf(cudaSetDevice(m_device), "choosing the GPU"));
        HEARTH_TRY(std::unique_ptr<CachePool> pool, CudaCachePool::create(layout));
        return pool;
    }

    Result<std::unique_ptr<Executable>> compile(Program program, CachePool* pool, CompileOptions options) override {
        HEARTH_CHECK(checkProgram(program));
        for (const Op& op : program.ops)
            if (std::optional<std::string> why = whyUnsupported(program, op))
                return Error{ErrorCode::Unsupported, std::move(*why)};
        auto* pages = dynamic_cast<CudaCachePool*>(pool);
        const bool keepsAnything = !program.caches.empty() || !program.states.empty();
        if (keepsAnything && (pages == nullptr || !pages->holds(program)))
            return Error{ErrorCode::InvalidInput, "the cache pool was not made for this program on this device"};
        HEARTH_CHECK(statusOf(cudaSetDevice(m_device), "choosing the GPU"));
        HEARTH_TRY(auto device, DeviceProgram::create(std::move(program), pages, m_weights));
        std::unique_ptr<Executable> executable = std::make_unique<CudaExecutable>(std::move(device), options.timing);
        return executable;
    }

private:
    DeviceInfo m_info;
    std::int32_t m_device;
    std::shared_ptr<WeightStore> m_weights = std::make_shared<WeightStore>();
};

} // namespace

std::int32_t deviceCount() {
    int count = 0;
    return cudaGetDeviceCount(&count) == cudaSuccess ? count : 0;
}

Result<std::unique_ptr<Backend>> createCudaBackend(std::int32_t device) {
    int count = 0;
    if (const cudaError_t code = cudaGetDeviceCount(&count); code != cudaSuccess)
        return Error{ErrorCode::NotFound, std::string("no GPU can be used: ") + cudaGetErrorString(code)};
    if (device < 0 || device >= count)
        return Error{ErrorCode::NotFound,
                     "there is no GPU " + std::to_string(device) + "; there are " + std::to_string(count)};
    cudaDeviceProp properties{};
    HEARTH_CHECK(statusOf(cudaGetDeviceProperties(&properties, device), "reading the GPU's properties"));
    if (properties.major * 10 + properties.minor < 75)
        return Error{ErrorCode::Unsupported, std::string(properties.name) + " has compute capability "
                                                 + std::to_string(properties.major) + "."
                                                 + std::to_string(properties.minor) + ", at least 7.5 is needed"};
    DeviceInfo info{"cuda" + std::to_string(device), properties.name, properties.totalGlobalMem};
    std::unique_ptr<Backend> backend = std::make_unique<CudaBackend>(std::move(info), device);
    return backend;
}

} // namespace hearth::cuda
