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
using StateId = std::int32_t;
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
    Relu,
    /// gpt-oss: g = min(gate, 7), u = clamp(up, -7, 7), g * sigmoid(1.702 g) * (u + 1); needs a gate.
    SwigluClamped
};

/// How router scores become probabilities.
enum class Gating : std::uint8_t {
    Softmax,        ///< over all experts
    Sigmoid,        ///< of each
    SoftmaxOfChosen ///< experts are chosen by score, the softmax is over the chosen ones
};

/// Whether each query head is followed by a gate for its output (Qwen3-Next's gated attention).
enum class QueryGate : std::uint8_t { None, PerHead };

enum class Normalise : std::uint8_t { No, Yes };

/// out[row] = norm(scale * table[token[row]] + positionTable[position[row]] + typeTable[0]); where the token id is
/// negative, the first part of the step's embedding row stands for scale * table[token], or with rowWithoutToken >= 0
/// that row of the table. The two further tables may be absent (encoders have them).
struct EmbedRows {
    WeightId table = kNoWeight;
    BufferId out = kNoBuffer;
    float scale = 1.0F;
    WeightId positionTable = kNoWeight;
    WeightId typeTable = kNoWeight;
    Norm norm = {};
    std::int32_t rowWithoutToken = -1;
};

/// Whether an op's result stands for what its buffer held or is added to it.
enum class Store : std::uint8_t { Replace, Add };

/// Which rows have an embedding that is read: those without a token, or all.
enum class EmbeddingRows : std::uint8_t { MediaOnly, All };

/// out (rows, columns) = part `part` of the step's embedding rows, which are Program::embeddingParts x columns wide;
/// rows that are not read count as zero.
struct LoadRows {
    std::int32_t part = 0;
    BufferId out = kNoBuffer;
    Store store = Store::Replace;
    EmbeddingRows which = EmbeddingRows::MediaOnly;
};

/// out[outColumn ..] = factor * scale * (norm(inputScale * in) + other); a norm narrower than `in` goes over each part
/// of its width. other may be absent; out may be `in` or `other`. factor: a weight of one number, or absent.
struct NormRows {
    BufferId in = kNoBuffer;
    float inputScale = 1.0F;
    Norm norm = {};
    BufferId other = kNoBuffer;
    float scale = 1.0F;
    WeightId factor = kNoWeight;
    BufferId out = kNoBuffer;
    std::int32_t outColumn = 0;
};

/// Every projection's out = linear(norm(in)): QKV, or MLA's compressed projections. in: any width.
struct NormProject {
    BufferId in = kNoBuffer;
    Norm norm = {};
    std::vector<Projection> projections;
};

/// For each row: scores = router(scale * norm(in)), probabilities by `gating`; the expertsUsed experts with the highest
/// probability + selectionBias are chosen, ties to the lower id. groups > 1: only from the groupsUsed groups whose two
/// best biased experts sum highest (arXiv 2412.19437, section 2.1.2). weights: the chosen unbiased probabilities,
/// divided by their sum (at least 2^-14) if `normalise`, times weightScale. keepShare s < 1 (adaptive top-k): of the
/// chosen, in falling order of their probabilities (ties to the earlier place), only as many are kept as it takes to
/// reach s of the sum of all chosen; the others are dropped: id -1, weight 0, the rest normalised as before.
/// ids (rows, expertsUsed) I32 and weights (rows, expertsUsed) F32, in falling order of the selection score.
struct RouteExperts {
    BufferId in = kNoBuffer;
    Norm norm = {};
    float inputScale = 1.0F;
    Linear router = {};
    WeightId selectionBias = kNoWeight;
    Gating gating = Gating::Softmax;
    std::int32_t expertsUsed = 0;
    std::int32_t groups = 1;
    std::int32_t groupsUsed = 1;
    Normalise normalise = Normalise::No;
    float weightScale = 1.0F;
    float keepShare = 1.0F; ///< above 0, at most 1
    BufferId ids = kNoBuffer;
    BufferId weights = kNoBuffer;
};

/// How the file stores W_UK: rank rows x contentColumns a head, or the transpose (older files).
enum class KeyUpLayout : std::uint8_t { Direct, Transposed };

