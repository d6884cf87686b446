#include "app/cli/engine_options.h"

#include "kernels/base/assert.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace hearth::cli {

std::vector<Option> deviceOptions() {
    return {{"--device", ValueKind::Text, "ID", "where it computes; reference is slow and plain", "cpu"},
            {"--threads", ValueKind::Integer, "N", "compute threads; 0 is one per core", "0", 0, 1024}};
}

std::vector<Option> cacheOptions(const char* cacheFallback) {
    return {
        {"--ctx", ValueKind::Integer, "N", "tokens of context; 0 is the model's own, at most 8192", "0", 0, 1 << 24},
        {"--kv", ValueKind::Choice, "f16|f32|q8_0|q4_0",
         "numbers of the cache; q8_0 and q4_0 take a half and a quarter of f16", cacheFallback}};
}

Result<EngineOptions> readDeviceOptions(const Arguments& arguments) {
    EngineOptions options;
    options.device = arguments.text("--device");
    options.threads = arguments.int32("--threads");
    std::string known;
    for (const DeviceInfo& device : availableDevices()) {
        if (device.id == options.device)
            return options;
        known += (known.empty() ? "" : ", ") + device.id;
    }
    return Error{ErrorCode::InvalidInput, "there is no device '" + options.device + "' here, only " + known};
}

DType readCacheType(const Arguments& arguments) {
    constexpr std::array<std::pair<std::string_view, DType>, 4> kTypes{
        {{"f16", DType::F16}, {"f32", DType::F32}, {"q8_0", DType::Q8_0}, {"q4_0", DType::Q4_0}}};
    const std::string name = arguments.text("--kv");
    const auto* found = std::ranges::find(kTypes, name, &std::pair<std::string_view, DType>::first);
    HEARTH_ASSERT(found != kTypes.end()); // the parser has refused everything else
    return found->second;
}

} // namespace hearth::cli
