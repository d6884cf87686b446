#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>

namespace hearth {

/// One thread that runs tasks in the order they were posted. Tasks do not throw. Thread: any may post.
class TaskThread {
public:
    using Task = std::function<void(std::stop_token)>;
    /// What becomes of tasks that have not begun when the thread is stopped.
    enum class Pending { Drop, Run };

    explicit TaskThread(Pending pending);
    /// stop(), then waits.
    ~TaskThread();
    TaskThread(const TaskThread&) = delete;
    TaskThread& operator=(const TaskThread&) = delete;

    /// After stop() nothing is taken any more.
    void post(Task task);
    /// Asks the running task to end (its token) and takes no more. Returns at once.
    void stop() { stop({}); }
    /// The same; `last` runs after the running task, whatever becomes of the pending ones. Its token stays silent: how
    /// long it may take is the caller's to see to. Only the first stop() counts.
    void stop(Task last);
    /// Waits until the thread has ended after stop(); false if it has not within `limit`.
    [[nodiscard]] bool waitFor(std::chrono::milliseconds limit);

private:
    void run();

    const Pending m_pending;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::deque<Task> m_tasks;
    Task m_last;
    bool m_stopping = false;
    bool m_ended = false;
    std::stop_source m_stopSource;
    std::thread m_thread; ///< last: it uses all the others
};

} // namespace hearth
