#pragma once

#include "kernels/base/assert.h"
#include "kernels/base/error.h"

#include <optional>
#include <utility>
#include <variant>

namespace hearth {

/// A value or the error that kept it from being made. Thread: as the value.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}
    Result(ErrorCode code, std::string message) : m_state(std::in_place_index<1>, Error{code, std::move(message)}) {}

    [[nodiscard]] bool ok() const { return m_state.index() == 0; }
    explicit operator bool() const { return ok(); }

    /// The value; only after ok() was seen to be true.
    [[nodiscard]] T& value() & {
        HEARTH_ASSERT(ok());
        return *std::get_if<0>(&m_state);
    }
    [[nodiscard]] const T& value() const& {
        HEARTH_ASSERT(ok());
        return *std::get_if<0>(&m_state);
    }
    [[nodiscard]] T&& value() && {
        HEARTH_ASSERT(ok());
        return std::move(*std::get_if<0>(&m_state));
    }
    [[nodiscard]] T* operator->() { return &value(); }
    [[nodiscard]] const T* operator->() const { return &value(); }
    [[nodiscard]] T& operator*() & { return value(); }
    [[nodiscard]] const T& operator*() const& { return value(); }

    /// The error; only after ok() was seen to be false.
    [[nodiscard]] const Error& error() const& {
        HEARTH_ASSERT(!ok());
        return *std::get_if<1>(&m_state);
    }
    [[nodiscard]] Error&& error() && {
        HEARTH_ASSERT(!ok());
        return std::move(*std::get_if<1>(&m_state));
    }

private:
    std::variant<T, Error> m_state;
};

/// Success without a value, or an error.
template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : m_error(std::move(error)) {}
    Result(ErrorCode code, std::string message) : m_error(Error{code, std::move(message)}) {}

    [[nodiscard]] bool ok() const { return !m_error.has_value(); }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] const Error& error() const& {
        HEARTH_ASSERT(!ok());
        return *m_error;
    }
    [[nodiscard]] Error&& error() && {
        HEARTH_ASSERT(!ok());
        return std::move(*m_error);
    }

private:
    std::optional<Error> m_error;
};

using Status = Result<void>;

} // namespace hearth

#define HEARTH_CONCAT_INNER(a, b) a##b
#define HEARTH_CONCAT(a, b) HEARTH_CONCAT_INNER(a, b)

/// Declares `declaration` from the value of a Result, or returns its error from the enclosing function. One a line.
#define HEARTH_TRY(declaration, expression)                                                                            \
    auto HEARTH_CONCAT(hearthResult_, __LINE__) = (expression);                                                        \
    if (!HEARTH_CONCAT(hearthResult_, __LINE__).ok())                                                                  \
        return std::move(HEARTH_CONCAT(hearthResult_, __LINE__)).error();                                              \
    declaration = std::move(HEARTH_CONCAT(hearthResult_, __LINE__)).value()

/// Returns the error of a Status from the enclosing function, or goes on.
#define HEARTH_CHECK(expression)                                                                                       \
    do {                                                                                                               \
        auto hearthStatus = (expression);                                                                              \
        if (!hearthStatus.ok())                                                                                        \
            return std::move(hearthStatus).error();                                                                    \
    } while (false)
