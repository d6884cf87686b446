#include "kernels/quant/dequantise.h"
#include "kernels/reference/reference_backend.h"
#include "tests/kernels/program_fixture.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

namespace {

using namespace hearth;

constexpr std::int32_t kPages = 3;

/// One case of ops.json: numbers and arrays by name.
class Case {
public:
    explicit Case(QJsonObject object) : m_object(std::move(object)) {}

    QString text(const char* key) const { return m_object[QLatin1String(key)].toString(); }
    std::int32_t whole(const char* key) const { return m_object[QLatin1String(key)].toInt(); }
    float number(const char* key) const { return static_cast<float>(m_object[QLatin1String(key)].toDouble()); }
    bool flag(const char* key) const { return m_object[QLatin1String(key)].toBool(); }
    bool has(const char* key) const { return !m_object[QLatin1String(key)].toArray().isEmpty(); }

    template <typename T = float>
    std::vector<T> list(const char* key) const {
        std::vector<T> values;
        for (const QJsonValue& value : m_object[QLatin1String(key)].toArray())
            values.push_back(static_cast<T>(value.toDouble()));
        return values;
    }

private:
    QJsonObject m_object;
};

const QJsonArray& recordedCases() {
    static const QJsonArray cases = [] {
        QFile file(QStringLiteral(HEARTH_SOURCE_DIR "/tests/kernels/data/ops/ops.json"));
        return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).array() : QJsonArray();
    }();
    return cases;
}

void addCasesOf(const char* op) {
    QTest::addColumn<int>("index");
    for (qsizetype index = 0; index < recordedCases().size(); ++index) {
        const QJsonObject object = recordedCases()[index].toObject();
        if (object[QStringLiteral("op")].toString() == QLatin1String(op))
            QTest::newRow(object[QStringLiteral("name")].toString().toUtf8().constData()) << static_cast<int>(index);
    }
}

/// Where numbers differ by more than the rounding to float, or nothing.
QString difference(const std::vector<float>& got, const std::vector<float>& want) {
    if (got.size() != want.size())
        return QStringLiteral("%1 numbers instead of %2").arg(got.size()).arg(want.size());
    for (std::size_t index = 0; index < want.size(); ++index)
        if (!(std::fabs(got[index] - want[index]) <= 2e-7F * std::max(1.0F, std::fabs(want[index]))))
            return QStringLiteral("number %1 is %2 instead of %3")
                .arg(index)
                .arg(static_cast<double>(got[index]), 0, 'g', 9)
                .arg(static_cast<double>(want[index]), 0, 'g', 9);
    return {};
}

/// (rows, columns of each part) put side by side.
std::vector<float> sideBySide(std::int32_t rows, const std::vector<std::vector<float>>& parts) {
    std::vector<float> all;
    for (std::int32_t row = 0; row < rows; ++row)
        for (const std::vector<float>& part : parts) {
            const auto columns = static_cast<std::ptrdiff_t>(part.size()) / rows;
            all.insert(all.end(), part.begin() + row * columns, part.begin() + (row + 1) * columns);
        }
    return all;
}

Norm normOf(ProgramFixture& fixture, const Case& data, NormKind kind, std::int32_t columns) {
    if (kind == NormKind::None)
        return {};
    Norm norm{kind, fixture.floats("norm", 1, columns, data.list("normWeight")), kNoWeight, data.number("epsilon")};
    if (kind == NormKind::Layer)
        norm.bias = fixture.floats("norm bias", 1, columns, data.list("normBias"));
    return norm;
}

NormKind kindOf(const Case& data) {
    const QString kind = data.text("norm");
    return kind == QLatin1String("Rms")     ? NormKind::Rms
           : kind == QLatin1String("Layer") ? NormKind::Layer
                                            : NormKind::None;
}

Linear linearOf(ProgramFixture& fixture, const Case& data, const char* weight, const char* bias) {
    Linear linear;
    linear.weight = fixture.floats(weight, data.whole("outputs"), data.whole("columns"), data.list(weight));
    if (data.has(bias))
        linear.bias = fixture.floats(bias, 1, data.whole("outputs"), data.list(bias));
    return linear;
}

