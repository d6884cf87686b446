#include "kernels/cpu/cpu_backend.h"
#include "tests/kernels/parity_builder.h"
#include "tests/kernels/parity_harness.h"
#include "tests/kernels/random_rows.h"

#include <QTest>

#include <atomic>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <new>
#include <numeric>

namespace {

// Counts what operator new is asked for, on every thread of this program.
std::atomic<std::int64_t> allocationCount{0};

} // namespace

void* operator new(std::size_t size) {
    allocationCount.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size > 0 ? size : 1))
        return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace {

using namespace hearth;

std::vector<CpuIsa> availableIsas() {
    std::vector<CpuIsa> isas;
    for (const CpuIsa isa : {CpuIsa::Scalar, CpuIsa::Avx2, CpuIsa::Avx512})
        if (isa <= detectCpuIsa())
            isas.push_back(isa);
    return isas;
}

// Sizes beyond those of the common suite: several panels and tiles, sums in several blocks, a cache cut into parts.

ParityCase largeGateUp(DType dtype) {
    return {"large GateUp " + std::string(dtypeInfo(dtype).name), [dtype](std::uint32_t seed, Precision precision) {
                parity::Builder builder(seed, 21);
                const auto ids = builder.buffers({{"in", 1280}, {"out", 50}});
                GateUp op;
                op.in = ids[0];
                op.norm = builder.norm(NormKind::Rms, 1280);
                op.gate = builder.linear(dtype, 50, 1280, false);
                op.up = builder.linear(dtype, 50, 1280, false);
                op.out = ids[1];
                builder.fixture().add(op);
                return std::move(builder).oneStep(21, parity::gatedTolerance(dtype, precision));
            }};
}

ParityCase longAttention(DType cache, std::int32_t rows) {
    return {"long Attention, cache " + std::string(dtypeInfo(cache).name) + ", " + std::to_string(rows) + " rows",
            [=](std::uint32_t seed, Precision precision) {
                parity::Builder builder(seed, rows);
                Attention op;
                op.queryHeads = 7;
                op.keyHeads = 1;
                op.headColumns = 96;
                op.valueColumns = 64;
                op.scale = 0.1F;
                const auto ids = builder.buffers({{"q", 7 * 96}, {"out", 7 * 64}});
                op.q = ids[0];
                op.out = ids[1];
                op.sinks = builder.vector("sinks", 7);
                op.cache = builder.fixture().cache("kv", 1, 96, 64, cache);
                builder.fixture().add(op);
                ParityProgram result =
                    std::move(builder).cachedSteps(1150, {rows}, parity::attentionTolerance(cache, precision));
                result.cachedTokens += rows; // no op stores the step's own tokens
                return result;
            }};
}

const std::vector<ParityCase>& cases() {
    static const std::vector<ParityCase> all = [] {
        std::vector<ParityCase> list = parityCases();
        for (const DTypeInfo& info : allDTypes())
            if (info.dtype != DType::I32)
                list.push_back(largeGateUp(info.dtype));
        for (const DType cache : {DType::F32, DType::F16, DType::BF16, DType::Q8_0, DType::Q4_0})
            for (const std::int32_t rows : {1, 70})
                list.push_back(longAttention(cache, rows));
        return list;
    }();
    return all;
}

/// Scalar kernels expand every type by the same function, which has tests of its own: two types stand for all.
bool addsNothing(CpuIsa isa, const std::string& name) {
    if (isa != CpuIsa::Scalar)
        return false;
    const auto has = [&](const char* part) { return name.find(part) != std::string::npos; };
    return !has("cache") && !has(" F32") && !has(" Q4_K");
}

/// One layer around a cache, from tokens to logits.
class TinyModel {
public:
    static constexpr std::int32_t kHidden = 256;
    static constexpr std::int32_t kVocabulary = 300;

    TinyModel(std::int32_t rows, DType dtype) : m_fixture(rows), m_dtype(dtype), m_random(7) {
        const BufferId stream = m_fixture.buffer("stream", kHidden);
        const BufferId q = m_fixture.buffer("q", kHidden);
        const BufferId k = m_fixture.buffer("k", 64);
        const BufferId v = m_fixture.buffer("v", 64);
        const BufferId mixed = m_fixture.buffer("mixed", kHidden);
        const BufferId inner = m_fixture.buffer("inner", 512);
        m_logits = m_fixture.buffer("logits", kVocabulary);
        const Norm norm{NormKind::Rms, kNoWeight, kNoWeight, 1e-5F};
        const CacheId cache = m_fixture.cache("kv", 1, 64, 64, DType::F16);
        m_fixture.add(EmbedRows{matrix(kVocabulary, kHidden).weight, stream, 1.0F});
        m_fixture.add(NormProject{
            stream, norm, {{matrix(kHidden, kHidden), q}, {matrix(64, kHidden), k}, {matrix(64, kHidden), v}}});
        RopeStore store{q, k, v, 4, 1, 64, 64, {}, {}, {}, cache};
        store.rope.layout = RopeLayout::Neighbours;
        store.rope.dimensions = 64;
        m_fixture.add(store);
        m_fixture.add(Attention{q, mixed, cache, 4, 1, 64, 64, 0.125F});
        m_fixture.add(ProjectResidual{mixed, matrix(kHidden, kHidden), {}, stream, 1.0F});
        m_fixture.add(GateUp{stream, norm, matrix(512, kHidden), matrix(512, kHidden), Activation::Silu, inner});
        m_fixture.add(DownReduce{inner, matrix(kHidden, 512), {}, stream, 1.0F});
        m_fixture.add(Logits{stream, norm, matrix(kVocabulary, kHidden), m_logits, 1.0F, 0.0F});
    }

    [[nodiscard]] Program program() const { return m_fixture.showing(m_logits); }

    static StepInput step(std::int32_t start, std::int32_t rows) {
        StepInput input;
        for (std::int32_t row = 0; row < rows; ++row) {
            input.tokens.push_back((start + row) * 37 % kVocabulary);
            input.positions.push_back(start + row);
        }
        input.pageTable = {3, 0, 4, 2, 1, 5};
        for (std::int32_t page = 6; page * kPageTokens < start + rows; ++page)
            input.pageTable.push_back(page);
        input.cacheStart = start;
        input.outputRows = {rows - 1};
        return input;
    }

private:
    Linear matrix(std::int32_t rows, std::int32_t columns) {
        const double rms = 1.0 / std::sqrt(static_cast<double>(columns));
        return {m_fixture.stored("w", m_dtype, rows, columns, randomRows(m_dtype, rows, columns, rms, m_random), 2),
                kNoWeight};
    }

    ProgramFixture m_fixture;
    DType m_dtype;
    std::mt19937 m_random;
    BufferId m_logits = kNoBuffer;
};

struct Compiled {
    std::unique_ptr<Backend> backend;
    std::unique_ptr<CachePool> pool;
    std::unique_ptr<Executable> executable;
};

Compiled compiled(const CpuOptions& options, const TinyModel& model, Timing timing = Timing::Off,
                  std::int32_t pages = 6) {
    Compiled result;
    result.backend = createCpuBackend(options);
    Program program = model.program();
    auto pool = result.backend->allocateCache({program.caches, pages, {}, 0});
    if (!pool)
        qFatal("%s", pool.error().message.c_str());
    result.pool = std::move(pool).value();
    auto executable = result.backend->compile(std::move(program), result.pool.get(), {timing});
    if (!executable)
        qFatal("%s", executable.error().message.c_str());
    result.executable = std::move(executable).value();
    return result;
}

/// Logits after a prompt and some decoded tokens.
std::vector<float> answer(const CpuOptions& options, const TinyModel& model) {
    const Compiled prepared = compiled(options, model);
    std::vector<float> logits;
    std::int32_t start = 0;
    for (const std::int32_t rows : {40, 23, 1, 1, 3}) {
        const StepInput input = TinyModel::step(start, rows);
        if (!prepared.executable->enqueue(input.state()) || !prepared.executable->wait({}))
            qFatal("a step failed");
        const auto shown = prepared.executable->output();
        logits.insert(logits.end(), shown.begin(), shown.end());
        start += rows;
    }
    return logits;
}

} // namespace

