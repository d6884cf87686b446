#include "engine/gguf/gguf_parser.h"

#include "engine/gguf/byte_reader.h"
#include "engine/gguf/gguf_tensors.h"

#include <bit>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace hearth::gguf {

static_assert(std::endian::native == std::endian::little, "values are copied from the file without swapping bytes");

namespace {

/// The smallest key-value pair: the length of a key of one byte, the byte, the type, one byte of value.
constexpr std::uint64_t kSmallestEntryBytes = 8 + 1 + 4 + 1;
/// The smallest tensor record: length and byte of the name, dimension count, one extent, type, offset.
constexpr std::uint64_t kSmallestTensorBytes = 8 + 1 + 4 + 8 + 4 + 8;

Error corrupt(std::string message) {
    return Error{ErrorCode::Corrupt, std::move(message)};
}

struct Header {
    std::uint32_t version = 0;
    std::uint64_t tensorCount = 0;
    std::uint64_t entryCount = 0;
};

Result<Header> readHeader(ByteReader& reader) {
    if (reader.remaining() == 0)
        return corrupt("the file is empty");
    HEARTH_TRY(const auto magic, reader.number<std::uint32_t>("the magic number"));
    if (magic != kMagic)
        return corrupt("not a GGUF file: it does not begin with 'GGUF'");
    Header header;
    HEARTH_TRY(header.version, reader.number<std::uint32_t>("the version"));
    // A big-endian file carries its small version number in the high bytes.
    if (header.version != 0 && (header.version & 0xffff) == 0)
        return Error{ErrorCode::Unsupported, "the file is big-endian; only little-endian GGUF files are read"};
    if (header.version == 0)
        return corrupt("GGUF version 0 does not exist");
    if (header.version < kOldestVersion || header.version > kNewestVersion)
        return Error{ErrorCode::Unsupported,
                     "GGUF version " + std::to_string(header.version) + "; versions 2 and 3 are read"};
    HEARTH_TRY(header.tensorCount, reader.number<std::uint64_t>("the number of tensors"));
    HEARTH_TRY(header.entryCount, reader.number<std::uint64_t>("the number of metadata keys"));
    if (header.entryCount > reader.remaining() / kSmallestEntryBytes)
        return corrupt("the head claims " + std::to_string(header.entryCount) + " metadata keys, but only "
                       + std::to_string(reader.remaining()) + " bytes follow");
    if (header.tensorCount > reader.remaining() / kSmallestTensorBytes)
        return corrupt("the head claims " + std::to_string(header.tensorCount) + " tensors, but only "
                       + std::to_string(reader.remaining()) + " bytes follow");
    return header;
}

Result<ValueType> readType(ByteReader& reader, const std::string& what) {
    HEARTH_TRY(const auto number, reader.number<std::uint32_t>("the type of " + what));
    if (number >= kValueTypes.size())
        return corrupt(what + " has the unknown value type " + std::to_string(number));
    return static_cast<ValueType>(number);
}

/// Goes past `count` values of `type` and leaves their bytes in the entry.
Status readElements(ByteReader& reader, Entry& entry, const std::string& what) {
    const std::size_t start = reader.position();
    const std::size_t sizeBytes = kValueTypes[static_cast<std::size_t>(entry.type)].sizeBytes;
    if (entry.type == ValueType::String) {
        if (entry.count > reader.remaining() / sizeof(std::uint64_t))
            return corrupt(what + " claims " + std::to_string(entry.count) + " strings, but only "
                           + std::to_string(reader.remaining()) + " bytes follow");
        for (std::uint64_t index = 0; index < entry.count; ++index)
            if (!reader.skipString())
                return corrupt("string " + std::to_string(index) + " of " + what + " (byte "
                               + std::to_string(reader.position()) + ") reaches past the end of the file at "
                               + std::to_string(reader.size()) + " bytes");
    } else {
        if (entry.count > reader.remaining() / sizeBytes)
            return corrupt(what + " claims " + std::to_string(entry.count) + " values of " + std::to_string(sizeBytes)
                           + " bytes, but only " + std::to_string(reader.remaining()) + " bytes follow");
        reader.skip(static_cast<std::size_t>(entry.count) * sizeBytes);
    }
    entry.bytes = reader.bytesSince(start);
    if (entry.type == ValueType::Bool)
        for (const std::byte value : entry.bytes)
            if (value > std::byte{1})
                return corrupt(what + " holds the boolean " + std::to_string(std::to_integer<int>(value)));
    return {};
}

Result<Entry> readEntry(ByteReader& reader, std::uint64_t index) {
    Entry entry;
    HEARTH_TRY(entry.key, reader.string("metadata key " + std::to_string(index)));
    if (entry.key.empty() || entry.key.size() > kMaximumNameBytes)
        return corrupt("metadata key " + std::to_string(index) + " has a name of " + std::to_string(entry.key.size())
                       + " bytes");
    const std::string what = "metadata key '" + printable(entry.key) + "'";
    HEARTH_TRY(entry.type, readType(reader, what));
    if (entry.type == ValueType::Array) {
        entry.isArray = true;
        HEARTH_TRY(entry.type, readType(reader, what));
        HEARTH_TRY(entry.count, reader.number<std::uint64_t>("the length of " + what));
        if (entry.type == ValueType::Array)
            return Error{ErrorCode::Unsupported, what + " is an array of arrays, which is not read"};
    }
    HEARTH_CHECK(readElements(reader, entry, what));
    return entry;
}

Result<std::vector<Entry>> readEntries(ByteReader& reader, std::uint64_t count) {
    std::vector<Entry> entries;
    std::unordered_map<std::string_view, std::uint64_t> seen;
    for (std::uint64_t index = 0; index < count; ++index) {
        HEARTH_TRY(Entry entry, readEntry(reader, index));
        const auto [previous, isNew] = seen.emplace(entry.key, index);
        if (!isNew)
            return corrupt("metadata key '" + printable(entry.key) + "' stands twice, as number "
                           + std::to_string(previous->second) + " and " + std::to_string(index));
        entries.push_back(entry);
    }
    return entries;
}

Result<std::uint32_t> alignmentOf(const std::vector<Entry>& entries) {
    for (const Entry& entry : entries) {
        if (entry.key != kAlignmentKey)
            continue;
        if (entry.isArray || entry.type != ValueType::Uint32)
            return corrupt("'general.alignment' is not a uint32");
        std::uint32_t alignment = 0;
        std::memcpy(&alignment, entry.bytes.data(), sizeof(alignment));
        if (alignment < kSmallestAlignment || !std::has_single_bit(alignment))
            return corrupt("'general.alignment' is " + std::to_string(alignment)
                           + "; it must be a power of two and at least 8");
        return alignment;
    }
    return kDefaultAlignment;
}

template <typename Stored>
Stored load(std::span<const std::byte> bytes, std::size_t index) {
    Stored value;
    std::memcpy(&value, bytes.data() + index * sizeof(Stored), sizeof(Stored));
    return value;
}

/// One number or a list of them, widened from what the file stores to what GgufValue holds.
template <typename Stored, typename Widened>
GgufValue widen(const Entry& entry) {
    if (!entry.isArray)
        return static_cast<Widened>(load<Stored>(entry.bytes, 0));
    std::vector<Widened> values(static_cast<std::size_t>(entry.count));
    for (std::size_t index = 0; index < values.size(); ++index)
        values[index] = static_cast<Widened>(load<Stored>(entry.bytes, index));
    return values;
}

GgufValue copyStrings(const Entry& entry) {
    const std::vector<std::string_view> views = readStrings(entry);
    if (!entry.isArray)
        return std::string(views.front());
    return std::vector<std::string>(views.begin(), views.end());
}

} // namespace

