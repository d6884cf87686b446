#include "kernels/api/op_checker.h"

namespace hearth {

namespace {

void projectInto(OpChecker& check, BufferId in, const Linear& linear, const Norm& postNorm, BufferId residual,
                 float scale) {
    const std::int32_t rows = check.bufferColumns("residual", residual);
    check.linear("weight", linear, check.bufferColumns("input", in), rows);
    check.norm(postNorm, rows);
    check.different({in, residual});
    check.finite({scale});
}

} // namespace

void checkOp(OpChecker& check, const NormProject& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    check.norm(op.norm, columns);
    check.require(!op.projections.empty(), "no projection");
    for (std::size_t index = 0; index < op.projections.size(); ++index) {
        const Projection& projection = op.projections[index];
        check.linear("projection", projection.linear, columns, check.bufferColumns("output", projection.out));
        check.different({op.in, projection.out});
        for (std::size_t other = 0; other < index; ++other)
            check.different({op.projections[other].out, projection.out});
    }
}

void checkOp(OpChecker& check, const ProjectResidual& op) {
    projectInto(check, op.in, op.linear, op.postNorm, op.residual, op.scale);
}

void checkOp(OpChecker& check, const GateUp& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    const std::int32_t outColumns = check.bufferColumns("output", op.out);
    check.different({op.in, op.out});
    check.norm(op.norm, columns);
    const bool hasGate = op.gate.weight != kNoWeight;
    check.require(hasGate || op.gate.bias == kNoWeight, "a gate's bias without a gate");
    check.require(hasGate || op.activation != Activation::SwigluClamped, "this activation needs a gate");
    if (op.upFrom != kNoBuffer) {
        check.require(op.expertIds == kNoBuffer && op.up.weight == kNoWeight && hasGate,
                      "a part of another buffer stands for up only beside a gate without experts");
        check.linear("gate", op.gate, columns, outColumns);
        check.require(op.upColumn >= 0
                          && std::int64_t{op.upColumn} + outColumns <= check.bufferColumns("up buffer", op.upFrom),
                      "the part that stands for up lies outside its buffer");
        check.different({op.upFrom, op.out});
        return;
    }
    if (op.expertIds == kNoBuffer) {
        check.linear("up", op.up, columns, outColumns);
        if (hasGate)
            check.linear("gate", op.gate, columns, outColumns);
        return;
    }
    const std::int32_t used = check.idColumns(op.expertIds);
    const WeightView* up = check.weight(op.up.weight);
    check.require(up != nullptr && used > 0 && outColumns == std::int64_t{used} * up->rows,
                  "its output does not hold one part for each chosen expert");
    if (up == nullptr)
        return;
    check.expertLinear("up", op.up, columns, up->rows, up->matrices);
    if (hasGate)
        check.expertLinear("gate", op.gate, columns, up->rows, up->matrices);
}

void checkOp(OpChecker& check, const DownReduce& op) {
    if (op.gate != kNoBuffer)
        check.buffer("gate", op.gate, 1);
    if (op.expertIds == kNoBuffer) {
        check.require(op.expertWeights == kNoBuffer && op.expertScale == kNoWeight, "expert weights without ids");
        projectInto(check, op.in, op.down, op.postNorm, op.residual, op.scale);
        check.different({op.in, op.residual, op.gate});
        return;
    }
    check.different({op.in, op.residual, op.gate, op.expertIds, op.expertWeights});
    const std::int32_t rows = check.bufferColumns("residual", op.residual);
    const std::int32_t used = check.idColumns(op.expertIds);
    const WeightView* down = check.weight(op.down.weight);
    check.require(down != nullptr && used > 0, "its weight or its expert ids are missing");
    if (down == nullptr)
        return;
    check.buffer("input", op.in, std::int64_t{used} * down->columns);
    check.buffer("expert weights", op.expertWeights, used);
    check.expertLinear("down", op.down, down->columns, rows, down->matrices);
    check.optionalVector("expert scale", op.expertScale, down->matrices);
    check.norm(op.postNorm, rows);
    check.finite({op.scale});
}

void checkOp(OpChecker& check, const RouteExperts& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    check.norm(op.norm, columns);
    const WeightView* router = check.weight(op.router.weight);
    check.require(router != nullptr, "no router");
    if (router == nullptr)
        return;
    const std::int32_t experts = router->rows;
    check.linear("router", op.router, columns, experts);
    check.optionalVector("selection bias", op.selectionBias, experts);
    check.require(op.groups > 0 && op.groupsUsed > 0 && op.groupsUsed <= op.groups && experts % op.groups == 0,
                  number(op.groupsUsed) + " of " + number(op.groups) + " groups of " + number(experts) + " experts");
    const std::int64_t reachable = op.groups > 0 ? std::int64_t{experts} / op.groups * op.groupsUsed : 0;
    check.require(op.expertsUsed > 0 && op.expertsUsed <= reachable,
                  "it chooses " + number(op.expertsUsed) + " of " + number(reachable) + " experts");
    check.require(check.idColumns(op.ids) == op.expertsUsed, "its ids do not hold the experts it chooses");
    check.buffer("weights", op.weights, op.expertsUsed);
    check.different({op.in, op.ids, op.weights});
    check.require(op.keepShare > 0.0F && op.keepShare <= 1.0F, "it keeps no share from 0 to 1 of the experts' weights");
    check.finite({op.inputScale, op.weightScale});
}

void checkOp(OpChecker& check, const HeadProject& op) {
    const WeightView* weight = check.weight(op.weight);
    check.require(weight != nullptr, "no weight");
    if (weight == nullptr)
        return;
    check.matrices("weight", op.weight, weight->columns, weight->rows, weight->matrices);
    check.buffer("input", op.in, std::int64_t{weight->matrices} * weight->columns);
    check.buffer("output", op.out, std::int64_t{weight->matrices} * weight->rows);
    check.different({op.in, op.out});
}

void checkOp(OpChecker& check, const Logits& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    check.norm(op.norm, columns);
    check.linear("output matrix", op.linear, columns, check.logitColumns(op.out));
    check.different({op.in, op.out});
    check.finite({op.scale, op.softCap});
    check.require(op.softCap >= 0, "a negative soft cap");
}

void checkOp(OpChecker& check, const NormRows& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    const WeightView* weight = check.weight(op.norm.weight);
    const std::int32_t width = weight == nullptr ? columns : weight->columns;
    check.require(width > 0 && columns % width == 0,
                  "a norm of " + number(width) + " columns for rows of " + number(columns));
    check.norm(op.norm, width);
    if (op.other != kNoBuffer)
        check.buffer("other input", op.other, columns);
    check.optionalVector("factor", op.factor, 1);
    check.require(op.outColumn >= 0 && std::int64_t{op.outColumn} + columns <= check.bufferColumns("output", op.out),
                  "its result does not fit its output");
    check.require((op.out != op.in && op.out != op.other) || op.outColumn == 0, "a result in place has to begin there");
    check.finite({op.inputScale, op.scale});
}

} // namespace hearth
