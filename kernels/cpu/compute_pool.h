#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace hearth {

/// Work that runs as a sequence of phases; the chunks of one phase run in parallel and in any order, a phase begins
/// when every chunk of the one before has ended.
class PhasedWork {
public:
    static constexpr std::int32_t kNoMorePhases = -1;
    static constexpr std::int32_t kMaxChunks = 65535;

    virtual ~PhasedWork() = default;
    /// The number of chunks of `phase` (0: skip it), or kNoMorePhases. Called once per phase, in order, by one thread;
    /// everything that earlier phases wrote is visible to it, and what it writes is visible to the phase's chunks.
    [[nodiscard]] virtual std::int32_t beginPhase(std::int32_t phase) = 0;
    /// worker: 0 .. threads() - 1; no two chunks that run at one time have the same.
    virtual void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker) = 0;
};

/// Threads that compute together. A thread holds others up only while it is inside a chunk: chunks are taken one by one
/// from a counter, whoever ends the last chunk of a phase opens the next one, and no barrier counts threads. So when
/// other programs take the cores away, the threads that do run carry on. A thread without work spins for some
/// microseconds and then sleeps; between runs all of them sleep. A phase of one chunk runs on the thread that opens it,
/// without a word to the others. Thread: run() from any, one at a time (others wait).
class ComputePool {
public:
    /// threads: at least 1, the caller of run() included. Fewer if the system grants no more.
    explicit ComputePool(std::int32_t threads);
    ~ComputePool();
    ComputePool(const ComputePool&) = delete;
    ComputePool& operator=(const ComputePool&) = delete;

    [[nodiscard]] std::int32_t threads() const { return static_cast<std::int32_t>(m_threads.size()) + 1; }

    /// Runs all phases and returns when the last chunk has ended; the calling thread takes part as worker 0.
    void run(PhasedWork& work);

private:
    enum class Wake : std::uint8_t { Sleepers, Nobody };

    void serve(std::int32_t worker);
    void takePart(std::int32_t worker);
    /// Ends the current phase and opens the next that needs more than one chunk, or ends the run.
    void openNextPhase(std::int32_t worker);
    void publish(std::uint64_t word, Wake wake);
    /// Until the word is no longer `seen`: spins, then sleeps.
    void awaitChange(std::uint64_t seen);

    // The phase that is open: 32 bits of a number that changes with each phase, 16 bits next chunk, 16 bits chunks. A
    // chunk is taken by a compare-and-swap of the whole word, so a thread that was asleep for any time can only take
    // chunks that exist now. Owning a chunk keeps the phase open, which is what makes the fields below safe to read.
    alignas(64) std::atomic<std::uint64_t> m_word{0};
    // Chunks of the open phase that have ended.
    alignas(64) std::atomic<std::int32_t> m_ended{0};
    alignas(64) std::atomic<bool> m_running{false};
    std::atomic<std::int32_t> m_sleepers{0};
    std::atomic<bool> m_stopping{false};
    PhasedWork* m_work = nullptr;
    std::int32_t m_phase = 0;

    std::mutex m_runMutex;
    std::mutex m_sleepMutex;
    std::condition_variable m_wake;
    std::vector<std::thread> m_threads;
};

} // namespace hearth
