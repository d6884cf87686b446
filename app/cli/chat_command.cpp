#include "app/chat/prompt_assembler.h"
#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/engine_options.h"
#include "app/cli/guess_options.h"
#include "app/cli/interrupt.h"
#include "app/cli/models_folder.h"
#include "app/cli/sampler_options.h"
#include "engine/run/engine.h"
#include "engine/text/grammar/grammar.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <limits>
#include <utility>

namespace hearth::cli {
namespace {

using Json = nlohmann::ordered_json;

const char* stopReasonName(StopReason reason) {
    switch (reason) {
    case StopReason::EndOfAnswer:
        return "end";
    case StopReason::StopString:
        return "stop_string";
    case StopReason::MaxTokens:
        return "max_tokens";
    case StopReason::ContextFull:
        return "context_full";
    case StopReason::Cancelled:
        return "cancelled";
    }
    return "";
}

double perSecond(std::int32_t tokens, double seconds) {
    return seconds > 0 ? tokens / seconds : 0;
}

/// One chat from the loaded model to the last line.
class Chat {
public:
    Chat(const Arguments& arguments, Engine& engine, std::shared_ptr<const Grammar> grammar, QByteArray tools,
         const Guessing& guessing, Interrupt& interrupt)
        : m_arguments(arguments), m_engine(engine), m_grammar(std::move(grammar)), m_guessing(guessing),
          m_interrupt(interrupt), m_assembler(engine.tokenizer(), engine.chatTemplate(), engine.info().contextTokens),
          m_sampler(readSamplerOptions(arguments)), m_asJson(arguments.has("--json")),
          m_toTerminal(isatty(STDOUT_FILENO) != 0),
          m_showsReasoning(m_toTerminal && !arguments.has("--hide-reasoning")) {
        m_chat.tools = std::move(tools);
        m_chat.systemPrompt = QString::fromStdString(arguments.text("--system"));
        if (arguments.int32("--max-tokens") > 0)
            m_chat.answerTokens = arguments.int32("--max-tokens");
    }

    Status answerOnce(const std::string& text) {
        HEARTH_CHECK(checkUtf8(text, "the prompt"));
        return answer(text);
    }

    /// A line is a question; until the end of input.
    Status talk() {
        const bool typed = isatty(STDIN_FILENO) != 0;
        if (typed)
            std::fprintf(stderr, "%s on %s. Ctrl+C stops an answer, /clear begins anew, Ctrl+D ends.\n",
                         withoutControls(m_engine.info().name).c_str(), m_engine.device().name.c_str());
        std::string line;
        while (true) {
            if (typed)
                std::fputs("> ", stderr);
            if (!std::getline(std::cin, line))
                break;
            if (line.empty())
                continue;
            if (line == "/clear") {
                m_chat.messages.clear();
                continue;
            }
            const Status status = answerOnce(line);
            if (!status && !typed)
                return status;
            if (!status)
                std::fprintf(stderr, "hearth-cli: %s\n", withoutControls(status.error().message).c_str());
        }
        if (typed)
            std::fputs("\n", stderr);
        return {};
    }

    /// Writes the cache of the conversation to --session, for a later run to go on at once.
    Status saveSession() {
        if (!m_arguments.has("--session") || !m_hasAnswered)
            return {};
        constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();
        const auto saved = m_engine.saveSequence(m_arguments.text("--session"), kNoLimit, m_interrupt.begin());
        m_interrupt.finish();
        return saved ? Status{} : Status(saved.error());
    }

private:
    struct Answer {
        std::string text;
        std::string reasoning;
        std::vector<ToolCall> calls;
    };

    /// Takes up --session, once; what is of no use is said and computed instead.
    void restoreSession(const GenerationRequest& request) {
        if (!m_arguments.has("--session") || m_hasAnswered)
            return;
        const auto start = std::chrono::steady_clock::now();
        const auto restored = m_engine.restoreSequence(m_arguments.text("--session"), request.prompt);
        m_restoreSeconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (!restored && restored.error().code != ErrorCode::NotFound)
            std::fprintf(stderr, "hearth-cli: %s; the conversation is read again\n",
                         withoutControls(restored.error().message).c_str());
    }

