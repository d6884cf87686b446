#pragma once

#include "kernels/cpu/stage.h"

#include <vector>

namespace hearth {

/// The low-rank changes of one weight (see LowRank), with a kernel chosen for each matrix. The inner products of a row
/// stand side by side: innerColumns() numbers, each change's scale in them already.
class LowRankTerms {
public:
    LowRankTerms(const StagePlan& plan, const WeightView& weight);

    [[nodiscard]] bool empty() const { return m_terms.empty(); }
    [[nodiscard]] std::int32_t innerColumns() const { return m_innerColumns; }
    /// Scratch that the kernels need.
    [[nodiscard]] std::size_t kernelBytes() const;

    /// Rows of activations as floats.
    struct Rows {
        const float* floats = nullptr;
        std::size_t stride = 0;
        std::int32_t count = 0;
    };
    /// inner (rows, innerColumns()) = scale * down . activations, by one of the weight's matrices.
    void shrink(const Rows& rows, std::int32_t matrix, std::byte* kernelScratch, float* inner,
                const StepContext& step) const;

    /// Weight rows first .. first + count of one matrix, and where their results are.
    struct Results {
        std::int32_t matrix = 0;
        std::int32_t first = 0;
        std::int32_t count = 0;
        float* out = nullptr;
        std::size_t stride = 0;
    };
    /// out (rows, count) += up . inner. sums (rows, count): scratch.
    void addTo(const Results& results, const float* inner, std::int32_t rows, std::byte* kernelScratch,
               float* sums) const;

private:
    struct Term {
        const WeightView* down = nullptr;
        const WeightView* up = nullptr;
        const MatrixKernel* downKernel = nullptr;
        const MatrixKernel* upKernel = nullptr;
        float factor = 1.0F;
        std::size_t adapter = 0;
        std::int32_t innerFirst = 0;
    };

    void run(const MatrixKernel& kernel, const MatrixJob& job) const;

    const VectorKernels* m_vectors;
    std::int32_t m_maxRows;
    std::vector<Term> m_terms;
    std::int32_t m_innerColumns = 0;
};

} // namespace hearth
