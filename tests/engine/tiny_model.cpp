#include "tests/engine/tiny_model.h"

#include <array>
#include <numeric>
#include <random>
#include <span>

namespace hearth {

namespace {

// tokenizer.ggml.token_type in GGUF files.
constexpr std::int32_t kUnknown = 2;
constexpr std::int32_t kControl = 3;
constexpr std::int32_t kByte = 6;

void addVocabulary(std::map<std::string, GgufField>& metadata) {
    std::vector<std::string> tokens{"<unk>", "<s>", "</s>"};
    std::vector<std::int32_t> types{kUnknown, kControl, kControl};
    constexpr std::array<char, 17> kDigits{"0123456789ABCDEF"};
    for (std::size_t byte = 0; byte < 256; ++byte) {
        tokens.push_back(std::string("<0x") + kDigits[byte / 16] + kDigits[byte % 16] + ">");
        types.push_back(kByte);
    }
    metadata["tokenizer.ggml.model"] = std::string("llama");
    metadata["tokenizer.ggml.scores"] = std::vector<float>(tokens.size(), 0.0F);
    metadata["tokenizer.ggml.tokens"] = std::move(tokens);
    metadata["tokenizer.ggml.token_type"] = std::move(types);
    metadata["tokenizer.ggml.bos_token_id"] = std::uint32_t{1};
    metadata["tokenizer.ggml.eos_token_id"] = std::uint32_t{2};
}

} // namespace

TinyModel TinyModel::llama(std::uint32_t seed) {
    TinyModel model;
    model.metadata["general.architecture"] = std::string("llama");
    model.metadata["general.name"] = std::string("tiny");
    model.metadata["llama.block_count"] = std::uint32_t{kLayers};
    model.metadata["llama.context_length"] = std::uint32_t{kContext};
    model.metadata["llama.embedding_length"] = std::uint32_t{kHidden};
    model.metadata["llama.feed_forward_length"] = std::uint32_t{kInner};
    model.metadata["llama.attention.head_count"] = std::uint32_t{kHeads};
    model.metadata["llama.attention.head_count_kv"] = std::uint32_t{kKeyHeads};
    model.metadata["llama.attention.layer_norm_rms_epsilon"] = 1e-5F;
    addVocabulary(model.metadata);

    std::mt19937 random(seed);
    const auto add = [&](const std::string& name, std::vector<std::int64_t> extents, float spread, float centre) {
        const auto count = std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies{});
        std::vector<float> values(static_cast<std::size_t>(count));
        for (float& value : values) // the library's distributions differ from one to the next, its engines do not
            value = centre + spread * (static_cast<float>(random() >> 8U) / static_cast<float>(1U << 23U) - 1.0F);
        model.tensors[name] = {std::move(extents), std::move(values)};
    };
    constexpr std::int64_t kKeyColumns = kHidden / kHeads * kKeyHeads;
    add("token_embd.weight", {kHidden, kVocabulary}, 1.0F, 0.0F);
    add("output_norm.weight", {kHidden}, 0.1F, 1.0F);
    add("output.weight", {kHidden, kVocabulary}, 0.6F, 0.0F);
    for (std::int32_t layer = 0; layer < kLayers; ++layer) {
        const std::string prefix = "blk." + std::to_string(layer) + ".";
        add(prefix + "attn_norm.weight", {kHidden}, 0.1F, 1.0F);
        add(prefix + "attn_q.weight", {kHidden, kHidden}, 0.5F, 0.0F);
        add(prefix + "attn_k.weight", {kHidden, kKeyColumns}, 0.5F, 0.0F);
        add(prefix + "attn_v.weight", {kHidden, kKeyColumns}, 0.5F, 0.0F);
        add(prefix + "attn_output.weight", {kHidden, kHidden}, 0.3F, 0.0F);
        add(prefix + "ffn_norm.weight", {kHidden}, 0.1F, 1.0F);
        add(prefix + "ffn_gate.weight", {kHidden, kInner}, 0.4F, 0.0F);
        add(prefix + "ffn_up.weight", {kHidden, kInner}, 0.4F, 0.0F);
        add(prefix + "ffn_down.weight", {kInner, kHidden}, 0.4F, 0.0F);
    }
    return model;
}

Status TinyModel::write(const std::filesystem::path& path) const {
    GgufWriter writer;
    for (const auto& [key, value] : metadata)
        HEARTH_CHECK(writer.set(key, value));
    for (const auto& [name, tensor] : tensors)
        HEARTH_CHECK(writer.addTensor(name, DType::F32, tensor.extents, std::as_bytes(std::span(tensor.values))));
    return writer.write(path);
}

} // namespace hearth
