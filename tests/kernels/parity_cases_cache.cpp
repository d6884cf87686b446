// The parity cases of ops that turn, store and attend, and of a whole layer.

#include "tests/kernels/parity_builder.h"
#include "tests/kernels/random_rows.h"

#include <array>
#include <cmath>

namespace hearth::parity {

namespace {

constexpr std::array kCacheTypes{DType::F32, DType::F16, DType::Q8_0, DType::Q4_0};

std::string typeName(DType dtype) {
    return std::string(dtypeInfo(dtype).name);
}

// RopeStore

struct RopeVariant {
    std::string name;
    std::int32_t headColumns = 64;
    Rope rope;
    NormKind norm = NormKind::None;
    bool factors = false;
    bool values = true;
};

Rope plainRope(RopeLayout layout, std::int32_t dimensions) {
    Rope rope;
    rope.layout = layout;
    rope.dimensions = dimensions;
    return rope;
}

std::vector<RopeVariant> ropeVariants() {
    std::vector<RopeVariant> variants;
    variants.push_back({"neighbours", 64, plainRope(RopeLayout::Neighbours, 64)});
    variants.push_back({"halves, head norm", 128, plainRope(RopeLayout::Halves, 128), NormKind::Rms});
    variants.push_back({"part of the head, factors", 96, plainRope(RopeLayout::Halves, 54), NormKind::None, true});
    variants.push_back({"without values", 32, plainRope(RopeLayout::Neighbours, 22), NormKind::None, false, false});
    variants.push_back({"none", 64, {}, NormKind::Rms});
    RopeVariant yarn{"YaRN", 64, plainRope(RopeLayout::Halves, 64)};
    yarn.rope.frequencyScale = 0.25F;
    yarn.rope.extrapolationFactor = 1.0F;
    yarn.rope.originalContext = 64;
    yarn.rope.magnitude = 1.13862944F;
    variants.push_back(yarn);
    RopeVariant sections{"sections", 64, plainRope(RopeLayout::Halves, 64)};
    sections.rope.sections = {8, 12, 12, 0};
    variants.push_back(sections);
    sections.name = "interleaved sections";
    sections.rope.sections = {12, 10, 10, 0};
    sections.rope.interleaved = true;
    variants.push_back(sections);
    return variants;
}

ParityProgram ropeStore(const RopeVariant& variant, DType cacheType, std::uint32_t seed) {
    constexpr std::int32_t kQueryHeads = 3;
    constexpr std::int32_t kKeyHeads = 2;
    const std::int32_t columns = variant.headColumns;
    const std::int32_t valueColumns = variant.values ? 32 : 0;
    Builder builder(seed, 9);
    std::vector<std::pair<std::string, std::int32_t>> widths{{"q", kQueryHeads * columns}, {"k", kKeyHeads * columns}};
    if (variant.values)
        widths.emplace_back("v", kKeyHeads * valueColumns);
    const std::vector<BufferId> ids = builder.buffers(widths);
    RopeStore op;
    op.q = ids[0];
    op.k = ids[1];
    op.v = variant.values ? ids[2] : kNoBuffer;
    op.queryHeads = kQueryHeads;
    op.keyHeads = kKeyHeads;
    op.headColumns = columns;
    op.valueColumns = valueColumns;
    op.qNorm = builder.norm(variant.norm, columns);
    op.kNorm = builder.norm(variant.norm, columns);
    op.rope = variant.rope;
    if (variant.factors)
        op.rope.factors = builder.vector("factors", variant.rope.dimensions / 2);
    op.cache = builder.fixture().cache("kv", kKeyHeads, columns, valueColumns, cacheType);
    builder.fixture().add(op);
    // 60 tokens before: the first step crosses a page. k may be overwritten by the op, so it is not looked at.
    // Sines and cosines are exact to float only if the angle is: positions near 100 times 2^-24 would be 6e-6.
    ParityProgram parity = std::move(builder).cachedSteps(60, {9, 1, 2}, {1e-12, 6e-6, 1.0});
    std::erase(parity.observed, op.k);
    if (variant.rope.sections[0] > 0)
        for (StepInput& step : parity.steps) {
            step.positions.clear();
            for (std::size_t row = 0; row < step.tokens.size(); ++row)
                for (const std::int32_t position : {3, 11, 5, 2})
                    step.positions.push_back(position * static_cast<std::int32_t>(row + 1) + step.cacheStart);
        }
    return parity;
}

void addRopeStore(std::vector<ParityCase>& cases) {
    for (const RopeVariant& variant : ropeVariants()) {
        for (const DType type : kCacheTypes) {
            if (variant.headColumns % dtypeInfo(type).blockValues != 0)
                continue;
            cases.push_back(
                {"RopeStore " + variant.name + ", cache " + typeName(type),
                 [variant, type](std::uint32_t seed, Precision) { return ropeStore(variant, type, seed); }});
        }
    }
}

// Attention

struct AttentionVariant {
    std::string name;
    std::int32_t queryHeads = 4;
    std::int32_t keyHeads = 2;
    std::int32_t headColumns = 64;
    std::int32_t valueColumns = 64;
    std::int32_t cached = 0; ///< tokens before the step
    std::int32_t rows = 1;
    Mask mask = Mask::Causal;
    std::int32_t window = 0;
    float softCap = 0;
    bool sinks = false;
    bool sharedValues = false; ///< values are the first columns of the keys
    bool ownPages = false;     ///< the cache holds the window only: its page class has a table of its own
};

std::vector<AttentionVariant> attentionVariants() {
    return {
        {"first token", 3, 1, 64, 64, 0, 1},
        {"prompt", 4, 2, 64, 64, 0, 19},
        {"decode over pages", 8, 2, 128, 128, 200, 1},
        {"chunk over pages", 6, 6, 32, 32, 61, 9},
        {"at a page's end", 4, 1, 64, 64, 63, 1},
        {"at a page's start", 4, 1, 64, 64, 64, 1},
        {"narrow values", 4, 2, 96, 32, 70, 3},
        {"shared values", 4, 1, 96, 64, 70, 3, Mask::Causal, 0, 0, false, true},
        {"full mask", 4, 4, 64, 64, 5, 17, Mask::Full},
        {"window", 4, 2, 64, 64, 130, 5, Mask::Causal, 66},
        {"window of one", 2, 2, 32, 32, 10, 3, Mask::Causal, 1},
        {"window wider than all", 2, 1, 32, 32, 10, 3, Mask::Causal, 500},
        {"soft cap", 4, 2, 64, 64, 40, 5, Mask::Causal, 0, 2.0F},
        {"sinks", 4, 2, 64, 64, 40, 5, Mask::Causal, 33, 0, true},
        {"windowed pages", 4, 2, 64, 64, 270, 5, Mask::Causal, 66, 0, false, false, true},
        {"windowed pages, tiles", 4, 2, 64, 64, 270, 19, Mask::Causal, 66, 0, false, false, true},
    };
}

/// Gives page class 1 a window, other pages than class 0, and none where no row of the first step looks.
void setWindow(ParityProgram& parity, std::int32_t window) {
    parity.fixture.tables().windows = {window};
    const std::int32_t firstPage = oldestSlot(parity.steps.front().cacheStart, window) / kPageTokens;
    for (StepInput& step : parity.steps) {
        std::vector<std::int32_t> table;
        for (const std::int32_t page : step.pageTable)
            table.push_back(static_cast<std::int32_t>(table.size()) < firstPage ? -1 : parity.pages - 1 - page);
        step.windowTables = {table};
    }
}

ParityProgram attention(const AttentionVariant& variant, DType cacheType, std::uint32_t seed, Precision precision) {
    Builder builder(seed, variant.rows);
    const std::vector<BufferId> ids = builder.buffers(
        {{"q", variant.queryHeads * variant.headColumns}, {"out", variant.queryHeads * variant.valueColumns}});
    Attention op;
    op.q = ids[0];
    op.out = ids[1];
    op.queryHeads = variant.queryHeads;
    op.keyHeads = variant.keyHeads;
    op.headColumns = variant.headColumns;
    op.valueColumns = variant.valueColumns;
    op.scale = 1.0F / std::sqrt(static_cast<float>(variant.headColumns));
    op.mask = variant.mask;
    op.window = variant.window;
    op.softCap = variant.softCap;
    if (variant.sinks)
        op.sinks = builder.vector("sinks", variant.queryHeads);
    op.cache = builder.fixture().cache("kv", variant.keyHeads, variant.headColumns,
                                       variant.sharedValues ? 0 : variant.valueColumns, cacheType);
    builder.fixture().tables().caches.back().pageClass = variant.ownPages ? 1 : 0;
    builder.fixture().add(op);
    ParityProgram parity =
        std::move(builder).cachedSteps(variant.cached, {variant.rows}, attentionTolerance(cacheType, precision));
    if (variant.ownPages)
        setWindow(parity, variant.window);
    // No op stores here: the step's own tokens lie in the cache already.
    parity.cachedTokens += variant.rows;
    return parity;
}

void addAttention(std::vector<ParityCase>& cases) {
    for (const AttentionVariant& variant : attentionVariants())
        for (const DType type : kCacheTypes)
            cases.push_back({"Attention " + variant.name + ", cache " + typeName(type),
                             [variant, type](std::uint32_t seed, Precision precision) {
                                 return attention(variant, type, seed, precision);
                             }});
    // Heads that are no whole SIMD registers, possible without blocks only.
    for (const DType type : {DType::F32, DType::F16})
        cases.push_back(
            {"Attention odd heads, cache " + typeName(type), [type](std::uint32_t seed, Precision precision) {
                 return attention({"", 5, 5, 37, 21, 67, 3}, type, seed, precision);
             }});
}

// A layer: a chunk of a prompt and two tokens, over the end of a page, each op reading what the one before it wrote.

ParityProgram layer(DType weights, DType cacheType, std::uint32_t seed, Precision precision, std::int32_t window = 0) {
    constexpr std::int32_t kHidden = 256;
    constexpr std::int32_t kFeedForward = 512;
    constexpr std::int32_t kQueryHeads = 8;
    constexpr std::int32_t kKeyHeads = 2;
    constexpr std::int32_t kHeadColumns = 32;
    Builder builder(seed, 21);
    ProgramFixture& fixture = builder.fixture();
    const BufferId stream = builder.buffers({{"stream", kHidden}}).front();
    const BufferId q = fixture.buffer("q", kQueryHeads * kHeadColumns);
    const BufferId k = fixture.buffer("k", kKeyHeads * kHeadColumns);
    const BufferId v = fixture.buffer("v", kKeyHeads * kHeadColumns);
    const BufferId mixed = fixture.buffer("mixed", kQueryHeads * kHeadColumns);
    const BufferId gated = fixture.buffer("gated", kFeedForward);
    const CacheId cache = fixture.cache("kv", kKeyHeads, kHeadColumns, kHeadColumns, cacheType);
    fixture.tables().caches.back().pageClass = window > 0 ? 1 : 0;
    NormProject project{stream, builder.norm(NormKind::Rms, kHidden), {}};
    project.projections.push_back({builder.linear(weights, kQueryHeads * kHeadColumns, kHidden, false), q});
    project.projections.push_back({builder.linear(weights, kKeyHeads * kHeadColumns, kHidden, false), k});
    project.projections.push_back({builder.linear(weights, kKeyHeads * kHeadColumns, kHidden, false), v});
    fixture.add(project);
    fixture.add(RopeStore{q,
                          k,
                          v,
                          kQueryHeads,
                          kKeyHeads,
                          kHeadColumns,
                          kHeadColumns,
                          {},
                          {},
                          plainRope(RopeLayout::Neighbours, kHeadColumns),
                          cache});
    const float scale = 1.0F / std::sqrt(static_cast<float>(kHeadColumns));
    fixture.add(
        Attention{q, mixed, cache, kQueryHeads, kKeyHeads, kHeadColumns, kHeadColumns, scale, Mask::Causal, window});
    fixture.add(
        ProjectResidual{mixed, builder.linear(weights, kHidden, kQueryHeads * kHeadColumns, false), {}, stream});
    fixture.add(GateUp{stream, builder.norm(NormKind::Rms, kHidden),
                       builder.linear(weights, kFeedForward, kHidden, false),
                       builder.linear(weights, kFeedForward, kHidden, false), Activation::Silu, gated});
    fixture.add(DownReduce{gated, builder.linear(weights, kHidden, kFeedForward, false), {}, stream});
    // Seven products in a row; in an F16 cache a float's rounding can move a number by a whole level of 2^-11.
    const Tolerance linear = linearTolerance(weights, precision);
    const double nmse = 8.0 * linear.nmse + (cacheType == DType::F16 ? 1e-9 : 0.0);
    ParityProgram parity =
        std::move(builder).cachedSteps(window > 0 ? 200 : 50, {21, 1, 1}, {nmse, 10.0 * std::sqrt(nmse), 1.0});
    // Keys and values are one product away from the inputs.
    parity.storedError = linear.largest;
    if (window > 0)
        setWindow(parity, window);
    return parity;
}

void addLayers(std::vector<ParityCase>& cases) {
    constexpr std::array kWeights{DType::F32, DType::F16, DType::Q4_1, DType::Q8_0, DType::Q4_K, DType::Q6_K};
    for (const DType weights : kWeights)
        for (const DType type : {DType::F32, DType::F16})
            cases.push_back({"layer of " + typeName(weights) + ", cache " + typeName(type),
                             [weights, type](std::uint32_t seed, Precision precision) {
                                 return layer(weights, type, seed, precision);
                             }});
    cases.push_back({"layer with a window on its own pages", [](std::uint32_t seed, Precision precision) {
                         return layer(DType::F32, DType::F16, seed, precision, 70);
                     }});
}

} // namespace

void addCacheCases(std::vector<ParityCase>& cases) {
    addRopeStore(cases);
    addAttention(cases);
    addLayers(cases);
}

} // namespace hearth::parity

namespace hearth {

std::vector<ParityCase> parityCases() {
    std::vector<ParityCase> cases;
    parity::addLinearCases(cases);
    parity::addCacheCases(cases);
    parity::addEncoderCases(cases);
    parity::addSparseCases(cases);
    return cases;
}

} // namespace hearth
