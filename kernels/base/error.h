#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace hearth {

/// Why something failed, coarse enough for a caller to act on.
enum class ErrorCode {
    InvalidInput, ///< the caller's or the user's value is out of range or malformed
    NotFound,     ///< a file, tensor, key or row is not there
    Corrupt,      ///< a file's content contradicts itself or its format
    Unsupported,  ///< well formed, but nothing here handles it
    OutOfMemory,  ///< memory of a device or of the machine does not suffice
    Io,           ///< the operating system refused to read or write
    Device,       ///< a driver or an accelerator failed
    Cancelled,    ///< the caller asked to stop
    Internal,     ///< a bug of ours that was caught
};

[[nodiscard]] std::string_view errorCodeName(ErrorCode code);

/// A failure: its code and one sentence that names the thing, the reason and the numbers.
struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message;

    /// The same error with `context` and a colon put before its message.
    [[nodiscard]] Error within(std::string_view context) const {
        return Error{code, std::string(context) + ": " + message};
    }
    friend bool operator==(const Error&, const Error&) = default;
};

} // namespace hearth
