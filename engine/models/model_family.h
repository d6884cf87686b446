#pragma once

#include "engine/program/model_spec.h"
#include "engine/program/program_builder.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace hearth {

/// A decoder's rows see what came before them and give logits; an encoder's see the whole text and give vectors.
enum class ModelKind : std::uint8_t { Decoder, Encoder };

/// One architecture: how its metadata is read and what one layer computes. A family is one file of this folder.
struct ModelFamily {
    std::string_view architecture; ///< general.architecture in GGUF files
    Result<ModelSpec> (*describe)(const GgufFile& file);
    /// Adds the ops of one layer, which read and update the residual stream.
    void (*buildLayer)(ProgramBuilder& builder, const ModelSpec& spec, std::int32_t layer, BufferId stream);
    ModelKind kind = ModelKind::Decoder;
};

/// Every architecture this engine runs.
[[nodiscard]] std::span<const ModelFamily> modelFamilies();

/// Errors: Unsupported, with the name found and the names known.
[[nodiscard]] Result<const ModelFamily*> familyOf(const GgufFile& file);

/// Whether a program keeps the stream after its final norm, one row a row of the step: see finalStates().
enum class FinalStates : std::uint8_t { Dropped, Kept };

/// A decoder: token embedding, the family's layers, final norm and output matrix (the embedding's if the file has
/// none). Errors: as ProgramBuilder::finish(); Unsupported for an encoder.
[[nodiscard]] Result<Program> buildDecoder(const GgufFile& file, const ModelFamily& family, const ModelSpec& spec,
                                           ProgramBuilder::Limits limits, FinalStates states = FinalStates::Dropped);

/// The buffer (rows, hidden) of a program built with FinalStates::Kept, for Executable::values(); kNoBuffer of others.
[[nodiscard]] BufferId finalStates(const Program& program);

/// Whether the file holds the layer that predicts one token further (it may only announce it).
[[nodiscard]] bool hasPredictionLayer(const GgufFile& file, const ModelSpec& spec);

/// Multi-token prediction (arXiv 2412.19437, section 2.2): the layer behind the decoder's. Row k takes token k and, as
/// the step's embedding row, the final state of the token before it; from [norm(embedding), norm(state)] the layer and
/// its head give the logits of token k + 1, and a final state of their own to predict further with (finalStates()).
/// Its embedding, norm and output matrix are the decoder's where the file has no others. Caches and states are
/// `decoder`'s, then its own. If the file has several such layers this is the first.
/// Errors: NotFound without the layer; as ProgramBuilder::finish().
[[nodiscard]] Result<Program> buildPredictionLayer(const GgufFile& file, const ModelFamily& family,
                                                   const ModelSpec& spec, ProgramBuilder::Limits limits,
                                                   const Program& decoder);

} // namespace hearth