/// Multi-head latent attention's queries and cache rows (arXiv 2405.04434, section 2.1, with W_UK absorbed).
/// q (rows, heads * (contentColumns + ropeColumns)): each head's [content, positional];
/// compressed (rows, rank + ropeColumns): [latent, positional key].
/// out (rows, heads * (rank + ropeColumns)): per head [keyUp_h . content, rope(positional)], keyUp: `heads` matrices
/// laid out as keyUpLayout says. Cache slot
/// cacheStart + row: one key head [latentNorm(latent), rope(positional key)].
struct LatentStore {
    BufferId q = kNoBuffer;
    BufferId compressed = kNoBuffer;
    BufferId out = kNoBuffer;
    std::int32_t heads = 0;
    std::int32_t contentColumns = 0;
    std::int32_t ropeColumns = 0;
    std::int32_t rank = 0;
    Norm latentNorm = {};
    WeightId keyUp = kNoWeight;
    KeyUpLayout keyUpLayout = KeyUpLayout::Direct;
    Rope rope = {};
    CacheId cache = -1;
};

/// Per head h: out_h = weight_h . in_h; in (rows, heads * columns), weight: `heads` matrices of rows x columns,
/// out (rows, heads * rows of the weight). MLA's W_UV.
struct HeadProject {
    BufferId in = kNoBuffer;
    WeightId weight = kNoWeight;
    BufferId out = kNoBuffer;
};

/// q (rows, queryHeads * headColumns) and k (rows, keyHeads * headColumns) are normalised per head if a norm is given,
/// then rotated; q stays in its buffer, k and v (rows, keyHeads * valueColumns) are appended to the cache at slots
/// cacheStart + row. k none: q only. v none: the cache holds keys only. v may be k: the value is what k held before.
/// A norm whose weight spans all heads (heads * headColumns wide) normalises the whole row, one of headColumns each
/// head. gate PerHead: q is (rows, queryHeads * 2 * headColumns), each head [query, gate]; the gate is left alone.
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
    Norm vNorm = {};
    QueryGate gate = QueryGate::None;
};

enum class Mask : std::uint8_t {
    Causal, ///< row r sees slots 0 .. cacheStart + r
    Full    ///< every row sees every slot of this step and before
};

/// out (rows, queryHeads * valueColumns) = softmax(scale * q . K) . V per head; head h reads cache head
/// h * keyHeads / queryHeads. window n: a slot sees itself and the n - 1 before it (0: all). softCap c: scores become
/// c * tanh(score / c) (0: off). sinks: one logit per head that joins the softmax and is dropped.
/// gate PerHead: q is laid out as in RopeStore, and out is multiplied by sigmoid(gate).
/// alibiMaxBias m > 0: slope * |distance| is subtracted from the scores; head h of H has the slope 2^(-m (h + 1) / H)
/// for H a power of two, else as arXiv 2108.12409 interpolates.
/// slots (rows, n) I32, as SelectSlots writes it: only these slots are seen; without window and ALiBi.
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
    QueryGate gate = QueryGate::None;
    float alibiMaxBias = 0.0F;
    BufferId slots = kNoBuffer;
};