Result<Parsed> parse(std::span<const std::byte> file) {
    ByteReader reader(file);
    HEARTH_TRY(const Header header, readHeader(reader));
    Parsed parsed;
    parsed.version = header.version;
    HEARTH_TRY(parsed.entries, readEntries(reader, header.entryCount));
    HEARTH_TRY(const std::uint32_t alignment, alignmentOf(parsed.entries));
    HEARTH_TRY(parsed.tensors, readTensors(reader, header.tensorCount, alignment));
    return parsed;
}

GgufValue readValue(const Entry& entry) {
    switch (entry.type) {
    case ValueType::Uint8:
        return widen<std::uint8_t, std::uint64_t>(entry);
    case ValueType::Uint16:
        return widen<std::uint16_t, std::uint64_t>(entry);
    case ValueType::Uint32:
        return widen<std::uint32_t, std::uint64_t>(entry);
    case ValueType::Uint64:
        return widen<std::uint64_t, std::uint64_t>(entry);
    case ValueType::Int8:
        return widen<std::int8_t, std::int64_t>(entry);
    case ValueType::Int16:
        return widen<std::int16_t, std::int64_t>(entry);
    case ValueType::Int32:
        return widen<std::int32_t, std::int64_t>(entry);
    case ValueType::Int64:
        return widen<std::int64_t, std::int64_t>(entry);
    case ValueType::Float32:
        return widen<float, double>(entry);
    case ValueType::Float64:
        return widen<double, double>(entry);
    case ValueType::Bool:
        return widen<std::uint8_t, bool>(entry);
    case ValueType::String:
        return copyStrings(entry);
    case ValueType::Array:
        break;
    }
    HEARTH_ASSERT(!"parse() lets no array of arrays through");
    return {};
}

std::vector<std::string_view> readStrings(const Entry& entry) {
    HEARTH_ASSERT(entry.type == ValueType::String);
    std::vector<std::string_view> strings;
    strings.reserve(static_cast<std::size_t>(entry.count));
    const char* cursor = reinterpret_cast<const char*>(entry.bytes.data());
    for (std::uint64_t index = 0; index < entry.count; ++index) {
        std::uint64_t length = 0;
        std::memcpy(&length, cursor, sizeof(length));
        cursor += sizeof(length);
        strings.emplace_back(cursor, static_cast<std::size_t>(length));
        cursor += length;
    }
    return strings;
}

std::string printable(std::string_view name) {
    constexpr std::size_t kShown = 100;
    std::string result(name.substr(0, kShown));
    for (char& character : result)
        if (static_cast<unsigned char>(character) < 0x20 || static_cast<unsigned char>(character) >= 0x7f)
            character = '?';
    if (name.size() > kShown)
        result += "…";
    return result;
}

} // namespace hearth::gguf
