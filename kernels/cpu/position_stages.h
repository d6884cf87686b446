#pragma once

#include "kernels/cpu/rope_tables.h"
#include "kernels/cpu/stage.h"

#include <memory>

namespace hearth {

// The ops that look at tokens, positions and the cache.
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const EmbedRows& op);
/// `table` outlives the stage; null if the op does not rotate.
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const RopeStore& op, const RopeTable* table);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const LatentStore& op, const RopeTable* table);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const Attention& op);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const SelectSlots& op);
/// Attention to slots that were chosen.
[[nodiscard]] std::unique_ptr<Stage> makeSparseAttention(const StagePlan& plan, const Attention& op);

} // namespace hearth
