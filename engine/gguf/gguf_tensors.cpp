#include "engine/gguf/gguf_tensors.h"

#include "engine/gguf/gguf_format.h"
#include "engine/gguf/gguf_parser.h"

#include <algorithm>
#include <limits>
#include <string>
#include <unordered_map>
#include <utility>

namespace hearth::gguf {

namespace {

Error corrupt(std::string message) {
    return Error{ErrorCode::Corrupt, std::move(message)};
}

std::string shapeText(const GgufTensor& tensor) {
    std::string text;
    for (int dimension = 0; dimension < tensor.dimensions; ++dimension)
        text += (dimension == 0 ? "" : " x ") + std::to_string(tensor.extents[static_cast<std::size_t>(dimension)]);
    return text;
}

Status readExtents(ByteReader& reader, GgufTensor& tensor, const std::string& what) {
    HEARTH_TRY(const auto dimensions, reader.number<std::uint32_t>("the number of dimensions of " + what));
    if (dimensions == 0 || dimensions > kMaximumDimensions)
        return corrupt(what + " has " + std::to_string(dimensions) + " dimensions; 1 to 4 are possible");
    tensor.dimensions = static_cast<int>(dimensions);
    for (std::uint32_t dimension = 0; dimension < dimensions; ++dimension) {
        HEARTH_TRY(const auto extent, reader.number<std::uint64_t>("the shape of " + what));
        if (extent == 0 || extent > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
            return corrupt(what + " has the extent " + std::to_string(extent) + " in dimension "
                           + std::to_string(dimension));
        tensor.extents[dimension] = static_cast<std::int64_t>(extent);
    }
    return {};
}

/// Bytes of the whole tensor: rows times blocks of a row, without overflow.
Result<std::uint64_t> tensorBytes(const GgufTensor& tensor, const std::string& what) {
    const DTypeInfo& type = dtypeInfo(tensor.dtype);
    if (tensor.extents[0] % type.blockValues != 0)
        return corrupt(what + " has rows of " + std::to_string(tensor.extents[0]) + " values, which is no multiple of "
                       + std::to_string(type.blockValues) + ", the block of " + std::string(type.name));
    const std::array<std::int64_t, 4> factors{tensor.extents[0] / type.blockValues, tensor.extents[1],
                                              tensor.extents[2], tensor.extents[3]};
    std::int64_t sizeBytes = type.blockBytes;
    for (const std::int64_t factor : factors)
        if (__builtin_mul_overflow(sizeBytes, factor, &sizeBytes))
            return corrupt(what + " of " + shapeText(tensor) + " values is larger than any file");
    return static_cast<std::uint64_t>(sizeBytes);
}

/// `offset` is still counted from where the tensor data begin.
Result<GgufTensor> readTensor(ByteReader& reader, std::uint64_t index, std::uint32_t alignment) {
    HEARTH_TRY(const auto name, reader.string("the name of tensor " + std::to_string(index)));
    if (name.empty() || name.size() > kMaximumNameBytes)
        return corrupt("tensor " + std::to_string(index) + " has a name of " + std::to_string(name.size()) + " bytes");
    const std::string what = "tensor '" + printable(name) + "'";
    GgufTensor tensor;
    tensor.name = name;
    HEARTH_CHECK(readExtents(reader, tensor, what));
    HEARTH_TRY(const auto typeNumber, reader.number<std::uint32_t>("the type of " + what));
    const std::optional<DType> dtype = dtypeFromGgml(typeNumber);
    if (!dtype)
        return Error{ErrorCode::Unsupported, what + " has the storage type " + std::to_string(typeNumber)
                                                 + ", which this program does not know"};
    tensor.dtype = *dtype;
    HEARTH_TRY(tensor.sizeBytes, tensorBytes(tensor, what));
    HEARTH_TRY(tensor.offset, reader.number<std::uint64_t>("the offset of " + what));
    if (tensor.offset % alignment != 0)
        return corrupt(what + " begins at " + std::to_string(tensor.offset) + ", which is not aligned to "
                       + std::to_string(alignment) + " bytes");
    return tensor;
}

/// Turns offsets into the data section into offsets into the file.
Status placeTensors(std::vector<GgufTensor>& tensors, const ByteReader& reader, std::uint32_t alignment) {
    const std::span<const std::byte> file = reader.file();
    const std::uint64_t dataStart =
        (static_cast<std::uint64_t>(reader.position()) + alignment - 1) / alignment * alignment;
    const std::uint64_t dataBytes = dataStart > file.size() ? 0 : file.size() - dataStart;
    for (GgufTensor& tensor : tensors) {
        if (tensor.offset > dataBytes || tensor.sizeBytes > dataBytes - tensor.offset)
            return corrupt("tensor '" + printable(tensor.name) + "' (" + std::to_string(tensor.sizeBytes)
                           + " bytes from " + std::to_string(tensor.offset) + ") does not fit in the "
                           + std::to_string(dataBytes) + " bytes of tensor data; the file may be incomplete");
        tensor.offset += dataStart;
        tensor.data = file.data() + tensor.offset;
    }
    return {};
}

Status checkOverlaps(const std::vector<GgufTensor>& tensors) {
    std::vector<const GgufTensor*> order;
    order.reserve(tensors.size());
    for (const GgufTensor& tensor : tensors)
        order.push_back(&tensor);
    std::sort(order.begin(), order.end(),
              [](const GgufTensor* left, const GgufTensor* right) { return left->offset < right->offset; });
    for (std::size_t index = 1; index < order.size(); ++index) {
        const GgufTensor& before = *order[index - 1];
        if (before.offset + before.sizeBytes > order[index]->offset)
            return corrupt("tensors '" + printable(before.name) + "' and '" + printable(order[index]->name)
                           + "' overlap: the first ends at byte " + std::to_string(before.offset + before.sizeBytes)
                           + ", the second begins at " + std::to_string(order[index]->offset));
    }
    return {};
}

} // namespace

Result<std::vector<GgufTensor>> readTensors(ByteReader& reader, std::uint64_t count, std::uint32_t alignment) {
    std::vector<GgufTensor> tensors;
    for (std::uint64_t index = 0; index < count; ++index) {
        HEARTH_TRY(GgufTensor tensor, readTensor(reader, index, alignment));
        tensors.push_back(std::move(tensor));
    }
    std::unordered_map<std::string_view, std::size_t> seen;
    for (std::size_t index = 0; index < tensors.size(); ++index) {
        const auto [previous, isNew] = seen.emplace(tensors[index].name, index);
        if (!isNew)
            return corrupt("tensor '" + printable(tensors[index].name) + "' stands twice, as number "
                           + std::to_string(previous->second) + " and " + std::to_string(index));
    }
    HEARTH_CHECK(placeTensors(tensors, reader, alignment));
    HEARTH_CHECK(checkOverlaps(tensors));
    return tensors;
}

} // namespace hearth::gguf
