#include "kernels/cpu/compute_pool.h"

#include <QTest>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace hearth {

namespace {

/// Phases of given sizes; checks on every call what the pool promises.
class RecordingWork final : public PhasedWork {
public:
    RecordingWork(std::vector<std::int32_t> chunks, std::int32_t threads)
        : m_chunks(std::move(chunks)), m_busy(static_cast<std::size_t>(threads)) {
        for (const std::int32_t count : m_chunks)
            m_runs.emplace_back(static_cast<std::size_t>(count), 0);
    }

    std::int32_t beginPhase(std::int32_t phase) override {
        m_ordered = m_ordered && phase == m_begun && m_pending == 0;
        ++m_begun;
        if (phase == static_cast<std::int32_t>(m_chunks.size()))
            return kNoMorePhases;
        m_pending = m_chunks[static_cast<std::size_t>(phase)];
        return m_pending;
    }

    void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker) override {
        if (m_busy[static_cast<std::size_t>(worker)].exchange(true))
            m_shared = true;
        // Plain memory on purpose: the pool's ordering alone has to make this safe, and the thread sanitizer looks.
        ++m_runs[static_cast<std::size_t>(phase)][static_cast<std::size_t>(chunk)];
        if (phase > 0 && sumOf(phase - 1) != m_chunks[static_cast<std::size_t>(phase - 1)])
            m_early = true;
        m_busy[static_cast<std::size_t>(worker)] = false;
        --m_pending;
    }

    [[nodiscard]] bool everyChunkRanOnce() const {
        for (const auto& runs : m_runs)
            for (const int count : runs)
                if (count != 1)
                    return false;
        return true;
    }
    [[nodiscard]] bool ordered() const { return m_ordered && !m_early; }
    [[nodiscard]] bool sharedAWorker() const { return m_shared; }
    [[nodiscard]] std::int32_t phasesBegun() const { return m_begun; }

private:
    [[nodiscard]] std::int32_t sumOf(std::int32_t phase) const {
        const auto& runs = m_runs[static_cast<std::size_t>(phase)];
        return std::accumulate(runs.begin(), runs.end(), 0);
    }

    std::vector<std::int32_t> m_chunks;
    std::vector<std::vector<int>> m_runs;
    std::vector<std::atomic<bool>> m_busy;
    std::atomic<std::int32_t> m_pending{0};
    std::int32_t m_begun = 0;
    bool m_ordered = true;
    std::atomic<bool> m_early{false};
    std::atomic<bool> m_shared{false};
};

/// Each phase squares and mixes numbers of the one before, so that any lost or early chunk changes the result.
class MixingWork final : public PhasedWork {
public:
    static constexpr std::int32_t kPhases = 40;
    static constexpr std::int32_t kChunks = 24;

    std::int32_t beginPhase(std::int32_t phase) override { return phase < kPhases ? kChunks : kNoMorePhases; }
    void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t) override {
        const auto& from = m_numbers[static_cast<std::size_t>(phase % 2)];
        auto& to = m_numbers[static_cast<std::size_t>(1 - phase % 2)];
        const auto index = static_cast<std::size_t>(chunk);
        const std::uint64_t neighbour = from[(index + 7) % kChunks];
        to[index] = from[index] * 6364136223846793005ULL + (neighbour ^ static_cast<std::uint64_t>(phase));
    }
    [[nodiscard]] const std::vector<std::uint64_t>& result() const { return m_numbers[kPhases % 2]; }

private:
    std::vector<std::uint64_t> m_numbers[2] = {std::vector<std::uint64_t>(kChunks, 1),
                                               std::vector<std::uint64_t>(kChunks, 0)};
};

/// State letters ("S" sleeping, "R" running) of all threads of this process except the main one.
std::string otherThreadStates() {
    std::string states;
    const std::string self = std::to_string(getpid());
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        if (entry.path().filename() == self)
            continue;
        std::ifstream file(entry.path() / "stat");
        std::string text;
        std::getline(file, text);
        const std::size_t end = text.rfind(") ");
        if (end != std::string::npos)
            states += text[end + 2];
    }
    return states;
}

} // namespace

