#include "engine/text/tokenizer.h"

#include "engine/gguf/gguf_file.h"
#include "engine/text/byte_pair_tokenizer.h"
#include "engine/text/plamo2_tokenizer.h"
#include "engine/text/rwkv_tokenizer.h"
#include "engine/text/sentencepiece_tokenizer.h"
#include "engine/text/unigram_tokenizer.h"
#include "engine/text/wordpiece_tokenizer.h"

#include <string>

namespace hearth {

Result<std::unique_ptr<Tokenizer>> Tokenizer::fromGguf(const GgufFile& file) {
    HEARTH_TRY(const std::string kind, file.string("tokenizer.ggml.model"));
    if (kind == "none" || kind == "no_vocab")
        return Error{ErrorCode::NotFound, "'" + file.path().string() + "' has no vocabulary"};
    if (kind == "gpt2" || kind == "whitespace") {
        HEARTH_TRY(const std::string rule, file.stringOr("tokenizer.ggml.pre", ""));
        return BytePairTokenizer::fromGguf(file, rule);
    }
    if (kind == "gemma4")
        return BytePairTokenizer::fromGguf(file, "gemma4");
    if (kind == "llama")
        return SentencePieceTokenizer::fromGguf(file);
    if (kind == "bert")
        return WordPieceTokenizer::fromGguf(file);
    if (kind == "t5")
        return UnigramTokenizer::fromGguf(file);
    if (kind == "rwkv")
        return RwkvTokenizer::fromGguf(file);
    if (kind == "plamo2")
        return Plamo2Tokenizer::fromGguf(file);
    return Error{ErrorCode::Unsupported,
                 "'" + file.path().string() + "': tokenizers of the kind '" + kind + "' are not supported"};
}

} // namespace hearth
