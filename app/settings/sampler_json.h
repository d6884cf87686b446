#pragma once

#include "engine/run/sampler.h"

#include <QJsonObject>

namespace hearth {

/// All settings but the seed, by their names.
[[nodiscard]] QJsonObject toJson(const SamplerSettings& sampler);
/// Absent keys and values of another kind or out of range keep their default.
[[nodiscard]] SamplerSettings samplerFromJson(const QJsonObject& json);

} // namespace hearth
