#include "tests/engine/tiny_encoder.h"

#include <array>
#include <functional>
#include <numeric>
#include <random>

namespace hearth {

namespace {

constexpr std::uint32_t kLayers = 3;
constexpr std::int64_t kHidden = 48;
constexpr std::int64_t kInner = 40;
constexpr std::int64_t kContext = 192;
constexpr std::uint32_t kRank = 4; // pooling_type

/// A model of TinyModel's vocabulary in the making.
class Maker {
public:
    Maker(const std::string& architecture, std::uint32_t heads, std::uint32_t seed)
        : m_architecture(architecture), m_random(seed) {
        for (const auto& [key, value] : TinyModel::llama(0).metadata)
            if (key.starts_with("tokenizer."))
                m_model.metadata[key] = value;
        m_model.metadata["general.architecture"] = architecture;
        m_model.metadata["tokenizer.ggml.token_type_count"] = std::uint32_t{2};
        set("block_count", kLayers);
        set("context_length", static_cast<std::uint32_t>(kContext));
        set("embedding_length", static_cast<std::uint32_t>(kHidden));
        set("feed_forward_length", static_cast<std::uint32_t>(kInner));
        set("attention.head_count", heads);
        set("attention.layer_norm_epsilon", 1e-5F);
        set("attention.causal", false);
        set("pooling_type", std::uint32_t{1});
        set("vocab_size", static_cast<std::uint32_t>(TinyModel::kVocabulary));
    }

    void set(const std::string& key, GgufField value) {
        m_model.metadata[m_architecture + "." + key] = std::move(value);
    }
    void setTokenizer(const std::string& key, GgufField value) {
        m_model.metadata["tokenizer.ggml." + key] = std::move(value);
    }
    void drop(const std::string& key) { m_model.metadata.erase(m_architecture + "." + key); }

    void add(const std::string& name, std::vector<std::int64_t> extents, float spread, float centre = 0.0F) {
        const auto count = std::accumulate(extents.begin(), extents.end(), std::int64_t{1}, std::multiplies{});
        std::vector<float> values(static_cast<std::size_t>(count));
        for (float& value : values) // the library's distributions differ from one to the next, its engines do not
            value = centre + spread * (static_cast<float>(m_random() >> 8U) / static_cast<float>(1U << 23U) - 1.0F);
        m_model.tensors[name] = {std::move(extents), std::move(values)};
    }
    void weight(const std::string& name, std::int64_t columns, std::int64_t rows) {
        add(name + ".weight", {columns, rows}, 0.25F);
    }
    void linear(const std::string& name, std::int64_t columns, std::int64_t rows) {
        weight(name, columns, rows);
        add(name + ".bias", {rows}, 0.3F);
    }
    void norm(const std::string& name) {
        add(name + ".weight", {kHidden}, 0.3F, 1.0F);
        add(name + ".bias", {kHidden}, 0.3F);
    }

