#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"

#include <algorithm>

namespace hearth::reference {

namespace {

void addTableRow(const Step& step, WeightId table, std::int32_t row, std::span<double> out) {
    if (table == kNoWeight)
        return;
    const std::vector<double> values = vectorOr(step.program, table, static_cast<std::int32_t>(out.size()), 0.0, row);
    std::ranges::transform(out, values, out.begin(), std::plus{});
}

/// The table's low-rank changes: its row is row `token` of up . down.
void addChanges(const Step& step, const WeightView& table, std::int32_t token, std::span<double> out) {
    for (const LowRank& change : table.lowRank) {
        const WeightView& up = *step.program.weight(change.up);
        const std::vector<double> inner = vectorOr(step.program, change.up, up.columns, 0.0, token);
        for (std::int32_t place = 0; place < up.columns; ++place) {
            const double share = scaleOf(step, change) * inner[static_cast<std::size_t>(place)];
            const std::vector<double> down = vectorOr(step.program, change.down, table.columns, 0.0, place);
            for (std::size_t column = 0; column < out.size(); ++column)
                out[column] += share * down[column];
        }
    }
}

} // namespace

void run(const EmbedRows& op, const Step& step) {
    Matrix rows(step.rows(), step.columns(op.out));
    const std::size_t mediaWidth = static_cast<std::size_t>(rows.columns * step.program.embeddingParts);
    for (std::int32_t row = 0; row < rows.rows; ++row) {
        const std::span<double> out = rows.row(row);
        const std::int32_t token = step.state.tokens[static_cast<std::size_t>(row)];
        if (token < 0 && op.rowWithoutToken < 0) {
            std::ranges::copy(step.state.embeddings.subspan(static_cast<std::size_t>(row) * mediaWidth, out.size()),
                              out.begin());
        } else {
            const std::int32_t tableRow = token < 0 ? op.rowWithoutToken : token;
            addTableRow(step, op.table, tableRow, out);
            addChanges(step, *step.program.weight(op.table), tableRow, out);
            for (double& value : out)
                value *= op.scale;
        }
        if (op.positionTable != kNoWeight)
            addTableRow(step, op.positionTable, positionsOf(step.state, row)[0], out);
        addTableRow(step, op.typeTable, 0, out);
    }
    Normaliser(step.program, op.norm, rows.columns).apply(rows);
    step.store(rows, op.out);
}

} // namespace hearth::reference
