#pragma once

#include "app/trace/answer_trace.h"
#include "app/trace/trace_statistics.h"
#include "ui/mixture/token_texts.h"

#include <QList>
#include <QObject>

#include <memory>
#include <optional>

namespace hearth::ui {

/// What is looked at in a trace: the parts of the mixture pane share one, change it, and paint what it says.
/// Thread: UI.
class TraceCursor : public QObject {
    Q_OBJECT

public:
    static constexpr int kMostPins = 4;

    /// An expert of a layer; both -1: none. layer is an index into the shape's layers.
    struct Expert {
        int layer = -1;
        int expert = -1;
        [[nodiscard]] bool isNone() const { return layer < 0; }
        friend bool operator==(const Expert&, const Expert&) = default;
    };

    explicit TraceCursor(QObject* parent = nullptr);

    /// Another answer: everything else is forgotten. Null: none.
    void setTrace(std::shared_ptr<const AnswerTrace> trace);
    /// The same answer has more tokens.
    void grow();
    [[nodiscard]] const AnswerTrace& trace() const { return *m_trace; }
    [[nodiscard]] const TokenTexts& texts() const { return m_texts; }

    /// The token that is explained: the one under the pointer, else the one the keys are at; -1: none.
    [[nodiscard]] int current() const { return m_hovered >= 0 ? m_hovered : m_place; }
    /// Where the keys are; -1: nowhere yet.
    [[nodiscard]] int place() const { return m_place; }
    void setPlace(int token);
    void setHovered(int token);

    /// Tokens that stay in view, for comparing. One more than kMostPins takes the place of the oldest.
    [[nodiscard]] const QList<int>& pins() const { return m_pins; }
    /// -1: it is not pinned.
    [[nodiscard]] int pinOf(int token) const { return static_cast<int>(m_pins.indexOf(token)); }
    void togglePin(int token);
    void clearPins();

    /// The tokens the figures are about: those selected, or all.
    [[nodiscard]] TokenRange range() const { return m_selection ? *m_selection : m_trace->all(); }
    [[nodiscard]] bool hasSelection() const { return m_selection.has_value(); }
    void select(TokenRange range);
    void clearSelection();
    /// Of range(); computed when asked for, then kept.
    [[nodiscard]] const ExpertLoad& load() const;
    [[nodiscard]] const TraceSummary& summary() const;

    /// The expert whose tokens are marked.
    [[nodiscard]] Expert expert() const { return m_expert; }
    void setExpert(Expert expert);
    /// Whether the marked expert was chosen by a token; true for all if none is marked.
    [[nodiscard]] bool isMarked(int token) const;

Q_SIGNALS:
    void traceChanged();
    void traceGrew();
    void currentChanged();
    void placeChanged(int token);
    void pinsChanged();
    void rangeChanged();
    void expertChanged();

private:
    void forgetFigures();

    std::shared_ptr<const AnswerTrace> m_trace;
    TokenTexts m_texts;
    int m_place = -1;
    int m_hovered = -1;
    QList<int> m_pins;
    std::optional<TokenRange> m_selection;
    Expert m_expert;
    mutable std::optional<ExpertLoad> m_load;
    mutable std::optional<TraceSummary> m_summary;
};

} // namespace hearth::ui
