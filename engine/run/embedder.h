#pragma once

#include "engine/text/tokenizer.h"
#include "kernels/api/backend.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

struct EmbedderOptions {
    std::string device = "cpu";  ///< an id of availableDevices()
    std::int32_t threads = 0;    ///< 0: one per core this process may use
    std::int32_t mostTokens = 0; ///< of one text; 0: what the model was trained for, at most 8192
};

struct EmbedderInfo {
    std::string name;
    std::string architecture;
    std::string pooling;         ///< "mean", "first", "last", or "rank" for a reranker
    bool isReranker = false;     ///< scores pairs; has no vectors
    std::int32_t columns = 0;    ///< of a vector; of a reranker the labels it scores
    std::int32_t mostTokens = 0; ///< of one text, its special tokens included
};

/// Whether a vector is divided by its length, so that a dot product is the cosine of two texts.
enum class UnitLength : std::uint8_t { No, Yes };
/// What becomes of a text that is longer than the model takes: an error, or its beginning alone.
enum class Overlong : std::uint8_t { Refuse, Cut };

/// Texts to vectors, or a question and a passage to a score: an encoder, or a decoder whose rows are pooled.
/// Each text is one step of the program; what it needs is planned for the longest text so far and grows with it.
/// Thread: one at a time, whichever that is; calls block and end within an op of being cancelled.
class Embedder {
public:
    /// Errors: everything GgufFile and Tokenizer say; Unsupported architecture; NotFound or Corrupt tensors;
    /// InvalidInput for options out of range; Cancelled.
    [[nodiscard]] static Result<std::unique_ptr<Embedder>> load(const std::filesystem::path& path,
                                                                const EmbedderOptions& options, std::stop_token stop);
    virtual ~Embedder() = default;

    [[nodiscard]] virtual const EmbedderInfo& info() const = 0;
    [[nodiscard]] virtual const DeviceInfo& device() const = 0;
    [[nodiscard]] virtual const Tokenizer& tokenizer() const = 0;

    /// (columns) of a text given as ids, its special tokens included; for a reranker the scores of its labels (of a
    /// decoder their probabilities).
    /// Errors: InvalidInput (no tokens, too many, an id out of range, with numbers), OutOfMemory, Device, Cancelled.
    [[nodiscard]] virtual Result<std::vector<float>> embed(std::span<const TokenId> tokens, UnitLength unitLength,
                                                           std::stop_token stop) = 0;
    /// The same for a text, with the tokens that the model puts around it.
    [[nodiscard]] virtual Result<std::vector<float>> embedText(std::string_view text, UnitLength unitLength,
                                                               Overlong overlong, std::stop_token stop) = 0;
    /// (tokens, hidden) before pooling. Errors: as embed().
    [[nodiscard]] virtual Result<std::vector<float>> embedTokens(std::span<const TokenId> tokens,
                                                                 std::stop_token stop) = 0;

    /// How well a document answers a query: higher is better; comparable only within one model. A cross-encoder's raw
    /// score, or a decoder's probability of "yes" (0 to 1). The document is cut where the pair is too long.
    /// Errors: Unsupported if the model is no reranker; InvalidInput if the query alone is too long; as embed().
    [[nodiscard]] virtual Result<float> rerank(std::string_view query, std::string_view document,
                                               std::stop_token stop) = 0;
};

} // namespace hearth
