#pragma once

#include "tests/kernels/parity_harness.h"

#include "kernels/api/dtype.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

namespace hearth::parity {

/// What one product of a weight of this type with normalised activations may be off by.
[[nodiscard]] Tolerance linearTolerance(DType weight, Precision precision);
/// The same for the product of two of them, one through an activation function.
[[nodiscard]] Tolerance gatedTolerance(DType weight, Precision precision);
/// What softmax(q . K) . V of normal numbers may be off by.
[[nodiscard]] Tolerance attentionTolerance(DType cache, Precision precision);

/// Bytes beyond a 64-byte boundary: blocks lie at odd addresses, plain numbers at the worst that their size allows.
[[nodiscard]] std::size_t misalignmentOf(DType dtype);

// The parts of the suite.
void addLinearCases(std::vector<ParityCase>& cases);
void addCacheCases(std::vector<ParityCase>& cases);
void addEncoderCases(std::vector<ParityCase>& cases);
void addSparseCases(std::vector<ParityCase>& cases);

/// One case in the making.
class Builder {
public:
    Builder(std::uint32_t seed, std::int32_t rows) : m_random(seed), m_parity(rows) {}

    [[nodiscard]] ProgramFixture& fixture() { return m_parity.fixture; }
    [[nodiscard]] std::mt19937& random() { return m_random; }

    /// Buffers of these widths with random numbers, guards before, between and after them; all are observed.
    std::vector<BufferId> buffers(const std::vector<std::pair<std::string, std::int32_t>>& columns);
    /// A weight with random rows, at an address as odd as its type allows; outputs have an rms near 1.
    Linear linear(DType dtype, std::int32_t outputs, std::int32_t columns, bool biased);
    /// Numbers around 1.
    WeightId vector(const std::string& name, std::int32_t columns);
    Norm norm(NormKind kind, std::int32_t columns);

    /// Finishes with one step of `rows` rows of random numbers.
    [[nodiscard]] ParityProgram oneStep(std::int32_t rows, Tolerance tolerance) &&;
    /// Finishes with steps of so many rows each, after `cached` tokens; the cache has pages in a random order and
    /// two that nobody uses.
    [[nodiscard]] ParityProgram cachedSteps(std::int32_t cached, const std::vector<std::int32_t>& rows,
                                            Tolerance tolerance) &&;

private:
    StepInput randomStep(std::int32_t rows, std::int32_t cacheStart);

    std::mt19937 m_random;
    ParityProgram m_parity;
};

} // namespace hearth::parity
