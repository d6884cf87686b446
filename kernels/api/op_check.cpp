#include "kernels/api/check.h"

#include <cmath>
#include <initializer_list>
#include <utility>

namespace hearth {

namespace {

template <typename T>
const T* entry(const std::vector<T>& table, std::int32_t id) {
    return id >= 0 && static_cast<std::size_t>(id) < table.size() ? &table[static_cast<std::size_t>(id)] : nullptr;
}

std::string number(std::int64_t value) {
    return std::to_string(value);
}

/// Collects the first thing that is wrong. Every check does nothing once something was found.
class Checker {
public:
    Checker(const Program& program, const Op& op) : m_program(program), m_op(op) {}

    [[nodiscard]] std::optional<std::string> result() const { return m_problem; }

    void require(bool holds, const std::string& otherwise) {
        if (!holds && !m_problem)
            m_problem = std::string(opName(m_op)) + ": " + otherwise;
    }

    /// The columns of a buffer of the given role, or 0 with a problem noted.
    std::int32_t bufferColumns(const char* role, BufferId id) {
        const BufferSpec* buffer = entry(m_program.buffers, id);
        require(buffer != nullptr, std::string("its ") + role + " is buffer " + number(id) + " of "
                                       + number(static_cast<std::int64_t>(m_program.buffers.size())));
        if (buffer == nullptr)
            return 0;
        require(id != m_program.output, std::string("its ") + role + " is the program's output, which Logits writes");
        require(buffer->dtype == DType::F32, "its buffer '" + buffer->name + "' does not hold floats");
        return buffer->columns;
    }

    /// As bufferColumns(), of the buffer that Logits writes.
    std::int32_t logitColumns(BufferId id) {
        const BufferSpec* buffer = id == m_program.output ? entry(m_program.buffers, id) : nullptr;
        if (buffer == nullptr)
            return bufferColumns("output", id);
        require(buffer->dtype == DType::F32, "its buffer '" + buffer->name + "' does not hold floats");
        return buffer->columns;
    }

    void buffer(const char* role, BufferId id, std::int64_t columns) {
        const std::int32_t has = bufferColumns(role, id);
        require(has == columns,
                std::string("its ") + role + " has " + number(has) + " columns instead of " + number(columns));
    }

    /// A matrix of the given shape; rows 0: any.
    void matrix(const char* role, WeightId id, std::int64_t columns, std::int64_t rows) {
        const WeightView* weight = entry(m_program.weights, id);
        require(weight != nullptr, std::string("its ") + role + " is weight " + number(id) + " of "
                                       + number(static_cast<std::int64_t>(m_program.weights.size())));
        if (weight == nullptr)
            return;
        require(weight->dtype != DType::I32, "its weight '" + weight->name + "' holds integers");
        require(weight->matrices == 1,
                "its weight '" + weight->name + "' has " + number(weight->matrices) + " matrices instead of 1");
        require(weight->columns == columns && (rows == 0 || weight->rows == rows),
                "its weight '" + weight->name + "' is " + number(weight->rows) + " x " + number(weight->columns)
                    + " instead of " + (rows == 0 ? "any" : number(rows)) + " x " + number(columns));
    }

    /// `matrices` matrices of the given shape.
    void matrices(const char* role, WeightId id, std::int64_t columns, std::int64_t rows, std::int64_t matrices) {
        const WeightView* weight = entry(m_program.weights, id);
        require(weight != nullptr, std::string("its ") + role + " is weight " + number(id) + " of "
                                       + number(static_cast<std::int64_t>(m_program.weights.size())));
        if (weight == nullptr)
            return;
        require(weight->dtype != DType::I32, "its weight '" + weight->name + "' holds integers");
        require(weight->columns == columns && weight->rows == rows && weight->matrices == matrices,
                "its weight '" + weight->name + "' is " + number(weight->matrices) + " x " + number(weight->rows)
                    + " x " + number(weight->columns) + " instead of " + number(matrices) + " x " + number(rows) + " x "
                    + number(columns));
    }

    /// One linear per expert; its bias has a row for each.
    void expertLinear(const char* role, const Linear& linear, std::int64_t columns, std::int64_t rows,
                      std::int64_t experts) {
        matrices(role, linear.weight, columns, rows, experts);
        if (linear.bias != kNoWeight)
            matrix("bias", linear.bias, rows, experts);
    }

