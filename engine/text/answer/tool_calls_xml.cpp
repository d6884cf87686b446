// Calls that are written with tags: Qwen3-Coder's, GLM's, MiniMax's and DeepSeek V3.2's.

#include "engine/text/answer/tool_call_syntax.h"

namespace hearth {

namespace {

using Json = nlohmann::ordered_json;

std::string dumped(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Takes `begin`…`end` off the front of `rest`, after white space; what stands between, or nothing.
std::optional<std::string_view> takeBetween(std::string_view& rest, std::string_view begin, std::string_view end) {
    const std::string_view text = trimmed(rest);
    if (!text.starts_with(begin))
        return std::nullopt;
    const std::size_t close = text.find(end, begin.size());
    if (close == std::string_view::npos)
        return std::nullopt;
    rest = text.substr(close + end.size());
    return text.substr(begin.size(), close - begin.size());
}

/// The templates set a value on lines of its own: one line feed at each end is not part of it.
std::string_view withoutLineFeeds(std::string_view value) {
    if (value.starts_with('\n'))
        value.remove_prefix(1);
    if (value.ends_with('\n'))
        value.remove_suffix(1);
    return value;
}

/// <function=name><parameter=key>value</parameter>…</function>, any number of them.
std::optional<std::vector<ToolCall>> readFunctionTags(std::string_view text) {
    std::vector<ToolCall> calls;
    std::string_view rest = text;
    while (!trimmed(rest).empty()) {
        const auto name = takeBetween(rest, "<function=", ">");
        if (!name || trimmed(*name).empty())
            return std::nullopt;
        Json arguments = Json::object();
        while (const auto key = takeBetween(rest, "<parameter=", ">")) {
            // A value may hold tags: it ends at the last closing tag before the next parameter or the end.
            const std::size_t next = rest.find("</parameter>");
            const std::size_t end = next == std::string_view::npos ? rest.find("</function>") : next;
            if (end == std::string_view::npos)
                return std::nullopt;
            arguments[std::string(trimmed(*key))] = looseValue(withoutLineFeeds(rest.substr(0, end)));
            rest.remove_prefix(next == std::string_view::npos ? end : end + std::string_view("</parameter>").size());
        }
        rest = trimmed(rest);
        constexpr std::string_view kEnd = "</function>";
        if (!rest.starts_with(kEnd))
            return std::nullopt;
        rest.remove_prefix(kEnd.size());
        calls.push_back({std::string(trimmed(*name)), dumped(arguments), {}});
    }
    if (calls.empty())
        return std::nullopt;
    return calls;
}

/// name<arg_key>key</arg_key><arg_value>value</arg_value>…
std::optional<std::vector<ToolCall>> readKeyValueTags(std::string_view text) {
    const std::size_t first = text.find("<arg_key>");
    const std::string_view name = trimmed(text.substr(0, first));
    if (name.empty() || name.find_first_of("<>{}[]\"\n ") != std::string_view::npos)
        return std::nullopt;
    Json arguments = Json::object();
    std::string_view rest = first == std::string_view::npos ? std::string_view() : text.substr(first);
    while (!trimmed(rest).empty()) {
        const auto key = takeBetween(rest, "<arg_key>", "</arg_key>");
        const auto value = key ? takeBetween(rest, "<arg_value>", "</arg_value>") : std::nullopt;
        if (!value)
            return std::nullopt;
        arguments[std::string(trimmed(*key))] = looseValue(*value);
    }
    return std::vector<ToolCall>{{std::string(name), dumped(arguments), {}}};
}

/// The value of `name="…"` in a tag.
std::optional<std::string> attribute(std::string_view tag, std::string_view name) {
    const std::size_t at = tag.find(std::string(name) + "=\"");
    if (at == std::string_view::npos)
        return std::nullopt;
    const std::size_t begin = at + name.size() + 2;
    const std::size_t end = tag.find('"', begin);
    if (end == std::string_view::npos)
        return std::nullopt;
    return std::string(tag.substr(begin, end - begin));
}

/// Where a parameter's value stands and what comes behind its closing tag.
struct Value {
    std::string_view written;
    std::string_view rest;
};

std::optional<Value> takeValue(std::string_view text, std::string_view closing) {
    constexpr std::string_view kOpen = "<![CDATA[";
    constexpr std::string_view kClose = "]]>";
    if (text.starts_with(kOpen)) {
        const std::size_t end = text.find(std::string(kClose) + std::string(closing));
        if (end == std::string_view::npos)
            return std::nullopt;
        return Value{text.substr(kOpen.size(), end - kOpen.size()), text.substr(end + kClose.size() + closing.size())};
    }
    const std::size_t end = text.find(closing);
    if (end == std::string_view::npos)
        return std::nullopt;
    return Value{text.substr(0, end), text.substr(end + closing.size())};
}

/// The parameters of one call, up to its closing tag.
std::optional<Json> takeParameters(std::string_view& rest, std::string_view tag, std::string_view end) {
    const std::string open = "<" + std::string(tag) + " ";
    const std::string close = "</" + std::string(tag) + ">";
    Json arguments = Json::object();
    while (const auto head = takeBetween(rest, open, ">")) {
        const auto key = attribute(*head, "name");
        const auto value = takeValue(rest, close);
        if (!key || !value)
            return std::nullopt;
        arguments[*key] = attribute(*head, "string") == "true" ? Json(std::string(value->written))
                                                               : looseValue(withoutLineFeeds(value->written));
        rest = value->rest;
    }
    rest = trimmed(rest);
    if (!rest.starts_with(end))
        return std::nullopt;
    rest.remove_prefix(end.size());
    return arguments;
}

} // namespace

std::optional<std::vector<ToolCall>> readTaggedCalls(std::string_view text) {
    const std::string_view body = trimmed(text);
    if (body.starts_with('{') || body.starts_with('['))
        return readJsonCalls(body);
    if (body.starts_with("<function="))
        return readFunctionTags(body);
    return readKeyValueTags(body);
}

std::optional<std::vector<ToolCall>> readInvokeCalls(std::string_view text) {
    // DeepSeek marks the names of its tags.
    constexpr std::string_view kMark = "｜DSML｜";
    std::string plain(trimmed(text));
    for (std::size_t at = plain.find(kMark); at != std::string::npos; at = plain.find(kMark, at))
        plain.erase(at, kMark.size());
    // MiniCPM has other names; its opening marker is the beginning of the first tag, and the closing one its end.
    const bool functions = plain.starts_with('"');
    if (functions)
        plain = "<function name=" + plain + "</function>";
    const std::string_view open = functions ? "<function " : "<invoke ";
    const std::string_view close = functions ? "</function>" : "</invoke>";
    std::vector<ToolCall> calls;
    std::string_view rest = plain;
    while (const auto head = takeBetween(rest, open, ">")) {
        const auto name = attribute(*head, "name");
        const auto arguments = takeParameters(rest, functions ? "param" : "parameter", close);
        if (!name || name->empty() || !arguments)
            return std::nullopt;
        calls.push_back({*name, dumped(*arguments), {}});
    }
    if (calls.empty() || !trimmed(rest).empty())
        return std::nullopt;
    return calls;
}

} // namespace hearth
