#include "engine/run/decoder.h"

#include <algorithm>
#include <array>
#include <string>

// The head for multi-token prediction. Its keys and values lie in the decoder's pages, one slot earlier than its
// tokens: row k (token k with the state of token k - 1) is in slot k - 1, so that it begins at slot 0.

namespace hearth {

Result<Decoder::Compiled> Decoder::compileHead(std::int32_t rows, std::int32_t outputRows) {
    const ProgramBuilder::Limits limits = limitsOf(m_options, rows, outputRows);
    HEARTH_TRY(const Program decoder, buildDecoder(*m_file, *m_family, m_spec, limits));
    HEARTH_TRY(Program program, buildPredictionLayer(*m_file, *m_family, m_spec, limits, decoder));
    Compiled compiled;
    compiled.states = finalStates(program);
    HEARTH_TRY(compiled.executable, m_backend->compile(std::move(program), m_pool.get(), {.pager = m_pager.get()}));
    return compiled;
}

Status Decoder::runHead(const Compiled& head, std::span<const TokenId> tokens, std::span<const float> states,
                        std::int32_t first, std::span<const std::int32_t> shown, std::stop_token stop) {
    fillPositions(first, static_cast<std::int32_t>(tokens.size()));
    StepState state;
    state.tokens = tokens;
    state.embeddings = states;
    state.positions = m_positions;
    state.pageTable = m_cache.pageTable();
    state.windowTables = m_cache.windowTables();
    state.cacheStart = first - 1;
    state.outputRows = shown;
    state.adapterScales = m_adapterScales;
    m_predicted = -1;
    HEARTH_CHECK(head.executable->enqueue(state));
    return head.executable->wait(std::move(stop));
}

std::span<const float> Decoder::lastState() const {
    const std::int32_t row = m_cache.length() - 1 - m_states.first;
    if (m_states.source == nullptr || m_states.sequence != m_cache.sequence() || row < 0 || row >= m_states.rows)
        return {};
    const auto hidden = static_cast<std::size_t>(m_spec.hidden);
    return m_states.source->executable->values(m_states.source->states)
        .subspan(static_cast<std::size_t>(row) * hidden, hidden);
}

void Decoder::keepLastState() {
    const std::span<const float> state = lastState();
    m_headStates.assign(static_cast<std::size_t>(m_spec.hidden), 0.0F);
    std::ranges::copy(state, m_headStates.begin());
}

Status Decoder::followWithHead(std::span<const TokenId> tokens, std::stop_token stop) {
    const auto hidden = static_cast<std::size_t>(m_spec.hidden);
    const std::span<const float> states = m_states.source->executable->values(m_states.source->states);
    const std::span<const float> before = states.first((tokens.size() - 1) * hidden);
    m_headStates.insert(m_headStates.end(), before.begin(), before.end());
    const bool isFirst = m_states.first == 0; // nothing stands before the first token
    if (isFirst && tokens.size() == 1)
        return {};
    const std::size_t skipped = isFirst ? 1 : 0;
    return runHead(m_head, tokens.subspan(skipped), std::span(m_headStates).subspan(skipped * hidden),
                   m_states.first + static_cast<std::int32_t>(skipped), {}, std::move(stop));
}

Status Decoder::predict(TokenId token, std::int32_t ahead, std::stop_token stop) {
    if (!canPredict())
        return Error{ErrorCode::InvalidInput, "this model has no head that predicts further tokens"};
    const std::int32_t place = m_cache.length() + ahead;
    if (ahead < 0 || place >= m_options.contextTokens)
        return Error{ErrorCode::InvalidInput, "a token " + std::to_string(ahead) + " places ahead of "
                                                  + std::to_string(m_cache.length()) + " in a context of "
                                                  + std::to_string(m_options.contextTokens)};
    const bool goesOn = ahead > 0 && m_predicted == place - 1;
    const std::span<const float> state = goesOn       ? m_head.executable->values(m_head.states)
                                         : ahead == 0 ? lastState()
                                                      : std::span<const float>{};
    if (state.empty())
        return Error{ErrorCode::InvalidInput,
                     "nothing was computed that a prediction at place " + std::to_string(place) + " could go on from"};
    m_headStates.assign(state.begin(), state.end());
    HEARTH_CHECK(m_cache.reserve(ahead));
    constexpr std::array<std::int32_t, 1> kOnlyRow{0};
    HEARTH_CHECK(runHead(m_head, {&token, 1}, m_headStates, place, kOnlyRow, std::move(stop)));
    m_predicted = place;
    return {};
}

std::span<const float> Decoder::predictedLogits() const {
    return m_predicted < 0 ? std::span<const float>{} : m_head.executable->output();
}

} // namespace hearth
