#pragma once

#include "kernels/cpu/low_rank_terms.h"
#include "kernels/cpu/owned_norm.h"
#include "kernels/cpu/rounded_rows.h"
#include "kernels/cpu/stage.h"
#include "kernels/cpu/worker_shares.h"

#include <memory>
#include <vector>

namespace hearth {

/// A weight matrix with the kernel chosen for it.
struct Matrix {
    const WeightView* weight = nullptr;
    const MatrixKernel* kernel = nullptr;
    std::vector<float> bias; ///< empty: none
    LowRankTerms lowRank;
    std::size_t innerOffset = 0; ///< of the low-rank terms' inner products in the shared scratch
};

/// Matrices with equally many rows that share their slices: gate and up, or one alone.
using MatrixGroup = std::vector<Matrix>;

/// What all ops around a matrix product share. Phase 0 normalises each row and rounds it to two 8-bit rows, what 8 bits
/// can say of it and what they leave over, once for all matrices: one row of 8 bits is off by about 1e-2 where a block
/// holds an outlier, enough to change a model's answer, and both together by 1e-4. The kernels see twice the rows;
/// phase 1 computes the inner products of low-rank changes, where a weight has any, and phase 2 multiplies, cut into
/// slices of weight rows; a subclass says what becomes of a slice's results and may add phases. Where rows are streamed
/// phase 0 is one chunk: it then runs on the thread that ended the op before.
class LinearStage : public Stage {
public:
    [[nodiscard]] std::size_t sharedBytes() const override { return m_sharedBytes; }
    [[nodiscard]] std::size_t workerBytes() const override { return m_workerBytes; }
    [[nodiscard]] std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override;
    void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) override;

protected:
    enum class Rows : std::uint8_t { All, Outputs };
    struct Input {
        BufferId buffer = kNoBuffer;
        const Norm* norm = nullptr; ///< null: none
        Rows rows = Rows::All;
    };
    /// Weight rows first .. first + count of one group, for one worker.
    struct Slice {
        std::int32_t group = 0;
        std::int32_t first = 0;
        std::int32_t count = 0;
        std::byte* scratch = nullptr; ///< the worker's; multiply() uses the kernel's part of it
    };

    LinearStage(const StagePlan& plan, const Input& input, std::vector<MatrixGroup> groups);

    [[nodiscard]] static Matrix makeMatrix(const StagePlan& plan, const Linear& linear);
    /// Room for (rows, slice) results of one matrix in each worker's scratch.
    void reserveSlab();
    /// Room in the shared scratch; the offset of the piece.
    [[nodiscard]] std::size_t reserveShared(std::size_t sizeBytes);

    [[nodiscard]] const VectorKernels& vectors() const { return m_vectors; }
    [[nodiscard]] const MatrixGroup& group(std::int32_t index) const {
        return m_groups[static_cast<std::size_t>(index)];
    }
    [[nodiscard]] std::int32_t rowsOf(const StepContext& step) const {
        return m_input.rows == Rows::All ? step.rows : step.outputRows();
    }
    [[nodiscard]] std::int32_t maxRows() const { return m_maxRows; }
    /// What reserveSlab() made room for: (rows, slice.count).
    [[nodiscard]] float* slab(const Slice& slice) const;

    /// out (rows, slice.count) = matrix . activations + bias
    void multiply(const Matrix& matrix, const Slice& slice, float* out, std::size_t outStride,
                  const StepContext& step) const;
    virtual void runSlice(const Slice& slice, const StepContext& step) = 0;
    [[nodiscard]] virtual std::int32_t beginExtraPhase(std::int32_t phase, const StepContext& step);
    virtual void runExtraChunk(std::int32_t phase, std::int32_t chunk, const StepContext& step);

private:
    struct GroupSlices {
        std::int32_t fewGrain = 0;
        std::int32_t manyGrain = 0;
        Split split; ///< of the step that runs
    };
    [[nodiscard]] bool prepares() const { return m_floats || m_int8; }
    [[nodiscard]] bool streams(std::int32_t rows) const { return streamsRows(m_maxRows, rows); }
    /// The matrix and the rows of a chunk of phase 1.
    void shrinkRows(std::int32_t chunk, const StepContext& step, std::byte* scratch) const;
    void addLowRank(const Matrix& matrix, const Slice& slice, float* out, std::size_t outStride,
                    const StepContext& step) const;
    [[nodiscard]] LowRankTerms::Rows floatRows(const StepContext& step) const;
    /// Rows 0 .. n - 1 of n are the rounded ones, rows n .. 2 n - 1 what rounding left over.
    [[nodiscard]] Int8Rows int8Rows(const StepContext& step) const;
    void runKernel(const Matrix& matrix, MatrixJob& job, const Slice& slice) const;
    /// Results of one matrix that a slice of any step can have.
    [[nodiscard]] std::size_t mostResults() const;
    void prepareRow(std::int32_t row, const StepContext& step, std::byte* scratch) const;
    void layOut();

    const VectorKernels& m_vectors;
    Input m_input;
    OwnedNorm m_norm;
    std::vector<MatrixGroup> m_groups;
    std::vector<GroupSlices> m_slices;
    WorkerShares m_shares;
    Split m_prepareSplit;
    Split m_shrinkSplit;
    std::vector<const Matrix*> m_changed; ///< those with low-rank changes
    std::int32_t m_maxRows = 0;
    std::int32_t m_columns = 0;
    bool m_floats = false; ///< float rows are prepared in scratch
    bool m_int8 = false;

    RoundedRows m_rounded;
    std::size_t m_floatsOffset = 0;
    std::size_t m_sharedBytes = 0;
    std::size_t m_workerBytes = 0;
    std::size_t m_rowOffset = 0;      ///< in worker scratch: one normalised row
    std::size_t m_leftOverOffset = 0; ///< in worker scratch: what rounding left of one row
    std::size_t m_sumOffset = 0;      ///< in worker scratch: the kernel's results of both rows
    std::size_t m_slabOffset = 0;     ///< in worker scratch
    std::size_t m_lowRankOffset = 0;  ///< in worker scratch: what low-rank terms add to a slice
};

// The ops that are linear stages.
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const NormProject& op);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const ProjectResidual& op);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const GateUp& op);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const DownReduce& op);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const Logits& op);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const RouteExperts& op);

} // namespace hearth
