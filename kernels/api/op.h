#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

namespace hearth {

// Ids index the tables of the Program that an op belongs to.
using WeightId = std::int32_t;
using BufferId = std::int32_t;
using CacheId = std::int32_t;
inline constexpr WeightId kNoWeight = -1;
inline constexpr BufferId kNoBuffer = -1;

enum class NormKind : std::uint8_t {
    None,
    Rms,  ///< x / sqrt(mean(x^2) + epsilon) * weight
    Layer ///< (x - mean) / sqrt(variance + epsilon) * weight + bias
};

/// A normalisation over one row (or one head); weight and bias may be absent.
struct Norm {
    NormKind kind = NormKind::None;
    WeightId weight = kNoWeight;
    WeightId bias = kNoWeight;
    float epsilon = 0;
};

/// y = weight . x + bias; weight (rows, columns): columns inputs to rows outputs.
struct Linear {
    WeightId weight = kNoWeight;
    WeightId bias = kNoWeight;
};

struct Projection {
    Linear linear = {};
    BufferId out = kNoBuffer;
};

enum class RopeLayout : std::uint8_t {
    None,
    Neighbours, ///< turns pairs (2i, 2i+1)
    Halves      ///< turns pairs (i, i + dimensions/2)
};

/// Rotary position embedding (arXiv 2104.09864) on the first `dimensions` values of each head.
/// Frequency of pair i: base^(-2i/dimensions) / factors[i] * frequencyScale, mixed by YaRN (arXiv 2309.00071) when
/// extrapolationFactor is not 0: correction range from betaFast and betaSlow turns over originalContext, floored and
/// ceiled. cos and sin are multiplied by magnitude (the builder folds YaRN's 1 + 0.1 ln(1/scale) into it).
struct Rope {
    RopeLayout layout = RopeLayout::None;
    std::int32_t dimensions = 0;
    float base = 10000.0F;
    float frequencyScale = 1.0F;
    WeightId factors = kNoWeight; ///< F32, dimensions / 2 divisors
    float extrapolationFactor = 0.0F;
    std::int32_t originalContext = 0;
    float betaFast = 32.0F;
    float betaSlow = 1.0F;
    float magnitude = 1.0F;
    /// Pairs per axis (t, h, w, e) of multi-axis rope; all 0: one axis. Interleaved as Qwen3-VL does if `interleaved`.
    std::array<std::int32_t, 4> sections{};
    bool interleaved = false;
};

enum class Activation : std::uint8_t {
    Silu,     ///< x * sigmoid(x)
    GeluTanh, ///< 0.5 x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
    Relu
};

/// out[row] = scale * table[token[row]], or the step's embedding row where the token id is negative.
struct EmbedRows {
    WeightId table = kNoWeight;
    BufferId out = kNoBuffer;
    float scale = 1.0F;
};

/// Every projection's out = linear(norm(in)): QKV, or MLA's compressed projections. in: any width.
struct NormProject {
    BufferId in = kNoBuffer;
    Norm norm = {};
    std::vector<Projection> projections;
};

/// q (rows, queryHeads * headColumns) and k (rows, keyHeads * headColumns) are normalised per head if a norm is given,
/// then rotated; q stays in its buffer, k and v (rows, keyHeads * valueColumns) are appended to the cache at slots
/// cacheStart + row. k none: q only. v none: the cache holds keys only.
struct RopeStore {
    BufferId q = kNoBuffer;
    BufferId k = kNoBuffer;
    BufferId v = kNoBuffer;
    std::int32_t queryHeads = 0;
    std::int32_t keyHeads = 0;
    std::int32_t headColumns = 0;
    std::int32_t valueColumns = 0;
    Norm qNorm = {};
    Norm kNorm = {};
    Rope rope = {};
    CacheId cache = -1;
};

enum class Mask : std::uint8_t {
    Causal, ///< row r sees slots 0 .. cacheStart + r
    Full    ///< every row sees every slot of this step and before
};

/// out (rows, queryHeads * valueColumns) = softmax(scale * q . K) . V per head; head h reads cache head
/// h * keyHeads / queryHeads. window n: a slot sees itself and the n - 1 before it (0: all). softCap c: scores become
/// c * tanh(score / c) (0: off). sinks: one logit per head that joins the softmax and is dropped.
struct Attention {
    BufferId q = kNoBuffer;
    BufferId out = kNoBuffer;
    CacheId cache = -1;
    std::int32_t queryHeads = 0;
    std::int32_t keyHeads = 0;
    std::int32_t headColumns = 0;
    std::int32_t valueColumns = 0;
    float scale = 1.0F;
    Mask mask = Mask::Causal;
    std::int32_t window = 0;
    float softCap = 0.0F;
    WeightId sinks = kNoWeight;
};

/// residual += scale * postNorm(linear(in)).
struct ProjectResidual {
    BufferId in = kNoBuffer;
    Linear linear = {};
    Norm postNorm = {};
    BufferId residual = kNoBuffer;
    float scale = 1.0F;
};

/// out = activation(gate(norm(in))) * up(norm(in)); without gate: activation(up(norm(in))).
struct GateUp {
    BufferId in = kNoBuffer;
    Norm norm = {};
    Linear gate = {};
    Linear up = {};
    Activation activation = Activation::Silu;
    BufferId out = kNoBuffer;
};

/// residual += scale * postNorm(down(in)).
struct DownReduce {
    BufferId in = kNoBuffer;
    Linear down = {};
    Norm postNorm = {};
    BufferId residual = kNoBuffer;
    float scale = 1.0F;
};

/// For each of the step's output rows: out = softCap(scale * linear(norm(in))), packed to outputCount rows.
struct Logits {
    BufferId in = kNoBuffer;
    Norm norm = {};
    Linear linear = {};
    BufferId out = kNoBuffer;
    float scale = 1.0F;
    float softCap = 0.0F;
};

/// One step of work that ends where every worker needs the others' results.
using Op = std::variant<EmbedRows, NormProject, RopeStore, Attention, ProjectResidual, GateUp, DownReduce, Logits>;

/// The op's name as it stands in this file.
[[nodiscard]] std::string_view opName(const Op& op);

} // namespace hearth