    void input() {
        add("token_embd.weight", {kHidden, TinyModel::kVocabulary}, 1.0F);
        add("token_types.weight", {kHidden, 2}, 0.5F);
        norm("token_embd_norm");
    }
    /// For each layer, with the prefix of its tensors.
    void layers(const std::function<void(const std::string& prefix, std::uint32_t layer)>& layer) {
        for (std::uint32_t index = 0; index < kLayers; ++index)
            layer("blk." + std::to_string(index) + ".", index);
    }
    void attention(const std::string& prefix) {
        for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output"})
            linear(prefix + name, kHidden, kHidden);
        norm(prefix + "attn_output_norm");
    }
    void fusedAttention(const std::string& prefix) {
        linear(prefix + "attn_qkv", kHidden, 3 * kHidden);
        linear(prefix + "attn_output", kHidden, kHidden);
        norm(prefix + "attn_output_norm");
    }
    void feedForward(const std::string& prefix) {
        linear(prefix + "ffn_up", kHidden, kInner);
        linear(prefix + "ffn_down", kInner, kHidden);
        norm(prefix + "layer_output_norm");
    }
    [[nodiscard]] TinyModel take() { return std::move(m_model); }

private:
    std::string m_architecture;
    std::mt19937 m_random;
    TinyModel m_model;
};

/// Three heads: ALiBi's slopes for a number that is no power of two. Gate and up in one tensor, norms of q and k.
TinyModel jinaV2Code() {
    Maker maker("jina-bert-v2", 3, 1);
    maker.input();
    maker.layers([&](const std::string& prefix, std::uint32_t) {
        maker.attention(prefix);
        maker.norm(prefix + "attn_q_norm");
        maker.norm(prefix + "attn_k_norm");
        maker.norm(prefix + "attn_norm_2");
        maker.linear(prefix + "ffn_up", kHidden, 2 * kInner);
        maker.linear(prefix + "ffn_down", kInner, kHidden);
        maker.norm(prefix + "layer_output_norm");
    });
    return maker.take();
}

TinyModel jinaV2() {
    Maker maker("jina-bert-v2", 4, 2);
    maker.set("pooling_type", std::uint32_t{2});
    maker.input();
    maker.layers([&](const std::string& prefix, std::uint32_t) {
        maker.attention(prefix);
        maker.weight(prefix + "ffn_gate", kHidden, kInner);
        maker.weight(prefix + "ffn_up", kHidden, kInner);
        maker.linear(prefix + "ffn_down", kInner, kHidden);
        maker.norm(prefix + "layer_output_norm");
    });
    return maker.take();
}

TinyModel jinaV3() {
    Maker maker("jina-bert-v3", 3, 3);
    maker.set("rope.freq_base", 20000.0F);
    maker.input();
    maker.layers([&](const std::string& prefix, std::uint32_t) {
        maker.fusedAttention(prefix);
        maker.feedForward(prefix);
    });
    return maker.take();
}

TinyModel nomicMoe() {
    constexpr std::int64_t kExperts = 4;
    Maker maker("nomic-bert-moe", 4, 4);
    maker.set("rope.freq_base", 10000.0F);
    maker.set("moe_every_n_layers", std::uint32_t{2});
    maker.set("expert_count", static_cast<std::uint32_t>(kExperts));
    maker.set("expert_used_count", std::uint32_t{2});
    maker.input();
    maker.layers([&](const std::string& prefix, std::uint32_t layer) {
        maker.fusedAttention(prefix);
        if (layer % 2 == 0) {
            maker.feedForward(prefix);
            return;
        }
        maker.weight(prefix + "ffn_gate_inp", kHidden, kExperts);
        maker.add(prefix + "ffn_up_exps.weight", {kHidden, kInner, kExperts}, 0.25F);
        maker.add(prefix + "ffn_down_exps.weight", {kInner, kHidden, kExperts}, 0.25F);
        maker.norm(prefix + "layer_output_norm");
    });
    return maker.take();
}

/// As XLM-RoBERTa's: a dense layer and a head, two separators between the texts.
TinyModel bertReranker() {
    Maker maker("bert", 4, 5);
    maker.set("pooling_type", kRank);
    maker.setTokenizer("add_eos_token", true);
    maker.setTokenizer("add_sep_token", true);
    maker.setTokenizer("seperator_token_id", std::uint32_t{2});
    maker.input();
    maker.add("position_embd.weight", {kHidden, kContext}, 0.5F);
    maker.linear("cls", kHidden, kHidden);
    maker.linear("cls.output", kHidden, 1);
    maker.layers([&](const std::string& prefix, std::uint32_t) {
        maker.attention(prefix);
        maker.feedForward(prefix);
    });
    return maker.take();
}

/// With a dense layer of one row and no head.
TinyModel jinaReranker() {
    TinyModel model = jinaV2();
    Maker classifier("jina-bert-v2", 4, 6);
    classifier.linear("cls", kHidden, 1);
    model.tensors.merge(classifier.take().tensors);
    model.metadata["jina-bert-v2.pooling_type"] = kRank;
    return model;
}

/// A decoder that says yes or no behind a prompt of its own.
TinyModel qwenReranker() {
    Maker maker("qwen3", 4, 7);
    constexpr std::int64_t kHeadColumns = 16;
    maker.drop("attention.causal");
    maker.drop("attention.layer_norm_epsilon");
    maker.set("pooling_type", kRank);
    maker.set("attention.head_count_kv", std::uint32_t{2});
    maker.set("attention.key_length", static_cast<std::uint32_t>(kHeadColumns));
    maker.set("attention.value_length", static_cast<std::uint32_t>(kHeadColumns));
    maker.set("attention.layer_norm_rms_epsilon", 1e-6F);
    maker.set("rope.freq_base", 10000.0F);
    maker.set("classifier.output_labels", std::vector<std::string>{"yes", "no"});
    maker.setTokenizer("add_bos_token", false);
    maker.add("token_embd.weight", {kHidden, TinyModel::kVocabulary}, 1.0F);
    maker.add("output_norm.weight", {kHidden}, 0.3F, 1.0F);
    maker.weight("cls.output", kHidden, 2);
    maker.layers([&](const std::string& prefix, std::uint32_t) {
        maker.add(prefix + "attn_norm.weight", {kHidden}, 0.3F, 1.0F);
        maker.weight(prefix + "attn_q", kHidden, 4 * kHeadColumns);
        maker.weight(prefix + "attn_k", kHidden, 2 * kHeadColumns);
        maker.weight(prefix + "attn_v", kHidden, 2 * kHeadColumns);
        maker.weight(prefix + "attn_output", 4 * kHeadColumns, kHidden);
        maker.add(prefix + "attn_q_norm.weight", {kHeadColumns}, 0.3F, 1.0F);
        maker.add(prefix + "attn_k_norm.weight", {kHeadColumns}, 0.3F, 1.0F);
        maker.add(prefix + "ffn_norm.weight", {kHidden}, 0.3F, 1.0F);
        maker.weight(prefix + "ffn_gate", kHidden, kInner);
        maker.weight(prefix + "ffn_up", kHidden, kInner);
        maker.weight(prefix + "ffn_down", kInner, kHidden);
    });
    TinyModel model = maker.take();
    model.metadata["tokenizer.chat_template.rerank"] = std::string("<s>Q: {query}\nD: {document}</s>Answer:");
    return model;
}

constexpr std::array kEncoders{
    TinyEncoder{"jina-bert-v2, fused gate, norms of q and k", jinaV2Code},
    TinyEncoder{"jina-bert-v2", jinaV2},
    TinyEncoder{"jina-bert-v3", jinaV3},
    TinyEncoder{"nomic-bert-moe", nomicMoe},
    TinyEncoder{"bert reranker", bertReranker},
    TinyEncoder{"jina-bert-v2 reranker", jinaReranker},
    TinyEncoder{"qwen3 reranker", qwenReranker},
};

} // namespace

std::span<const TinyEncoder> tinyEncoders() {
    return kEncoders;
}

} // namespace hearth
