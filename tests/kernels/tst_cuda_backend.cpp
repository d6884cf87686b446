#include "kernels/cuda/cuda_backend.h"
#include "tests/kernels/parity_harness.h"

#include <QTest>

using namespace hearth;

/// Every op, weight type and cache type on the first GPU, against the reference.
class TestCudaBackend : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void agreesWithTheReference_data();
    void agreesWithTheReference();
    void refusesAGpuThatIsNotThere();

private:
    std::unique_ptr<Backend> m_backend;
};

void TestCudaBackend::initTestCase() {
    if (cuda::deviceCount() == 0)
        QSKIP("there is no GPU that CUDA can use");
    auto backend = cuda::createCudaBackend(0);
    QVERIFY2(backend.ok(), backend.ok() ? "" : backend.error().message.c_str());
    m_backend = std::move(backend).value();
}

void TestCudaBackend::agreesWithTheReference_data() {
    QTest::addColumn<int>("index");
    const std::vector<ParityCase> cases = parityCases();
    for (std::size_t index = 0; index < cases.size(); ++index)
        QTest::newRow(cases[index].name.c_str()) << static_cast<int>(index);
}

void TestCudaBackend::agreesWithTheReference() {
    QFETCH(const int, index);
    static const std::vector<ParityCase> cases = parityCases();
    const ParityOutcome outcome = runParity(*m_backend, cases[static_cast<std::size_t>(index)], Precision::Float);
    QVERIFY2(outcome.verdict == Verdict::Agrees, outcome.text.c_str());
}

void TestCudaBackend::refusesAGpuThatIsNotThere() {
    const auto backend = cuda::createCudaBackend(cuda::deviceCount());
    QVERIFY(!backend.ok());
    QVERIFY(backend.error().code == ErrorCode::NotFound);
}

QTEST_GUILESS_MAIN(TestCudaBackend)
#include "tst_cuda_backend.moc"
