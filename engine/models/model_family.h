#pragma once

#include "engine/program/model_spec.h"
#include "engine/program/program_builder.h"

#include <span>
#include <string>
#include <string_view>

namespace hearth {

/// One architecture: how its metadata is read and what one layer computes. A family is one file of this folder.
struct ModelFamily {
    std::string_view architecture; ///< general.architecture in GGUF files
    Result<ModelSpec> (*describe)(const GgufFile& file);
    /// Adds the ops of one layer, which read and update the residual stream.
    void (*buildLayer)(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream);
};

/// Every architecture this engine runs.
[[nodiscard]] std::span<const ModelFamily> modelFamilies();

/// Errors: Unsupported, with the name found and the names known.
[[nodiscard]] Result<const ModelFamily*> familyOf(const GgufFile& file);

/// A decoder: token embedding, the family's layers, final norm and output matrix (the embedding's if the file has
/// none). Errors: as ProgramBuilder::finish().
[[nodiscard]] Result<Program> buildDecoder(const GgufFile& file, const ModelFamily& family, const ModelSpec& spec,
                                           ProgramBuilder::Limits limits);

} // namespace hearth
