// Calls that are written like Python's or in braces of their own: LFM2's, Llama's built-in tools, Gemma's.

#include "engine/text/answer/tool_call_syntax.h"

#include <algorithm>
#include <cctype>

namespace hearth {

namespace {

using Json = nlohmann::ordered_json;

// Deeper lists are not meant seriously; the reader recurses.
constexpr int kDeepestValue = 64;
constexpr std::string_view kGemmaQuote = "<|\"|>";
constexpr std::string_view kEscapeQuote = "<escape>";

bool isNameCharacter(char character) {
    return std::isalnum(static_cast<unsigned char>(character)) != 0 || character == '_' || character == '-'
           || character == '.';
}

std::string dumped(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Reads values as Python, JSON or Gemma write them, from the front of a text.
class ValueReader {
public:
    explicit ValueReader(std::string_view text) : m_rest(text) {}

    [[nodiscard]] std::string_view rest() const { return m_rest; }
    bool take(std::string_view text) {
        skipSpace();
        if (!m_rest.starts_with(text))
            return false;
        m_rest.remove_prefix(text.size());
        return true;
    }
    [[nodiscard]] bool atEnd() {
        skipSpace();
        return m_rest.empty();
    }
    std::string takeName() {
        skipSpace();
        const auto end = std::find_if_not(m_rest.begin(), m_rest.end(), isNameCharacter);
        const std::string name(m_rest.begin(), end);
        m_rest.remove_prefix(name.size());
        return name;
    }
    std::optional<Json> takeValue(int depth = 0) {
        skipSpace();
        if (m_rest.empty() || depth > kDeepestValue)
            return std::nullopt;
        if (take(kGemmaQuote))
            return takeUntil(kGemmaQuote);
        if (take(kEscapeQuote))
            return takeUntil(kEscapeQuote);
        if (m_rest.front() == '"' || m_rest.front() == '\'')
            return takeQuoted();
        if (take("["))
            return takeList(depth);
        if (take("{"))
            return takeObject(depth, "}");
        return takeBare();
    }
    /// key: value or key=value, …, up to `end`; the opening mark is taken already.
    std::optional<Json> takeObject(int depth, std::string_view end) {
        Json object = Json::object();
        while (!take(end)) {
            skipSpace();
            std::optional<Json> key;
            if (!m_rest.empty() && (m_rest.front() == '"' || m_rest.front() == '\'' || m_rest.front() == '<'))
                key = takeValue(depth + 1);
            else
                key = takeName();
            if (!key || !key->is_string() || key->get_ref<const std::string&>().empty() || !(take(":") || take("=")))
                return std::nullopt;
            auto value = takeValue(depth + 1);
            if (!value)
                return std::nullopt;
            object[key->get<std::string>()] = std::move(*value);
            if (!take(",") && (skipSpace(), !m_rest.starts_with(end)))
                return std::nullopt;
        }
        return object;
    }

private:
    void skipSpace() {
        const auto first = m_rest.find_first_not_of(" \n\r\t");
        m_rest.remove_prefix(first == std::string_view::npos ? m_rest.size() : first);
    }
    std::optional<Json> takeUntil(std::string_view mark) {
        const std::size_t end = m_rest.find(mark);
        if (end == std::string_view::npos)
            return std::nullopt;
        Json text = std::string(m_rest.substr(0, end));
        m_rest.remove_prefix(end + mark.size());
        return text;
    }
    std::optional<Json> takeQuoted() {
        const char quote = m_rest.front();
        std::string text;
        for (std::size_t at = 1; at < m_rest.size(); ++at) {
            const char character = m_rest[at];
            if (character == quote) {
                m_rest.remove_prefix(at + 1);
                return Json(text);
            }
            if (character == '\\' && at + 1 < m_rest.size()) {
                const char escaped = m_rest[++at];
                if (escaped == 'u') {
                    const Json decoded = readCallJson("\"\\u" + std::string(m_rest.substr(at + 1, 4)) + "\"");
                    if (!decoded.is_string())
                        return std::nullopt;
                    text += decoded.get<std::string>();
                    at += 4;
                } else {
                    text += escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped == 'r' ? '\r' : escaped;
                }
                continue;
            }
            text += character;
        }
        return std::nullopt;
    }
    std::optional<Json> takeList(int depth) {
        Json list = Json::array();
        while (!take("]")) {
            auto value = takeValue(depth + 1);
            if (!value)
                return std::nullopt;
            list.push_back(std::move(*value));
            if (!take(",") && (skipSpace(), !m_rest.starts_with(']')))
                return std::nullopt;
        }
        return list;
    }
    std::optional<Json> takeBare() {
        const auto end = m_rest.find_first_of(",]})= \n");
        const std::string_view word = m_rest.substr(0, end);
        m_rest.remove_prefix(word.size());
        if (word == "True" || word == "true")
            return Json(true);
        if (word == "False" || word == "false")
            return Json(false);
        if (word == "None" || word == "null")
            return Json(nullptr);
        const Json number = readCallJson(word);
        return number.is_number() ? std::optional<Json>(number) : std::nullopt;
    }

    std::string_view m_rest;
};

/// f(a=1, b="x")
std::optional<ToolCall> takePythonCall(ValueReader& reader) {
    const std::string name = reader.takeName();
    if (name.empty() || !reader.take("("))
        return std::nullopt;
    const auto arguments = reader.takeObject(0, ")");
    if (!arguments)
        return std::nullopt;
    return ToolCall{name, dumped(*arguments), {}};
}

} // namespace

std::optional<std::vector<ToolCall>> readPythonicCalls(std::string_view text) {
    const std::string_view body = trimmed(text);
    // Some write the same calls as JSON.
    if (body.starts_with("[{") || body.starts_with('{'))
        return readJsonCalls(body);
    ValueReader reader(body);
    const bool list = reader.take("[");
    std::vector<ToolCall> calls;
    do {
        auto call = takePythonCall(reader);
        if (!call)
            return std::nullopt;
        calls.push_back(std::move(*call));
    } while (list ? reader.take(",") : !reader.atEnd());
    if ((list && !reader.take("]")) || !reader.atEnd())
        return std::nullopt;
    return calls;
}

std::optional<std::vector<ToolCall>> readLlamaCalls(std::string_view text) {
    const std::string_view body = trimmed(text);
    if (body.starts_with('{') || body.starts_with('['))
        return readJsonCalls(body);
    // A built-in tool, or a program to run.
    ValueReader reader(body);
    if (auto call = takePythonCall(reader); call && reader.atEnd() && call->name.ends_with(".call")) {
        call->name.erase(call->name.rfind('.'));
        return std::vector<ToolCall>{std::move(*call)};
    }
    if (body.empty())
        return std::nullopt;
    return std::vector<ToolCall>{{"python", dumped(Json{{"code", std::string(body)}}), {}}};
}

std::optional<std::vector<ToolCall>> readGemmaCalls(std::string_view text) {
    ValueReader reader(text);
    if (!reader.take("call:"))
        return std::nullopt;
    const std::string name = reader.takeName();
    if (name.empty() || !reader.take("{"))
        return std::nullopt;
    const auto arguments = reader.takeObject(0, "}");
    if (!arguments || !reader.atEnd())
        return std::nullopt;
    return std::vector<ToolCall>{{name, dumped(*arguments), {}}};
}

} // namespace hearth
