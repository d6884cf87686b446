#pragma once

#include "engine/models/model_family.h"

#include <cstdint>
#include <string_view>

namespace hearth {

/// How a file makes one vector of a text's rows: ARCH.pooling_type.
enum class PoolingKind : std::uint8_t {
    Mean,
    First,
    Last,
    Rank ///< no vector, but scores of a pair of texts, by a classifier over the first row (of a decoder: the last)
};

[[nodiscard]] std::string_view poolingName(PoolingKind kind);

struct EmbeddingSpec {
    PoolingKind pooling = PoolingKind::Mean;
    std::int32_t columns = 0; ///< of the pooled vector; of a reranker its labels
};

/// Reads ARCH.pooling_type; where the file leaves it open, encoders average and decoders take the last row.
/// Errors: Corrupt (a number that is no kind), NotFound (a reranker without cls or cls.output).
[[nodiscard]] Result<EmbeddingSpec> readEmbeddingSpec(const GgufFile& file, const ModelFamily& family,
                                                      const ModelSpec& spec);

struct EmbeddingProgram {
    Program program;           ///< its output: the pooled row
    BufferId rows = kNoBuffer; ///< kept: every token's row before pooling
};

/// The family's layers over one whole text of at most maxRows tokens and the pooling of its rows. Layers share their
/// caches: nothing is kept from one step to the next. contextTokens: the longest text that the model is used for, by
/// which some ropes turn. Errors: as ProgramBuilder::finish().
[[nodiscard]] Result<EmbeddingProgram> buildEmbedding(const GgufFile& file, const ModelFamily& family,
                                                      const ModelSpec& spec, const EmbeddingSpec& embedding,
                                                      std::int32_t maxRows, std::int32_t contextTokens);

} // namespace hearth
