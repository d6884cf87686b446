#include "engine/text/chat_template.h"

#include "engine/text/jinja/template.h"

#include <utility>

namespace hearth {

struct ChatTemplate::Parsed {
    jinja::Template jinja;
    std::string source;
    std::string beginToken;
    std::string endToken;
};

ChatTemplate::ChatTemplate(std::unique_ptr<const Parsed> parsed) : m_parsed(std::move(parsed)) {}
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;
ChatTemplate::~ChatTemplate() = default;

Result<ChatTemplate> ChatTemplate::parse(std::string_view source, std::string beginToken, std::string endToken) {
    auto parsed = jinja::Template::parse(source);
    if (!parsed.ok())
        return parsed.error().within("chat template");
    return ChatTemplate(std::make_unique<const Parsed>(
        Parsed{std::move(parsed).value(), std::string(source), std::move(beginToken), std::move(endToken)}));
}

std::string_view ChatTemplate::source() const {
    return m_parsed->source;
}

Result<std::string> ChatTemplate::render(const ChatTemplateInput& input) const {
    nlohmann::ordered_json variables = nlohmann::ordered_json::object();
    variables["messages"] = input.messages;
    variables["tools"] = input.tools;
    variables["documents"] = nullptr; // always given by apply_chat_template, so "is defined" sees it
    variables["add_generation_prompt"] = input.addGenerationPrompt;
    variables["bos_token"] = m_parsed->beginToken;
    variables["eos_token"] = m_parsed->endToken;
    if (input.extra.is_object())
        for (const auto& [name, value] : input.extra.items())
            variables[name] = value;
    auto text = m_parsed->jinja.render(variables, input.now);
    if (!text.ok())
        return text.error().within("chat template");
    return text;
}

} // namespace hearth
