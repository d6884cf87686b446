#include "kernels/cpu/linear_stage.h"

#include "kernels/cpu/kernel_choice.h"
#include "kernels/cpu/scratch_layout.h"

#include <algorithm>
#include <utility>

namespace hearth {

namespace {

constexpr std::int32_t kPrepareRows = 8;
// Rows of activations that one chunk of inner products takes: enough to share a panel of weights.
constexpr std::int32_t kShrinkRows = 32;

// Streaming slices: small enough that several workers end together and that one who loses its core holds up little,
// large enough that taking one (some 50 ns) does not show.
constexpr std::size_t kMinSliceBytes = std::size_t{16} << 10;
constexpr std::size_t kMaxSliceBytes = std::size_t{64} << 10;
constexpr std::size_t kSlicesPerThread = 8;
// Panel slices: two panels share the activations that are read for them.
constexpr std::int32_t kManyGrain = 2 * kPanelRows;

std::int32_t roundUp(std::int32_t value, std::int32_t multiple) {
    return (value + multiple - 1) / multiple * multiple;
}

/// Weight rows in one streaming slice; whole cache lines of results.
std::int32_t streamingGrain(const MatrixGroup& group, std::size_t totalBytes, std::int32_t threads) {
    std::size_t bytesPerRow = 0;
    for (const Matrix& matrix : group)
        bytesPerRow += matrix.weight->rowSizeBytes();
    const std::size_t target =
        std::clamp(totalBytes / (static_cast<std::size_t>(threads) * kSlicesPerThread), kMinSliceBytes, kMaxSliceBytes);
    const auto rows = static_cast<std::int32_t>(target / std::max<std::size_t>(bytesPerRow, 1));
    const std::int32_t fewest = group.front().weight->rows / (PhasedWork::kMaxChunks / 8) + 1;
    return roundUp(std::max({rows, fewest, 1}), kPanelRows);
}

} // namespace

LinearStage::LinearStage(const StagePlan& plan, const Input& input, std::vector<MatrixGroup> groups)
    : m_vectors(plan.vectors), m_input(input), m_norm(plan.program, input.norm == nullptr ? Norm{} : *input.norm),
      m_groups(std::move(groups)), m_shares(plan.threads) {
    m_maxRows = input.rows == Rows::All ? plan.program.maxRows : plan.program.outputRowLimit();
    m_columns = m_groups.front().front().weight->columns;
    bool anyFloat = false;
    std::size_t totalBytes = 0;
    for (const MatrixGroup& group : m_groups) {
        for (const Matrix& matrix : group) {
            (matrix.kernel->form == ActivationForm::Int8 ? m_int8 : anyFloat) = true;
            anyFloat = anyFloat || !matrix.lowRank.empty();
            totalBytes += matrix.weight->sizeBytes();
        }
    }
    m_floats = anyFloat && (m_norm.kind() != NormKind::None || input.rows == Rows::Outputs);
    for (const MatrixGroup& group : m_groups) {
        const std::int32_t rows = group.front().weight->rows;
        const std::int32_t fewestManyRows = roundUp(rows / (PhasedWork::kMaxChunks / 8) + 1, kManyGrain);
        m_slices.push_back({streamingGrain(group, totalBytes, plan.threads), fewestManyRows, {}});
    }
    layOut();
}

Matrix LinearStage::makeMatrix(const StagePlan& plan, const Linear& linear) {
    const WeightView* weight = plan.program.weight(linear.weight);
    return {weight, &chooseMatrixKernel(weight->dtype, plan.isa), ownedVector(plan.program, linear.bias),
            LowRankTerms(plan, *weight)};
}

void LinearStage::layOut() {
    const auto rows = static_cast<std::size_t>(m_maxRows);
    const auto columns = static_cast<std::size_t>(m_columns);
    ScratchLayout shared;
    if (m_floats)
        m_floatsOffset = shared.add<float>(rows * columns);
    if (m_int8) {
        const std::size_t laneRows = m_maxRows <= kNarrowRows ? kRoundedParts * rows : kFewRows;
        m_rounded.layOut(shared, kRoundedParts * rows, m_columns, laneRows);
    }
    ScratchLayout worker;
    std::size_t kernelBytes = 0;
    for (MatrixGroup& group : m_groups)
        for (Matrix& matrix : group) {
            kernelBytes = std::max(
                {kernelBytes, matrix.kernel->scratchBytes(matrix.weight->columns), matrix.lowRank.kernelBytes()});
            if (matrix.lowRank.empty())
                continue;
            matrix.innerOffset = shared.add<float>(rows * static_cast<std::size_t>(matrix.lowRank.innerColumns()));
            m_changed.push_back(&matrix);
        }
    m_sharedBytes = shared.sizeBytes();
    static_cast<void>(worker.add<std::byte>(kernelBytes));
    m_rowOffset = worker.add<float>(columns);
    if (m_int8) {
        m_leftOverOffset = worker.add<float>(columns);
        m_sumOffset = worker.add<float>(kRoundedParts * mostResults());
    }
    if (!m_changed.empty())
        m_lowRankOffset = worker.add<float>(mostResults());
    m_workerBytes = worker.sizeBytes();
}

std::size_t LinearStage::mostResults() const {
    std::size_t numbers = 0;
    for (const GroupSlices& slices : m_slices) {
        const bool isNarrow = m_maxRows <= kNarrowRows;
        const std::size_t few =
            static_cast<std::size_t>(slices.fewGrain) * static_cast<std::size_t>(isNarrow ? m_maxRows : kFewRows);
        const std::size_t many =
            isNarrow ? 0 : static_cast<std::size_t>(slices.manyGrain) * static_cast<std::size_t>(m_maxRows);
        numbers = std::max({numbers, few, many});
    }
    return numbers;
}

void LinearStage::reserveSlab() {
    ScratchLayout worker;
    static_cast<void>(worker.add<std::byte>(m_workerBytes));
    m_slabOffset = worker.add<float>(mostResults());
    m_workerBytes = worker.sizeBytes();
}

std::size_t LinearStage::reserveShared(std::size_t sizeBytes) {
    ScratchLayout shared;
    static_cast<void>(shared.add<std::byte>(m_sharedBytes));
    const std::size_t offset = shared.add<std::byte>(sizeBytes);
    m_sharedBytes = shared.sizeBytes();
    return offset;
}

float* LinearStage::slab(const Slice& slice) const {
    return pieceAt<float>(slice.scratch, m_slabOffset);
}

std::int32_t LinearStage::beginPhase(std::int32_t phase, const StepContext& step) {
    const std::int32_t rows = rowsOf(step);
    if (phase == 0) {
        m_prepareSplit = {prepares() ? rows : 0, streams(rows) ? kNarrowRows : kPrepareRows};
        return m_prepareSplit.chunks();
    }
    if (phase == 1) {
        m_shrinkSplit = {rows, kShrinkRows};
        return m_shrinkSplit.chunks() * static_cast<std::int32_t>(m_changed.size());
    }
    if (phase > 2)
        return beginExtraPhase(phase - 3, step);
    std::int32_t chunks = 0;
    for (std::size_t index = 0; index < m_slices.size(); ++index) {
        GroupSlices& slices = m_slices[index];
        const std::int32_t grain = streams(rows) ? slices.fewGrain : slices.manyGrain;
        slices.split = {rows == 0 ? 0 : m_groups[index].front().weight->rows, grain};
        chunks += slices.split.chunks();
    }
    m_shares.reset(chunks);
    return chunks;
}

void LinearStage::runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) {
    std::byte* scratch = step.workerScratch(worker);
    if (phase == 0) {
        const std::int32_t first = m_prepareSplit.first(chunk);
        for (std::int32_t row = first; row < first + m_prepareSplit.size(chunk); ++row)
            prepareRow(row, step, scratch);
        return;
    }
    if (phase == 1) {
        shrinkRows(chunk, step, scratch);
        return;
    }
    if (phase > 2) {
        runExtraChunk(phase - 3, chunk, step);
        return;
    }
    std::int32_t rest = m_shares.take(worker);
    for (std::size_t index = 0; index < m_slices.size(); ++index) {
        const Split& split = m_slices[index].split;
        if (rest < split.chunks()) {
            runSlice({static_cast<std::int32_t>(index), split.first(rest), split.size(rest), scratch}, step);
            return;
        }
        rest -= split.chunks();
    }
}