class TestCpuBackend : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithTheReference_data();
    void agreesWithTheReference();
    void givesTheSameBitsForAnyNumberOfThreads_data();
    void givesTheSameBitsForAnyNumberOfThreads();
    void rowsOfOneStepHaveTheBitsOfStepsOfOneRow_data();
    void rowsOfOneStepHaveTheBitsOfStepsOfOneRow();
    void promisesNothingOfProgramsForPrompts();
    void showsNumbersThatAreNotFinite_data();
    void showsNumbersThatAreNotFinite();
    void decodeAllocatesNothing();
    void answersACancelAndGoesOn();
    void refusesStepsOutOfTurn();
    void refusesCachesOfOtherPrograms();
    void timesEveryOp();
    void namesItselfAndItsThreads();
};

void TestCpuBackend::agreesWithTheReference_data() {
    QTest::addColumn<CpuIsa>("isa");
    QTest::addColumn<int>("index");
    for (const CpuIsa isa : availableIsas())
        for (std::size_t index = 0; index < cases().size(); ++index)
            if (!addsNothing(isa, cases()[index].name))
                QTest::addRow("%s: %s", cpuIsaName(isa).data(), cases()[index].name.c_str())
                    << isa << static_cast<int>(index);
}

void TestCpuBackend::agreesWithTheReference() {
    QFETCH(const CpuIsa, isa);
    QFETCH(const int, index);
    const auto backend = createCpuBackend({.threads = 3, .isa = isa});
    const Precision precision = isa == CpuIsa::Scalar ? Precision::Float : Precision::EightBit;
    const ParityOutcome outcome = runParity(*backend, cases()[static_cast<std::size_t>(index)], precision);
    QVERIFY2(outcome.verdict == Verdict::Agrees, outcome.text.c_str());
}

