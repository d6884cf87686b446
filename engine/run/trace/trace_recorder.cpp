#include "engine/run/trace/trace_recorder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace hearth {

namespace {

constexpr float kLowest = -std::numeric_limits<float>::infinity();
/// Values summed side by side, and how many before the sums move on to a double: a vocabulary of 250 thousand would
/// lose digits in a float.
constexpr std::size_t kLanes = 16;
constexpr std::size_t kBlock = 64 * kLanes;

/// e^x to 2e-7 of itself for x from -87 to 0, below that e^-87; what is no number counts as below. Without branches, so
/// that the compiler makes vectors of it: the library's would take 2 % of a small model's time for a token.
/// Source: 2^f on [-1/2, 1/2] by its Taylor series, whose first term left out is below 2e-7.
inline float quickExp(float x) {
    const float exponent = (x > -87.0F ? x : -87.0F) * 1.44269504F;
    // Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits.
    constexpr float kRound = 12582912.0F;
    const float shifted = exponent + kRound;
    const float f = (exponent - (shifted - kRound)) * 0.693147181F;
    const float power =
        1.0F
        + f
              * (1.0F
                 + f * (0.5F + f * (0.166666667F + f * (0.0416666667F + f * (0.00833333333F + f * 0.00138888889F)))));
    return std::bit_cast<float>(std::bit_cast<std::int32_t>(power)
                                + static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(shifted) << 23));
}

/// The sum of e^(logit - best).
double sumOfPowers(std::span<const float> logits, float best) {
    double sum = 0;
    std::size_t start = 0;
    for (; start + kLanes <= logits.size(); start += std::min(kBlock, (logits.size() - start) / kLanes * kLanes)) {
        const std::size_t count = std::min(kBlock, (logits.size() - start) / kLanes * kLanes);
        std::array<float, kLanes> sums{};
        for (std::size_t index = 0; index < count; index += kLanes)
            for (std::size_t lane = 0; lane < kLanes; ++lane)
                sums[lane] += quickExp(logits[start + index + lane] - best);
        for (const float part : sums)
            sum += static_cast<double>(part);
    }
    for (; start < logits.size(); ++start)
        sum += static_cast<double>(quickExp(logits[start] - best));
    return sum;
}

/// The highest logits in one pass: most tokens fail the one comparison with the lowest of them.
class Highest {
public:
    void offer(TokenId token, float logit) {
        if (!(logit > m_places[kPlaces - 1].probability))
            return;
        std::size_t place = kPlaces - 1;
        for (; place > 0 && logit > m_places[place - 1].probability; --place)
            m_places[place] = m_places[place - 1];
        m_places[place] = {token, logit};
    }
    [[nodiscard]] std::span<const TokenChance> places() const { return m_places; }
    [[nodiscard]] float best() const { return m_places.front().probability; }

private:
    static constexpr std::size_t kPlaces = kRunnersUp + 1; // the chosen token may be among them
    std::array<TokenChance, kPlaces> m_places = [] {
        std::array<TokenChance, kPlaces> none;
        none.fill({-1, kLowest});
        return none;
    }();
};

} // namespace

TokenChance judgeToken(std::span<const float> logits, TokenId token, std::vector<TokenChance>& runnersUp) {
    Highest highest;
    for (std::size_t id = 0; id < logits.size(); ++id)
        highest.offer(static_cast<TokenId>(id), logits[id]);
    runnersUp.clear();
    const float best = highest.best();
    if (!std::isfinite(best))
        return {token, 0.0F};
    const double sum = sumOfPowers(logits, best);
    const auto probability = [&](float logit) {
        return logit > kLowest ? static_cast<float>(static_cast<double>(std::exp(logit - best)) / sum) : 0.0F;
    };
    for (const TokenChance& place : highest.places())
        if (place.token >= 0 && place.token != token && runnersUp.size() < std::size_t{kRunnersUp})
            runnersUp.push_back({place.token, probability(place.probability)});
    return {token, probability(logits[static_cast<std::size_t>(token)])};
}

TraceRecorder::TraceRecorder(const Decoder& decoder, const TraceSink& sink) : m_decoder(decoder), m_sink(sink) {
    if (!m_sink)
        return;
    const auto choices = static_cast<std::size_t>(decoder.traceShape().choices());
    m_runnersUp.reserve(kRunnersUp);
    m_experts.resize(choices);
    m_weights.resize(choices);
}

void TraceRecorder::drawn(TokenId token, std::span<const float> logits) {
    if (!m_sink)
        return;
    end();
    m_chosen = judgeToken(logits, token, m_runnersUp);
    m_waiting = true;
}

void TraceRecorder::read(std::int32_t row) {
    if (!m_waiting)
        return;
    const bool isKnown = m_decoder.readRouting(row, m_experts, m_weights);
    handOver(isKnown ? m_experts.size() : 0);
}

void TraceRecorder::end() {
    if (m_waiting)
        handOver(0);
}

void TraceRecorder::handOver(std::size_t choices) {
    m_waiting = false;
    m_sink(m_decoder.traceShape(),
           {m_chosen, m_runnersUp, std::span(m_experts).first(choices), std::span(m_weights).first(choices)});
}

} // namespace hearth
