#include "app/cli/interrupt.h"

#include <csignal>
#include <unistd.h>

namespace hearth::cli {
namespace {

constexpr int kInterruptedExit = 128 + SIGINT; // what shells expect

sigset_t interruptSignal() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    return signals;
}

} // namespace

Interrupt::Interrupt() {
    const sigset_t signals = interruptSignal();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    m_thread = std::thread([this] { wait(); });
}

Interrupt::~Interrupt() {
    m_ending = true;
    pthread_kill(m_thread.native_handle(), SIGINT);
    m_thread.join();
}

std::stop_token Interrupt::begin() {
    const std::lock_guard guard(m_mutex);
    m_work = std::stop_source();
    return m_work.get_token();
}

void Interrupt::finish() {
    const std::lock_guard guard(m_mutex);
    m_work = std::stop_source(std::nostopstate);
}

void Interrupt::wait() {
    const sigset_t signals = interruptSignal();
    while (true) {
        int signal = 0;
        sigwait(&signals, &signal);
        if (m_ending)
            return;
        std::stop_source work(std::nostopstate);
        {
            const std::lock_guard guard(m_mutex);
            work = m_work;
        }
        // The main thread may be inside a read that nothing else ends, or ask a second time for what does not stop.
        if (!work.stop_possible() || work.stop_requested())
            _exit(kInterruptedExit);
        work.request_stop();
    }
}

} // namespace hearth::cli
