#pragma once

#include "ui/mixture/token_texts.h"

#include <QFont>
#include <QHash>
#include <QPoint>
#include <QRect>

#include <vector>

namespace hearth::ui {

/// Where the tokens of an answer stand: lines of words, each token as wide as its text. Measuring text is what takes
/// time, so it is done a little at a time and once for each text. Coordinates begin at the first line's top left.
/// Thread: UI.
class TokenLayout {
public:
    void setFont(const QFont& font);
    void setWidth(int width);
    /// Forgets all tokens, not the widths of texts.
    void clear();
    /// Takes in tokens that are new, for at most `budgetMs`. True: all of them are placed.
    bool extend(const TokenTexts& texts, int budgetMs);

    [[nodiscard]] int placed() const { return static_cast<int>(m_cells.size()); }
    [[nodiscard]] int lineCount() const { return static_cast<int>(m_lineStarts.size()); }
    [[nodiscard]] int lineHeight() const { return m_lineHeight; }
    [[nodiscard]] int height() const { return lineCount() * m_lineHeight; }
    [[nodiscard]] int firstOfLine(int line) const { return m_lineStarts[static_cast<std::size_t>(line)]; }
    [[nodiscard]] int endOfLine(int line) const;
    /// token: 0 to placed() - 1.
    [[nodiscard]] int lineOf(int token) const { return m_cells[static_cast<std::size_t>(token)].line; }
    [[nodiscard]] QRect rectOf(int token) const;
    /// The same without the space that the token begins with.
    [[nodiscard]] QRect inkOf(int token) const;
    /// -1: none is there.
    [[nodiscard]] int tokenAt(QPoint point) const;
    /// The token of a line nearest to x; the line is brought within bounds. -1 if there are no tokens.
    [[nodiscard]] int nearestInLine(int line, int x) const;

private:
    struct Cell {
        int line = 0;
        int left = 0;
        int width = 0;   ///< of its text
        int leading = 0; ///< width of its first space, which hangs out where a line is broken before it
        bool endsLine = false;
        bool canStartLine = false;
    };

    [[nodiscard]] int widthOf(const QString& text);
    /// A token wider than a line is cut off.
    [[nodiscard]] int widthIn(const Cell& cell) const { return cell.width < m_width ? cell.width : m_width; }
    void place(std::size_t token);
    void placeAll();
    void breakBefore(std::size_t token);

    QFont m_font;
    QHash<QString, int> m_widths;
    std::vector<Cell> m_cells;
    std::vector<int> m_lineStarts;
    int m_width = 200;
    int m_lineHeight = 20;
};

} // namespace hearth::ui
