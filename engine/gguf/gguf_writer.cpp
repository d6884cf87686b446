#include "engine/gguf/gguf_writer.h"

#include "engine/gguf/gguf_format.h"
#include "engine/gguf/unfinished_file.h"

#include <algorithm>
#include <bit>
#include <type_traits>
#include <utility>

namespace hearth {

namespace {

using gguf::ValueType;

/// What a tensor's source fills at once.
constexpr std::uint64_t kPieceBytes = std::uint64_t{1} << 20;

template <typename Number>
void appendNumber(std::string& bytes, Number number) {
    bytes.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

void appendString(std::string& bytes, std::string_view text) {
    appendNumber<std::uint64_t>(bytes, text.size());
    bytes += text;
}

void appendValue(std::string& bytes, const std::string& value) {
    appendString(bytes, value);
}

void appendValue(std::string& bytes, bool value) {
    appendNumber<std::uint8_t>(bytes, value ? 1 : 0);
}

template <typename Number>
requires(std::is_arithmetic_v<Number> && !std::is_same_v<Number, bool>) void appendValue(std::string& bytes,
                                                                                         Number value) {
    appendNumber(bytes, value);
}

template <typename Element>
constexpr ValueType typeOf() {
    if constexpr (std::is_same_v<Element, std::string>)
        return ValueType::String;
    else if constexpr (std::is_same_v<Element, bool>)
        return ValueType::Bool;
    else if constexpr (std::is_same_v<Element, float>)
        return ValueType::Float32;
    else if constexpr (std::is_same_v<Element, double>)
        return ValueType::Float64;
    else if constexpr (sizeof(Element) == 1)
        return std::is_signed_v<Element> ? ValueType::Int8 : ValueType::Uint8;
    else if constexpr (sizeof(Element) == 2)
        return std::is_signed_v<Element> ? ValueType::Int16 : ValueType::Uint16;
    else if constexpr (sizeof(Element) == 4)
        return std::is_signed_v<Element> ? ValueType::Int32 : ValueType::Uint32;
    else
        return std::is_signed_v<Element> ? ValueType::Int64 : ValueType::Uint64;
}

template <typename Value>
void appendField(std::string& bytes, const Value& value) {
    appendNumber(bytes, static_cast<std::uint32_t>(typeOf<Value>()));
    appendValue(bytes, value);
}

template <typename Element>
void appendField(std::string& bytes, const std::vector<Element>& values) {
    appendNumber(bytes, static_cast<std::uint32_t>(ValueType::Array));
    appendNumber(bytes, static_cast<std::uint32_t>(typeOf<Element>()));
    appendNumber<std::uint64_t>(bytes, values.size());
    for (const Element& value : values)
        appendValue(bytes, value);
}

std::uint64_t padded(std::uint64_t sizeBytes, std::uint32_t alignment) {
    return (sizeBytes + alignment - 1) / alignment * alignment;
}

} // namespace

Status GgufWriter::set(std::string key, GgufField value) {
    if (key.empty() || key.size() > gguf::kMaximumNameBytes)
        return Error{ErrorCode::InvalidInput, "a metadata key of " + std::to_string(key.size()) + " bytes"};
    if (key == gguf::kAlignmentKey) {
        const auto* alignment = std::get_if<std::uint32_t>(&value);
        if (alignment == nullptr || *alignment < gguf::kSmallestAlignment || !std::has_single_bit(*alignment))
            return Error{ErrorCode::InvalidInput, "'general.alignment' must be a uint32, a power of two, at least 8"};
        m_alignment = *alignment;
    }
    if (!m_keys.insert(key).second)
        return Error{ErrorCode::InvalidInput, "metadata key '" + key + "' is there already"};
    appendString(m_entries, key);
    std::visit([this](const auto& held) { appendField(m_entries, held); }, value);
    ++m_entryCount;
    return {};
}

Result<std::uint64_t> GgufWriter::checkTensor(const std::string& name, DType dtype,
                                              std::span<const std::int64_t> extents) const {
    const Error wrong{ErrorCode::InvalidInput, "tensor '" + name + "' "};
    if (name.empty() || name.size() > gguf::kMaximumNameBytes)
        return Error{wrong.code, "a tensor name of " + std::to_string(name.size()) + " bytes"};
    if (extents.empty() || extents.size() > gguf::kMaximumDimensions)
        return Error{wrong.code, wrong.message + "has " + std::to_string(extents.size()) + " dimensions"};
    const DTypeInfo& type = dtypeInfo(dtype);
    std::int64_t sizeBytes = type.blockBytes;
    for (std::size_t dimension = 0; dimension < extents.size(); ++dimension) {
        const std::int64_t divisor = dimension == 0 ? type.blockValues : 1;
        if (extents[dimension] < 1 || extents[dimension] % divisor != 0
            || __builtin_mul_overflow(sizeBytes, extents[dimension] / divisor, &sizeBytes))
            return Error{wrong.code, wrong.message + "has the extent " + std::to_string(extents[dimension])
                                         + " in dimension " + std::to_string(dimension) + ", which does not suit "
                                         + std::string(type.name)};
    }
    if (m_names.contains(name))
        return Error{wrong.code, wrong.message + "is there already"};
    return static_cast<std::uint64_t>(sizeBytes);
}

Status GgufWriter::addTensor(std::string name, DType dtype, std::span<const std::int64_t> extents,
                             std::span<const std::byte> data) {
    HEARTH_TRY(const std::uint64_t sizeBytes, checkTensor(name, dtype, extents));
    if (sizeBytes != data.size())
        return Error{ErrorCode::InvalidInput, "tensor '" + name + "' takes " + std::to_string(sizeBytes)
                                                  + " bytes, given are " + std::to_string(data.size())};
    m_names.insert(name);
    m_tensors.push_back(Tensor{std::move(name), dtype, {extents.begin(), extents.end()}, sizeBytes, data, {}});
    return {};
}

Status GgufWriter::addTensor(std::string name, DType dtype, std::span<const std::int64_t> extents,
                             TensorSource source) {
    HEARTH_TRY(const std::uint64_t sizeBytes, checkTensor(name, dtype, extents));
    m_names.insert(name);
    m_tensors.push_back(
        Tensor{std::move(name), dtype, {extents.begin(), extents.end()}, sizeBytes, {}, std::move(source)});
    return {};
}

std::string GgufWriter::head() const {
    std::string bytes;
    appendNumber(bytes, gguf::kMagic);
    appendNumber(bytes, gguf::kNewestVersion);
    appendNumber<std::uint64_t>(bytes, m_tensors.size());
    appendNumber(bytes, m_entryCount);
    bytes += m_entries;
    std::uint64_t offset = 0;
    for (const Tensor& tensor : m_tensors) {
        appendString(bytes, tensor.name);
        appendNumber(bytes, static_cast<std::uint32_t>(tensor.extents.size()));
        for (const std::int64_t extent : tensor.extents)
            appendNumber(bytes, extent);
        appendNumber(bytes, dtypeInfo(tensor.dtype).ggmlId);
        appendNumber(bytes, offset);
        offset = padded(offset + tensor.sizeBytes, m_alignment);
    }
    bytes.resize(padded(bytes.size(), m_alignment), '\0');
    return bytes;
}

Status GgufWriter::write(const std::filesystem::path& path) const {
    HEARTH_TRY(UnfinishedFile file, UnfinishedFile::create(path, UnfinishedFile::Access::Everybody));
    const std::string bytes = head();
    HEARTH_CHECK(file.append(std::as_bytes(std::span(bytes))));
    const std::vector<std::byte> padding(m_alignment);
    std::vector<std::byte> room;
    for (const Tensor& tensor : m_tensors) {
        if (tensor.source == nullptr) {
            HEARTH_CHECK(file.append(tensor.data));
        } else {
            const auto blockBytes = static_cast<std::uint64_t>(dtypeInfo(tensor.dtype).blockBytes);
            const std::uint64_t pieceBytes = kPieceBytes / blockBytes * blockBytes;
            for (std::uint64_t offset = 0; offset < tensor.sizeBytes; offset += pieceBytes) {
                room.resize(std::min(pieceBytes, tensor.sizeBytes - offset));
                HEARTH_CHECK(tensor.source(offset, room));
                HEARTH_CHECK(file.append(room));
            }
        }
        HEARTH_CHECK(file.append(std::span(padding).first(padded(tensor.sizeBytes, m_alignment) - tensor.sizeBytes)));
    }
    return file.finish(UnfinishedFile::Durable::Yes);
}

} // namespace hearth