void LinearStage::prepareRow(std::int32_t row, const StepContext& step, std::byte* scratch) const {
    const std::int32_t inputRow =
        m_input.rows == Rows::All ? row : step.state->outputRows[static_cast<std::size_t>(row)];
    const auto columns = static_cast<std::size_t>(m_columns);
    const float* in = step.buffer(m_input.buffer) + static_cast<std::size_t>(inputRow) * columns;
    if (m_floats || m_norm.kind() != NormKind::None) {
        float* out = m_floats ? pieceAt<float>(step.shared, m_floatsOffset) + static_cast<std::size_t>(row) * columns
                              : pieceAt<float>(scratch, m_rowOffset);
        m_norm.apply(m_vectors, in, m_columns, out);
        in = out;
    }
    if (m_int8)
        m_rounded.round(m_vectors, in, int8Rows(step), row, rowsOf(step) + row,
                        pieceAt<float>(scratch, m_leftOverOffset));
}

Int8Rows LinearStage::int8Rows(const StepContext& step) const {
    const bool few = streams(kRoundedParts * rowsOf(step));
    return m_rounded.at(step.shared, few ? RoundedRows::Scales::ByLane : RoundedRows::Scales::ByBlock, 0);
}

void LinearStage::multiply(const Matrix& matrix, const Slice& slice, float* out, std::size_t outStride,
                           const StepContext& step) const {
    const WeightView& weight = *matrix.weight;
    MatrixJob job;
    job.rowBytes = weight.rowSizeBytes();
    job.weights =
        reinterpret_cast<const unsigned char*>(weight.data) + static_cast<std::size_t>(slice.first) * job.rowBytes;
    job.columns = weight.columns;
    job.weightRows = slice.count;
    job.dtype = static_cast<std::uint8_t>(weight.dtype);
    job.rows = rowsOf(step);
    job.floats = floatRows(step).floats;
    job.floatStride = floatRows(step).stride;
    if (m_int8)
        job.int8 = int8Rows(step);
    job.out = out;
    job.outStride = outStride;
    job.scratch = reinterpret_cast<unsigned char*>(slice.scratch);
    job.vectors = &m_vectors;
    runKernel(matrix, job, slice);
    if (!matrix.lowRank.empty())
        addLowRank(matrix, slice, out, outStride, step);
    if (matrix.bias.empty())
        return;
    for (std::int32_t row = 0; row < rowsOf(step); ++row)
        m_vectors.addScaled(matrix.bias.data() + slice.first, 1.0F, slice.count,
                            out + static_cast<std::size_t>(row) * outStride);
}