    Result<GenerationRequest> requestFor(const std::string& text) {
        GenerationRequest request;
        request.sampler = m_sampler;
        request.maxTokens = m_arguments.int32("--max-tokens");
        request.grammar = m_grammar;
        request.guesses = m_guessing.source;
        request.guessCount = m_guessing.count;
        if (m_arguments.has("--raw")) {
            request.prompt = m_engine.tokenizer().encode(text, AddSpecial::Yes, ParseSpecial::Yes);
        } else {
            PromptInput chat = m_chat;
            chat.messages.append({kNoId, MessageRole::User, QString::fromStdString(text)});
            HEARTH_TRY(AssembledPrompt prompt, m_assembler.assemble(chat));
            request.prompt = std::move(prompt.tokens);
            request.stopStrings = std::move(prompt.stopStrings);
            request.answerFormat = std::move(prompt.answerFormat);
            request.answerStart = prompt.answerStart;
            request.toolsOffered = chat.tools.isEmpty() ? ToolsOffered::No : ToolsOffered::Yes;
            m_forgotten = static_cast<std::size_t>(prompt.report.dropped.size());
        }
        if (m_arguments.has("--stop"))
            request.stopStrings.push_back(m_arguments.text("--stop"));
        return request;
    }

    void remember(const std::string& question, const Answer& answer) {
        m_chat.messages.append({kNoId, MessageRole::User, QString::fromStdString(question)});
        m_chat.messages.append({kNoId, MessageRole::Assistant, QString::fromStdString(answer.text),
                                QString::fromStdString(answer.reasoning)});
    }

    /// Reasoning is for reading along: dimmed on a terminal, not there for programs.
    void show(AnswerPart part, std::string_view piece) {
        if (m_asJson || (part == AnswerPart::Reasoning && !m_showsReasoning))
            return;
        if (std::exchange(m_shown, part) != part)
            printText(part == AnswerPart::Reasoning ? "\x1b[2m" : "\x1b[0m\n\n");
        printText(m_toTerminal ? withoutControls(piece) : std::string(piece));
    }

    Status answer(const std::string& text) {
        HEARTH_TRY(const GenerationRequest request, requestFor(text));
        restoreSession(request);
        Answer written;
        GenerationSink sink;
        sink.text = [&](std::string_view piece, std::int32_t) {
            written.text += piece;
            show(AnswerPart::Text, piece);
        };
        sink.reasoning = [&](std::string_view piece, std::int32_t) {
            written.reasoning += piece;
            show(AnswerPart::Reasoning, piece);
        };
        sink.toolCall = [&](const ToolCall& call) {
            written.calls.push_back(call);
            show(AnswerPart::Text, "[" + call.name + " " + call.arguments + "]\n");
        };
        const auto stats = m_engine.generate(request, sink, m_interrupt.begin());
        m_interrupt.finish();
        if (!m_asJson)
            printText(std::exchange(m_shown, AnswerPart::Text) == AnswerPart::Reasoning ? "\x1b[0m\n" : "\n");
        if (!stats)
            return stats.error();
        m_hasAnswered = true;
        remember(text, written);
        report(written, *stats);
        return {};
    }

    void report(const Answer& written, const GenerationStats& stats) {
        const double speed = perSecond(stats.generatedTokens, stats.decodeSeconds);
        if (m_asJson) {
            Json calls = Json::array();
            for (const ToolCall& call : written.calls)
                calls.push_back({{"name", call.name}, {"arguments", Json::parse(call.arguments, nullptr, false)}});
            printJson({{"answer", written.text},
                       {"reasoning", written.reasoning},
                       {"tool_calls", calls},
                       {"stop_reason", stopReasonName(stats.stopReason)},
                       {"seed", m_sampler.seed},
                       {"prompt_tokens", stats.promptTokens},
                       {"reused_tokens", stats.reusedTokens},
                       {"generated_tokens", stats.generatedTokens},
                       {"reasoning_tokens", stats.reasoningTokens},
                       {"forgotten_messages", m_forgotten},
                       {"restore_seconds", m_restoreSeconds},
                       {"prompt_seconds", stats.promptSeconds},
                       {"first_token_seconds", stats.firstTokenSeconds},
                       {"decode_seconds", stats.decodeSeconds},
                       {"tokens_per_second", speed},
                       {"speculation", describeGuesses(stats)}});
        } else if (isatty(STDERR_FILENO) != 0) {
            std::fprintf(stderr, "[%d tokens, %.1f a second", stats.generatedTokens, speed);
            if (stats.guessedTokens > 0)
                std::fprintf(stderr, ", %d of %d guesses came true", stats.acceptedGuesses, stats.guessedTokens);
            std::fputs("]\n", stderr);
        }
    }