class TestComputePool : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void runsEveryChunkOnceAndInOrder_data();
    void runsEveryChunkOnceAndInOrder();
    void endsAtOnceWithoutPhases();
    void givesTheSameResultForAnyNumberOfThreads_data();
    void givesTheSameResultForAnyNumberOfThreads();
    void letsSeveralThreadsTakeTurns();
    void canBeDestroyedWithoutHavingRun();
    void sleepsBetweenRuns();
};

void TestComputePool::runsEveryChunkOnceAndInOrder_data() {
    QTest::addColumn<int>("threads");
    QTest::addColumn<std::vector<std::int32_t>>("chunks");
    const std::vector<std::pair<std::string, std::vector<std::int32_t>>> shapes{
        {"one phase", {100}},
        {"one chunk", {1}},
        {"single chunks", {1, 1, 1, 1}},
        {"empty phases", {0, 5, 0, 0, 3, 0}},
        {"mixed", {7, 1, 64, 0, 1, 2}},
        {"most chunks", {PhasedWork::kMaxChunks, 2}},
    };
    for (const int threads : {1, 2, 3, 8})
        for (const auto& [name, chunks] : shapes)
            QTest::addRow("%s, %d threads", name.c_str(), threads) << threads << chunks;
}

void TestComputePool::runsEveryChunkOnceAndInOrder() {
    QFETCH(const int, threads);
    QFETCH(const std::vector<std::int32_t>, chunks);
    ComputePool pool(threads);
    QCOMPARE(pool.threads(), threads);
    RecordingWork work(chunks, threads);
    pool.run(work);
    QVERIFY(work.everyChunkRanOnce());
    QVERIFY(work.ordered());
    QVERIFY(!work.sharedAWorker());
    QCOMPARE(work.phasesBegun(), static_cast<std::int32_t>(chunks.size()) + 1);
}

void TestComputePool::endsAtOnceWithoutPhases() {
    ComputePool pool(2);
    RecordingWork work({}, 2);
    pool.run(work);
    QCOMPARE(work.phasesBegun(), 1);
}

void TestComputePool::givesTheSameResultForAnyNumberOfThreads_data() {
    QTest::addColumn<int>("threads");
    for (const int threads : {1, 2, 5})
        QTest::addRow("%d threads", threads) << threads;
}

void TestComputePool::givesTheSameResultForAnyNumberOfThreads() {
    QFETCH(const int, threads);
    ComputePool alone(1);
    MixingWork expected;
    alone.run(expected);
    ComputePool pool(threads);
    for (int repetition = 0; repetition < 200; ++repetition) {
        MixingWork work;
        pool.run(work);
        QVERIFY2(work.result() == expected.result(), qPrintable(QString::number(repetition)));
    }
}

void TestComputePool::letsSeveralThreadsTakeTurns() {
    ComputePool alone(1);
    MixingWork expected;
    alone.run(expected);
    ComputePool pool(3);
    std::vector<MixingWork> works(60);
    std::vector<std::thread> callers;
    for (std::size_t caller = 0; caller < 3; ++caller)
        callers.emplace_back([&pool, &works, caller] {
            for (std::size_t index = caller; index < works.size(); index += 3)
                pool.run(works[index]);
        });
    for (std::thread& caller : callers)
        caller.join();
    for (const MixingWork& work : works)
        QVERIFY(work.result() == expected.result());
}

void TestComputePool::canBeDestroyedWithoutHavingRun() {
    for (int repetition = 0; repetition < 20; ++repetition)
        const ComputePool pool(4);
}

void TestComputePool::sleepsBetweenRuns() {
    ComputePool pool(3);
    MixingWork work;
    pool.run(work);
    // A thread that spins shows as running again and again; a sleeping one stays so. Qt Test has a thread of its own.
    QTRY_VERIFY(otherThreadStates().find_first_not_of('S') == std::string::npos);
    QVERIFY(otherThreadStates().size() >= 2);
}

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestComputePool)
#include "tst_compute_pool.moc"
