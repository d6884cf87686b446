#include "tests/kernels/parity_builder.h"

#include "tests/kernels/random_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hearth::parity {

namespace {

constexpr std::int32_t kGuardColumns = 16;
constexpr std::int32_t kUnusedPages = 2;

} // namespace

std::size_t misalignmentOf(DType dtype) {
    const DTypeInfo& info = dtypeInfo(dtype);
    return info.blockValues > 1 ? 1 : static_cast<std::size_t>(info.blockBytes);
}

Tolerance linearTolerance(DType weight, Precision precision) {
    // Float: partial sums of n products of rms 1/sqrt(n) are at most about 1; n additions in 8 lanes, each off by at
    // most 2^-24 of them, give an rms error near 2^-24 * sqrt(n / 8) / 2, below 5e-7 for n up to 2,000.
    if (precision == Precision::Float || dtypeInfo(weight).blockValues == 1)
        return {1e-12, 6e-6, 1.0};
    // Eight bits: a block of 256 normal activations has its largest near 2.8 sigma, so a step of 2.8 / 127 and an error
    // of step / sqrt(12): NMSE 4.1e-5; three times that for blocks with larger ones. The largest of some thousand
    // errors is near 4 of their rms, in rows of larger weights twice that.
    return {1.2e-4, 8.0 * std::sqrt(1.2e-4), 1.0};
}

Tolerance gatedTolerance(DType weight, Precision precision) {
    // Both factors are off; their squared errors add, over the half of the rows where the gate is open.
    const Tolerance linear = linearTolerance(weight, precision);
    return {linear.nmse * 2.5, linear.largest * 2.0, 0.5};
}

Tolerance attentionTolerance(DType cache, Precision precision) {
    // Float: scores are near 1 and exponentials keep their relative error, so that of a weighted sum of up to 300
    // values is a few 2^-24. Eight bits: a score is off by half a percent of its spread (see above), and so is each
    // weight.
    if (precision == Precision::Float || dtypeInfo(cache).blockValues == 1)
        return {1e-11, 2e-5, 0.05};
    return {1.2e-4, 8.0 * std::sqrt(1.2e-4), 0.05};
}

std::vector<BufferId> Builder::buffers(const std::vector<std::pair<std::string, std::int32_t>>& columns) {
    std::vector<std::pair<std::string, std::int32_t>> all{{"guard 0", kGuardColumns}};
    for (const auto& column : columns) {
        all.push_back(column);
        all.emplace_back("guard " + std::to_string(all.size() / 2), kGuardColumns);
    }
    m_parity.observed = fixture().inputs(all);
    std::vector<BufferId> ids;
    for (std::size_t index = 1; index < all.size(); index += 2)
        ids.push_back(m_parity.observed[index]);
    return ids;
}

Linear Builder::linear(DType dtype, std::int32_t outputs, std::int32_t columns, bool biased) {
    Linear linear;
    linear.weight = fixture().stored("weight", dtype, outputs, columns,
                                     randomRows(dtype, outputs, columns, 1.0 / std::sqrt(columns), m_random),
                                     misalignmentOf(dtype));
    if (biased)
        linear.bias = vector("bias", outputs);
    return linear;
}

WeightId Builder::vector(const std::string& name, std::int32_t columns) {
    std::vector<float> values = randomFloats(static_cast<std::size_t>(columns), 0.3, m_random);
    for (float& value : values)
        value += 1.0F;
    return fixture().floats(name, 1, columns, values);
}

Norm Builder::norm(NormKind kind, std::int32_t columns) {
    if (kind == NormKind::None)
        return {};
    return {kind, vector("norm", columns), kind == NormKind::Layer ? vector("norm bias", columns) : kNoWeight, 1e-5F};
}

StepInput Builder::randomStep(std::int32_t rows, std::int32_t cacheStart) {
    const std::int32_t columns = fixture().tables().buffers.front().columns;
    const auto count = static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns);
    return StepInput::ofEmbeddings(rows, randomFloats(count, 1.0, m_random), cacheStart);
}

ParityProgram Builder::oneStep(std::int32_t rows, Tolerance tolerance) && {
    m_parity.steps.push_back(randomStep(rows, 0));
    m_parity.tolerance = tolerance;
    return std::move(m_parity);
}

ParityProgram Builder::cachedSteps(std::int32_t cached, const std::vector<std::int32_t>& rows, Tolerance tolerance) && {
    const std::int32_t tokens = cached + std::accumulate(rows.begin(), rows.end(), 0);
    const std::int32_t used = (tokens + kPageTokens - 1) / kPageTokens;
    m_parity.pages = used + kUnusedPages;
    std::vector<std::int32_t> pageTable(static_cast<std::size_t>(m_parity.pages));
    std::iota(pageTable.begin(), pageTable.end(), 0);
    std::shuffle(pageTable.begin(), pageTable.end(), m_random);
    pageTable.resize(static_cast<std::size_t>(used));
    std::int32_t start = cached;
    for (const std::int32_t count : rows) {
        m_parity.steps.push_back(randomStep(count, start));
        m_parity.steps.back().pageTable = pageTable;
        start += count;
    }
    m_parity.cachedTokens = cached;
    m_parity.tolerance = tolerance;
    return std::move(m_parity);
}

} // namespace hearth::parity
