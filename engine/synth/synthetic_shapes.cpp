#include "engine/synth/synthetic_shapes.h"

#include <array>

namespace hearth {

namespace {

// DeepSeek-V2-Lite's own widths (arXiv 2405.04434, appendix B).
constexpr std::int32_t kLatentRank = 512;
constexpr std::int32_t kLatentRope = 64;
constexpr std::int32_t kLatentContent = 128;
constexpr std::int32_t kLatentValue = 128;
constexpr std::int32_t kLatentShared = 2;

constexpr std::array kShapes{
    SyntheticNumbers{.name = "qwen3-30b-a3b",
                     .architecture = "qwen3moe",
                     .layers = 48,
                     .hidden = 2048,
                     .inner = 6144,
                     .queryHeads = 32,
                     .keyHeads = 4,
                     .headColumns = 128,
                     .vocabulary = 151936,
                     .context = 40960,
                     .ropeBase = 1e6F,
                     .experts = 128,
                     .expertsUsed = 8,
                     .expertInner = 768},
    SyntheticNumbers{.name = "qwen3-tiny",
                     .architecture = "qwen3moe",
                     .layers = 2,
                     .hidden = 2048,
                     .inner = 6144,
                     .queryHeads = 32,
                     .keyHeads = 4,
                     .headColumns = 128,
                     .vocabulary = 32000,
                     .context = 40960,
                     .ropeBase = 1e6F,
                     .experts = 128,
                     .expertsUsed = 8,
                     .expertInner = 768},
    SyntheticNumbers{.name = "deepseek-v2-lite",
                     .architecture = "deepseek2",
                     .layers = 27,
                     .hidden = 2048,
                     .inner = 10944,
                     .queryHeads = 16,
                     .keyHeads = 1,
                     .headColumns = kLatentContent + kLatentRope,
                     .vocabulary = 102400,
                     .context = 163840,
                     .experts = 64,
                     .expertsUsed = 6,
                     .expertInner = 1408},
    SyntheticNumbers{.name = "gpt-oss-20b",
                     .architecture = "gpt-oss",
                     .layers = 24,
                     .hidden = 2880,
                     .inner = 2880,
                     .queryHeads = 64,
                     .keyHeads = 8,
                     .headColumns = 64,
                     .vocabulary = 201088,
                     .context = 131072,
                     .normEpsilon = 1e-5F,
                     .ropeBase = 150000.0F,
                     .experts = 32,
                     .expertsUsed = 4,
                     .expertInner = 2880},
    SyntheticNumbers{.name = "llama-3.1-8b",
                     .architecture = "llama",
                     .layers = 32,
                     .hidden = 4096,
                     .inner = 14336,
                     .queryHeads = 32,
                     .keyHeads = 8,
                     .headColumns = 128,
                     .vocabulary = 128256,
                     .context = 131072,
                     .normEpsilon = 1e-5F,
                     .ropeBase = 500000.0F},
    SyntheticNumbers{.name = "smollm2-135m",
                     .architecture = "llama",
                     .layers = 30,
                     .hidden = 576,
                     .inner = 1536,
                     .queryHeads = 9,
                     .keyHeads = 3,
                     .headColumns = 64,
                     .vocabulary = 49152,
                     .context = 8192,
                     .normEpsilon = 1e-5F,
                     .ropeBase = 100000.0F},
    SyntheticNumbers{.name = "granite-1b-a400m",
                     .architecture = "granitemoe",
                     .layers = 24,
                     .hidden = 1024,
                     .inner = 512,
                     .queryHeads = 16,
                     .keyHeads = 8,
                     .headColumns = 64,
                     .vocabulary = 49155,
                     .context = 4096,
                     .experts = 32,
                     .expertsUsed = 8},
    SyntheticNumbers{.name = "olmoe-1b-7b",
                     .architecture = "olmoe",
                     .layers = 16,
                     .hidden = 2048,
                     .inner = 1024,
                     .queryHeads = 16,
                     .keyHeads = 16,
                     .headColumns = 128,
                     .vocabulary = 50304,
                     .context = 4096,
                     .normEpsilon = 1e-5F,
                     .experts = 64,
                     .expertsUsed = 8},
};

/// Puts one model together: what all decoders share, and what each architecture adds.
class Layout {
public:
    explicit Layout(const SyntheticNumbers& numbers) : m_numbers(numbers) {
        m_model.name = numbers.name;
        m_model.architecture = numbers.architecture;
        m_model.layers = numbers.layers;
    }

