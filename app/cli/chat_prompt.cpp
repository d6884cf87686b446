#include "app/cli/chat_prompt.h"

namespace hearth::cli {

std::vector<TokenId> encodePrompt(const Tokenizer& tokenizer, std::string_view prompt) {
    std::vector<TokenId> ids = tokenizer.encode(prompt, AddSpecial::No, ParseSpecial::Yes);
    const std::vector<TokenId> frame = tokenizer.encode("", AddSpecial::Yes, ParseSpecial::No);
    const bool wantsBegin = !frame.empty() && tokenizer.beginToken() == frame.front();
    if (wantsBegin && (ids.empty() || ids.front() != frame.front()))
        ids.insert(ids.begin(), frame.front());
    return ids;
}

} // namespace hearth::cli
