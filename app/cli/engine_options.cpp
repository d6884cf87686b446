#include "app/cli/engine_options.h"

#include "kernels/base/assert.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <system_error>
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

std::vector<Option> adapterOptions() {
    return {{"--lora", ValueKind::Text, "FILE[=SCALE]", "apply a LoRA adapter; may be given several times"}};
}

Result<std::vector<AdapterChoice>> readAdapters(const Arguments& arguments) {
    std::vector<AdapterChoice> adapters;
    for (const std::string& given : arguments.texts("--lora")) {
        // What follows the last '=' is a scale if it reads as a number; else it belongs to the file's name.
        const std::size_t equals = given.rfind('=');
        AdapterChoice choice{given};
        if (equals != std::string::npos) {
            const char* const end = given.data() + given.size();
            float scale = 0;
            const auto [stop, error] = std::from_chars(given.data() + equals + 1, end, scale);
            if (stop == end && (error == std::errc::result_out_of_range || !std::isfinite(scale)))
                return Error{ErrorCode::InvalidInput, "--lora " + given + ": the scale is no finite number"};
            if (stop == end && error == std::errc())
                choice = {given.substr(0, equals), scale};
        }
        adapters.push_back(std::move(choice));
    }
    return adapters;
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
