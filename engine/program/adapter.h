#pragma once

#include "engine/gguf/gguf_file.h"
#include "kernels/api/program.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

/// The two matrices that change one tensor of a model: it counts as itself + factor * scale * up . down.
struct AdapterPair {
    WeightView down; ///< rank rows x the tensor's columns
    WeightView up;   ///< the tensor's rows x rank columns
    float factor = 1.0F;
};

/// A LoRA adapter (arXiv 2106.09685): a GGUF file with NAME.lora_a and NAME.lora_b for each tensor NAME that it
/// changes, mapped like the model and checked against it. Both files outlive every program that is built with it.
/// Immutable. Thread: any.
class Adapter {
public:
    /// Errors: those of GgufFile::open; Unsupported (no LoRA adapter, one for another architecture), Corrupt (half a
    /// pair, a tensor that the model does not have, shapes that do not fit); each names the file, what was expected and
    /// what was found.
    [[nodiscard]] static Result<std::unique_ptr<Adapter>> open(const std::filesystem::path& path,
                                                               const GgufFile& model);

    /// Null if the adapter leaves that tensor alone.
    [[nodiscard]] const AdapterPair* find(std::string_view tensor) const;
    [[nodiscard]] const std::filesystem::path& path() const { return m_file->path(); }
    [[nodiscard]] std::size_t pairCount() const { return m_pairs.size(); }

private:
    explicit Adapter(std::unique_ptr<GgufFile> file) : m_file(std::move(file)) {}
    [[nodiscard]] Status readPair(const std::string& name, const GgufFile& model, float alpha);
    [[nodiscard]] Status addTablePair(const std::string& name, const GgufTensor& table, float alpha);
    void addPair(const std::string& name, WeightView down, WeightView up, float alpha);

    std::unique_ptr<GgufFile> m_file;
    std::map<std::string, AdapterPair, std::less<>> m_pairs;
    std::vector<float> m_transposed; ///< the token table's down matrix, which files hold the other way round
};

} // namespace hearth
