#include "kernels/cpu/position_stages.h"

#include "kernels/quant/dequantise.h"

#include <cstring>

namespace hearth {

namespace {

constexpr std::int32_t kRowsPerChunk = 16;

class EmbedStage final : public Stage {
public:
    EmbedStage(const StagePlan& plan, const EmbedRows& op)
        : m_table(*plan.program.weight(op.table)), m_out(op.out), m_scale(op.scale),
          m_parts(static_cast<std::size_t>(plan.program.embeddingParts)) {}

    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        if (phase > 0)
            return PhasedWork::kNoMorePhases;
        m_split = {step.rows, kRowsPerChunk};
        return m_split.chunks();
    }

    void runChunk(std::int32_t, std::int32_t chunk, std::int32_t, const StepContext& step) override {
        const auto columns = static_cast<std::size_t>(m_table.columns);
        const std::int32_t first = m_split.first(chunk);
        for (std::int32_t row = first; row < first + m_split.size(chunk); ++row) {
            const auto index = static_cast<std::size_t>(row);
            float* out = step.buffer(m_out) + index * columns;
            const std::int32_t token = step.state->tokens[index];
            if (token < 0) {
                std::memcpy(out, step.state->embeddings.data() + index * m_parts * columns, columns * sizeof(float));
                continue;
            }
            dequantiseRow(m_table.dtype, m_table.data + static_cast<std::size_t>(token) * m_table.rowSizeBytes(),
                          m_table.columns, out);
            if (m_scale != 1.0F)
                for (std::size_t column = 0; column < columns; ++column)
                    out[column] *= m_scale;
        }
    }

private:
    const WeightView& m_table;
    BufferId m_out;
    float m_scale;
    std::size_t m_parts; ///< of an embedding row; the first stands for the token
    Split m_split;
};

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const EmbedRows& op) {
    return std::make_unique<EmbedStage>(plan, op);
}

} // namespace hearth
