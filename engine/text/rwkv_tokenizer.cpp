#include "engine/text/rwkv_tokenizer.h"

#include "engine/gguf/gguf_file.h"

#include <algorithm>
#include <utility>

namespace hearth {

ByteTrie RwkvTokenizer::trieOf(const Vocabulary& vocabulary) {
    StringTable texts;
    for (TokenId id = 0; id < vocabulary.size(); ++id)
        texts.add(spell(vocabulary.text(id), Spelling::Backslashes));
    std::vector<ByteTrie::Key> keys;
    for (TokenId id = 0; id < vocabulary.size(); ++id)
        keys.push_back({texts[static_cast<std::size_t>(id)], id});
    return ByteTrie(std::move(keys));
}

RwkvTokenizer::RwkvTokenizer(std::unique_ptr<const Vocabulary> vocabulary)
    : VocabularyTokenizer(std::move(vocabulary), Spelling::Backslashes, SpacePrefix::None),
      m_tokens(trieOf(this->vocabulary())) {}

Result<std::unique_ptr<Tokenizer>> RwkvTokenizer::fromGguf(const GgufFile& file) {
    HEARTH_TRY(std::unique_ptr<const Vocabulary> vocabulary, Vocabulary::read(file, VocabularyKind::Rwkv, {}));
    return std::unique_ptr<Tokenizer>(new RwkvTokenizer(std::move(vocabulary)));
}

void RwkvTokenizer::encodeText(std::string_view text, std::vector<TokenId>& output) const {
    while (!text.empty()) {
        const ByteTrie::Match match = m_tokens.longestPrefix(text);
        if (match.value != ByteTrie::kNoValue)
            output.push_back(match.value);
        else if (vocabulary().unknownToken())
            output.push_back(*vocabulary().unknownToken());
        text.remove_prefix(std::max<std::size_t>(match.sizeBytes, 1));
    }
}

} // namespace hearth
