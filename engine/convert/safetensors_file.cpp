#include "engine/convert/safetensors_file.h"

#include "engine/convert/json_document.h"
#include "engine/gguf/mapped_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

namespace hearth {

namespace {

constexpr std::uint64_t kMostHeaderBytes = 100'000'000;
constexpr std::size_t kMostDimensions = 16;
constexpr const char* kMetadataKey = "__metadata__";

struct StoredType {
    std::string_view name;
    std::int64_t bytes;
    std::optional<DType> dtype;
};
constexpr std::array kTypes{
    StoredType{"F32", 4, DType::F32},    StoredType{"F16", 2, DType::F16},       StoredType{"BF16", 2, DType::BF16},
    StoredType{"F64", 8, std::nullopt},  StoredType{"I64", 8, std::nullopt},     StoredType{"U64", 8, std::nullopt},
    StoredType{"I32", 4, std::nullopt},  StoredType{"U32", 4, std::nullopt},     StoredType{"I16", 2, std::nullopt},
    StoredType{"U16", 2, std::nullopt},  StoredType{"I8", 1, std::nullopt},      StoredType{"U8", 1, std::nullopt},
    StoredType{"BOOL", 1, std::nullopt}, StoredType{"F8_E4M3", 1, std::nullopt}, StoredType{"F8_E5M2", 1, std::nullopt},
};

/// A tensor with its place behind the header.
struct Placed {
    SafetensorsTensor tensor;
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

/// Reads one entry of the header.
class EntryReader {
public:
    EntryReader(const std::string& file, const std::string& name, const nlohmann::json& entry)
        : m_where(file + ": tensor '" + name + "'"), m_entry(entry) {
        m_placed.tensor.name = name;
    }

    Result<Placed> read() {
        if (!m_entry.is_object())
            return corrupt("is no JSON object");
        HEARTH_TRY(const StoredType type, readType());
        HEARTH_TRY(const std::int64_t sizeBytes, readShape(type.bytes));
        HEARTH_CHECK(readOffsets());
        if (m_placed.end < m_placed.begin || m_placed.end - m_placed.begin != static_cast<std::uint64_t>(sizeBytes))
            return corrupt("takes " + std::to_string(sizeBytes) + " bytes, but lies from "
                           + std::to_string(m_placed.begin) + " to " + std::to_string(m_placed.end));
        return std::move(m_placed);
    }

private:
    Error corrupt(const std::string& what) const { return {ErrorCode::Corrupt, m_where + " " + what}; }

    const nlohmann::json* find(const char* key) const {
        const auto entry = m_entry.find(key);
        return entry == m_entry.end() ? nullptr : &*entry;
    }

    static std::optional<std::uint64_t> count(const nlohmann::json& value) {
        if (!value.is_number_unsigned())
            return std::nullopt;
        return value.get<std::uint64_t>();
    }

    Result<StoredType> readType() {
        const nlohmann::json* dtype = find("dtype");
        if (dtype == nullptr || !dtype->is_string())
            return corrupt("has no type");
        m_placed.tensor.dtypeName = dtype->get<std::string>();
        for (const StoredType& type : kTypes) {
            if (type.name != m_placed.tensor.dtypeName)
                continue;
            m_placed.tensor.dtype = type.dtype;
            return type;
        }
        return Error{ErrorCode::Unsupported, m_where + " has the unknown type '" + m_placed.tensor.dtypeName + "'"};
    }

