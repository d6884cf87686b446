#include "kernels/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace hearth {

void assertionFailed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "hearth: assertion failed: %s (%s:%d)\n", expression, file, line);
    std::abort();
}

} // namespace hearth
