#include "engine/program/model_spec.h"

#include <algorithm>
#include <cmath>

namespace hearth {

namespace {

// Generous bounds: what is beyond them is a damaged file, not a model, and products of two of them fit 64 bits.
constexpr std::int32_t kMostLayers = 1024;
constexpr std::int32_t kMostColumns = 1 << 20;
constexpr std::int32_t kMostHeads = 4096;
constexpr std::int32_t kMostHeadColumns = 8192;
constexpr std::int32_t kMostVocabulary = 1 << 24;
constexpr std::int32_t kMostContext = 1 << 28;

/// The rows of the embedding; what metadata say of the vocabulary may leave out rows that fill it up.
Result<std::int32_t> vocabularySize(const GgufFile& file) {
    const GgufTensor* table = file.tensor("token_embd.weight");
    if (table == nullptr)
        return Error{ErrorCode::NotFound, file.path().string() + ": the tensor 'token_embd.weight' is missing"};
    if (table->extents[1] < 1 || table->extents[1] > kMostVocabulary)
        return Error{ErrorCode::Corrupt,
                     file.path().string() + ": 'token_embd.weight' has " + std::to_string(table->extents[1]) + " rows"};
    return static_cast<std::int32_t>(table->extents[1]);
}

/// One flag a layer, which files hold as booleans or numbers; empty if it is no list.
std::vector<bool> flagsOf(const GgufValue* value) {
    if (value == nullptr)
        return {};
    return std::visit(
        []<typename T>(const T& list) -> std::vector<bool> {
            if constexpr (std::is_same_v<T, std::vector<bool>>)
                return list;
            std::vector<bool> flags;
            if constexpr (std::is_same_v<T, std::vector<std::uint64_t>> || std::is_same_v<T, std::vector<std::int64_t>>)
                for (const auto number : list)
                    flags.push_back(number != 0);
            return flags;
        },
        *value);
}

Status requireFinite(const GgufFile& file, const std::string& key, float value, float low, float high) {
    if (std::isfinite(value) && value >= low && value <= high)
        return {};
    return Error{ErrorCode::Corrupt, file.path().string() + ": '" + key + "' is " + std::to_string(value)
                                         + ", expected " + std::to_string(low) + " to " + std::to_string(high)};
}

Status checkHeads(const GgufFile& file, const ModelSpec& spec, LayersWithoutKeys withoutKeys) {
    for (std::int32_t layer = 0; layer < spec.layers + spec.predictionLayers; ++layer) {
        const auto index = static_cast<std::size_t>(layer);
        if (spec.keyHeads[index] == 0 && withoutKeys == LayersWithoutKeys::Allowed)
            continue;
        if (spec.keyHeads[index] == 0 || spec.queryHeads[index] % spec.keyHeads[index] != 0)
            return Error{ErrorCode::Corrupt, file.path().string() + ": layer " + std::to_string(layer) + " has "
                                                 + std::to_string(spec.queryHeads[index]) + " query heads, which "
                                                 + std::to_string(spec.keyHeads[index]) + " key heads do not divide"};
    }
    return {};
}

/// YaRN's growth of attention with the scaling factor (arXiv 2309.00071, section 3.4).
float yarnMagnitude(float factor) {
    return factor <= 1.0F ? 1.0F : 0.1F * std::log(factor) + 1.0F;
}

Status readYarn(const GgufFile& file, const std::string& prefix, bool isYarn, Rope& rope) {
    HEARTH_TRY(rope.extrapolationFactor, file.float32Or(prefix + "yarn_ext_factor", isYarn ? 1.0F : 0.0F));
    HEARTH_TRY(rope.betaFast, file.float32Or(prefix + "yarn_beta_fast", 32.0F));
    HEARTH_TRY(rope.betaSlow, file.float32Or(prefix + "yarn_beta_slow", 1.0F));
    HEARTH_CHECK(requireFinite(file, prefix + "yarn_ext_factor", rope.extrapolationFactor, -1.0F, 16.0F));
    HEARTH_CHECK(requireFinite(file, prefix + "yarn_beta_fast", rope.betaFast, 0.0F, 1e6F));
    HEARTH_CHECK(requireFinite(file, prefix + "yarn_beta_slow", rope.betaSlow, 0.0F, 1e6F));
    if (rope.extrapolationFactor < 0.0F)
        rope.extrapolationFactor = isYarn ? 1.0F : 0.0F;
    if (rope.extrapolationFactor == 0.0F)
        return {};
    rope.magnitude *= yarnMagnitude(1.0F / rope.frequencyScale);
    return {};
}

} // namespace

Result<Rope> readRope(const GgufFile& file, const std::string& architecture, RopeLayout layout,
                      std::int32_t headColumns, std::int32_t trainedContext) {
    const std::string prefix = architecture + ".rope.";
    const std::string scaling = prefix + "scaling.";
    Rope rope;
    rope.layout = layout;
    if (layout == RopeLayout::None)
        return rope;
    HEARTH_TRY(rope.dimensions, file.int32Or(prefix + "dimension_count", headColumns, 2, headColumns));
    if (rope.dimensions % 2 != 0)
        return Error{ErrorCode::Corrupt, file.path().string() + ": '" + prefix + "dimension_count' is "
                                             + std::to_string(rope.dimensions) + ", expected an even number"};
    HEARTH_TRY(rope.base, file.float32Or(prefix + "freq_base", 10000.0F));
    HEARTH_CHECK(requireFinite(file, prefix + "freq_base", rope.base, 1.0F, 1e12F));

    HEARTH_TRY(const std::string type, file.stringOr(scaling + "type", "linear"));
    if (type != "none" && type != "linear" && type != "yarn" && type != "longrope")
        return Error{ErrorCode::Unsupported, file.path().string() + ": '" + scaling + "type' is '" + type
                                                 + "'; none, linear, yarn and longrope are known"};
    HEARTH_TRY(const float legacyFactor, file.float32Or(prefix + "scale_linear", 0.0F));
    HEARTH_TRY(const float factor, file.float32Or(scaling + "factor", legacyFactor));
    HEARTH_CHECK(requireFinite(file, scaling + "factor", factor, 0.0F, 1e6F));
    rope.frequencyScale = type == "none" || factor == 0.0F ? 1.0F : 1.0F / factor;
    HEARTH_TRY(rope.originalContext,
               file.int32Or(scaling + "original_context_length", trainedContext, 1, kMostContext));
    HEARTH_TRY(rope.magnitude, file.float32Or(scaling + "attn_factor", 1.0F));
    HEARTH_CHECK(requireFinite(file, scaling + "attn_factor", rope.magnitude, 0.0F, 1e3F));
    HEARTH_CHECK(readYarn(file, scaling, type == "yarn", rope));
    return rope;
}

Result<ModelSpec> readDecoderSpec(const GgufFile& file, RopeLayout layout, LayersWithoutKeys withoutKeys) {
    ModelSpec spec;
    HEARTH_TRY(spec.architecture, file.string("general.architecture"));
    const std::string prefix = spec.architecture + ".";
    HEARTH_TRY(const std::int32_t blocks, file.int32(prefix + "block_count", 1, kMostLayers));
    // Layers for multi-token prediction are counted among the blocks and come last.
    HEARTH_TRY(spec.predictionLayers, file.int32Or(prefix + "nextn_predict_layers", 0, 0, blocks - 1));
    spec.layers = blocks - spec.predictionLayers;
    HEARTH_TRY(spec.hidden, file.int32(prefix + "embedding_length", 1, kMostColumns));
    HEARTH_TRY(spec.vocabulary, vocabularySize(file));
    HEARTH_TRY(spec.trainedContext, file.int32(prefix + "context_length", 1, kMostContext));
    HEARTH_TRY(spec.queryHeads, file.int32PerLayer(prefix + "attention.head_count", blocks, 1, kMostHeads));
    spec.keyHeads = spec.queryHeads;
    if (file.find(prefix + "attention.head_count_kv") != nullptr) {
        HEARTH_TRY(spec.keyHeads, file.int32PerLayer(prefix + "attention.head_count_kv", blocks, 0, kMostHeads));
    }
    HEARTH_CHECK(checkHeads(file, spec, withoutKeys));
    HEARTH_TRY(spec.feedForward, file.int32PerLayer(prefix + "feed_forward_length", blocks, 0, kMostColumns));

    const std::int32_t evenShare = std::max(1, spec.hidden / spec.queryHeads.front());
    HEARTH_TRY(spec.keyColumns, file.int32Or(prefix + "attention.key_length", evenShare, 1, kMostHeadColumns));
    HEARTH_TRY(spec.valueColumns, file.int32Or(prefix + "attention.value_length", evenShare, 1, kMostHeadColumns));
    HEARTH_TRY(spec.normEpsilon, file.float32Or(prefix + "attention.layer_norm_rms_epsilon", 1e-5F));
    HEARTH_CHECK(requireFinite(file, prefix + "attention.layer_norm_rms_epsilon", spec.normEpsilon, 0.0F, 1.0F));
    HEARTH_TRY(spec.rope, readRope(file, spec.architecture, layout, spec.keyColumns, spec.trainedContext));

    HEARTH_TRY(const float scale, file.float32Or(prefix + "attention.scale", 0.0F));
    HEARTH_CHECK(requireFinite(file, prefix + "attention.scale", scale, 0.0F, 1e6F));
    spec.attentionScale = scale != 0.0F ? scale : 1.0F / std::sqrt(static_cast<float>(spec.keyColumns));
    return spec;
}

Result<ModelSpec> readEncoderSpec(const GgufFile& file, RopeLayout layout) {
    HEARTH_TRY(ModelSpec spec, readDecoderSpec(file, layout));
    const std::string prefix = spec.architecture + ".attention.";
    HEARTH_TRY(spec.normEpsilon, file.float32(prefix + "layer_norm_epsilon"));
    HEARTH_CHECK(requireFinite(file, prefix + "layer_norm_epsilon", spec.normEpsilon, 0.0F, 1.0F));
    HEARTH_TRY(const bool isCausal, file.boolOr(prefix + "causal", false));
    if (isCausal)
        return Error{ErrorCode::Unsupported, file.path().string() + ": '" + prefix + "causal' is true; '"
                                                 + spec.architecture
                                                 + "' is known with attention to the whole text only"};
    if (const GgufTensor* types = file.tensor("token_types.weight")) {
        const auto inTensor = static_cast<std::int32_t>(std::clamp<std::int64_t>(types->extents[1], 1, kMostColumns));
        HEARTH_TRY(spec.tokenTypes, file.int32Or("tokenizer.ggml.token_type_count", inTensor, 1, kMostColumns));
    }
    return spec;
}

Status readWindows(const GgufFile& file, ModelSpec& spec, const WindowDefaults& defaults) {
    const std::string prefix = spec.architecture + ".attention.sliding_window";
    HEARTH_TRY(spec.window, file.int32Or(prefix, defaults.window, 0, kMostContext));
    spec.isWindowed.assign(static_cast<std::size_t>(spec.layers + spec.predictionLayers), false);
    spec.windowedRope = spec.rope;
    if (spec.window == 0)
        return {};
    const std::vector<bool> flags = flagsOf(file.find(prefix + "_pattern"));
    if (!flags.empty()) {
        if (flags.size() < static_cast<std::size_t>(spec.layers))
            return Error{ErrorCode::Corrupt, file.path().string() + ": '" + prefix + "_pattern' has "
                                                 + std::to_string(flags.size()) + " entries for "
                                                 + std::to_string(spec.layers) + " layers"};
        std::copy_n(flags.begin(), std::min(flags.size(), spec.isWindowed.size()), spec.isWindowed.begin());
    } else {
        HEARTH_TRY(const std::int32_t period, file.int32Or(prefix + "_pattern", defaults.period, 0, kMostLayers));
        for (std::int32_t layer = 0; layer < spec.layers; ++layer)
            spec.isWindowed[static_cast<std::size_t>(layer)] = period == 0 || layer % period < period - 1;
    }
    const std::string baseKey = spec.architecture + ".rope.freq_base_swa";
    HEARTH_TRY(spec.windowedRope.base,
               file.float32Or(baseKey, defaults.swaBase != 0.0F ? defaults.swaBase : spec.rope.base));
    return requireFinite(file, baseKey, spec.windowedRope.base, 1.0F, 1e12F);
}

Status readSections(const GgufFile& file, const std::string& architecture, SectionOrder order, Rope& rope) {
    const std::string key = architecture + ".rope.dimension_sections";
    if (file.find(key) == nullptr)
        return Error{ErrorCode::NotFound, file.path().string() + ": '" + key + "' is missing"};
    auto sections = file.int32PerLayer(key, 4, 0, rope.dimensions);
    if (!sections) // older files leave out the fourth axis, which nothing uses
        sections = file.int32PerLayer(key, 3, 0, rope.dimensions);
    HEARTH_TRY(const std::vector<std::int32_t> read, std::move(sections));
    std::copy(read.begin(), read.end(), rope.sections.begin());
    rope.interleaved = order == SectionOrder::Interleaved;
    if (std::all_of(read.begin(), read.end(), [](std::int32_t section) { return section == 0; }))
        return Error{ErrorCode::Corrupt, file.path().string() + ": '" + key + "' holds zeros only"};
    return {};
}

Result<float> readSoftCap(const GgufFile& file, const std::string& key, float fallback) {
    HEARTH_TRY(const float cap, file.float32Or(key, fallback));
    HEARTH_CHECK(requireFinite(file, key, cap, 0.0F, 1e6F));
    return cap;
}

Status readRecurrent(const GgufFile& file, ModelSpec& spec) {
    const std::string prefix = spec.architecture + ".ssm.";
    RecurrentSpec& recurrent = spec.recurrent;
    HEARTH_TRY(recurrent.taps, file.int32(prefix + "conv_kernel", 1, 64));
    HEARTH_TRY(recurrent.stateColumns, file.int32(prefix + "state_size", 1, kMostHeadColumns));
    HEARTH_TRY(recurrent.valueHeads, file.int32(prefix + "time_step_rank", 1, kMostHeads));
    HEARTH_TRY(recurrent.keyHeads, file.int32(prefix + "group_count", 1, kMostHeads));
    if (recurrent.valueHeads % recurrent.keyHeads != 0)
        return Error{ErrorCode::Corrupt, file.path().string() + ": " + std::to_string(recurrent.valueHeads)
                                             + " value heads of the recurrent layers cannot share "
                                             + std::to_string(recurrent.keyHeads) + " key heads"};
    const std::vector<bool> flags = flagsOf(file.find(spec.architecture + ".attention.recurrent_layers"));
    const auto layers = static_cast<std::size_t>(spec.layers);
    if (!flags.empty() && flags.size() < layers)
        return Error{ErrorCode::Corrupt, file.path().string() + ": '" + spec.architecture
                                             + ".attention.recurrent_layers' has " + std::to_string(flags.size())
                                             + " entries for " + std::to_string(layers) + " layers"};
    if (!flags.empty()) {
        recurrent.isRecurrent.assign(flags.begin(), flags.begin() + spec.layers);
        recurrent.isRecurrent.resize(layers + static_cast<std::size_t>(spec.predictionLayers), false);
        return {};
    }
    HEARTH_TRY(const std::int32_t interval,
               file.int32Or(spec.architecture + ".full_attention_interval", 4, 1, kMostLayers));
    for (std::int32_t layer = 0; layer < spec.layers; ++layer)
        recurrent.isRecurrent.push_back((layer + 1) % interval != 0);
    recurrent.isRecurrent.resize(layers + static_cast<std::size_t>(spec.predictionLayers), false);
    return {};
}

} // namespace hearth
