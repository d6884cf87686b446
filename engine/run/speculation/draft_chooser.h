#pragma once

#include "engine/run/sampling/candidates.h"
#include "engine/run/speculation/drafter.h"

#include <span>
#include <vector>

namespace hearth {

/// Takes from a drafter's logits what the model's sampler would take from them: the likeliest token, or the one that
/// the same random number draws through the same filters. Where both distributions are alike, so are the draws, and the
/// model's answer stays the one that its own logits and the seed give. Penalties are left out. Thread: one.
class DraftChooser {
public:
    /// Both are borrowed until the next begin().
    void begin(const SamplerSettings& settings, const Sampler& sampler);
    /// The next choice stands for the sampler's next draw.
    void restart() { m_made = 0; }
    /// logits (vocabulary): NaN counts as minus infinity.
    [[nodiscard]] Guess choose(std::span<const float> logits);

private:
    const SamplerSettings* m_settings = nullptr;
    const Sampler* m_sampler = nullptr;
    std::int32_t m_made = 0;
    Candidates m_candidates;
    std::vector<float> m_logits;
};

} // namespace hearth
