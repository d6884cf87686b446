#pragma once

#include "kernels/cpu/low_rank_terms.h"
#include "kernels/cpu/owned_norm.h"
#include "kernels/cpu/rounded_rows.h"
#include "kernels/cpu/stage.h"

#include <memory>
#include <vector>

namespace hearth {

/// Products by one of many matrices: the experts that a row chose, or each head's own. A pair is a row of the step and
/// a place in it (the n-th chosen expert, the n-th head); pairs are sorted by matrix, so that each matrix that anybody
/// chose is read once, for all its pairs together.
/// Phase 0 prepares rows (a subclass may), phase 1 rounds every pair's input, phase 2 computes the inner products of
/// low-rank changes, where a weight has any, phase 3 multiplies, cut into slices of weight rows; a subclass says what
/// becomes of a slice's results and may add phases.
class GroupedStage : public Stage {
public:
    [[nodiscard]] std::size_t sharedBytes() const override { return m_sharedBytes; }
    [[nodiscard]] std::size_t workerBytes() const override { return m_workerBytes; }
    [[nodiscard]] std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override;
    void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) override;

protected:
    struct Pair {
        std::int32_t row = 0;
        std::int32_t place = 0;
    };
    /// Pairs first .. first + count of one matrix, and weight rows firstRow .. firstRow + rows of it.
    struct Slice {
        std::int32_t matrix = 0;
        std::int32_t first = 0;
        std::int32_t count = 0;
        std::int32_t firstRow = 0;
        std::int32_t rows = 0;
        std::byte* scratch = nullptr;
    };

    /// weights: of equal shape, multiplied with the same input; biases have a row for each matrix. places: pairs a row.
    GroupedStage(const StagePlan& plan, std::vector<Linear> weights, std::int32_t places);

    [[nodiscard]] std::size_t reserveShared(std::size_t sizeBytes);
    /// A weight that a later op multiplies by the same choice: the pager hears of it early.
    void announceToo(const WeightView& weight) { m_announced.push_back(&weight); }
    [[nodiscard]] const WeightView& weight() const { return *m_weights.front().view; }
    [[nodiscard]] const VectorKernels& vectors() const { return m_vectors; }
    [[nodiscard]] std::int32_t maxRows() const { return m_maxRows; }
    [[nodiscard]] std::int32_t places() const { return m_places; }
    [[nodiscard]] const Pair& pair(std::int32_t index) const { return m_pairs[static_cast<std::size_t>(index)]; }

    /// Results of weights[which] for a slice: (count, rows), in the worker's scratch until the next call for the same
    /// `which`.
    [[nodiscard]] float* multiply(std::size_t which, const Slice& slice, const StepContext& step) const;

    /// Rows to prepare in phase 0; 0 if there is nothing to do.
    [[nodiscard]] virtual bool preparesRows() const { return false; }
    virtual void prepareRow(std::int32_t row, const StepContext& step) const;
    /// The matrix of a pair, or -1 if it is left out.
    [[nodiscard]] virtual std::int32_t matrixOf(const Pair& pair, const StepContext& step) const = 0;
    /// The columns() numbers that a pair is multiplied with.
    [[nodiscard]] virtual const float* inputOf(const Pair& pair, const StepContext& step) const = 0;
    virtual void runSlice(const Slice& slice, const StepContext& step) const = 0;
    /// One row of phase 4, after all products.
    [[nodiscard]] virtual bool finishesRows() const { return false; }
    virtual void finishRow(std::int32_t row, const StepContext& step) const;

private:
    struct Weight {
        const WeightView* view = nullptr;
        const MatrixKernel* kernel = nullptr;
        std::vector<float> biases; ///< (matrices, rows); empty: none
        LowRankTerms lowRank;
        std::size_t innerOffset = 0; ///< of (pairs, inner columns) in the shared scratch
    };
    struct Group {
        std::int32_t matrix = 0;
        std::int32_t first = 0;
        std::int32_t count = 0;
    };

    void layOut();
    void sortPairs(const StepContext& step);
    /// Tells the pager which matrices the sorted pairs chose.
    void announceMatrices() const;
    /// Whether 8-bit rows are streamed: in narrow programs, however many of them choose a matrix.
    [[nodiscard]] bool streamsInt8() const { return m_maxRows <= kNarrowRows; }
    void shrinkGroup(const Group& group, std::byte* scratch, const StepContext& step) const;
    void roundPair(std::int32_t index, const StepContext& step, std::byte* scratch) const;

    const VectorKernels& m_vectors;
    WeightPager* m_pager;
    std::vector<const WeightView*> m_announced;
    std::vector<Weight> m_weights;
    std::int32_t m_maxRows = 0;
    std::int32_t m_places = 0;
    bool m_int8 = false;
    bool m_isChanged = false; ///< a weight has low-rank changes
    std::int32_t m_grain = 0;
    std::vector<Pair> m_pairs;
    std::vector<Group> m_groups;
    std::vector<std::int32_t> m_groupOfPair;
    std::vector<std::int32_t> m_counts;
    std::int32_t m_pairCount = 0;
    std::int32_t m_groupCount = 0;
    Split m_split;
    RoundedRows m_rounded;
    std::size_t m_floatsOffset = 0;
    std::size_t m_sharedBytes = 0;
    std::size_t m_leftOverOffset = 0;
    std::size_t m_sumOffset = 0;
    std::vector<std::size_t> m_resultOffsets;
    std::size_t m_workerBytes = 0;
};

// The ops that are grouped stages.
[[nodiscard]] std::unique_ptr<Stage> makeExpertStage(const StagePlan& plan, const GateUp& op);
[[nodiscard]] std::unique_ptr<Stage> makeExpertStage(const StagePlan& plan, const DownReduce& op);
[[nodiscard]] std::unique_ptr<Stage> makeStage(const StagePlan& plan, const HeadProject& op);

} // namespace hearth
