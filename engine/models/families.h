#pragma once

#include "engine/models/model_family.h"

namespace hearth {

// One line a family; each is defined in the file of its name.
extern const ModelFamily kLlamaFamily;

} // namespace hearth
