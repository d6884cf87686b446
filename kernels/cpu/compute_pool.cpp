#include "kernels/cpu/compute_pool.h"

#include "kernels/base/assert.h"

#include <chrono>
#include <system_error>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace hearth {

namespace {

// A step's phases follow each other within a few microseconds; a longer wait means that the thread we wait for has lost
// its core, and then spinning takes the core from whoever could use it.
constexpr std::chrono::microseconds kSpinLimit{25};
// Reading the clock costs about as much as this many pauses.
constexpr int kPausesPerClockRead = 8;

constexpr std::uint64_t kChunkStep = 1ULL << 16;

constexpr std::uint64_t chunksOf(std::uint64_t word) {
    return word & 0xFFFFU;
}
constexpr std::uint64_t nextChunkOf(std::uint64_t word) {
    return word >> 16 & 0xFFFFU;
}
constexpr std::uint64_t phaseWord(std::uint64_t before, std::int32_t chunks) {
    return ((before >> 32) + 1) << 32 | static_cast<std::uint64_t>(chunks);
}
constexpr bool hasChunk(std::uint64_t word) {
    return nextChunkOf(word) < chunksOf(word);
}

void pause() {
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

} // namespace

ComputePool::ComputePool(std::int32_t threads) {
    HEARTH_ASSERT(threads >= 1);
    m_threads.reserve(static_cast<std::size_t>(threads - 1));
    try {
        for (std::int32_t worker = 1; worker < threads; ++worker)
            m_threads.emplace_back([this, worker] { serve(worker); });
    } catch (const std::system_error&) {
        // The system grants no more threads: fewer are slower, not wrong.
    }
}

ComputePool::~ComputePool() {
    m_stopping.store(true);
    publish(phaseWord(m_word.load(), 0), Wake::Sleepers);
    for (std::thread& thread : m_threads)
        thread.join();
}

void ComputePool::run(PhasedWork& work) {
    const std::lock_guard lock(m_runMutex);
    m_work = &work;
    m_phase = -1;
    m_running.store(true, std::memory_order_relaxed);
    openNextPhase(0);
    while (m_running.load(std::memory_order_acquire))
        takePart(0);
    m_work = nullptr;
}

void ComputePool::serve(std::int32_t worker) {
    while (!m_stopping.load())
        takePart(worker);
}

void ComputePool::takePart(std::int32_t worker) {
    std::uint64_t word = m_word.load(std::memory_order_acquire);
    if (!hasChunk(word)) {
        // Read the flags again after the word changed: an ended run or pool changes the word last.
        if (!m_stopping.load() && (worker != 0 || m_running.load(std::memory_order_acquire)))
            awaitChange(word);
        return;
    }
    std::int32_t ended = 0;
    std::int32_t chunks = 0;
    while (hasChunk(word)) {
        // Acquire: what the opener of the phase wrote before publish() is visible to the chunk.
        if (!m_word.compare_exchange_weak(word, word + kChunkStep, std::memory_order_acq_rel,
                                          std::memory_order_acquire))
            continue;
        chunks = static_cast<std::int32_t>(chunksOf(word));
        m_work->runChunk(m_phase, static_cast<std::int32_t>(nextChunkOf(word)), worker);
        ++ended;
        // While `ended` is not yet counted the phase cannot close, so this is a word of the same phase.
        word = m_word.load(std::memory_order_acquire);
    }
    // Release and acquire: whoever counts the last chunk sees what all chunks wrote.
    if (ended > 0 && m_ended.fetch_add(ended, std::memory_order_acq_rel) + ended == chunks)
        openNextPhase(worker);
}

void ComputePool::openNextPhase(std::int32_t worker) {
    for (;;) {
        ++m_phase;
        const std::int32_t chunks = m_work->beginPhase(m_phase);
        HEARTH_ASSERT(chunks <= PhasedWork::kMaxChunks);
        if (chunks > 1 && !m_threads.empty()) {
            m_ended.store(0, std::memory_order_relaxed);
            publish(phaseWord(m_word.load(std::memory_order_relaxed), chunks), Wake::Sleepers);
            return;
        }
        if (chunks == PhasedWork::kNoMorePhases)
            break;
        for (std::int32_t chunk = 0; chunk < chunks; ++chunk)
            m_work->runChunk(m_phase, chunk, worker);
    }
    m_running.store(false, std::memory_order_release);
    // Only the caller of run() waits for the end; if it is this thread, nobody needs to wake.
    publish(phaseWord(m_word.load(std::memory_order_relaxed), 0), worker == 0 ? Wake::Nobody : Wake::Sleepers);
}

void ComputePool::publish(std::uint64_t word, Wake wake) {
    // Sequentially consistent, with the loads and stores in awaitChange(): either the sleeper sees the new word, or it
    // is counted here.
    m_word.store(word);
    if (wake == Wake::Nobody || m_sleepers.load() == 0)
        return;
    { const std::lock_guard lock(m_sleepMutex); }
    m_wake.notify_all();
}

void ComputePool::awaitChange(std::uint64_t seen) {
    const auto start = std::chrono::steady_clock::now();
    do {
        for (int i = 0; i < kPausesPerClockRead; ++i) {
            pause();
            if (m_word.load(std::memory_order_acquire) != seen)
                return;
        }
    } while (std::chrono::steady_clock::now() - start < kSpinLimit);
    std::unique_lock lock(m_sleepMutex);
    m_sleepers.fetch_add(1);
    while (m_word.load() == seen)
        m_wake.wait(lock);
    m_sleepers.fetch_sub(1);
}

} // namespace hearth
