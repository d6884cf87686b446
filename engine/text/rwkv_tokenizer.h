#pragma once

#include "engine/text/byte_trie.h"
#include "engine/text/vocabulary_tokenizer.h"

namespace hearth {

/// The tokenizer of RWKV World models (`tokenizer.ggml.model` = rwkv): always the longest token that fits. Tokens are
/// any bytes, written with backslashes. Thread: any.
class RwkvTokenizer final : public VocabularyTokenizer {
public:
    [[nodiscard]] static Result<std::unique_ptr<Tokenizer>> fromGguf(const GgufFile& file);

protected:
    void encodeText(std::string_view text, std::vector<TokenId>& output) const override;

private:
    explicit RwkvTokenizer(std::unique_ptr<const Vocabulary> vocabulary);
    [[nodiscard]] static ByteTrie trieOf(const Vocabulary& vocabulary);

    ByteTrie m_tokens;
};

} // namespace hearth
