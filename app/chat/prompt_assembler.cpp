#include "app/chat/prompt_assembler.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace hearth {

namespace {

// Two code points that are no characters and never occur in exchanged text (Unicode 23.7) stand around the number of a
// piece of text that must not be read as a control token.
constexpr std::string_view kShieldBegin = "\xEF\xB7\x90"; // U+FDD0
constexpr std::string_view kShieldEnd = "\xEF\xB7\x91";   // U+FDD1
constexpr std::string_view kReplacement = "\xEF\xBF\xBD"; // U+FFFD

// Shorter vocabulary entries are no markers but pieces of words.
constexpr std::size_t kMinControlText = 3;

constexpr std::string_view kPlainUser = "User:";
constexpr std::string_view kPlainAssistant = "Assistant:";

std::string utf8(const QString& text) {
    return text.toStdString();
}

bool isBlank(const QString& text) {
    return QStringView(text).trimmed().isEmpty();
}

} // namespace

/// Neighbouring messages of one role, joined.
struct PromptAssembler::Turn {
    MessageRole role = MessageRole::User;
    QString text;
    QString reasoning;
    QList<MessageId> messages;
};

/// Pieces of the messages that look like control tokens; their place in the text holds their number.
struct PromptAssembler::Shielded {
    std::vector<std::string> pieces;
};

QString withAttachments(const Message& message) {
    QString text = message.text;
    for (const Attachment& attachment : message.attachments) {
        if (attachment.missing)
            continue;
        // The fence is longer than any in the file, so that the file cannot end it.
        QString fence = QStringLiteral("```");
        while (attachment.text.contains(fence))
            fence += u'`';
        text += QStringLiteral("\n\nFile \"%1\":\n%2\n%3\n%2").arg(attachment.fileName, fence, attachment.text);
    }
    return text;
}

PromptAssembler::PromptAssembler(const Tokenizer& tokenizer, const ChatTemplate* chatTemplate, int contextTokens)
    : m_tokenizer(tokenizer), m_chatTemplate(chatTemplate), m_contextTokens(contextTokens),
      m_answerFormat(detectAnswerFormat(chatTemplate ? chatTemplate->source() : std::string_view(), tokenizer)) {
    for (TokenId id = 0; id < tokenizer.vocabularySize(); ++id) {
        const std::string_view text = tokenizer.tokenText(id);
        if (tokenizer.isControl(id) && text.size() >= kMinControlText)
            m_controlTexts[static_cast<unsigned char>(text.front())].emplace_back(text);
    }
    for (std::vector<std::string>& texts : m_controlTexts) {
        std::stable_sort(texts.begin(), texts.end(),
                         [](const std::string& left, const std::string& right) { return left.size() > right.size(); });
    }
}

int PromptAssembler::count(const QString& text) const {
    return static_cast<int>(m_tokenizer.encode(utf8(text), AddSpecial::No, ParseSpecial::No).size());
}

