// What the parity suite consists of: the linear ops here, rope, caches and attention in parity_cases_cache.cpp.

#include "tests/kernels/parity_builder.h"
#include "tests/kernels/random_rows.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hearth::parity {

namespace {

// The sizes: one block and one row; an odd number of blocks with a tail of outputs; more of both. Outputs and rows lie
// on either side of the tiles that kernels work in (4, 8, 16).
struct Shape {
    std::int32_t blocks;
    std::int32_t outputs;
    std::int32_t rows;
};
constexpr std::array kShapes{Shape{1, 1, 1}, Shape{3, 37, 3}, Shape{5, 66, 17}};

std::int32_t columnsOf(DType dtype, const Shape& shape) {
    const std::int32_t block = dtypeInfo(dtype).blockValues;
    if (block == 1)
        return shape.blocks * 27 - 20; // tails of several lengths
    // 1, 3 and 5 blocks of 32; 1, 3 and 2 of 256, where many columns meet many rows.
    return block == 32 ? 32 * shape.blocks : block * std::min(shape.blocks, 7 - shape.blocks);
}

std::string titled(std::string_view op, DType dtype, const Shape& shape, std::string_view option) {
    std::string title = std::string(op) + " " + std::string(dtypeInfo(dtype).name) + " " + std::to_string(shape.outputs)
                        + " x " + std::to_string(columnsOf(dtype, shape)) + ", " + std::to_string(shape.rows) + " rows";
    return option.empty() ? title : title + ", " + std::string(option);
}

bool isWeightType(DType dtype) {
    return dtype != DType::I32;
}

void addNormProject(std::vector<ParityCase>& cases, DType dtype, const Shape& shape) {
    constexpr std::array kKinds{NormKind::None, NormKind::Rms, NormKind::Layer};
    constexpr std::array kNames{"no norm", "RMS norm", "layer norm"};
    const std::size_t choice = cases.size() % kKinds.size();
    cases.push_back({titled("NormProject", dtype, shape, kNames[choice]), [=](std::uint32_t seed, Precision precision) {
                         Builder builder(seed, shape.rows);
                         const std::int32_t columns = columnsOf(dtype, shape);
                         const auto ids = builder.buffers(
                             {{"in", columns}, {"first", shape.outputs}, {"second", 9}, {"third", shape.outputs + 3}});
                         NormProject op{ids[0], builder.norm(kKinds[choice], columns), {}};
                         op.projections.push_back({builder.linear(dtype, shape.outputs, columns, true), ids[1]});
                         op.projections.push_back({builder.linear(dtype, 9, columns, false), ids[2]});
                         op.projections.push_back({builder.linear(dtype, shape.outputs + 3, columns, false), ids[3]});
                         builder.fixture().add(op);
                         return std::move(builder).oneStep(shape.rows, linearTolerance(dtype, precision));
                     }});
}

void addGateUp(std::vector<ParityCase>& cases, DType dtype, const Shape& shape) {
    constexpr std::array kKinds{Activation::Silu, Activation::GeluTanh, Activation::Relu};
    constexpr std::array kNames{"SiLU", "GELU", "ReLU"};
    const std::size_t choice = cases.size() % kKinds.size();
    const bool gated = cases.size() % 4 != 3;
    const std::string option = std::string(kNames[choice]) + (gated ? "" : " without gate");
    cases.push_back({titled("GateUp", dtype, shape, option), [=](std::uint32_t seed, Precision precision) {
                         Builder builder(seed, shape.rows);
                         const std::int32_t columns = columnsOf(dtype, shape);
                         const auto ids = builder.buffers({{"in", columns}, {"out", shape.outputs}});
                         GateUp op;
                         op.in = ids[0];
                         op.norm = builder.norm(NormKind::Rms, columns);
                         op.up = builder.linear(dtype, shape.outputs, columns, shape.rows == 3);
                         if (gated)
                             op.gate = builder.linear(dtype, shape.outputs, columns, shape.rows == 3);
                         op.activation = kKinds[choice];
                         op.out = ids[1];
                         builder.fixture().add(op);
                         return std::move(builder).oneStep(shape.rows, gatedTolerance(dtype, precision));
                     }});
}

void addResidual(std::vector<ParityCase>& cases, DType dtype, const Shape& shape) {
    const bool down = cases.size() % 2 == 0;
    const bool normed = cases.size() % 3 == 0;
    const std::string option = normed ? "post norm" : "";
    cases.push_back({titled(down ? "DownReduce" : "ProjectResidual", dtype, shape, option),
                     [=](std::uint32_t seed, Precision precision) {
                         Builder builder(seed, shape.rows);
                         const std::int32_t columns = columnsOf(dtype, shape);
                         const auto ids = builder.buffers({{"in", columns}, {"residual", shape.outputs}});
                         const Linear linear = builder.linear(dtype, shape.outputs, columns, shape.rows == 17);
                         const Norm norm = builder.norm(normed ? NormKind::Rms : NormKind::None, shape.outputs);
                         if (down)
                             builder.fixture().add(DownReduce{ids[0], linear, norm, ids[1], 0.75F});
                         else
                             builder.fixture().add(ProjectResidual{ids[0], linear, norm, ids[1], 1.0F});
                         return std::move(builder).oneStep(shape.rows, linearTolerance(dtype, precision));
                     }});
}

void addLogits(std::vector<ParityCase>& cases, DType dtype, const Shape& shape) {
    const bool capped = cases.size() % 2 == 0;
    cases.push_back(
        {titled("Logits", dtype, shape, capped ? "soft cap" : ""), [=](std::uint32_t seed, Precision precision) {
             Builder builder(seed, shape.rows);
             const std::int32_t columns = columnsOf(dtype, shape);
             const BufferId in = builder.buffers({{"in", columns}}).front();
             const BufferId out = builder.fixture().buffer("logits", shape.outputs);
             Logits op{in,
                       builder.norm(NormKind::Rms, columns),
                       builder.linear(dtype, shape.outputs, columns, false),
                       out,
                       capped ? 1.0F : 0.25F,
                       capped ? 3.0F : 0.0F};
             builder.fixture().add(op);
             ParityProgram parity = std::move(builder).oneStep(shape.rows, linearTolerance(dtype, precision));
             parity.shown = out;
             if (shape.rows > 1) // some rows only: the last, and every third before it
                 std::erase_if(parity.steps.front().outputRows,
                               [&](std::int32_t row) { return row % 3 != 1 && row != shape.rows - 1; });
             return parity;
         }});
}

void addEmbedRows(std::vector<ParityCase>& cases, DType dtype, const Shape& shape) {
    cases.push_back(
        {titled("EmbedRows", dtype, shape, ""), [=](std::uint32_t seed, Precision precision) {
             std::mt19937 random(seed);
             const std::int32_t columns = columnsOf(dtype, shape);
             ParityProgram parity(shape.rows);
             const BufferId out = parity.fixture.buffer("out", columns);
             const WeightId table =
                 parity.fixture.stored("table", dtype, shape.outputs, columns,
                                       randomRows(dtype, shape.outputs, columns, 1.0, random), misalignmentOf(dtype));
             parity.fixture.add(EmbedRows{table, out, 1.5F});
             parity.observed.push_back(out);
             const auto count = static_cast<std::size_t>(shape.rows) * static_cast<std::size_t>(columns);
             StepInput step = StepInput::ofEmbeddings(shape.rows, randomFloats(count, 1.0, random));
             for (std::size_t row = 0; row < step.tokens.size(); ++row)
                 step.tokens[row] =
                     row % 3 == 2 ? -1 : static_cast<std::int32_t>(random() % static_cast<unsigned>(shape.outputs));
             parity.steps.push_back(std::move(step));
             parity.tolerance = linearTolerance(DType::F32, precision);
             return parity;
         }});
}

} // namespace

void addLinearCases(std::vector<ParityCase>& cases) {
    for (const DTypeInfo& info : allDTypes()) {
        if (!isWeightType(info.dtype))
            continue;
        for (const Shape& shape : kShapes) {
            addNormProject(cases, info.dtype, shape);
            addGateUp(cases, info.dtype, shape);
            addResidual(cases, info.dtype, shape);
            addLogits(cases, info.dtype, shape);
            addEmbedRows(cases, info.dtype, shape);
        }
    }
}

} // namespace hearth::parity
