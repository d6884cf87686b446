#include "kernels/reference/ops.h"

#include "kernels/quant/dequantise.h"

#include <algorithm>

namespace hearth::reference {

void run(const EmbedRows& op, const Step& step) {
    const WeightView& table = *step.program.weight(op.table);
    for (std::int32_t row = 0; row < step.rows(); ++row) {
        const std::span<float> out = step.row(op.out, row);
        const std::int32_t token = step.state.tokens[static_cast<std::size_t>(row)];
        if (token < 0) {
            std::ranges::copy(step.state.embeddings.subspan(static_cast<std::size_t>(row) * out.size(), out.size()),
                              out.begin());
            continue;
        }
        const std::byte* stored = table.data + static_cast<std::size_t>(token) * table.rowSizeBytes();
        dequantiseRow(table.dtype, stored, table.columns, out.data());
        for (float& value : out)
            value = static_cast<float>(static_cast<double>(value) * op.scale);
    }
}

} // namespace hearth::reference
