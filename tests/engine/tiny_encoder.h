#pragma once

#include "tests/engine/tiny_model.h"

#include <span>
#include <string>
#include <string_view>

namespace hearth {

/// One of the small encoders and rerankers whose numbers another engine has computed (data/encoders.json): together
/// they have every part that such models are made of.
struct TinyEncoder {
    std::string_view name;
    TinyModel (*build)();
};
[[nodiscard]] std::span<const TinyEncoder> tinyEncoders();

} // namespace hearth
