#include "engine/text/answer/tool_call_syntax.h"

#include <algorithm>

namespace hearth {

namespace {

// Arguments that nest deeper are not meant seriously, and whoever prints them recurses.
constexpr int kDeepestJson = 256;
constexpr std::string_view kSpace = " \n\r\t";

} // namespace

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kSpace);
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

std::size_t endOfJson(std::string_view text) {
    int depth = 0;
    bool inString = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char character = text[at];
        if (inString) {
            if (character == '\\')
                ++at;
            else if (character == '"')
                inString = false;
            continue;
        }
        if (character == '"')
            inString = true;
        else if (character == '{' || character == '[')
            ++depth;
        else if ((character == '}' || character == ']') && --depth <= 0)
            return at + 1;
    }
    return std::string_view::npos;
}

nlohmann::ordered_json readCallJson(std::string_view text) {
    int depth = 0;
    int deepest = 0;
    bool inString = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char character = text[at];
        if (character == '\\' && inString)
            ++at;
        else if (character == '"')
            inString = !inString;
        else if (!inString && (character == '{' || character == '['))
            deepest = std::max(deepest, ++depth);
        else if (!inString && (character == '}' || character == ']'))
            --depth;
    }
    if (deepest > kDeepestJson)
        return {nlohmann::ordered_json::value_t::discarded};
    return nlohmann::ordered_json::parse(text, nullptr, false);
}

nlohmann::ordered_json looseValue(std::string_view text) {
    const std::string_view value = trimmed(text);
    const bool perhapsJson = !value.empty()
                             && (value.front() == '{' || value.front() == '[' || value.front() == '-'
                                 || (value.front() >= '0' && value.front() <= '9') || value == "true"
                                 || value == "false" || value == "null");
    if (perhapsJson) {
        auto json = readCallJson(value);
        if (!json.is_discarded())
            return json;
    }
    return std::string(text);
}

std::optional<ToolCall> callFromJson(const nlohmann::ordered_json& json) {
    if (!json.is_object())
        return std::nullopt;
    const auto textOf = [](const nlohmann::ordered_json& object, std::string_view key) {
        const auto found = object.find(key);
        return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
    };
    const auto inner = json.find("function");
    if (inner != json.end() && inner->is_object())
        return callFromJson(*inner);
    ToolCall call;
    for (const std::string_view key : {"name", "tool_name", "function"})
        if (call.name.empty())
            call.name = textOf(json, key);
    for (const std::string_view key : {"id", "tool_call_id"})
        if (call.id.empty())
            call.id = textOf(json, key);
    const nlohmann::ordered_json* arguments = nullptr;
    for (const std::string_view key : {"arguments", "parameters", "args"}) {
        const auto found = json.find(key);
        if (arguments == nullptr && found != json.end())
            arguments = &*found;
    }
    if (call.name.empty() && json.size() == 1 && json.begin()->is_object()) { // {"name": {…}}
        call.name = json.begin().key();
        arguments = &*json.begin();
    }
    if (call.name.empty() || arguments == nullptr)
        return std::nullopt;
    // Some models write the object as a text.
    if (arguments->is_string()) {
        const auto parsed = readCallJson(arguments->get_ref<const std::string&>());
        if (!parsed.is_object())
            return std::nullopt;
        call.arguments = arguments->get<std::string>();
        return call;
    }
    if (!arguments->is_object())
        return std::nullopt;
    call.arguments = arguments->dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    return call;
}

std::optional<std::vector<ToolCall>> readJsonCalls(std::string_view text) {
    std::vector<ToolCall> calls;
    std::string_view rest = trimmed(text);
    while (!rest.empty()) {
        const std::size_t end = endOfJson(rest);
        if (end == std::string_view::npos)
            return std::nullopt;
        const auto json = readCallJson(rest.substr(0, end));
        if (json.is_discarded())
            return std::nullopt;
        const auto add = [&calls](const nlohmann::ordered_json& object) {
            auto call = callFromJson(object);
            if (call)
                calls.push_back(std::move(*call));
            return call.has_value();
        };
        if (json.is_array() ? !std::all_of(json.begin(), json.end(), add) : !add(json))
            return std::nullopt;
        rest = trimmed(rest.substr(end));
        if (rest.starts_with(';') || rest.starts_with(','))
            rest = trimmed(rest.substr(1));
    }
    if (calls.empty())
        return std::nullopt;
    return calls;
}

