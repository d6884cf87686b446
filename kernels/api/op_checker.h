#pragma once

#include "kernels/api/check.h"

#include <cmath>
#include <initializer_list>

namespace hearth {

// What the checks of all ops share; internal to whyMalformed().

template <typename T>
const T* entry(const std::vector<T>& table, std::int32_t id) {
    return id >= 0 && static_cast<std::size_t>(id) < table.size() ? &table[static_cast<std::size_t>(id)] : nullptr;
}

inline std::string number(std::int64_t value) {
    return std::to_string(value);
}

/// Collects the first thing that is wrong. Every check does nothing once something was found.
class OpChecker {
public:
    OpChecker(const Program& program, const Op& op) : m_program(program), m_op(op) {}

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
            plainMatrix("bias", linear.bias, rows, experts);
    }

    /// The columns of a buffer of whole numbers (chosen experts, slots); 0 with a problem noted.
    std::int32_t idColumns(BufferId id, const char* what = "expert ids") {
        const BufferSpec* buffer = entry(m_program.buffers, id);
        require(buffer != nullptr && buffer->dtype == DType::I32, "buffer " + number(id) + " does not hold " + what);
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
            plainMatrix(role, id, columns, 1);
    }

    /// A matrix that is not multiplied with, so that no adapter can change it.
    void plainMatrix(const char* role, WeightId id, std::int64_t columns, std::int64_t rows) {
        matrix(role, id, columns, rows);
        const WeightView* weight = entry(m_program.weights, id);
        require(weight == nullptr || weight->lowRank.empty(),
                std::string("its ") + role + " cannot be changed by an adapter");
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

// One op's own check; in op_check_rows.cpp the ops that work on rows by themselves, in op_check_sequence.cpp those that
// look at tokens, places, caches and states.
void checkOp(OpChecker& check, const NormProject& op);
void checkOp(OpChecker& check, const ProjectResidual& op);
void checkOp(OpChecker& check, const GateUp& op);
void checkOp(OpChecker& check, const DownReduce& op);
void checkOp(OpChecker& check, const RouteExperts& op);
void checkOp(OpChecker& check, const HeadProject& op);
void checkOp(OpChecker& check, const Logits& op);
void checkOp(OpChecker& check, const NormRows& op);
void checkOp(OpChecker& check, const EmbedRows& op);
void checkOp(OpChecker& check, const RopeStore& op);
void checkOp(OpChecker& check, const Attention& op);
void checkOp(OpChecker& check, const LatentStore& op);
void checkOp(OpChecker& check, const LoadRows& op);
void checkOp(OpChecker& check, const DeltaStep& op);
void checkOp(OpChecker& check, const ShortConvolution& op);
void checkOp(OpChecker& check, const PoolRows& op);
void checkOp(OpChecker& check, const SelectSlots& op);

} // namespace hearth
