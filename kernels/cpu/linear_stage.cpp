#include "kernels/cpu/linear_stage.h"

#include "kernels/cpu/kernel_choice.h"
#include "kernels/cpu/scratch_layout.h"

#include <algorithm>
#include <utility>

namespace hearth {

namespace {

constexpr std::int32_t kPrepareRows = 8;
/// Rows of 8 bits that stand for one row of activations.
constexpr std::int32_t kRoundedParts = 2;

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
    return {weight, &chooseMatrixKernel(weight->dtype, plan.isa), ownedVector(plan.program, linear.bias)};
}

void LinearStage::layOut() {
    const auto rows = static_cast<std::size_t>(m_maxRows);
    const auto columns = static_cast<std::size_t>(m_columns);
    ScratchLayout shared;
    if (m_floats)
        m_offsets.floats = shared.add<float>(rows * columns);
    if (m_int8) {
        const std::size_t blocks = (columns + 63) / 64 * 2;
        const std::size_t int8Count = kRoundedParts * rows;
        const std::size_t lanes = blocks * 8 * std::min<std::size_t>(int8Count, kFewRows);
        m_offsets.values = shared.add<std::int8_t>(int8Count * (blocks * 32 + 64));
        m_offsets.scales = shared.add<float>(int8Count * blocks);
        m_offsets.sums32 = shared.add<float>(int8Count * blocks);
        m_offsets.minus32 = shared.add<std::int32_t>(int8Count * blocks);
        m_offsets.sums16 = shared.add<float>(int8Count * blocks * 2);
        m_offsets.minus16 = shared.add<std::int32_t>(int8Count * blocks * 2);
        m_offsets.laneScales = shared.add<float>(lanes);
        m_offsets.laneSums = shared.add<float>(lanes);
        m_offsets.laneMinus = shared.add<std::int32_t>(lanes);
    }
    m_sharedBytes = shared.sizeBytes();
    ScratchLayout worker;
    std::size_t kernelBytes = 0;
    for (const MatrixGroup& group : m_groups)
        for (const Matrix& matrix : group)
            kernelBytes = std::max(kernelBytes, matrix.kernel->scratchBytes(matrix.weight->columns));
    static_cast<void>(worker.add<std::byte>(kernelBytes));
    m_rowOffset = worker.add<float>(columns);
    if (m_int8) {
        std::int32_t grain = 0;
        for (const GroupSlices& slices : m_slices)
            grain = std::max({grain, slices.fewGrain, slices.manyGrain});
        m_leftOverOffset = worker.add<float>(columns);
        m_sumOffset = worker.add<float>(kRoundedParts * rows * static_cast<std::size_t>(grain));
    }
    m_workerBytes = worker.sizeBytes();
}

void LinearStage::reserveSlab() {
    std::size_t numbers = 0;
    for (const GroupSlices& slices : m_slices) {
        const std::size_t few =
            static_cast<std::size_t>(slices.fewGrain) * static_cast<std::size_t>(std::min(m_maxRows, kFewRows));
        const std::size_t many =
            m_maxRows > kFewRows ? static_cast<std::size_t>(slices.manyGrain) * static_cast<std::size_t>(m_maxRows) : 0;
        numbers = std::max({numbers, few, many});
    }
    ScratchLayout worker;
    static_cast<void>(worker.add<std::byte>(m_workerBytes));
    m_slabOffset = worker.add<float>(numbers);
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
        m_prepareSplit = {prepares() ? rows : 0, rows <= kFewRows ? kFewRows : kPrepareRows};
        return m_prepareSplit.chunks();
    }
    if (phase > 1)
        return beginExtraPhase(phase - 2, step);
    std::int32_t chunks = 0;
    for (std::size_t index = 0; index < m_slices.size(); ++index) {
        GroupSlices& slices = m_slices[index];
        const std::int32_t grain = rows <= kFewRows ? slices.fewGrain : slices.manyGrain;
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
    if (phase > 1) {
        runExtraChunk(phase - 2, chunk, step);
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
        float* out = m_floats ? pieceAt<float>(step.shared, m_offsets.floats) + static_cast<std::size_t>(row) * columns
                              : pieceAt<float>(scratch, m_rowOffset);
        m_norm.apply(m_vectors, in, m_columns, out);
        in = out;
    }
    if (m_int8)
        roundRow(in, row, step, scratch);
}

void LinearStage::roundRow(const float* in, std::int32_t row, const StepContext& step, std::byte* scratch) const {
    const std::int32_t rows = rowsOf(step);
    const Int8Rows int8 = int8Rows(step, rows);
    m_vectors.quantise(in, m_columns, int8, row);
    const auto index = static_cast<std::size_t>(row);
    const std::int8_t* values = int8.values + index * int8.valueStride;
    // With few rows the scales stand by lanes of 4 columns, else by blocks of 32.
    const bool byLanes = int8.laneScales != nullptr;
    const float* scales = byLanes ? int8.laneScales + index * int8.laneStride : int8.scales + index * int8.blockStride;
    const std::int32_t width = byLanes ? 4 : 32;
    auto* leftOver = pieceAt<float>(scratch, m_leftOverOffset);
    for (std::int32_t column = 0; column < m_columns; ++column)
        leftOver[column] = in[column] - scales[column / width] * static_cast<float>(values[column]);
    m_vectors.quantise(leftOver, m_columns, int8, rows + row);
}

Int8Rows LinearStage::int8Rows(const StepContext& step, std::int32_t rows) const {
    const std::size_t blocks = (static_cast<std::size_t>(m_columns) + 63) / 64 * 2;
    Int8Rows int8;
    int8.values = pieceAt<std::int8_t>(step.shared, m_offsets.values);
    int8.valueStride = blocks * 32 + 64;
    int8.scales = pieceAt<float>(step.shared, m_offsets.scales);
    int8.sums32 = pieceAt<float>(step.shared, m_offsets.sums32);
    int8.minus32 = pieceAt<std::int32_t>(step.shared, m_offsets.minus32);
    int8.blockStride = blocks;
    int8.sums16 = pieceAt<float>(step.shared, m_offsets.sums16);
    int8.minus16 = pieceAt<std::int32_t>(step.shared, m_offsets.minus16);
    if (kRoundedParts * rows <= kFewRows) {
        int8.laneScales = pieceAt<float>(step.shared, m_offsets.laneScales);
        int8.laneSums = pieceAt<float>(step.shared, m_offsets.laneSums);
        int8.laneMinus = pieceAt<std::int32_t>(step.shared, m_offsets.laneMinus);
        int8.laneStride = blocks * 8;
    }
    return int8;
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
    job.floats = m_floats ? pieceAt<float>(step.shared, m_offsets.floats) : step.buffer(m_input.buffer);
    job.floatStride = static_cast<std::size_t>(m_columns);
    if (m_int8)
        job.int8 = int8Rows(step, job.rows);
    job.out = out;
    job.outStride = outStride;
    job.scratch = reinterpret_cast<unsigned char*>(slice.scratch);
    job.vectors = &m_vectors;
    runKernel(matrix, job, slice, step);
    if (matrix.bias.empty())
        return;
    for (std::int32_t row = 0; row < rowsOf(step); ++row)
        m_vectors.addScaled(matrix.bias.data() + slice.first, 1.0F, slice.count,
                            out + static_cast<std::size_t>(row) * outStride);
}

void LinearStage::runKernel(const Matrix& matrix, MatrixJob& job, const Slice& slice, const StepContext& step) const {
    const std::int32_t rows = job.rows;
    if (matrix.kernel->form == ActivationForm::Float) {
        (rows <= kFewRows ? matrix.kernel->few : matrix.kernel->many)(job);
        return;
    }
    float* const out = job.out;
    const std::size_t outStride = job.outStride;
    const auto width = static_cast<std::size_t>(slice.count);
    job.rows = kRoundedParts * rows;
    job.out = pieceAt<float>(slice.scratch, m_sumOffset);
    job.outStride = width;
    (job.rows <= kFewRows ? matrix.kernel->few : matrix.kernel->many)(job);
    for (std::int32_t row = 0; row < rows && !step.cancelled(); ++row) {
        const float* rounded = job.out + static_cast<std::size_t>(row) * width;
        const float* leftOver = job.out + static_cast<std::size_t>(rows + row) * width;
        float* sum = out + static_cast<std::size_t>(row) * outStride;
        for (std::size_t column = 0; column < width; ++column)
            sum[column] = rounded[column] + leftOver[column];
    }
}

std::int32_t LinearStage::beginExtraPhase(std::int32_t, const StepContext&) {
    return PhasedWork::kNoMorePhases;
}

void LinearStage::runExtraChunk(std::int32_t, std::int32_t, const StepContext&) {}

} // namespace hearth
