#pragma once

#include "engine/run/trace/generation_trace.h"
#include "kernels/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <span>
#include <vector>

namespace hearth {

/// Tokens first .. end - 1 of a trace.
struct TokenRange {
    int first = 0;
    int end = 0;

    [[nodiscard]] bool isEmpty() const { return end <= first; }
    [[nodiscard]] int size() const { return isEmpty() ? 0 : end - first; }
    [[nodiscard]] bool contains(int token) const { return token >= first && token < end; }
    friend bool operator==(const TokenRange&, const TokenRange&) = default;
};

/// How an answer came about, token by token: what was recorded while it was made. A value. Thread: one at a time.
class AnswerTrace {
public:
    /// A token that was chosen or might have been.
    struct Chance {
        qint32 id = 0;
        QByteArray text; ///< bytes of UTF-8, not always whole characters
        float probability = 0;
        friend bool operator==(const Chance&, const Chance&) = default;
    };
    static constexpr quint16 kDropped = 0xFFFF; ///< stands for an expert that adaptive top-k left out

    /// Takes whole records (trace_format.h) behind those that are there. Errors: Corrupt, with the place; what stood
    /// before the bad record is kept.
    [[nodiscard]] Status append(QByteArrayView bytes);

    /// Of the model that made the last tokens; those that another model had made before have lost their experts.
    [[nodiscard]] const TraceShape& shape() const { return m_shape; }
    [[nodiscard]] bool isMixture() const { return !m_shape.layers.empty(); }
    [[nodiscard]] int tokenCount() const { return static_cast<int>(m_tokens.size()); }
    [[nodiscard]] bool isEmpty() const { return m_tokens.empty(); }
    [[nodiscard]] TokenRange all() const { return {0, tokenCount()}; }

    // token: 0 to tokenCount() - 1; layer: index into shape().layers; beyond them there are no experts.
    [[nodiscard]] const Chance& chosen(int token) const { return entry(token).chosen; }
    /// The likeliest others, likeliest first.
    [[nodiscard]] std::span<const Chance> runnersUp(int token) const { return entry(token).runnersUp; }
    [[nodiscard]] bool hasExperts(int token) const { return entry(token).choices >= 0; }
    /// shape().layers[layer].used ids, the router's first choice first; nothing if the token was not read.
    [[nodiscard]] std::span<const quint16> experts(int token, int layer) const;
    /// What each of them contributed, in 255ths of the layer.
    [[nodiscard]] std::span<const quint8> shares(int token, int layer) const;

private:
    struct Entry {
        Chance chosen;
        std::vector<Chance> runnersUp;
        qint64 choices = -1; ///< place of its first choice in m_experts; -1: it was not read
    };
    class Parser;

    [[nodiscard]] const Entry& entry(int token) const { return m_tokens[static_cast<std::size_t>(token)]; }
    void setShape(TraceShape shape);

    TraceShape m_shape;
    std::vector<std::size_t> m_layerStart; ///< of each layer within the choices of a token
    std::vector<Entry> m_tokens;
    std::vector<quint16> m_experts;
    std::vector<quint8> m_shares;
};

} // namespace hearth
