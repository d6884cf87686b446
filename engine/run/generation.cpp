#include "engine/run/generation.h"

#include "engine/run/answer_stream.h"
#include "engine/run/trace/trace_recorder.h"

#include <chrono>
#include <limits>
#include <string>

namespace hearth {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

Status checkPrompt(const Decoder& decoder, const GenerationRequest& request) {
    if (request.prompt.empty())
        return Error{ErrorCode::InvalidInput, "the prompt is empty"};
    const auto count = static_cast<std::int64_t>(request.prompt.size());
    if (count >= decoder.contextTokens())
        return Error{ErrorCode::InvalidInput, "the prompt has " + std::to_string(count) + " tokens; the context holds "
                                                  + std::to_string(decoder.contextTokens())
                                                  + " and needs room for an answer"};
    for (const TokenId token : request.prompt)
        if (token < 0 || token >= decoder.spec().vocabulary)
            return Error{ErrorCode::InvalidInput, "the prompt has token " + std::to_string(token)
                                                      + "; the vocabulary ends at "
                                                      + std::to_string(decoder.spec().vocabulary)};
    return {};
}

/// One answer in the making.
class Generation {
public:
    Generation(Decoder& decoder, Speculation& speculation, const Tokenizer& tokenizer, TokenConstraint* constraint,
               const GenerationRequest& request, const GenerationSink& sink, std::stop_token stop, Sampler& sampler)
        : m_decoder(decoder), m_steps(speculation), m_tokenizer(tokenizer), m_constraint(constraint),
          m_request(request), m_sink(sink), m_stop(std::move(stop)), m_sampler(sampler),
          m_answer(tokenizer, request, sink, m_stats), m_trace(decoder, sink.trace) {}

    Result<GenerationStats> run() {
        HEARTH_TRY(const bool promptDone, prefill());
        if (promptDone) {
            m_decoder.cache().keepState(); // asked again or edited, the conversation goes on from here
            const Clock::time_point start = Clock::now();
            m_sampler.constrain(m_constraint); // the prompt was free
            m_steps.begin({m_request.guesses, m_request.guessCount}, m_request.prompt, m_request.sampler, m_sampler);
            const Status status = decode();
            HEARTH_CHECK(m_steps.settle());
            HEARTH_CHECK(status);
            m_stats.decodeSeconds = secondsSince(start);
            countSteps();
            m_decoder.cache().keepState();
        } else {
            m_stats.stopReason = StopReason::Cancelled;
        }
        m_answer.finish();
        m_trace.end();
        return m_stats;
    }

private:
    /// False if it was cancelled.
    Result<bool> prefill() {
        const Clock::time_point start = Clock::now();
        const std::span<const TokenId> prompt = m_request.prompt;
        m_stats.promptTokens = static_cast<std::int32_t>(prompt.size());
        m_stats.reusedTokens = m_decoder.cache().open(prompt, KvCache::Reuse::Yes);
        for (const TokenId token : prompt)
            m_sampler.accept(token);
        const std::int32_t total = m_stats.promptTokens - m_stats.reusedTokens;
        const Status status = m_decoder.append(prompt.subspan(static_cast<std::size_t>(m_stats.reusedTokens)), m_stop,
                                               [&](std::int32_t done) {
                                                   if (m_sink.promptProgress)
                                                       m_sink.promptProgress(done, total);
                                               });
        m_stats.promptSeconds = secondsSince(start);
        if (!status && status.error().code != ErrorCode::Cancelled)
            return status.error();
        return status.ok();
    }

    Status decode() {
        const Clock::time_point start = Clock::now();
        while (true) {
            if (m_stop.stop_requested())
                return finish(StopReason::Cancelled);
            if (m_request.maxTokens >= 0 && m_stats.generatedTokens >= m_request.maxTokens)
                return finish(StopReason::MaxTokens);
            if (m_constraint != nullptr && m_constraint->isComplete())
                return finish(StopReason::EndOfAnswer);
            const TokenId token = m_sampler.sample(m_steps.logits());
            if (m_constraint != nullptr && m_constraint->failure())
                return *m_constraint->failure();
            if (m_stats.generatedTokens == 0)
                m_stats.firstTokenSeconds = m_stats.promptSeconds + secondsSince(start);
            if (m_request.endTokens == EndTokens::Stop && m_tokenizer.endsGeneration(token))
                return finish(StopReason::EndOfAnswer);
            m_trace.drawn(token, m_steps.logits());
            m_sampler.accept(token);
            ++m_stats.generatedTokens;
            m_answer.push(token);
            if (m_answer.stopped())
                return finish(StopReason::StopString);
            if (m_steps.length() >= m_decoder.contextTokens())
                return finish(StopReason::ContextFull);
            const Status status = m_steps.append(token, mostGuesses(), m_stop);
            if (!status && status.error().code == ErrorCode::Cancelled)
                return finish(StopReason::Cancelled);
            HEARTH_CHECK(status);
            m_trace.read(m_steps.row());
        }
    }

    /// Guesses behind a token that can still become part of the answer.
    [[nodiscard]] std::int32_t mostGuesses() const {
        constexpr std::int32_t kAny = std::numeric_limits<std::int32_t>::max();
        return m_request.maxTokens < 0 ? kAny : m_request.maxTokens - m_stats.generatedTokens - 1;
    }

    void countSteps() {
        const SpeculationStats& counted = m_steps.stats();
        m_stats.steps = counted.steps;
        m_stats.guessedTokens = counted.guessed;
        m_stats.acceptedGuesses = counted.accepted;
        m_stats.guessSeconds = counted.guessSeconds;
    }

    Status finish(StopReason reason) {
        m_stats.stopReason = reason;
        return {};
    }

    Decoder& m_decoder;
    Speculation& m_steps;
    const Tokenizer& m_tokenizer;
    TokenConstraint* m_constraint; ///< null: none
    const GenerationRequest& m_request;
    const GenerationSink& m_sink;
    std::stop_token m_stop;
    Sampler& m_sampler;
    GenerationStats m_stats;
    AnswerStream m_answer;
    TraceRecorder m_trace;
};

} // namespace

Result<GenerationStats> generateText(Decoder& decoder, Speculation& speculation, const Tokenizer& tokenizer,
                                     TokenConstraint* constraint, const GenerationRequest& request,
                                     const GenerationSink& sink, std::stop_token stop) {
    HEARTH_CHECK(checkPrompt(decoder, request));
    if (request.guessCount < 0)
        return Error{ErrorCode::InvalidInput, std::to_string(request.guessCount) + " guesses a step"};
    if (!speculation.has(request.guesses))
        return Error{ErrorCode::InvalidInput, request.guesses == GuessSource::DraftModel
                                                  ? "no draft model was loaded to guess with"
                                                  : "the model's head for prediction was not loaded"};
    HEARTH_TRY(const std::unique_ptr<Sampler> sampler, Sampler::create(request.sampler, tokenizer));
    return Generation(decoder, speculation, tokenizer, constraint, request, sink, std::move(stop), *sampler).run();
}

} // namespace hearth
