#include "kernels/quant/dequantise.h"
#include "kernels/quant/quantise.h"
#include "kernels/reference/reference_backend.h"
#include "tests/kernels/program_fixture.h"

#include <QTest>

#include <cstring>

namespace {

using namespace hearth;

constexpr std::int32_t kHeads = 2;
constexpr std::int32_t kColumns = 32;

/// Stores rows of embeddings as keys (their first half) and values (their second), attends with queries of zeros (the
/// mean of all values), and shows that mean.
struct MeanOfValues {
    ProgramFixture fixture{4};
    Program program;

    explicit MeanOfValues(DType cacheType) {
        const auto ids = fixture.inputs({{"k", kHeads * kColumns}, {"v", kHeads * kColumns}});
        const BufferId q = fixture.buffer("q", kHeads * kColumns);
        const BufferId mean = fixture.buffer("mean", kHeads * kColumns);
        const CacheId cache = fixture.cache("kv", kHeads, kColumns, kColumns, cacheType);
        const std::size_t square = static_cast<std::size_t>(kHeads * kColumns) * kHeads * kColumns;
        const WeightId zeros =
            fixture.floats("zeros", kHeads * kColumns, kHeads * kColumns, std::vector<float>(square));
        fixture.add(NormProject{ids[0], {}, {{{zeros, kNoWeight}, q}}});
        fixture.add(RopeStore{kNoBuffer, ids[0], ids[1], 0, kHeads, kColumns, kColumns, {}, {}, {}, cache});
        fixture.add(Attention{q, mean, cache, kHeads, kHeads, kColumns, kColumns, 1.0F});
        program = fixture.observing(mean);
    }

    /// Rows whose every number is `value` + the row's slot.
    static StepInput step(std::int32_t rows, std::int32_t start, float value) {
        std::vector<float> embeddings;
        for (std::int32_t row = 0; row < rows; ++row)
            embeddings.insert(embeddings.end(), 2 * kHeads * kColumns, value + static_cast<float>(start + row));
        StepInput input = StepInput::ofEmbeddings(rows, embeddings, start);
        input.pageTable = {2, 0};
        return input;
    }
};

std::vector<std::byte> pageOf(const CachePool& pool, const CacheSpec& cache, std::int32_t page) {
    std::vector<std::byte> bytes(cache.pageSizeBytes());
    if (!pool.readPage(0, page, bytes).ok())
        qFatal("cannot read page %d", page);
    return bytes;
}

} // namespace

