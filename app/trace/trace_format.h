#pragma once

#include <QtGlobal>

namespace hearth {

// How a trace is written down: records one behind another, numbers little-endian.
//
//   Shape   1, version, weightBytes 8, commonBytes 8, layers 2, then for each layer: layer 2, experts 2, used 2,
//           expertBytes 8. Before the first token, and again where another model goes on with the answer.
//   Token   2, chosen, runners-up 1, each of these, then 0 (not read), or 1 and for each layer `used` choices:
//           expert 1 or 2 (2 if the layer has more than 255), share 1.
//   A chance (chosen, runner-up) is id 4, probability 4 (float), length of its text 2, text (bytes of UTF-8).
//
// A choice that adaptive top-k dropped has the expert with all bits set. The share is the weight's part of the sum of
// the layer's weights, in 255ths. A token of a model with 48 layers of which 8 experts are chosen takes 0.9 KB.

inline constexpr quint8 kShapeRecord = 1;
inline constexpr quint8 kTokenRecord = 2;
inline constexpr quint8 kTraceVersion = 1;

inline constexpr int kMostTracedLayers = 4096;
inline constexpr int kMostTracedExperts = 65'534;
inline constexpr int kMostTracedChoices = 1 << 16; ///< of one token
inline constexpr int kMostRunnersUp = 64;

} // namespace hearth