    /// The chosen experts a row, from a buffer of ids; 0 with a problem noted.
    std::int32_t idColumns(BufferId id) {
        const BufferSpec* buffer = entry(m_program.buffers, id);
        require(buffer != nullptr && buffer->dtype == DType::I32, "buffer " + number(id) + " does not hold expert ids");
        return buffer == nullptr ? 0 : buffer->columns;
    }

    [[nodiscard]] const WeightView* weight(WeightId id) const { return entry(m_program.weights, id); }

    /// A norm of one head's width, or of all heads together.
    void headNorm(const Norm& norm, std::int32_t headColumns, std::int32_t heads) {
        const WeightView* weight = entry(m_program.weights, norm.weight);
        const bool spansAll = weight != nullptr && weight->columns == std::int64_t{headColumns} * heads;
        this->norm(norm, spansAll ? std::int64_t{headColumns} * heads : headColumns);
    }

    void optionalVector(const char* role, WeightId id, std::int64_t columns) {
        if (id != kNoWeight)
            matrix(role, id, columns, 1);
    }

    void norm(const Norm& norm, std::int64_t columns) {
        if (norm.kind == NormKind::None) {
            require(norm.weight == kNoWeight && norm.bias == kNoWeight, "weights without a norm");
            return;
        }
        require(std::isfinite(norm.epsilon) && norm.epsilon >= 0, "the norm's epsilon is negative or no number");
        optionalVector("norm weight", norm.weight, columns);
        optionalVector("norm bias", norm.bias, columns);
    }

    void linear(const char* role, const Linear& linear, std::int64_t columns, std::int64_t rows) {
        matrix(role, linear.weight, columns, rows);
        optionalVector("bias", linear.bias, rows);
    }

    void different(std::initializer_list<BufferId> buffers) {
        for (auto first = buffers.begin(); first != buffers.end(); ++first)
            for (auto second = first + 1; second != buffers.end(); ++second)
                require(*first != *second || *first == kNoBuffer, "buffer " + number(*first) + " has two roles");
    }

    void state(StateId id, std::int64_t values) {
        const StateSpec* state = entry(m_program.states, id);
        require(state != nullptr && state->values == values,
                "state " + number(id) + " does not hold " + number(values) + " numbers");
    }

    void embeddingPart(std::int32_t part) {
        require(part >= 0 && part < m_program.embeddingParts,
                "part " + number(part) + " of " + number(m_program.embeddingParts) + " of the embedding rows");
    }

    void finite(std::initializer_list<float> values) {
        for (const float value : values)
            require(std::isfinite(value), "a factor is not a finite number");
    }

    /// Of the cache's page class; 0 for a class that is not there, which is for checkProgram() to say.
    std::int32_t windowOf(const CacheSpec& cache) const {
        const auto index = static_cast<std::size_t>(cache.pageClass) - 1;
        return cache.pageClass > 0 && index < m_program.windows.size() ? m_program.windows[index] : 0;
    }
    const CacheSpec* cache(CacheId id) {
        const CacheSpec* cache = entry(m_program.caches, id);
        require(cache != nullptr,
                "cache " + number(id) + " of " + number(static_cast<std::int64_t>(m_program.caches.size())));
        return cache;
    }

