#pragma once

#include "engine/gguf/gguf_file.h"
#include "kernels/api/op.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hearth {

/// The numbers that describe one model of a family, read from metadata and range-checked.
/// Per-layer vectors have one entry a layer.
struct ModelSpec {
    std::string architecture;
    std::int32_t layers = 0;
    std::int32_t hidden = 0;
    std::int32_t vocabulary = 0;
    std::int32_t trainedContext = 0;
    std::vector<std::int32_t> queryHeads;
    std::vector<std::int32_t> keyHeads;
    std::vector<std::int32_t> feedForward;
    std::int32_t keyColumns = 0;   ///< of one head
    std::int32_t valueColumns = 0; ///< of one head
    float normEpsilon = 0;
    Rope rope; ///< without factors, which are a weight of the file
    float attentionScale = 1.0F;
    float embeddingScale = 1.0F;
    float residualScale = 1.0F;
    float logitScale = 1.0F;
    float logitSoftCap = 0.0F;
};

/// Reads what every decoder has: counts, widths, heads, norm epsilon, rope (see readRope) and 1 / sqrt(keyColumns).
/// Errors: NotFound, Corrupt; each names key, value and range.
[[nodiscard]] Result<ModelSpec> readDecoderSpec(const GgufFile& file, RopeLayout layout);

/// Reads ARCH.rope.*: base, dimensions (headColumns if absent), linear scaling and YaRN.
/// Errors: Unsupported scaling types, Corrupt values.
[[nodiscard]] Result<Rope> readRope(const GgufFile& file, const std::string& architecture, RopeLayout layout,
                                    std::int32_t headColumns, std::int32_t trainedContext);

} // namespace hearth