/// One page of an F32 cache as floats, or back.
std::vector<float> floatPage(const CachePool& pool, std::int32_t page, std::size_t count) {
    std::vector<std::byte> bytes(count * sizeof(float));
    std::vector<float> values(count);
    if (!pool.readPage(0, page, bytes).ok())
        return {};
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

/// keys or values (slots, heads, columns) as CacheSpec lays them out: where the first number of a slot's head lies.
std::size_t placeIn(const CacheSpec& cache, bool values, std::int32_t head, std::int32_t token) {
    const std::int32_t columns = values ? cache.valueColumns : cache.keyColumns;
    const std::int32_t before = values ? cache.heads * kPageTokens * cache.keyColumns : 0;
    return static_cast<std::size_t>(before + (head * kPageTokens + token) * columns);
}

} // namespace

class TestReferenceOps : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void normProject_data() { addCasesOf("NormProject"); }
    void normProject() {
        const Case data = current();
        ProgramFixture fixture(data.whole("rows"));
        const BufferId in = fixture.inputs({{"in", data.whole("columns")}}).front();
        const BufferId out = fixture.buffer("out", data.whole("outputs"));
        fixture.add(NormProject{in,
                                normOf(fixture, data, kindOf(data), data.whole("columns")),
                                {{linearOf(fixture, data, "weight", "bias"), out}}});
        QCOMPARE(difference(shownBy(fixture.observing(out), data.whole("rows"), data.list("in")), data.list("out")),
                 QString());
    }

    void logits_data() { addCasesOf("Logits"); }
    void logits() {
        const Case data = current();
        ProgramFixture fixture(data.whole("rows"));
        const BufferId in = fixture.inputs({{"in", data.whole("columns")}}).front();
        const BufferId out = fixture.buffer("logits", data.whole("outputs"));
        fixture.add(Logits{in, normOf(fixture, data, kindOf(data), data.whole("columns")),
                           linearOf(fixture, data, "weight", "bias"), out, data.number("scale"),
                           data.number("softCap")});
        StepInput input = StepInput::ofEmbeddings(data.whole("rows"), data.list("in"));
        input.outputRows = data.list<std::int32_t>("shown");
        const auto shown = runSteps(*m_backend, fixture.showing(out), nullptr, {input});
        QVERIFY2(shown.ok(), shown.ok() ? "" : shown.error().message.c_str());
        QCOMPARE(difference(shown->front(), data.list("out")), QString());
    }

    void gateUp_data() { addCasesOf("GateUp"); }
    void gateUp() {
        const Case data = current();
        ProgramFixture fixture(data.whole("rows"));
        const BufferId in = fixture.inputs({{"in", data.whole("columns")}}).front();
        GateUp op;
        op.in = in;
        op.norm = normOf(fixture, data, NormKind::Rms, data.whole("columns"));
        op.up = linearOf(fixture, data, "up", "none");
        if (data.has("gate"))
            op.gate = linearOf(fixture, data, "gate", "gateBias");
        op.activation = data.text("activation") == QLatin1String("Silu")   ? Activation::Silu
                        : data.text("activation") == QLatin1String("Relu") ? Activation::Relu
                                                                           : Activation::GeluTanh;
        op.out = fixture.buffer("out", data.whole("outputs"));
        fixture.add(op);
        QCOMPARE(difference(shownBy(fixture.observing(op.out), data.whole("rows"), data.list("in")), data.list("out")),
                 QString());
    }

    void projectResidual_data() { addCasesOf("ProjectResidual"); }
    void projectResidual() {
        const Case data = current();
        for (const bool down : {false, true}) { // DownReduce has the same equation
            ProgramFixture fixture(data.whole("rows"));
            const auto ids = fixture.inputs({{"in", data.whole("columns")}, {"residual", data.whole("outputs")}});
            const Linear linear = linearOf(fixture, data, "weight", "none");
            const Norm norm =
                normOf(fixture, data, data.flag("postNorm") ? NormKind::Rms : NormKind::None, data.whole("outputs"));
            if (down)
                fixture.add(DownReduce{ids[0], linear, norm, ids[1], data.number("scale")});
            else
                fixture.add(ProjectResidual{ids[0], linear, norm, ids[1], data.number("scale")});
            const auto in = sideBySide(data.whole("rows"), {data.list("in"), data.list("residual")});
            QCOMPARE(difference(shownBy(fixture.observing(ids[1]), data.whole("rows"), in), data.list("out")),
                     QString());
        }
    }

    void ropeStore_data() { addCasesOf("RopeStore"); }
    void ropeStore() {
        const Case data = current();
        const std::int32_t rows = data.whole("rows");
        ProgramFixture fixture(rows);
        RopeStore op = ropeOp(fixture, data);
        const auto ids = fixture.inputs({{"q", op.queryHeads * op.headColumns},
                                         {"k", op.keyHeads * op.headColumns},
                                         {"v", op.keyHeads * op.valueColumns}});
        op.q = ids[0];
        op.k = ids[1];
        op.v = ids[2];
        fixture.add(op);
        const Program program = fixture.observing(op.q);
        const auto pool = m_backend->allocateCache({program.caches, kPages, {}, 0});
        QVERIFY(pool.ok());
        StepInput input = StepInput::ofEmbeddings(
            rows, sideBySide(rows, {data.list("q"), data.list("k"), data.list("v")}), data.whole("start"));
        input.positions = data.list<std::int32_t>("positions");
        input.pageTable = {2, 0};
        const auto shown = runSteps(*m_backend, program, pool->get(), {input});
        QVERIFY2(shown.ok(), shown.ok() ? "" : shown.error().message.c_str());
        QCOMPARE(difference(shown->front(), data.list("qOut")), QString());
        QCOMPARE(difference(stored(**pool, program.caches.front(), input, false), data.list("kOut")), QString());
        QCOMPARE(difference(stored(**pool, program.caches.front(), input, true), data.list("v")), QString());
    }

    void attention_data() { addCasesOf("Attention"); }
    void attention() {
        const Case data = current();
        const std::int32_t rows = data.whole("rows");
        ProgramFixture fixture(rows);
        Attention op;
        op.queryHeads = data.whole("queryHeads");
        op.keyHeads = data.whole("keyHeads");
        op.headColumns = data.whole("headColumns");
        op.valueColumns = data.whole("valueColumns");
        op.scale = data.number("scale");
        op.mask = data.flag("causal") ? Mask::Causal : Mask::Full;
        op.window = data.whole("window");
        op.softCap = data.number("softCap");
        op.q = fixture.inputs({{"q", op.queryHeads * op.headColumns}}).front();
        op.out = fixture.buffer("out", op.queryHeads * op.valueColumns);
        if (data.has("sinks"))
            op.sinks = fixture.floats("sinks", 1, op.queryHeads, data.list("sinks"));
        op.cache = fixture.cache("kv", op.keyHeads, op.headColumns, data.flag("sharedValues") ? 0 : op.valueColumns,
                                 DType::F32);
        fixture.add(op);
        const Program program = fixture.observing(op.out);
        const auto pool = m_backend->allocateCache({program.caches, kPages, {}, 0});
        QVERIFY(pool.ok());
        StepInput input = StepInput::ofEmbeddings(rows, data.list("q"), data.whole("cached"));
        input.pageTable = {1, 2};
        fill(**pool, program.caches, op.cache, input, data.list("k"), data.list("v"));
        const auto shown = runSteps(*m_backend, program, pool->get(), {input});
        QVERIFY2(shown.ok(), shown.ok() ? "" : shown.error().message.c_str());
        QCOMPARE(difference(shown->front(), data.list("out")), QString());
    }

    void sparseAttention_data() { addCasesOf("SelectSlots"); }
    void sparseAttention() {
        const Case data = current();
        const std::int32_t rows = data.whole("rows");
        ProgramFixture fixture(rows);
        SelectSlots select{.heads = data.whole("indexHeads"),
                           .headColumns = data.whole("indexColumns"),
                           .count = data.whole("kept"),
                           .slots = fixture.buffer("slots", data.whole("kept"))};
        fixture.tables().buffers[static_cast<std::size_t>(select.slots)].dtype = DType::I32;
        Attention op{.queryHeads = data.whole("queryHeads"),
                     .keyHeads = 1,
                     .headColumns = data.whole("headColumns"),
                     .valueColumns = data.whole("valueColumns"),
                     .scale = data.number("scale"),
                     .slots = select.slots};
        const std::vector<BufferId> inputs = fixture.inputs({{"index q", select.heads * select.headColumns},
                                                             {"index weights", select.heads},
                                                             {"q", op.queryHeads * op.headColumns}});
        select.q = inputs[0];
        select.weights = inputs[1];
        select.cache = fixture.cache("index", 1, select.headColumns, 0, DType::F32);
        op.q = inputs[2];
        op.out = fixture.buffer("out", op.queryHeads * op.valueColumns);
        op.cache = fixture.cache("kv", 1, op.headColumns, 0, DType::F32);
        fixture.add(select);
        fixture.add(op);
        const Program program = fixture.observing(op.out);
        const auto pool = m_backend->allocateCache({program.caches, kPages, {}, 0});
        QVERIFY(pool.ok());
        StepInput input = StepInput::ofEmbeddings(rows, data.list("in"), data.whole("cached"));
        input.pageTable = {1, 2};
        fill(**pool, program.caches, select.cache, input, data.list("indexKeys"), {});
        fill(**pool, program.caches, op.cache, input, data.list("keys"), {});
        const auto shown = runSteps(*m_backend, program, pool->get(), {input});
        QVERIFY2(shown.ok(), shown.ok() ? "" : shown.error().message.c_str());
        QCOMPARE(difference(shown->front(), data.list("out")), QString());
    }

    void embedsTokensAndRows() {
        ProgramFixture fixture(3);
        const BufferId out = fixture.buffer("out", 2);
        const WeightId table = fixture.floats("table", 3, 2, {1, 2, 3, 4, 5, 6});
        fixture.add(EmbedRows{table, out, 0.5F});
        StepInput input = StepInput::ofEmbeddings(3, {70, 71, 80, 81, 90, 91});
        input.tokens = {2, -1, 0};
        const auto shown = runSteps(*m_backend, fixture.observing(out), nullptr, {input});
        QVERIFY(shown.ok());
        // The scale is the table's: rows that come from outside are taken as they are.
        QCOMPARE(shown->front(), (std::vector<float>{2.5F, 3, 80, 81, 0.5F, 1}));
    }

    void expandsEveryWeightType_data() {
        QTest::addColumn<int>("dtype");
        for (const DTypeInfo& info : allDTypes())
            if (info.dtype != DType::I32)
                QTest::newRow(std::string(info.name).c_str()) << static_cast<int>(info.dtype);
    }
    void expandsEveryWeightType() {
        QFETCH(int, dtype);
        const DTypeInfo& info = dtypeInfo(static_cast<DType>(dtype));
        const std::int32_t columns = 2 * info.blockValues;
        // Bytes of 0x11: every half is 6.5e-4, every quant some number; what they are is dequantiseRow()'s business.
        const std::vector<std::byte> bytes(3 * rowBytes(info.dtype, columns), std::byte{0x11});
        std::vector<float> row(static_cast<std::size_t>(columns));
        dequantiseRow(info.dtype, bytes.data(), columns, row.data());
        const double sum = std::accumulate(row.begin(), row.end(), 0.0);
        ProgramFixture fixture(1);
        const BufferId in = fixture.inputs({{"in", columns}}).front();
        const BufferId out = fixture.buffer("out", 3);
        fixture.add(
            NormProject{in, {}, {{{fixture.stored("weight", info.dtype, 3, columns, bytes, 1), kNoWeight}, out}}});
        const std::vector<float> ones(static_cast<std::size_t>(columns), 1.0F);
        const std::vector<float> got = shownBy(fixture.observing(out), 1, ones);
        QCOMPARE(got, std::vector<float>(3, static_cast<float>(sum)));
    }

