#include "kernels/api/op.h"

#include "kernels/base/assert.h"

namespace hearth {

namespace {

// In the order of the variant Op.
constexpr std::array<std::string_view, std::variant_size_v<Op>> kNames{
    "EmbedRows",  "NormProject", "RopeStore",        "Attention",   "ProjectResidual", "GateUp",
    "DownReduce", "Logits",      "RouteExperts",     "LatentStore", "HeadProject",     "LoadRows",
    "NormRows",   "DeltaStep",   "ShortConvolution", "PoolRows",    "SelectSlots",
};

} // namespace

std::string_view opName(const Op& op) {
    HEARTH_ASSERT(!op.valueless_by_exception());
    return kNames[op.index()];
}

} // namespace hearth
