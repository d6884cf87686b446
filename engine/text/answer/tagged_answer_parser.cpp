#include "engine/text/answer/tagged_answer_parser.h"

#include "engine/text/answer/tool_call_syntax.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace hearth {

namespace {

constexpr std::string_view kSpace = " \n\r\t";

std::string_view withoutTrailingSpace(std::string_view text) {
    const std::size_t last = text.find_last_not_of(kSpace);
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// Whether `text` breaks off inside a JSON string.
bool endsInString(std::string_view text) {
    bool inString = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (inString && text[at] == '\\')
            ++at;
        else if (text[at] == '"')
            inString = !inString;
    }
    return inString;
}

/// Whether an object that has only begun may be a call: its first key says so.
bool mayBeCall(std::string_view object) {
    constexpr std::array<std::string_view, 6> kKeys{"name", "type", "function", "parameters", "arguments", "id"};
    const std::string_view inside = trimmed(object.substr(1));
    if (inside.empty())
        return true;
    if (inside.front() != '"')
        return false;
    const std::size_t end = inside.find('"', 1);
    const std::string_view key = inside.substr(1, end == std::string_view::npos ? end : end - 1);
    return std::any_of(kKeys.begin(), kKeys.end(), [&](std::string_view known) {
        return end == std::string_view::npos ? known.starts_with(key) : known == key;
    });
}

} // namespace

TaggedAnswerParser::TaggedAnswerParser(AnswerFormat format, AnswerStart start, ToolsOffered tools)
    : m_format(std::move(format)), m_tools(tools == ToolsOffered::Yes && m_format.calls != CallSyntax::None),
      m_mode(start == AnswerStart::InReasoning ? Mode::Reasoning : Mode::Text),
      m_trimFront(start == AnswerStart::InReasoning), m_anyText(start == AnswerStart::InText) {}

/// The markers that mean something where the answer is now.
std::vector<std::pair<TaggedAnswerParser::Marker, std::string_view>> TaggedAnswerParser::markers() const {
    std::vector<std::pair<Marker, std::string_view>> active;
    const auto add = [&active](Marker marker, std::string_view text) {
        if (!text.empty())
            active.emplace_back(marker, text);
    };
    if (m_mode == Mode::Reasoning)
        add(Marker::ReasoningClose, m_format.reasoningClose);
    else if (!m_anyText)
        add(Marker::ReasoningOpen, m_format.reasoningOpen);
    if (m_mode == Mode::Text) {
        add(Marker::AnswerOpen, m_format.answerOpen);
        add(Marker::AnswerClose, m_format.answerClose);
    }
    if (m_tools)
        add(Marker::CallsOpen, m_format.callsOpen);
    return active;
}

std::optional<TaggedAnswerParser::Found> TaggedAnswerParser::findMarker() const {
    std::optional<Found> first;
    for (const auto& [marker, text] : markers()) {
        const std::size_t at = m_buffer.find(text);
        const bool early = marker != Marker::ReasoningOpen || trimmed(m_buffer.substr(0, at)).empty();
        if (at != std::string::npos && early && (!first || at < first->begin))
            first = Found{marker, at, at + text.size()};
    }
    return first;
}

/// How many bytes at the end may still become part of a marker, with the white space before them.
std::size_t TaggedAnswerParser::undecidedBytes() const {
    const std::string_view buffer = m_buffer;
    std::size_t longest = 0;
    for (const auto& [marker, text] : markers())
        for (std::size_t length = std::min(text.size() - 1, buffer.size()); length > longest; --length)
            if (buffer.ends_with(text.substr(0, length)))
                longest = length;
    const std::string_view before = buffer.substr(0, buffer.size() - longest);
    return buffer.size() - withoutTrailingSpace(before).size();
}

bool TaggedAnswerParser::beginsBareCall() const {
    return m_tools && m_format.calls == CallSyntax::Llama && m_mode == Mode::Text && !m_anyText
           && trimmed(m_buffer).starts_with('{') && mayBeCall(trimmed(m_buffer));
}

void TaggedAnswerParser::push(std::string_view bytes, std::vector<AnswerPiece>& output) {
    m_buffer += bytes;
    while (m_mode == Mode::Calls ? advanceCalls(output) : advancePlain(output)) {
    }
}

void TaggedAnswerParser::pushControl(std::string_view token, std::vector<AnswerPiece>& output) {
    if (token.empty())
        return;
    bool wanted = m_mode == Mode::Calls;
    for (const auto& [marker, text] : markers())
        wanted |= text.find(token) != std::string_view::npos;
    if (wanted)
        push(token, output);
}

