#include "engine/run/trace/routing.h"

#include "engine/program/activation_planner.h"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace hearth {

namespace {

/// "blk.12.ffn_gate_inp.weight" -> 12; `fallback` if the name has no layer.
std::int32_t layerOf(std::string_view name, std::int32_t fallback) {
    constexpr std::string_view kPrefix = "blk.";
    if (!name.starts_with(kPrefix))
        return fallback;
    name.remove_prefix(kPrefix.size());
    std::int32_t layer = fallback;
    std::from_chars(name.data(), name.data() + name.size(), layer);
    return layer;
}

BufferId addBuffer(Program& program, BufferId like, std::int32_t layer) {
    BufferSpec spec = program.buffers[static_cast<std::size_t>(like)];
    spec.name += " " + std::to_string(layer);
    program.buffers.push_back(std::move(spec));
    const auto id = static_cast<BufferId>(program.buffers.size() - 1);
    program.kept.push_back(id);
    return id;
}

/// The buffers of the router that the next ops belong to, before and after.
struct Renamed {
    BufferId idsBefore = kNoBuffer;
    BufferId weightsBefore = kNoBuffer;
    BufferId ids = kNoBuffer;
    BufferId weights = kNoBuffer;

    [[nodiscard]] bool isOf(BufferId expertIds) const { return expertIds != kNoBuffer && expertIds == idsBefore; }
    void apply(BufferId& buffer) const {
        if (buffer != kNoBuffer && buffer == idsBefore)
            buffer = ids;
        else if (buffer != kNoBuffer && buffer == weightsBefore)
            buffer = weights;
    }
};

std::uint64_t expertBytes(const Program& program, WeightId id) {
    const WeightView* weight = program.weight(id);
    return weight == nullptr ? 0 : weight->matrixSizeBytes();
}

/// Weights of which a token reads a part only.
struct PartlyRead {
    std::set<WeightId> experts;
    std::set<WeightId> tables; ///< looked up by row
};

PartlyRead partlyRead(const Program& program) {
    PartlyRead found;
    for (const Op& op : program.ops) {
        if (const auto* gateUp = std::get_if<GateUp>(&op); gateUp != nullptr && gateUp->expertIds != kNoBuffer)
            found.experts.insert({gateUp->gate.weight, gateUp->up.weight});
        if (const auto* down = std::get_if<DownReduce>(&op); down != nullptr && down->expertIds != kNoBuffer)
            found.experts.insert(down->down.weight);
        if (const auto* embed = std::get_if<EmbedRows>(&op))
            found.tables.insert({embed->table, embed->positionTable});
    }
    // A tied output matrix is the table, read whole.
    for (const Op& op : program.ops)
        if (const auto* logits = std::get_if<Logits>(&op))
            found.tables.erase(logits->linear.weight);
    return found;
}

/// Bytes of the union of weights: parts of a fused tensor are weights of their own and lie within one another.
template <typename Wanted>
std::uint64_t bytesOf(const Program& program, Wanted wanted) {
    using Extent = std::pair<const std::byte*, const std::byte*>;
    std::vector<Extent> extents;
    for (std::size_t index = 0; index < program.weights.size(); ++index) {
        const WeightView& weight = program.weights[index];
        if (weight.data != nullptr && wanted(static_cast<WeightId>(index)))
            extents.emplace_back(weight.data, weight.matrixData(weight.matrices - 1) + weight.matrixSizeBytes());
    }
    std::sort(extents.begin(), extents.end());
    std::uint64_t bytes = 0;
    const std::byte* covered = nullptr;
    for (const auto& [begin, end] : extents) {
        const std::byte* from = covered == nullptr ? begin : std::max(begin, covered);
        if (end > from) {
            bytes += static_cast<std::uint64_t>(end - from);
            covered = end;
        }
    }
    return bytes;
}

void measureWeights(const Program& program, TraceShape& shape) {
    const PartlyRead partly = partlyRead(program);
    shape.weightBytes = bytesOf(program, [](WeightId) { return true; });
    shape.commonBytes = bytesOf(
        program, [&partly](WeightId id) { return !partly.experts.contains(id) && !partly.tables.contains(id); });
}

} // namespace

std::int32_t TraceShape::choices() const {
    std::int32_t sum = 0;
    for (const TracedLayer& layer : layers)
        sum += layer.used;
    return sum;
}

Routing keepRouting(Program& program) {
    Routing routing;
    Renamed renamed;
    for (Op& op : program.ops) {
        if (auto* route = std::get_if<RouteExperts>(&op)) {
            const WeightView* router = program.weight(route->router.weight);
            const std::int32_t layer = layerOf(router->name, static_cast<std::int32_t>(routing.ids.size()));
            renamed = {route->ids, route->weights, addBuffer(program, route->ids, layer),
                       addBuffer(program, route->weights, layer)};
            route->ids = renamed.ids;
            route->weights = renamed.weights;
            routing.shape.layers.push_back({layer, router->rows, route->expertsUsed, 0});
            routing.ids.push_back(renamed.ids);
            routing.weights.push_back(renamed.weights);
        } else if (auto* gateUp = std::get_if<GateUp>(&op); gateUp != nullptr && renamed.isOf(gateUp->expertIds)) {
            renamed.apply(gateUp->expertIds);
            routing.shape.layers.back().expertBytes +=
                expertBytes(program, gateUp->gate.weight) + expertBytes(program, gateUp->up.weight);
        } else if (auto* down = std::get_if<DownReduce>(&op); down != nullptr && renamed.isOf(down->expertIds)) {
            renamed.apply(down->expertIds);
            renamed.apply(down->expertWeights);
            routing.shape.layers.back().expertBytes += expertBytes(program, down->down.weight);
        }
    }
    measureWeights(program, routing.shape);
    if (!routing.ids.empty())
        program.plan = planActivations(program);
    return routing;
}

void readRouting(const Routing& routing, const Executable& executable, std::int32_t row, std::span<std::int32_t> ids,
                 std::span<float> weights) {
    std::size_t place = 0;
    for (std::size_t layer = 0; layer < routing.ids.size(); ++layer) {
        const auto used = static_cast<std::size_t>(routing.shape.layers[layer].used);
        const std::size_t first = static_cast<std::size_t>(row) * used;
        const std::span<const float> idBits = executable.values(routing.ids[layer]).subspan(first, used);
        const std::span<const float> shares = executable.values(routing.weights[layer]).subspan(first, used);
        std::memcpy(ids.data() + place, idBits.data(), used * sizeof(std::int32_t));
        std::copy(shares.begin(), shares.end(), weights.begin() + static_cast<std::ptrdiff_t>(place));
        place += used;
    }
}

} // namespace hearth
