#include "app/cli/dump_file.h"

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <system_error>

namespace hearth::cli {

namespace {

bool isTokenId(const nlohmann::ordered_json& value) {
    if (!value.is_number_integer())
        return false;
    const auto number = value.get<std::int64_t>();
    return number >= 0 && number <= std::numeric_limits<TokenId>::max();
}

} // namespace

Result<std::vector<TokenId>> readTokenList(const nlohmann::ordered_json& document, const std::string& path) {
    const Error malformed{ErrorCode::InvalidInput, "'" + path + "': "};
    if (!document.is_object() || !document.contains("tokens") || !document["tokens"].is_array())
        return Error{malformed.code, malformed.message + "it holds no list \"tokens\""};
    std::vector<TokenId> tokens;
    for (const nlohmann::ordered_json& value : document["tokens"]) {
        if (!isTokenId(value))
            return Error{malformed.code, malformed.message + "token " + std::to_string(tokens.size()) + " is no id"};
        tokens.push_back(value.get<TokenId>());
    }
    return tokens;
}

Status writeFloatFile(const std::string& path, const std::vector<float>& values) {
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

} // namespace hearth::cli
