#pragma once

#include "kernels/api/op.h"
#include "kernels/reference/step.h"

namespace hearth::reference {

// One op on all rows of the step: the equations of kernels/api/op.h. Each has a file of its name.
void run(const EmbedRows& op, const Step& step);
void run(const NormProject& op, const Step& step);
void run(const RopeStore& op, const Step& step);
void run(const Attention& op, const Step& step);
void run(const ProjectResidual& op, const Step& step);
void run(const GateUp& op, const Step& step);
void run(const DownReduce& op, const Step& step);
void run(const Logits& op, const Step& step);
void run(const RouteExperts& op, const Step& step);
void run(const LatentStore& op, const Step& step);
void run(const HeadProject& op, const Step& step);
void run(const LoadRows& op, const Step& step);
void run(const NormRows& op, const Step& step);
void run(const DeltaStep& op, const Step& step);
void run(const ShortConvolution& op, const Step& step);
void run(const PoolRows& op, const Step& step);
void run(const SelectSlots& op, const Step& step);

} // namespace hearth::reference
