#pragma once

#include "kernels/base/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearth {

class GgufFile;

/// The normalisation that SentencePiece compiles into a model: which beginnings of a text are replaced by what.
/// Immutable. Thread: any.
/// Source: SentencePiece's Normalizer; the array is a double array trie (Yata's darts-clone) whose units are bit
/// fields.
class CharacterMap {
public:
    struct Replacement {
        std::string_view text;
        /// Bytes of the input that it stands for.
        std::size_t consumedBytes = 0;
    };

    /// Reads `tokenizer.ggml.precompiled_charsmap`; without that key nothing is replaced.
    /// Errors: Corrupt (no list of bytes, or an array longer than the list).
    [[nodiscard]] static Result<CharacterMap> read(const GgufFile& file);

    /// What the longest known beginning of `text` becomes; nothing if none is known.
    [[nodiscard]] std::optional<Replacement> find(std::string_view text) const;

private:
    std::vector<std::uint32_t> m_units;
    /// Texts that end with a zero byte each.
    std::string m_texts;
};

} // namespace hearth
