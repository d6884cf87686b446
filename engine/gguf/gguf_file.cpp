#include "engine/gguf/gguf_file.h"

#include "engine/gguf/gguf_parser.h"
#include "engine/gguf/gguf_split.h"
#include "engine/gguf/mapped_file.h"

#include <cmath>
#include <deque>
#include <limits>
#include <mutex>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace hearth {

namespace {

/// A metadata value, made from the file's bytes when first asked for: a vocabulary of 150,000 strings is copied only
/// for who wants copies.
struct LazyValue {
    explicit LazyValue(gguf::Entry from) : entry(from) {}
    gguf::Entry entry;
    std::once_flag made;
    GgufValue value;
};

std::string kindName(const gguf::Entry& entry) {
    const std::string_view name = gguf::kValueTypes[static_cast<std::size_t>(entry.type)].name;
    return (entry.isArray ? "a list of " : "a ") + std::string(name);
}

/// The value of an integer or a boolean-free number kind as a signed number; nothing if it is no integer or too large.
std::optional<std::int64_t> asInteger(const GgufValue& value) {
    if (const auto* number = std::get_if<std::int64_t>(&value))
        return *number;
    if (const auto* number = std::get_if<std::uint64_t>(&value))
        return *number <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())
                   ? std::optional<std::int64_t>(static_cast<std::int64_t>(*number))
                   : std::nullopt;
    return std::nullopt;
}

} // namespace

struct GgufFile::Contents {
    gguf::SplitFiles files;
    std::vector<std::string> keys;
    std::deque<LazyValue> values;
    std::unordered_map<std::string_view, LazyValue*> valueByKey;
    std::unordered_map<std::string_view, const GgufTensor*> tensorByName;

    [[nodiscard]] Error keyError(ErrorCode code, std::string_view key, const std::string& reason) const {
        return Error{code, "'" + files.path.string() + "': metadata key '" + std::string(key) + "' " + reason};
    }
    [[nodiscard]] Error missing(std::string_view key) const { return keyError(ErrorCode::NotFound, key, "is missing"); }
    [[nodiscard]] Error wrongKind(std::string_view key, std::string_view wanted) const {
        const gguf::Entry& entry = valueByKey.at(key)->entry;
        return keyError(ErrorCode::Corrupt, key, "is " + kindName(entry) + ", not " + std::string(wanted));
    }
    [[nodiscard]] Result<std::int32_t> inRange(std::string_view key, std::optional<std::int64_t> value,
                                               std::int32_t low, std::int32_t high) const {
        if (value && *value >= low && *value <= high)
            return static_cast<std::int32_t>(*value);
        return keyError(ErrorCode::Corrupt, key,
                        "is " + (value ? std::to_string(*value) : std::string("too large a number"))
                            + "; it must lie between " + std::to_string(low) + " and " + std::to_string(high));
    }
};

GgufFile::GgufFile(std::unique_ptr<Contents> contents) : m_contents(std::move(contents)) {}

GgufFile::~GgufFile() = default;

Result<std::unique_ptr<GgufFile>> GgufFile::open(const std::filesystem::path& path) {
    auto contents = std::make_unique<Contents>();
    HEARTH_TRY(contents->files, gguf::openWithParts(path));
    for (const gguf::Entry& entry : contents->files.entries) {
        contents->keys.emplace_back(entry.key);
        LazyValue& value = contents->values.emplace_back(entry);
        contents->valueByKey.emplace(entry.key, &value);
    }
    for (const GgufTensor& tensor : contents->files.tensors)
        contents->tensorByName.emplace(tensor.name, &tensor);
    return std::unique_ptr<GgufFile>(new GgufFile(std::move(contents)));
}

const std::filesystem::path& GgufFile::path() const {
    return m_contents->files.path;
}

std::uint32_t GgufFile::version() const {
    return m_contents->files.version;
}

std::uint64_t GgufFile::sizeBytes() const {
    std::uint64_t sizeBytes = 0;
    for (const auto& part : m_contents->files.parts)
        sizeBytes += part->bytes().size();
    return sizeBytes;
}

std::span<const std::string> GgufFile::keys() const {
    return m_contents->keys;
}

const GgufValue* GgufFile::find(std::string_view key) const {
    const auto found = m_contents->valueByKey.find(key);
    if (found == m_contents->valueByKey.end())
        return nullptr;
    LazyValue& value = *found->second;
    std::call_once(value.made, [&value] { value.value = gguf::readValue(value.entry); });
    return &value.value;
}

