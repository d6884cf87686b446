#include "tests/kernels/program_fixture.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <numeric>

namespace hearth {

namespace {

constexpr std::size_t kGapBytes = 0;

} // namespace

StepState StepInput::state() const {
    m_windowTables.assign(windowTables.begin(), windowTables.end());
    return {tokens, embeddings, positions, pageTable, cacheStart, outputRows, 0, m_windowTables};
}

StepInput StepInput::ofEmbeddings(std::int32_t rows, std::vector<float> embeddings, std::int32_t cacheStart) {
    StepInput input;
    const auto count = static_cast<std::size_t>(rows);
    input.tokens.assign(count, -1);
    input.embeddings = std::move(embeddings);
    input.positions.resize(count);
    std::iota(input.positions.begin(), input.positions.end(), cacheStart);
    input.cacheStart = cacheStart;
    input.outputRows.resize(count);
    std::iota(input.outputRows.begin(), input.outputRows.end(), 0);
    return input;
}

ProgramFixture::ProgramFixture(std::int32_t maxRows) {
    m_program.maxRows = maxRows;
}

void ProgramFixture::Release::operator()(std::byte* data) const {
    std::free(data);
}

std::byte* ProgramFixture::allocate(std::size_t sizeBytes, std::size_t misalignment) {
    void* memory = nullptr;
    if (posix_memalign(&memory, 64, sizeBytes + misalignment) != 0)
        throw std::bad_alloc();
    m_memory.emplace_back(static_cast<std::byte*>(memory));
    return m_memory.back().get() + misalignment;
}

BufferId ProgramFixture::buffer(std::string name, std::int32_t columns) {
    m_program.buffers.push_back({std::move(name), columns, DType::F32});
    return static_cast<BufferId>(m_program.buffers.size() - 1);
}

WeightId ProgramFixture::stored(std::string name, DType dtype, std::int32_t rows, std::int32_t columns,
                                const std::vector<std::byte>& bytes, std::size_t misalignment) {
    std::byte* data = allocate(bytes.size(), misalignment);
    std::memcpy(data, bytes.data(), bytes.size());
    m_program.weights.push_back({std::move(name), data, dtype, columns, rows, 1});
    HEARTH_ASSERT(m_program.weights.back().sizeBytes() == bytes.size());
    return static_cast<WeightId>(m_program.weights.size() - 1);
}

WeightId ProgramFixture::floats(std::string name, std::int32_t rows, std::int32_t columns,
                                const std::vector<float>& values) {
    std::vector<std::byte> bytes(values.size() * sizeof(float));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return stored(std::move(name), DType::F32, rows, columns, bytes, sizeof(float));
}

CacheId ProgramFixture::cache(std::string name, std::int32_t heads, std::int32_t keyColumns, std::int32_t valueColumns,
                              DType dtype) {
    m_program.caches.push_back({std::move(name), heads, keyColumns, valueColumns, dtype});
    return static_cast<CacheId>(m_program.caches.size() - 1);
}

void ProgramFixture::add(Op op) {
    m_program.ops.push_back(std::move(op));
}

std::vector<BufferId> ProgramFixture::inputs(const std::vector<std::pair<std::string, std::int32_t>>& columns) {
    std::int32_t all = 0;
    for (const auto& [name, count] : columns)
        all += count;
    const BufferId row = buffer("row", all);
    const WeightId table = floats("table", 1, all, std::vector<float>(static_cast<std::size_t>(all)));
    add(EmbedRows{table, row, 1.0F});
    NormProject cut{row, {}, {}};
    std::vector<BufferId> ids;
    std::int32_t start = 0;
    for (const auto& [name, count] : columns) {
        std::vector<float> selection(static_cast<std::size_t>(count) * static_cast<std::size_t>(all));
        for (std::int32_t column = 0; column < count; ++column)
            selection[static_cast<std::size_t>(column) * static_cast<std::size_t>(all)
                      + static_cast<std::size_t>(start + column)] = 1.0F;
        ids.push_back(buffer(name, count));
        cut.projections.push_back({{floats("select " + name, count, all, selection), kNoWeight}, ids.back()});
        start += count;
    }
    add(std::move(cut));
    return ids;
}

WeightId ProgramFixture::unitMatrix(std::int32_t columns) {
    for (const auto& [width, id] : m_unitMatrices)
        if (width == columns)
            return id;
    const auto count = static_cast<std::size_t>(columns);
    std::vector<float> unit(count * count);
    for (std::size_t column = 0; column < count; ++column)
        unit[column * count + column] = 1.0F;
    m_unitMatrices.emplace_back(columns, floats("unit", columns, columns, unit));
    return m_unitMatrices.back().second;
}

Program ProgramFixture::program() const {
    Program program = m_program;
    program.plan = separatePlan(program, kGapBytes);
    return program;
}

Program ProgramFixture::observing(BufferId observed) {
    const std::int32_t columns = m_program.buffers[static_cast<std::size_t>(observed)].columns;
    const WeightId unit = unitMatrix(columns);
    Program program = m_program;
    program.buffers.push_back({m_program.buffers[static_cast<std::size_t>(observed)].name, columns, DType::F32});
    program.output = static_cast<BufferId>(program.buffers.size() - 1);
    program.ops.emplace_back(Logits{observed, {}, {unit, kNoWeight}, program.output, 1.0F, 0.0F});
    program.plan = separatePlan(program, kGapBytes);
    return program;
}

Program ProgramFixture::showing(BufferId logits) const {
    Program program = m_program;
    program.output = logits;
    program.plan = separatePlan(program, kGapBytes);
    return program;
}

ActivationPlan separatePlan(const Program& program, std::size_t gapBytes) {
    ActivationPlan plan;
    plan.sizeBytes = (gapBytes + 63) / 64 * 64;
    for (const BufferSpec& buffer : program.buffers) {
        plan.offsets.push_back(plan.sizeBytes);
        const std::size_t bytes =
            static_cast<std::size_t>(buffer.columns) * static_cast<std::size_t>(program.maxRows) * sizeof(float);
        plan.sizeBytes += (bytes + gapBytes + 63) / 64 * 64;
    }
    return plan;
}

Result<std::vector<std::vector<float>>> runSteps(Backend& backend, Program program, CachePool* pool,
                                                 const std::vector<StepInput>& steps) {
    HEARTH_TRY(const auto executable, backend.compile(std::move(program), pool, {}));
    std::vector<std::vector<float>> outputs;
    for (const StepInput& input : steps) {
        HEARTH_CHECK(executable->enqueue(input.state()));
        HEARTH_CHECK(executable->wait({}));
        const std::span<const float> shown = executable->output();
        outputs.emplace_back(shown.begin(), shown.end());
    }
    return outputs;
}

} // namespace hearth
