#include "kernels/reference/reference_backend.h"
#include "tests/kernels/parity_harness.h"

#include <QTest>

#include <algorithm>
#include <functional>

namespace {

using namespace hearth;

/// A pool that shows one changed byte at the end of a page's first row of keys of token 63.
class LeakyPool final : public CachePool {
public:
    LeakyPool(std::unique_ptr<CachePool> inner, std::size_t offset) : m_inner(std::move(inner)), m_offset(offset) {}
    CachePool* inner() { return m_inner.get(); }
    std::int32_t pageCount(std::int32_t pageClass) const override { return m_inner->pageCount(pageClass); }
    void copyPage(std::int32_t pageClass, std::int32_t from, std::int32_t to) override {
        m_inner->copyPage(pageClass, from, to);
    }
    Status readPage(CacheId cache, std::int32_t page, std::span<std::byte> out) const override {
        HEARTH_CHECK(m_inner->readPage(cache, page, out));
        out[m_offset] ^= std::byte{1};
        return {};
    }
    Status writePage(CacheId cache, std::int32_t page, std::span<const std::byte> in) override {
        return m_inner->writePage(cache, page, in);
    }

    std::int32_t stateSlotCount() const override { return m_inner->stateSlotCount(); }
    void copyState(std::int32_t fromSlot, std::int32_t toSlot) override { m_inner->copyState(fromSlot, toSlot); }
    Status readState(StateId state, std::int32_t slot, std::span<float> out) const override {
        return m_inner->readState(state, slot, out);
    }
    Status writeState(StateId state, std::int32_t slot, std::span<const float> in) override {
        return m_inner->writeState(state, slot, in);
    }

private:
    std::unique_ptr<CachePool> m_inner;
    std::size_t m_offset;
};

/// The reference with a fault: it runs another program than it was given.
class FaultyBackend final : public Backend {
public:
    explicit FaultyBackend(std::function<void(Program&)> fault) : m_fault(std::move(fault)) {}
    void leakAt(std::size_t offset) { m_leak = offset; }
    void refuse() { m_refuses = true; }

    const DeviceInfo& device() const override { return m_inner->device(); }
    std::optional<std::string> whyUnsupported(const Program& program, const Op& op) const override {
        return m_refuses ? "not today" : m_inner->whyUnsupported(program, op);
    }
    Result<std::unique_ptr<CachePool>> allocateCache(const CacheLayout& layout) override {
        HEARTH_TRY(std::unique_ptr<CachePool> pool, m_inner->allocateCache(layout));
        if (m_leak == 0)
            return pool;
        return std::unique_ptr<CachePool>(std::make_unique<LeakyPool>(std::move(pool), m_leak));
    }
    Result<std::unique_ptr<Executable>> compile(Program program, CachePool* pool, CompileOptions options) override {
        m_fault(program);
        auto* leaky = dynamic_cast<LeakyPool*>(pool);
        return m_inner->compile(std::move(program), leaky != nullptr ? leaky->inner() : pool, options);
    }

private:
    std::unique_ptr<Backend> m_inner = createReferenceBackend();
    std::function<void(Program&)> m_fault;
    std::size_t m_leak = 0;
    bool m_refuses = false;
};

const std::vector<ParityCase>& cases() {
    static const std::vector<ParityCase> all = parityCases();
    return all;
}

const ParityCase& caseStarting(const std::string& start) {
    const auto found = std::find_if(cases().begin(), cases().end(), [&](const ParityCase& parityCase) {
        return parityCase.name.compare(0, start.size(), start) == 0;
    });
    if (found == cases().end())
        qFatal("no parity case starts with %s", start.c_str());
    return *found;
}

template <typename T>
T* opOf(Program& program, std::size_t which = 0) {
    for (Op& op : program.ops)
        if (T* typed = std::get_if<T>(&op))
            if (which-- == 0)
                return typed;
    return nullptr;
}

struct Fault {
    std::string name;
    std::string caseName;
    std::function<void(Program&)> change;
};

/// Small faults of the kinds that fast kernels have; the harness must see each.
std::vector<Fault> faults() {
    return {
        {"a scale off by 1e-5", "Logits Q4_K 37", [](Program& p) { opOf<Logits>(p)->scale *= 1.00001F; }},
        {"another norm", "Logits F32 66", [](Program& p) { opOf<Logits>(p)->norm.kind = NormKind::Layer; }},
        {"another epsilon", "GateUp F32 37", [](Program& p) { opOf<GateUp>(p)->norm.epsilon = 1e-4F; }},
        {"another activation", "GateUp Q8_0 66",
         [](Program& p) {
             Activation& activation = opOf<GateUp>(p)->activation;
             activation = activation == Activation::Relu ? Activation::Silu : Activation::Relu;
         }},
        {"no bias", "NormProject Q6_K 37",
         [](Program& p) { opOf<NormProject>(p, 1)->projections[0].linear.bias = kNoWeight; }},
        {"a stray write into a guard", "NormProject F16 66",
         [](Program& p) {
             Linear any = opOf<NormProject>(p)->projections[0].linear;
             p.ops.emplace(p.ops.end() - 1, ProjectResidual{0, any, {}, 1, 1e-4F});
         }},
        {"one position too many", "Attention window, cache F32", [](Program& p) { ++opOf<Attention>(p)->window; }},
        {"a look into the future", "Attention prompt, cache F16",
         [](Program& p) { opOf<Attention>(p)->mask = Mask::Full; }},
        {"sinks forgotten", "Attention sinks, cache F16", [](Program& p) { opOf<Attention>(p)->sinks = kNoWeight; }},
        {"a rounded rope base", "RopeStore neighbours, cache F32",
         [](Program& p) { opOf<RopeStore>(p)->rope.base = 10001.0F; }},
        {"no magnitude", "RopeStore YaRN, cache F16", [](Program& p) { opOf<RopeStore>(p)->rope.magnitude = 1.0F; }},
        {"keys not normalised", "RopeStore none, cache Q8_0", [](Program& p) { opOf<RopeStore>(p)->kNorm = {}; }},
        {"other bits each time", "DownReduce",
         [count = 0](Program& p) mutable { opOf<DownReduce>(p)->scale *= 1.0F + 1e-6F * static_cast<float>(++count); }},
    };
}

} // namespace

