#include "app/threads/task_thread.h"

#include <utility>

namespace hearth {

TaskThread::TaskThread(Pending pending) : m_pending(pending), m_thread([this] { run(); }) {}

TaskThread::~TaskThread() {
    stop();
    m_thread.join();
}

void TaskThread::post(Task task) {
    {
        const std::lock_guard lock(m_mutex);
        if (m_stopping)
            return;
        m_tasks.push_back(std::move(task));
    }
    m_changed.notify_all();
}

void TaskThread::stop(Task last) {
    {
        const std::lock_guard lock(m_mutex);
        if (!std::exchange(m_stopping, true))
            m_last = std::move(last);
    }
    m_stopSource.request_stop();
    m_changed.notify_all();
}

bool TaskThread::waitFor(std::chrono::milliseconds limit) {
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, limit, [this] { return m_ended; });
}

void TaskThread::run() {
    std::unique_lock lock(m_mutex);
    while (true) {
        m_changed.wait(lock, [this] { return m_stopping || !m_tasks.empty(); });
        if (m_tasks.empty() || (m_stopping && m_pending == Pending::Drop))
            break;
        {
            const Task task = std::exchange(m_tasks.front(), nullptr);
            m_tasks.pop_front();
            lock.unlock();
            task(m_stopSource.get_token());
        }
        lock.lock();
    }
    // What is left is destroyed here, on the thread that it was meant for, before anybody is told that all has ended.
    std::deque<Task> dropped = std::exchange(m_tasks, {});
    const Task last = std::exchange(m_last, nullptr);
    lock.unlock();
    dropped.clear();
    if (last)
        last({});
    lock.lock();
    m_ended = true;
    m_changed.notify_all();
}

} // namespace hearth
