#include "kernels/quant/dequantise.h"
#include "kernels/quant/quantise.h"
#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"
#include "kernels/reference/rope.h"

#include <algorithm>

namespace hearth::reference {

namespace {

/// out += scale * weight_matrix^T . in for every row.
void addTransposed(const WeightView& weight, std::int32_t matrix, const Matrix& in, double scale, Matrix& out) {
    std::vector<float> weightRow(static_cast<std::size_t>(weight.columns));
    for (std::int32_t column = 0; column < weight.rows; ++column) {
        dequantiseRow(weight.dtype,
                      weight.matrixData(matrix) + static_cast<std::size_t>(column) * weight.rowSizeBytes(),
                      weight.columns, weightRow.data());
        for (std::int32_t row = 0; row < in.rows; ++row) {
            const double factor = scale * in.row(row)[static_cast<std::size_t>(column)];
            for (std::size_t place = 0; place < weightRow.size(); ++place)
                out.row(row)[place] += factor * weightRow[place];
        }
    }
}

/// keyUp_head . content for every row: by the matrix itself, or by the transpose where the file stores that.
Matrix absorbed(const LatentStore& op, const Step& step, const Matrix& content, std::int32_t head) {
    if (op.keyUpLayout == KeyUpLayout::Direct)
        return applyLinear(step, {op.keyUp, kNoWeight}, content, head);
    const WeightView& weight = *step.program.weight(op.keyUp);
    Matrix out(content.rows, op.rank);
    addTransposed(weight, head, content, 1.0, out);
    for (const LowRank& change : weight.lowRank) { // (up down)^T content = down^T (up^T content)
        const WeightView& down = *step.program.weight(change.down);
        Matrix inner(content.rows, down.rows);
        addTransposed(*step.program.weight(change.up), head, content, 1.0, inner);
        addTransposed(down, down.matrices == 1 ? 0 : head, inner, scaleOf(step, change), out);
    }
    return out;
}

void storeQueries(const LatentStore& op, const Step& step, const Rotation& rotation) {
    const Matrix q = step.load(op.q);
    Matrix out(step.rows(), step.columns(op.out));
    const auto content = static_cast<std::size_t>(op.contentColumns);
    const auto turning = static_cast<std::size_t>(op.ropeColumns);
    const auto rank = static_cast<std::size_t>(op.rank);
    for (std::int32_t head = 0; head < op.heads; ++head) {
        const auto place = static_cast<std::size_t>(head);
        Matrix part(step.rows(), op.contentColumns);
        for (std::int32_t row = 0; row < step.rows(); ++row)
            std::ranges::copy(q.row(row).subspan(place * (content + turning), content), part.row(row).begin());
        const Matrix latents = absorbed(op, step, part, head);
        for (std::int32_t row = 0; row < step.rows(); ++row) {
            const std::span<double> target = out.row(row).subspan(place * (rank + turning), rank + turning);
            std::ranges::copy(latents.row(row), target.begin());
            std::ranges::copy(q.row(row).subspan(place * (content + turning) + content, turning),
                              target.subspan(rank).begin());
            rotation.apply(target.subspan(rank), positionsOf(step.state, row));
        }
    }
    step.store(out, op.out);
}

void storeKeys(const LatentStore& op, const Step& step, const Rotation& rotation) {
    const DType dtype = step.program.caches[static_cast<std::size_t>(op.cache)].dtype;
    const Normaliser normaliser(step.program, op.latentNorm, op.rank);
    Matrix keys = step.load(op.compressed);
    std::vector<float> rounded(static_cast<std::size_t>(keys.columns));
    for (std::int32_t row = 0; row < keys.rows; ++row) {
        const std::span<double> key = keys.row(row);
        normaliser.apply(key.first(static_cast<std::size_t>(op.rank)));
        rotation.apply(key.subspan(static_cast<std::size_t>(op.rank)), positionsOf(step.state, row));
        std::ranges::transform(key, rounded.begin(), [](double value) { return static_cast<float>(value); });
        const std::int32_t slot = step.state.cacheStart + row;
        quantiseRow(dtype, rounded.data(), keys.columns,
                    step.pool->keyRow(op.cache, step.pageOf(op.cache, slot), 0, slot % kPageTokens));
    }
}

} // namespace

void run(const LatentStore& op, const Step& step) {
    const Rotation rotation(step.program, op.rope);
    storeQueries(op, step, rotation);
    storeKeys(op, step, rotation);
}

} // namespace hearth::reference
