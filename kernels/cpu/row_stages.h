#pragma once

#include "kernels/cpu/stage.h"

#include <memory>

namespace hearth {

// The ops that work on rows by themselves, and those that walk through them in order.
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const NormRows& op);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const LoadRows& op);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const PoolRows& op);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const DeltaStep& op);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const ShortConvolution& op);

} // namespace hearth
