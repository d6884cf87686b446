#include "kernels/cpu/grouped_stage.h"

#include "kernels/cpu/kernel_choice.h"
#include "kernels/quant/dequantise.h"

#include <algorithm>
#include <utility>

namespace hearth {

namespace {

constexpr std::int32_t kRowsPerChunk = 8;
constexpr std::int32_t kPairsPerChunk = 8;
// Weight bytes in one slice: enough that taking it does not show, few enough that workers end together.
constexpr std::size_t kSliceBytes = std::size_t{32} << 10;

std::size_t size(std::int32_t value) {
    return static_cast<std::size_t>(value);
}

} // namespace

GroupedStage::GroupedStage(const StagePlan& plan, std::vector<Linear> weights, std::int32_t places)
    : m_vectors(plan.vectors), m_pager(plan.pager), m_maxRows(plan.program.maxRows), m_places(places) {
    for (const Linear& linear : weights) {
        const WeightView* view = plan.program.weight(linear.weight);
        Weight weight{view, &chooseMatrixKernel(view->dtype, plan.isa), {}, LowRankTerms(plan, *view)};
        m_isChanged = m_isChanged || !weight.lowRank.empty();
        if (const WeightView* bias = plan.program.weight(linear.bias)) {
            weight.biases.resize(size(bias->rows) * size(bias->columns));
            for (std::int32_t row = 0; row < bias->rows; ++row)
                dequantiseRow(bias->dtype, bias->data + size(row) * bias->rowSizeBytes(), bias->columns,
                              weight.biases.data() + size(row) * size(bias->columns));
        }
        m_int8 = m_int8 || weight.kernel->form == ActivationForm::Int8;
        m_weights.push_back(std::move(weight));
        m_announced.push_back(view);
    }
    const WeightView& view = weight();
    const auto wanted = static_cast<std::int32_t>(kSliceBytes / std::max<std::size_t>(view.rowSizeBytes(), 1));
    const std::int32_t fewest = view.rows / std::max(1, PhasedWork::kMaxChunks / view.matrices) + 1;
    m_grain = (std::max({wanted, fewest, 1}) + kPanelRows - 1) / kPanelRows * kPanelRows;
    m_pairs.resize(size(m_maxRows) * size(m_places));
    m_groupOfPair.resize(m_pairs.size());
    m_groups.resize(size(view.matrices));
    m_counts.resize(size(view.matrices));
    layOut();
}

void GroupedStage::layOut() {
    const std::int32_t columns = weight().columns;
    const std::size_t pairs = m_pairs.size();
    ScratchLayout shared;
    if (m_int8) {
        // With more rows than a token's drafts every group goes through panels, so lanes are never asked for.
        const std::size_t laneRows = streamsInt8() ? kRoundedParts * pairs : 0;
        m_rounded.layOut(shared, kRoundedParts * pairs, columns, laneRows);
    }
    m_floatsOffset = shared.add<float>(pairs * size(columns));
    std::size_t kernelBytes = 0;
    for (Weight& weight : m_weights) {
        weight.innerOffset = shared.add<float>(pairs * size(weight.lowRank.innerColumns()));
        kernelBytes = std::max({kernelBytes, weight.kernel->scratchBytes(columns), weight.lowRank.kernelBytes()});
    }
    m_sharedBytes = shared.sizeBytes();

    ScratchLayout worker;
    static_cast<void>(worker.add<std::byte>(kernelBytes));
    // Places of one row choose different matrices, so a matrix has at most one pair a row.
    const std::size_t results = size(m_maxRows) * size(m_grain);
    m_leftOverOffset = worker.add<float>(size(columns));
    m_sumOffset = worker.add<float>(kRoundedParts * results);
    for (std::size_t which = 0; which < m_weights.size(); ++which)
        m_resultOffsets.push_back(worker.add<float>(results));
    m_workerBytes = worker.sizeBytes();
}

std::size_t GroupedStage::reserveShared(std::size_t sizeBytes) {
    ScratchLayout shared;
    static_cast<void>(shared.add<std::byte>(m_sharedBytes));
    const std::size_t offset = shared.add<std::byte>(sizeBytes);
    m_sharedBytes = shared.sizeBytes();
    return offset;
}

void GroupedStage::prepareRow(std::int32_t, const StepContext&) const {}
void GroupedStage::finishRow(std::int32_t, const StepContext&) const {}

/// A counting sort: by matrix, within a matrix by row and place.
void GroupedStage::sortPairs(const StepContext& step) {
    std::ranges::fill(m_counts, 0);
    for (std::int32_t row = 0; row < step.rows; ++row)
        for (std::int32_t place = 0; place < m_places; ++place)
            if (const std::int32_t matrix = matrixOf({row, place}, step); matrix >= 0)
                ++m_counts[size(matrix)];
    m_groupCount = 0;
    m_pairCount = 0;
    for (std::size_t matrix = 0; matrix < m_counts.size(); ++matrix) {
        const std::int32_t count = std::exchange(m_counts[matrix], m_pairCount);
        if (count == 0)
            continue;
        std::fill_n(m_groupOfPair.begin() + m_pairCount, count, m_groupCount);
        m_groups[size(m_groupCount++)] = {static_cast<std::int32_t>(matrix), m_pairCount, count};
        m_pairCount += count;
    }
    for (std::int32_t row = 0; row < step.rows; ++row)
        for (std::int32_t place = 0; place < m_places; ++place)
            if (const std::int32_t matrix = matrixOf({row, place}, step); matrix >= 0)
                m_pairs[size(m_counts[size(matrix)]++)] = {row, place};
}

void GroupedStage::announceMatrices() const {
    for (const WeightView* weight : m_announced)
        for (std::int32_t index = 0; index < m_groupCount; ++index)
            m_pager->willRead(weight->matrixData(m_groups[size(index)].matrix), weight->matrixSizeBytes());
}

std::int32_t GroupedStage::beginPhase(std::int32_t phase, const StepContext& step) {
    switch (phase) {
    case 0:
        m_split = {preparesRows() ? step.rows : 0, step.rows <= kFewRows ? kFewRows : kRowsPerChunk};
        return m_split.chunks();
    case 1:
        sortPairs(step);
        if (m_pager != nullptr)
            announceMatrices();
        m_split = {m_pairCount, step.rows == 1 ? std::max(m_pairCount, 1) : kPairsPerChunk};
        return m_split.chunks();
    case 2:
        return m_isChanged ? m_groupCount : 0;
    case 3:
        m_split = {weight().rows, m_grain};
        return m_groupCount * m_split.chunks();
    case 4:
        m_split = {finishesRows() ? step.rows : 0, step.rows <= kFewRows ? kFewRows : kRowsPerChunk};
        return m_split.chunks();
    default:
        return PhasedWork::kNoMorePhases;
    }
}

void GroupedStage::runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) {
    std::byte* scratch = step.workerScratch(worker);
    if (phase == 2) {
        shrinkGroup(m_groups[size(chunk)], scratch, step);
        return;
    }
    if (phase == 3) {
        const Group& group = m_groups[size(chunk / m_split.chunks())];
        const std::int32_t part = chunk % m_split.chunks();
        runSlice({group.matrix, group.first, group.count, m_split.first(part), m_split.size(part), scratch}, step);
        return;
    }
    const std::int32_t first = m_split.first(chunk);
    for (std::int32_t index = first; index < first + m_split.size(chunk); ++index) {
        if (phase == 0)
            prepareRow(index, step);
        else if (phase == 1)
            roundPair(index, step, scratch);
        else
            finishRow(index, step);
    }
}

