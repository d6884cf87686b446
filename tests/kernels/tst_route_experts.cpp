#include "kernels/cpu/cpu_backend.h"
#include "kernels/reference/reference_backend.h"
#include "tests/kernels/program_fixture.h"

#include <QTest>

#include <array>
#include <cmath>
#include <functional>
#include <limits>

using namespace hearth;

namespace {

constexpr std::int32_t kExperts = 6;
constexpr std::int32_t kUsed = 4;
// Softmax of these: 0.4, 0.3, 0.15, 0.08, 0.05, 0.02, in another order.
constexpr std::array<double, kExperts> kProbabilities{0.08, 0.4, 0.02, 0.15, 0.3, 0.05};

struct Choice {
    std::vector<std::int32_t> ids;
    std::vector<float> weights;
};

RouteExperts routing(float keepShare) {
    RouteExperts op;
    op.expertsUsed = kUsed;
    op.keepShare = keepShare;
    return op;
}

/// What `backend` chooses for one row whose router scores are the logarithms of kProbabilities.
Choice choose(Backend& backend, RouteExperts op, const std::vector<float>& bias = {}) {
    ProgramFixture fixture(1);
    std::vector<float> scores;
    for (const double probability : kProbabilities)
        scores.push_back(static_cast<float>(std::log(probability)));
    std::vector<float> unit(kExperts * kExperts, 0.0F);
    for (std::size_t n = 0; n < kExperts; ++n)
        unit[n * kExperts + n] = 1.0F;
    const BufferId in = fixture.inputs({{"in", kExperts}}).front();
    Program& tables = fixture.tables();
    op.in = in;
    op.router = {fixture.floats("router", kExperts, kExperts, unit), kNoWeight};
    if (!bias.empty())
        op.selectionBias = fixture.floats("bias", 1, kExperts, bias);
    op.ids = fixture.buffer("ids", kUsed);
    tables.buffers[static_cast<std::size_t>(op.ids)].dtype = DType::I32;
    op.weights = fixture.buffer("weights", kUsed);
    fixture.add(op);
    Program program = fixture.observing(op.weights);
    program.kept = {op.ids, op.weights};
    const StepInput input = StepInput::ofEmbeddings(1, scores);
    auto executable = backend.compile(std::move(program), nullptr, {});
    if (!executable)
        qFatal("%s", executable.error().message.c_str());
    if (!(*executable)->enqueue(input.state()) || !(*executable)->wait({}))
        qFatal("the step failed");
    const auto weights = (*executable)->values(op.weights);
    const auto* ids = reinterpret_cast<const std::int32_t*>((*executable)->values(op.ids).data());
    return {{ids, ids + kUsed}, {weights.begin(), weights.end()}};
}

} // namespace

/// Adaptive top-k: fewer experts where few hold most of the probability.
class TestRouteExperts : public QObject {
    Q_OBJECT

private:
    void forEachDevice(const std::function<void(Backend&)>& check) {
        check(*createReferenceBackend());
        check(*createCpuBackend({.threads = 1}));
    }

private Q_SLOTS:
    void aShareOfOneKeepsAll() {
        forEachDevice([](Backend& backend) {
            QCOMPARE(choose(backend, routing(1.0F)).ids, (std::vector<std::int32_t>{1, 4, 3, 0}));
        });
    }

    void keepsOnlyWhatReachesTheShare_data() {
        QTest::addColumn<float>("share");
        QTest::addColumn<int>("kept");
        // Of 0.93 chosen: 0.43, 0.753, 0.914, 1.
        QTest::addRow("almost nothing") << 0.01F << 1;
        QTest::addRow("the first is short of it") << 0.44F << 2;
        QTest::addRow("two reach it") << 0.75F << 2;
        QTest::addRow("two are short of it") << 0.76F << 3;
        QTest::addRow("all are needed") << 0.95F << 4;
    }

    void keepsOnlyWhatReachesTheShare() {
        QFETCH(const float, share);
        QFETCH(const int, kept);
        forEachDevice([&](Backend& backend) {
            const Choice all = choose(backend, routing(1.0F));
            const Choice few = choose(backend, routing(share));
            for (int place = 0; place < kUsed; ++place) {
                const auto index = static_cast<std::size_t>(place);
                QCOMPARE(few.ids[index], place < kept ? all.ids[index] : -1);
                QCOMPARE(few.weights[index], place < kept ? all.weights[index] : 0.0F);
            }
        });
    }

    void whatIsKeptIsNormalised() {
        forEachDevice([](Backend& backend) {
            RouteExperts op = routing(0.7F);
            op.normalise = Normalise::Yes;
            const Choice choice = choose(backend, op);
            QVERIFY(std::abs(choice.weights[0] - 0.4F / 0.7F) < 1e-5F);
            QVERIFY(std::abs(choice.weights[1] - 0.3F / 0.7F) < 1e-5F);
            QCOMPARE(choice.weights[2] + choice.weights[3], 0.0F);
        });
    }

    // A correction bias decides who is chosen, probabilities who is kept: a chosen expert of little weight goes first.
    void goesByWeightsWhereABiasChooses() {
        forEachDevice([](Backend& backend) {
            const Choice choice = choose(backend, routing(0.7F), {0, 0, 1, 0, 0, 0});
            QCOMPARE(choice.ids, (std::vector<std::int32_t>{-1, 1, 4, -1}));
        });
    }

    void refusesSharesThatAreNone_data() {
        QTest::addColumn<float>("share");
        QTest::addRow("zero") << 0.0F;
        QTest::addRow("negative") << -0.5F;
        QTest::addRow("above one") << 1.5F;
        QTest::addRow("not a number") << std::numeric_limits<float>::quiet_NaN();
    }

    void refusesSharesThatAreNone() {
        QFETCH(const float, share);
        ProgramFixture fixture(1);
        RouteExperts op = routing(share);
        op.in = fixture.inputs({{"in", kExperts}}).front();
        op.router = {fixture.floats("router", kExperts, kExperts, std::vector<float>(kExperts * kExperts)), kNoWeight};
        op.ids = fixture.buffer("ids", kUsed);
        fixture.tables().buffers[static_cast<std::size_t>(op.ids)].dtype = DType::I32;
        op.weights = fixture.buffer("weights", kUsed);
        fixture.add(op);
        const auto executable = createReferenceBackend()->compile(fixture.observing(op.weights), nullptr, {});
        QVERIFY(!executable);
        QVERIFY(executable.error().message.find("share") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(TestRouteExperts)
#include "tst_route_experts.moc"