class TestParityHarness : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theReferenceAgreesWithItself_data() {
        QTest::addColumn<int>("index");
        for (std::size_t index = 0; index < cases().size(); ++index)
            QTest::newRow(cases()[index].name.c_str()) << static_cast<int>(index);
    }
    void theReferenceAgreesWithItself() {
        QFETCH(int, index);
        const auto backend = createReferenceBackend();
        const ParityOutcome outcome = runParity(*backend, cases()[static_cast<std::size_t>(index)], Precision::Float);
        QVERIFY2(outcome.verdict == Verdict::Agrees, outcome.text.c_str());
    }

    void findsTheFault_data() {
        QTest::addColumn<int>("index");
        const std::vector<Fault> all = faults();
        for (std::size_t index = 0; index < all.size(); ++index)
            QTest::newRow(all[index].name.c_str()) << static_cast<int>(index);
    }
    void findsTheFault() {
        QFETCH(int, index);
        const Fault fault = faults()[static_cast<std::size_t>(index)];
        FaultyBackend backend(fault.change);
        const ParityOutcome outcome = runParity(backend, caseStarting(fault.caseName), Precision::Float);
        QVERIFY2(outcome.verdict == Verdict::Differs, outcome.text.c_str());
        QVERIFY2(outcome.text.find("refuses") == std::string::npos && outcome.text.find("fails") == std::string::npos,
                 outcome.text.c_str());
    }

    void findsAWriteBeyondTheSequence() {
        FaultyBackend backend([](Program&) {});
        // Token 63 of the first head's keys, 64 halves each: no sequence of this case reaches it.
        backend.leakAt(63 * 64 * 2 + 5);
        const ParityOutcome outcome =
            runParity(backend, caseStarting("RopeStore neighbours, cache F16"), Precision::Float);
        QVERIFY(outcome.verdict == Verdict::Differs);
        QVERIFY2(outcome.text.find("beyond the sequence") != std::string::npos, outcome.text.c_str());
    }

    void saysWhatIsNotSupported() {
        FaultyBackend backend([](Program&) {});
        backend.refuse();
        const ParityOutcome outcome = runParity(backend, cases().front(), Precision::Float);
        QVERIFY(outcome.verdict == Verdict::Unsupported);
        QVERIFY(outcome.text.find("not today") != std::string::npos);
    }

    void everyOpAndTypeOccurs() {
        for (const char* op : {"EmbedRows", "NormProject", "RopeStore", "Attention", "ProjectResidual", "GateUp",
                               "DownReduce", "Logits"})
            caseStarting(op);
        for (const DTypeInfo& info : allDTypes())
            if (info.dtype != DType::I32)
                for (const char* op : {"EmbedRows ", "NormProject ", "GateUp ", "Logits "})
                    caseStarting(op + std::string(info.name) + " ");
    }
};

QTEST_APPLESS_MAIN(TestParityHarness)
#include "tst_parity_harness.moc"
