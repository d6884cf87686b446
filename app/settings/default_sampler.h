#pragma once

#include "engine/run/sampler.h"

namespace hearth {

/// What answers are drawn with until the user says otherwise, in the window and in hearth-cli: the tail of the
/// distribution is cut off, without which small models soon leave their subject.
[[nodiscard]] inline SamplerSettings defaultSampler() {
    SamplerSettings sampler;
    sampler.temperature = 0.6F;
    sampler.topK = 40;
    sampler.topP = 0.9F;
    sampler.minP = 0.05F;
    return sampler;
}

} // namespace hearth
