#pragma once

#include "tests/app/fake_engine.h"

#include <string>
#include <vector>

namespace hearth::ui {

/// A mixture in the shape of real ones of 16 thousand million weights: 24 layers choose 6 of 64 experts.
[[nodiscard]] TraceShape believableShape();

/// An answer in tokens, as such a model might write it.
[[nodiscard]] std::vector<std::string> believableAnswer();

/// How token `index` of it came about, the same each time: words that follow from what stands before are likely, each
/// layer has favourites, and words of a kind share experts. Made up, for pictures and tests.
[[nodiscard]] FakeTrace believableTrace(const std::string& piece, int index);

} // namespace hearth::ui
