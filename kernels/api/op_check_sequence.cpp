#include "kernels/api/op_checker.h"

namespace hearth {

void checkOp(OpChecker& check, const EmbedRows& op) {
    const std::int32_t columns = check.bufferColumns("output", op.out);
    check.matrix("table", op.table, columns, 0);
    if (op.positionTable != kNoWeight)
        check.plainMatrix("position table", op.positionTable, columns, 0);
    if (op.typeTable != kNoWeight)
        check.plainMatrix("type table", op.typeTable, columns, 0);
    check.norm(op.norm, columns);
    check.finite({op.scale});
    const WeightView* table = check.weight(op.table);
    check.require(table == nullptr || op.rowWithoutToken < table->rows,
                  "row " + number(op.rowWithoutToken) + " of its table, which is not there");
}

void checkOp(OpChecker& check, const RopeStore& op) {
    check.require(op.headColumns > 0, "heads without columns");
    check.require(op.q != kNoBuffer || op.k != kNoBuffer, "neither queries nor keys");
    check.different({op.q, op.k});
    check.different({op.q, op.v});
    check.rope(op.rope, op.headColumns);
    const std::int64_t qStride = op.gate == QueryGate::PerHead ? 2 * std::int64_t{op.headColumns} : op.headColumns;
    if (op.q != kNoBuffer) {
        check.require(op.queryHeads > 0, "queries without heads");
        check.buffer("q", op.q, op.queryHeads * qStride);
        check.headNorm(op.qNorm, op.headColumns, op.queryHeads);
        check.require(op.gate == QueryGate::None || op.qNorm.kind == NormKind::None || op.queryHeads == 1
                          || check.weight(op.qNorm.weight) == nullptr
                          || check.weight(op.qNorm.weight)->columns == op.headColumns,
                      "gated queries are normalised by heads only");
    }
    if (op.k == kNoBuffer) {
        check.require(op.v == kNoBuffer, "values without keys");
        return;
    }
    check.require(op.keyHeads > 0, "keys without heads");
    check.buffer("k", op.k, std::int64_t{op.keyHeads} * op.headColumns);
    check.headNorm(op.kNorm, op.headColumns, op.keyHeads);
    if (op.v != kNoBuffer) {
        check.require(op.valueColumns > 0, "values without columns");
        check.buffer("v", op.v, std::int64_t{op.keyHeads} * op.valueColumns);
        check.headNorm(op.vNorm, op.valueColumns, op.keyHeads);
    }
    if (const CacheSpec* cache = check.cache(op.cache)) {
        const std::int32_t values = op.v == kNoBuffer ? 0 : op.valueColumns;
        check.require(cache->heads == op.keyHeads && cache->keyColumns == op.headColumns
                          && cache->valueColumns == values,
                      "cache '" + cache->name + "' holds " + number(cache->heads) + " heads of "
                          + number(cache->keyColumns) + " + " + number(cache->valueColumns) + " columns instead of "
                          + number(op.keyHeads) + " of " + number(op.headColumns) + " + " + number(values));
    }
}

void checkOp(OpChecker& check, const Attention& op) {
    check.require(op.queryHeads > 0 && op.keyHeads > 0 && op.queryHeads % op.keyHeads == 0,
                  number(op.queryHeads) + " query heads cannot share " + number(op.keyHeads) + " key heads");
    check.require(op.headColumns > 0 && op.valueColumns > 0, "heads without columns");
    const bool isGated = op.gate == QueryGate::PerHead;
    check.buffer("q", op.q, std::int64_t{op.queryHeads} * op.headColumns * (isGated ? 2 : 1));
    check.require(!isGated || op.headColumns == op.valueColumns, "a gate as wide as the query, but not as the value");
    check.buffer("output", op.out, std::int64_t{op.queryHeads} * op.valueColumns);
    check.different({op.q, op.out});
    check.finite({op.scale, op.softCap, op.alibiMaxBias});
    check.require(op.softCap >= 0, "a negative soft cap");
    check.require(op.window >= 0 && (op.window == 0 || op.mask == Mask::Causal),
                  "a window of " + number(op.window) + " needs a causal mask");
    check.optionalVector("sinks", op.sinks, op.queryHeads);
    if (op.slots != kNoBuffer)
        check.require(check.idColumns(op.slots, "slots") > 0 && op.mask == Mask::Causal && op.window == 0
                          && op.alibiMaxBias == 0.0F,
                      "chosen slots go with a causal mask, without window and ALiBi");
    if (const CacheSpec* cache = check.cache(op.cache)) {
        const bool valuesFit =
            cache->valueColumns == 0 ? op.valueColumns <= op.headColumns : op.valueColumns == cache->valueColumns;
        check.require(cache->heads == op.keyHeads && cache->keyColumns == op.headColumns && valuesFit,
                      "cache '" + cache->name + "' holds " + number(cache->heads) + " heads of "
                          + number(cache->keyColumns) + " + " + number(cache->valueColumns)
                          + " columns, which does not give " + number(op.keyHeads) + " of " + number(op.headColumns)
                          + " + " + number(op.valueColumns));
        const std::int32_t held = check.windowOf(*cache);
        check.require(held == 0 || (op.window > 0 && op.window <= held), "cache '" + cache->name
                                                                             + "' holds a window of " + number(held)
                                                                             + "; " + number(op.window) + " are read");
    }
}

void checkOp(OpChecker& check, const LatentStore& op) {
    check.require(op.heads > 0 && op.contentColumns > 0 && op.ropeColumns > 0 && op.rank > 0,
                  "a width is not positive");
    check.buffer("q", op.q, std::int64_t{op.heads} * (op.contentColumns + op.ropeColumns));
    check.buffer("compressed", op.compressed, std::int64_t{op.rank} + op.ropeColumns);
    check.buffer("output", op.out, std::int64_t{op.heads} * (op.rank + op.ropeColumns));
    check.different({op.q, op.compressed, op.out});
    check.norm(op.latentNorm, op.rank);
    const bool isTransposed = op.keyUpLayout == KeyUpLayout::Transposed;
    check.matrices("key matrix", op.keyUp, isTransposed ? op.rank : op.contentColumns,
                   isTransposed ? op.contentColumns : op.rank, op.heads);
    check.rope(op.rope, op.ropeColumns);
    if (const CacheSpec* cache = check.cache(op.cache))
        check.require(cache->heads == 1 && cache->keyColumns == op.rank + op.ropeColumns && cache->valueColumns == 0,
                      "cache '" + cache->name + "' does not hold one latent and positional key a token");
}

void checkOp(OpChecker& check, const LoadRows& op) {
    static_cast<void>(check.bufferColumns("output", op.out));
    check.embeddingPart(op.part);
}

void checkOp(OpChecker& check, const DeltaStep& op) {
    check.require(op.keyHeads > 0 && op.valueHeads > 0 && op.stateColumns > 0 && op.valueHeads % op.keyHeads == 0,
                  number(op.valueHeads) + " value heads cannot share " + number(op.keyHeads) + " key heads");
    const std::int64_t valueColumns = std::int64_t{op.valueHeads} * op.stateColumns;
    const std::int64_t channels = 2 * std::int64_t{op.keyHeads} * op.stateColumns + valueColumns;
    check.buffer("mixed input", op.mixed, channels);
    check.buffer("gate", op.z, valueColumns);
    const bool isGrouped = op.alpha == kNoBuffer;
    check.buffer("beta", op.beta, std::int64_t{op.valueHeads} * (isGrouped ? 2 : 1));
    if (!isGrouped)
        check.buffer("alpha", op.alpha, op.valueHeads);
    check.buffer("output", op.out, valueColumns);
    check.different({op.mixed, op.z, op.beta, op.alpha, op.out});
    const WeightView* convolution = check.weight(op.convolution);
    check.require(convolution != nullptr, "no convolution");
    if (convolution == nullptr)
        return;
    check.plainMatrix("convolution", op.convolution, convolution->columns, channels);
    check.plainMatrix("decay", op.decay, op.valueHeads, 1);
    check.plainMatrix("time bias", op.timeBias, op.valueHeads, 1);
    check.norm(op.norm, op.stateColumns);
    check.require(op.epsilon >= 0, "a negative epsilon");
    check.state(op.state,
                (std::int64_t{convolution->columns} - 1) * channels + valueColumns * std::int64_t{op.stateColumns});
}

void checkOp(OpChecker& check, const ShortConvolution& op) {
    const std::int32_t columns = check.bufferColumns("output", op.out);
    check.buffer("input", op.in, 3 * std::int64_t{columns});
    const WeightView* convolution = check.weight(op.convolution);
    check.require(convolution != nullptr, "no convolution");
    if (convolution == nullptr)
        return;
    check.plainMatrix("convolution", op.convolution, convolution->columns, columns);
    check.different({op.in, op.out});
    check.state(op.state, (std::int64_t{convolution->columns} - 1) * columns);
}

void checkOp(OpChecker& check, const PoolRows& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    const std::int32_t outColumns = check.logitColumns(op.out);
    check.norm(op.norm, columns);
    std::int32_t width = columns;
    if (op.dense.weight != kNoWeight) {
        const WeightView* dense = check.weight(op.dense.weight);
        width = dense == nullptr ? 0 : dense->rows;
        check.linear("dense", op.dense, columns, width);
    }
    if (op.head.weight != kNoWeight)
        check.linear("head", op.head, width, outColumns);
    else
        check.require(width == outColumns, "its output is not as wide as what is pooled");
    check.different({op.in, op.out});
}

void checkOp(OpChecker& check, const SelectSlots& op) {
    check.require(op.heads > 0 && op.headColumns > 0 && op.count > 0, "a count is not positive");
    check.buffer("q", op.q, std::int64_t{op.heads} * op.headColumns);
    check.buffer("weights", op.weights, op.heads);
    check.require(check.idColumns(op.slots, "slots") == op.count, "its slots do not hold what it chooses");
    check.different({op.q, op.weights, op.slots});
    if (const CacheSpec* cache = check.cache(op.cache))
        check.require(cache->heads == 1 && cache->keyColumns == op.headColumns,
                      "cache '" + cache->name + "' does not hold one key of " + number(op.headColumns) + " columns");
}

} // namespace hearth
