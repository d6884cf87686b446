#include "tests/engine/bert_folder.h"

#include <numeric>
#include <random>

namespace hearth {

namespace {

const std::vector<std::string> kTokens{"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the",
                                       "cat",   "##s",   "sat",   "on",    "mat",    "."};

} // namespace

BertFolder BertFolder::wellFormed() {
    BertFolder folder;
    std::mt19937 random(3);
    const auto add = [&](const std::string& name, std::vector<std::int64_t> shape) {
        const auto count = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies{});
        std::string bytes;
        for (std::int64_t index = 0; index < count; ++index) {
            const float value = static_cast<float>(random() >> 8U) / static_cast<float>(1U << 23U) - 1.0F;
            bytes.append(reinterpret_cast<const char*>(&value), sizeof(value));
        }
        folder.tensors[name] = {"F32", std::move(shape), std::move(bytes)};
    };
    const auto module = [&](const std::string& name, std::vector<std::int64_t> shape) {
        add(name + ".bias", {shape.front()});
        add(name + ".weight", std::move(shape));
    };
    add("embeddings.word_embeddings.weight", {static_cast<std::int64_t>(kTokens.size()), kHidden});
    add("embeddings.position_embeddings.weight", {kPositions, kHidden});
    add("embeddings.token_type_embeddings.weight", {2, kHidden});
    module("embeddings.LayerNorm", {kHidden});
    for (int layer = 0; layer < kLayers; ++layer) {
        const std::string prefix = "encoder.layer." + std::to_string(layer) + ".";
        for (const char* name :
             {"attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"})
            module(prefix + name, {kHidden, kHidden});
        module(prefix + "intermediate.dense", {kInner, kHidden});
        module(prefix + "output.dense", {kHidden, kInner});
        module(prefix + "attention.output.LayerNorm", {kHidden});
        module(prefix + "output.LayerNorm", {kHidden});
    }
    module("pooler.dense", {kHidden, kHidden});
    folder.setConfig({{"model_type", "bert"},
                      {"num_hidden_layers", kLayers},
                      {"hidden_size", kHidden},
                      {"intermediate_size", kInner},
                      {"num_attention_heads", 2},
                      {"max_position_embeddings", kPositions},
                      {"type_vocab_size", 2},
                      {"vocab_size", kTokens.size()},
                      {"layer_norm_eps", 1e-12},
                      {"hidden_act", "gelu"}});
    for (const std::string& token : kTokens)
        folder.files["vocab.txt"] += token + "\n";
    folder.files["tokenizer_config.json"] = R"({"do_lower_case": true, "strip_accents": null})";
    folder.files["modules.json"] =
        R"([{"type": "x.Transformer", "path": ""}, {"type": "x.Pooling", "path": "1_Pooling"}])";
    folder.files["1_Pooling/config.json"] = R"({"pooling_mode_cls_token": false, "pooling_mode_mean_tokens": true})";
    return folder;
}

std::string BertFolder::safetensors() const {
    SafetensorsBytes bytes;
    for (const auto& [name, tensor] : tensors)
        bytes.add(name, tensor.dtype, tensor.shape, tensor.bytes);
    return bytes.bytes();
}

void BertFolder::write(const std::filesystem::path& folder) const {
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    writeBytes(folder / "model.safetensors", safetensors());
    for (const auto& [name, text] : files) {
        std::filesystem::create_directories((folder / name).parent_path());
        writeBytes(folder / name, text);
    }
}

} // namespace hearth
