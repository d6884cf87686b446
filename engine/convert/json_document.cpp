#include "engine/convert/json_document.h"

#include "engine/gguf/mapped_file.h"

#include <exception>
#include <limits>
#include <utility>

namespace hearth {

namespace {

/// Tokenizers of 250,000 entries take 20 MB; what is larger is no description of a model.
constexpr std::size_t kMostBytes = std::size_t{64} << 20;

} // namespace

Result<std::string> readWholeFile(const std::filesystem::path& path) {
    HEARTH_TRY(const auto file, MappedFile::open(path));
    if (file->bytes().size() > kMostBytes)
        return Error{ErrorCode::Corrupt, "'" + path.string() + "' has " + std::to_string(file->bytes().size())
                                             + " bytes; at most " + std::to_string(kMostBytes) + " are expected"};
    return std::string(reinterpret_cast<const char*>(file->bytes().data()), file->bytes().size());
}

Result<JsonDocument> JsonDocument::open(const std::filesystem::path& path) {
    HEARTH_TRY(const std::string text, readWholeFile(path));
    return parse(text, "'" + path.string() + "'");
}

Result<JsonDocument> JsonDocument::parse(std::string_view text, std::string name) {
    try {
        nlohmann::json root = nlohmann::json::parse(text.begin(), text.end());
        if (!root.is_structured())
            return Error{ErrorCode::Corrupt, name + " holds neither an object nor a list"};
        return JsonDocument(std::move(name), std::move(root));
    } catch (const nlohmann::json::parse_error& problem) {
        return Error{ErrorCode::Corrupt, name + " is no JSON from byte " + std::to_string(problem.byte) + " on"};
    } catch (const std::exception&) { // a number beyond every range, or no memory
        return Error{ErrorCode::Corrupt, name + " holds a value that cannot be read"};
    }
}

const nlohmann::json* JsonDocument::find(const std::string& key) const {
    const auto entry = m_root.find(key);
    return entry == m_root.end() || entry->is_null() ? nullptr : &*entry;
}

Error JsonDocument::wrong(const std::string& key, std::string_view expected) const {
    return {ErrorCode::Corrupt, m_name + ": '" + key + "' is not " + std::string(expected)};
}

Result<std::int32_t> JsonDocument::int32(const std::string& key, std::int32_t low, std::int32_t high) const {
    const std::string expected = "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
    const nlohmann::json* value = find(key);
    if (value == nullptr || !value->is_number_integer())
        return wrong(key, expected);
    // Beyond int64 the library keeps an unsigned number, which is out of range too.
    if (value->is_number_unsigned()
        && value->get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
        return wrong(key, expected);
    const auto number = value->get<std::int64_t>();
    if (number < low || number > high)
        return wrong(key, expected);
    return static_cast<std::int32_t>(number);
}

Result<double> JsonDocument::number(const std::string& key) const {
    const nlohmann::json* value = find(key);
    if (value == nullptr || !value->is_number())
        return wrong(key, "a number");
    return value->get<double>();
}

Result<std::int32_t> JsonDocument::int32Or(const std::string& key, std::int32_t fallback, std::int32_t low,
                                           std::int32_t high) const {
    return find(key) == nullptr ? Result<std::int32_t>(fallback) : int32(key, low, high);
}

Result<std::string> JsonDocument::stringOr(const std::string& key, std::string_view fallback) const {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return std::string(fallback);
    if (!value->is_string())
        return wrong(key, "a text");
    return value->get<std::string>();
}

Result<std::optional<bool>> JsonDocument::optionalBool(const std::string& key) const {
    const nlohmann::json* value = find(key);
    if (value == nullptr)
        return std::optional<bool>();
    if (!value->is_boolean())
        return wrong(key, "true or false");
    return std::optional<bool>(value->get<bool>());
}

} // namespace hearth