void TaggedAnswerParser::trimFront() {
    if (!m_trimFront)
        return;
    // Bare calls may be parted by semicolons.
    const std::string_view dropped = m_bareCall ? " \n\r\t;" : kSpace;
    m_buffer.erase(0, std::min(m_buffer.find_first_not_of(dropped), m_buffer.size()));
    m_trimFront = m_buffer.empty();
}

bool TaggedAnswerParser::advancePlain(std::vector<AnswerPiece>& output) {
    trimFront();
    if (beginsBareCall()) {
        m_buffer.erase(0, m_buffer.find('{'));
        enter({Marker::BareCall, 0, 0});
        return true;
    }
    if (const auto found = findMarker()) {
        emit(withoutTrailingSpace(std::string_view(m_buffer).substr(0, found->begin)), output);
        m_buffer.erase(0, found->begin);
        enter({found->marker, 0, found->end - found->begin});
        return true;
    }
    // Without markers to come there is nothing to wait for.
    const std::size_t held = markers().empty() ? 0 : undecidedBytes();
    emit(std::string_view(m_buffer).substr(0, m_buffer.size() - held), output);
    m_buffer.erase(0, m_buffer.size() - held);
    return false;
}

void TaggedAnswerParser::enter(const Found& found) {
    m_scanned = 0;
    if (found.marker == Marker::CallsOpen || found.marker == Marker::BareCall) {
        m_mode = Mode::Calls;
        m_bareCall = found.marker == Marker::BareCall;
        m_payload = found.end;
        m_scanned = found.end;
        return;
    }
    m_buffer.erase(0, found.end);
    m_trimFront = true;
    m_mode = found.marker == Marker::ReasoningOpen ? Mode::Reasoning : Mode::Text;
}

bool TaggedAnswerParser::advanceCalls(std::vector<AnswerPiece>& output) {
    if (m_bareCall) {
        const std::string_view object = m_buffer;
        const std::size_t end = endOfJson(object);
        if (end != std::string_view::npos)
            return closeCalls(end, end, output);
        if (mayBeCall(object))
            return false;
        return closeCalls(0, 0, output);
    }
    if (m_format.callsClose.empty())
        return false;
    while (true) {
        const std::size_t close = m_buffer.find(m_format.callsClose, m_scanned);
        if (close == std::string::npos) {
            const std::size_t overlap = m_format.callsClose.size() - 1;
            m_scanned = std::max(m_payload, m_buffer.size() - std::min(overlap, m_buffer.size()));
            return false;
        }
        // The closing marker may be part of a text that the call is about.
        const std::string_view payload = std::string_view(m_buffer).substr(m_payload, close - m_payload);
        if (!endsInString(payload) || readToolCalls(m_format.calls, payload))
            return closeCalls(close, close + m_format.callsClose.size(), output);
        m_scanned = close + m_format.callsClose.size();
    }
}

/// Ends the calls, which go up to `payloadEnd`, and takes the buffer up to `behind`.
bool TaggedAnswerParser::closeCalls(std::size_t payloadEnd, std::size_t behind, std::vector<AnswerPiece>& output) {
    const std::string_view payload = std::string_view(m_buffer).substr(m_payload, payloadEnd - m_payload);
    const auto calls = readToolCalls(m_format.calls, payload);
    m_mode = Mode::Text; // a call ends the reasoning, closed or not
    if (!calls) {
        m_bareCall = false;
        // It is text, and so is a marker that only looked like one.
        const std::size_t shown = std::max(behind, std::size_t{1});
        const std::string text = m_buffer.substr(0, shown);
        m_buffer.erase(0, shown);
        emit(text, output);
        m_anyText = true;
        return true;
    }
    for (const ToolCall& call : *calls)
        output.push_back({AnswerPiece::Kind::Call, {}, call});
    m_buffer.erase(0, behind);
    m_trimFront = true;
    return true;
}

void TaggedAnswerParser::emit(std::string_view text, std::vector<AnswerPiece>& output) {
    if (text.empty())
        return;
    const bool reasoning = m_mode == Mode::Reasoning;
    m_anyText |= !reasoning && !trimmed(text).empty();
    const auto kind = reasoning ? AnswerPiece::Kind::Reasoning : AnswerPiece::Kind::Text;
    if (!output.empty() && output.back().kind == kind)
        output.back().text += text;
    else
        output.push_back({kind, std::string(text), {}});
}

void TaggedAnswerParser::finish(std::vector<AnswerPiece>& output) {
    while (m_mode == Mode::Calls && !m_buffer.empty())
        if (!advanceCalls(output))
            closeCalls(m_buffer.size(), m_buffer.size(), output);
    trimFront();
    emit(m_buffer, output); // with its last spaces: the answer may be gone on with
    m_buffer.clear();
}

} // namespace hearth
