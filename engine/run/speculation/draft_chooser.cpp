#include "engine/run/speculation/draft_chooser.h"

#include "kernels/base/assert.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace hearth {

namespace {

/// Probabilities from which on a class of confidence begins.
constexpr std::array<double, Guess::kClasses> kClassStarts{0.0, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.97};

/// The class of a token's probability by the softmax of finite or minus infinite logits.
std::int32_t confidenceOf(std::span<const float> logits, float highest, float chosen) {
    // What lies this far below the highest is nothing beside it: 250 thousand times e^-20 is 5e-4.
    constexpr float kFarthest = 20.0F;
    double sum = 0;
    for (const float logit : logits)
        if (logit > highest - kFarthest)
            sum += static_cast<double>(std::exp(logit - highest));
    const double probability = sum > 0 ? static_cast<double>(std::exp(chosen - highest)) / sum : 0.0;
    const auto next = std::ranges::upper_bound(kClassStarts, probability);
    return std::max<std::int32_t>(static_cast<std::int32_t>(next - kClassStarts.begin()) - 1, 0);
}

} // namespace

void DraftChooser::begin(const SamplerSettings& settings, const Sampler& sampler) {
    m_settings = &settings;
    m_sampler = &sampler;
    restart();
}

Guess DraftChooser::choose(std::span<const float> logits) {
    HEARTH_ASSERT(m_settings != nullptr && !logits.empty());
    m_logits.resize(logits.size());
    std::ranges::transform(logits, m_logits.begin(), [](float logit) {
        constexpr float kLargest = std::numeric_limits<float>::max();
        return std::isnan(logit) ? -std::numeric_limits<float>::infinity() : std::min(logit, kLargest);
    });
    const auto highest = std::ranges::max_element(m_logits);
    auto token = static_cast<TokenId>(highest - m_logits.begin());
    if (m_settings->temperature > 0.0F) {
        m_candidates.assign(m_logits, m_settings->topK);
        m_candidates.keepTypical(m_settings->typicalP);
        m_candidates.keepTopP(m_settings->topP);
        m_candidates.keepMinP(m_settings->minP);
        token = m_candidates.draw(m_settings->temperature, m_sampler->unitAhead(m_made));
    }
    ++m_made;
    return {token, confidenceOf(m_logits, *highest, m_logits[static_cast<std::size_t>(token)])};
}

} // namespace hearth
