#include "kernels/api/check.h"
#include "tests/kernels/program_fixture.h"

#include <QTest>

#include <functional>
#include <limits>

namespace {

using namespace hearth;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// A small decoder with every op; each test spoils one thing in it.
struct Decoder {
    ProgramFixture fixture{4};
    Program program;

    Decoder() {
        const BufferId stream = fixture.buffer("stream", 8);
        const BufferId q = fixture.buffer("q", 8);
        const BufferId k = fixture.buffer("k", 4);
        const BufferId v = fixture.buffer("v", 4);
        const BufferId mixed = fixture.buffer("mixed", 8);
        const BufferId gated = fixture.buffer("gated", 12);
        const BufferId logits = fixture.buffer("logits", 5);
        const CacheId cache = fixture.cache("kv", 1, 4, 4, DType::F32);
        const Norm norm{NormKind::Rms, weight("norm", 1, 8), kNoWeight, 1e-5F};
        fixture.add(EmbedRows{weight("table", 5, 8), stream, 1.0F});
        fixture.add(NormProject{stream,
                                norm,
                                {{{weight("q", 8, 8), weight("bias", 1, 8)}, q},
                                 {{weight("k", 4, 8), kNoWeight}, k},
                                 {{weight("v", 4, 8), kNoWeight}, v}}});
        Rope rope;
        rope.layout = RopeLayout::Halves;
        rope.dimensions = 4;
        rope.factors = weight("factors", 1, 2);
        fixture.add(RopeStore{q, k, v, 2, 1, 4, 4, {}, {}, rope, cache});
        Attention attention{q, mixed, cache, 2, 1, 4, 4, 0.5F};
        attention.sinks = weight("sinks", 1, 2);
        fixture.add(attention);
        fixture.add(ProjectResidual{mixed, {weight("o", 8, 8), kNoWeight}, {}, stream});
        fixture.add(GateUp{stream,
                           norm,
                           {weight("gate", 12, 8), kNoWeight},
                           {weight("up", 12, 8), kNoWeight},
                           Activation::Silu,
                           gated});
        fixture.add(DownReduce{gated, {weight("down", 8, 12), kNoWeight}, {}, stream});
        fixture.add(Logits{stream, norm, {weight("output", 5, 8), kNoWeight}, logits});
        program = fixture.showing(logits);
    }