class TestReferenceBackend : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesItself() {
        QCOMPARE(m_backend->device().id, std::string("reference"));
        QVERIFY(!m_backend->device().name.empty());
    }

    void refusesAWrongProgram() {
        MeanOfValues mean(DType::F32);
        const auto pool = m_backend->allocateCache({mean.program.caches, 3, {}, 0});
        QVERIFY(pool.ok());
        std::get<Attention>(mean.program.ops[4]).keyHeads = 3;
        const auto why = m_backend->whyUnsupported(mean.program, mean.program.ops[4]);
        QVERIFY(why.has_value());
        QVERIFY(why->find("2 query heads") != std::string::npos);
        const auto compiled = m_backend->compile(mean.program, pool->get(), {});
        QVERIFY(!compiled.ok());
        QVERIFY(compiled.error().message.find("op 4, Attention") != std::string::npos);
    }

    void refusesACacheItCannotWrite() {
        MeanOfValues mean(DType::Q5_0);
        QVERIFY(m_backend->whyUnsupported(mean.program, mean.program.ops[3]).has_value());
        const auto pool = m_backend->allocateCache({mean.program.caches, 3, {}, 0});
        QVERIFY(!pool.ok());
        QCOMPARE(pool.error().code, ErrorCode::Unsupported);
    }

    void refusesAnotherProgramsPool() {
        MeanOfValues mean(DType::F32);
        const MeanOfValues other(DType::F16);
        const auto pool = m_backend->allocateCache({other.program.caches, 3, {}, 0});
        QVERIFY(pool.ok());
        QCOMPARE(m_backend->compile(mean.program, pool->get(), {}).error().code, ErrorCode::InvalidInput);
        QCOMPARE(m_backend->compile(mean.program, nullptr, {}).error().code, ErrorCode::InvalidInput);
    }

    void refusesPagesThatDoNotFit() {
        const MeanOfValues mean(DType::F32);
        QCOMPARE(m_backend->allocateCache({mean.program.caches, 0, {}, 0}).error().code, ErrorCode::InvalidInput);
        std::vector<CacheSpec> wide = mean.program.caches;
        wide[0].heads = 1 << 20;
        wide[0].keyColumns = 1 << 20;
        const auto pool = m_backend->allocateCache({wide, 1 << 20, {}, 0});
        QVERIFY(!pool.ok());
        QCOMPARE(pool.error().code, ErrorCode::OutOfMemory);
    }

    void attendsToWhatItStored_data() {
        QTest::addColumn<int>("dtype");
        QTest::newRow("F32") << static_cast<int>(DType::F32);
        QTest::newRow("F16") << static_cast<int>(DType::F16);
        QTest::newRow("BF16") << static_cast<int>(DType::BF16);
        QTest::newRow("Q8_0") << static_cast<int>(DType::Q8_0);
        QTest::newRow("Q4_0") << static_cast<int>(DType::Q4_0);
    }
    void attendsToWhatItStored() {
        QFETCH(int, dtype);
        MeanOfValues mean(static_cast<DType>(dtype));
        const auto pool = m_backend->allocateCache({mean.program.caches, 3, {}, 0});
        QVERIFY(pool.ok());
        // 66 tokens in steps of 3: over a page's end. Their values are small whole numbers, exact in F16 and, as blocks
        // of equal numbers, nearly so in the others.
        std::vector<StepInput> steps;
        for (std::int32_t start = 0; start < 66; start += 3)
            steps.push_back(MeanOfValues::step(3, start, 1.0F));
        const auto shown = runSteps(*m_backend, mean.program, pool->get(), steps);
        QVERIFY2(shown.ok(), shown.ok() ? "" : shown.error().message.c_str());
        for (std::int32_t slot = 0; slot < 66; ++slot) {
            const float got = (*shown)[static_cast<std::size_t>(slot / 3)][static_cast<std::size_t>(slot % 3) * 64];
            const float want = 1.0F + static_cast<float>(slot) / 2.0F; // the mean of 1 .. slot + 1
            QVERIFY2(std::abs(got - want) <= 0.005F * want, qPrintable(QString::number(got)));
        }
    }

    void laysPagesOutAsTheHeaderSays() {
        MeanOfValues mean(DType::Q8_0);
        const CacheSpec& cache = mean.program.caches[0];
        const auto pool = m_backend->allocateCache({mean.program.caches, 3, {}, 0});
        QVERIFY(pool.ok());
        std::vector<StepInput> steps;
        for (std::int32_t start = 0; start < 64; start += 4)
            steps.push_back(MeanOfValues::step(4, start, 0.0F));
        steps.push_back(MeanOfValues::step(1, 64, 0.0F)); // logical page 1 is page 0
        QVERIFY(runSteps(*m_backend, mean.program, pool->get(), steps).ok());
        const std::size_t rowSize = rowBytes(cache.dtype, kColumns);
        for (const std::int32_t slot : {0, 5, 63, 64}) {
            std::vector<std::byte> row(rowSize);
            quantiseRow(cache.dtype, std::vector<float>(kColumns, static_cast<float>(slot)).data(), kColumns,
                        row.data());
            const std::vector<std::byte> page = pageOf(**pool, cache, slot < 64 ? 2 : 0);
            for (std::size_t head = 0; head < kHeads; ++head) {
                const std::size_t key = (head * 64 + static_cast<std::size_t>(slot % 64)) * rowSize;
                const std::size_t value = kHeads * 64 * rowSize + key;
                QVERIFY(std::memcmp(page.data() + key, row.data(), rowSize) == 0);
                QVERIFY(std::memcmp(page.data() + value, row.data(), rowSize) == 0);
            }
        }
    }

    void copiesReadsAndWritesPages() {
        const MeanOfValues mean(DType::F16);
        std::vector<CacheSpec> caches{mean.program.caches[0], {"second", 3, 8, 0, DType::F32}};
        const auto made = m_backend->allocateCache({caches, 4, {}, 0});
        QVERIFY(made.ok());
        CachePool& pool = **made;
        QCOMPARE(pool.pageCount(0), 4);
        for (std::size_t cache = 0; cache < caches.size(); ++cache) {
            for (std::int32_t page = 0; page < 4; ++page) {
                const std::vector<std::byte> bytes(
                    caches[cache].pageSizeBytes(),
                    static_cast<std::byte>(16 * (cache + 1) + static_cast<std::size_t>(page)));
                QVERIFY(pool.writePage(static_cast<CacheId>(cache), page, bytes).ok());
            }
        }
        pool.copyPage(0, 1, 3);
        pool.copyPage(0, 2, 2);
        for (std::size_t cache = 0; cache < caches.size(); ++cache) {
            for (std::int32_t page = 0; page < 4; ++page) {
                std::vector<std::byte> bytes(caches[cache].pageSizeBytes());
                QVERIFY(pool.readPage(static_cast<CacheId>(cache), page, bytes).ok());
                const auto want =
                    static_cast<std::byte>(16 * (cache + 1) + static_cast<std::size_t>(page == 3 ? 1 : page));
                QVERIFY(bytes == std::vector<std::byte>(bytes.size(), want));
            }
        }
    }

    void refusesPagesOfAnotherSize() {
        const MeanOfValues mean(DType::F16);
        const auto pool = m_backend->allocateCache({mean.program.caches, 2, {}, 0});
        QVERIFY(pool.ok());
        std::vector<std::byte> bytes(mean.program.caches[0].pageSizeBytes());
        QVERIFY(!(*pool)->readPage(1, 0, bytes).ok());
        QVERIFY(!(*pool)->readPage(-1, 0, bytes).ok());
        QVERIFY(!(*pool)->writePage(0, 2, bytes).ok());
        QVERIFY(!(*pool)->writePage(0, -1, bytes).ok());
        bytes.pop_back();
        QVERIFY(!(*pool)->readPage(0, 0, bytes).ok());
        QVERIFY(!(*pool)->writePage(0, 0, bytes).ok());
    }

    void takesOneStepAtATime() {
        MeanOfValues mean(DType::F32);
        const auto pool = m_backend->allocateCache({mean.program.caches, 3, {}, 0});
        const auto executable = m_backend->compile(mean.program, pool->get(), {});
        QVERIFY(executable.ok());
        QCOMPARE((*executable)->wait({}).error().code, ErrorCode::InvalidInput);
        const StepInput input = MeanOfValues::step(2, 0, 1.0F);
        QVERIFY((*executable)->enqueue(input.state()).ok());
        QCOMPARE((*executable)->enqueue(input.state()).error().code, ErrorCode::InvalidInput);
        QVERIFY((*executable)->wait({}).ok());
        QCOMPARE((*executable)->output().size(), std::size_t{2 * kHeads * kColumns});
        QVERIFY((*executable)->timings().empty());
    }

    void goesOnAfterABadStep() {
        MeanOfValues mean(DType::F32);
        const auto pool = m_backend->allocateCache({mean.program.caches, 3, {}, 0});
        const auto executable = m_backend->compile(mean.program, pool->get(), {});
        QVERIFY(executable.ok());
        StepInput bad = MeanOfValues::step(2, 0, 1.0F);
        bad.pageTable = {3};
        QCOMPARE((*executable)->enqueue(bad.state()).error().code, ErrorCode::InvalidInput);
        const StepInput good = MeanOfValues::step(1, 0, 7.0F);
        QVERIFY((*executable)->enqueue(good.state()).ok());
        QVERIFY((*executable)->wait({}).ok());
        QCOMPARE((*executable)->output()[0], 7.0F);
    }

    void stopsWhenAsked() {
        MeanOfValues mean(DType::F32);
        const auto pool = m_backend->allocateCache({mean.program.caches, 3, {}, 0});
        const auto executable = m_backend->compile(mean.program, pool->get(), {});
        QVERIFY(executable.ok());
        std::stop_source source;
        source.request_stop();
        const StepInput input = MeanOfValues::step(2, 0, 1.0F);
        QVERIFY((*executable)->enqueue(input.state()).ok());
        const Status stopped = (*executable)->wait(source.get_token());
        QCOMPARE(stopped.error().code, ErrorCode::Cancelled);
        QVERIFY((*executable)->output().empty());
        // The same step again, not stopped: a cancelled step leaves nothing behind.
        QVERIFY((*executable)->enqueue(input.state()).ok());
        QVERIFY((*executable)->wait({}).ok());
        QCOMPARE((*executable)->output()[0], 1.0F);
    }

    void timesEachOp() {
        MeanOfValues mean(DType::F32);
        const auto pool = m_backend->allocateCache({mean.program.caches, 3, {}, 0});
        const auto executable = m_backend->compile(mean.program, pool->get(), {Timing::PerOp});
        QVERIFY(executable.ok());
        const StepInput input = MeanOfValues::step(2, 0, 1.0F);
        for (int round = 0; round < 2; ++round) {
            QVERIFY((*executable)->enqueue(input.state()).ok());
            QVERIFY((*executable)->wait({}).ok());
            const std::vector<OpTiming> timings = (*executable)->timings();
            QCOMPARE(timings.size(), mean.program.ops.size());
            for (std::size_t index = 0; index < timings.size(); ++index) {
                QCOMPARE(timings[index].op, static_cast<std::int32_t>(index));
                QVERIFY(timings[index].seconds >= 0 && timings[index].cost.bytes > 0);
            }
        }
    }

private:
    std::unique_ptr<Backend> m_backend = createReferenceBackend();
};

QTEST_APPLESS_MAIN(TestReferenceBackend)
#include "tst_reference_backend.moc"
