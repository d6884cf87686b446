// The parity cases of sparse attention: slots are chosen and attended to.

#include "tests/kernels/parity_builder.h"

#include <cmath>

namespace hearth::parity {

namespace {

struct SparseVariant {
    std::string name;
    std::int32_t queryHeads = 4;
    std::int32_t keyHeads = 1;
    std::int32_t headColumns = 64;
    std::int32_t valueColumns = 64;
    std::int32_t cached = 0; ///< tokens before the step
    std::int32_t rows = 1;
    std::int32_t kept = 0; ///< slots that a row sees
    bool sharedValues = false;
    bool sinks = false;
    float softCap = 0;
};

std::vector<SparseVariant> sparseVariants() {
    return {
        {"decode", 8, 2, 64, 32, 200, 1, 140},
        {"few rows, latents", 16, 1, 96, 64, 130, 3, 37, true},
        {"prompt", 4, 2, 32, 32, 55, 13, 12},
        {"chunk, latents", 5, 1, 96, 64, 200, 9, 41, true},
        {"all are kept", 4, 4, 64, 64, 60, 5, 200},
        {"one is kept", 2, 2, 32, 32, 70, 7, 1},
        {"sinks and soft cap", 4, 2, 64, 64, 90, 2, 20, false, true, 2.0F},
    };
}

ParityProgram sparse(const SparseVariant& variant, DType cacheType, std::uint32_t seed, Precision precision) {
    constexpr std::int32_t kIndexHeads = 5;
    constexpr std::int32_t kIndexColumns = 64;
    Builder builder(seed, variant.rows);
    const std::vector<BufferId> ids = builder.buffers({{"index q", kIndexHeads * kIndexColumns},
                                                       {"index weights", kIndexHeads},
                                                       {"q", variant.queryHeads * variant.headColumns},
                                                       {"out", variant.queryHeads * variant.valueColumns}});
    ProgramFixture& fixture = builder.fixture();
    const BufferId slots = fixture.buffer("slots", variant.kept);
    fixture.tables().buffers[static_cast<std::size_t>(slots)].dtype = DType::I32;
    // A choice must not hang on a rounding: the indexer's keys are kept as floats.
    const CacheId keys = fixture.cache("index", 1, kIndexColumns, 0, DType::F32);
    fixture.add(SelectSlots{ids[0], ids[1], keys, kIndexHeads, kIndexColumns, variant.kept, slots});
    Attention op;
    op.q = ids[2];
    op.out = ids[3];
    op.queryHeads = variant.queryHeads;
    op.keyHeads = variant.keyHeads;
    op.headColumns = variant.headColumns;
    op.valueColumns = variant.valueColumns;
    op.scale = 1.0F / std::sqrt(static_cast<float>(variant.headColumns));
    op.softCap = variant.softCap;
    op.slots = slots;
    if (variant.sinks)
        op.sinks = builder.vector("sinks", variant.queryHeads);
    op.cache = fixture.cache("kv", variant.keyHeads, variant.headColumns,
                             variant.sharedValues ? 0 : variant.valueColumns, cacheType);
    fixture.add(op);
    ParityProgram parity =
        std::move(builder).cachedSteps(variant.cached, {variant.rows}, attentionTolerance(cacheType, precision));
    // No op stores here: the step's own tokens lie in the caches already.
    parity.cachedTokens += variant.rows;
    return parity;
}

} // namespace

void addSparseCases(std::vector<ParityCase>& cases) {
    for (const SparseVariant& variant : sparseVariants())
        for (const DType type : {DType::F32, DType::Q8_0})
            cases.push_back({"sparse attention, " + variant.name + ", cache " + std::string(dtypeInfo(type).name),
                             [variant, type](std::uint32_t seed, Precision precision) {
                                 return sparse(variant, type, seed, precision);
                             }});
}

} // namespace hearth::parity