/// The indexer of sparse attention (DeepSeek-V3.2-Exp, 2025): score(row, slot) = sum over heads of
/// weights_h * relu(q_h . key(slot)); of the slots 0 .. cacheStart + row the `count` with the highest scores are kept,
/// ties to the lower slot. q (rows, heads * headColumns), weights (rows, heads); cache: one key head of headColumns,
/// stored before. slots (rows, count) I32: ascending, -1 behind the last where there are fewer.
struct SelectSlots {
    BufferId q = kNoBuffer;
    BufferId weights = kNoBuffer;
    CacheId cache = -1;
    std::int32_t heads = 0;
    std::int32_t headColumns = 0;
    std::int32_t count = 0;
    BufferId slots = kNoBuffer;
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
/// With expertIds (rows, used): for each chosen expert its own matrices; out (rows, used * inner), bias row = expert;
/// an id of -1 leaves its part of out untouched. upFrom: its columns upColumn .. stand for up(norm(in)).
struct GateUp {
    BufferId in = kNoBuffer;
    Norm norm = {};
    Linear gate = {};
    Linear up = {};
    Activation activation = Activation::Silu;
    BufferId out = kNoBuffer;
    BufferId expertIds = kNoBuffer;
    BufferId upFrom = kNoBuffer;
    std::int32_t upColumn = 0;
};

/// residual += scale * postNorm(down(in)).
/// With expertIds and expertWeights (rows, used): the sum over the chosen experts of weight * expertScale[expert] *
/// down_expert(part of in) stands for down(in); in (rows, used * inner); ids of -1 add nothing.
/// gate (rows, 1): what is added is multiplied by sigmoid(gate) (a shared expert's gate).
struct DownReduce {
    BufferId in = kNoBuffer;
    Linear down = {};
    Norm postNorm = {};
    BufferId residual = kNoBuffer;
    float scale = 1.0F;
    BufferId expertIds = kNoBuffer;
    BufferId expertWeights = kNoBuffer;
    WeightId expertScale = kNoWeight;
    BufferId gate = kNoBuffer;
    Store store = Store::Add; ///< Replace: the residual begins at zero
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

/// Which key head serves value head h of a delta net with more value heads than key heads.
enum class KeyHeadOf : std::uint8_t {
    Modulo, ///< h mod keyHeads
    Divide  ///< h div (valueHeads / keyHeads)
};

/// Gated delta net (arXiv 2412.06464) for the rows in order, over the recurrent state of the sequence.
/// mixed (rows, 2 keyHeads * stateColumns + valueHeads * stateColumns) = [q, k, v] before convolution;
/// z (rows, valueHeads * stateColumns) the output gate; beta, alpha (rows, valueHeads) before their functions. Without
/// alpha, beta (rows, 2 valueHeads) holds for each key head its value heads' beta, then their alpha.
/// Per channel of mixed: causal convolution by `convolution` (channels rows x taps columns, last tap = this row), SiLU.
/// q, k divided by max(2-norm, epsilon), q also by sqrt(stateColumns). b = sigmoid(beta),
/// g = decay_h * softplus(alpha + timeBias_h) (decay is stored negative). Per value head, S (stateColumns x
/// stateColumns): S = exp(g) S; S += k (b (v - S^T k))^T; o = S^T q; out = norm(o) * SiLU(z). The state holds the last
/// taps - 1 inputs of the convolution, oldest first, (taps - 1, channels), then every S.
struct DeltaStep {
    BufferId mixed = kNoBuffer;
    BufferId z = kNoBuffer;
    BufferId beta = kNoBuffer;
    BufferId alpha = kNoBuffer;
    BufferId out = kNoBuffer;
    std::int32_t keyHeads = 0;
    std::int32_t valueHeads = 0;
    std::int32_t stateColumns = 0;
    KeyHeadOf keyHeadOf = KeyHeadOf::Modulo;
    WeightId convolution = kNoWeight;
    WeightId decay = kNoWeight;
    WeightId timeBias = kNoWeight;
    Norm norm = {};
    float epsilon = 0.0F;
    StateId state = -1;
};

/// Gated short convolution (LFM2): in (rows, 3 * columns) = [b, c, x]; out = c * convolution(b * x), causal per channel
/// (weights columns rows x taps, last tap = this row). The state holds the last taps - 1 values of b * x, oldest first.
struct ShortConvolution {
    BufferId in = kNoBuffer;
    BufferId out = kNoBuffer;
    WeightId convolution = kNoWeight;
    StateId state = -1;
};

enum class Pooling : std::uint8_t {
    Mean, ///< over all rows
    First,
    Last
};

/// out (one row) = pooled norm(in) over the rows of the step; with `dense`: tanh(dense(pooled)); with `head`: head of
/// that (a reranker's score).
struct PoolRows {
    BufferId in = kNoBuffer;
    Norm norm = {};
    Pooling pooling = Pooling::Mean;
    Linear dense = {};
    Linear head = {};
    BufferId out = kNoBuffer;
};

/// One step of work that ends where every worker needs the others' results.
using Op = std::variant<EmbedRows, NormProject, RopeStore, Attention, ProjectResidual, GateUp, DownReduce, Logits,
                        RouteExperts, LatentStore, HeadProject, LoadRows, NormRows, DeltaStep, ShortConvolution,
                        PoolRows, SelectSlots>;

/// The op's name as it stands in this file.
[[nodiscard]] std::string_view opName(const Op& op);

} // namespace hearth
