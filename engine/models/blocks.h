#pragma once

#include "engine/program/model_spec.h"
#include "engine/program/program_builder.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace hearth {

// The parts that families are put together from. Each adds the ops of one residual block that reads and updates
// `stream` (rows, hidden); what is not said in its settings is read from the tensors that the file has.

/// The model's rope with the divisors of its frequencies, if the file has any: rope_freqs, or one set up to the
/// original context and another for contexts beyond it (LongRoPE, arXiv 2402.13753; the context's size decides, not the
/// prompt's).
[[nodiscard]] Rope ropeWithFactors(ProgramBuilder& builder, const ModelSpec& spec);

/// Grouped-query attention: x += W_o Attention(rope(q), rope(k), v) with [q, k, v] = W_qkv norm(x).
/// attn_q/attn_k/attn_v or one attn_qkv; biases where the file has them; q and k norms where the file has them.
struct AttentionBlock {
    Rope rope;
    float scale = 1.0F;
    std::int32_t window = 0;
    float softCap = 0.0F;
    QueryGate gate = QueryGate::None;
    bool hasSinks = false;          ///< attn_sinks.weight, one logit a head
    std::string_view postNorm = {}; ///< norm of what is added, e.g. "post_attention_norm"; empty: none
};
void addAttention(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream,
                  const AttentionBlock& block);

/// q, k and v of the stream (after `norm`), as three tensors or as one attn_qkv whose rows are q's, then k's, then v's.
/// buffers and rows: of q, k and v.
void addQueryKeyValue(ProgramBuilder& builder, std::int32_t hidden, BufferId stream, const Norm& norm,
                      const std::array<BufferId, 3>& buffers, const std::array<std::int32_t, 3>& rows);

/// Gated feed-forward: x += W_down (act(W_gate n) * W_up n), n = norm(x). ffn_gate and ffn_up, or one ffn_up with the
/// gate's rows first if the file has no ffn_gate.
struct FeedForwardBlock {
    std::string_view norm = "ffn_norm";
    Activation activation = Activation::Silu;
    std::string_view postNorm = {};
};
void addFeedForward(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream,
                    const FeedForwardBlock& block);

/// expert_count, expert_used_count, expert_feed_forward_length, expert_shared_count or
/// expert_shared_feed_forward_length, leading_dense_block_count, expert_gating_func, expert_weights_norm,
/// expert_weights_scale, expert_group_count, expert_group_used_count. `defaults` gives gating and normalise where
/// the file is silent, for each family has its own custom.
[[nodiscard]] Result<ExpertSpec> readExpertSpec(const GgufFile& file, const ModelSpec& spec, ExpertSpec defaults);

/// x += postNorm(sum over the chosen experts of w_e down_e(act(gate_e n) * up_e n)) + shared(n), n = norm(x).
struct ExpertBlock {
    std::string_view norm = "ffn_norm";
    Activation activation = Activation::Silu;
    Norm routerNorm = {}; ///< what the router reads; none: n
    float routerScale = 1.0F;
    std::string_view postNorm = {};
    BufferId addTo = kNoBuffer; ///< what gets the sum; none: the stream
};
void addExperts(ProgramBuilder& builder, const ModelSpec& spec, const ExpertSpec& experts, BufferId stream,
                const ExpertBlock& block);

} // namespace hearth
