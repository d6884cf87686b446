#include "ui/shell/quit_signals.h"

#include <QSocketNotifier>

#include <array>
#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace hearth::ui {

namespace {

constexpr std::array kSignals{SIGTERM, SIGINT, SIGHUP};

// A signal handler may do next to nothing; writing a byte to a pipe is allowed (POSIX, async-signal-safe functions).
std::array<int, 2> quitPipe{-1, -1}; // read end, write end

extern "C" void writeQuitByte(int) {
    const char byte = 1;
    [[maybe_unused]] const ssize_t written = ::write(quitPipe[1], &byte, 1);
}

} // namespace

QuitSignals::QuitSignals(QObject* parent) : QObject(parent) {
    if (::pipe2(quitPipe.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
        return; // the default action stays: the program ends, and storage is made for that too
    }
    m_notifier = std::make_unique<QSocketNotifier>(quitPipe[0], QSocketNotifier::Read);
    connect(m_notifier.get(), &QSocketNotifier::activated, this, [this] {
        char byte = 0;
        [[maybe_unused]] const ssize_t count = ::read(quitPipe[0], &byte, 1);
        Q_EMIT quitRequested();
    });
    struct sigaction action = {};
    action.sa_handler = writeQuitByte;
    action.sa_flags = SA_RESTART;
    for (const int number : kSignals) {
        ::sigaction(number, &action, nullptr);
    }
}

QuitSignals::~QuitSignals() {
    if (m_notifier == nullptr) {
        return;
    }
    for (const int number : kSignals) {
        std::signal(number, SIG_DFL);
    }
    m_notifier.reset();
    ::close(quitPipe[1]);
    ::close(quitPipe[0]);
    quitPipe = {-1, -1};
}

} // namespace hearth::ui
