#include "engine/models/embedding_model.h"

#include "engine/models/encoder_blocks.h"

#include <algorithm>
#include <array>
#include <string>

namespace hearth {

namespace {

// Numbered as in GGUF files, from 1 on.
constexpr std::array kKinds{PoolingKind::Mean, PoolingKind::First, PoolingKind::Last, PoolingKind::Rank};

constexpr const char* kDenseName = "cls.weight";
constexpr const char* kHeadName = "cls.output.weight";

std::int32_t rowsOf(const GgufTensor& tensor) {
    constexpr std::int64_t kMost = 1 << 20; // a shape beyond it fails where the tensor is looked up
    return static_cast<std::int32_t>(std::min(tensor.extents[1], kMost));
}

/// What a decoder's rows are: normalised as for its logits.
BufferId addDecoderRows(ProgramBuilder& builder, const ModelSpec& spec, BufferId stream) {
    const BufferId rows = builder.buffer("rows", spec.hidden);
    builder.add(NormRows{.in = stream,
                         .norm = builder.norm(spec.outputNorm, NormKind::Rms, spec.hidden, spec.normEpsilon),
                         .out = rows});
    return rows;
}

/// cls (a dense layer with tanh) and cls.output, of which a reranker has one or both.
void addClassifier(ProgramBuilder& builder, const GgufFile& file, const ModelSpec& spec, PoolRows& pool) {
    std::int32_t width = spec.hidden;
    if (const GgufTensor* dense = file.tensor(kDenseName)) {
        width = rowsOf(*dense);
        pool.dense = builder.linear("cls", spec.hidden, width);
    }
    if (const GgufTensor* head = file.tensor(kHeadName))
        pool.head = builder.linear("cls.output", width, rowsOf(*head));
}

Pooling rowChoice(PoolingKind kind, ModelKind model) {
    switch (kind) {
    case PoolingKind::Mean:
        return Pooling::Mean;
    case PoolingKind::First:
        return Pooling::First;
    case PoolingKind::Last:
        return Pooling::Last;
    case PoolingKind::Rank:
        break;
    }
    return model == ModelKind::Encoder ? Pooling::First : Pooling::Last;
}

} // namespace

std::string_view poolingName(PoolingKind kind) {
    constexpr std::array<std::string_view, 4> kNames{"mean", "first", "last", "rank"};
    return kNames[static_cast<std::size_t>(kind)];
}

Result<EmbeddingSpec> readEmbeddingSpec(const GgufFile& file, const ModelFamily& family, const ModelSpec& spec) {
    EmbeddingSpec embedding;
    HEARTH_TRY(const std::int32_t number,
               file.int32Or(spec.architecture + ".pooling_type", 0, 0, static_cast<std::int32_t>(kKinds.size())));
    const PoolingKind fallback = family.kind == ModelKind::Encoder ? PoolingKind::Mean : PoolingKind::Last;
    embedding.pooling = number == 0 ? fallback : kKinds[static_cast<std::size_t>(number - 1)];
    embedding.columns = spec.hidden;
    if (embedding.pooling != PoolingKind::Rank)
        return embedding;
    const GgufTensor* head = file.tensor(kHeadName);
    if (head == nullptr)
        head = file.tensor(kDenseName);
    if (head == nullptr)
        return Error{ErrorCode::NotFound, file.path().string() + ": a reranker needs the tensor '" + kDenseName
                                              + "' or '" + kHeadName + "'; it has neither"};
    embedding.columns = rowsOf(*head);
    return embedding;
}

Result<EmbeddingProgram> buildEmbedding(const GgufFile& file, const ModelFamily& family, const ModelSpec& spec,
                                        const EmbeddingSpec& embedding, std::int32_t maxRows,
                                        std::int32_t contextTokens) {
    ProgramBuilder builder(file, {.maxRows = maxRows,
                                  .maxOutputRows = 1,
                                  .cacheType = DType::F32,
                                  .contextTokens = contextTokens,
                                  .caches = ProgramBuilder::Caches::Shared});
    const BufferId stream = builder.buffer("stream", spec.hidden);
    const bool isEncoder = family.kind == ModelKind::Encoder;
    if (isEncoder)
        addEncoderInput(builder, spec, stream);
    else
        builder.add(EmbedRows{builder.weight("token_embd.weight", {spec.hidden, spec.vocabulary}), stream,
                              spec.embeddingScale});
    for (std::int32_t layer = 0; layer < spec.layers; ++layer) {
        builder.enterLayer(layer);
        family.buildLayer(builder, spec, layer, stream);
    }
    builder.leaveLayer();

    const BufferId rows = isEncoder ? stream : addDecoderRows(builder, spec, stream);
    PoolRows pool{.in = rows,
                  .pooling = rowChoice(embedding.pooling, family.kind),
                  .out = builder.buffer("pooled", embedding.columns)};
    if (embedding.pooling == PoolingKind::Rank)
        addClassifier(builder, file, spec, pool);
    builder.add(pool);
    builder.setOutput(pool.out);
    builder.keep(rows);
    // What a file may hold for other uses: logits, and a classifier beside a vector.
    for (const char* name :
         {"output.weight", "output.bias", "cls.weight", "cls.bias", "cls.output.weight", "cls.output.bias"})
        static_cast<void>(builder.has(name));
    builder.requireAllAsked(spec.layers, spec.predictionLayers);
    HEARTH_TRY(Program program, builder.finish());
    return EmbeddingProgram{std::move(program), rows};
}

} // namespace hearth
