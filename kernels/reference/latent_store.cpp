#include "kernels/quant/quantise.h"
#include "kernels/reference/linear.h"
#include "kernels/reference/norm.h"
#include "kernels/reference/ops.h"
#include "kernels/reference/rope.h"

#include <algorithm>

namespace hearth::reference {

namespace {

/// keyUp_head . content for every row: by the matrix itself, or by the transpose where the file stores that.
Matrix absorbed(const LatentStore& op, const Step& step, const Matrix& content, std::int32_t head) {
    const WeightView& weight = *step.program.weight(op.keyUp);
    if (op.keyUpLayout == KeyUpLayout::Direct)
        return applyLinear(step.program, {op.keyUp, kNoWeight}, content, head);
    Matrix out(content.rows, op.rank);
    WeightView one = weight;
    one.data = weight.matrixData(head);
    Program view;
    view.weights.push_back(one);
    for (std::int32_t column = 0; column < op.contentColumns; ++column) {
        const std::vector<double> weightRow = vectorOr(view, 0, op.rank, 0.0, column);
        for (std::int32_t row = 0; row < content.rows; ++row)
            for (std::size_t place = 0; place < weightRow.size(); ++place)
                out.row(row)[place] += content.row(row)[static_cast<std::size_t>(column)] * weightRow[place];
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