    WeightId weight(const std::string& name, std::int32_t rows, std::int32_t columns) {
        return fixture.floats(name, rows, columns, std::vector<float>(static_cast<std::size_t>(rows * columns), 1.0F));
    }
};

template <typename T>
T& opOf(Program& program) {
    for (Op& op : program.ops)
        if (T* typed = std::get_if<T>(&op))
            return *typed;
    qFatal("no such op");
}

WeightView& weightOf(Program& program, const char* name) {
    for (WeightView& weight : program.weights)
        if (weight.name == name)
            return weight;
    qFatal("no such weight");
}

struct Spoiled {
    const char* name;
    std::function<void(Program&)> spoil;
    const char* says;
};

std::vector<Spoiled> spoiledTables() {
    return {
        {"no rows", [](Program& p) { p.maxRows = 0; }, "0 rows"},
        {"more output rows than rows", [](Program& p) { p.maxOutputRows = 5; }, "5 output rows"},
        {"weight without data", [](Program& p) { weightOf(p, "up").data = nullptr; }, "'up' has no data"},
        {"weight without rows", [](Program& p) { weightOf(p, "up").rows = 0; }, "'up' has the shape"},
        {"weight with negative columns", [](Program& p) { weightOf(p, "up").columns = -8; }, "'up' has the shape"},
        {"weight of half a block", [](Program& p) { weightOf(p, "up").dtype = DType::Q4_0; }, "whole blocks of Q4_0"},
        {"weight larger than memory",
         [](Program& p) {
             weightOf(p, "up").rows = std::numeric_limits<std::int32_t>::max();
             weightOf(p, "up").columns = std::numeric_limits<std::int32_t>::max();
         },
         "larger than any memory"},
        {"cache without heads", [](Program& p) { p.caches[0].heads = 0; }, "'kv' has 0 heads"},
        {"cache of half a block", [](Program& p) { p.caches[0].dtype = DType::Q8_0; }, "whole blocks of Q8_0"},
        {"cache larger than memory",
         [](Program& p) {
             p.caches[0].heads = std::numeric_limits<std::int32_t>::max();
             p.caches[0].keyColumns = std::numeric_limits<std::int32_t>::max();
         },
         "larger than any memory"},
        {"plan of fewer buffers", [](Program& p) { p.plan.offsets.pop_back(); }, "6 of 7 buffers"},
        {"buffer beyond the plan", [](Program& p) { p.plan.sizeBytes -= 64; }, "'logits' with 80 bytes"},
        {"buffer far beyond the plan", [](Program& p) { p.plan.offsets[0] = ~std::size_t{3}; }, "'stream' with"},
        {"misaligned buffer", [](Program& p) { p.plan.offsets[0] += 2; }, "'stream' with"},
        {"buffer without columns", [](Program& p) { p.buffers[0].columns = 0; }, "'stream' has 0 columns"},
        {"buffer of halves", [](Program& p) { p.buffers[0].dtype = DType::F16; }, "activations do not have"},
        {"output that is not there", [](Program& p) { p.output = 7; }, "buffer 7 of 7"},
        {"output that nobody writes", [](Program& p) { p.ops.pop_back(); }, "not what the last op writes"},
        {"output that another op uses", [](Program& p) { opOf<GateUp>(p).out = p.output; }, "which Logits writes"},
    };
}

std::vector<Spoiled> spoiledOps() {
    const auto embed = [](auto change) { return [=](Program& p) { change(opOf<EmbedRows>(p)); }; };
    const auto project = [](auto change) { return [=](Program& p) { change(opOf<NormProject>(p)); }; };
    const auto store = [](auto change) { return [=](Program& p) { change(opOf<RopeStore>(p)); }; };
    const auto attend = [](auto change) { return [=](Program& p) { change(opOf<Attention>(p)); }; };
    return {
        {"no table", embed([](EmbedRows& op) { op.table = kNoWeight; }), "weight -1"},
        {"table that is not there", embed([](EmbedRows& op) { op.table = 99; }), "weight 99"},
        {"table of integers", [](Program& p) { weightOf(p, "table").dtype = DType::I32; }, "holds integers"},
        {"table of another width", [](Program& p) { weightOf(p, "table").columns = 7; }, "5 x 7 instead of any x 8"},
        {"scale NaN", embed([](EmbedRows& op) { op.scale = kNaN; }), "not a finite number"},
        {"no projections", project([](NormProject& op) { op.projections.clear(); }), "no projection"},
        {"negative buffer", project([](NormProject& op) { op.in = -5; }), "buffer -5 of 7"},
        {"projection onto its input", project([](NormProject& op) { op.projections[0].out = op.in; }), "two roles"},
        {"two projections to one place",
         project([](NormProject& op) { op.projections[2].out = op.projections[1].out; }), "two roles"},
        {"bias of another width", [](Program& p) { weightOf(p, "bias").columns = 4; }, "1 x 4 instead of 1 x 8"},
        {"norm of another width", [](Program& p) { weightOf(p, "norm").columns = 4; }, "1 x 4 instead of 1 x 8"},
        {"experts where one matrix belongs", [](Program& p) { weightOf(p, "q").matrices = 2; }, "2 matrices"},
        {"epsilon NaN", project([](NormProject& op) { op.norm.epsilon = kNaN; }), "epsilon"},
        {"norm weight without norm", project([](NormProject& op) { op.norm.kind = NormKind::None; }),
         "weights without a norm"},
        {"heads that do not fill q", store([](RopeStore& op) { op.queryHeads = 3; }), "8 columns instead of 12"},
        {"head counts that overflow", store([](RopeStore& op) { op.queryHeads = 1 << 30; }), "instead of 4294967296"},
        {"no heads", store([](RopeStore& op) { op.keyHeads = 0; }), "keys without heads"},
        {"odd rope", store([](RopeStore& op) { op.rope.dimensions = 3; }), "rope turns 3 of 4"},
        {"rope wider than the head", store([](RopeStore& op) { op.rope.dimensions = 6; }), "rope turns 6 of 4"},
        {"rope base 0", store([](RopeStore& op) { op.rope.base = 0; }), "rope base"},
        {"factors of another width", [](Program& p) { weightOf(p, "factors").columns = 1; }, "1 x 1 instead of 1 x 2"},
        {"YaRN without context", store([](RopeStore& op) { op.rope.extrapolationFactor = 1; }), "original context"},
        {"negative section", store([](RopeStore& op) { op.rope.sections[1] = -1; }), "negative rope section"},
        {"values without keys", store([](RopeStore& op) { op.k = kNoBuffer; }), "values without keys"},
        {"cache that is not there", store([](RopeStore& op) { op.cache = 1; }), "cache 1 of 1"},
        {"cache of another shape", [](Program& p) { p.caches[0].valueColumns = 8; }, "instead of 1 of 4 + 4"},
        {"values that are not kept", store([](RopeStore& op) { op.v = kNoBuffer; }), "instead of 1 of 4 + 0"},
        {"heads that do not divide", attend([](Attention& op) { op.keyHeads = 3; }), "2 query heads"},
        {"negative window", attend([](Attention& op) { op.window = -1; }), "window of -1"},
        {"negative soft cap", attend([](Attention& op) { op.softCap = -1; }), "soft cap"},
        {"sinks of another width", [](Program& p) { weightOf(p, "sinks").columns = 1; }, "1 x 1 instead of 1 x 2"},
        {"attention in place", attend([](Attention& op) { op.out = op.q; }), "two roles"},
        {"gate of another height", [](Program& p) { weightOf(p, "gate").rows = 11; }, "11 x 8 instead of 12 x 8"},
        {"gate bias without gate",
         [](Program& p) {
             opOf<GateUp>(p).gate.bias = opOf<GateUp>(p).gate.weight;
             opOf<GateUp>(p).gate.weight = kNoWeight;
         },
         "without a gate"},
        {"residual as input", [](Program& p) { opOf<DownReduce>(p).in = opOf<DownReduce>(p).residual; }, "instead of"},
        {"logits of another vocabulary", [](Program& p) { weightOf(p, "output").rows = 6; }, "6 x 8 instead of 5 x 8"},
    };
}

void addRows(const std::vector<Spoiled>& all) {
    QTest::addColumn<int>("index");
    for (std::size_t index = 0; index < all.size(); ++index)
        QTest::newRow(all[index].name) << static_cast<int>(index);
}

void expectRefusal(const Spoiled& spoiled) {
    Decoder decoder;
    spoiled.spoil(decoder.program);
    const Status status = checkProgram(decoder.program);
    QVERIFY(!status.ok());
    QCOMPARE(status.error().code, ErrorCode::InvalidInput);
    QVERIFY2(status.error().message.find(spoiled.says) != std::string::npos, status.error().message.c_str());
}

StepInput goodStep() {
    StepInput input;
    input.tokens = {0, 4, 2};
    input.positions = {62, 63, 64};
    input.pageTable = {1, 0};
    input.cacheStart = 62;
    input.outputRows = {0, 2};
    return input;
}

struct SpoiledStep {
    const char* name;
    std::function<void(StepInput&)> spoil;
    const char* says;
};

std::vector<SpoiledStep> spoiledSteps() {
    return {
        {"no rows", [](StepInput& s) { s.tokens.clear(); }, "a step of 0 rows"},
        {"too many rows", [](StepInput& s) { s.tokens.resize(5); }, "a step of 5 rows"},
        {"token beyond the table", [](StepInput& s) { s.tokens[1] = 5; }, "token 5; the table has 5"},
        {"neither token nor row", [](StepInput& s) { s.tokens[1] = -1; }, "row 1 has neither"},
        {"embeddings of another size", [](StepInput& s) { s.embeddings.resize(23); }, "23 embedding values"},
        {"too few positions", [](StepInput& s) { s.positions.pop_back(); }, "2 positions instead of 3"},
        {"page table too short", [](StepInput& s) { s.pageTable.pop_back(); }, "1 pages for 65 tokens"},
        {"page that is not there", [](StepInput& s) { s.pageTable[1] = 3; }, "is page 3 of 3"},
        {"negative page", [](StepInput& s) { s.pageTable[0] = -1; }, "is page -1 of 3"},
        {"negative start", [](StepInput& s) { s.cacheStart = -1; }, "starts at -1"},
        {"start beyond all", [](StepInput& s) { s.cacheStart = std::numeric_limits<std::int32_t>::max(); }, "tokens"},
        {"output row beyond the step", [](StepInput& s) { s.outputRows[1] = 3; }, "output row 3"},
        {"output rows out of order",
         [](StepInput& s) {
             s.outputRows = {2, 0};
         },
         "output row 0 after 2"},
        {"output row twice",
         [](StepInput& s) {
             s.outputRows = {1, 1};
         },
         "output row 1 after 1"},
        {"negative output row", [](StepInput& s) { s.outputRows = {-1}; }, "output row -1"},
    };
}

} // namespace