private:
    static Case current() {
        QFETCH(int, index);
        return Case(recordedCases()[index].toObject());
    }

    std::vector<float> shownBy(const Program& program, std::int32_t rows, const std::vector<float>& in) {
        auto shown = runSteps(*m_backend, program, nullptr, {StepInput::ofEmbeddings(rows, in)});
        if (!shown)
            qWarning("%s", shown.error().message.c_str());
        return shown ? shown->front() : std::vector<float>();
    }

    static RopeStore ropeOp(ProgramFixture& fixture, const Case& data) {
        RopeStore op;
        op.queryHeads = data.whole("queryHeads");
        op.keyHeads = data.whole("keyHeads");
        op.headColumns = data.whole("headColumns");
        op.valueColumns = data.whole("valueColumns");
        op.rope.layout = data.text("layout") == QLatin1String("Neighbours") ? RopeLayout::Neighbours
                         : data.text("layout") == QLatin1String("Halves")   ? RopeLayout::Halves
                                                                            : RopeLayout::None;
        op.rope.dimensions = data.whole("dimensions");
        op.rope.base = data.number("base");
        op.rope.frequencyScale = data.number("frequencyScale");
        op.rope.magnitude = data.number("magnitude");
        op.rope.interleaved = data.flag("interleaved");
        if (data.has("factors"))
            op.rope.factors = fixture.floats("factors", 1, op.rope.dimensions / 2, data.list("factors"));
        if (data.has("yarn")) {
            op.rope.extrapolationFactor = 1.0F;
            op.rope.originalContext = data.list<std::int32_t>("yarn")[0];
        }
        const auto sections = data.list<std::int32_t>("sections");
        std::copy(sections.begin(), sections.end(), op.rope.sections.begin());
        if (data.has("normWeight")) {
            op.qNorm = {NormKind::Rms, fixture.floats("norm", 1, op.headColumns, data.list("normWeight")), kNoWeight,
                        1e-6F};
            op.kNorm = op.qNorm;
        }
        op.cache = fixture.cache("kv", op.keyHeads, op.headColumns, op.valueColumns, DType::F32);
        return op;
    }

    /// (rows, heads, columns) of the step as they lie in the cache.
    static std::vector<float> stored(const CachePool& pool, const CacheSpec& cache, const StepInput& input,
                                     bool values) {
        std::vector<float> all;
        for (std::int32_t row = 0; row < static_cast<std::int32_t>(input.tokens.size()); ++row) {
            const std::int32_t slot = input.cacheStart + row;
            const std::int32_t physical = input.pageTable[static_cast<std::size_t>(slot / kPageTokens)];
            const std::vector<float> page = floatPage(pool, physical, cache.pageSizeBytes() / sizeof(float));
            for (std::int32_t head = 0; head < cache.heads; ++head) {
                const auto start =
                    page.begin() + static_cast<std::ptrdiff_t>(placeIn(cache, values, head, slot % kPageTokens));
                all.insert(all.end(), start, start + (values ? cache.valueColumns : cache.keyColumns));
            }
        }
        return all;
    }

    /// Puts keys and values (slots, heads, columns) into the pages; everything else is NaN.
    static void fill(CachePool& pool, std::span<const CacheSpec> caches, CacheId id, const StepInput& input,
                     const std::vector<float>& keys, const std::vector<float>& values) {
        const CacheSpec& cache = caches[static_cast<std::size_t>(id)];
        const auto slots = static_cast<std::int32_t>(keys.size()) / (cache.heads * cache.keyColumns);
        for (std::size_t logical = 0; logical < input.pageTable.size(); ++logical) {
            std::vector<float> page(cache.pageSizeBytes() / sizeof(float), std::nanf(""));
            for (std::int32_t token = 0; token < kPageTokens; ++token) {
                const std::int32_t slot = static_cast<std::int32_t>(logical) * kPageTokens + token;
                for (std::int32_t head = 0; slot < slots && head < cache.heads; ++head) {
                    const std::ptrdiff_t row = slot * cache.heads + head;
                    std::copy_n(keys.begin() + row * cache.keyColumns, cache.keyColumns,
                                page.begin() + static_cast<std::ptrdiff_t>(placeIn(cache, false, head, token)));
                    if (cache.valueColumns > 0)
                        std::copy_n(values.begin() + row * cache.valueColumns, cache.valueColumns,
                                    page.begin() + static_cast<std::ptrdiff_t>(placeIn(cache, true, head, token)));
                }
            }
            QVERIFY(pool.writePage(id, input.pageTable[logical], std::as_bytes(std::span(page))).ok());
        }
    }

    std::unique_ptr<Backend> m_backend = createReferenceBackend();
};

QTEST_APPLESS_MAIN(TestReferenceOps)
#include "tst_reference_ops.moc"