    SyntheticModel build() {
        addCommonMetadata();
        addArchitectureMetadata();
        matrix("token_embd.weight", {m_numbers.hidden, m_numbers.vocabulary});
        norm("output_norm.weight", m_numbers.hidden);
        if (!isTied())
            matrix("output.weight", {m_numbers.hidden, m_numbers.vocabulary});
        for (std::int32_t layer = 0; layer < m_numbers.layers; ++layer) {
            m_prefix = "blk." + std::to_string(layer) + ".";
            norm("attn_norm.weight", m_numbers.hidden);
            isLatent() ? addLatentAttention() : addAttention();
            norm(isGptOss() ? "post_attention_norm.weight" : "ffn_norm.weight", m_numbers.hidden);
            const bool isDense = m_numbers.experts == 0 || (isLatent() && layer == 0);
            isDense ? addFeedForward("", m_numbers.inner) : addExperts();
        }
        return std::move(m_model);
    }

private:
    [[nodiscard]] bool is(std::string_view architecture) const { return m_numbers.architecture == architecture; }
    [[nodiscard]] bool isLatent() const { return is("deepseek2"); }
    [[nodiscard]] bool isGptOss() const { return is("gpt-oss"); }
    /// These models use the embedding as output matrix.
    [[nodiscard]] bool isTied() const { return is("granitemoe") || m_numbers.name == "smollm2-135m"; }
    [[nodiscard]] std::int32_t expertInner() const {
        return m_numbers.expertInner > 0 ? m_numbers.expertInner : m_numbers.inner;
    }

    void set(const std::string& key, GgufField value) {
        m_model.metadata.emplace_back(m_model.architecture + "." + key, std::move(value));
    }
    void set(const std::string& key, std::int32_t value) { set(key, GgufField(static_cast<std::uint32_t>(value))); }
    void add(const std::string& name, std::vector<std::int64_t> extents, SyntheticKind kind) {
        m_model.tensors.push_back({m_prefix + name, std::move(extents), kind, DType::F32});
    }
    void matrix(const std::string& name, std::vector<std::int64_t> extents) {
        add(name, std::move(extents), SyntheticKind::Matrix);
    }
    void norm(const std::string& name, std::int64_t columns) { add(name, {columns}, SyntheticKind::Norm); }
    void bias(const std::string& name, std::vector<std::int64_t> extents) {
        if (isGptOss())
            add(name + ".bias", std::move(extents), SyntheticKind::Bias);
    }

    void addCommonMetadata() {
        set("vocab_size", m_numbers.vocabulary);
        set("context_length", m_numbers.context);
        set("embedding_length", m_numbers.hidden);
        set("block_count", m_numbers.layers);
        set("feed_forward_length", m_numbers.inner);
        set("attention.head_count", m_numbers.queryHeads);
        set("attention.head_count_kv", m_numbers.keyHeads);
        set("attention.layer_norm_rms_epsilon", GgufField(m_numbers.normEpsilon));
        set("rope.freq_base", GgufField(m_numbers.ropeBase));
        if (m_numbers.experts == 0)
            return;
        set("expert_count", m_numbers.experts);
        set("expert_used_count", m_numbers.expertsUsed);
        if (m_numbers.expertInner > 0)
            set("expert_feed_forward_length", m_numbers.expertInner);
    }

