#pragma once

#include "engine/gguf/gguf_file.h"
#include "engine/program/adapter.h"
#include "kernels/api/program.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace hearth {

/// What a weight must measure: columns innermost, as in WeightView.
struct WeightShape {
    std::int32_t columns = 0;
    std::int32_t rows = 1;
    std::int32_t matrices = 1;
};

/// Turns a family's equations into a Program. The first thing that goes wrong (a missing or misshapen tensor) is kept
/// and comes out of finish(), so that a family's file reads as its equations do. Thread: one.
class ProgramBuilder {
public:
    /// Shared: layers with equal heads use one cache. For programs that see a whole text in one step, where nobody
    /// reads what another layer stored.
    enum class Caches : std::uint8_t { PerLayer, Shared };
    struct Limits {
        std::int32_t maxRows = 0;
        std::int32_t maxOutputRows = 0;
        DType cacheType = DType::F16;
        std::int32_t contextTokens = 0; ///< some ropes turn by it
        float expertShare = 1.0F;       ///< RouteExperts::keepShare of every layer
        Caches caches = Caches::PerLayer;
        /// What changes the file's weights; adapter n is scaled by StepState::adapterScales[n].
        std::span<const std::unique_ptr<Adapter>> adapters = {};
    };
    ProgramBuilder(const GgufFile& file, Limits limits);

    /// The tensors of one layer are named blk.LAYER.*: after this, weights are looked up under that prefix.
    void enterLayer(std::int32_t layer);
    /// Back to the names of the whole model.
    void leaveLayer();

    /// Errors (kept): NotFound, Corrupt (another shape; both are named).
    [[nodiscard]] WeightId weight(std::string_view name, WeightShape shape);
    /// kNoWeight if the file has none.
    [[nodiscard]] WeightId optionalWeight(std::string_view name, WeightShape shape);
    /// The same for a tensor that comes in two shapes.
    [[nodiscard]] WeightId optionalWeight(std::string_view name, WeightShape shape, WeightShape otherShape);
    [[nodiscard]] bool has(std::string_view name) const;
    /// Whether the file has a tensor of this name and shape.
    [[nodiscard]] bool measures(std::string_view name, WeightShape shape) const;
    /// A tensor that the file may have and that changes nothing in this program.
    void leaveOut(std::string_view name) { static_cast<void>(has(name)); }
    /// A tensor outside the layer's prefix, kNoWeight if there is none.
    [[nodiscard]] WeightId optionalModelWeight(std::string_view name, WeightShape shape);
    /// Rows first .. first + count of a weight (of each of its matrices), as a weight of its own.
    [[nodiscard]] WeightId weightRows(WeightId whole, std::int32_t first, std::int32_t count);
    /// Columns first .. first + count of a weight of one row: a part of a bias or norm. kNoWeight stays kNoWeight.
    [[nodiscard]] WeightId biasPart(WeightId whole, std::int32_t first, std::int32_t count);
    /// A weight of one matrix read as `matrices` of rows / matrices rows each.
    [[nodiscard]] WeightId asMatrices(WeightId whole, std::int32_t matrices);
    /// NAME.weight (columns -> rows) with NAME.bias if the file has it.
    [[nodiscard]] Linear linear(std::string_view name, std::int32_t columns, std::int32_t rows);
    /// NAME.weight: `experts` matrices (columns -> rows), in older files a tensor each; NAME.bias (rows x experts) if
    /// the file has it.
    [[nodiscard]] Linear expertLinear(std::string_view name, std::int32_t columns, std::int32_t rows,
                                      std::int32_t experts);
    /// NAME.weight with the given kind; NAME.bias too if the file has it.
    [[nodiscard]] Norm norm(std::string_view name, NormKind kind, std::int32_t columns, float epsilon);

    /// The same name gives the same buffer: layers reuse their scratch. The columns may differ from layer to layer
    /// only if the name does.
    [[nodiscard]] BufferId buffer(std::string_view name, std::int32_t columns, DType dtype = DType::F32);
    /// A cache of the current layer, stored in the type of Limits. window: no op reads further back (0: all is read).
    [[nodiscard]] CacheId cache(std::int32_t heads, std::int32_t keyColumns, std::int32_t valueColumns,
                                std::int32_t window = 0);
    /// The cache that cache() made for another layer, to be read by this one too. Errors (kept): Corrupt if there is
    /// none.
    [[nodiscard]] CacheId cacheOfLayer(std::int32_t layer);
    /// A recurrent state of the current layer.
    [[nodiscard]] StateId state(std::int64_t values);
    void add(Op op);
    /// The caches and states of another program come first, so that both run on one pool.
    void shareTables(const Program& other);
    /// The buffer keeps its values to the end of the step (see Program::kept).
    void keep(BufferId buffer) { m_program.kept.push_back(buffer); }
    /// Rows of the step's embeddings hold so many parts (see Program::embeddingParts).
    void setEmbeddingParts(std::int32_t parts) { m_program.embeddingParts = parts; }
    void setOutput(BufferId buffer);
    /// Fails (Unsupported) if a tensor of the file was never asked for: it would change what the model says, and nobody
    /// here knows how. Layers first .. first + count are left out; other programs ask for theirs.
    void requireAllAsked(std::int32_t firstLeftOut, std::int32_t countLeftOut);
    [[nodiscard]] std::int32_t contextTokens() const { return m_contextTokens; }

    /// The planned program, or the first error.
    [[nodiscard]] Result<Program> finish();

private:
    WeightId find(const std::string& name, WeightShape shape, bool required);
    /// ffn_gate_exps from ffn_gate.0, ffn_gate.1 and on, as older files have them: they have to lie evenly apart.
    /// kNoWeight if there are none.
    WeightId separateExperts(const std::string& name, WeightShape shape);
    [[nodiscard]] const GgufTensor* ask(const std::string& name) const;
    [[nodiscard]] std::int32_t pageClassOf(std::int32_t window);
    /// Low-rank changes that adapters make to a weight, as weights of their own.
    [[nodiscard]] std::vector<LowRank> lowRankOf(const std::string& name);
    WeightId append(WeightView view);
    void fail(Error error);

    const GgufFile& m_file;
    std::span<const std::unique_ptr<Adapter>> m_adapters;
    DType m_cacheType;
    Caches m_caches;
    std::int32_t m_contextTokens;
    float m_expertShare;
    std::string m_prefix;
    std::set<CacheId> m_cachesOfLayer; ///< that the current layer has been given
    Program m_program;
    std::map<std::string, WeightId> m_weights;
    mutable std::set<std::string> m_asked; ///< names of tensors, there or not
    std::map<std::pair<std::string, std::int32_t>, BufferId> m_buffers;
    std::optional<Error> m_error;
};

} // namespace hearth