Result<AssembledPrompt> PromptAssembler::assemble(const PromptInput& input) const {
    const std::vector<Turn> turns = turnsOf(input);
    const int limit = m_contextTokens - std::min(input.answerTokens, m_contextTokens / 2);
    const std::vector<std::size_t> starts = possibleStarts(turns, static_cast<std::size_t>(std::max(limit / 2, 1)));
    if (starts.empty())
        return Error{ErrorCode::InvalidInput, "there is no question to answer"};
    const std::size_t likely = firstLikelyTurn(turns, limit);
    auto low = std::lower_bound(starts.begin(), std::prev(starts.end()), likely);
    auto high = starts.end();

    // The first start that fits; later ones are shorter.
    AssembledPrompt prompt;
    int shortest = 0;
    std::size_t first = turns.size();
    for (auto middle = low; low != high; middle = low + (high - low) / 2) {
        HEARTH_TRY(Encoded encoded, encode(input, turns, *middle));
        shortest = static_cast<int>(encoded.tokens.size());
        if (shortest <= limit) {
            first = *middle;
            prompt.tokens = std::move(encoded.tokens);
            prompt.answerStart = encoded.start;
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    if (first == turns.size()) {
        return Error{ErrorCode::InvalidInput,
                     "the question has " + std::to_string(shortest) + " tokens with what goes with it; the context of "
                         + std::to_string(m_contextTokens) + " tokens has room for " + std::to_string(limit)};
    }
    for (std::size_t index = 0; index < first; ++index)
        prompt.report.dropped += turns[index].messages;
    prompt.report.promptTokens = static_cast<int>(prompt.tokens.size());
    prompt.report.contextTokens = m_contextTokens;
    prompt.answerFormat = m_answerFormat;
    if (m_chatTemplate == nullptr)
        prompt.stopStrings.push_back("\n" + std::string(kPlainUser));
    return prompt;
}

std::vector<PromptAssembler::Turn> PromptAssembler::turnsOf(const PromptInput& input) {
    std::vector<Turn> turns;
    for (const PromptMessage& message : input.messages) {
        if (isBlank(message.text) || message.role == MessageRole::System)
            continue;
        if (turns.empty() || turns.back().role != message.role)
            turns.push_back({message.role, {}, {}, {}});
        else
            turns.back().text += QStringLiteral("\n\n");
        turns.back().text += message.text;
        turns.back().reasoning += message.reasoning;
        turns.back().messages.append(message.id);
    }
    // The answer that is asked for comes after a question.
    while (!turns.empty() && turns.back().role != MessageRole::User)
        turns.pop_back();
    return turns;
}

std::string PromptAssembler::shield(const QString& text, Shielded& shielded) const {
    const std::string source = utf8(text);
    std::string result;
    result.reserve(source.size());
    std::string_view rest = source;
    while (!rest.empty()) {
        if (rest.starts_with(kShieldBegin) || rest.starts_with(kShieldEnd)) {
            result += kReplacement;
            rest.remove_prefix(kShieldBegin.size());
            continue;
        }
        const std::string_view control = controlTextAt(rest);
        if (control.empty()) {
            result += rest.front();
            rest.remove_prefix(1);
            continue;
        }
        result.append(kShieldBegin).append(std::to_string(shielded.pieces.size())).append(kShieldEnd);
        shielded.pieces.emplace_back(control);
        rest.remove_prefix(control.size());
    }
    return result;
}

std::string_view PromptAssembler::controlTextAt(std::string_view text) const {
    for (const std::string& control : m_controlTexts[static_cast<unsigned char>(text.front())]) {
        if (text.starts_with(control))
            return control;
    }
    return {};
}

std::vector<std::size_t> PromptAssembler::possibleStarts(const std::vector<Turn>& turns, std::size_t stepLength) {
    std::vector<std::size_t> starts;
    std::size_t lastQuestion = turns.size();
    std::size_t length = 0;
    std::size_t nextLength = 0;
    for (std::size_t index = 0; index < turns.size(); ++index) {
        if (turns[index].role == MessageRole::User) {
            lastQuestion = index;
            if (length >= nextLength) {
                starts.push_back(index);
                nextLength = (length / stepLength + 1) * stepLength;
            }
        }
        length += static_cast<std::size_t>(turns[index].text.size());
    }
    if (!starts.empty() && starts.back() != lastQuestion)
        starts.push_back(lastQuestion);
    return starts;
}

std::size_t PromptAssembler::firstLikelyTurn(const std::vector<Turn>& turns, int limit) const {
    // From the end, so that a long conversation costs no more than what fits.
    int tokens = 0;
    std::size_t first = turns.size();
    while (first > 0 && tokens <= limit) {
        --first;
        tokens +=
            static_cast<int>(m_tokenizer.encode(utf8(turns[first].text), AddSpecial::No, ParseSpecial::No).size());
    }
    return tokens > limit ? first + 1 : first;
}

Result<PromptAssembler::Encoded> PromptAssembler::encode(const PromptInput& input, const std::vector<Turn>& turns,
                                                         std::size_t first) const {
    Shielded pieces;
    const std::string system = isBlank(input.systemPrompt) ? std::string() : shield(input.systemPrompt, pieces);
    std::vector<Spoken> spoken;
    for (std::size_t index = first; index < turns.size(); ++index)
        spoken.push_back({shield(turns[index].text, pieces), shield(turns[index].reasoning, pieces)});
    nlohmann::ordered_json tools;
    if (!input.tools.isEmpty()) {
        tools = nlohmann::ordered_json::parse(input.tools.begin(), input.tools.end(), nullptr, false);
        if (!tools.is_array())
            return Error{ErrorCode::InvalidInput, "tools must be a JSON list of functions"};
    }
    // The turns begin with a question and alternate.
    HEARTH_TRY(std::string rendered, render(system, spoken, tools));
    const AnswerStart start = beginAnswer(input, rendered, pieces);
    return Encoded{tokensOf(rendered, pieces), start};
}

AnswerStart PromptAssembler::beginAnswer(const PromptInput& input, std::string& rendered, Shielded& pieces) const {
    const AnswerLead lead = answerLead(rendered, m_answerFormat);
    const AnswerStart fresh = startAfter(rendered, m_answerFormat);
    const bool thought = !input.reasoning.isEmpty() && m_answerFormat.hasReasoning();
    if (thought)
        rendered += lead.beforeReasoning + shield(input.reasoning, pieces);
    if (input.continuation.isEmpty())
        return thought ? AnswerStart::InReasoning : fresh;
    rendered += (thought ? lead.afterReasoning : lead.beforeText) + shield(input.continuation, pieces);
    return AnswerStart::InText;
}

std::vector<TokenId> PromptAssembler::tokensOf(std::string_view rendered, const Shielded& pieces) const {
    std::vector<TokenId> tokens;
    // A template that writes the begin token itself gets no second one.
    const auto begin = m_tokenizer.beginToken();
    const std::string_view beginText = begin ? m_tokenizer.tokenText(*begin) : std::string_view();
    AddSpecial addSpecial = !beginText.empty() && rendered.starts_with(beginText) ? AddSpecial::No : AddSpecial::Yes;
    const auto append = [&](std::string_view text, ParseSpecial parseSpecial) {
        const std::vector<TokenId> more = m_tokenizer.encode(text, addSpecial, parseSpecial);
        tokens.insert(tokens.end(), more.begin(), more.end());
        // Some models also ask for an end token after each text: a prompt is not at its end.
        if (addSpecial == AddSpecial::Yes && m_tokenizer.endToken() && !tokens.empty()
            && tokens.back() == *m_tokenizer.endToken() && !text.ends_with(m_tokenizer.tokenText(tokens.back())))
            tokens.pop_back();
        addSpecial = AddSpecial::No;
    };
    std::string_view rest = rendered;
    while (true) {
        const std::size_t at = rest.find(kShieldBegin);
        const std::string_view plain = rest.substr(0, at);
        if (!plain.empty())
            append(plain, ParseSpecial::Yes);
        if (at == std::string_view::npos)
            return tokens;
        rest.remove_prefix(at + kShieldBegin.size());
        std::size_t piece = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), piece);
        // A template may cut a text anywhere; what is left of a number is then dropped.
        if (error == std::errc() && piece < pieces.pieces.size())
            append(pieces.pieces[piece], ParseSpecial::No);
        rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
        if (rest.starts_with(kShieldEnd))
            rest.remove_prefix(kShieldEnd.size());
    }
}

