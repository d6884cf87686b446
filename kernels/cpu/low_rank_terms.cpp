#include "kernels/cpu/low_rank_terms.h"

#include "kernels/cpu/kernel_choice.h"

#include <algorithm>

namespace hearth {

namespace {

/// A kernel that reads activations as floats: adapters are small, so that what expanding their blocks costs is little,
/// and their products need no rows of 8 bits.
const MatrixKernel& floatKernel(DType dtype, CpuIsa isa) {
    const MatrixKernel& best = chooseMatrixKernel(dtype, isa);
    return best.form == ActivationForm::Float ? best : chooseMatrixKernel(dtype, CpuIsa::Scalar);
}

MatrixJob jobFor(const WeightView& weight, std::int32_t matrix, std::int32_t firstRow, std::int32_t count) {
    MatrixJob job;
    job.rowBytes = weight.rowSizeBytes();
    job.weights = reinterpret_cast<const unsigned char*>(weight.matrixData(matrix))
                  + static_cast<std::size_t>(firstRow) * job.rowBytes;
    job.columns = weight.columns;
    job.weightRows = count;
    job.dtype = static_cast<std::uint8_t>(weight.dtype);
    return job;
}

} // namespace

LowRankTerms::LowRankTerms(const StagePlan& plan, const WeightView& weight)
    : m_vectors(&plan.vectors), m_maxRows(plan.program.maxRows) {
    for (const LowRank& change : weight.lowRank) {
        const WeightView* down = plan.program.weight(change.down);
        const WeightView* up = plan.program.weight(change.up);
        m_terms.push_back({down, up, &floatKernel(down->dtype, plan.isa), &floatKernel(up->dtype, plan.isa),
                           change.factor, static_cast<std::size_t>(change.adapter), m_innerColumns});
        m_innerColumns += down->rows;
    }
}

void LowRankTerms::run(const MatrixKernel& kernel, const MatrixJob& job) const {
    (streamsRows(m_maxRows, job.rows) ? kernel.few : kernel.many)(job);
}

std::size_t LowRankTerms::kernelBytes() const {
    std::size_t most = 0;
    for (const Term& term : m_terms)
        most = std::max(
            {most, term.downKernel->scratchBytes(term.down->columns), term.upKernel->scratchBytes(term.up->columns)});
    return most;
}

void LowRankTerms::shrink(const Rows& rows, std::int32_t matrix, std::byte* kernelScratch, float* inner,
                          const StepContext& step) const {
    const auto stride = static_cast<std::size_t>(m_innerColumns);
    for (const Term& term : m_terms) {
        const float scale = term.factor * step.state->adapterScales[term.adapter];
        float* const out = inner + term.innerFirst;
        if (scale != 0.0F) {
            MatrixJob job = jobFor(*term.down, term.down->matrices == 1 ? 0 : matrix, 0, term.down->rows);
            job.rows = rows.count;
            job.floats = rows.floats;
            job.floatStride = rows.stride;
            job.out = out;
            job.outStride = stride;
            job.scratch = reinterpret_cast<unsigned char*>(kernelScratch);
            job.vectors = m_vectors;
            run(*term.downKernel, job);
        }
        for (std::int32_t row = 0; row < rows.count; ++row) {
            float* const numbers = out + static_cast<std::size_t>(row) * stride;
            for (std::int32_t place = 0; place < term.down->rows; ++place)
                numbers[place] = scale != 0.0F ? scale * numbers[place] : 0.0F;
        }
    }
}

void LowRankTerms::addTo(const Results& results, const float* inner, std::int32_t rows, std::byte* kernelScratch,
                         float* sums) const {
    const auto width = static_cast<std::size_t>(results.count);
    for (const Term& term : m_terms) {
        MatrixJob job = jobFor(*term.up, results.matrix, results.first, results.count);
        job.rows = rows;
        job.floats = inner + term.innerFirst;
        job.floatStride = static_cast<std::size_t>(m_innerColumns);
        job.out = sums;
        job.outStride = width;
        job.scratch = reinterpret_cast<unsigned char*>(kernelScratch);
        job.vectors = m_vectors;
        run(*term.upKernel, job);
        for (std::int32_t row = 0; row < rows; ++row)
            m_vectors->addScaled(sums + static_cast<std::size_t>(row) * width, 1.0F, results.count,
                                 results.out + static_cast<std::size_t>(row) * results.stride);
    }
}

} // namespace hearth
