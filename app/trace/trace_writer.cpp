#include "app/trace/trace_writer.h"

#include "app/trace/trace_format.h"
#include "engine/text/tokenizer.h"

#include <QtEndian>

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>
#include <utility>

namespace hearth {

namespace {

template <typename Number>
void put(QByteArray& bytes, Number number) {
    const qsizetype at = bytes.size();
    bytes.resize(at + qsizetype{sizeof(Number)});
    qToLittleEndian(number, bytes.data() + at);
}

/// A longer text does not occur; should it, its beginning tells enough.
constexpr std::size_t kMostTextBytes = 0xFFFF;

} // namespace

void TraceChannel::append(const QByteArray& bytes) {
    const std::lock_guard lock(m_mutex);
    m_bytes += bytes;
}

QByteArray TraceChannel::take() {
    const std::lock_guard lock(m_mutex);
    return std::exchange(m_bytes, {});
}

TraceWriter::TraceWriter(const Tokenizer& tokenizer, TraceChannel& channel)
    : m_tokenizer(tokenizer), m_channel(channel) {}

void TraceWriter::write(const TraceShape& shape, const TracedToken& token) {
    m_bytes.clear();
    if (!std::exchange(m_begun, true))
        writeShape(shape);
    put(m_bytes, kTokenRecord);
    writeChance(token.chosen);
    put(m_bytes, static_cast<quint8>(token.runnersUp.size()));
    for (const TokenChance& runnerUp : token.runnersUp)
        writeChance(runnerUp);
    put(m_bytes, quint8{token.experts.empty() ? quint8{0} : quint8{1}});
    if (!token.experts.empty())
        writeChoices(shape, token);
    m_channel.append(m_bytes);
}

void TraceWriter::writeShape(const TraceShape& shape) {
    put(m_bytes, kShapeRecord);
    put(m_bytes, kTraceVersion);
    put(m_bytes, quint64{shape.weightBytes});
    put(m_bytes, quint64{shape.commonBytes});
    put(m_bytes, static_cast<quint16>(shape.layers.size()));
    for (const TracedLayer& layer : shape.layers) {
        put(m_bytes, static_cast<quint16>(layer.layer));
        put(m_bytes, static_cast<quint16>(layer.experts));
        put(m_bytes, static_cast<quint16>(layer.used));
        put(m_bytes, quint64{layer.expertBytes});
    }
}

void TraceWriter::writeChance(const TokenChance& chance) {
    put(m_bytes, qint32{chance.token});
    put(m_bytes, std::bit_cast<quint32>(chance.probability));
    // A control token adds nothing to the answer, but its name tells what the model wanted.
    std::string text = m_tokenizer.tokenBytes(chance.token);
    if (text.empty())
        text = m_tokenizer.tokenText(chance.token);
    text.resize(std::min(text.size(), kMostTextBytes));
    put(m_bytes, static_cast<quint16>(text.size()));
    m_bytes.append(text.data(), static_cast<qsizetype>(text.size()));
}

void TraceWriter::writeChoices(const TraceShape& shape, const TracedToken& token) {
    std::size_t place = 0;
    for (const TracedLayer& layer : shape.layers) {
        const auto used = static_cast<std::size_t>(layer.used);
        float sum = 0;
        for (std::size_t choice = 0; choice < used; ++choice)
            sum += std::abs(token.weights[place + choice]);
        for (std::size_t choice = 0; choice < used; ++choice, ++place) {
            const std::int32_t expert = token.experts[place];
            if (layer.experts > 255)
                put(m_bytes, static_cast<quint16>(expert < 0 ? 0xFFFF : expert));
            else
                put(m_bytes, static_cast<quint8>(expert < 0 ? 0xFF : expert));
            const float share = sum > 0 ? std::abs(token.weights[place]) / sum : 0.0F;
            put(m_bytes, static_cast<quint8>(std::lround(share * 255.0F)));
        }
    }
}

} // namespace hearth
