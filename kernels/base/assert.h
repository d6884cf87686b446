#pragma once

namespace hearth {

/// Prints the broken expectation and aborts. Only for our own bugs: user data, files and devices never get here.
[[noreturn]] void assertionFailed(const char* expression, const char* file, int line);

} // namespace hearth

/// Stops the program if something that only our own code can break is broken. Active in every build.
#define HEARTH_ASSERT(expression)                                                                                      \
    (static_cast<bool>(expression) ? void(0) : ::hearth::assertionFailed(#expression, __FILE__, __LINE__))
