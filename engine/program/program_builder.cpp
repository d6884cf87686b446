#include "engine/program/program_builder.h"

#include "engine/program/activation_planner.h"

#include <algorithm>
#include <charconv>

namespace hearth {

namespace {

std::string shapeText(std::int64_t columns, std::int64_t rows, std::int64_t matrices) {
    std::string text = std::to_string(columns) + " x " + std::to_string(rows);
    return matrices == 1 ? text : text + " x " + std::to_string(matrices);
}

/// L of "blk.L.*", -1 for tensors of the whole model.
std::int32_t layerOf(std::string_view name) {
    constexpr std::string_view kPrefix = "blk.";
    std::int32_t layer = -1;
    if (name.starts_with(kPrefix))
        std::from_chars(name.data() + kPrefix.size(), name.data() + name.size(), layer);
    return layer;
}

} // namespace

ProgramBuilder::ProgramBuilder(const GgufFile& file, Limits limits)
    : m_file(file), m_adapters(limits.adapters), m_cacheType(limits.cacheType), m_caches(limits.caches),
      m_contextTokens(limits.contextTokens), m_expertShare(limits.expertShare) {
    m_program.maxRows = limits.maxRows;
    m_program.maxOutputRows = limits.maxOutputRows;
    m_program.adapters = static_cast<std::int32_t>(limits.adapters.size());
}

void ProgramBuilder::enterLayer(std::int32_t layer) {
    m_cachesOfLayer.clear();
    m_prefix = "blk." + std::to_string(layer) + ".";
}

void ProgramBuilder::leaveLayer() {
    m_prefix.clear();
}

void ProgramBuilder::fail(Error error) {
    if (!m_error)
        m_error = error.within(m_file.path().string());
}

const GgufTensor* ProgramBuilder::ask(const std::string& name) const {
    m_asked.insert(name);
    return m_file.tensor(name);
}

WeightId ProgramBuilder::find(const std::string& name, WeightShape shape, bool required) {
    const GgufTensor* tensor = ask(name);
    const std::string expected = shapeText(shape.columns, shape.rows, shape.matrices);
    if (tensor == nullptr) {
        if (required)
            fail({ErrorCode::NotFound, "the tensor '" + name + "' (" + expected + ") is missing"});
        return kNoWeight;
    }
    const auto& extents = tensor->extents;
    if (extents[0] != shape.columns || extents[1] != shape.rows || extents[2] != shape.matrices || extents[3] != 1) {
        fail({ErrorCode::Corrupt, "the tensor '" + name + "' measures " + shapeText(extents[0], extents[1], extents[2])
                                      + ", expected " + expected});
        return kNoWeight;
    }
    const auto known = m_weights.find(name);
    if (known != m_weights.end())
        return known->second;
    WeightView view{name, tensor->data, tensor->dtype, shape.columns, shape.rows, shape.matrices};
    view.lowRank = lowRankOf(name);
    const WeightId id = append(std::move(view));
    m_weights.emplace(name, id);
    return id;
}

std::vector<LowRank> ProgramBuilder::lowRankOf(const std::string& name) {
    std::vector<LowRank> changes;
    for (std::size_t adapter = 0; adapter < m_adapters.size(); ++adapter) {
        const AdapterPair* pair = m_adapters[adapter]->find(name);
        if (pair != nullptr)
            changes.push_back({append(pair->down), append(pair->up), pair->factor, static_cast<std::int32_t>(adapter)});
    }
    return changes;
}

WeightId ProgramBuilder::append(WeightView view) {
    m_program.weights.push_back(std::move(view));
    return static_cast<WeightId>(m_program.weights.size()) - 1;
}

WeightId ProgramBuilder::weight(std::string_view name, WeightShape shape) {
    return find(m_prefix + std::string(name), shape, true);
}

WeightId ProgramBuilder::optionalWeight(std::string_view name, WeightShape shape) {
    return find(m_prefix + std::string(name), shape, false);
}

WeightId ProgramBuilder::optionalWeight(std::string_view name, WeightShape shape, WeightShape otherShape) {
    return optionalWeight(name, measures(name, otherShape) ? otherShape : shape);
}

bool ProgramBuilder::has(std::string_view name) const {
    return ask(m_prefix + std::string(name)) != nullptr;
}

bool ProgramBuilder::measures(std::string_view name, WeightShape shape) const {
    const GgufTensor* tensor = ask(m_prefix + std::string(name));
    return tensor != nullptr && tensor->extents[0] == shape.columns && tensor->extents[1] == shape.rows
           && tensor->extents[2] == shape.matrices;
}

WeightId ProgramBuilder::optionalModelWeight(std::string_view name, WeightShape shape) {
    return find(std::string(name), shape, false);
}

WeightId ProgramBuilder::weightRows(WeightId whole, std::int32_t first, std::int32_t count) {
    if (whole == kNoWeight)
        return kNoWeight;
    WeightView view = m_program.weights[static_cast<std::size_t>(whole)];
    HEARTH_ASSERT(first >= 0 && count >= 0 && first + count <= view.rows);
    if (view.matrices > 1 && view.matrixStrideBytes == 0)
        view.matrixStrideBytes = view.matrixSizeBytes();
    view.data += static_cast<std::size_t>(first) * view.rowSizeBytes();
    view.rows = count;
    for (LowRank& change : view.lowRank)
        change.up = weightRows(change.up, first, count);
    view.name += "[" + std::to_string(first) + ".." + std::to_string(first + count) + "]";
    return append(std::move(view));
}

WeightId ProgramBuilder::asMatrices(WeightId whole, std::int32_t matrices) {
    if (whole == kNoWeight)
        return kNoWeight;
    WeightView view = m_program.weights[static_cast<std::size_t>(whole)];
    HEARTH_ASSERT(view.matrices == 1 && view.rows % matrices == 0);
    view.rows /= matrices;
    view.matrices = matrices;
    for (LowRank& change : view.lowRank)
        change.up = asMatrices(change.up, matrices);
    return append(std::move(view));
}

WeightId ProgramBuilder::biasPart(WeightId whole, std::int32_t first, std::int32_t count) {
    if (whole == kNoWeight)
        return kNoWeight;
    WeightView view = m_program.weights[static_cast<std::size_t>(whole)];
    HEARTH_ASSERT(view.rows == 1 && view.matrices == 1 && first >= 0 && count >= 0 && first + count <= view.columns);
    if (first % dtypeInfo(view.dtype).blockValues != 0 || count % dtypeInfo(view.dtype).blockValues != 0) {
        fail({ErrorCode::Unsupported, "the tensor '" + view.name + "' is of a block type, which biases are not"});
        return kNoWeight;
    }
    view.data += rowBytes(view.dtype, first);
    view.columns = count;
    view.name += "[" + std::to_string(first) + ".." + std::to_string(first + count) + "]";
    return append(std::move(view));
}

Linear ProgramBuilder::expertLinear(std::string_view name, std::int32_t columns, std::int32_t rows,
                                    std::int32_t experts) {
    const std::string base(name);
    const WeightId stacked = has(base + ".weight") ? kNoWeight : separateExperts(base, {columns, rows, experts});
    return {stacked != kNoWeight ? stacked : weight(base + ".weight", {columns, rows, experts}),
            optionalWeight(base + ".bias", {rows, experts})};
}

WeightId ProgramBuilder::separateExperts(const std::string& name, WeightShape shape) {
    constexpr std::string_view kSuffix = "_exps";
    if (!name.ends_with(kSuffix))
        return kNoWeight;
    const auto nameOf = [&](std::int32_t expert) {
        return m_prefix + name.substr(0, name.size() - kSuffix.size()) + "." + std::to_string(expert) + ".weight";
    };
    if (ask(nameOf(0)) == nullptr)
        return kNoWeight;
    WeightView all;
    for (std::int32_t expert = 0; expert < shape.matrices; ++expert) {
        const WeightId id = find(nameOf(expert), {shape.columns, shape.rows, 1}, true);
        if (id == kNoWeight)
            return kNoWeight;
        const WeightView& one = m_program.weights[static_cast<std::size_t>(id)];
        if (expert == 0)
            all = one;
        const auto apart = reinterpret_cast<std::uintptr_t>(one.data) - reinterpret_cast<std::uintptr_t>(all.data);
        if (expert == 1)
            all.matrixStrideBytes = apart;
        const bool overlaps = expert > 0 && apart < one.matrixSizeBytes();
        if (one.dtype != all.dtype || overlaps || apart != all.matrixStrideBytes * static_cast<std::size_t>(expert)) {
            fail({ErrorCode::Unsupported, "the experts' tensors '" + nameOf(0) + "' to '" + nameOf(expert)
                                              + "' differ in type or do not lie evenly apart; such a file has to be "
                                                "converted anew"});
            return kNoWeight;
        }
    }
    all.matrices = shape.matrices;
    all.name = m_prefix + name;
    const auto id = static_cast<WeightId>(m_program.weights.size());
    m_program.weights.push_back(std::move(all));
    return id;
}

Linear ProgramBuilder::linear(std::string_view name, std::int32_t columns, std::int32_t rows) {
    const std::string base(name);
    return {weight(base + ".weight", {columns, rows}), optionalWeight(base + ".bias", {rows})};
}

Norm ProgramBuilder::norm(std::string_view name, NormKind kind, std::int32_t columns, float epsilon) {
    const std::string base(name);
    return {kind, weight(base + ".weight", {columns}), optionalWeight(base + ".bias", {columns}), epsilon};
}

BufferId ProgramBuilder::buffer(std::string_view name, std::int32_t columns, DType dtype) {
    const auto [entry, isNew] =
        m_buffers.try_emplace({std::string(name), columns}, static_cast<BufferId>(m_program.buffers.size()));
    if (isNew)
        m_program.buffers.push_back({std::string(name), columns, dtype});
    return entry->second;
}

/// A window that reaches over the whole context is none.
std::int32_t ProgramBuilder::pageClassOf(std::int32_t window) {
    if (window <= 0 || (m_contextTokens > 0 && window >= m_contextTokens))
        return 0;
    std::vector<std::int32_t>& windows = m_program.windows;
    const auto known = std::find(windows.begin(), windows.end(), window);
    const auto pageClass = static_cast<std::int32_t>(known - windows.begin()) + 1;
    if (known == windows.end())
        windows.push_back(window);
    return pageClass;
}

CacheId ProgramBuilder::cache(std::int32_t heads, std::int32_t keyColumns, std::int32_t valueColumns,
                              std::int32_t window) {
    const DTypeInfo& type = dtypeInfo(m_cacheType);
    if (keyColumns % type.blockValues != 0 || valueColumns % type.blockValues != 0)
        fail({ErrorCode::Unsupported,
              "a cache of type " + std::string(type.name) + " needs heads whose width is a multiple of "
                  + std::to_string(type.blockValues) + "; this model's are " + std::to_string(keyColumns) + " and "
                  + std::to_string(valueColumns) + ". Caches of F16 and F32 take any width"});
    const auto fits = [&](CacheId known) {
        const CacheSpec& cache = m_program.caches[static_cast<std::size_t>(known)];
        return cache.heads == heads && cache.keyColumns == keyColumns && cache.valueColumns == valueColumns
               && !m_cachesOfLayer.contains(known);
    };
    const auto id = static_cast<CacheId>(m_program.caches.size());
    for (CacheId known = 0; m_caches == Caches::Shared && known < id; ++known)
        if (fits(known)) {
            m_cachesOfLayer.insert(known);
            return known;
        }
    m_cachesOfLayer.insert(id);
    // A step that holds the whole text has all of its pages, so that no window needs a class of its own.
    const std::int32_t pageClass = m_caches == Caches::Shared ? 0 : pageClassOf(window);
    m_program.caches.push_back({m_prefix + "cache", heads, keyColumns, valueColumns, m_cacheType, pageClass});
    return id;
}

CacheId ProgramBuilder::cacheOfLayer(std::int32_t layer) {
    if (m_caches == Caches::Shared)
        fail({ErrorCode::Unsupported, m_prefix + ": it reads the keys of layer " + std::to_string(layer)
                                          + ", which are not kept where layers share one cache"});
    const std::string name = "blk." + std::to_string(layer) + ".cache";
    const auto& caches = m_program.caches;
    const auto found = std::ranges::find(caches, name, &CacheSpec::name);
    if (found == caches.end())
        fail({ErrorCode::Corrupt, m_prefix + ": layer " + std::to_string(layer) + " has no keys that it could share"});
    return static_cast<CacheId>(found - caches.begin());
}

StateId ProgramBuilder::state(std::int64_t values) {
    const auto id = static_cast<StateId>(m_program.states.size());
    m_program.states.push_back({m_prefix + "state", values});
    return id;
}

void ProgramBuilder::add(Op op) {
    if (auto* routing = std::get_if<RouteExperts>(&op))
        routing->keepShare = m_expertShare;
    m_program.ops.push_back(std::move(op));
}

void ProgramBuilder::shareTables(const Program& other) {
    HEARTH_ASSERT(m_program.caches.empty() && m_program.states.empty());
    m_program.caches = other.caches;
    m_program.windows = other.windows;
    m_program.states = other.states;
}

void ProgramBuilder::setOutput(BufferId buffer) {
    m_program.output = buffer;
}

void ProgramBuilder::requireAllAsked(std::int32_t firstLeftOut, std::int32_t countLeftOut) {
    std::string first;
    std::size_t others = 0;
    for (const GgufTensor& tensor : m_file.tensors()) {
        const std::int32_t layer = layerOf(tensor.name);
        const bool isLeftOut = layer >= firstLeftOut && layer < firstLeftOut + countLeftOut;
        if (isLeftOut || m_asked.contains(tensor.name))
            continue;
        if (first.empty())
            first = tensor.name;
        else
            ++others;
    }
    if (!first.empty())
        fail({ErrorCode::Unsupported, "the tensor '" + first + "'"
                                          + (others > 0 ? " and " + std::to_string(others) + " others have" : " has")
                                          + " no place in this architecture as it is known here; leaving out what a "
                                            "file holds would give wrong answers"});
}

Result<Program> ProgramBuilder::finish() {
    if (m_error)
        return *m_error;
    m_program.plan = planActivations(m_program);
    return std::move(m_program);
}

} // namespace hearth
