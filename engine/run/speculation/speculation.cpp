#include "engine/run/speculation/speculation.h"

#include "kernels/base/assert.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hearth {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

} // namespace

void Speculation::add(GuessSource source, std::unique_ptr<Drafter> drafter) {
    m_sources.push_back({source, std::move(drafter), {}});
}

bool Speculation::has(GuessSource source) const {
    return source == GuessSource::None
           || std::ranges::any_of(m_sources, [source](const Source& entry) { return entry.kind == source; });
}

void Speculation::begin(const Plan& plan, std::span<const TokenId> prompt, const SamplerSettings& settings,
                        const Sampler& sampler) {
    HEARTH_ASSERT(has(plan.source) && !m_isTrying);
    const auto found = std::ranges::find(m_sources, plan.source, &Source::kind);
    m_count = plan.count;
    m_source = found == m_sources.end() ? nullptr : &*found;
    m_stats = {};
    m_guessedAt = 0;
    m_accepted = 0;
    m_guesses.clear();
    m_text.assign(prompt.begin(), prompt.end());
    if (m_source != nullptr)
        m_source->drafter->begin(settings, sampler);
}

std::span<const float> Speculation::logits() const {
    return m_isTrying ? m_decoder.triedLogits(m_accepted) : m_decoder.logits();
}

std::int32_t Speculation::length() const {
    return m_decoder.cache().length() + (m_isTrying ? 1 + m_accepted : 0);
}

Status Speculation::append(TokenId token, std::int32_t mostGuesses, std::stop_token stop) {
    m_text.push_back(token);
    const auto next = static_cast<std::size_t>(m_accepted);
    if (m_isTrying && next < m_guesses.size() && m_guesses[next].token == token) {
        ++m_accepted;
        return {};
    }
    HEARTH_CHECK(keepAccepted(stop));
    m_measured = {};
    m_guesses.clear();
    if (m_source != nullptr)
        HEARTH_CHECK(guess(mostGuesses, stop));
    return step(token, std::move(stop));
}

Status Speculation::keepAccepted(std::stop_token stop) {
    if (m_isTrying) {
        const Clock::time_point start = Clock::now();
        m_isTrying = false;
        const std::int32_t accepted = std::exchange(m_accepted, 0);
        HEARTH_CHECK(m_decoder.keepTried(1 + accepted, std::move(stop)));
        m_measured.returnSeconds = secondsSince(start);
        m_measured.accepted = accepted;
        m_stats.accepted += accepted;
    }
    if (m_source != nullptr && m_measured.stepSeconds > 0) {
        m_measured.guesses = m_guesses;
        m_source->planner.record(m_measured);
        m_measured = {};
    }
    return {};
}

Status Speculation::guess(std::int32_t most, std::stop_token stop) {
    DraftPlanner& planner = m_source->planner;
    planner.begin();
    const std::int32_t room = m_decoder.contextTokens() - m_decoder.cache().length() - 1;
    most = std::min({most, room, m_decoder.tryRows() - 1, m_count > 0 ? m_count : m_decoder.tryRows()});
    const auto isWanted = [&] { return m_count > 0 || planner.wantsGuess(); };
    if (most <= 0 || !isWanted())
        return {};
    const Clock::time_point start = Clock::now();
    HEARTH_CHECK(m_source->drafter->start(m_text, stop));
    const double reading = secondsSince(start);
    // Reading what went by without guesses is not what a guess costs from now on.
    const bool isUsual =
        m_guessedAt > 0 && m_text.size() - m_guessedAt <= static_cast<std::size_t>(m_decoder.tryRows());
    m_guessedAt = m_text.size();
    const Clock::time_point making = Clock::now();
    while (static_cast<std::int32_t>(m_guesses.size()) < most && isWanted()) {
        HEARTH_TRY(const std::optional<Guess> guess, m_source->drafter->next(stop));
        if (!guess)
            break;
        ++m_measured.made;
        if (!planner.take(*guess) && m_count == 0)
            break;
        m_guesses.push_back(*guess);
    }
    const double made = secondsSince(making);
    m_stats.guessSeconds += reading + made;
    m_measured.guessSeconds = made + (isUsual ? reading : 0);
    return {};
}

Status Speculation::step(TokenId token, std::stop_token stop) {
    const Clock::time_point start = Clock::now();
    if (m_guesses.empty()) {
        HEARTH_CHECK(m_decoder.append({&token, 1}, std::move(stop), {}));
    } else {
        m_batch.assign(1, token);
        for (const Guess& guess : m_guesses)
            m_batch.push_back(guess.token);
        HEARTH_CHECK(m_decoder.tryTokens(m_batch, std::move(stop)));
        m_isTrying = true;
        m_stats.guessed += static_cast<std::int32_t>(m_guesses.size());
    }
    m_measured.stepSeconds = secondsSince(start);
    ++m_stats.steps;
    return {};
}

Status Speculation::settle() {
    const Status status = keepAccepted({});
    m_source = nullptr;
    m_measured = {};
    return status;
}

} // namespace hearth
