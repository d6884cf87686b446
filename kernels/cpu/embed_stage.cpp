#include "kernels/cpu/position_stages.h"

#include "kernels/cpu/owned_norm.h"
#include "kernels/cpu/scratch_layout.h"
#include "kernels/quant/dequantise.h"

#include <algorithm>
#include <cstring>
#include <vector>

namespace hearth {

namespace {

constexpr std::int32_t kRowsPerChunk = 16;

class EmbedStage final : public Stage {
public:
    EmbedStage(const StagePlan& plan, const EmbedRows& op)
        : m_vectors(plan.vectors), m_table(*plan.program.weight(op.table)),
          m_positions(plan.program.weight(op.positionTable)), m_type(ownedVector(plan.program, op.typeTable)),
          m_norm(plan.program, op.norm), m_out(op.out), m_scale(op.scale), m_rowWithoutToken(op.rowWithoutToken),
          m_parts(static_cast<std::size_t>(plan.program.embeddingParts)) {
        for (const LowRank& change : m_table.lowRank)
            m_changes.push_back({plan.program.weight(change.up), expanded(*plan.program.weight(change.down)),
                                 change.factor, static_cast<std::size_t>(change.adapter)});
    }

    /// One row of the table of positions, or of a low-rank change.
    [[nodiscard]] std::size_t workerBytes() const override {
        std::int32_t columns = m_positions != nullptr ? m_positions->columns : 0;
        for (const Change& change : m_changes)
            columns = std::max(columns, change.up->columns);
        ScratchLayout layout;
        static_cast<void>(layout.add<float>(static_cast<std::size_t>(columns)));
        return layout.sizeBytes();
    }

    std::int32_t beginPhase(std::int32_t phase, const StepContext& step) override {
        if (phase > 0)
            return PhasedWork::kNoMorePhases;
        m_split = {step.rows, kRowsPerChunk};
        return m_split.chunks();
    }

    void runChunk(std::int32_t, std::int32_t chunk, std::int32_t worker, const StepContext& step) override {
        const std::int32_t first = m_split.first(chunk);
        for (std::int32_t row = first; row < first + m_split.size(chunk); ++row) {
            const auto index = static_cast<std::size_t>(row);
            float* out = step.buffer(m_out) + index * static_cast<std::size_t>(m_table.columns);
            embed(index, step, pieceAt<float>(step.workerScratch(worker), 0), out);
            if (m_positions != nullptr)
                addPosition(index, step, pieceAt<float>(step.workerScratch(worker), 0), out);
            if (!m_type.empty())
                m_vectors.addScaled(m_type.data(), 1.0F, m_table.columns, out);
            m_norm.apply(m_vectors, out, m_table.columns, out);
        }
    }

private:
    static void expand(const WeightView& table, std::int32_t row, float* out) {
        dequantiseRow(table.dtype, table.data + static_cast<std::size_t>(row) * table.rowSizeBytes(), table.columns,
                      out);
    }

    /// A low-rank change of the table.
    struct Change {
        const WeightView* up = nullptr;
        std::vector<float> down; ///< (rank, columns)
        float factor = 1.0F;
        std::size_t adapter = 0;
    };

    static std::vector<float> expanded(const WeightView& weight) {
        std::vector<float> values(static_cast<std::size_t>(weight.rows) * static_cast<std::size_t>(weight.columns));
        for (std::int32_t row = 0; row < weight.rows; ++row)
            expand(weight, row,
                   values.data() + static_cast<std::size_t>(row) * static_cast<std::size_t>(weight.columns));
        return values;
    }

    void addChanges(std::int32_t token, const StepContext& step, float* scratch, float* out) const {
        for (const Change& change : m_changes) {
            const float scale = change.factor * step.state->adapterScales[change.adapter];
            if (scale == 0.0F)
                continue;
            expand(*change.up, token, scratch);
            for (std::int32_t place = 0; place < change.up->columns; ++place)
                m_vectors.addScaled(change.down.data()
                                        + static_cast<std::size_t>(place) * static_cast<std::size_t>(m_table.columns),
                                    scale * scratch[place], m_table.columns, out);
        }
    }

    void embed(std::size_t row, const StepContext& step, float* scratch, float* out) const {
        const auto columns = static_cast<std::size_t>(m_table.columns);
        const std::int32_t token = step.state->tokens[row];
        if (token < 0 && m_rowWithoutToken < 0) {
            std::memcpy(out, step.state->embeddings.data() + row * m_parts * columns, columns * sizeof(float));
            return;
        }
        const std::int32_t tableRow = token < 0 ? m_rowWithoutToken : token;
        expand(m_table, tableRow, out);
        addChanges(tableRow, step, scratch, out);
        if (m_scale != 1.0F)
            for (std::size_t column = 0; column < columns; ++column)
                out[column] *= m_scale;
    }

    void addPosition(std::size_t row, const StepContext& step, float* scratch, float* out) const {
        const std::size_t perRow = step.state->positions.size() / step.state->tokens.size();
        expand(*m_positions, step.state->positions[row * perRow], scratch);
        m_vectors.addScaled(scratch, 1.0F, m_table.columns, out);
    }

    const VectorKernels& m_vectors;
    const WeightView& m_table;
    const WeightView* m_positions; ///< null: none
    std::vector<float> m_type;     ///< row 0 of the table of types; empty: none
    OwnedNorm m_norm;
    BufferId m_out;
    float m_scale;
    std::int32_t m_rowWithoutToken; ///< -1: the step's embedding row
    std::size_t m_parts;            ///< of an embedding row; the first stands for the token
    std::vector<Change> m_changes;
    Split m_split;
};

} // namespace

std::unique_ptr<Stage> makeStage(const StagePlan& plan, const EmbedRows& op) {
    return std::make_unique<EmbedStage>(plan, op);
}

} // namespace hearth