Result<std::vector<std::string_view>> GgufFile::strings(std::string_view key) const {
    const auto found = m_contents->valueByKey.find(key);
    if (found == m_contents->valueByKey.end())
        return m_contents->missing(key);
    const gguf::Entry& entry = found->second->entry;
    if (!entry.isArray || entry.type != gguf::ValueType::String)
        return m_contents->wrongKind(key, "a list of strings");
    return gguf::readStrings(entry);
}

Result<std::string> GgufFile::string(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr)
        return m_contents->missing(key);
    if (const auto* text = std::get_if<std::string>(value))
        return *text;
    return m_contents->wrongKind(key, "a string");
}

Result<std::int32_t> GgufFile::int32(std::string_view key, std::int32_t low, std::int32_t high) const {
    const GgufValue* value = find(key);
    if (value == nullptr)
        return m_contents->missing(key);
    if (!std::holds_alternative<std::int64_t>(*value) && !std::holds_alternative<std::uint64_t>(*value))
        return m_contents->wrongKind(key, "a whole number");
    return m_contents->inRange(key, asInteger(*value), low, high);
}

Result<float> GgufFile::float32(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr)
        return m_contents->missing(key);
    const auto* number = std::get_if<double>(value);
    if (number == nullptr)
        return m_contents->wrongKind(key, "a float32");
    if (!std::isfinite(static_cast<float>(*number)))
        return m_contents->keyError(ErrorCode::Corrupt, key, "is not a finite number");
    return static_cast<float>(*number);
}

Result<std::string> GgufFile::stringOr(std::string_view key, std::string_view fallback) const {
    if (find(key) == nullptr)
        return std::string(fallback);
    return string(key);
}

Result<std::int32_t> GgufFile::int32Or(std::string_view key, std::int32_t fallback, std::int32_t low,
                                       std::int32_t high) const {
    if (find(key) == nullptr)
        return fallback;
    return int32(key, low, high);
}

Result<float> GgufFile::float32Or(std::string_view key, float fallback) const {
    if (find(key) == nullptr)
        return fallback;
    return float32(key);
}

Result<bool> GgufFile::boolOr(std::string_view key, bool fallback) const {
    const GgufValue* value = find(key);
    if (value == nullptr)
        return fallback;
    if (const auto* flag = std::get_if<bool>(value))
        return *flag;
    return m_contents->wrongKind(key, "a bool");
}

Result<std::vector<std::int32_t>> GgufFile::int32PerLayer(std::string_view key, std::int32_t count, std::int32_t low,
                                                          std::int32_t high) const {
    const GgufValue* value = find(key);
    if (value == nullptr)
        return m_contents->missing(key);
    const bool isNumber = std::holds_alternative<std::int64_t>(*value) || std::holds_alternative<std::uint64_t>(*value);
    if (isNumber) {
        HEARTH_TRY(const std::int32_t number, int32(key, low, high));
        return std::vector<std::int32_t>(static_cast<std::size_t>(count), number);
    }
    std::vector<std::int32_t> result;
    const auto take = [&](const auto& list) -> Status {
        if (list.size() != static_cast<std::size_t>(count))
            return m_contents->keyError(ErrorCode::Corrupt, key,
                                        "lists " + std::to_string(list.size()) + " values for " + std::to_string(count)
                                            + " layers");
        for (const auto element : list) {
            HEARTH_TRY(const std::int32_t number, m_contents->inRange(key, asInteger(GgufValue(element)), low, high));
            result.push_back(number);
        }
        return {};
    };
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(value)) {
        HEARTH_CHECK(take(*list));
    } else if (const auto* unsignedList = std::get_if<std::vector<std::uint64_t>>(value)) {
        HEARTH_CHECK(take(*unsignedList));
    } else {
        return m_contents->wrongKind(key, "a whole number or a list of them");
    }
    return result;
}

std::span<const GgufTensor> GgufFile::tensors() const {
    return m_contents->files.tensors;
}

const GgufTensor* GgufFile::tensor(std::string_view name) const {
    const auto found = m_contents->tensorByName.find(name);
    return found == m_contents->tensorByName.end() ? nullptr : found->second;
}

} // namespace hearth
