#include "engine/text/answer/answer_format.h"

#include "engine/text/tokenizer.h"
#include "engine/text/unicode.h"

#include <algorithm>
#include <iterator>
#include <vector>

namespace hearth {

namespace {

/// Markers of calls by which a template is recognised. The first that occurs counts: particular ones come first.
struct CallMarkers {
    std::string_view seen;
    CallSyntax syntax;
    std::string_view open;
    std::string_view close;
};

constexpr CallMarkers kCallMarkers[] = {
    {"<|channel|>", CallSyntax::Harmony, "", ""},
    {"<|tool_calls_section_begin|>", CallSyntax::Kimi, "<|tool_calls_section_begin|>", "<|tool_calls_section_end|>"},
    {"｜DSML｜", CallSyntax::Invoke, "<｜DSML｜tool_calls>", "</｜DSML｜tool_calls>"},
    {"<｜tool▁calls▁begin｜>", CallSyntax::DeepSeek, "<｜tool▁calls▁begin｜>", "<｜tool▁calls▁end｜>"},
    {"[TOOL_CALLS]", CallSyntax::Mistral, "[TOOL_CALLS]", ""},
    {"<|tool_call>", CallSyntax::Gemma, "<|tool_call>", "<tool_call|>"},
    {"<start_function_call>", CallSyntax::Gemma, "<start_function_call>", "<end_function_call>"},
    {"<|tool_call_start|>", CallSyntax::Pythonic, "<|tool_call_start|>", "<|tool_call_end|>"},
    {"<|START_ACTION|>", CallSyntax::Json, "<|START_ACTION|>", "<|END_ACTION|>"},
    {"<minimax:tool_call>", CallSyntax::Invoke, "<minimax:tool_call>", "</minimax:tool_call>"},
    {"<seed:tool_call>", CallSyntax::Tagged, "<seed:tool_call>", "</seed:tool_call>"},
    {"<TOOLCALL>", CallSyntax::Json, "<TOOLCALL>", "</TOOLCALL>"},
    {"<|tools_prefix|>", CallSyntax::Json, "<|tools_prefix|>", "<|tools_suffix|>"},
    {"<|/tool_call|>", CallSyntax::Json, "<|tool_call|>", "<|/tool_call|>"},
    {"<|tool_call|>", CallSyntax::Json, "<|tool_call|>", ""},
    {"<tool_call>", CallSyntax::Tagged, "<tool_call>", "</tool_call>"},
    {"<function name=", CallSyntax::Invoke, "<function name=", "</function>"},
    {"<|python_tag|>", CallSyntax::Llama, "<|python_tag|>", ""},
    {"\"parameters\": dictionary", CallSyntax::Llama, "<|python_tag|>", ""},
    {"```tool_code", CallSyntax::Pythonic, "```tool_code", "```"},
};

struct ReasoningMarkers {
    std::string_view seen;
    std::string_view open;
    std::string_view close;
};

constexpr ReasoningMarkers kReasoningMarkers[] = {
    {"<|channel|>", "<|channel|>analysis<|message|>", "<|end|>"},
    {"<|channel>", "<|channel>thought\n", "<channel|>"},
    {"<seed:think>", "<seed:think>", "</seed:think>"},
    {"[THINK]", "[THINK]", "[/THINK]"},
    {"<|START_THINKING|>", "<|START_THINKING|>", "<|END_THINKING|>"},
    {"<|inner_prefix|>", "<|inner_prefix|>", "<|inner_suffix|>"},
    {"◁/think▷", "◁think▷", "◁/think▷"},
    {"Here is my thought process:", "Here is my thought process:", "Here is my response:"},
    {"</think>", "<think>", "</think>"},
    {"<think>", "<think>", "</think>"},
};

void readTemplate(std::string_view chatTemplate, AnswerFormat& format) {
    const auto occurs = [chatTemplate](std::string_view text) {
        return chatTemplate.find(text) != std::string_view::npos;
    };
    const auto* const calls = std::find_if(std::begin(kCallMarkers), std::end(kCallMarkers),
                                           [&](const auto& row) { return occurs(row.seen); });
    if (calls != std::end(kCallMarkers)) {
        format.calls = calls->syntax;
        format.callsOpen = calls->open;
        format.callsClose = calls->close;
    }
    if (format.callsOpen.starts_with("<｜DSML｜") && occurs("function_calls>")) {
        format.callsOpen = "<｜DSML｜function_calls>";
        format.callsClose = "</｜DSML｜function_calls>";
    }
    const auto* const reasoning = std::find_if(std::begin(kReasoningMarkers), std::end(kReasoningMarkers),
                                               [&](const auto& row) { return occurs(row.seen); });
    if (reasoning != std::end(kReasoningMarkers)) {
        format.reasoningOpen = reasoning->open;
        format.reasoningClose = reasoning->close;
    }
    if (occurs("<response>") && format.reasoningOpen == "<think>") {
        format.answerOpen = "<response>";
        format.answerClose = "</response>";
    } else if (occurs("<|START_RESPONSE|>")) {
        format.answerOpen = "<|START_RESPONSE|>";
        format.answerClose = "<|END_RESPONSE|>";
    }
}

bool isHarmony(const AnswerFormat& format) {
    return format.calls == CallSyntax::Harmony;
}

/// The marker as it may stand at the end of a prompt: white space behind it does not matter.
std::string_view withoutTrailingSpace(std::string_view text) {
    const std::size_t last = text.find_last_not_of(" \n\r\t");
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// A marker in GBNF: as one token if the vocabulary has it or its beginning, otherwise as text.
std::string quotedMarker(std::string_view marker, const Tokenizer& tokenizer) {
    for (std::size_t size = marker.size(); size > 1; --size) {
        const auto token = tokenizer.findToken(marker.substr(0, size));
        if (!token || (size < marker.size() && !tokenizer.isControl(*token)))
            continue;
        const std::string whole = "<[" + std::to_string(*token) + "]>";
        return size == marker.size() ? whole : whole + " " + quotedMarker(marker.substr(size), tokenizer);
    }
    std::string text = "\"";
    for (const char character : marker) {
        if (character == '"' || character == '\\')
            text += '\\';
        if (character == '\n')
            text += "\\n";
        else
            text += character;
    }
    return text + "\"";
}

/// Anything up to and with the marker; as text it needs the rules of textUpTo().
std::string upToMarker(std::string_view marker, const Tokenizer& tokenizer) {
    const auto token = tokenizer.findToken(marker);
    if (token) {
        const std::string number = std::to_string(*token);
        return "!<[" + number + "]>* <[" + number + "]>";
    }
    return "lead-text-0";
}

std::string inBrackets(char32_t character) {
    std::string text;
    if (character == U'[' || character == U']' || character == U'\\' || character == U'^' || character == U'-')
        text += character == U'^' || character == U'-' ? "\\x" + std::string(character == U'^' ? "5E" : "2D") : "\\";
    if (text.size() < 2)
        appendUtf8(text, character);
    return text;
}

/// Rules of text that ends with its first occurrence of the marker: one for each part of it that may stand at the end.
/// Source: Knuth, Morris, Pratt.
std::string textUpTo(std::string_view marker) {
    const std::vector<char32_t> text = codePointsOf(marker);
    std::vector<char32_t> letters = text;
    std::sort(letters.begin(), letters.end());
    letters.erase(std::unique(letters.begin(), letters.end()), letters.end());
    const auto matchedAfter = [&text](std::size_t matched, char32_t next) {
        std::vector<char32_t> end(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(matched));
        end.push_back(next);
        std::size_t length = end.size();
        while (length > 0 && !std::equal(end.end() - static_cast<std::ptrdiff_t>(length), end.end(), text.begin()))
            --length;
        return length;
    };
    std::string others = "[^";
    for (const char32_t letter : letters)
        others += inBrackets(letter);
    others += "]";
    std::string rules;
    for (std::size_t matched = 0; matched < text.size(); ++matched) {
        rules += "lead-text-" + std::to_string(matched) + " ::= " + others + " lead-text-0";
        for (const char32_t letter : letters) {
            const std::size_t after = matchedAfter(matched, letter);
            rules += " | [" + inBrackets(letter) + "]";
            if (after < text.size())
                rules += " lead-text-" + std::to_string(after);
        }
        rules += "\n";
    }
    return rules;
}

} // namespace

AnswerFormat detectAnswerFormat(std::string_view chatTemplate, const Tokenizer& tokenizer) {
    AnswerFormat format;
    readTemplate(chatTemplate, format);
    // Some templates leave the reasoning to the model altogether.
    if (!format.hasReasoning() && tokenizer.findToken("<think>") && tokenizer.findToken("</think>")) {
        format.reasoningOpen = "<think>";
        format.reasoningClose = "</think>";
    }
    return format;
}

AnswerStart startAfter(std::string_view prompt, const AnswerFormat& format) {
    if (!format.hasReasoning() || isHarmony(format))
        return AnswerStart::Fresh;
    const std::string_view end = withoutTrailingSpace(prompt);
    return end.ends_with(withoutTrailingSpace(format.reasoningOpen)) ? AnswerStart::InReasoning : AnswerStart::Fresh;
}

AnswerLead answerLead(std::string_view prompt, const AnswerFormat& format) {
    if (isHarmony(format))
        return {"<|channel|>analysis<|message|>", "<|channel|>final<|message|>",
                "<|end|><|start|>assistant<|channel|>final<|message|>"};
    if (!format.hasReasoning())
        return {};
    const bool open = startAfter(prompt, format) == AnswerStart::InReasoning;
    const std::string after = "\n" + format.reasoningClose + "\n\n" + format.answerOpen;
    return {open ? std::string() : format.reasoningOpen + "\n", open ? after : std::string(), after};
}

std::string leadGrammar(const AnswerFormat& format, AnswerStart start, const Tokenizer& tokenizer) {
    if (!format.hasReasoning())
        return {};
    if (isHarmony(format)) {
        const auto token = [&](std::string_view text) { return quotedMarker(text, tokenizer); };
        return "lead ::= ( " + token("<|channel|>") + " \"analysis\" " + token("<|message|>") + " "
               + upToMarker("<|end|>", tokenizer) + " " + token("<|start|>") + " \"assistant\" )? "
               + token("<|channel|>") + " \"final\" " + token("<|message|>") + "\n"
               + (tokenizer.findToken("<|end|>") ? "" : textUpTo("<|end|>"));
    }
    const std::string rest =
        upToMarker(format.reasoningClose, tokenizer) + " [ \\n]{0,4}"
        + (format.answerOpen.empty() ? "" : " " + quotedMarker(format.answerOpen, tokenizer) + "?");
    const std::string rules = tokenizer.findToken(format.reasoningClose) ? "" : textUpTo(format.reasoningClose);
    if (start == AnswerStart::InReasoning)
        return "lead ::= " + rest + "\n" + rules;
    return "lead ::= ( " + quotedMarker(format.reasoningOpen, tokenizer) + " " + rest + " )?\n" + rules;
}

} // namespace hearth
