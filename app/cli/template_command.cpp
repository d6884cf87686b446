#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/models_folder.h"
#include "engine/gguf/gguf_file.h"
#include "engine/text/chat_template.h"
#include "engine/text/tokenizer.h"

namespace hearth::cli {
namespace {

/// The input that the files and flags describe. The file is a list of messages, or an object with "messages" and
/// further variables.
Result<ChatTemplateInput> readInput(const Arguments& arguments) {
    const std::string path = arguments.text("--messages");
    HEARTH_TRY(auto document, readJsonFile(path));
    ChatTemplateInput input;
    if (document.is_object()) {
        for (auto& [key, value] : document.items()) {
            if (key == "messages")
                input.messages = value;
            else if (key == "tools")
                input.tools = value;
            else if (key == "add_generation_prompt" && value.is_boolean())
                input.addGenerationPrompt = value.get<bool>();
            else
                input.extra[key] = value;
        }
    } else {
        input.messages = std::move(document);
    }
    if (!input.messages.is_array())
        return Error{ErrorCode::InvalidInput,
                     "'" + path + "' is neither a list of messages nor an object with a list \"messages\""};
    if (arguments.has("--tools")) {
        HEARTH_TRY(input.tools, readJsonFile(arguments.text("--tools")));
    }
    if (arguments.has("--no-generation-prompt"))
        input.addGenerationPrompt = false;
    return input;
}

Status run(const Arguments& arguments) {
    const auto& names = arguments.positionals();
    HEARTH_TRY(const ChatTemplateInput input, readInput(arguments));
    HEARTH_TRY(const auto path, findModel(names.empty() ? "" : names[0]));
    HEARTH_TRY(const auto file, GgufFile::open(path));
    HEARTH_TRY(const auto tokenizer, Tokenizer::fromGguf(*file));
    HEARTH_TRY(const std::string source, file->string("tokenizer.chat_template"));
    const auto textOf = [&](std::optional<TokenId> id) { return id ? std::string(tokenizer->tokenText(*id)) : ""; };
    HEARTH_TRY(const auto chatTemplate,
               ChatTemplate::parse(source, textOf(tokenizer->beginToken()), textOf(tokenizer->endToken())));
    HEARTH_TRY(const std::string prompt, chatTemplate.render(input));
    if (arguments.has("--json"))
        printJson({{"prompt", prompt}});
    else
        printText(prompt);
    return {};
}

} // namespace

Command templateCommand() {
    return {.name = "template",
            .positionals = "[MODEL]",
            .mostPositionals = 1,
            .summary = "Show the prompt that a model's chat template makes of messages",
            .options = {{"--messages", ValueKind::Text, "FILE",
                         "JSON: messages, or an object with them; - is standard input", "-"},
                        {"--tools", ValueKind::Text, "FILE", "JSON: tool definitions"},
                        flag("--no-generation-prompt", "do not open the assistant's turn")},
            .run = run};
}

} // namespace hearth::cli
