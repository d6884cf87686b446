#pragma once

#include "engine/gguf/gguf_file.h"
#include "engine/memory/kv_cache.h"
#include "engine/models/model_family.h"
#include "engine/text/tokenizer.h"
#include "kernels/api/backend.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace hearth {

/// A model compiled for one device: a program for prompt chunks, one for single tokens, and the pages they share.
/// Thread: one at a time; calls block.
class Decoder {
public:
    struct Options {
        std::int32_t contextTokens = 0;
        std::int32_t prefillRows = 512;
        DType cacheType = DType::F16;
    };

    /// The file outlives the decoder. Errors: ProgramBuilder's, the backend's; OutOfMemory names the cache's bytes.
    [[nodiscard]] static Result<std::unique_ptr<Decoder>> create(const GgufFile& file, std::unique_ptr<Backend> backend,
                                                                 const Options& options);

    [[nodiscard]] const ModelSpec& spec() const { return m_spec; }
    [[nodiscard]] const DeviceInfo& device() const { return m_backend->device(); }
    [[nodiscard]] std::int32_t contextTokens() const { return m_options.contextTokens; }
    [[nodiscard]] std::uint64_t cacheBytes() const { return m_cacheBytes; }
    [[nodiscard]] KvCache& cache() { return m_cache; }

    using Progress = std::function<void(std::int32_t done)>;

    /// Computes tokens behind those in the cache, in chunks; logits() then holds the last one's.
    /// Errors: Cancelled (whole chunks that were done stay), Device.
    [[nodiscard]] Status append(std::span<const TokenId> tokens, std::stop_token stop, const Progress& progress);

    /// (vocabulary) of the last token appended; valid until the next append.
    [[nodiscard]] std::span<const float> logits() const;

    /// Logits (rows, vocabulary) of the last `rows` of `tokens`, from an empty cache: all but the last `decoded` in
    /// chunks, those one at a time. Errors: InvalidInput on counts that do not fit; as append().
    [[nodiscard]] Result<std::vector<float>> score(std::span<const TokenId> tokens, std::int32_t rows,
                                                   std::int32_t decoded, std::stop_token stop);

private:
    Decoder(std::unique_ptr<Backend> backend, std::unique_ptr<CachePool> pool, ModelSpec spec, const Options& options);
    [[nodiscard]] Result<std::unique_ptr<Executable>> compile(const GgufFile& file, std::int32_t rows,
                                                              std::int32_t outputRows);
    /// Runs one chunk; its last `outputRows` rows are shown in the executable's output.
    [[nodiscard]] Status runChunk(Executable& executable, std::span<const TokenId> tokens, std::int32_t outputRows,
                                  std::stop_token stop);

    void fillPositions(std::int32_t rows);

    std::unique_ptr<Backend> m_backend;
    std::unique_ptr<CachePool> m_pool;
    KvCache m_cache;
    ModelSpec m_spec;
    Options m_options;
    const GgufFile* m_file = nullptr;
    const ModelFamily* m_family = nullptr;
    std::uint64_t m_cacheBytes = 0;
    std::int32_t m_positionsPerRow = 1;
    std::unique_ptr<Executable> m_prefill;
    std::unique_ptr<Executable> m_decode;
    std::vector<std::int32_t> m_positions; // kept, so that a decode step allocates nothing
    std::vector<std::int32_t> m_shownRows;
    Executable* m_last = nullptr; ///< whose output logits() shows
};

} // namespace hearth
