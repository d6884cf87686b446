#include "engine/run/devices.h"

#include "engine/run/engine.h"
#include "kernels/base/cores.h"
#include "kernels/cpu/cpu_backend.h"
#include "kernels/loader/device_library.h"
#include "kernels/reference/reference_backend.h"

#include <array>
#include <charconv>
#include <optional>
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

constexpr std::string_view kCuda = "cuda";

/// "cuda1" is 1, "cuda" is 0; nothing for other names.
std::optional<std::int32_t> cudaNumber(std::string_view id) {
    if (!id.starts_with(kCuda))
        return std::nullopt;
    std::int32_t number = 0;
    const std::string_view digits = id.substr(kCuda.size());
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool isNumber = digits.empty() || (error == std::errc{} && end == digits.data() + digits.size());
    return isNumber ? std::optional(number) : std::nullopt;
}

} // namespace

Result<std::unique_ptr<Backend>> openDevice(std::string_view id, std::int32_t threads) {
    if (const std::optional<std::int32_t> number = cudaNumber(id))
        return DeviceLibrary::of(kCuda).open(*number);
    std::string known;
    for (const Device& device : kDevices) {
        if (device.id == id)
            return device.open(threads > 0 ? threads : usableCores());
        known += (known.empty() ? "" : ", ") + std::string(device.id);
    }
    const std::int32_t gpus = DeviceLibrary::of(kCuda).deviceCount();
    for (std::int32_t gpu = 0; gpu < gpus; ++gpu)
        known += ", " + std::string(kCuda) + std::to_string(gpu);
    return Error{ErrorCode::NotFound, "there is no device '" + std::string(id) + "'; there are: " + known};
}

std::vector<DeviceInfo> availableDevices() {
    std::vector<DeviceInfo> devices;
    for (const Device& device : kDevices)
        devices.push_back(device.open(1)->device());
    const DeviceLibrary& cuda = DeviceLibrary::of(kCuda);
    for (std::int32_t gpu = 0; gpu < cuda.deviceCount(); ++gpu)
        if (const auto backend = cuda.open(gpu))
            devices.push_back((*backend)->device());
    return devices;
}

} // namespace hearth
