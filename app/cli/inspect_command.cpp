#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/models_folder.h"
#include "engine/gguf/gguf_file.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

namespace hearth::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Longer arrays (vocabularies) are shown by their beginning.
constexpr std::size_t kShownElements = 8;

enum class Arrays : std::uint8_t { Shortened, Whole };

template <typename T>
Json asJson(const T& value, Arrays) {
    return value;
}

template <typename T>
Json asJson(const std::vector<T>& values, Arrays arrays) {
    if (arrays == Arrays::Whole || values.size() <= kShownElements)
        return values;
    return {{"length", values.size()}, {"first", std::vector<T>(values.begin(), values.begin() + kShownElements)}};
}

Json asJson(const GgufValue& value, Arrays arrays) {
    return std::visit([&](const auto& held) { return asJson(held, arrays); }, value);
}

std::vector<std::int64_t> shapeOf(const GgufTensor& tensor) {
    return {tensor.extents.begin(), tensor.extents.begin() + tensor.dimensions};
}

void printDocument(const GgufFile& file, Arrays arrays) {
    Json metadata = Json::object();
    for (const std::string& key : file.keys())
        metadata[key] = asJson(*file.find(key), arrays);
    Json tensors = Json::array();
    for (const GgufTensor& tensor : file.tensors())
        tensors.push_back({{"name", tensor.name},
                           {"type", dtypeInfo(tensor.dtype).name},
                           {"shape", shapeOf(tensor)},
                           {"offset", tensor.offset},
                           {"bytes", tensor.sizeBytes}});
    printJson({{"path", file.path().string()},
               {"version", file.version()},
               {"bytes", file.sizeBytes()},
               {"metadata", metadata},
               {"tensors", tensors}});
}

void printTable(const GgufFile& file, Arrays arrays) {
    std::printf("%s: GGUF version %" PRIu32 ", %" PRIu64 " bytes\n\n%zu metadata keys\n",
                withoutControls(file.path().string()).c_str(), file.version(), file.sizeBytes(), file.keys().size());
    for (const std::string& key : file.keys()) {
        const Json value = asJson(*file.find(key), arrays);
        std::printf("  %s = %s\n", withoutControls(key).c_str(),
                    withoutControls(value.dump(-1, ' ', false, Json::error_handler_t::replace)).c_str());
    }
    std::printf("\n%zu tensors\n", file.tensors().size());
    for (const GgufTensor& tensor : file.tensors()) {
        std::string shape;
        for (const std::int64_t extent : shapeOf(tensor))
            shape += (shape.empty() ? "" : " x ") + std::to_string(extent);
        std::printf("  %-40s %-8s %-24s %12" PRIu64 " bytes at %" PRIu64 "\n", withoutControls(tensor.name).c_str(),
                    std::string(dtypeInfo(tensor.dtype).name).c_str(), shape.c_str(), tensor.sizeBytes, tensor.offset);
    }
    std::fflush(stdout);
}

Status run(const Arguments& arguments) {
    const auto& names = arguments.positionals();
    HEARTH_TRY(const auto path, findModel(names.empty() ? "" : names[0]));
    HEARTH_TRY(const auto file, GgufFile::open(path));
    const Arrays arrays = arguments.has("--full") ? Arrays::Whole : Arrays::Shortened;
    if (arguments.has("--json"))
        printDocument(*file, arrays);
    else
        printTable(*file, arrays);
    return {};
}

} // namespace

Command inspectCommand() {
    return {.name = "inspect",
            .positionals = "[MODEL]",
            .mostPositionals = 1,
            .summary = "Show a model file's metadata and tensors",
            .options = {flag("--full", "show arrays whole")},
            .run = run};
}

} // namespace hearth::cli
