#pragma once

#include "kernels/base/result.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace hearth {

/// What a chat template is rendered with. JSON objects keep their order, because templates print them.
struct ChatTemplateInput {
    /// [{"role": "user", "content": "…"}, …]; further keys (tool_calls, name, …) are passed through.
    nlohmann::ordered_json messages = nlohmann::ordered_json::array();
    /// Tool definitions as the OpenAI API writes them, or null.
    nlohmann::ordered_json tools;
    bool addGenerationPrompt = true;
    /// Further variables the template may read, e.g. {"enable_thinking": true}.
    nlohmann::ordered_json extra = nlohmann::ordered_json::object();
    /// What strftime_now() prints.
    std::chrono::system_clock::time_point now = std::chrono::system_clock::now();
};

/// A model's chat template (Jinja, as Hugging Face's apply_chat_template sets it up: trim_blocks, lstrip_blocks,
/// loop controls, raise_exception, strftime_now, tojson without HTML escapes). Immutable; rendering is bounded in
/// steps, depth and output size, for templates come from files. Thread: any.
class ChatTemplate {
public:
    /// Errors: InvalidInput with the line of the template that does not parse.
    [[nodiscard]] static Result<ChatTemplate> parse(std::string_view source, std::string beginToken,
                                                    std::string endToken);
    ChatTemplate(ChatTemplate&&) noexcept;
    ChatTemplate& operator=(ChatTemplate&&) noexcept;
    ~ChatTemplate();

    /// The text that it was parsed from.
    [[nodiscard]] std::string_view source() const;

    /// Errors: InvalidInput with the line and the reason: what raise_exception said, a wrong type, a limit.
    [[nodiscard]] Result<std::string> render(const ChatTemplateInput& input) const;

private:
    struct Parsed;
    explicit ChatTemplate(std::unique_ptr<const Parsed> parsed);
    std::unique_ptr<const Parsed> m_parsed;
};

} // namespace hearth
