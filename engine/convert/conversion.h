#pragma once

#include "engine/convert/convert.h"
#include "engine/convert/model_folder.h"
#include "engine/gguf/gguf_writer.h"

#include <initializer_list>
#include <string>
#include <vector>

namespace hearth {

/// A GGUF file in the making: its writer, with the memory of tensors that are not written as they are stored.
class Conversion {
public:
    explicit Conversion(const ModelFolder& folder) : m_folder(folder) {}

    [[nodiscard]] const ModelFolder& folder() const { return m_folder; }
    [[nodiscard]] Status set(std::string key, GgufField value) {
        return m_writer.set(std::move(key), std::move(value));
    }

    /// Whether a matrix keeps its stored type or is written as float32.
    enum class Storage : std::uint8_t { AsStored, Float32 };
    /// Adds one of the folder's tensors under another name. shape: outermost first.
    /// Errors: Corrupt (another shape; both are named), Unsupported (a type that weights do not have).
    [[nodiscard]] Status add(const SafetensorsTensor& tensor, std::string name,
                             std::initializer_list<std::int64_t> shape, Storage storage);

    [[nodiscard]] const ConversionReport& report() const { return m_report; }
    [[nodiscard]] Status write(const std::filesystem::path& path) const { return m_writer.write(path); }

private:
    const ModelFolder& m_folder;
    GgufWriter m_writer;
    ConversionReport m_report;
    std::vector<std::vector<float>> m_expanded;
};

/// BERT encoders (model_type bert). Errors: see convertToGguf().
[[nodiscard]] Status convertBert(Conversion& conversion);

} // namespace hearth
