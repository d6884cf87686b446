#include "kernels/cpu/kernel_choice.h"
#include "kernels/cpu/position_stages.h"
#include "kernels/cpu/scratch_layout.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <span>

namespace hearth {

namespace {

/// Pages whose slots one worker scores, where a step has few rows.
constexpr std::int32_t kPartPages = 8;

/// Few rows: the pages are scored in parts, then each row chooses. Many rows: each row scores and chooses.
class SelectSlotsStage final : public Stage {
public:
    SelectSlotsStage(const StagePlan& plan, const SelectSlots& op)
        : m_op(op), m_spec(plan.program.caches[static_cast<std::size_t>(op.cache)]),
          m_cacheKernels(*chooseCacheKernels(m_spec.dtype, plan.isa)),
          m_mostSlots(static_cast<std::size_t>(plan.cache->pageCount(m_spec.pageClass)) * kPageTokens),
          m_maxRows(plan.program.maxRows) {
        ScratchLayout layout;
        m_productsOffset = layout.add<float>(static_cast<std::size_t>(op.heads) * kTileTokens);
        m_scoresOffset = layout.add<float>(m_mostSlots);
        m_orderOffset = layout.add<std::int32_t>(m_mostSlots);
        m_workerBytes = layout.sizeBytes();
        m_sharedBytes =
            static_cast<std::size_t>(m_maxRows <= kNarrowRows ? m_maxRows : kFewRows) * m_mostSlots * sizeof(float);
    }

    [[nodiscard]] std::size_t sharedBytes() const override { return m_sharedBytes; }
    [[nodiscard]] std::size_t workerBytes() const override { return m_workerBytes; }

    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        const bool few = streamsRows(m_maxRows, step.rows);
        if (phase == 0) {
            const std::int32_t pages = (step.state->cacheStart + step.rows + kPageTokens - 1) / kPageTokens;
            m_parts = few ? (pages + kPartPages - 1) / kPartPages : 1;
            return step.rows * m_parts;
        }
        return phase == 1 && few ? step.rows : PhasedWork::kNoMorePhases;
    }

    void runChunk(std::int32_t phase, std::int32_t chunk, std::int32_t worker, const StepContext& step) override {
        std::byte* scratch = step.workerScratch(worker);
        if (phase == 1) {
            choose(chunk, sharedScores(chunk, step), scratch, step);
            return;
        }
        const std::int32_t row = chunk / m_parts;
        if (streamsRows(m_maxRows, step.rows)) {
            const std::int32_t first = chunk % m_parts * kPartPages;
            scorePages(row, first, first + kPartPages, sharedScores(row, step), scratch, step);
            return;
        }
        auto* scores = pieceAt<float>(scratch, m_scoresOffset);
        scorePages(row, 0, std::numeric_limits<std::int32_t>::max(), scores, scratch, step);
        choose(row, scores, scratch, step);
    }

private:
    [[nodiscard]] float* sharedScores(std::int32_t row, const StepContext& step) const {
        return reinterpret_cast<float*>(step.shared) + static_cast<std::size_t>(row) * m_mostSlots;
    }
    static std::int32_t seenBy(std::int32_t row, const StepContext& step) { return step.state->cacheStart + row + 1; }

    void scorePages(std::int32_t row, std::int32_t first, std::int32_t end, float* scores, std::byte* scratch,
                    const StepContext& step) const {
        const std::int32_t seen = seenBy(row, step);
        const std::size_t bytes = rowBytes(m_spec.dtype, m_spec.keyColumns);
        const auto heads = static_cast<std::size_t>(m_op.heads);
        const float* q =
            step.buffer(m_op.q) + static_cast<std::size_t>(row) * heads * static_cast<std::size_t>(m_op.headColumns);
        const float* weights = step.buffer(m_op.weights) + static_cast<std::size_t>(row) * heads;
        auto* products = pieceAt<float>(scratch, m_productsOffset);
        for (std::int32_t page = first; page < end && page * kPageTokens < seen; ++page) {
            const std::int32_t tokens = std::min(kPageTokens, seen - page * kPageTokens);
            const std::byte* keys =
                step.cache->page(m_op.cache, step.state->pageTableOf(m_spec.pageClass)[static_cast<std::size_t>(page)]);
            m_cacheKernels.scores({reinterpret_cast<const unsigned char*>(keys), bytes, m_op.headColumns, tokens}, q,
                                  static_cast<std::size_t>(m_op.headColumns), m_op.heads, products);
            float* out = scores + static_cast<std::size_t>(page) * kPageTokens;
            std::fill_n(out, tokens, 0.0F);
            for (std::size_t head = 0; head < heads; ++head)
                for (std::int32_t token = 0; token < tokens; ++token)
                    out[token] += weights[head] * std::max(0.0F, products[head * kTileTokens + token]);
        }
    }

    /// The highest scores, ties to the lower slot; what is no number counts as the lowest.
    void choose(std::int32_t row, float* scores, std::byte* scratch, const StepContext& step) const {
        const std::int32_t seen = seenBy(row, step);
        const std::int32_t kept = std::min(seen, m_op.count);
        auto* order = pieceAt<std::int32_t>(scratch, m_orderOffset);
        std::iota(order, order + seen, 0);
        if (kept < seen) {
            std::replace_if(
                scores, scores + seen, [](float score) { return std::isnan(score); },
                -std::numeric_limits<float>::infinity());
            std::nth_element(order, order + kept, order + seen, [scores](std::int32_t a, std::int32_t b) {
                return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
            });
            std::sort(order, order + kept);
        }
        auto* out = reinterpret_cast<std::int32_t*>(step.buffer(m_op.slots))
                    + static_cast<std::size_t>(row) * static_cast<std::size_t>(m_op.count);
        std::copy_n(order, kept, out);
        std::fill(out + kept, out + m_op.count, -1);
    }

    SelectSlots m_op;
    CacheSpec m_spec;
    const CacheKernels& m_cacheKernels;
    std::size_t m_mostSlots; ///< of the pool
    std::int32_t m_maxRows;
    std::int32_t m_parts = 1;
    std::size_t m_sharedBytes = 0;
    std::size_t m_workerBytes = 0;
    std::size_t m_productsOffset = 0;
    std::size_t m_scoresOffset = 0;
    std::size_t m_orderOffset = 0;
};

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const SelectSlots& op) {
    return std::make_unique<SelectSlotsStage>(plan, op);
}

} // namespace hearth
