#include "engine/text/answer/harmony_answer_parser.h"

#include "engine/text/answer/tool_call_syntax.h"

#include <algorithm>
#include <array>
#include <utility>

namespace hearth {

namespace {

constexpr std::string_view kStart = "<|start|>";
constexpr std::string_view kChannel = "<|channel|>";
constexpr std::string_view kMessage = "<|message|>";
constexpr std::string_view kRecipient = " to=";
/// What ends a message.
constexpr std::array<std::string_view, 4> kEnds{"<|end|>", "<|call|>", "<|return|>", kStart};
// Roles, channels and names are short: what goes on for longer without a message is no header.
constexpr std::size_t kLongestHeader = 512;

/// The word behind a mark, up to white space or the next mark.
std::string_view wordBehind(std::string_view text, std::string_view mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string_view::npos)
        return {};
    const std::string_view rest = text.substr(at + mark.size());
    return rest.substr(0, rest.find_first_of(" <\n"));
}

/// Whether a text may be a header as far as it goes.
bool mayBeHeader(std::string_view text) {
    if (text.size() > kLongestHeader)
        return false;
    for (const std::string_view role : {std::string_view("assistant"), kStart})
        if (text.starts_with(role))
            text.remove_prefix(role.size());
    for (const std::string_view begin : {kChannel, kRecipient, kMessage, kStart, std::string_view("assistant")})
        if (text.starts_with(begin) || begin.starts_with(text))
            return true;
    return false;
}

} // namespace

HarmonyAnswerParser::HarmonyAnswerParser(AnswerStart start, ToolsOffered tools)
    : m_tools(tools == ToolsOffered::Yes), m_mode(start == AnswerStart::Fresh         ? Mode::Header
                                                  : start == AnswerStart::InReasoning ? Mode::Reasoning
                                                                                      : Mode::Text) {}

void HarmonyAnswerParser::push(std::string_view bytes, std::vector<AnswerPiece>& output) {
    m_buffer += bytes;
    while (advance(output)) {
    }
}

void HarmonyAnswerParser::pushControl(std::string_view token, std::vector<AnswerPiece>& output) {
    push(token, output);
}

bool HarmonyAnswerParser::advance(std::vector<AnswerPiece>& output) {
    if (m_buffer.empty())
        return false;
    return m_mode == Mode::Header ? advanceHeader() : advanceBody(output);
}

bool HarmonyAnswerParser::advanceHeader() {
    if (!mayBeHeader(m_buffer)) { // a model that does without channels
        m_mode = Mode::Text;
        return true;
    }
    const std::size_t message = m_buffer.find(kMessage);
    if (message == std::string::npos)
        return false;
    const std::size_t end = message + kMessage.size();
    readHeader(std::string_view(m_buffer).substr(0, end));
    m_buffer.erase(0, end);
    return true;
}

void HarmonyAnswerParser::readHeader(std::string_view header) {
    const std::string_view channel = wordBehind(header, kChannel);
    std::string_view function = wordBehind(header, kRecipient);
    constexpr std::string_view kNamespace = "functions.";
    if (function.starts_with(kNamespace))
        function.remove_prefix(kNamespace.size());
    m_function = function;
    m_header = header;
    if (!m_function.empty() && m_tools)
        m_mode = Mode::Call;
    else
        m_mode = channel == "analysis" ? Mode::Reasoning : Mode::Text;
}

bool HarmonyAnswerParser::advanceBody(std::vector<AnswerPiece>& output) {
    std::size_t end = std::string::npos;
    std::size_t length = 0;
    std::size_t held = 0;
    for (const std::string_view mark : kEnds) {
        const std::size_t at = m_buffer.find(mark);
        if (at < end) {
            end = at;
            length = mark.size();
        }
        for (std::size_t size = std::min(mark.size() - 1, m_buffer.size()); size > held; --size)
            if (std::string_view(m_buffer).ends_with(mark.substr(0, size)))
                held = size;
    }
    if (end == std::string::npos) {
        if (m_mode == Mode::Call)
            return false;
        emit(std::string_view(m_buffer).substr(0, m_buffer.size() - held), output);
        m_buffer.erase(0, m_buffer.size() - held);
        return false;
    }
    const std::string behind = m_buffer.substr(end + length);
    m_buffer.resize(end);
    if (m_mode == Mode::Call)
        endCall(output);
    else
        emit(m_buffer, output);
    m_buffer = behind;
    m_mode = Mode::Header;
    return true;
}

void HarmonyAnswerParser::endCall(std::vector<AnswerPiece>& output) {
    const auto arguments = readCallJson(m_buffer);
    if (arguments.is_object()) {
        output.push_back({AnswerPiece::Kind::Call, {}, {m_function, std::string(trimmed(m_buffer)), {}}});
        return;
    }
    m_mode = Mode::Text;
    emit(m_header + m_buffer, output);
}

void HarmonyAnswerParser::emit(std::string_view text, std::vector<AnswerPiece>& output) const {
    if (text.empty())
        return;
    const auto kind = m_mode == Mode::Reasoning ? AnswerPiece::Kind::Reasoning : AnswerPiece::Kind::Text;
    if (!output.empty() && output.back().kind == kind)
        output.back().text += text;
    else
        output.push_back({kind, std::string(text), {}});
}

void HarmonyAnswerParser::finish(std::vector<AnswerPiece>& output) {
    if (m_mode == Mode::Call)
        endCall(output);
    else if (m_mode != Mode::Header || m_buffer.find("<|") == std::string::npos)
        emit(m_buffer, output);
    m_buffer.clear();
}

} // namespace hearth
