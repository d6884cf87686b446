#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/models_folder.h"
#include "engine/gguf/gguf_file.h"
#include "engine/text/tokenizer.h"

#include <charconv>

namespace hearth::cli {
namespace {

/// "1, 2 3" as ids.
Result<std::vector<TokenId>> parseIds(std::string_view list, std::int32_t vocabularySize) {
    std::vector<TokenId> ids;
    while (true) {
        list.remove_prefix(std::min(list.find_first_not_of(", \t\n[]"), list.size()));
        if (list.empty())
            return ids;
        const std::string_view word = list.substr(0, list.find_first_of(", \t\n[]"));
        TokenId id = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
        if (error != std::errc() || end != word.data() + word.size() || id < 0 || id >= vocabularySize)
            return Error{ErrorCode::InvalidInput, "'" + std::string(word) + "' is no token id between 0 and "
                                                      + std::to_string(vocabularySize - 1)};
        ids.push_back(id);
        list.remove_prefix(word.size());
    }
}

Status printDecoded(const Arguments& arguments, const Tokenizer& tokenizer) {
    HEARTH_TRY(const std::vector<TokenId> ids, parseIds(arguments.text("--ids"), tokenizer.vocabularySize()));
    const std::string text = tokenizer.decode(ids, SpecialTokens::Show);
    if (arguments.has("--json"))
        printJson({{"text", text}});
    else
        printText(text + "\n");
    return {};
}

Status run(const Arguments& arguments) {
    const auto& names = arguments.positionals();
    HEARTH_TRY(const auto path, findModel(names.empty() ? "" : names[0]));
    HEARTH_TRY(const auto file, GgufFile::open(path));
    HEARTH_TRY(const auto tokenizer, Tokenizer::fromGguf(*file));
    if (arguments.has("--ids"))
        return printDecoded(arguments, *tokenizer);

    std::string text = arguments.text("--text");
    if (arguments.has("--text")) {
        HEARTH_CHECK(checkUtf8(text, "the text"));
    } else {
        HEARTH_TRY(text, readTextFile(arguments.text("--file")));
    }
    const auto special = arguments.has("--no-special") ? AddSpecial::No : AddSpecial::Yes;
    const auto parse = arguments.has("--parse-special") ? ParseSpecial::Yes : ParseSpecial::No;
    const std::vector<TokenId> ids = tokenizer->encode(text, special, parse);
    if (!arguments.has("--json")) {
        for (const TokenId id : ids)
            printText(std::to_string(id) + "\t" + quoted(tokenizer->tokenText(id)) + "\n");
        return {};
    }
    auto texts = nlohmann::ordered_json::array();
    for (const TokenId id : ids)
        texts.push_back(tokenizer->tokenText(id));
    printJson({{"model", path.string()}, {"count", ids.size()}, {"ids", ids}, {"texts", texts}});
    return {};
}

} // namespace

Command tokenizeCommand() {
    return {.name = "tokenize",
            .positionals = "[MODEL]",
            .mostPositionals = 1,
            .summary = "Show the tokens of a text, or the text of tokens",
            .options = {{"--text", ValueKind::Text, "TEXT", "the text"},
                        {"--file", ValueKind::Text, "FILE", "read the text from a file; - is standard input", "-"},
                        {"--ids", ValueKind::Text, "LIST", "print the text of these ids instead"},
                        flag("--no-special", "leave out the model's own begin and end tokens"),
                        flag("--parse-special", "read control tokens written out in the text as such")},
            .run = run};
}

} // namespace hearth::cli
