#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/engine_options.h"
#include "app/cli/models_folder.h"
#include "engine/run/engine.h"

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <optional>
#include <system_error>

namespace hearth::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Rows that a dump holds if the tokens file does not say: the last positions of a prefill, and of decoding.
constexpr std::int32_t kPrefillRows = 8;
constexpr std::int32_t kDecodeRows = 4;

/// What a tokens file asks for.
struct LogitsCase {
    std::vector<TokenId> tokens;
    std::int32_t rows = 0;
    std::int32_t decoded = 0; ///< of the rows, computed one at a time
    std::int32_t contextTokens = 0;
};

Error malformed(const std::string& path, const std::string& reason) {
    return {ErrorCode::InvalidInput, "'" + path + "': " + reason};
}

/// A number that JSON holds exactly, at least `low` and at most an int32; nothing for anything else.
std::optional<std::int32_t> asInt32(const Json& value, std::int32_t low) {
    if (!value.is_number_integer())
        return std::nullopt;
    const auto number = value.get<std::int64_t>();
    if (number < low || number > std::numeric_limits<std::int32_t>::max())
        return std::nullopt;
    return static_cast<std::int32_t>(number);
}

/// The first extent of the array at `key`, or the fallback where there is no such key.
Result<std::int32_t> rowsOf(const Json& document, const char* key, std::int32_t fallback, const std::string& path) {
    if (!document.contains(key))
        return fallback;
    const Json& shape = document[key];
    const auto rows = shape.is_array() && !shape.empty() ? asInt32(shape[0], 1) : std::nullopt;
    if (!rows)
        return malformed(path, std::string("\"") + key + "\" is no shape");
    return *rows;
}

Result<LogitsCase> readCase(const std::string& path, bool decode) {
    HEARTH_TRY(const Json document, readJsonFile(path));
    if (!document.is_object() || !document.contains("tokens") || !document["tokens"].is_array())
        return malformed(path, "it holds no list \"tokens\"");
    LogitsCase result;
    for (const Json& value : document["tokens"]) {
        const auto id = asInt32(value, 0);
        if (!id)
            return malformed(path, "token " + std::to_string(result.tokens.size()) + " is no id");
        result.tokens.push_back(*id);
    }
    if (decode) {
        HEARTH_TRY(result.rows, rowsOf(document, "decode_shape", kDecodeRows, path));
        result.decoded = result.rows;
    } else {
        HEARTH_TRY(result.rows, rowsOf(document, "logits_shape", kPrefillRows, path));
    }
    if (result.tokens.size() < static_cast<std::size_t>(result.rows))
        return malformed(path, std::to_string(result.tokens.size()) + " tokens give no " + std::to_string(result.rows)
                                   + " rows");
    if (document.contains("n_ctx")) {
        const auto context = asInt32(document["n_ctx"], 1);
        if (!context)
            return malformed(path, "\"n_ctx\" is no number of tokens");
        result.contextTokens = *context;
    }
    return result;
}

/// Writes raw little-endian float32. A file that could not be written whole is removed again.
Status writeFloats(const std::string& path, const std::vector<float>& values) {
    static_assert(std::endian::native == std::endian::little);
    std::FILE* file = std::fopen(path.c_str(), "wb");
    if (file == nullptr)
        return Error{ErrorCode::Io, "'" + path + "': " + std::strerror(errno)};
    errno = 0;
    const bool written = std::fwrite(values.data(), sizeof(float), values.size(), file) == values.size();
    const bool closed = std::fclose(file) == 0;
    if (written && closed)
        return {};
    const Error error{ErrorCode::Io, "'" + path + "': " + std::strerror(errno)};
    std::error_code ignored;
    if (std::filesystem::is_regular_file(path, ignored)) // and not a device
        std::filesystem::remove(path, ignored);
    return error;
}

Status run(const Arguments& arguments) {
    const auto& names = arguments.positionals();
    HEARTH_TRY(const LogitsCase wanted, readCase(arguments.text("--tokens"), arguments.text("--case") == "decode"));
    HEARTH_TRY(EngineOptions options, readDeviceOptions(arguments));
    options.cacheType = readCacheType(arguments);
    options.contextTokens = arguments.has("--ctx") ? arguments.int32("--ctx") : wanted.contextTokens;
    HEARTH_TRY(const auto path, findModel(names.empty() ? "" : names[0]));
    HEARTH_TRY(const auto engine, Engine::load(path, options, {}, {}));
    HEARTH_TRY(const auto logits, engine->logits(wanted.tokens, wanted.rows, wanted.decoded, {}));
    const std::string out = arguments.text("--out");
    HEARTH_CHECK(writeFloats(out, logits));
    const std::size_t columns = logits.size() / static_cast<std::size_t>(wanted.rows);
    if (arguments.has("--json"))
        printJson({{"model", path.string()},
                   {"device", engine->device().id},
                   {"case", arguments.text("--case")},
                   {"shape", {wanted.rows, columns}},
                   {"file", out}});
    else
        printText(std::to_string(wanted.rows) + " rows of " + std::to_string(columns) + " logits in " + out + "\n");
    return {};
}

} // namespace

Command logitsCommand() {
    std::vector<Option> options{
        {"--tokens", ValueKind::Text, "FILE", "JSON with \"tokens\", and \"n_ctx\", \"logits_shape\", \"decode_shape\"",
         "", 0, 0, Presence::Required},
        {"--case", ValueKind::Choice, "prefill|decode",
         "prefill: the last 8 positions of one prefill; decode: the last 4 tokens one at a time", "", 0, 0,
         Presence::Required},
        {"--out", ValueKind::Text, "FILE", "raw little-endian float32, a row per position", "", 0, 0,
         Presence::Required}};
    const auto append = [&](const std::vector<Option>& more) {
        options.insert(options.end(), more.begin(), more.end());
    };
    append(cacheOptions("f32"));
    append(deviceOptions());
    return {.name = "logits",
            .positionals = "[MODEL]",
            .mostPositionals = 1,
            .summary = "Write the logits of given tokens, for comparing with other engines",
            .options = std::move(options),
            .run = run};
}

} // namespace hearth::cli
