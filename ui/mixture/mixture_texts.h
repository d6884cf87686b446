#pragma once

#include "ui/mixture/trace_cursor.h"

#include <QCoreApplication>
#include <QString>

namespace hearth::ui {

/// The sentences of the mixture pane: for the eye and for screen readers alike.
class MixtureTexts {
    Q_DECLARE_TR_FUNCTIONS(MixtureTexts)

public:
    /// "83%", "4.2%", "0.3%", "< 0.1%".
    [[nodiscard]] static QString percent(double part);
    /// “ hello”
    [[nodiscard]] static QString quoted(const QString& text);
    /// "Token 12 of 214: “hello”, probability 83%. Instead: “hi” 10%, “hey” 2%."
    [[nodiscard]] static QString token(const TraceCursor& cursor, int token);
    /// "Layer 12, expert 45: 31 of 214 tokens, 3.2% of the layer (4.1 times an even share)"
    [[nodiscard]] static QString expert(const TraceCursor& cursor, TraceCursor::Expert expert);
    /// "Layer 12: 118 of 128 experts were used; the busiest is 45. Load balance 87%"
    [[nodiscard]] static QString layer(const TraceCursor& cursor, int layer);
    /// "whole answer", "tokens 12 to 40"
    [[nodiscard]] static QString range(const TraceCursor& cursor);
};

} // namespace hearth::ui
