#pragma once

#include "engine/gguf/gguf_file.h"
#include "engine/memory/expert_pager.h"
#include "engine/memory/kv_cache.h"
#include "engine/memory/residency.h"
#include "engine/memory/sequence_file.h"
#include "engine/models/model_family.h"
#include "engine/run/score_request.h"
#include "engine/run/speculation/guess_source.h"
#include "engine/run/trace/routing.h"
#include "engine/text/tokenizer.h"
#include "kernels/api/backend.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <filesystem>
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
        Prediction prediction = Prediction::Off;
        /// Beyond what one context needs: for each page class, spent on keeping what other sequences computed.
        std::uint64_t spareCacheBytes = std::uint64_t{256} << 20;
        float expertShare = 1.0F; ///< adaptive top-k, see RouteExperts::keepShare
        /// Applied with a scale of 1 each until setAdapterScales(); they outlive the decoder.
        std::span<const std::unique_ptr<Adapter>> adapters = {};
        std::uint64_t memoryBytes = 0; ///< that weights and cache may fill; 0: what the system has to give
    };

    /// Rows that the program for single tokens takes at once: the drafts of speculative decoding too.
    static constexpr std::int32_t kDecodeRows = 8;

    /// The file outlives the decoder. Errors: ProgramBuilder's, the backend's; OutOfMemory names the cache's bytes.
    [[nodiscard]] static Result<std::unique_ptr<Decoder>> create(const GgufFile& file, std::unique_ptr<Backend> backend,
                                                                 const Options& options);

    [[nodiscard]] const ModelSpec& spec() const { return m_spec; }
    [[nodiscard]] const DeviceInfo& device() const { return m_backend->device(); }
    [[nodiscard]] std::int32_t contextTokens() const { return m_options.contextTokens; }
    [[nodiscard]] std::uint64_t cacheBytes() const { return m_cacheBytes; }
    [[nodiscard]] KvCache& cache() { return m_cache; }
    /// Where the weights live, if the device computes in main memory; else no place at all. The speeds in it are rough:
    /// the disk's is measured if it is needed, memory's is not.
    [[nodiscard]] const ResidencyPlan& residency() const { return m_residency; }

    /// How much each adapter adds from now on. Cached pages were computed with the scales before and are forgotten,
    /// unless nothing changes. Errors: InvalidInput (not one for each adapter, or no finite number).
    [[nodiscard]] Status setAdapterScales(std::span<const float> scales);

    using Progress = std::function<void(std::int32_t done)>;

    /// Computes tokens behind those in the cache, in chunks; logits() then holds the last one's. A head for prediction
    /// reads along.
    /// Errors: Cancelled (whole chunks that were done stay), Device.
    [[nodiscard]] Status append(std::span<const TokenId> tokens, std::stop_token stop, const Progress& progress);

    /// (vocabulary) of the last token appended; valid until the next append.
    [[nodiscard]] std::span<const float> logits() const;

    /// Rows that tryTokens() takes at once, each with the bits that append() of one token at a time would give it. 1:
    /// the device promises it of no more.
    [[nodiscard]] std::int32_t tryRows() const { return m_decode.executable->independentRows(); }

    /// Computes tokens behind the sequence, and behind those tried since the last keepTried(), without making them part
    /// of it. Nothing else may change the sequence until keepTried().
    /// Errors: InvalidInput (none, more than tryRows(), beyond the context); Cancelled, Device: then nothing is tried
    /// any more, and the sequence stands as it was.
    [[nodiscard]] Status tryTokens(std::span<const TokenId> tokens, std::stop_token stop);

    /// (vocabulary) after row `row` of the last tryTokens(); valid until anything else is computed.
    [[nodiscard]] std::span<const float> triedLogits(std::int32_t row) const;

    /// Makes the first `count` of the tried tokens part of the sequence and forgets the others. Recurrent states go
    /// back to where the trying began and through the kept tokens again. A head for prediction reads the kept ones and
    /// goes on from the last: with one, count is at least 1. Errors: as append().
    [[nodiscard]] Status keepTried(std::int32_t count, std::stop_token stop);

    /// Whether predict() can be used: Options asked for it, and the file has such a head.
    [[nodiscard]] bool canPredict() const { return m_head.executable != nullptr; }

    /// Guesses what follows `token`, which would stand `ahead` places behind the tokens in the cache: ahead 0 goes on
    /// from the decoder's own last token (which append() has computed since the sequence was opened, or cut back to),
    /// ahead n from the call before, with n - 1. The cache's length stays; what the head stored is written anew when
    /// the tokens that came out are appended.
    /// Errors: InvalidInput (no head, nothing to go on from, beyond the context); Cancelled, Device.
    [[nodiscard]] Status predict(TokenId token, std::int32_t ahead, std::stop_token stop);

    /// (vocabulary) of the last predict(); valid until the next one, or append().
    [[nodiscard]] std::span<const float> predictedLogits() const;

    /// Writes what the cache holds of the open sequence to a file. Errors: as writeSequence().
    [[nodiscard]] Result<SavedSequence> save(const std::filesystem::path& path, std::uint64_t mostBytes,
                                             std::stop_token stop) const;
    /// Takes up what a saved sequence has in common with the beginning of `tokens`, unless the cache holds as much.
    /// The result: how many of `tokens` need not be computed, as KvCache::open() says. Errors: as SequenceFile::open().
    [[nodiscard]] Result<std::int32_t> restore(const std::filesystem::path& path, std::span<const TokenId> tokens);

    /// Logits (rows, vocabulary) of the last `rows` of `tokens`, from an empty cache: all but the last `decoded` in
    /// chunks, those one at a time. Errors: InvalidInput on counts that do not fit; as append().
    [[nodiscard]] Result<std::vector<float>> score(std::span<const TokenId> tokens, std::int32_t rows,
                                                   std::int32_t decoded, std::stop_token stop);

    /// Logits (shown rows, vocabulary). Errors: InvalidInput on rows that do not fit; as append().
    [[nodiscard]] Result<std::vector<float>> score(const ScoreRequest& request, std::stop_token stop);

    /// The natural logarithm of the probability of each of the last `rows` of `tokens` after those before it, from an
    /// empty cache. Errors: InvalidInput on counts that do not fit; as append().
    [[nodiscard]] Result<std::vector<double>> logProbabilities(std::span<const TokenId> tokens, std::int32_t rows,
                                                               std::stop_token stop);

    /// What the head for prediction says of the last `rows` of `tokens`. `states` (a multiple of hidden, or empty)
    /// stands for the decoder's final states before as many of the last rows.
    /// Errors: InvalidInput (no head, counts that do not fit); as append().
    [[nodiscard]] Result<PredictionScore> scorePrediction(std::span<const TokenId> tokens, std::int32_t rows,
                                                          std::span<const float> states, std::stop_token stop);

    /// What a trace of this model's tokens looks like.
    [[nodiscard]] const TraceShape& traceShape() const { return m_decode.routing.shape; }
    /// Which experts row `row` of the last step was sent to: traceShape().choices() ids and weights. False if the step
    /// ran in the program for prompt chunks, which does not keep them.
    [[nodiscard]] bool readRouting(std::int32_t row, std::span<std::int32_t> ids, std::span<float> weights) const;