void TestCpuBackend::givesTheSameBitsForAnyNumberOfThreads_data() {
    QTest::addColumn<CpuIsa>("isa");
    QTest::addColumn<DType>("dtype");
    for (const CpuIsa isa : availableIsas())
        for (const DType dtype : {DType::F32, DType::Q4_1, DType::Q6_K})
            QTest::addRow("%s, %s", cpuIsaName(isa).data(), dtypeInfo(dtype).name.data()) << isa << dtype;
}

void TestCpuBackend::givesTheSameBitsForAnyNumberOfThreads() {
    QFETCH(const CpuIsa, isa);
    QFETCH(const DType, dtype);
    const TinyModel model(40, dtype);
    const std::vector<float> expected = answer({.threads = 1, .isa = isa}, model);
    for (const std::int32_t threads : {1, 2, 5})
        QVERIFY2(answer({.threads = threads, .isa = isa}, model) == expected, qPrintable(QString::number(threads)));
}

void TestCpuBackend::rowsOfOneStepHaveTheBitsOfStepsOfOneRow_data() {
    QTest::addColumn<CpuIsa>("isa");
    QTest::addColumn<DType>("dtype");
    QTest::addColumn<int>("start");
    for (const CpuIsa isa : availableIsas())
        for (const DType dtype : {DType::F32, DType::F16, DType::Q4_1, DType::Q6_K, DType::IQ2_S})
            // Within a page, across pages, from one split of the cache to two, to splits of five pages. Scalar kernels
            // expand every type, the others only rare ones.
            for (const int start : {3, 60, 252, 4092})
                if (isa == CpuIsa::Scalar ? dtype == DType::F32 : dtype != DType::IQ2_S || start == 252)
                    QTest::addRow("%s, %s, %d", cpuIsaName(isa).data(), dtypeInfo(dtype).name.data(), start)
                        << isa << dtype << start;
}

