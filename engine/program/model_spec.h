#pragma once

#include "engine/gguf/gguf_file.h"
#include "kernels/api/op.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hearth {

/// Numbers of a mixture, read from ARCH.expert_*.
struct ExpertSpec {
    /// As `inner` of a family's defaults: the dense width, shared among the experts used.
    static constexpr std::int32_t kShareOfDense = -1;

    std::int32_t experts = 0;
    std::int32_t used = 0;
    std::int32_t inner = 0;       ///< of one routed expert
    std::int32_t sharedInner = 0; ///< of all shared experts together; 0: none
    std::int32_t leadingDense = 0;
    Gating gating = Gating::Softmax;
    Normalise normalise = Normalise::No;
    float weightScale = 1.0F;
    std::int32_t groups = 1;
    std::int32_t groupsUsed = 1;
};

/// Widths of multi-head latent attention (arXiv 2405.04434).
struct LatentSpec {
    std::int32_t queryRank = 0; ///< 0: queries are not compressed
    std::int32_t rank = 0;
    std::int32_t contentColumns = 0;
    std::int32_t ropeColumns = 0;
    std::int32_t valueColumns = 0;
};

/// Widths of gated delta net layers (arXiv 2412.06464).
struct RecurrentSpec {
    std::int32_t taps = 0; ///< of the convolution; 0: the model has no such layers
    std::int32_t stateColumns = 0;
    std::int32_t keyHeads = 0;
    std::int32_t valueHeads = 0;
    std::vector<bool> isRecurrent; ///< one a layer; layers for multi-token prediction never are
};

/// Widths of the indexer that chooses what sparse attention sees.
struct IndexerSpec {
    std::int32_t heads = 0;
    std::int32_t columns = 0; ///< of one head
    std::int32_t kept = 0;    ///< slots that a row sees
};

/// The numbers that describe one model of a family, read from metadata and range-checked.
/// Per-layer vectors have one entry a layer, those for multi-token prediction included.
struct ModelSpec {
    std::string architecture;
    std::int32_t layers = 0;
    /// Layers for multi-token prediction; they follow the others in the file, and in the per-layer vectors.
    std::int32_t predictionLayers = 0;
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
    ExpertSpec experts; ///< experts.experts 0: a dense model
    RecurrentSpec recurrent;
    std::int32_t deepstackLayers = 0; ///< leading layers that get embedding rows of their own
    LatentSpec latent;                ///< of multi-head latent attention; rank 0: none
    std::int32_t window = 0;          ///< of layers that see only so far back; 0: none do
    std::vector<bool> isWindowed;
    Rope windowedRope;                      ///< of those layers
    std::int32_t windowedKeyColumns = 0;    ///< of one head there; 0: as elsewhere
    std::int32_t cachelessLayers = 0;       ///< the last so many layers read the keys of earlier ones
    std::int32_t perLayerColumns = 0;       ///< of each layer's own embedding rows; 0: none
    IndexerSpec indexer;                    ///< of sparse attention; heads 0: none
    std::string outputNorm = "output_norm"; ///< name of the final norm
    float attentionSoftCap = 0.0F;
    std::int32_t expertPeriod = 0; ///< every so many layers one is a mixture, as the second is; 0: as the family says
    std::int32_t tokenTypes = 0;   ///< rows of an encoder's token_types; 0: it has none
};

/// Whether a layer may have no key heads (it does something else then).
enum class LayersWithoutKeys : std::uint8_t { Refused, Allowed };

/// Reads what every decoder has: counts, widths, heads, norm epsilon, rope (see readRope) and 1 / sqrt(keyColumns).
/// Errors: NotFound, Corrupt; each names key, value and range.
[[nodiscard]] Result<ModelSpec> readDecoderSpec(const GgufFile& file, RopeLayout layout,
                                                LayersWithoutKeys withoutKeys = LayersWithoutKeys::Refused);

/// The same for an encoder, whose norms are layer norms: attention.layer_norm_epsilon, and the types of tokens from
/// tokenizer.ggml.token_type_count or the tensor. Errors: also Unsupported if the file says that attention is causal.
[[nodiscard]] Result<ModelSpec> readEncoderSpec(const GgufFile& file, RopeLayout layout);

/// Which layers see only so far back, from ARCH.attention.sliding_window and .sliding_window_pattern (a period, of
/// which the last layer sees everything, or one flag a layer), and their rope: base rope.freq_base_swa, else swaBase,
/// else the others'. A window of 0, or none, means that no layer is windowed.
struct WindowDefaults {
    std::int32_t window = 0;
    std::int32_t period = 1;
    float swaBase = 0.0F;
};
[[nodiscard]] Status readWindows(const GgufFile& file, ModelSpec& spec, const WindowDefaults& defaults);

/// Whether the pairs of each axis stand together, or take turns (see Rope::sections).
enum class SectionOrder : std::uint8_t { Together, Interleaved };

/// Reads ARCH.rope.dimension_sections (3 or 4 numbers) into `rope`. Errors: NotFound, Corrupt.
[[nodiscard]] Status readSections(const GgufFile& file, const std::string& architecture, SectionOrder order,
                                  Rope& rope);

/// A bound that scores or logits are bent to; 0: none. Errors: Corrupt for what is negative or no number.
[[nodiscard]] Result<float> readSoftCap(const GgufFile& file, const std::string& key, float fallback);

/// Reads ARCH.ssm.* and which layers are recurrent: .attention.recurrent_layers, or all but every
/// .full_attention_interval-th (4 if absent). Errors: NotFound, Corrupt.
[[nodiscard]] Status readRecurrent(const GgufFile& file, ModelSpec& spec);

/// Reads ARCH.rope.*: base, dimensions (headColumns if absent), linear scaling and YaRN.
/// Errors: Unsupported scaling types, Corrupt values.
[[nodiscard]] Result<Rope> readRope(const GgufFile& file, const std::string& architecture, RopeLayout layout,
                                    std::int32_t headColumns, std::int32_t trainedContext);

} // namespace hearth
