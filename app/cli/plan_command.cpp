#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/engine_options.h"
#include "app/cli/models_folder.h"
#include "app/cli/read_bandwidth.h"
#include "engine/gguf/gguf_file.h"
#include "engine/memory/machine_memory.h"
#include "engine/memory/residency.h"
#include "engine/models/model_family.h"
#include "kernels/base/cores.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <numeric>
#include <optional>
#include <utility>

namespace hearth::cli {
namespace {

using Json = nlohmann::ordered_json;

// Rows of the program whose activations are counted, as the engine computes prompts.
constexpr std::int32_t kPrefillRows = 512;
constexpr std::int32_t kMostContext = 8192;
constexpr double kBytesPerGigabyte = 1e9;

/// "8GiB", "500MB", "1.5GB" or a plain number of bytes; nothing for anything else.
std::optional<std::uint64_t> parseBytes(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, double>, 8> kUnits{{{"", 1},
                                                                         {"B", 1},
                                                                         {"MB", 1e6},
                                                                         {"GB", 1e9},
                                                                         {"TB", 1e12},
                                                                         {"MiB", 1024.0 * 1024},
                                                                         {"GiB", 1024.0 * 1024 * 1024},
                                                                         {"TiB", 1024.0 * 1024 * 1024 * 1024}}};
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view unit = text.substr(static_cast<std::size_t>(end - text.data()));
    const auto known = std::ranges::find(kUnits, unit, &std::pair<std::string_view, double>::first);
    if (error != std::errc() || known == kUnits.end() || !(number >= 0) || number * known->second > 1e18)
        return std::nullopt;
    return static_cast<std::uint64_t>(number * known->second);
}

Result<std::uint64_t> readBytes(const std::string& option, const std::string& text) {
    if (const auto bytes = parseBytes(text))
        return *bytes;
    return Error{ErrorCode::InvalidInput, option + " takes a size as 8GiB or 500MB, not '" + text + "'"};
}

/// A model's weights as decoding uses them, and what it needs beside them.
struct ModelNeeds {
    std::vector<TensorUse> uses;
    std::uint64_t workBytes = 0;
    double workBytesPerToken = 0;
};

Result<ModelNeeds> needsOf(const GgufFile& file, std::int32_t contextTokens, DType cacheType) {
    HEARTH_TRY(const ModelFamily* const family, familyOf(file));
    HEARTH_TRY(const ModelSpec spec, family->describe(file));
    const std::int32_t context = contextTokens > 0 ? contextTokens : std::min(spec.trainedContext, kMostContext);
    ProgramBuilder::Limits limits{.maxRows = 1, .maxOutputRows = 1, .cacheType = cacheType, .contextTokens = context};
    HEARTH_TRY(const Program decode, buildDecoder(file, *family, spec, limits));
    limits.maxRows = std::min(kPrefillRows, context);
    HEARTH_TRY(const Program prefill, buildDecoder(file, *family, spec, limits));
    ModelNeeds needs{tensorUses(file, decode), prefill.plan.sizeBytes, 0};
    for (const Op& op : decode.ops)
        if (const auto* attention = std::get_if<Attention>(&op))
            needs.workBytesPerToken += costOf(decode, *attention, 1, context / 2).bytes;
    const std::int32_t pages = (context + kPageTokens - 1) / kPageTokens;
    for (const CacheSpec& cache : decode.caches)
        needs.workBytes += cache.pageSizeBytes() * static_cast<std::uint64_t>(pages);
    return needs;
}

/// The places that the options name; what they leave out is measured.
Result<ResidencyRequest> placesOf(const Arguments& arguments, const std::filesystem::path& path,
                                  const ModelNeeds& needs) {
    ResidencyRequest request;
    const double gpuSpeed = double{arguments.number("--gpu-speed")} * kBytesPerGigabyte;
    for (const std::string& size : arguments.texts("--gpu")) {
        HEARTH_TRY(const std::uint64_t bytes, readBytes("--gpu", size));
        request.gpus.push_back({PlaceKind::Gpu, "gpu" + std::to_string(request.gpus.size()), bytes, gpuSpeed});
    }
    request.ram = {PlaceKind::Ram, "memory", usableMemoryBytes(), 0};
    if (arguments.has("--budget")) {
        HEARTH_TRY(request.ram.bytes, readBytes("--budget", arguments.text("--budget")));
    }
    request.ram.bytesPerSecond = double{arguments.number("--memory-speed")} * kBytesPerGigabyte;
    if (request.ram.bytesPerSecond <= 0) {
        HEARTH_TRY(request.ram.bytesPerSecond, measureReadBandwidth(usableCores()));
    }
    request.disk = {PlaceKind::Disk, "disk", std::uint64_t{1} << 62U, 0};
    request.disk.bytesPerSecond = double{arguments.number("--disk-speed")} * kBytesPerGigabyte;
    if (request.disk.bytesPerSecond <= 0) {
        HEARTH_TRY(request.disk.bytesPerSecond, measureDiskBandwidth(path, expertBytes(needs.uses)));
    }
    request.workBytes = needs.workBytes;
    request.workBytesPerToken = needs.workBytesPerToken;
    return request;
}

Json placesJson(const ResidencyPlan& plan) {
    Json places = Json::array();
    for (std::size_t place = 0; place < plan.places.size(); ++place) {
        const MemoryPlace& where = plan.places[place];
        Json entry{{"name", where.name}};
        if (where.kind != PlaceKind::Disk)
            entry["budget_bytes"] = where.bytes;
        entry["used_bytes"] = static_cast<std::uint64_t>(plan.usedBytes[place]);
        entry["read_bytes_per_token"] = plan.bytesPerToken[place];
        entry["read_bytes_per_second"] = where.bytesPerSecond;
        places.push_back(std::move(entry));
    }
    return places;
}

void printPlanJson(const std::filesystem::path& path, const ResidencyPlan& plan, const ModelNeeds& needs) {
    Json classes = Json::array();
    for (const ClassResidency& entry : plan.classes) {
        Json where = Json::object();
        for (std::size_t place = 0; place < plan.places.size(); ++place)
            if (entry.placedBytes[place] > 0)
                where[plan.places[place].name] = {{"bytes", static_cast<std::uint64_t>(entry.placedBytes[place])},
                                                  {"read_bytes_per_token", entry.placedPerToken[place]}};
        classes.push_back({{"class", tensorClassName(entry.tensorClass)},
                           {"bytes", entry.bytes},
                           {"read_bytes_per_token", entry.bytesPerToken},
                           {"places", where}});
    }
    printJson({{"model", path.string()},
               {"weight_bytes", plan.weightBytes},
               {"cache_and_activation_bytes", needs.workBytes},
               {"missing_bytes", plan.missingBytes},
               {"read_bytes_per_token", std::accumulate(plan.bytesPerToken.begin(), plan.bytesPerToken.end(), 0.0)},
               {"places", placesJson(plan)},
               {"classes", classes},
               {"fits_in_memory", !plan.needsDisk() && plan.missingBytes == 0},
               {"tokens_per_second", plan.tokensPerSecond()},
               {"explanation", plan.explain()}});
}

void printPlanText(const std::filesystem::path& path, const ResidencyPlan& plan, const ModelNeeds& needs) {
    std::string text = path.filename().string() + ": " + byteText(static_cast<double>(plan.weightBytes))
                       + " of weights, " + byteText(static_cast<double>(needs.workBytes))
                       + " of cache and activations\n\n";
    std::array<char, 256> line{};
    for (const ClassResidency& entry : plan.classes) {
        std::string where;
        for (std::size_t place = 0; place < plan.places.size(); ++place)
            if (entry.placedBytes[place] > 0)
                where +=
                    (where.empty() ? "" : " + ") + plan.places[place].name + " " + byteText(entry.placedBytes[place]);
        std::snprintf(line.data(), line.size(), "  %-18s %10s  a token reads %10s  %s\n",
                      std::string(tensorClassName(entry.tensorClass)).c_str(),
                      byteText(static_cast<double>(entry.bytes)).c_str(), byteText(entry.bytesPerToken).c_str(),
                      where.c_str());
        text += line.data();
    }
    printText(withoutControls(text + "\n" + plan.explain()));
}

Status run(const Arguments& arguments) {
    const auto& names = arguments.positionals();
    HEARTH_TRY(const auto path, findModel(names.empty() ? "" : names[0]));
    HEARTH_TRY(const auto file, GgufFile::open(path));
    HEARTH_TRY(const ModelNeeds needs, needsOf(*file, arguments.int32("--context"), readCacheType(arguments)));
    HEARTH_TRY(const ResidencyRequest request, placesOf(arguments, path, needs));
    const ResidencyPlan plan = planResidency(needs.uses, request);
    if (arguments.has("--json"))
        printPlanJson(path, plan, needs);
    else
        printPlanText(path, plan, needs);
    return {};
}

} // namespace

Command planCommand() {
    constexpr double kMostSpeed = 1e6;
    const auto speed = [&](const char* name, const char* help, const char* fallback) {
        return Option{name, ValueKind::Number, "GB/S", help, fallback, 0, kMostSpeed};
    };
    std::vector<Option> options{
        {"--budget", ValueKind::Text, "SIZE", "main memory for weights and cache, as 8GiB; else what is available"},
        {"--gpu", ValueKind::Text, "SIZE", "memory of a GPU; may be given several times, best first"},
        {"--context", ValueKind::Integer, "N", "tokens of context; 0 is the model's own, at most 8192", "0", 0,
         1 << 24},
        speed("--memory-speed", "at which memory is read; 0: it is measured", "0"),
        speed("--disk-speed", "at which the model's disk is read; 0: it is measured", "0"),
        speed("--gpu-speed", "at which a GPU reads its memory", "500")};
    for (const Option& option : cacheOptions("f16"))
        if (option.name == "--kv")
            options.push_back(option);
    return {.name = "plan",
            .positionals = "[MODEL]",
            .mostPositionals = 1,
            .summary = "Say which weights would live where, and how fast that makes a token",
            .options = std::move(options),
            .run = run};
}

} // namespace hearth::cli
