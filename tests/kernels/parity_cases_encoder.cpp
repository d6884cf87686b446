// The parity cases of what encoders ask for: tables of positions and types, ALiBi, pooling; and a gate beside a buffer.

#include "tests/kernels/parity_builder.h"
#include "tests/kernels/random_rows.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace hearth::parity {

namespace {

std::string typeName(DType dtype) {
    return std::string(dtypeInfo(dtype).name);
}

// EmbedRows

struct EmbedVariant {
    std::string name;
    bool positions = true;
    bool types = true;
    NormKind norm = NormKind::Layer;
};

ParityProgram embedRows(const EmbedVariant& variant, DType dtype, std::uint32_t seed, Precision precision) {
    constexpr std::int32_t kRows = 19;
    constexpr std::int32_t kColumns = 96;
    constexpr std::int32_t kTokens = 7;
    Builder builder(seed, kRows);
    const auto table = [&](const char* name, std::int32_t rows) {
        return builder.fixture().stored(name, dtype, rows, kColumns,
                                        randomRows(dtype, rows, kColumns, 1.0, builder.random()),
                                        misalignmentOf(dtype));
    };
    EmbedRows op;
    op.out = builder.fixture().buffer("out", kColumns);
    op.table = table("tokens", kTokens);
    op.scale = 0.5F;
    op.positionTable = variant.positions ? table("positions", kRows + 3) : kNoWeight;
    op.typeTable = variant.types ? table("types", 2) : kNoWeight;
    op.norm = builder.norm(variant.norm, kColumns);
    builder.fixture().add(op);
    ParityProgram parity = std::move(builder).oneStep(kRows, linearTolerance(DType::F32, precision));
    StepInput& step = parity.steps.front();
    for (std::size_t row = 0; row < step.tokens.size(); ++row) {
        step.tokens[row] = row % 5 == 4 ? -1 : static_cast<std::int32_t>(row % kTokens);
        step.positions[row] = static_cast<std::int32_t>((7 * row + 3) % (kRows + 3));
    }
    parity.observed.push_back(op.out);
    return parity;
}

void addEmbedRows(std::vector<ParityCase>& cases) {
    const std::array variants{EmbedVariant{"positions, types, layer norm"},
                              EmbedVariant{"positions", true, false, NormKind::None},
                              EmbedVariant{"types, RMS norm", false, true, NormKind::Rms}};
    for (const EmbedVariant& variant : variants)
        for (const DType dtype : {DType::F32, DType::F16, DType::Q8_0})
            cases.push_back(
                {"EmbedRows " + typeName(dtype) + ", " + variant.name,
                 [=](std::uint32_t seed, Precision precision) { return embedRows(variant, dtype, seed, precision); }});
}

// Attention with ALiBi

struct AlibiVariant {
    std::string name;
    std::int32_t queryHeads = 4;
    std::int32_t keyHeads = 4;
    std::int32_t cached = 0;
    std::int32_t rows = 1;
    Mask mask = Mask::Full;
    float softCap = 0;
};

ParityProgram alibiAttention(const AlibiVariant& variant, DType cacheType, std::uint32_t seed, Precision precision) {
    constexpr std::int32_t kHeadColumns = 32;
    Builder builder(seed, variant.rows);
    const std::int32_t columns = variant.queryHeads * kHeadColumns;
    const std::vector<BufferId> ids = builder.buffers({{"q", columns}, {"out", columns}});
    Attention op;
    op.q = ids[0];
    op.out = ids[1];
    op.queryHeads = variant.queryHeads;
    op.keyHeads = variant.keyHeads;
    op.headColumns = kHeadColumns;
    op.valueColumns = kHeadColumns;
    op.scale = 1.0F / std::sqrt(static_cast<float>(kHeadColumns));
    op.mask = variant.mask;
    op.softCap = variant.softCap;
    op.alibiMaxBias = 8.0F;
    op.cache = builder.fixture().cache("kv", variant.keyHeads, kHeadColumns, kHeadColumns, cacheType);
    builder.fixture().add(op);
    ParityProgram parity =
        std::move(builder).cachedSteps(variant.cached, {variant.rows}, attentionTolerance(cacheType, precision));
    parity.cachedTokens += variant.rows; // no op stores here
    return parity;
}

void addAlibi(std::vector<ParityCase>& cases) {
    const std::array variants{AlibiVariant{"both ways", 4, 4, 0, 75},
                              AlibiVariant{"both ways, few rows", 4, 2, 0, 5},
                              AlibiVariant{"12 heads", 12, 12, 0, 33},
                              AlibiVariant{"decode", 6, 3, 300, 1, Mask::Causal},
                              AlibiVariant{"causal", 4, 2, 40, 21, Mask::Causal},
                              AlibiVariant{"soft cap", 4, 4, 0, 21, Mask::Full, 2.0F}};
    for (const AlibiVariant& variant : variants)
        for (const DType type : {DType::F32, DType::F16, DType::Q8_0})
            cases.push_back({"Attention ALiBi, " + variant.name + ", cache " + typeName(type),
                             [=](std::uint32_t seed, Precision precision) {
                                 return alibiAttention(variant, type, seed, precision);
                             }});
}

// PoolRows

struct PoolVariant {
    std::string name;
    Pooling pooling = Pooling::Mean;
    NormKind norm = NormKind::None;
    std::int32_t dense = 0; ///< outputs; 0: none
    std::int32_t head = 0;
};

ParityProgram poolRows(const PoolVariant& variant, std::int32_t rows, DType dtype, std::uint32_t seed) {
    constexpr std::int32_t kColumns = 160;
    Builder builder(seed, rows);
    PoolRows op;
    op.in = builder.buffers({{"in", kColumns}}).front();
    op.norm = builder.norm(variant.norm, kColumns);
    op.pooling = variant.pooling;
    std::int32_t width = kColumns;
    if (variant.dense > 0) {
        op.dense = builder.linear(dtype, variant.dense, kColumns, true);
        width = variant.dense;
    }
    if (variant.head > 0) {
        op.head = builder.linear(dtype, variant.head, width, variant.head == 1);
        width = variant.head;
    }
    op.out = builder.fixture().buffer("pooled", width);
    builder.fixture().add(op);
    // One row is not rounded to 8 bits, whatever the weight's type.
    ParityProgram parity = std::move(builder).oneStep(rows, {1e-12, 6e-6, 0.1});
    parity.shown = op.out;
    parity.steps.front().outputRows = {rows - 1};
    return parity;
}

void addPoolRows(std::vector<ParityCase>& cases) {
    const std::array variants{PoolVariant{"mean"},
                              PoolVariant{"first", Pooling::First},
                              PoolVariant{"last", Pooling::Last, NormKind::Rms},
                              PoolVariant{"mean, layer norm", Pooling::Mean, NormKind::Layer},
                              PoolVariant{"first, dense and head", Pooling::First, NormKind::None, 96, 1},
                              PoolVariant{"mean, head", Pooling::Mean, NormKind::None, 0, 37},
                              PoolVariant{"first, dense", Pooling::First, NormKind::None, 66}};
    for (const PoolVariant& variant : variants)
        for (const std::int32_t rows : {1, 3, 41})
            for (const DType dtype : {DType::F32, DType::Q8_0}) {
                if (dtype != DType::F32 && variant.dense == 0 && variant.head == 0)
                    continue;
                cases.push_back(
                    {"PoolRows " + typeName(dtype) + " " + variant.name + ", " + std::to_string(rows) + " rows",
                     [=](std::uint32_t seed, Precision) { return poolRows(variant, rows, dtype, seed); }});
            }
}

// GateUp

ParityProgram gatedPart(Activation activation, std::int32_t rows, DType dtype, std::uint32_t seed,
                        Precision precision) {
    constexpr std::int32_t kOutputs = 50;
    Builder builder(seed, rows);
    const auto ids = builder.buffers({{"in", 96}, {"up", 130}, {"out", kOutputs}});
    GateUp op;
    op.in = ids[0];
    op.norm = builder.norm(NormKind::Rms, 96);
    op.gate = builder.linear(dtype, kOutputs, 96, true);
    op.upFrom = ids[1];
    op.upColumn = 71;
    op.activation = activation;
    op.out = ids[2];
    builder.fixture().add(op);
    return std::move(builder).oneStep(rows, gatedTolerance(dtype, precision));
}

ParityProgram clampedGate(std::int32_t rows, DType dtype, std::uint32_t seed, Precision precision) {
    Builder builder(seed, rows);
    const auto ids = builder.buffers({{"in", 96}, {"out", 50}});
    GateUp op;
    op.in = ids[0];
    op.gate = builder.linear(dtype, 50, 96, true);
    op.up = builder.linear(dtype, 50, 96, false);
    op.activation = Activation::SwigluClamped;
    op.out = ids[1];
    builder.fixture().add(op);
    return std::move(builder).oneStep(rows, gatedTolerance(dtype, precision));
}

void addGates(std::vector<ParityCase>& cases) {
    for (const DType dtype : {DType::F32, DType::Q8_0})
        for (const std::int32_t rows : {1, 19}) {
            const std::string shape = typeName(dtype) + ", " + std::to_string(rows) + " rows";
            for (const Activation activation : {Activation::Silu, Activation::GeluTanh, Activation::SwigluClamped})
                cases.push_back(
                    {"GateUp beside a buffer " + shape + ", activation " + std::to_string(static_cast<int>(activation)),
                     [=](std::uint32_t seed, Precision precision) {
                         return gatedPart(activation, rows, dtype, seed, precision);
                     }});
            cases.push_back({"GateUp clamped " + shape, [=](std::uint32_t seed, Precision precision) {
                                 return clampedGate(rows, dtype, seed, precision);
                             }});
        }
}

} // namespace

void addEncoderCases(std::vector<ParityCase>& cases) {
    addEmbedRows(cases);
    addAlibi(cases);
    addPoolRows(cases);
    addGates(cases);
}

} // namespace hearth::parity