Result<std::string> PromptAssembler::render(const std::string& system, const std::vector<Spoken>& turns,
                                            const nlohmann::ordered_json& tools) const {
    if (m_chatTemplate == nullptr) {
        std::string text = system.empty() ? "" : system + "\n\n";
        for (std::size_t index = 0; index < turns.size(); ++index)
            text.append(index % 2 == 0 ? kPlainUser : kPlainAssistant)
                .append(" ")
                .append(turns[index].text)
                .append("\n");
        return text.append(kPlainAssistant);
    }
    const auto renderWith = [&](bool systemRole) {
        ChatTemplateInput input;
        input.tools = tools;
        if (systemRole && !system.empty())
            input.messages.push_back({{"role", "system"}, {"content", system}});
        for (std::size_t index = 0; index < turns.size(); ++index) {
            const bool joinSystem = !systemRole && index == 0;
            const std::string& text = turns[index].text;
            nlohmann::ordered_json message{{"role", index % 2 == 0 ? "user" : "assistant"},
                                           {"content", joinSystem ? system + "\n\n" + text : text}};
            // Templates know it by one name or the other.
            if (!turns[index].reasoning.empty())
                message["reasoning_content"] = message["thinking"] = turns[index].reasoning;
            input.messages.push_back(std::move(message));
        }
        return m_chatTemplate->render(input);
    };
    auto rendered = renderWith(true);
    if (!rendered.ok() && !system.empty())
        rendered = renderWith(false);
    if (!rendered.ok())
        return rendered.error().within("the model's chat template");
    return rendered;
}

} // namespace hearth
