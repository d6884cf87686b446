#include "app/trace/answer_trace.h"

#include "app/trace/trace_format.h"

#include <QtEndian>

#include <bit>
#include <cmath>
#include <string>
#include <utility>

namespace hearth {

/// Reads records from bytes that nobody vouches for.
class AnswerTrace::Parser {
public:
    Parser(AnswerTrace& trace, QByteArrayView bytes) : m_trace(trace), m_bytes(bytes) {}

    Status run() {
        while (m_at < m_bytes.size()) {
            const qsizetype start = m_at;
            const auto kind = number<quint8>();
            Status read = kind == kShapeRecord   ? readShape()
                          : kind == kTokenRecord ? readToken()
                                                 : bad("a record of kind " + std::to_string(kind));
            if (read.ok() && m_short)
                read = bad("a record that ends too soon");
            if (!read.ok())
                return read.error().within("the recording of the answer, byte " + std::to_string(start));
        }
        return {};
    }

private:
    static Status bad(const std::string& what) { return Error{ErrorCode::Corrupt, "it has " + what}; }

    /// 0 beyond the end, which is remembered.
    template <typename Number>
    Number number() {
        if (m_bytes.size() - m_at < qsizetype{sizeof(Number)}) {
            m_short = true;
            m_at = m_bytes.size();
            return 0;
        }
        const auto value = qFromLittleEndian<Number>(m_bytes.data() + m_at);
        m_at += qsizetype{sizeof(Number)};
        return value;
    }

    QByteArray text() {
        const auto length = qsizetype{number<quint16>()};
        if (m_bytes.size() - m_at < length) {
            m_short = true;
            m_at = m_bytes.size();
            return {};
        }
        QByteArray read = m_bytes.sliced(m_at, length).toByteArray();
        m_at += length;
        return read;
    }

    Chance chance() {
        Chance read;
        read.id = number<qint32>();
        const auto probability = std::bit_cast<float>(number<quint32>());
        read.probability = probability >= 0.0F && probability <= 1.0F ? probability : 0.0F; // NaN too
        read.text = text();
        return read;
    }

    Status readShape() {
        if (const auto version = number<quint8>(); version != kTraceVersion && !m_short)
            return bad("format version " + std::to_string(version) + ", and this program reads "
                       + std::to_string(kTraceVersion));
        TraceShape shape;
        shape.weightBytes = number<quint64>();
        shape.commonBytes = number<quint64>();
        const int layers = number<quint16>();
        if (layers > kMostTracedLayers)
            return bad(std::to_string(layers) + " layers");
        qint64 choices = 0;
        for (int index = 0; index < layers && !m_short; ++index) {
            TracedLayer layer;
            layer.layer = number<quint16>();
            layer.experts = number<quint16>();
            layer.used = number<quint16>();
            layer.expertBytes = number<quint64>();
            choices += layer.used;
            const bool fits = layer.experts >= 1 && layer.experts <= kMostTracedExperts && layer.used >= 1
                              && layer.used <= layer.experts && choices <= kMostTracedChoices;
            if (!fits && !m_short)
                return bad("a layer of " + std::to_string(layer.experts) + " experts of which "
                           + std::to_string(layer.used) + " are used");
            shape.layers.push_back(layer);
        }
        if (!m_short)
            m_trace.setShape(std::move(shape));
        return {};
    }

    Status readToken() {
        Entry entry;
        entry.chosen = chance();
        const int others = number<quint8>();
        if (others > kMostRunnersUp)
            return bad(std::to_string(others) + " runners-up");
        for (int index = 0; index < others && !m_short; ++index)
            entry.runnersUp.push_back(chance());
        const std::size_t before = m_trace.m_experts.size();
        if (number<quint8>() != 0) {
            entry.choices = static_cast<qint64>(before);
            HEARTH_CHECK(readChoices());
        }
        if (m_short) { // half a token is none
            m_trace.m_experts.resize(before);
            m_trace.m_shares.resize(before);
            return {};
        }
        m_trace.m_tokens.push_back(std::move(entry));
        return {};
    }

    Status readChoices() {
        if (m_trace.m_shape.layers.empty())
            return bad("experts of a model that has none");
        for (const TracedLayer& layer : m_trace.m_shape.layers) {
            const bool isWide = layer.experts > 255;
            for (int choice = 0; choice < layer.used && !m_short; ++choice) {
                const int expert = isWide ? number<quint16>() : number<quint8>();
                const auto share = number<quint8>();
                const bool isDropped = expert == (isWide ? 0xFFFF : 0xFF);
                // What cannot be is left out, as if it had been dropped: the rest of the token may well be right.
                const bool isKept = !isDropped && expert < layer.experts;
                m_trace.m_experts.push_back(isKept ? static_cast<quint16>(expert) : kDropped);
                m_trace.m_shares.push_back(isKept ? share : quint8{0});
            }
        }
        return {};
    }

    AnswerTrace& m_trace;
    QByteArrayView m_bytes;
    qsizetype m_at = 0;
    bool m_short = false;
};

Status AnswerTrace::append(QByteArrayView bytes) {
    return Parser(*this, bytes).run();
}

void AnswerTrace::setShape(TraceShape shape) {
    if (m_shape == shape)
        return;
    for (Entry& entry : m_tokens)
        entry.choices = -1;
    m_experts.clear();
    m_shares.clear();
    m_shape = std::move(shape);
    m_layerStart.clear();
    std::size_t start = 0;
    for (const TracedLayer& layer : m_shape.layers) {
        m_layerStart.push_back(start);
        start += static_cast<std::size_t>(layer.used);
    }
}

std::span<const quint16> AnswerTrace::experts(int token, int layer) const {
    if (!hasExperts(token) || layer < 0 || layer >= static_cast<int>(m_layerStart.size()))
        return {};
    const auto index = static_cast<std::size_t>(layer);
    return std::span(m_experts).subspan(static_cast<std::size_t>(entry(token).choices) + m_layerStart[index],
                                        static_cast<std::size_t>(m_shape.layers[index].used));
}

std::span<const quint8> AnswerTrace::shares(int token, int layer) const {
    if (!hasExperts(token) || layer < 0 || layer >= static_cast<int>(m_layerStart.size()))
        return {};
    const auto index = static_cast<std::size_t>(layer);
    return std::span(m_shares).subspan(static_cast<std::size_t>(entry(token).choices) + m_layerStart[index],
                                       static_cast<std::size_t>(m_shape.layers[index].used));
}

} // namespace hearth
