#include "engine/run/devices.h"

#include "engine/run/engine.h"
#include "kernels/base/cores.h"
#include "kernels/cpu/cpu_backend.h"
#include "kernels/reference/reference_backend.h"

#include <array>
#include <string>

namespace hearth {

namespace {

struct Device {
    std::string_view id;
    std::unique_ptr<Backend> (*open)(std::int32_t threads);
};

// Best first.
constexpr std::array kDevices{
    Device{"cpu",
           [](std::int32_t threads) {
               return createCpuBackend({threads, std::nullopt});
           }},
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
