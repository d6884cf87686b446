#include "app/cli/engine_options.h"

#include <string>

namespace hearth::cli {

std::vector<Option> deviceOptions() {
    return {{"--device", ValueKind::Text, "ID", "where it computes; reference is slow and plain", "cpu"},
            {"--threads", ValueKind::Integer, "N", "compute threads; 0 is one per core", "0", 0, 1024}};
}

std::vector<Option> cacheOptions(const char* cacheFallback) {
    return {
        {"--ctx", ValueKind::Integer, "N", "tokens of context; 0 is the model's own, at most 8192", "0", 0, 1 << 24},
        {"--kv", ValueKind::Choice, "f16|f32", "numbers of the cache", cacheFallback}};
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
    return arguments.text("--kv") == "f32" ? DType::F32 : DType::F16;
}

} // namespace hearth::cli