/// Pages that nobody reads: three of page class 0, and of class 1 as many as asked for.
class CountedPages final : public CachePool {
public:
    explicit CountedPages(std::int32_t windowPages = 0) : m_windowPages(windowPages) {}
    std::int32_t pageCount(std::int32_t pageClass) const override { return pageClass == 0 ? 3 : m_windowPages; }
    void copyPage(std::int32_t, std::int32_t, std::int32_t) override {}
    Status readPage(CacheId, std::int32_t, std::span<std::byte>) const override { return {}; }
    Status writePage(CacheId, std::int32_t, std::span<const std::byte>) override { return {}; }
    std::int32_t stateSlotCount() const override { return 0; }
    void copyState(std::int32_t, std::int32_t) override {}
    Status readState(StateId, std::int32_t, std::span<float>) const override { return {}; }
    Status writeState(StateId, std::int32_t, std::span<const float>) override { return {}; }

private:
    std::int32_t m_windowPages;
};

class TestProgramCheck : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void acceptsADecoder() {
        const Decoder decoder;
        const Status status = checkProgram(decoder.program);
        QVERIFY2(status.ok(), status.ok() ? "" : status.error().message.c_str());
        QCOMPARE(positionsPerRow(decoder.program), 1);
    }

    void refusesTables_data() { addRows(spoiledTables()); }
    void refusesTables() {
        QFETCH(int, index);
        expectRefusal(spoiledTables()[static_cast<std::size_t>(index)]);
    }

    void refusesOps_data() { addRows(spoiledOps()); }
    void refusesOps() {
        QFETCH(int, index);
        expectRefusal(spoiledOps()[static_cast<std::size_t>(index)]);
    }

    void acceptsSteps() {
        const Decoder decoder;
        StepInput input = goodStep();
        QVERIFY(checkStep(decoder.program, input.state(), &m_pool).ok());
        input.tokens[0] = -7;
        input.embeddings.resize(24);
        QVERIFY(checkStep(decoder.program, input.state(), &m_pool).ok());
        input.outputRows.clear();
        QVERIFY(checkStep(decoder.program, input.state(), &m_pool).ok());
    }

    void refusesSteps_data() {
        QTest::addColumn<int>("index");
        const std::vector<SpoiledStep> all = spoiledSteps();
        for (std::size_t index = 0; index < all.size(); ++index)
            QTest::newRow(all[index].name) << static_cast<int>(index);
    }
    void refusesSteps() {
        QFETCH(int, index);
        const SpoiledStep spoiled = spoiledSteps()[static_cast<std::size_t>(index)];
        const Decoder decoder;
        StepInput input = goodStep();
        spoiled.spoil(input);
        const Status status = checkStep(decoder.program, input.state(), &m_pool);
        QVERIFY(!status.ok());
        QCOMPARE(status.error().code, ErrorCode::InvalidInput);
        QVERIFY2(status.error().message.find(spoiled.says) != std::string::npos, status.error().message.c_str());
    }

    void limitsOutputRows() {
        Decoder decoder;
        decoder.program.maxOutputRows = 1;
        StepInput input = goodStep();
        const Status status = checkStep(decoder.program, input.state(), &m_pool);
        QVERIFY(!status.ok());
        QVERIFY(status.error().message.find("at most 1") != std::string::npos);
    }

    void windowedPagesAreCheckedFromTheWindowOn() {
        Decoder decoder;
        decoder.program.windows = {2};
        decoder.program.caches[0].pageClass = 1;
        opOf<Attention>(decoder.program).window = 2;
        QVERIFY(checkProgram(decoder.program).ok());
        StepInput input = goodStep();
        QVERIFY(!checkStep(decoder.program, input.state(), &m_pool).ok()); // no table for the window
        const CountedPages pages(1);
        input.windowTables = {{0, 0}};
        QVERIFY(checkStep(decoder.program, input.state(), &pages).ok());
        input.windowTables = {{0, 1}};
        QVERIFY(!checkStep(decoder.program, input.state(), &pages).ok());
        input.windowTables = {{-1, 0}};
        QVERIFY(!checkStep(decoder.program, input.state(), &pages).ok()); // slot 61 is seen
        input.cacheStart = 65;
        QVERIFY(checkStep(decoder.program, input.state(), &pages).ok());
    }

    void cacheOfAWindowIsNotReadBeyondIt() {
        Decoder decoder;
        decoder.program.caches[0].pageClass = 1;
        QVERIFY(!checkProgram(decoder.program).ok()); // there is no such class
        decoder.program.windows = {8};
        QVERIFY(!checkProgram(decoder.program).ok()); // everything is read
        opOf<Attention>(decoder.program).window = 9;
        QVERIFY(!checkProgram(decoder.program).ok());
        opOf<Attention>(decoder.program).window = 8;
        QVERIFY(checkProgram(decoder.program).ok());
        decoder.program.windows = {0};
        QVERIFY(!checkProgram(decoder.program).ok());
    }

    void chosenSlotsFitTheirOps() {
        Program program = Decoder().program;
        const auto buffer = [&](std::int32_t columns, DType dtype) {
            program.buffers.push_back({"", columns, dtype});
            return static_cast<BufferId>(program.buffers.size()) - 1;
        };
        const BufferId q = buffer(8, DType::F32);
        const BufferId weights = buffer(2, DType::F32);
        const BufferId slots = buffer(3, DType::I32);
        program.caches.push_back({"index", 1, 4, 0, DType::F32});
        const auto cache = static_cast<CacheId>(program.caches.size()) - 1;
        const SelectSlots good{q, weights, cache, 2, 4, 3, slots};
        QVERIFY(!whyMalformed(program, good));
        std::vector<SelectSlots> bad(6, good);
        bad[0].count = 4;
        bad[1].slots = weights;
        bad[2].heads = 3;
        bad[3].cache = 9;
        bad[4].headColumns = 8;
        bad[5].weights = q;
        for (const SelectSlots& op : bad)
            QVERIFY(whyMalformed(program, op));
        Attention attention = opOf<Attention>(program);
        attention.slots = slots;
        QVERIFY(!whyMalformed(program, attention));
        attention.window = 2;
        QVERIFY(whyMalformed(program, attention));
        attention.window = 0;
        attention.slots = weights;
        QVERIFY(whyMalformed(program, attention));
    }

    void multiAxisRopeTakesFourPositions() {
        Decoder decoder;
        opOf<RopeStore>(decoder.program).rope.sections = {1, 1, 0, 0};
        QCOMPARE(positionsPerRow(decoder.program), 4);
        StepInput input = goodStep();
        QVERIFY(!checkStep(decoder.program, input.state(), &m_pool).ok());
        input.positions.resize(12);
        QVERIFY(checkStep(decoder.program, input.state(), &m_pool).ok());
    }

private:
    CountedPages m_pool;
};

QTEST_APPLESS_MAIN(TestProgramCheck)
#include "tst_program_check.moc"
