#include "kernels/reference/ops.h"

#include <algorithm>

namespace hearth::reference {

void run(const LoadRows& op, const Step& step) {
    const auto columns = static_cast<std::size_t>(step.columns(op.out));
    const std::size_t width = columns * static_cast<std::size_t>(step.program.embeddingParts);
    for (std::int32_t row = 0; row < step.rows(); ++row) {
        const auto index = static_cast<std::size_t>(row);
        const std::span<float> out = step.row(op.out, row);
        if (op.store == Store::Replace)
            std::ranges::fill(out, 0.0F);
        if (op.which == EmbeddingRows::MediaOnly && step.state.tokens[index] >= 0)
            continue;
        const auto part =
            step.state.embeddings.subspan(index * width + static_cast<std::size_t>(op.part) * columns, columns);
        std::ranges::transform(out, part, out.begin(), std::plus{});
    }
}

} // namespace hearth::reference