    const Arguments& m_arguments;
    Engine& m_engine;
    const std::shared_ptr<const Grammar> m_grammar; ///< null: any answer
    Guessing m_guessing;
    Interrupt& m_interrupt;
    const PromptAssembler m_assembler;
    PromptInput m_chat;          ///< questions and answers so far
    std::size_t m_forgotten = 0; ///< of them, not in the last prompt for want of room
    const SamplerSettings m_sampler;
    const bool m_asJson;
    const bool m_toTerminal;
    const bool m_showsReasoning;
    AnswerPart m_shown = AnswerPart::Text; ///< what was printed last
    bool m_hasAnswered = false;
    double m_restoreSeconds = 0;
};

/// What every answer must be; null: anything.
Result<std::shared_ptr<const Grammar>> readGrammar(const Arguments& arguments) {
    if (arguments.has("--grammar") && arguments.has("--json-schema"))
        return Error{ErrorCode::InvalidInput, "--grammar and --json-schema exclude each other"};
    for (const char* const option : {"--grammar", "--json-schema"}) {
        if (!arguments.has(option))
            continue;
        HEARTH_TRY(const std::string source, readTextFile(arguments.text(option)));
        auto grammar =
            option == std::string_view("--grammar") ? Grammar::fromGbnf(source) : Grammar::fromJsonSchema(source);
        if (!grammar)
            return grammar.error().within(arguments.text(option));
        return grammar;
    }
    return std::shared_ptr<const Grammar>();
}

Status run(const Arguments& arguments) {
    Interrupt interrupt;
    HEARTH_TRY(auto grammar, readGrammar(arguments));
    QByteArray tools;
    if (arguments.has("--tools")) {
        HEARTH_TRY(const Json json, readJsonFile(arguments.text("--tools")));
        if (!json.is_array())
            return Error{ErrorCode::InvalidInput, arguments.text("--tools") + ": tools must be a list of functions"};
        tools = QByteArray::fromStdString(json.dump());
    }
    HEARTH_CHECK(checkUtf8(arguments.text("--system"), "the system message"));
    HEARTH_CHECK(checkUtf8(arguments.text("--stop"), "the stop string"));
    const auto& names = arguments.positionals();
    HEARTH_TRY(const auto path, findModel(names.empty() ? "" : names[0]));
    HEARTH_TRY(EngineOptions options, readDeviceOptions(arguments));
    HEARTH_TRY(options.adapters, readAdapters(arguments));
    options.cacheType = readCacheType(arguments);
    options.contextTokens = arguments.int32("--ctx");
    HEARTH_TRY(const Guessing guessing, readGuessOptions(arguments, options));
    auto engine = Engine::load(path, options, interrupt.begin(), {});
    interrupt.finish();
    if (!engine)
        return std::move(engine).error();
    if (!(*engine)->info().memoryProblem.empty())
        std::fprintf(stderr, "%s\n", withoutControls((*engine)->info().memoryProblem).c_str());
    Chat chat(arguments, **engine, std::move(grammar), std::move(tools), guessing, interrupt);
    HEARTH_CHECK(arguments.has("--prompt") ? chat.answerOnce(arguments.text("--prompt")) : chat.talk());
    return chat.saveSession();
}

} // namespace

Command chatCommand() {
    std::vector<Option> options{
        {"--prompt", ValueKind::Text, "TEXT", "answer this and end; without it, every line of input is a question"},
        {"--system", ValueKind::Text, "TEXT", "how the model shall behave"},
        {"--max-tokens", ValueKind::Integer, "N", "longest answer; -1 is until the context is full", "-1", -1, 1 << 24},
        {"--stop", ValueKind::Text, "TEXT", "end the answer before this text"},
        {"--grammar", ValueKind::Text, "FILE", "answers must be texts of this GBNF grammar"},
        {"--tools", ValueKind::Text, "FILE", "offer these functions (a JSON list, as OpenAI's API takes it)"},
        flag("--hide-reasoning", "show the answer alone, not what the model thinks before it"),
        {"--json-schema", ValueKind::Text, "FILE", "answers must be JSON documents of this schema"},
        {"--session", ValueKind::Text, "FILE",
         "keep the conversation's cache here, and take it up from here: what was read once is not read again"},
        flag("--raw", "continue the text as it is, without the chat template")};
    const auto append = [&](const std::vector<Option>& more) {
        options.insert(options.end(), more.begin(), more.end());
    };
    append(guessOptions());
    append(samplerOptions());
    append(cacheOptions("f16"));
    append(deviceOptions());
    append(adapterOptions());
    return {.name = "chat",
            .positionals = "[MODEL]",
            .mostPositionals = 1,
            .summary = "Talk with a model",
            .options = std::move(options),
            .run = run};
}

} // namespace hearth::cli