void TestCpuBackend::rowsOfOneStepHaveTheBitsOfStepsOfOneRow() {
    QFETCH(const CpuIsa, isa);
    QFETCH(const DType, dtype);
    QFETCH(const int, start);
    constexpr std::int32_t kPages = 65;
    const TinyModel model(8, dtype);
    const Compiled prepared = compiled({.threads = 2, .isa = isa}, model, Timing::Off, kPages);
    QCOMPARE(prepared.executable->independentRows(), 8);
    std::mt19937 random(5);
    for (std::int32_t page = 0; page < kPages; ++page) { // what earlier steps would have left
        const std::vector<std::byte> tokens = randomRows(DType::F16, 2 * kPageTokens, 64, 1.0, random);
        QVERIFY(prepared.pool->writePage(0, page, tokens));
    }
    const auto run = [&](std::int32_t first, std::int32_t rows) {
        StepInput input = TinyModel::step(first, rows);
        input.outputRows.resize(static_cast<std::size_t>(rows));
        std::iota(input.outputRows.begin(), input.outputRows.end(), 0);
        if (!prepared.executable->enqueue(input.state()) || !prepared.executable->wait({}))
            qFatal("a step failed");
        const auto shown = prepared.executable->output();
        return std::vector<float>(shown.begin(), shown.end());
    };
    std::vector<float> alone;
    for (std::int32_t row = 0; row < 8; ++row) {
        const std::vector<float> logits = run(start + row, 1);
        alone.insert(alone.end(), logits.begin(), logits.end());
    }
    for (const std::int32_t rows : {2, 3, 4, 5, 7, 8}) {
        const std::vector<float> together = run(start, rows);
        QVERIFY2(std::equal(together.begin(), together.end(), alone.begin()), qPrintable(QString::number(rows)));
    }
}

void TestCpuBackend::promisesNothingOfProgramsForPrompts() {
    const TinyModel model(40, DType::F32);
    QCOMPARE(compiled({.threads = 1}, model).executable->independentRows(), 1);
}

void TestCpuBackend::showsNumbersThatAreNotFinite_data() {
    QTest::addColumn<CpuIsa>("isa");
    QTest::addColumn<float>("number");
    QTest::addColumn<int>("rows");
    for (const CpuIsa isa : availableIsas())
        for (const float number : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()})
            for (const int rows : {1, 12})
                QTest::addRow("%s, %g, %d rows", cpuIsaName(isa).data(), static_cast<double>(number), rows)
                    << isa << number << rows;
}

// A broken model must not look like a sensible answer: what is not finite stays so through 8-bit activations.
void TestCpuBackend::showsNumbersThatAreNotFinite() {
    QFETCH(const CpuIsa, isa);
    QFETCH(const float, number);
    QFETCH(const int, rows);
    ProgramFixture fixture(12);
    std::mt19937 random(3);
    const BufferId in = fixture.buffer("in", 64);
    const BufferId out = fixture.buffer("out", 20);
    fixture.add(EmbedRows{fixture.floats("table", 1, 64, std::vector<float>(64)), in});
    const WeightId weight = fixture.stored("w", DType::Q8_0, 20, 64, randomRows(DType::Q8_0, 20, 64, 1.0, random));
    fixture.add(NormProject{in, {}, {{{weight, kNoWeight}, out}}});
    const auto count = static_cast<std::size_t>(rows) * 64;
    std::vector<float> numbers = randomFloats(count, 1.0, random);
    numbers[count - 20] = number;
    const auto backend = createCpuBackend({.threads = 2, .isa = isa});
    const auto outputs =
        runSteps(*backend, fixture.observing(out), nullptr, {StepInput::ofEmbeddings(rows, std::move(numbers))});
    QVERIFY2(outputs, outputs ? "" : outputs.error().message.c_str());
    const std::vector<float>& shown = outputs->front();
    for (std::size_t n = shown.size() - 20; n < shown.size(); ++n)
        QVERIFY2(!std::isfinite(shown[n]), qPrintable(QString::number(shown[n])));
}

void TestCpuBackend::decodeAllocatesNothing() {
    const TinyModel model(8, DType::Q4_0);
    const Compiled prepared = compiled({.threads = 2}, model);
    std::vector<StepInput> inputs;
    for (std::int32_t start = 0; start < 200; ++start)
        inputs.push_back(TinyModel::step(start, 1));
    std::vector<StepState> states;
    for (const StepInput& input : inputs)
        states.push_back(input.state());
    const std::int64_t before = allocationCount.load();
    bool allRan = true;
    for (const StepState& state : states)
        allRan = prepared.executable->enqueue(state).ok() && prepared.executable->wait({}).ok() && allRan;
    QCOMPARE(allocationCount.load() - before, 0);
    QVERIFY(allRan);
}

