#pragma once

// What the ops of run_rows.cpp and run_sequence.cpp share.

#include "kernels/cuda/run_op.h"

namespace hearth::cuda {

/// A linear from rows in memory to rows in memory, one part.
[[nodiscard]] LinearCall linearCall(const StepContext& context, const Linear& linear, const float* in,
                                    std::int64_t inStride, float* out, std::int64_t outStride, std::int32_t count);

/// A linear and its low-rank changes: scale * up (down in) is added.
[[nodiscard]] Status project(const StepContext& context, WeightId weight, const LinearCall& call);

/// The same by the transpose of each matrix: (up down)^T in = down^T (up^T in).
[[nodiscard]] Status projectTransposed(const StepContext& context, WeightId weight, const LinearCall& call);

/// How much an adapter adds in this step.
[[nodiscard]] float scaleOf(const StepContext& context, const LowRank& change);

/// norm(in) in scratch memory; `in` itself if there is no norm. rowIndex: these rows of `in`.
[[nodiscard]] Result<const float*> normed(const StepContext& context, const Norm& norm, const float* in,
                                          std::int32_t columns, std::int32_t count,
                                          const std::int32_t* rowIndex = nullptr);

/// Heads (or all of them together, as the norm's weight spans) normalised, `stride` apart; a plain copy without norm.
void normHeads(const StepContext& context, const Norm& norm, const float* in, float* out, std::int64_t rowStride,
               std::int32_t headColumns, std::int64_t stride, std::int32_t heads);

// One op each; `index` is its place in the program.
[[nodiscard]] Status run(std::size_t index, const EmbedRows& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const NormProject& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const RopeStore& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const Attention& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const ProjectResidual& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const GateUp& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const DownReduce& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const Logits& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const RouteExperts& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const LatentStore& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const HeadProject& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const LoadRows& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const NormRows& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const DeltaStep& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const ShortConvolution& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const PoolRows& op, const StepContext& context);
[[nodiscard]] Status run(std::size_t index, const SelectSlots& op, const StepContext& context);

} // namespace hearth::cuda
