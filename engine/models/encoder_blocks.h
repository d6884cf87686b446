#pragma once

#include "engine/program/model_spec.h"
#include "engine/program/program_builder.h"

#include <cstdint>

namespace hearth {

// The parts of encoders in the manner of BERT (arXiv 1810.04805): the norm comes after each sum, every row sees every
// other. What is not said in the settings is read from the tensors that the file has.

/// stream = norm(token_embd + position_embd + token_types[0]); the last two where the file has them.
void addEncoderInput(ProgramBuilder& builder, const ModelSpec& spec, BufferId stream);

/// x = norm(x + W_o Attention(rope(q), rope(k), v)), [q, k, v] = W_qkv x. q and k are normalised over all heads where
/// the file has attn_q_norm and attn_k_norm; where it has attn_norm_2, x = norm2(norm(x + ...) + x).
struct EncoderAttention {
    Rope rope = {};
    float alibiMaxBias = 0.0F;
};
void addEncoderAttention(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream,
                         const EncoderAttention& block);

/// x = norm(x + W_down (act(W_gate x) * W_up x)): ffn_gate and ffn_up, or one ffn_up with the gate's rows first;
/// without either kind of gate x = norm(x + W_down act(W_up x)).
void addEncoderFeedForward(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream,
                           Activation activation);

/// x = norm(x + sum over the chosen experts of w_e W_down,e act(W_up,e x)).
void addEncoderExperts(ProgramBuilder& builder, const ModelSpec& spec, BufferId stream, Activation activation);

} // namespace hearth