/// Pair i of a group of n that begins at f is rounded row 2 f + i; what is left over is row 2 f + n + i.
void GroupedStage::roundPair(std::int32_t index, const StepContext& step, std::byte* scratch) const {
    const float* in = inputOf(pair(index), step);
    const auto columns = size(weight().columns);
    std::copy_n(in, columns, pieceAt<float>(step.shared, m_floatsOffset) + size(index) * columns);
    if (!m_int8)
        return;
    const Group& group = m_groups[size(m_groupOfPair[size(index)])];
    const auto scales = streamsInt8() ? RoundedRows::Scales::ByLane : RoundedRows::Scales::ByBlock;
    const Int8Rows rows = m_rounded.at(step.shared, scales, kRoundedParts * size(group.first));
    const std::int32_t place = index - group.first;
    m_rounded.round(m_vectors, in, rows, place, group.count + place, pieceAt<float>(scratch, m_leftOverOffset));
}

void GroupedStage::shrinkGroup(const Group& group, std::byte* scratch, const StepContext& step) const {
    const std::size_t columns = size(weight().columns);
    const LowRankTerms::Rows rows{pieceAt<float>(step.shared, m_floatsOffset) + size(group.first) * columns, columns,
                                  group.count};
    for (const Weight& weight : m_weights)
        weight.lowRank.shrink(rows, group.matrix, scratch,
                              pieceAt<float>(step.shared, weight.innerOffset)
                                  + size(group.first) * size(weight.lowRank.innerColumns()),
                              step);
}

