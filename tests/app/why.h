#pragma once

#include "kernels/base/result.h"

namespace hearth {

/// For QVERIFY2(result.ok(), why(result)): what went wrong. Valid as long as the result.
template <typename T>
const char* why(const Result<T>& result) {
    return result.ok() ? "" : result.error().message.c_str();
}

} // namespace hearth
