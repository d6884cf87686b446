#include "engine/run/embedder.h"

#include "engine/gguf/gguf_file.h"
#include "engine/models/embedding_model.h"
#include "engine/run/devices.h"
#include "engine/run/text_pair.h"
#include "kernels/api/check.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

namespace hearth {

namespace {

constexpr std::int32_t kDefaultMostTokens = 8192;
/// What is planned for at first: a question, or a sentence.
constexpr std::int32_t kFewestRows = 64;

Error cancelled(const std::filesystem::path& path) {
    return {ErrorCode::Cancelled, path.string() + ": loading was cancelled"};
}

Result<std::int32_t> chooseMostTokens(const GgufFile& file, const ModelSpec& spec, const EmbedderOptions& options) {
    if (options.mostTokens == 0)
        return std::min(spec.trainedContext, kDefaultMostTokens);
    if (options.mostTokens < 0 || options.mostTokens > spec.trainedContext)
        return Error{ErrorCode::InvalidInput, file.path().string() + ": texts of " + std::to_string(options.mostTokens)
                                                  + " tokens were asked for; this model takes 1 to "
                                                  + std::to_string(spec.trainedContext)};
    return options.mostTokens;
}

/// Divides by the 2-norm; zeros stay.
void scaleToUnitLength(std::vector<float>& vector) {
    double squares = 0;
    for (const float value : vector)
        squares += static_cast<double>(value) * value;
    if (squares == 0.0)
        return;
    const double factor = 1.0 / std::sqrt(squares);
    for (float& value : vector)
        value = static_cast<float>(value * factor);
}

void softmax(std::vector<float>& scores) {
    const double highest = *std::max_element(scores.begin(), scores.end());
    double sum = 0;
    for (const float score : scores)
        sum += std::exp(score - highest);
    for (float& score : scores)
        score = static_cast<float>(std::exp(score - highest) / sum);
}

/// A program compiled for texts of up to so many rows, with the pages that its attention needs.
struct Compiled {
    std::int32_t rows = 0;
    std::int32_t positionsPerRow = 0;
    BufferId tokenRows = kNoBuffer;
    std::vector<std::int32_t> pageTable;
    std::vector<std::span<const std::int32_t>> windowTables; ///< of pageTable, whose memory moves along
    std::unique_ptr<CachePool> pool;
    std::unique_ptr<Executable> executable;
};

class ModelEmbedder final : public Embedder {
public:
    ModelEmbedder(std::unique_ptr<GgufFile> file, std::unique_ptr<Tokenizer> tokenizer,
                  std::unique_ptr<Backend> backend, TextPair pair, const ModelFamily& family, ModelSpec spec,
                  EmbeddingSpec embedding, std::int32_t mostTokens)
        : m_file(std::move(file)), m_tokenizer(std::move(tokenizer)), m_backend(std::move(backend)),
          m_pair(std::move(pair)), m_family(family), m_spec(std::move(spec)), m_embedding(embedding) {
        const auto name = m_file->stringOr("general.name", "");
        m_info.name = name && !name->empty() ? *name : m_file->path().stem().string();
        m_info.architecture = m_spec.architecture;
        m_info.pooling = poolingName(embedding.pooling);
        m_info.isReranker = embedding.pooling == PoolingKind::Rank;
        m_info.columns = embedding.columns;
        m_info.mostTokens = mostTokens;
    }

    const EmbedderInfo& info() const override { return m_info; }
    const DeviceInfo& device() const override { return m_backend->device(); }
    const Tokenizer& tokenizer() const override { return *m_tokenizer; }

    Result<std::vector<float>> embed(std::span<const TokenId> tokens, UnitLength unitLength,
                                     std::stop_token stop) override {
        HEARTH_CHECK(run(tokens, std::move(stop)));
        const std::span<const float> output = m_compiled.executable->output();
        std::vector<float> vector(output.begin(), output.end());
        if (m_info.isReranker && m_family.kind == ModelKind::Decoder)
            softmax(vector);
        if (unitLength == UnitLength::Yes)
            scaleToUnitLength(vector);
        return vector;
    }

    Result<std::vector<float>> embedText(std::string_view text, UnitLength unitLength, Overlong overlong,
                                         std::stop_token stop) override {
        std::vector<TokenId> tokens = m_tokenizer->encode(text, AddSpecial::Yes, ParseSpecial::No);
        const auto most = static_cast<std::size_t>(m_info.mostTokens);
        if (overlong == Overlong::Cut && tokens.size() > most) {
            tokens.resize(most);
            if (const auto trailing = surroundOf(*m_tokenizer).trailing)
                tokens.back() = *trailing;
        }
        return embed(tokens, unitLength, std::move(stop));
    }

    Result<std::vector<float>> embedTokens(std::span<const TokenId> tokens, std::stop_token stop) override {
        HEARTH_CHECK(run(tokens, std::move(stop)));
        const std::span<const float> rows = m_compiled.executable->values(m_compiled.tokenRows);
        return std::vector<float>(rows.begin(), rows.end());
    }

