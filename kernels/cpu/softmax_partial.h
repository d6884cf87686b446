#pragma once

#include "kernels/cpu/simd/kernel_types.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace hearth {

/// Softmax so far of one query: values summed with weights exp(score - maximum), and the sum of these weights.
struct SoftmaxPartial {
    float* numbers; ///< maximum, sum, then the sums of values from kValues on

    static constexpr std::size_t kValues = 16;
    static std::size_t size(std::int32_t valueColumns) {
        return kValues + (static_cast<std::size_t>(valueColumns) + 15) / 16 * 16;
    }
    [[nodiscard]] float& maximum() const { return numbers[0]; }
    [[nodiscard]] float& sum() const { return numbers[1]; }
    [[nodiscard]] float* values() const { return numbers + kValues; }

    void clear(std::int32_t valueColumns) const {
        std::memset(numbers, 0, size(valueColumns) * sizeof(float));
        maximum() = -std::numeric_limits<float>::infinity();
    }
    void rescale(float factor, std::int32_t valueColumns) const {
        if (factor != 1.0F)
            for (std::int32_t column = 0; column < valueColumns; ++column)
                values()[column] *= factor;
    }
};

/// Writes out one query's result from `count` partials that lie `stride` numbers apart. sink: a logit that joins the
/// softmax and is dropped; null: none.
inline void writeSoftmax(const VectorKernels& vectors, const float* partials, std::int32_t count, std::size_t stride,
                         const float* sink, std::int32_t valueColumns, float* out) {
    float highest = sink == nullptr ? -std::numeric_limits<float>::infinity() : *sink;
    for (std::int32_t part = 0; part < count; ++part)
        highest = std::max(highest, partials[static_cast<std::size_t>(part) * stride]);
    float sum = sink == nullptr ? 0.0F : std::exp(*sink - highest);
    for (std::int32_t part = 0; part < count; ++part) {
        const float* partial = partials + static_cast<std::size_t>(part) * stride;
        sum += partial[1] * std::exp(partial[0] - highest);
    }
    std::memset(out, 0, static_cast<std::size_t>(valueColumns) * sizeof(float));
    for (std::int32_t part = 0; part < count; ++part) {
        const float* partial = partials + static_cast<std::size_t>(part) * stride;
        const float weight = std::exp(partial[0] - highest) / sum;
        vectors.addScaled(partial + SoftmaxPartial::kValues, weight, valueColumns, out);
    }
}

} // namespace hearth