    void addArchitectureMetadata() {
        if (is("qwen3moe") || isGptOss()) {
            set("attention.key_length", m_numbers.headColumns);
            set("attention.value_length", m_numbers.headColumns);
        } else if (is("llama") || is("granitemoe")) {
            set("rope.dimension_count", m_numbers.headColumns);
        }
        if (is("granitemoe")) {
            set("attention.scale", GgufField(0.015625F));
            set("embedding_scale", GgufField(12.0F));
            set("residual_scale", GgufField(0.22F));
            set("logit_scale", GgufField(6.0F));
        }
        if (isGptOss()) {
            set("attention.sliding_window", 128);
            addYarn(32.0F);
        }
        if (isLatent()) {
            set("attention.key_length", kLatentRank + kLatentRope);
            set("attention.value_length", kLatentRank);
            set("attention.key_length_mla", kLatentContent + kLatentRope);
            set("attention.value_length_mla", kLatentValue);
            set("attention.kv_lora_rank", kLatentRank);
            set("rope.dimension_count", kLatentRope);
            set("leading_dense_block_count", 1);
            set("expert_shared_count", kLatentShared);
            set("expert_weights_scale", GgufField(1.0F));
            addYarn(40.0F);
            set("rope.scaling.yarn_log_multiplier", GgufField(0.0707F));
        }
    }
    void addYarn(float factor) {
        set("rope.scaling.type", GgufField(std::string("yarn")));
        set("rope.scaling.factor", GgufField(factor));
        set("rope.scaling.original_context_length", 4096);
    }

    void addAttention() {
        const std::int32_t hidden = m_numbers.hidden;
        const std::int32_t queryColumns = m_numbers.queryHeads * m_numbers.headColumns;
        const std::int32_t keyColumns = m_numbers.keyHeads * m_numbers.headColumns;
        matrix("attn_q.weight", {hidden, queryColumns});
        bias("attn_q", {queryColumns});
        matrix("attn_k.weight", {hidden, keyColumns});
        bias("attn_k", {keyColumns});
        matrix("attn_v.weight", {hidden, keyColumns});
        bias("attn_v", {keyColumns});
        matrix("attn_output.weight", {queryColumns, hidden});
        bias("attn_output", {hidden});
        if (is("qwen3moe")) {
            norm("attn_q_norm.weight", m_numbers.headColumns);
            norm("attn_k_norm.weight", m_numbers.headColumns);
        } else if (is("olmoe")) {
            norm("attn_q_norm.weight", queryColumns);
            norm("attn_k_norm.weight", keyColumns);
        } else if (isGptOss()) {
            add("attn_sinks.weight", {m_numbers.queryHeads}, SyntheticKind::Bias);
        }
    }

    void addLatentAttention() {
        const std::int32_t hidden = m_numbers.hidden;
        const std::int32_t heads = m_numbers.queryHeads;
        norm("attn_kv_a_norm.weight", kLatentRank);
        matrix("attn_q.weight", {hidden, heads * (kLatentContent + kLatentRope)});
        matrix("attn_kv_a_mqa.weight", {hidden, kLatentRank + kLatentRope});
        matrix("attn_k_b.weight", {kLatentContent, kLatentRank, heads});
        matrix("attn_v_b.weight", {kLatentRank, kLatentValue, heads});
        matrix("attn_output.weight", {heads * kLatentValue, hidden});
    }

    void addFeedForward(const std::string& suffix, std::int32_t inner) {
        matrix("ffn_gate" + suffix + ".weight", {m_numbers.hidden, inner});
        matrix("ffn_down" + suffix + ".weight", {inner, m_numbers.hidden});
        matrix("ffn_up" + suffix + ".weight", {m_numbers.hidden, inner});
    }

    void addExperts() {
        const std::int32_t hidden = m_numbers.hidden;
        const std::int32_t experts = m_numbers.experts;
        const std::int32_t inner = expertInner();
        add("ffn_gate_inp.weight", {hidden, experts}, SyntheticKind::Router);
        bias("ffn_gate_inp", {experts});
        matrix("ffn_gate_exps.weight", {hidden, inner, experts});
        bias("ffn_gate_exps", {inner, experts});
        matrix("ffn_down_exps.weight", {inner, hidden, experts});
        bias("ffn_down_exps", {hidden, experts});
        matrix("ffn_up_exps.weight", {hidden, inner, experts});
        bias("ffn_up_exps", {inner, experts});
        if (isLatent())
            addFeedForward("_shexp", kLatentShared * inner);
    }

    const SyntheticNumbers& m_numbers;
    std::string m_prefix;
    SyntheticModel m_model;
};

} // namespace

std::span<const SyntheticNumbers> syntheticNumbers() {
    return kShapes;
}

SyntheticModel syntheticLayout(const SyntheticNumbers& numbers) {
    return Layout(numbers).build();
}

} // namespace hearth
