#include "kernels/cpu/simd/vector_kernels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace hearth {

namespace {

float dot(const float* a, const float* b, int32_t count) {
    double sum = 0;
    for (int32_t i = 0; i < count; ++i)
        sum += static_cast<double>(a[i]) * b[i];
    return static_cast<float>(sum);
}

void addScaled(const float* in, float scale, int32_t count, float* inOut) {
    for (int32_t i = 0; i < count; ++i)
        inOut[i] += scale * in[i];
}

void rmsNorm(const float* in, const float* weight, float epsilon, int32_t count, float* out) {
    double squares = 0;
    for (int32_t i = 0; i < count; ++i)
        squares += static_cast<double>(in[i]) * in[i];
    const auto factor = static_cast<float>(1.0 / std::sqrt(squares / count + epsilon));
    for (int32_t i = 0; i < count; ++i)
        out[i] = in[i] * factor * (weight == nullptr ? 1.0F : weight[i]);
}

void layerNorm(const float* in, const float* weight, const float* bias, float epsilon, int32_t count, float* out) {
    double sum = 0;
    for (int32_t i = 0; i < count; ++i)
        sum += in[i];
    const double mean = sum / count;
    double squares = 0;
    for (int32_t i = 0; i < count; ++i)
        squares += (in[i] - mean) * (in[i] - mean);
    const double factor = 1.0 / std::sqrt(squares / count + epsilon);
    for (int32_t i = 0; i < count; ++i) {
        const double normalised = (in[i] - mean) * factor * (weight == nullptr ? 1.0F : weight[i]);
        out[i] = static_cast<float>(normalised + (bias == nullptr ? 0.0F : bias[i]));
    }
}

// Nothing of this instruction set multiplies 8-bit activations.
void quantise(const float*, int32_t, const Int8Rows&, int32_t) {}

template <typename Function>
void activate(const float* gate, const float* up, int32_t count, float* out, Function function) {
    for (int32_t i = 0; i < count; ++i)
        out[i] = gate == nullptr ? static_cast<float>(function(up[i])) : static_cast<float>(function(gate[i]) * up[i]);
}

void silu(const float* gate, const float* up, int32_t count, float* out) {
    activate(gate, up, count, out, [](double x) { return x / (1.0 + std::exp(-x)); });
}

void geluTanh(const float* gate, const float* up, int32_t count, float* out) {
    constexpr double kSqrt2OverPi = 0.79788456080286535588;
    activate(gate, up, count, out,
             [](double x) { return 0.5 * x * (1.0 + std::tanh(kSqrt2OverPi * (x + 0.044715 * x * x * x))); });
}

void relu(const float* gate, const float* up, int32_t count, float* out) {
    activate(gate, up, count, out, [](double x) { return x > 0 ? x : 0.0; });
}

void softCap(float cap, int32_t count, float* inOut) {
    for (int32_t i = 0; i < count; ++i)
        inOut[i] = cap * std::tanh(inOut[i] / cap);
}

float softmaxStep(float scale, int32_t count, float* scores, float* maximum, float* sum) {
    float highest = *maximum;
    for (int32_t i = 0; i < count; ++i) {
        scores[i] *= scale;
        highest = std::max(highest, scores[i]);
    }
    const float factor = *maximum == highest ? 1.0F : std::exp(*maximum - highest);
    double total = static_cast<double>(*sum) * factor;
    for (int32_t i = 0; i < count; ++i) {
        scores[i] = std::exp(scores[i] - highest);
        total += scores[i];
    }
    *maximum = highest;
    *sum = static_cast<float>(total);
    return factor;
}

void panelProduct(const PanelProduct& job) {
    constexpr int32_t kWidth = 16;
    for (int32_t row = 0; row < job.rows; ++row) {
        const float* a = job.a + static_cast<size_t>(row) * job.aStride;
        float* c = job.c + static_cast<size_t>(row) * job.cStride;
        for (int32_t first = 0; first < job.columns; first += kWidth) {
            std::array<double, kWidth> sums{};
            for (int32_t k = 0; k < job.depth; ++k) {
                const float* b = job.b + static_cast<size_t>(k) * job.bStride + first;
                for (int32_t n = 0; n < kWidth; ++n)
                    sums[static_cast<size_t>(n)] += static_cast<double>(a[k]) * b[n];
            }
            for (int32_t n = 0; n < kWidth; ++n) {
                const auto sum = static_cast<float>(sums[static_cast<size_t>(n)]);
                c[first + n] = job.accumulate ? c[first + n] + sum : sum;
            }
        }
    }
}

void turn(float cosine, float sine, float& first, float& second) {
    const float a = first;
    const float b = second;
    first = a * cosine - b * sine;
    second = a * sine + b * cosine;
}

void rotateHalves(const float* cosines, const float* sines, int32_t pairs, float* head) {
    for (int32_t pair = 0; pair < pairs; ++pair)
        turn(cosines[pair], sines[pair], head[pair], head[pairs + pair]);
}

void rotateNeighbours(const float* cosines, const float* sines, int32_t pairs, float* head) {
    for (int32_t pair = 0; pair < pairs; ++pair)
        turn(cosines[pair], sines[pair], head[2 * pair], head[2 * pair + 1]);
}

void transpose16(const float* in, size_t inStride, int32_t columns, float* out, size_t outStride) {
    for (int32_t column = 0; column < columns; ++column)
        for (int32_t n = 0; n < 16; ++n)
            out[static_cast<size_t>(column) * outStride + static_cast<size_t>(n)] =
                in[static_cast<size_t>(n) * inStride + static_cast<size_t>(column)];
}

} // namespace

const VectorKernels kVectorKernelsScalar{
    .dot = dot,
    .addScaled = addScaled,
    .rmsNorm = rmsNorm,
    .layerNorm = layerNorm,
    .quantise = quantise,
    .activate = {silu, geluTanh, relu},
    .softCap = softCap,
    .softmaxStep = softmaxStep,
    .panelProduct = panelProduct,
    .rotate = {nullptr, rotateNeighbours, rotateHalves},
    .transpose16 = transpose16,
};

} // namespace hearth
