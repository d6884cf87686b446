#include "engine/gguf/gguf_split.h"

#include <cstdio>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

namespace hearth::gguf {

namespace {

struct Part {
    std::unique_ptr<MappedFile> file;
    Parsed parsed;
};

/// Which part of how many a file says it is.
struct Place {
    std::int64_t index = 0;
    std::int64_t count = 1;
};

std::string quoted(const std::filesystem::path& path) {
    return "'" + path.string() + "'";
}

Result<Part> openPart(const std::filesystem::path& path) {
    Part part;
    HEARTH_TRY(part.file, MappedFile::open(path));
    auto parsed = parse(part.file->bytes());
    if (!parsed.ok())
        return parsed.error().within(quoted(path));
    part.parsed = std::move(parsed).value();
    return part;
}

Result<std::int64_t> wholeNumber(const Part& part, std::string_view key, std::int64_t fallback, std::int64_t high) {
    for (const Entry& entry : part.parsed.entries) {
        if (entry.key != key)
            continue;
        const GgufValue value = readValue(entry);
        std::int64_t number = -1;
        if (const auto* signedNumber = std::get_if<std::int64_t>(&value))
            number = *signedNumber;
        else if (const auto* unsignedNumber = std::get_if<std::uint64_t>(&value))
            number = static_cast<std::int64_t>(*unsignedNumber);
        if (number < 0 || number > high)
            return Error{ErrorCode::Corrupt, quoted(part.file->path()) + ": metadata key '" + std::string(key)
                                                 + "' is not a number from 0 to " + std::to_string(high)};
        return number;
    }
    return fallback;
}

Result<Place> placeOf(const Part& part) {
    // Names have room for five digits.
    constexpr std::int64_t kMostParts = 99999;
    Place place;
    HEARTH_TRY(place.count, wholeNumber(part, "split.count", 1, kMostParts));
    HEARTH_TRY(place.index, wholeNumber(part, "split.no", 0, kMostParts));
    if (place.count > 1 && place.index >= place.count)
        return Error{ErrorCode::Corrupt, quoted(part.file->path()) + " says that it is part "
                                             + std::to_string(place.index + 1) + " of " + std::to_string(place.count)};
    return place;
}

std::string partEnding(std::int64_t index, std::int64_t count) {
    char text[64];
    std::snprintf(text, sizeof(text), "-%05lld-of-%05lld.gguf", static_cast<long long>(index + 1),
                  static_cast<long long>(count));
    return text;
}

/// The name that all parts share, without "-00002-of-00005.gguf".
Result<std::filesystem::path> sharedName(const std::filesystem::path& path, const Place& place) {
    const std::string whole = path.string();
    const std::string ending = partEnding(place.index, place.count);
    if (whole.size() <= ending.size() || !whole.ends_with(ending))
        return Error{ErrorCode::Unsupported, quoted(path) + " is part " + std::to_string(place.index + 1) + " of "
                                                 + std::to_string(place.count) + ", but its name does not end in '"
                                                 + ending + "', so the other parts cannot be found"};
    return std::filesystem::path(whole.substr(0, whole.size() - ending.size()));
}

Status appendPart(SplitFiles& files, Part part, std::unordered_set<std::string>& names) {
    for (GgufTensor& tensor : part.parsed.tensors) {
        if (!names.insert(tensor.name).second)
            return Error{ErrorCode::Corrupt, quoted(part.file->path()) + ": tensor '" + printable(tensor.name)
                                                 + "' stands in an earlier part already"};
        files.tensors.push_back(std::move(tensor));
    }
    files.parts.push_back(std::move(part.file));
    return {};
}

Result<SplitFiles> openParts(const std::filesystem::path& shared, std::int64_t count) {
    SplitFiles files;
    std::unordered_set<std::string> names;
    std::int64_t tensorsPromised = -1;
    for (std::int64_t index = 0; index < count; ++index) {
        const std::filesystem::path path = shared.string() + partEnding(index, count);
        HEARTH_TRY(Part part, openPart(path));
        HEARTH_TRY(const Place place, placeOf(part));
        if (place.index != index || place.count != count)
            return Error{ErrorCode::Corrupt, quoted(path) + " says that it is part " + std::to_string(place.index + 1)
                                                 + " of " + std::to_string(place.count)};
        if (index == 0) {
            HEARTH_TRY(tensorsPromised, wholeNumber(part, "split.tensors.count", -1, INT64_MAX));
            files.path = path;
            files.version = part.parsed.version;
            files.entries = std::move(part.parsed.entries);
        }
        HEARTH_CHECK(appendPart(files, std::move(part), names));
    }
    if (tensorsPromised >= 0 && static_cast<std::uint64_t>(tensorsPromised) != files.tensors.size())
        return Error{ErrorCode::Corrupt, quoted(files.path) + ": the parts hold " + std::to_string(files.tensors.size())
                                             + " tensors, 'split.tensors.count' says "
                                             + std::to_string(tensorsPromised)};
    return files;
}

} // namespace

Result<SplitFiles> openWithParts(const std::filesystem::path& path) {
    HEARTH_TRY(Part part, openPart(path));
    HEARTH_TRY(const Place place, placeOf(part));
    if (place.count > 1) {
        HEARTH_TRY(const std::filesystem::path shared, sharedName(path, place));
        return openParts(shared, place.count);
    }
    SplitFiles files;
    files.path = path;
    files.version = part.parsed.version;
    files.entries = std::move(part.parsed.entries);
    files.tensors = std::move(part.parsed.tensors);
    files.parts.push_back(std::move(part.file));
    return files;
}

} // namespace hearth::gguf
