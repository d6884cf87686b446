#include "ui/mixture/trace_cursor.h"

#include <algorithm>
#include <utility>

namespace hearth::ui {

TraceCursor::TraceCursor(QObject* parent) : QObject(parent), m_trace(std::make_shared<AnswerTrace>()) {}

void TraceCursor::setTrace(std::shared_ptr<const AnswerTrace> trace) {
    m_trace = trace != nullptr ? std::move(trace) : std::make_shared<const AnswerTrace>();
    m_texts = {};
    m_texts.extend(*m_trace);
    m_place = -1;
    m_hovered = -1;
    m_pins.clear();
    m_selection.reset();
    m_expert = {};
    forgetFigures();
    Q_EMIT traceChanged();
}

void TraceCursor::grow() {
    const std::size_t layers = m_trace->shape().layers.size();
    m_texts.extend(*m_trace);
    if (m_expert.layer >= static_cast<int>(layers)
        || (!m_expert.isNone()
            && m_expert.expert >= m_trace->shape().layers[static_cast<std::size_t>(m_expert.layer)].experts))
        m_expert = {}; // another model goes on with the answer
    if (!m_selection)
        forgetFigures();
    Q_EMIT traceGrew();
}

void TraceCursor::setPlace(int token) {
    token = std::clamp(token, -1, m_trace->tokenCount() - 1);
    if (std::exchange(m_place, token) == token)
        return;
    Q_EMIT currentChanged();
    Q_EMIT placeChanged(token);
}

void TraceCursor::setHovered(int token) {
    token = token < m_trace->tokenCount() ? token : -1;
    if (std::exchange(m_hovered, token) != token)
        Q_EMIT currentChanged();
}

void TraceCursor::togglePin(int token) {
    if (token < 0 || token >= m_trace->tokenCount())
        return;
    if (m_pins.removeAll(token) == 0) {
        if (m_pins.size() == kMostPins)
            m_pins.removeFirst();
        m_pins.append(token);
    }
    Q_EMIT pinsChanged();
}

void TraceCursor::clearPins() {
    if (m_pins.isEmpty())
        return;
    m_pins.clear();
    Q_EMIT pinsChanged();
}

void TraceCursor::select(TokenRange range) {
    range.first = std::clamp(range.first, 0, m_trace->tokenCount());
    range.end = std::clamp(range.end, range.first, m_trace->tokenCount());
    if (range.isEmpty()) {
        clearSelection();
        return;
    }
    if (m_selection == range)
        return;
    m_selection = range;
    forgetFigures();
    Q_EMIT rangeChanged();
}

void TraceCursor::clearSelection() {
    if (!m_selection)
        return;
    m_selection.reset();
    forgetFigures();
    Q_EMIT rangeChanged();
}

const ExpertLoad& TraceCursor::load() const {
    if (!m_load)
        m_load = expertLoad(*m_trace, range());
    return *m_load;
}

const TraceSummary& TraceCursor::summary() const {
    if (!m_summary)
        m_summary = summarise(*m_trace, range(), load());
    return *m_summary;
}

void TraceCursor::setExpert(Expert expert) {
    if (std::exchange(m_expert, expert) != expert)
        Q_EMIT expertChanged();
}

bool TraceCursor::isMarked(int token) const {
    if (m_expert.isNone())
        return true;
    const auto experts = m_trace->experts(token, m_expert.layer);
    return std::find(experts.begin(), experts.end(), static_cast<quint16>(m_expert.expert)) != experts.end();
}

void TraceCursor::forgetFigures() {
    m_load.reset();
    m_summary.reset();
}

} // namespace hearth::ui