    Result<float> rerank(std::string_view query, std::string_view document, std::stop_token stop) override {
        if (!m_info.isReranker)
            return Error{ErrorCode::Unsupported, m_file->path().string()
                                                     + ": this model makes vectors; scores of pairs come from a "
                                                       "reranker (pooling 'rank')"};
        HEARTH_TRY(const std::vector<TokenId> tokens, m_pair.encode(query, document, m_info.mostTokens));
        HEARTH_TRY(const std::vector<float> scores, embed(tokens, UnitLength::No, std::move(stop)));
        return scores.front();
    }

private:
    Status check(std::span<const TokenId> tokens) const {
        if (tokens.empty())
            return Error{ErrorCode::InvalidInput, "a text without tokens has no vector"};
        if (tokens.size() > static_cast<std::size_t>(m_info.mostTokens))
            return Error{ErrorCode::InvalidInput, "the text has " + std::to_string(tokens.size())
                                                      + " tokens; this model takes "
                                                      + std::to_string(m_info.mostTokens)};
        for (const TokenId token : tokens)
            if (token < 0 || token >= m_spec.vocabulary)
                return Error{ErrorCode::InvalidInput, "the text has token " + std::to_string(token)
                                                          + "; the vocabulary ends at "
                                                          + std::to_string(m_spec.vocabulary)};
        return {};
    }

    /// Makes room for texts of `rows` tokens.
    Status plan(std::int32_t rows) {
        if (rows <= m_compiled.rows)
            return {};
        Compiled next;
        const auto wanted = static_cast<std::int32_t>(std::bit_ceil(static_cast<std::uint32_t>(rows)));
        next.rows = std::min(std::max(wanted, kFewestRows), m_info.mostTokens);
        HEARTH_TRY(EmbeddingProgram built,
                   buildEmbedding(*m_file, m_family, m_spec, m_embedding, next.rows, m_info.mostTokens));
        next.tokenRows = built.rows;
        next.positionsPerRow = positionsPerRow(built.program);
        next.pageTable.resize(static_cast<std::size_t>((next.rows + kPageTokens - 1) / kPageTokens));
        std::iota(next.pageTable.begin(), next.pageTable.end(), 0);
        m_compiled.executable.reset(); // its memory goes before the larger one comes
        m_compiled = {};
        const Program& program = built.program;
        // A text is one step: windowed layers get as many pages as the others.
        const auto pages = static_cast<std::int32_t>(next.pageTable.size());
        const std::vector<std::int32_t> windowPages(program.windows.size(), pages);
        next.windowTables.assign(program.windows.size(), next.pageTable);
        HEARTH_TRY(next.pool, m_backend->allocateCache({program.caches, pages, program.states,
                                                        program.states.empty() ? 0 : 1, windowPages}));
        HEARTH_TRY(next.executable, m_backend->compile(std::move(built.program), next.pool.get(), {}));
        m_compiled = std::move(next);
        return {};
    }

    Status run(std::span<const TokenId> tokens, std::stop_token stop) {
        HEARTH_CHECK(check(tokens));
        const auto rows = static_cast<std::int32_t>(tokens.size());
        HEARTH_CHECK(plan(rows));
        std::vector<std::int32_t> positions;
        for (std::int32_t row = 0; row < rows && m_compiled.positionsPerRow > 0; ++row) {
            positions.push_back(row);
            if (m_compiled.positionsPerRow == 4) // text stands at the same place on t, h and w
                positions.insert(positions.end(), {row, row, 0});
        }
        StepState state;
        state.tokens = tokens;
        state.positions = positions;
        state.pageTable = m_compiled.pageTable;
        state.windowTables = m_compiled.windowTables;
        HEARTH_CHECK(m_compiled.executable->enqueue(state));
        return m_compiled.executable->wait(std::move(stop));
    }

    // In this order: what comes later borrows from what comes before.
    std::unique_ptr<GgufFile> m_file;
    std::unique_ptr<Tokenizer> m_tokenizer;
    std::unique_ptr<Backend> m_backend;
    TextPair m_pair;
    const ModelFamily& m_family;
    ModelSpec m_spec;
    EmbeddingSpec m_embedding;
    EmbedderInfo m_info;
    Compiled m_compiled;
};

} // namespace

Result<std::unique_ptr<Embedder>> Embedder::load(const std::filesystem::path& path, const EmbedderOptions& options,
                                                 std::stop_token stop) {
    if (stop.stop_requested())
        return cancelled(path);
    HEARTH_TRY(auto file, GgufFile::open(path));
    HEARTH_TRY(const ModelFamily* const family, familyOf(*file));
    HEARTH_TRY(ModelSpec spec, family->describe(*file));
    HEARTH_TRY(const EmbeddingSpec embedding, readEmbeddingSpec(*file, *family, spec));
    HEARTH_TRY(const std::int32_t mostTokens, chooseMostTokens(*file, spec, options));
    HEARTH_TRY(auto backend, openDevice(options.device, options.threads));
    HEARTH_TRY(auto tokenizer, Tokenizer::fromGguf(*file));
    HEARTH_TRY(TextPair pair, TextPair::read(*file, *tokenizer));
    if (stop.stop_requested())
        return cancelled(path);
    // A first plan finds missing and misshapen tensors now and not at the first text.
    HEARTH_TRY(const EmbeddingProgram probe, buildEmbedding(*file, *family, spec, embedding, 1, mostTokens));
    for (const Op& op : probe.program.ops)
        if (std::optional<std::string> why = backend->whyUnsupported(probe.program, op))
            return Error{ErrorCode::Unsupported, path.string() + ": " + *why};
    return std::unique_ptr<Embedder>(std::make_unique<ModelEmbedder>(std::move(file), std::move(tokenizer),
                                                                     std::move(backend), std::move(pair), *family,
                                                                     std::move(spec), embedding, mostTokens));
}

} // namespace hearth
