#include "engine/convert/convert.h"

#include "engine/convert/conversion.h"
#include "kernels/quant/dequantise.h"

#include <algorithm>

namespace hearth {

namespace {

std::string shapeText(std::span<const std::int64_t> shape) {
    std::string text;
    for (const std::int64_t extent : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(extent);
    return text;
}

} // namespace

Status Conversion::add(const SafetensorsTensor& tensor, std::string name, std::initializer_list<std::int64_t> shape,
                       Storage storage) {
    const std::string where = "'" + m_folder.weights->path().string() + "': tensor '" + tensor.name + "'";
    if (!std::ranges::equal(tensor.shape, shape))
        return Error{ErrorCode::Corrupt, where + " measures " + shapeText(tensor.shape) + ", expected "
                                             + shapeText({shape.begin(), shape.size()})};
    if (!tensor.dtype)
        return Error{ErrorCode::Unsupported,
                     where + " is of type " + tensor.dtypeName + "; F32, F16 and BF16 are known"};
    std::vector<std::int64_t> extents(shape);
    std::reverse(extents.begin(), extents.end());
    DType dtype = *tensor.dtype;
    std::span<const std::byte> bytes = tensor.bytes;
    if (storage == Storage::Float32 && dtype != DType::F32) {
        const auto columns = static_cast<std::int32_t>(extents.front());
        const std::size_t sizeBytes = rowBytes(dtype, columns);
        std::vector<float>& expanded = m_expanded.emplace_back(bytes.size() / sizeBytes * extents.front());
        for (std::size_t row = 0; row < bytes.size() / sizeBytes; ++row)
            dequantiseRow(dtype, bytes.data() + row * sizeBytes, columns,
                          expanded.data() + row * static_cast<std::size_t>(columns));
        dtype = DType::F32;
        bytes = std::as_bytes(std::span(expanded));
    }
    ++m_report.tensorCount;
    m_report.tensorBytes += bytes.size();
    return m_writer.addTensor(std::move(name), dtype, extents, bytes);
}

Result<ConversionReport> convertToGguf(const std::filesystem::path& folder, const std::filesystem::path& path) {
    HEARTH_TRY(const ModelFolder model, ModelFolder::open(folder));
    HEARTH_TRY(const std::string type, model.config.stringOr("model_type", ""));
    if (type != "bert")
        return Error{ErrorCode::Unsupported,
                     model.config.name() + ": the model type '" + type + "' is not known; known: bert"};
    Conversion conversion(model);
    // Folders are called "model" and their files name what they were trained from: the new file's name says more.
    HEARTH_CHECK(conversion.set("general.name", path.stem().string()));
    HEARTH_CHECK(convertBert(conversion));
    HEARTH_CHECK(conversion.write(path));
    ConversionReport report = conversion.report();
    report.architecture = type;
    return report;
}

} // namespace hearth
