#pragma once

#include "engine/text/jinja/heap.h"
#include "engine/text/jinja/limits.h"
#include "engine/text/jinja/objects.h"
#include "kernels/base/result.h"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::jinja {

/// What every operation of one render shares: its objects, its budget, its clock.
/// Thread: that of the render.
class Runtime {
public:
    Runtime(const Limits& limits, std::chrono::system_clock::time_point now)
        : m_limits(limits), m_heap(limits.memoryBytes), m_now(now) {}

    [[nodiscard]] Heap& heap() { return m_heap; }
    [[nodiscard]] const Limits& limits() const { return m_limits; }
    [[nodiscard]] std::chrono::system_clock::time_point now() const { return m_now; }

    /// Counts work. Errors: InvalidInput once the steps or the memory of this render are used up.
    [[nodiscard]] Status step(std::uint64_t count = 1) {
        m_steps += count;
        if (m_steps <= m_limits.steps && !m_heap.exhausted()) [[likely]]
            return {};
        return exhausted();
    }
    /// Asks before text or items of this size are made. Errors: InvalidInput if they do not fit.
    [[nodiscard]] Status afford(std::size_t count, std::size_t bytesEach = 1);

    [[nodiscard]] Value text(std::string bytes);
    [[nodiscard]] Value markup(std::string bytes);
    /// As `model`: markup if it is markup.
    [[nodiscard]] Value textLike(const Value& model, std::string bytes);
    [[nodiscard]] Value list(std::vector<Value> items);
    [[nodiscard]] Value tuple(std::vector<Value> items);
    [[nodiscard]] Value dict();
    [[nodiscard]] Value undefined(std::string hint);

private:
    friend class DepthScope;
    [[nodiscard]] Error exhausted() const;

    Limits m_limits;
    Heap m_heap;
    std::chrono::system_clock::time_point m_now;
    std::uint64_t m_steps = 0;
    std::int32_t m_depth = 0;
};

/// One level of recursion for as long as it lives; check ok() before going deeper.
class DepthScope {
public:
    explicit DepthScope(Runtime& runtime) : m_runtime(runtime) { ++m_runtime.m_depth; }
    DepthScope(const DepthScope&) = delete;
    DepthScope& operator=(const DepthScope&) = delete;
    ~DepthScope() { --m_runtime.m_depth; }
    /// Errors: InvalidInput when nested more deeply than the limits allow.
    [[nodiscard]] Status check() const;

private:
    Runtime& m_runtime;
};

/// An error of a template: InvalidInput.
[[nodiscard]] inline Error templateError(std::string message) {
    return Error{ErrorCode::InvalidInput, std::move(message)};
}

} // namespace hearth::jinja
