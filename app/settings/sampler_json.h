#pragma once

#include "engine/run/sampler.h"

#include <QJsonObject>

namespace hearth {

/// All settings but the seed, by their names.
[[nodiscard]] QJsonObject toJson(const SamplerSettings& sampler);
/// Absent keys and values of another kind or out of range are as in `otherwise`.
[[nodiscard]] SamplerSettings samplerFromJson(const QJsonObject& json, SamplerSettings otherwise);

} // namespace hearth