float* GroupedStage::multiply(std::size_t which, const Slice& slice, const StepContext& step) const {
    const Weight& weight = m_weights[which];
    const WeightView& view = *weight.view;
    auto* results = pieceAt<float>(slice.scratch, m_resultOffsets[which]);
    MatrixJob job;
    job.rowBytes = view.rowSizeBytes();
    job.weights =
        reinterpret_cast<const unsigned char*>(view.matrixData(slice.matrix)) + size(slice.firstRow) * job.rowBytes;
    job.columns = view.columns;
    job.weightRows = slice.rows;
    job.dtype = static_cast<std::uint8_t>(view.dtype);
    job.floats = pieceAt<float>(step.shared, m_floatsOffset) + size(slice.first) * size(view.columns);
    job.floatStride = size(view.columns);
    job.outStride = size(slice.rows);
    job.scratch = reinterpret_cast<unsigned char*>(slice.scratch);
    job.vectors = &m_vectors;
    if (weight.kernel->form == ActivationForm::Float) {
        job.rows = slice.count;
        job.out = results;
        (streamsRows(m_maxRows, job.rows) ? weight.kernel->few : weight.kernel->many)(job);
    } else {
        const auto scales = streamsInt8() ? RoundedRows::Scales::ByLane : RoundedRows::Scales::ByBlock;
        job.rows = kRoundedParts * slice.count;
        job.out = pieceAt<float>(slice.scratch, m_sumOffset);
        job.int8 = m_rounded.at(step.shared, scales, kRoundedParts * size(slice.first));
        (streamsInt8() ? weight.kernel->few : weight.kernel->many)(job);
        addLeftOvers(job.out, slice.count, size(slice.rows), results, size(slice.rows));
    }
    // The kernel's sums of both rounded rows have been read and make room.
    weight.lowRank.addTo({slice.matrix, slice.firstRow, slice.rows, results, size(slice.rows)},
                         pieceAt<float>(step.shared, weight.innerOffset)
                             + size(slice.first) * size(weight.lowRank.innerColumns()),
                         slice.count, slice.scratch, pieceAt<float>(slice.scratch, m_sumOffset));
    if (!weight.biases.empty())
        for (std::int32_t row = 0; row < slice.count; ++row)
            m_vectors.addScaled(weight.biases.data() + size(slice.matrix) * size(view.rows) + size(slice.firstRow),
                                1.0F, slice.rows, results + size(row) * size(slice.rows));
    return results;
}

} // namespace hearth
