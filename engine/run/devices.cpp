#include "engine/run/devices.h"

#include "engine/run/engine.h"
#include "kernels/cpu/cpu_backend.h"
#include "kernels/reference/reference_backend.h"

#include <algorithm>
#include <array>
#include <string>
#include <thread>

#include <sched.h>

namespace hearth {

namespace {

/// Cores that this process may run on, which a container or taskset can make fewer than the machine has.
std::int32_t usableCores() {
    cpu_set_t cores;
    CPU_ZERO(&cores);
    if (sched_getaffinity(0, sizeof cores, &cores) == 0)
        return std::max(1, CPU_COUNT(&cores));
    return std::max(1, static_cast<std::int32_t>(std::thread::hardware_concurrency()));
}

struct Device {
    std::string_view id;
    std::unique_ptr<Backend> (*open)(std::int32_t threads);
};

// Best first.
constexpr std::array kDevices{
    Device{"cpu", [](std::int32_t threads) { return createCpuBackend({.threads = threads}); }},
    Device{"reference", [](std::int32_t) { return createReferenceBackend(); }},
};

} // namespace

Result<std::unique_ptr<Backend>> openDevice(std::string_view id, std::int32_t threads) {
    std::string known;
    for (const Device& device : kDevices) {
        if (device.id == id)
            return device.open(threads > 0 ? threads : usableCores());
        known += (known.empty() ? "" : ", ") + std::string(device.id);
    }
    return Error{ErrorCode::NotFound, "there is no device '" + std::string(id) + "'; there are: " + known};
}

std::vector<DeviceInfo> availableDevices() {
    std::vector<DeviceInfo> devices;
    for (const Device& device : kDevices)
        devices.push_back(device.open(1)->device());
    return devices;
}

} // namespace hearth