private:
    /// Rows of one step; positions as in ScoreRequest.
    struct Rows {
        std::span<const TokenId> tokens;
        std::span<const float> embeddings = {};
        std::span<const std::int32_t> positions = {};
    };
    /// A program on the device, with the buffer of its final states; the one for single tokens keeps its routing.
    struct Compiled {
        std::unique_ptr<Executable> executable;
        BufferId states = kNoBuffer;
        Routing routing = {};
    };
    /// The rows that the decoder computed last: their final states can still be read.
    struct StateRows {
        const Compiled* source = nullptr;
        std::int32_t first = 0; ///< place of the first row
        std::int32_t rows = 0;
        std::uint64_t sequence = 0;
    };

    Decoder(std::unique_ptr<Backend> backend, std::unique_ptr<CachePool> pool, std::span<const std::int32_t> windows,
            ModelSpec spec, const Options& options);
    [[nodiscard]] static ProgramBuilder::Limits limitsOf(const Options& options, std::int32_t rows,
                                                         std::int32_t outputRows);
    [[nodiscard]] Result<Compiled> compile(std::int32_t rows, std::int32_t outputRows);
    [[nodiscard]] Result<Compiled> compileHead(std::int32_t rows, std::int32_t outputRows);
    /// Runs one chunk; the given rows are shown in the executable's output.
    [[nodiscard]] Status runChunk(const Compiled& compiled, const Rows& rows, std::span<const std::int32_t> shown,
                                  std::stop_token stop);
    [[nodiscard]] Status runLastRows(const Compiled& compiled, std::span<const TokenId> tokens, std::int32_t shown,
                                     std::stop_token stop);
    /// Runs rows of the head: token k with the state of token k - 1, for k from `first` on.
    [[nodiscard]] Status runHead(const Compiled& head, std::span<const TokenId> tokens, std::span<const float> states,
                                 std::int32_t first, std::span<const std::int32_t> shown, std::stop_token stop);
    /// Runs rows at places first, first + 1 ..; the given ones are shown in the executable's output.
    [[nodiscard]] Status runRows(const Compiled& compiled, const Rows& rows, std::int32_t first,
                                 std::span<const std::int32_t> shown, std::stop_token stop);
    /// Forgets what was tried.
    void dropTried();
    /// Lets the head read rows that were run last and are committed, from the first of them on.
    [[nodiscard]] Status followWithHead(std::span<const TokenId> tokens, std::stop_token stop);
    /// The final state of the last token in the cache, if it can still be read.
    [[nodiscard]] std::span<const float> lastState() const;
    /// Puts that state (zeros if it cannot be read) in front of m_headStates.
    void keepLastState();
    void fillPositions(std::int32_t first, std::int32_t rows, std::span<const std::int32_t> given = {});
    [[nodiscard]] Status checkScore(const ScoreRequest& request) const;
    /// The final states of all of `tokens`, behind those in the cache.
    [[nodiscard]] Result<std::vector<float>> finalStatesOf(std::span<const TokenId> tokens, std::stop_token stop);
    /// What saved sequences must fit now.
    [[nodiscard]] SequenceLayout savedLayout() const;
    /// Nothing of the last steps can be read any more.
    void forgetResults() {
        m_last = nullptr;
        m_states = {};
        m_predicted = -1;
    }

    /// Plans memory for the program, and has what every token reads brought in.
    void settleWeights(const Program& program);

    std::unique_ptr<ExpertPager> m_pager; ///< executables read with it
    ResidencyPlan m_residency;
    std::unique_ptr<Backend> m_backend;
    std::unique_ptr<CachePool> m_pool;
    KvCache m_cache;
    ModelSpec m_spec;
    Options m_options;
    const GgufFile* m_file = nullptr;
    const ModelFamily* m_family = nullptr;
    std::uint64_t m_cacheBytes = 0;
    std::int32_t m_positionsPerRow = 1;
    bool m_predicts = false;
    std::vector<CacheSpec> m_caches; ///< of the decoder and its head, as the pool has them
    std::vector<std::int32_t> m_windows;
    std::vector<StateSpec> m_stateSpecs;
    std::uint64_t m_identity = 0; ///< see modelIdentity()
    Compiled m_prefill;
    Compiled m_decode;
    Compiled m_head; ///< none: Options or the file do without
    std::vector<float> m_adapterScales;
    std::vector<std::int32_t> m_positions; // kept, so that a decode step allocates nothing
    std::vector<std::int32_t> m_shownRows;
    std::vector<float> m_headStates;    ///< what the head's rows go on from
    const Executable* m_last = nullptr; ///< whose output logits() shows
    StateRows m_states;
    std::vector<TokenId> m_tried;
    std::int32_t m_predicted = -1; ///< place of the last predict(); -1: none that can be gone on from
};

} // namespace hearth