    void rope(const Rope& rope, std::int32_t headColumns) {
        if (rope.layout == RopeLayout::None)
            return;
        require(rope.dimensions > 0 && rope.dimensions % 2 == 0 && rope.dimensions <= headColumns,
                "rope turns " + number(rope.dimensions) + " of " + number(headColumns) + " columns");
        require(std::isfinite(rope.base) && rope.base > 0, "the rope base is not a positive number");
        finite({rope.frequencyScale, rope.extrapolationFactor, rope.magnitude});
        optionalVector("rope factors", rope.factors, rope.dimensions / 2);
        if (const WeightView* factors = entry(m_program.weights, rope.factors))
            require(factors->dtype == DType::F32, "its weight '" + factors->name + "' does not hold floats");
        if (rope.extrapolationFactor != 0.0F)
            require(rope.originalContext > 0 && rope.betaFast > 0 && rope.betaSlow > 0 && rope.base != 1.0F,
                    "YaRN needs an original context, positive betas and a base other than 1");
        std::int64_t pairs = 0;
        for (const std::int32_t section : rope.sections) {
            require(section >= 0, "a negative rope section");
            pairs += section;
        }
        require(!rope.interleaved || pairs > 0, "interleaved rope without sections");
    }

private:
    const Program& m_program;
    const Op& m_op;
    std::optional<std::string> m_problem;
};

void projectInto(Checker& check, BufferId in, const Linear& linear, const Norm& postNorm, BufferId residual,
                 float scale) {
    const std::int32_t rows = check.bufferColumns("residual", residual);
    check.linear("weight", linear, check.bufferColumns("input", in), rows);
    check.norm(postNorm, rows);
    check.different({in, residual});
    check.finite({scale});
}

void checkOp(Checker& check, const EmbedRows& op) {
    const std::int32_t columns = check.bufferColumns("output", op.out);
    check.matrix("table", op.table, columns, 0);
    if (op.positionTable != kNoWeight)
        check.matrix("position table", op.positionTable, columns, 0);
    if (op.typeTable != kNoWeight)
        check.matrix("type table", op.typeTable, columns, 0);
    check.norm(op.norm, columns);
    check.finite({op.scale});
}

void checkOp(Checker& check, const NormProject& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    check.norm(op.norm, columns);
    check.require(!op.projections.empty(), "no projection");
    for (std::size_t index = 0; index < op.projections.size(); ++index) {
        const Projection& projection = op.projections[index];
        check.linear("projection", projection.linear, columns, check.bufferColumns("output", projection.out));
        check.different({op.in, projection.out});
        for (std::size_t other = 0; other < index; ++other)
            check.different({op.projections[other].out, projection.out});
    }
}

void checkOp(Checker& check, const RopeStore& op) {
    check.require(op.headColumns > 0, "heads without columns");
    check.require(op.q != kNoBuffer || op.k != kNoBuffer, "neither queries nor keys");
    check.different({op.q, op.k});
    check.different({op.q, op.v});
    check.rope(op.rope, op.headColumns);
    const std::int64_t qStride = op.gate == QueryGate::PerHead ? 2 * std::int64_t{op.headColumns} : op.headColumns;
    if (op.q != kNoBuffer) {
        check.require(op.queryHeads > 0, "queries without heads");
        check.buffer("q", op.q, op.queryHeads * qStride);
        check.headNorm(op.qNorm, op.headColumns, op.queryHeads);
        check.require(op.gate == QueryGate::None || op.qNorm.kind == NormKind::None || op.queryHeads == 1
                          || check.weight(op.qNorm.weight) == nullptr
                          || check.weight(op.qNorm.weight)->columns == op.headColumns,
                      "gated queries are normalised by heads only");
    }
    if (op.k == kNoBuffer) {
        check.require(op.v == kNoBuffer, "values without keys");
        return;
    }
    check.require(op.keyHeads > 0, "keys without heads");
    check.buffer("k", op.k, std::int64_t{op.keyHeads} * op.headColumns);
    check.headNorm(op.kNorm, op.headColumns, op.keyHeads);
    if (op.v != kNoBuffer) {
        check.require(op.valueColumns > 0, "values without columns");
        check.buffer("v", op.v, std::int64_t{op.keyHeads} * op.valueColumns);
        check.headNorm(op.vNorm, op.valueColumns, op.keyHeads);
    }
    if (const CacheSpec* cache = check.cache(op.cache)) {
        const std::int32_t values = op.v == kNoBuffer ? 0 : op.valueColumns;
        check.require(cache->heads == op.keyHeads && cache->keyColumns == op.headColumns
                          && cache->valueColumns == values,
                      "cache '" + cache->name + "' holds " + number(cache->heads) + " heads of "
                          + number(cache->keyColumns) + " + " + number(cache->valueColumns) + " columns instead of "
                          + number(op.keyHeads) + " of " + number(op.headColumns) + " + " + number(values));
    }
}

void checkOp(Checker& check, const Attention& op) {
    check.require(op.queryHeads > 0 && op.keyHeads > 0 && op.queryHeads % op.keyHeads == 0,
                  number(op.queryHeads) + " query heads cannot share " + number(op.keyHeads) + " key heads");
    check.require(op.headColumns > 0 && op.valueColumns > 0, "heads without columns");
    const bool isGated = op.gate == QueryGate::PerHead;
    check.buffer("q", op.q, std::int64_t{op.queryHeads} * op.headColumns * (isGated ? 2 : 1));
    check.require(!isGated || op.headColumns == op.valueColumns, "a gate as wide as the query, but not as the value");
    check.buffer("output", op.out, std::int64_t{op.queryHeads} * op.valueColumns);
    check.different({op.q, op.out});
    check.finite({op.scale, op.softCap, op.alibiMaxBias});
    check.require(op.softCap >= 0, "a negative soft cap");
    check.require(op.window >= 0 && (op.window == 0 || op.mask == Mask::Causal),
                  "a window of " + number(op.window) + " needs a causal mask");
    check.optionalVector("sinks", op.sinks, op.queryHeads);
    if (const CacheSpec* cache = check.cache(op.cache)) {
        const bool valuesFit =
            cache->valueColumns == 0 ? op.valueColumns <= op.headColumns : op.valueColumns == cache->valueColumns;
        check.require(cache->heads == op.keyHeads && cache->keyColumns == op.headColumns && valuesFit,
                      "cache '" + cache->name + "' holds " + number(cache->heads) + " heads of "
                          + number(cache->keyColumns) + " + " + number(cache->valueColumns)
                          + " columns, which does not give " + number(op.keyHeads) + " of " + number(op.headColumns)
                          + " + " + number(op.valueColumns));
        const std::int32_t held = check.windowOf(*cache);
        check.require(held == 0 || (op.window > 0 && op.window <= held), "cache '" + cache->name
                                                                             + "' holds a window of " + number(held)
                                                                             + "; " + number(op.window) + " are read");
    }
}

void checkOp(Checker& check, const ProjectResidual& op) {
    projectInto(check, op.in, op.linear, op.postNorm, op.residual, op.scale);
}

void checkOp(Checker& check, const GateUp& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    const std::int32_t outColumns = check.bufferColumns("output", op.out);
    check.different({op.in, op.out});
    check.norm(op.norm, columns);
    const bool hasGate = op.gate.weight != kNoWeight;
    check.require(hasGate || op.gate.bias == kNoWeight, "a gate's bias without a gate");
    check.require(hasGate || op.activation != Activation::SwigluClamped, "this activation needs a gate");
    if (op.upFrom != kNoBuffer) {
        check.require(op.expertIds == kNoBuffer && op.up.weight == kNoWeight && hasGate,
                      "a part of another buffer stands for up only beside a gate without experts");
        check.linear("gate", op.gate, columns, outColumns);
        check.require(op.upColumn >= 0
                          && std::int64_t{op.upColumn} + outColumns <= check.bufferColumns("up buffer", op.upFrom),
                      "the part that stands for up lies outside its buffer");
        check.different({op.upFrom, op.out});
        return;
    }
    if (op.expertIds == kNoBuffer) {
        check.linear("up", op.up, columns, outColumns);
        if (hasGate)
            check.linear("gate", op.gate, columns, outColumns);
        return;
    }
    const std::int32_t used = check.idColumns(op.expertIds);
    const WeightView* up = check.weight(op.up.weight);
    check.require(up != nullptr && used > 0 && outColumns == std::int64_t{used} * up->rows,
                  "its output does not hold one part for each chosen expert");
    if (up == nullptr)
        return;
    check.expertLinear("up", op.up, columns, up->rows, up->matrices);
    if (hasGate)
        check.expertLinear("gate", op.gate, columns, up->rows, up->matrices);
}

void checkOp(Checker& check, const DownReduce& op) {
    if (op.gate != kNoBuffer)
        check.buffer("gate", op.gate, 1);
    if (op.expertIds == kNoBuffer) {
        check.require(op.expertWeights == kNoBuffer && op.expertScale == kNoWeight, "expert weights without ids");
        projectInto(check, op.in, op.down, op.postNorm, op.residual, op.scale);
        check.different({op.in, op.residual, op.gate});
        return;
    }
    check.different({op.in, op.residual, op.gate, op.expertIds, op.expertWeights});
    const std::int32_t rows = check.bufferColumns("residual", op.residual);
    const std::int32_t used = check.idColumns(op.expertIds);
    const WeightView* down = check.weight(op.down.weight);
    check.require(down != nullptr && used > 0, "its weight or its expert ids are missing");
    if (down == nullptr)
        return;
    check.buffer("input", op.in, std::int64_t{used} * down->columns);
    check.buffer("expert weights", op.expertWeights, used);
    check.expertLinear("down", op.down, down->columns, rows, down->matrices);
    check.optionalVector("expert scale", op.expertScale, down->matrices);
    check.norm(op.postNorm, rows);
    check.finite({op.scale});
}

void checkOp(Checker& check, const RouteExperts& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    check.norm(op.norm, columns);
    const WeightView* router = check.weight(op.router.weight);
    check.require(router != nullptr, "no router");
    if (router == nullptr)
        return;
    const std::int32_t experts = router->rows;
    check.linear("router", op.router, columns, experts);
    check.optionalVector("selection bias", op.selectionBias, experts);
    check.require(op.groups > 0 && op.groupsUsed > 0 && op.groupsUsed <= op.groups && experts % op.groups == 0,
                  number(op.groupsUsed) + " of " + number(op.groups) + " groups of " + number(experts) + " experts");
    const std::int64_t reachable = op.groups > 0 ? std::int64_t{experts} / op.groups * op.groupsUsed : 0;
    check.require(op.expertsUsed > 0 && op.expertsUsed <= reachable,
                  "it chooses " + number(op.expertsUsed) + " of " + number(reachable) + " experts");
    check.require(check.idColumns(op.ids) == op.expertsUsed, "its ids do not hold the experts it chooses");
    check.buffer("weights", op.weights, op.expertsUsed);
    check.different({op.in, op.ids, op.weights});
    check.require(op.keepShare > 0.0F && op.keepShare <= 1.0F, "it keeps no share from 0 to 1 of the experts' weights");
    check.finite({op.inputScale, op.weightScale});
}

void checkOp(Checker& check, const LatentStore& op) {
    check.require(op.heads > 0 && op.contentColumns > 0 && op.ropeColumns > 0 && op.rank > 0,
                  "a width is not positive");
    check.buffer("q", op.q, std::int64_t{op.heads} * (op.contentColumns + op.ropeColumns));
    check.buffer("compressed", op.compressed, std::int64_t{op.rank} + op.ropeColumns);
    check.buffer("output", op.out, std::int64_t{op.heads} * (op.rank + op.ropeColumns));
    check.different({op.q, op.compressed, op.out});
    check.norm(op.latentNorm, op.rank);
    const bool isTransposed = op.keyUpLayout == KeyUpLayout::Transposed;
    check.matrices("key matrix", op.keyUp, isTransposed ? op.rank : op.contentColumns,
                   isTransposed ? op.contentColumns : op.rank, op.heads);
    check.rope(op.rope, op.ropeColumns);
    if (const CacheSpec* cache = check.cache(op.cache))
        check.require(cache->heads == 1 && cache->keyColumns == op.rank + op.ropeColumns && cache->valueColumns == 0,
                      "cache '" + cache->name + "' does not hold one latent and positional key a token");
}

void checkOp(Checker& check, const HeadProject& op) {
    const WeightView* weight = check.weight(op.weight);
    check.require(weight != nullptr, "no weight");
    if (weight == nullptr)
        return;
    check.matrices("weight", op.weight, weight->columns, weight->rows, weight->matrices);
    check.buffer("input", op.in, std::int64_t{weight->matrices} * weight->columns);
    check.buffer("output", op.out, std::int64_t{weight->matrices} * weight->rows);
    check.different({op.in, op.out});
}

void checkOp(Checker& check, const Logits& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    check.norm(op.norm, columns);
    check.linear("output matrix", op.linear, columns, check.logitColumns(op.out));
    check.different({op.in, op.out});
    check.finite({op.scale, op.softCap});
    check.require(op.softCap >= 0, "a negative soft cap");
}

void checkOp(Checker& check, const LoadRows& op) {
    static_cast<void>(check.bufferColumns("output", op.out));
    check.embeddingPart(op.part);
}

void checkOp(Checker& check, const NormRows& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    const WeightView* weight = check.weight(op.norm.weight);
    const std::int32_t width = weight == nullptr ? columns : weight->columns;
    check.require(width > 0 && columns % width == 0,
                  "a norm of " + number(width) + " columns for rows of " + number(columns));
    check.norm(op.norm, width);
    if (op.other != kNoBuffer)
        check.buffer("other input", op.other, columns);
    check.optionalVector("factor", op.factor, 1);
    check.require(op.outColumn >= 0 && std::int64_t{op.outColumn} + columns <= check.bufferColumns("output", op.out),
                  "its result does not fit its output");
    check.require((op.out != op.in && op.out != op.other) || op.outColumn == 0, "a result in place has to begin there");
    check.finite({op.inputScale, op.scale});
}

void checkOp(Checker& check, const DeltaStep& op) {
    check.require(op.keyHeads > 0 && op.valueHeads > 0 && op.stateColumns > 0 && op.valueHeads % op.keyHeads == 0,
                  number(op.valueHeads) + " value heads cannot share " + number(op.keyHeads) + " key heads");
    const std::int64_t valueColumns = std::int64_t{op.valueHeads} * op.stateColumns;
    const std::int64_t channels = 2 * std::int64_t{op.keyHeads} * op.stateColumns + valueColumns;
    check.buffer("mixed input", op.mixed, channels);
    check.buffer("gate", op.z, valueColumns);
    const bool isGrouped = op.alpha == kNoBuffer;
    check.buffer("beta", op.beta, std::int64_t{op.valueHeads} * (isGrouped ? 2 : 1));
    if (!isGrouped)
        check.buffer("alpha", op.alpha, op.valueHeads);
    check.buffer("output", op.out, valueColumns);
    check.different({op.mixed, op.z, op.beta, op.alpha, op.out});
    const WeightView* convolution = check.weight(op.convolution);
    check.require(convolution != nullptr, "no convolution");
    if (convolution == nullptr)
        return;
    check.matrix("convolution", op.convolution, convolution->columns, channels);
    check.matrix("decay", op.decay, op.valueHeads, 1);
    check.matrix("time bias", op.timeBias, op.valueHeads, 1);
    check.norm(op.norm, op.stateColumns);
    check.require(op.epsilon >= 0, "a negative epsilon");
    check.state(op.state,
                (std::int64_t{convolution->columns} - 1) * channels + valueColumns * std::int64_t{op.stateColumns});
}

void checkOp(Checker& check, const ShortConvolution& op) {
    const std::int32_t columns = check.bufferColumns("output", op.out);
    check.buffer("input", op.in, 3 * std::int64_t{columns});
    const WeightView* convolution = check.weight(op.convolution);
    check.require(convolution != nullptr, "no convolution");
    if (convolution == nullptr)
        return;
    check.matrix("convolution", op.convolution, convolution->columns, columns);
    check.different({op.in, op.out});
    check.state(op.state, (std::int64_t{convolution->columns} - 1) * columns);
}

void checkOp(Checker& check, const PoolRows& op) {
    const std::int32_t columns = check.bufferColumns("input", op.in);
    const std::int32_t outColumns = check.logitColumns(op.out);
    check.norm(op.norm, columns);
    std::int32_t width = columns;
    if (op.dense.weight != kNoWeight) {
        const WeightView* dense = check.weight(op.dense.weight);
        width = dense == nullptr ? 0 : dense->rows;
        check.linear("dense", op.dense, columns, width);
    }
    if (op.head.weight != kNoWeight)
        check.linear("head", op.head, width, outColumns);
    else
        check.require(width == outColumns, "its output is not as wide as what is pooled");
    check.different({op.in, op.out});
}

} // namespace

std::optional<std::string> whyMalformed(const Program& program, const Op& op) {
    Checker checker(program, op);
    std::visit([&](const auto& typed) { checkOp(checker, typed); }, op);
    return checker.result();
}

} // namespace hearth
