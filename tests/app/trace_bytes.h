#pragma once

#include "app/trace/answer_trace.h"
#include "app/trace/trace_writer.h"
#include "tests/app/fake_engine.h"

namespace hearth {

/// A mixture whose every layer chooses `used` of `experts`. All experts are two thirds of the weights.
inline TraceShape mixtureShape(int layers, int experts, int used) {
    TraceShape shape;
    for (int layer = 0; layer < layers; ++layer)
        shape.layers.push_back({layer + 1, experts, used, 1000});
    const auto expertBytes = static_cast<std::uint64_t>(layers) * static_cast<std::uint64_t>(experts) * 1000;
    shape.commonBytes = expertBytes / 2;
    shape.weightBytes = expertBytes + shape.commonBytes;
    return shape;
}

/// What the app writes down of pieces that came about so.
inline QByteArray traceBytes(const TraceShape& shape, const std::vector<std::pair<std::string, FakeTrace>>& pieces) {
    PieceTokenizer tokenizer;
    TraceChannel channel;
    TraceWriter writer(tokenizer, channel);
    for (const auto& [piece, trace] : pieces) {
        std::vector<TokenChance> runnersUp;
        for (const auto& [text, probability] : trace.runnersUp)
            runnersUp.push_back({tokenizer.idOf(text), probability});
        writer.write(shape, {{tokenizer.idOf(piece), trace.probability}, runnersUp, trace.experts, trace.weights});
    }
    return channel.take();
}

/// `tokens` pieces "w0 ", "w1 ", … of plainTrace().
inline QByteArray plainTraceBytes(const TraceShape& shape, int tokens) {
    std::vector<std::pair<std::string, FakeTrace>> pieces;
    for (int token = 0; token < tokens; ++token)
        pieces.emplace_back("w" + std::to_string(token) + " ", plainTrace(shape, token));
    return traceBytes(shape, pieces);
}

} // namespace hearth
