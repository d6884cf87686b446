#pragma once

#include "kernels/api/backend.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hearth {

/// The spans of a StepState with the memory that they borrow.
struct StepInput {
    std::vector<std::int32_t> tokens;
    std::vector<float> embeddings;
    std::vector<std::int32_t> positions;
    std::vector<std::int32_t> pageTable;
    std::int32_t cacheStart = 0;
    std::vector<std::int32_t> outputRows;
    std::vector<std::vector<std::int32_t>> windowTables;

    /// Valid until the next call, or until this changes.
    [[nodiscard]] StepState state() const;
    [[nodiscard]] const std::vector<std::int32_t>& tableOf(const CacheSpec& cache) const {
        return cache.pageClass == 0 ? pageTable : windowTables[static_cast<std::size_t>(cache.pageClass - 1)];
    }
    /// `rows` rows of embeddings at positions cacheStart and on, all of them shown.
    [[nodiscard]] static StepInput ofEmbeddings(std::int32_t rows, std::vector<float> embeddings,
                                                std::int32_t cacheStart = 0);

private:
    mutable std::vector<std::span<const std::int32_t>> m_windowTables; ///< what state() lends out
};

/// Builds programs for tests and owns their weights. What a buffer holds is set and seen through the backend's public
/// interface alone: inputs come from embeddings by selection matrices of zeros and ones, which are exact in every float
/// backend, and a buffer is observed by Logits with the unit matrix.
class ProgramFixture {
public:
    explicit ProgramFixture(std::int32_t maxRows);

    BufferId buffer(std::string name, std::int32_t columns);
    /// F32, row-major; the memory ends with the last number, so that the address sanitizer sees a read beyond it.
    WeightId floats(std::string name, std::int32_t rows, std::int32_t columns, const std::vector<float>& values);
    /// Stored rows, placed `misalignment` bytes beyond a 64-byte boundary.
    WeightId stored(std::string name, DType dtype, std::int32_t rows, std::int32_t columns,
                    const std::vector<std::byte>& bytes, std::size_t misalignment = 0);
    CacheId cache(std::string name, std::int32_t heads, std::int32_t keyColumns, std::int32_t valueColumns,
                  DType dtype);
    void add(Op op);

    /// The first ops: a row of embeddings is cut into these buffers, in this order.
    std::vector<BufferId> inputs(const std::vector<std::pair<std::string, std::int32_t>>& columns);

    /// The program so far, with a plan that gives every buffer its own place and leaves gaps between them.
    [[nodiscard]] Program program() const;
    /// The program and one more op that shows `observed`.
    [[nodiscard]] Program observing(BufferId observed);
    /// The program so far must end in Logits that write `logits`.
    [[nodiscard]] Program showing(BufferId logits) const;

    [[nodiscard]] Program& tables() { return m_program; }

private:
    struct Release {
        void operator()(std::byte* data) const;
    };
    WeightId unitMatrix(std::int32_t columns);
    std::byte* allocate(std::size_t sizeBytes, std::size_t misalignment);

    Program m_program;
    std::vector<std::unique_ptr<std::byte[], Release>> m_memory;
    std::vector<std::pair<std::int32_t, WeightId>> m_unitMatrices;
};

/// Places every buffer on its own, `gapBytes` apart; offsets are multiples of 64.
[[nodiscard]] ActivationPlan separatePlan(const Program& program, std::size_t gapBytes);

/// Runs the steps one after the other on one executable; each step's output.
[[nodiscard]] Result<std::vector<std::vector<float>>> runSteps(Backend& backend, Program program, CachePool* pool,
                                                               const std::vector<StepInput>& steps);

} // namespace hearth