std::optional<std::vector<ToolCall>> readMistralCalls(std::string_view text) {
    std::string_view rest = trimmed(text);
    if (rest.starts_with('['))
        return readJsonCalls(rest);
    constexpr std::string_view kNext = "[TOOL_CALLS]";
    constexpr std::string_view kId = "[CALL_ID]";
    constexpr std::string_view kArguments = "[ARGS]";
    std::vector<ToolCall> calls;
    while (!rest.empty()) {
        if (rest.starts_with(kNext))
            rest = trimmed(rest.substr(kNext.size()));
        const std::size_t begin = rest.find(kArguments);
        if (begin == std::string_view::npos)
            return std::nullopt;
        std::string_view name = rest.substr(0, begin);
        ToolCall call;
        if (const std::size_t id = name.find(kId); id != std::string_view::npos) {
            call.id = trimmed(name.substr(id + kId.size()));
            name = name.substr(0, id);
        }
        call.name = trimmed(name);
        rest = trimmed(rest.substr(begin + kArguments.size()));
        const std::size_t end = endOfJson(rest);
        if (call.name.empty() || end == std::string_view::npos || !readCallJson(rest.substr(0, end)).is_object())
            return std::nullopt;
        call.arguments = rest.substr(0, end);
        calls.push_back(std::move(call));
        rest = trimmed(rest.substr(end));
    }
    if (calls.empty())
        return std::nullopt;
    return calls;
}

std::optional<std::vector<ToolCall>> readDeepSeekCalls(std::string_view text) {
    constexpr std::string_view kBegin = "<｜tool▁call▁begin｜>";
    constexpr std::string_view kSeparator = "<｜tool▁sep｜>";
    constexpr std::string_view kEnd = "<｜tool▁call▁end｜>";
    std::vector<ToolCall> calls;
    std::string_view rest = trimmed(text);
    while (!rest.empty()) {
        if (!rest.starts_with(kBegin))
            return std::nullopt;
        rest.remove_prefix(kBegin.size());
        const std::size_t separator = rest.find(kSeparator);
        if (separator == std::string_view::npos)
            return std::nullopt;
        std::string_view name = trimmed(rest.substr(0, separator));
        rest = trimmed(rest.substr(separator + kSeparator.size()));
        // The older form: the kind of call, then its name and a fenced block.
        if (const std::size_t fence = rest.find("```"); name == "function" && fence < rest.find('{')) {
            name = trimmed(rest.substr(0, fence));
            rest = rest.substr(fence);
            const std::size_t line = rest.find('\n');
            if (line == std::string_view::npos)
                return std::nullopt;
            rest = trimmed(rest.substr(line));
        }
        const std::size_t end = endOfJson(rest);
        if (name.empty() || end == std::string_view::npos || !readCallJson(rest.substr(0, end)).is_object())
            return std::nullopt;
        calls.push_back({std::string(name), std::string(rest.substr(0, end)), {}});
        rest = trimmed(rest.substr(end));
        if (rest.starts_with("```"))
            rest = trimmed(rest.substr(3));
        if (rest.starts_with(kEnd))
            rest = trimmed(rest.substr(kEnd.size()));
        else if (!rest.empty())
            return std::nullopt;
    }
    if (calls.empty())
        return std::nullopt;
    return calls;
}

std::optional<std::vector<ToolCall>> readKimiCalls(std::string_view text) {
    constexpr std::string_view kBegin = "<|tool_call_begin|>";
    constexpr std::string_view kArguments = "<|tool_call_argument_begin|>";
    constexpr std::string_view kEnd = "<|tool_call_end|>";
    std::vector<ToolCall> calls;
    std::string_view rest = trimmed(text);
    while (!rest.empty()) {
        const std::size_t begin = rest.find(kArguments);
        if (!rest.starts_with(kBegin) || begin == std::string_view::npos)
            return std::nullopt;
        ToolCall call;
        call.id = trimmed(rest.substr(kBegin.size(), begin - kBegin.size()));
        std::string_view name = call.id;
        if (name.starts_with("functions."))
            name.remove_prefix(std::string_view("functions.").size());
        call.name = name.substr(0, name.rfind(':'));
        rest = trimmed(rest.substr(begin + kArguments.size()));
        const std::size_t end = endOfJson(rest);
        if (call.name.empty() || end == std::string_view::npos || !readCallJson(rest.substr(0, end)).is_object())
            return std::nullopt;
        call.arguments = rest.substr(0, end);
        calls.push_back(std::move(call));
        rest = trimmed(rest.substr(end));
        if (rest.starts_with(kEnd))
            rest = trimmed(rest.substr(kEnd.size()));
        else if (!rest.empty())
            return std::nullopt;
    }
    if (calls.empty())
        return std::nullopt;
    return calls;
}

std::optional<std::vector<ToolCall>> readToolCalls(CallSyntax syntax, std::string_view text) {
    switch (syntax) {
    case CallSyntax::None:
    case CallSyntax::Harmony:
        return std::nullopt;
    case CallSyntax::Json:
        return readJsonCalls(text);
    case CallSyntax::Tagged:
        return readTaggedCalls(text);
    case CallSyntax::Llama:
        return readLlamaCalls(text);
    case CallSyntax::Mistral:
        return readMistralCalls(text);
    case CallSyntax::DeepSeek:
        return readDeepSeekCalls(text);
    case CallSyntax::Kimi:
        return readKimiCalls(text);
    case CallSyntax::Invoke:
        return readInvokeCalls(text);
    case CallSyntax::Pythonic:
        return readPythonicCalls(text);
    case CallSyntax::Gemma:
        return readGemmaCalls(text);
    }
    return std::nullopt;
}

} // namespace hearth
