#pragma once

#include "engine/run/trace/generation_trace.h"
#include "kernels/api/backend.h"
#include "kernels/api/program.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// Where a program keeps what its routers chose.
struct Routing {
    TraceShape shape;
    std::vector<BufferId> ids; ///< one a layer of the shape
    std::vector<BufferId> weights;
};

/// Gives every router of `program` buffers of its own that keep their values to the end of the step, and plans the
/// buffers anew. It costs a few bytes a row and layer and no time: the routers write elsewhere, nothing more.
/// A program without routers stays as it is; the sizes in the shape are there all the same.
[[nodiscard]] Routing keepRouting(Program& program);

/// Copies the choices of one row of the last step: routing.shape.choices() each.
void readRouting(const Routing& routing, const Executable& executable, std::int32_t row, std::span<std::int32_t> ids,
                 std::span<float> weights);

} // namespace hearth
