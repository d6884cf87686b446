#pragma once

#include <atomic>
#include <mutex>
#include <stop_token>
#include <thread>

namespace hearth::cli {

/// Ctrl+C: stops the work in hand; ends the program if there is none, or when typed again before the work stopped.
/// Make one before any other thread, on the main thread: it takes SIGINT away from all of them and waits for it on a
/// thread of its own, where, unlike in a signal handler, a stop may be requested.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    /// Begins a piece of work: the token is stopped by the next Ctrl+C until finish() is called.
    [[nodiscard]] std::stop_token begin();
    void finish();

private:
    void wait();

    std::mutex m_mutex;
    std::stop_source m_work{std::nostopstate}; ///< without state: nothing in hand
    std::atomic<bool> m_ending = false;
    std::thread m_thread;
};

} // namespace hearth::cli
