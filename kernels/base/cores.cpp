#include "kernels/base/cores.h"

#include <algorithm>
#include <thread>

#if defined(__linux__)
#include <sched.h>
#endif

namespace hearth {

std::int32_t usableCores() {
#if defined(__linux__)
    cpu_set_t cores;
    CPU_ZERO(&cores);
    if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        return std::max(1, CPU_COUNT(&cores));
#endif
    return std::max(1, static_cast<std::int32_t>(std::thread::hardware_concurrency()));
}

} // namespace hearth