LowRankTerms::Rows LinearStage::floatRows(const StepContext& step) const {
    return {m_floats ? pieceAt<float>(step.shared, m_floatsOffset) : step.buffer(m_input.buffer),
            static_cast<std::size_t>(m_columns), rowsOf(step)};
}

void LinearStage::shrinkRows(std::int32_t chunk, const StepContext& step, std::byte* scratch) const {
    const Matrix& matrix = *m_changed[static_cast<std::size_t>(chunk / m_shrinkSplit.chunks())];
    const std::int32_t part = chunk % m_shrinkSplit.chunks();
    const auto first = static_cast<std::size_t>(m_shrinkSplit.first(part));
    LowRankTerms::Rows rows = floatRows(step);
    rows.floats += first * rows.stride;
    rows.count = m_shrinkSplit.size(part);
    float* inner = pieceAt<float>(step.shared, matrix.innerOffset);
    matrix.lowRank.shrink(rows, 0, scratch, inner + first * static_cast<std::size_t>(matrix.lowRank.innerColumns()),
                          step);
}

void LinearStage::addLowRank(const Matrix& matrix, const Slice& slice, float* out, std::size_t outStride,
                             const StepContext& step) const {
    matrix.lowRank.addTo({0, slice.first, slice.count, out, outStride}, pieceAt<float>(step.shared, matrix.innerOffset),
                         rowsOf(step), slice.scratch, pieceAt<float>(slice.scratch, m_lowRankOffset));
}

void LinearStage::runKernel(const Matrix& matrix, MatrixJob& job, const Slice& slice) const {
    const std::int32_t rows = job.rows;
    if (matrix.kernel->form == ActivationForm::Float) {
        (streams(rows) ? matrix.kernel->few : matrix.kernel->many)(job);
        return;
    }
    float* const out = job.out;
    const std::size_t outStride = job.outStride;
    const auto width = static_cast<std::size_t>(slice.count);
    job.rows = kRoundedParts * rows;
    job.out = pieceAt<float>(slice.scratch, m_sumOffset);
    job.outStride = width;
    (streams(job.rows) ? matrix.kernel->few : matrix.kernel->many)(job);
    addLeftOvers(job.out, rows, width, out, outStride);
}

std::int32_t LinearStage::beginExtraPhase(std::int32_t, const StepContext&) {
    return PhasedWork::kNoMorePhases;
}

void LinearStage::runExtraChunk(std::int32_t, std::int32_t, const StepContext&) {}

} // namespace hearth
