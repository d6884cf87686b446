#pragma once

#include "kernels/api/dtype.h"
#include "kernels/api/op.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hearth {

/// Tokens in one page of a key/value cache.
inline constexpr std::int32_t kPageTokens = 64;

/// A low-rank change to a weight (arXiv 2106.09685) that is never multiplied out: where W x is computed,
/// scale * up (down x) is added, with scale = factor * StepState::adapterScales[adapter].
struct LowRank {
    WeightId down = kNoWeight; ///< rank rows x the weight's columns; one matrix, or one for each of the weight's
    WeightId up = kNoWeight;   ///< the weight's rows x rank columns; as many matrices as the weight has
    float factor = 1.0F;
    std::int32_t adapter = 0; ///< 0 to Program::adapters - 1
};

/// Weights as they lie in memory (usually a mapped file): `matrices` (1, or the experts) of rows x columns,
/// row-major, columns innermost. Borrowed: the owner outlives every program that names it.
struct WeightView {
    std::string name;
    const std::byte* data = nullptr;
    DType dtype = DType::F32;
    std::int32_t columns = 0;
    std::int32_t rows = 1;
    std::int32_t matrices = 1;
    /// Bytes from one matrix to the next where they do not follow one another (rows of a fused tensor); 0: they do.
    std::size_t matrixStrideBytes = 0;
    /// Only of weights that ops multiply with, and of the table of EmbedRows.
    std::vector<LowRank> lowRank = {};

    [[nodiscard]] std::size_t rowSizeBytes() const { return rowBytes(dtype, columns); }
    [[nodiscard]] std::size_t matrixSizeBytes() const { return rowSizeBytes() * static_cast<std::size_t>(rows); }
    /// matrix: 0 to matrices - 1.
    [[nodiscard]] const std::byte* matrixData(std::int32_t matrix) const {
        const std::size_t stride = matrixStrideBytes != 0 ? matrixStrideBytes : matrixSizeBytes();
        return data + static_cast<std::size_t>(matrix) * stride;
    }
    [[nodiscard]] std::size_t sizeBytes() const { return matrixSizeBytes() * static_cast<std::size_t>(matrices); }
};

/// An activation: F32 (or I32 for expert ids), one row of `columns` per row of the step.
struct BufferSpec {
    std::string name;
    std::int32_t columns = 0;
    DType dtype = DType::F32;
};

/// What one layer keeps per token. A page holds, for kPageTokens tokens, keys (heads, kPageTokens, keyColumns) and
/// then values (heads, kPageTokens, valueColumns). valueColumns 0: values are the first columns of the keys (MLA).
/// columns are multiples of the dtype's block. Caches of one page class lie on the same pages of a sequence: class 0
/// holds all of it, class c only what Program::windows[c - 1] reaches back to.
struct CacheSpec {
    std::string name;
    std::int32_t heads = 0;
    std::int32_t keyColumns = 0;
    std::int32_t valueColumns = 0;
    DType dtype = DType::F16;
    std::int32_t pageClass = 0;

    [[nodiscard]] std::size_t keyBytesPerPage() const {
        return static_cast<std::size_t>(heads) * kPageTokens * rowBytes(dtype, keyColumns);
    }
    [[nodiscard]] std::size_t pageSizeBytes() const {
        return keyBytesPerPage() + static_cast<std::size_t>(heads) * kPageTokens * rowBytes(dtype, valueColumns);
    }
};

/// What one layer keeps of a sequence as a whole (recurrent layers): F32 numbers, zero before the first token.
struct StateSpec {
    std::string name;
    std::int64_t values = 0;
};

/// Where each buffer lies in one arena: byte offsets for maxRows rows, buffers that never live together overlap.
struct ActivationPlan {
    std::vector<std::size_t> offsets;
    std::size_t sizeBytes = 0;
};

/// An immutable list of ops with the tables that its ids index. A step runs at most maxRows rows of one sequence.
struct Program {
    std::int32_t maxRows = 0;
    /// Rows that one step can show in `output`; 0: maxRows. The buffer `output` is planned for so many rows.
    std::int32_t maxOutputRows = 0;
    std::vector<WeightView> weights;
    std::vector<BufferSpec> buffers;
    std::vector<CacheSpec> caches;
    /// Of page classes 1 and above: a row reads its own slot and at most the n - 1 before it.
    std::vector<std::int32_t> windows;
    std::vector<StateSpec> states;
    std::vector<Op> ops;
    /// What Executable::output() shows: the `out` of the last Logits or PoolRows op.
    BufferId output = kNoBuffer;
    /// Buffers that keep their values to the end of the step, for Executable::values(): planned alone from their first
    /// use on.
    std::vector<BufferId> kept;
    /// Adapters whose scales a step gives.
    std::int32_t adapters = 0;
    /// Rows of StepState::embeddings are this many times as wide as the stream: the input, then rows for deeper layers.
    std::int32_t embeddingParts = 1;
    ActivationPlan plan;

    [[nodiscard]] std::int32_t outputRowLimit() const { return maxOutputRows > 0 ? maxOutputRows : maxRows; }
    [[nodiscard]] const WeightView* weight(WeightId id) const {
        return id == kNoWeight ? nullptr : &weights[static_cast<std::size_t>(id)];
    }
};

/// Whether no row of a step can tell which rows come after it: no attention to all of the step, no pooling.
[[nodiscard]] bool isCausal(const Program& program);

/// Memory traffic and arithmetic of one op, for rooflines.
struct OpCost {
    double bytes = 0;
    double flops = 0;
};

/// rows: of this step; cacheTokens: positions that attention reads, this step's rows included.
/// Weights count once; a routed op counts the experts that `rows` tokens can touch at most.
[[nodiscard]] OpCost costOf(const Program& program, const Op& op, std::int32_t rows, std::int32_t cacheTokens);

} // namespace hearth
