#include "engine/memory/tensor_use.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <numeric>

namespace hearth {

namespace {

TensorClass classOf(std::string_view name) {
    const auto has = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
    if (has("_exps"))
        return TensorClass::RoutedExperts;
    if (has("_shexp"))
        return TensorClass::SharedExperts;
    if (has("token_embd.") || has("per_layer_token_embd"))
        return TensorClass::Embedding;
    if (name.starts_with("output."))
        return TensorClass::Output;
    if (has("norm") || has("ffn_gate_inp."))
        return TensorClass::Other;
    if (has(".attn_") || has(".ssm_") || has(".shortconv.") || has(".indexer."))
        return TensorClass::Attention;
    return has(".ffn_") ? TensorClass::FeedForward : TensorClass::Other;
}

/// Of "blk.12.attn_q.weight".
std::int32_t layerOf(std::string_view name) {
    constexpr std::string_view kPrefix = "blk.";
    std::int32_t layer = -1;
    if (name.starts_with(kPrefix))
        std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), layer);
    return layer;
}

/// Sums up which bytes of which tensor the ops read. Views of one tensor (the rows of a fused one) are told by where
/// they lie.
class UseCounter {
public:
    UseCounter(const GgufFile& file, const Program& program) : m_program(program) {
        for (const GgufTensor& tensor : file.tensors()) {
            m_index.emplace(tensor.data, m_uses.size());
            m_uses.push_back({&tensor, classOf(tensor.name), layerOf(tensor.name), 0, 0});
        }
    }

    std::vector<TensorUse> count() {
        std::vector<bool> isSpecial(m_uses.size(), false);
        for (const Op& op : m_program.ops) {
            if (const auto* embed = std::get_if<EmbedRows>(&op))
                addRow(embed->table, isSpecial);
            if (const auto* gateUp = std::get_if<GateUp>(&op); gateUp != nullptr && gateUp->expertIds != kNoBuffer)
                for (const Linear& linear : {gateUp->gate, gateUp->up})
                    addRouted(linear, gateUp->expertIds, isSpecial);
            if (const auto* down = std::get_if<DownReduce>(&op); down != nullptr && down->expertIds != kNoBuffer)
                addRouted(down->down, down->expertIds, isSpecial);
        }
        for (const WeightView& weight : m_program.weights)
            if (TensorUse* use = useOf(&weight); use != nullptr && !isSpecial[placeOf(*use)])
                use->bytesPerToken = static_cast<double>(use->tensor->sizeBytes);
        // A table that is the output matrix too is read whole.
        for (const Op& op : m_program.ops)
            if (const auto* logits = std::get_if<Logits>(&op))
                if (TensorUse* use = useOf(m_program.weight(logits->linear.weight)))
                    use->bytesPerToken = static_cast<double>(use->tensor->sizeBytes);
        return std::move(m_uses);
    }

private:
    [[nodiscard]] std::size_t placeOf(const TensorUse& use) const {
        return static_cast<std::size_t>(&use - m_uses.data());
    }
    /// Null if the weight does not lie in the file.
    TensorUse* useOf(const WeightView* weight) {
        if (weight == nullptr || m_index.empty())
            return nullptr;
        auto above = m_index.upper_bound(weight->data);
        if (above == m_index.begin())
            return nullptr;
        TensorUse& use = m_uses[std::prev(above)->second];
        return weight->data < use.tensor->data + use.tensor->sizeBytes ? &use : nullptr;
    }

    void addRow(WeightId id, std::vector<bool>& isSpecial) {
        const WeightView* table = m_program.weight(id);
        if (TensorUse* use = useOf(table)) {
            isSpecial[placeOf(*use)] = true;
            use->bytesPerToken += static_cast<double>(table->rowSizeBytes());
        }
    }
    void addRouted(const Linear& linear, BufferId ids, std::vector<bool>& isSpecial) {
        const std::int32_t chosen = m_program.buffers[static_cast<std::size_t>(ids)].columns;
        const WeightView* weight = m_program.weight(linear.weight);
        if (weight == nullptr)
            return;
        const double share = std::min(1.0, static_cast<double>(chosen) / weight->matrices);
        for (const WeightView* view : {weight, m_program.weight(linear.bias)}) {
            TensorUse* use = useOf(view);
            if (use == nullptr)
                continue;
            isSpecial[placeOf(*use)] = true;
            use->bytesPerToken += share * static_cast<double>(view->sizeBytes());
            use->chosenParts = chosen;
        }
    }

    const Program& m_program;
    std::vector<TensorUse> m_uses;
    std::map<const std::byte*, std::size_t> m_index; ///< by where a tensor begins
};

} // namespace

std::string_view tensorClassName(TensorClass tensorClass) {
    switch (tensorClass) {
    case TensorClass::Attention:
        return "attention";
    case TensorClass::FeedForward:
        return "feed-forward";
    case TensorClass::SharedExperts:
        return "shared experts";
    case TensorClass::RoutedExperts:
        return "routed experts";
    case TensorClass::Embedding:
        return "embedding";
    case TensorClass::Output:
        return "output";
    case TensorClass::Other:
        break;
    }
    return "norms and routers";
}

std::vector<TensorUse> tensorUses(const GgufFile& file, const Program& program) {
    return UseCounter(file, program).count();
}

std::uint64_t expertBytes(const std::vector<TensorUse>& uses) {
    std::uint64_t least = std::uint64_t{1} << 20;
    for (const TensorUse& use : uses)
        if (use.tensorClass == TensorClass::RoutedExperts && use.tensor->extents[2] > 1)
            least = std::min(least, use.tensor->sizeBytes / static_cast<std::uint64_t>(use.tensor->extents[2]));
    return least;
}

double bytesPerToken(const std::vector<TensorUse>& uses) {
    return std::accumulate(uses.begin(), uses.end(), 0.0,
                           [](double sum, const TensorUse& use) { return sum + use.bytesPerToken; });
}

} // namespace hearth