void TestCpuBackend::answersACancelAndGoesOn() {
    const TinyModel model(40, DType::Q8_0);
    const Compiled prepared = compiled({.threads = 2}, model);
    const StepInput input = TinyModel::step(0, 40);
    std::stop_source stop;
    stop.request_stop();
    QVERIFY(prepared.executable->enqueue(input.state()));
    const Status cancelled = prepared.executable->wait(stop.get_token());
    QVERIFY(!cancelled && cancelled.error().code == ErrorCode::Cancelled);
    QVERIFY(prepared.executable->output().empty());

    QVERIFY(prepared.executable->enqueue(input.state()));
    QVERIFY(prepared.executable->wait({}));
    const auto shown = prepared.executable->output();
    const Compiled fresh = compiled({.threads = 2}, model);
    QVERIFY(fresh.executable->enqueue(input.state()));
    QVERIFY(fresh.executable->wait({}));
    QVERIFY(std::ranges::equal(shown, fresh.executable->output()));
}

void TestCpuBackend::refusesStepsOutOfTurn() {
    const TinyModel model(8, DType::F16);
    const Compiled prepared = compiled({.threads = 1}, model);
    QCOMPARE(prepared.executable->wait({}).error().code, ErrorCode::InvalidInput);
    const StepInput input = TinyModel::step(0, 8);
    QVERIFY(prepared.executable->enqueue(input.state()));
    QCOMPARE(prepared.executable->enqueue(input.state()).error().code, ErrorCode::InvalidInput);
    QVERIFY(prepared.executable->wait({}));
    const StepInput tooMany = TinyModel::step(0, 9);
    QCOMPARE(prepared.executable->enqueue(tooMany.state()).error().code, ErrorCode::InvalidInput);
}

void TestCpuBackend::refusesCachesOfOtherPrograms() {
    const auto backend = createCpuBackend({.threads = 1});
    Program program = TinyModel(8, DType::F32).program();
    std::vector<CacheSpec> others = program.caches;
    others.front().dtype = DType::F32;
    auto pool = backend->allocateCache({others, 2, {}, 0});
    QVERIFY(pool);
    QCOMPARE(backend->compile(program, pool->get(), {}).error().code, ErrorCode::InvalidInput);
    QCOMPARE(backend->compile(program, nullptr, {}).error().code, ErrorCode::InvalidInput);
    others.front().dtype = DType::Q4_K;
    QVERIFY(!backend->allocateCache({others, 2, {}, 0}));
}

void TestCpuBackend::timesEveryOp() {
    const TinyModel model(8, DType::Q5_1);
    const Compiled prepared = compiled({.threads = 2}, model, Timing::PerOp);
    const StepInput input = TinyModel::step(0, 8);
    QVERIFY(prepared.executable->enqueue(input.state()));
    QVERIFY(prepared.executable->wait({}));
    const std::vector<OpTiming> timings = prepared.executable->timings();
    QCOMPARE(timings.size(), model.program().ops.size());
    for (std::size_t index = 0; index < timings.size(); ++index) {
        QCOMPARE(timings[index].op, static_cast<std::int32_t>(index));
        QVERIFY(timings[index].seconds > 0);
        QVERIFY(timings[index].cost.bytes > 0);
    }
}

void TestCpuBackend::namesItselfAndItsThreads() {
    const auto backend = createCpuBackend({.threads = 3, .isa = CpuIsa::Scalar});
    QCOMPARE(backend->device().id, std::string("cpu"));
    QVERIFY(backend->device().name.ends_with(", scalar, 3 threads"));
    QVERIFY(backend->device().memoryBytes > 0);
}

QTEST_GUILESS_MAIN(TestCpuBackend)
#include "tst_cpu_backend.moc"