    /// Bytes of the whole tensor.
    Result<std::int64_t> readShape(std::int64_t sizeBytes) {
        const nlohmann::json* shape = find("shape");
        if (shape == nullptr || !shape->is_array() || shape->size() > kMostDimensions)
            return corrupt("has no shape of at most " + std::to_string(kMostDimensions) + " extents");
        for (const nlohmann::json& extent : *shape) {
            const auto number = count(extent);
            if (!number || *number > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
                return corrupt("has an extent that is no count");
            m_placed.tensor.shape.push_back(static_cast<std::int64_t>(*number));
            if (__builtin_mul_overflow(sizeBytes, m_placed.tensor.shape.back(), &sizeBytes))
                return corrupt("is larger than any memory");
        }
        return sizeBytes;
    }

    Status readOffsets() {
        const nlohmann::json* offsets = find("data_offsets");
        const bool isPair = offsets != nullptr && offsets->is_array() && offsets->size() == 2;
        const auto begin = isPair ? count((*offsets)[0]) : std::nullopt;
        const auto end = isPair ? count((*offsets)[1]) : std::nullopt;
        if (!begin || !end)
            return corrupt("has no place in the file");
        m_placed.begin = *begin;
        m_placed.end = *end;
        return {};
    }

    std::string m_where;
    const nlohmann::json& m_entry;
    Placed m_placed;
};

Result<std::vector<Placed>> readEntries(const JsonDocument& header) {
    std::vector<Placed> entries;
    for (const auto& [name, entry] : header.root().items()) {
        if (name == kMetadataKey)
            continue;
        HEARTH_TRY(Placed placed, EntryReader(header.name(), name, entry).read());
        entries.push_back(std::move(placed));
    }
    return entries;
}

/// One behind the other from the first byte to the last, as the format wants it.
Status checkPlaces(const std::string& file, std::vector<Placed>& entries, std::uint64_t sizeBytes) {
    std::sort(entries.begin(), entries.end(),
              [](const Placed& a, const Placed& b) { return std::pair(a.begin, a.end) < std::pair(b.begin, b.end); });
    std::uint64_t reached = 0;
    for (const Placed& entry : entries) {
        if (entry.begin != reached || entry.end > sizeBytes)
            return Error{ErrorCode::Corrupt, file + ": tensor '" + entry.tensor.name + "' lies from "
                                                 + std::to_string(entry.begin) + " to " + std::to_string(entry.end)
                                                 + ", where " + std::to_string(reached) + " of "
                                                 + std::to_string(sizeBytes) + " bytes are taken"};
        reached = entry.end;
    }
    if (reached != sizeBytes)
        return Error{ErrorCode::Corrupt, file + ": its tensors end at " + std::to_string(reached) + " of "
                                             + std::to_string(sizeBytes) + " bytes"};
    return {};
}

} // namespace

SafetensorsFile::SafetensorsFile(std::unique_ptr<MappedFile> file) : m_file(std::move(file)) {}
SafetensorsFile::~SafetensorsFile() = default;

const std::filesystem::path& SafetensorsFile::path() const {
    return m_file->path();
}

Result<std::unique_ptr<SafetensorsFile>> SafetensorsFile::open(const std::filesystem::path& path) {
    static_assert(std::endian::native == std::endian::little);
    HEARTH_TRY(auto mapped, MappedFile::open(path));
    const std::string name = "'" + path.string() + "'";
    const std::span<const std::byte> bytes = mapped->bytes();
    std::uint64_t headerBytes = 0;
    if (bytes.size() < sizeof(headerBytes))
        return Error{ErrorCode::Corrupt, name + " has " + std::to_string(bytes.size()) + " bytes"};
    std::memcpy(&headerBytes, bytes.data(), sizeof(headerBytes));
    const std::span<const std::byte> rest = bytes.subspan(sizeof(headerBytes));
    if (headerBytes > kMostHeaderBytes || headerBytes > rest.size())
        return Error{ErrorCode::Corrupt, name + ": a header of " + std::to_string(headerBytes) + " bytes in a file of "
                                             + std::to_string(bytes.size())};
    const auto headerSize = static_cast<std::size_t>(headerBytes);
    HEARTH_TRY(const JsonDocument header,
               JsonDocument::parse({reinterpret_cast<const char*>(rest.data()), headerSize}, name + " (its header)"));
    HEARTH_TRY(std::vector<Placed> entries, readEntries(header));
    const std::span<const std::byte> data = rest.subspan(headerSize);
    HEARTH_CHECK(checkPlaces(name, entries, data.size()));

    std::unique_ptr<SafetensorsFile> file(new SafetensorsFile(std::move(mapped)));
    for (Placed& entry : entries) {
        entry.tensor.bytes =
            data.subspan(static_cast<std::size_t>(entry.begin), static_cast<std::size_t>(entry.end - entry.begin));
        file->m_tensors.push_back(std::move(entry.tensor));
    }
    std::sort(file->m_tensors.begin(), file->m_tensors.end(),
              [](const SafetensorsTensor& a, const SafetensorsTensor& b) { return a.name < b.name; });
    return file;
}

const SafetensorsTensor* SafetensorsFile::find(std::string_view name) const {
    const auto place =
        std::lower_bound(m_tensors.begin(), m_tensors.end(), name,
                         [](const SafetensorsTensor& tensor, std::string_view wanted) { return tensor.name < wanted; });
    return place == m_tensors.end() || place->name != name ? nullptr : &*place;
}

} // namespace hearth
