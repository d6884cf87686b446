#include "app/cli/console.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

namespace hearth::cli {
namespace {

constexpr std::size_t kMostBytes = std::size_t{64} << 20;
constexpr std::size_t kDeepestJson = 200;

using Json = nlohmann::ordered_json;

struct CloseFile {
    void operator()(std::FILE* file) const {
        if (file != stdin)
            std::fclose(file);
    }
};

/// Length of the UTF-8 character that begins at `at`; 0 if there is none (Unicode 15, table 3-7).
std::size_t characterLength(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const unsigned first = byte(0);
    if (first < 0x80)
        return 1;
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80; };
    const unsigned second = byte(1);
    if (first >= 0xC2 && first <= 0xDF && follows(1))
        return 2;
    // Neither overlong forms nor surrogates nor anything above U+10FFFF.
    if (first >= 0xE0 && first <= 0xEF && follows(1) && follows(2))
        return (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ? 0 : 3;
    if (first >= 0xF0 && first <= 0xF4 && follows(1) && follows(2) && follows(3))
        return (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F) ? 0 : 4;
    return 0;
}

std::optional<std::size_t> firstInvalidByte(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = characterLength(text, at);
        if (length == 0)
            return at;
        at += length;
    }
    return std::nullopt;
}

/// How deep brackets and braces nest outside of strings.
std::size_t nesting(std::string_view json) {
    std::size_t depth = 0;
    std::size_t deepest = 0;
    bool inString = false;
    for (std::size_t at = 0; at < json.size(); ++at) {
        const char character = json[at];
        if (inString && character == '\\')
            ++at;
        else if (character == '"')
            inString = !inString;
        else if (!inString && (character == '[' || character == '{'))
            deepest = std::max(deepest, ++depth);
        else if (!inString && (character == ']' || character == '}') && depth > 0)
            --depth;
    }
    return deepest;
}

} // namespace

void printJson(const Json& value) {
    printText(value.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
}

void printText(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

std::string withoutControls(std::string_view text) {
    std::string kept;
    kept.reserve(text.size());
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto byte = static_cast<unsigned char>(text[at]);
        // The second set of controls (U+0080 to U+009F) is written 0xC2 0x80 to 0xC2 0x9F.
        if (byte == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0) {
            ++at;
            continue;
        }
        if ((byte >= 0x20 && byte != 0x7F) || byte == '\n' || byte == '\t')
            kept += text[at];
    }
    return kept;
}

std::string quoted(std::string_view text) {
    return withoutControls(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace));
}

Status checkUtf8(std::string_view text, std::string_view what) {
    const std::optional<std::size_t> at = firstInvalidByte(text);
    if (!at)
        return {};
    char byte[8];
    std::snprintf(byte, sizeof byte, "0x%02x", static_cast<unsigned char>(text[*at]));
    return Error{ErrorCode::InvalidInput,
                 std::string(what) + " is not UTF-8: byte " + byte + " at offset " + std::to_string(*at)};
}

Result<std::string> readTextFile(const std::string& path) {
    const std::string name = path == "-" ? "standard input" : "'" + path + "'";
    const auto failure = [&](int number) {
        return Error{number == ENOENT ? ErrorCode::NotFound : ErrorCode::Io, name + ": " + std::strerror(number)};
    };
    errno = 0;
    const std::unique_ptr<std::FILE, CloseFile> file(path == "-" ? stdin : std::fopen(path.c_str(), "rb"));
    if (!file)
        return failure(errno);
    std::string text;
    char block[65536];
    while (const std::size_t count = std::fread(block, 1, sizeof block, file.get())) {
        text.append(block, count);
        if (text.size() > kMostBytes)
            return Error{ErrorCode::InvalidInput, name + " is larger than " + std::to_string(kMostBytes) + " bytes"};
    }
    if (std::ferror(file.get()) != 0)
        return failure(errno);
    HEARTH_CHECK(checkUtf8(text, name));
    return text;
}

Result<Json> readJsonFile(const std::string& path) {
    HEARTH_TRY(const std::string text, readTextFile(path));
    // Copying a value takes a stack frame for each level.
    if (nesting(text) > kDeepestJson)
        return Error{ErrorCode::InvalidInput, "'" + path + "' nests deeper than " + std::to_string(kDeepestJson)};
    try {
        return Json::parse(text);
    } catch (const Json::exception& problem) {
        return Error{ErrorCode::InvalidInput, "'" + path + "' is no JSON: " + problem.what()};
    }
}

} // namespace hearth::cli
