#pragma once

#include "ui/conversation/conversation_style.h"
#include "ui/conversation/text_flow.h"

#include <QCoreApplication>
#include <QRect>
#include <QString>

#include <memory>
#include <optional>
#include <vector>

class QPainter;

namespace hearth::ui {

/// What an answer's model thought, above the answer: a line that says so and folds the text below it. It is open while
/// the model thinks and folds when the answer begins, unless the user chose otherwise. Coordinates are those of the
/// message. Thread: UI.
class ReasoningSection {
    Q_DECLARE_TR_FUNCTIONS(ReasoningSection)

public:
    void setText(const QString& text);
    void append(const QString& delta);
    [[nodiscard]] const QString& text() const { return m_text; }
    [[nodiscard]] bool isEmpty() const { return m_text.isEmpty(); }

    /// Whether the model is at it, and for how long it has been or was (0: not known).
    void setProgress(bool thinking, double seconds);
    [[nodiscard]] bool isThinking() const { return m_thinking; }
    [[nodiscard]] bool isOpen() const { return m_chosen.value_or(m_thinking); }
    void toggle() { m_chosen = !isOpen(); }
    /// "Thought for 12 s".
    [[nodiscard]] QString label() const;

    /// Lays out from `top` down, in a column; returns where what follows begins.
    int place(int top, int width, const ConversationStyle& style);
    /// A guess of place()'s height, without layouts.
    [[nodiscard]] int estimate(int width, const ConversationStyle& style) const;
    /// Gives the layouts back.
    void cool() { m_lines.clear(); }

    [[nodiscard]] QRect toggleRect() const { return m_toggle; }
    [[nodiscard]] QRect bodyRect() const { return m_body; }

    enum class Look : quint8 { Plain, Hovered, Focused };
    void paint(QPainter& painter, QPoint topLeft, const QRect& clip, Look look, const ConversationStyle& style) const;

private:
    struct Line {
        std::unique_ptr<TextFlow> flow;
        int top = 0; ///< below the body's
        int height = 0;
    };

    void layOutLines(int width, const ConversationStyle& style);

    QString m_text;
    bool m_thinking = false;
    double m_seconds = 0;
    std::optional<bool> m_chosen; ///< by the user
    QRect m_toggle;
    QRect m_body; ///< empty while folded
    std::vector<Line> m_lines;
    qsizetype m_laidOut = 0; ///< units of the text that m_lines hold, up to the last one's beginning
    int m_width = 0;
    const ConversationStyle* m_style = nullptr; ///< of m_lines
};

} // namespace hearth::ui
