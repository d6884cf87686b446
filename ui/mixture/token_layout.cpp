#include "ui/mixture/token_layout.h"

#include "ui/theme/metrics.h"

#include <QElapsedTimer>
#include <QFontMetrics>

#include <algorithm>

namespace hearth::ui {

namespace {

constexpr int kLookAtClock = 32; ///< tokens between two looks

} // namespace

void TokenLayout::setFont(const QFont& font) {
    m_font = font;
    m_widths.clear();
    m_lineHeight = QFontMetrics(font).height() + Metrics::kSpace2;
    clear();
}

void TokenLayout::setWidth(int width) {
    width = std::max(width, 40);
    if (width == m_width)
        return;
    m_width = width;
    placeAll();
}

void TokenLayout::clear() {
    m_cells.clear();
    m_lineStarts.clear();
}

int TokenLayout::widthOf(const QString& text) {
    const auto found = m_widths.constFind(text);
    if (found != m_widths.constEnd())
        return *found;
    return *m_widths.insert(text, QFontMetrics(m_font).horizontalAdvance(text));
}

bool TokenLayout::extend(const TokenTexts& texts, int budgetMs) {
    QElapsedTimer timer;
    timer.start();
    while (placed() < texts.count()) {
        if (placed() % kLookAtClock == 0 && timer.elapsed() >= budgetMs)
            return false;
        const TokenText& text = texts.at(placed());
        const int leading = text.shown.startsWith(QLatin1Char(' ')) ? widthOf(QStringLiteral(" ")) : 0;
        m_cells.push_back({0, 0, widthOf(text.shown), leading, text.endsLine, text.canStartLine});
        place(m_cells.size() - 1);
    }
    return true;
}

void TokenLayout::placeAll() {
    m_lineStarts.clear();
    for (std::size_t token = 0; token < m_cells.size(); ++token)
        place(token);
}

void TokenLayout::place(std::size_t token) {
    Cell& cell = m_cells[token];
    if (token == 0 || m_cells[token - 1].endsLine) {
        m_lineStarts.push_back(static_cast<int>(token));
        cell.left = 0;
    } else {
        cell.left = m_cells[token - 1].left + widthIn(m_cells[token - 1]);
    }
    cell.line = lineCount() - 1;
    if (cell.left > 0 && cell.left + widthIn(cell) > m_width)
        breakBefore(token);
}

void TokenLayout::breakBefore(std::size_t token) {
    const auto lineStart = static_cast<std::size_t>(m_lineStarts.back());
    std::size_t start = token;
    while (start > lineStart && !m_cells[start].canStartLine)
        --start;
    if (start == lineStart)
        start = token; // one long word
    m_lineStarts.push_back(static_cast<int>(start));
    int left = -m_cells[start].leading;
    for (std::size_t moved = start; moved <= token; ++moved) {
        m_cells[moved].line = lineCount() - 1;
        m_cells[moved].left = left;
        left += widthIn(m_cells[moved]);
    }
    if (m_cells[token].left > 0 && left > m_width) // the word alone is wider than a line
        breakBefore(token);
}

int TokenLayout::endOfLine(int line) const {
    return line + 1 < lineCount() ? firstOfLine(line + 1) : placed();
}

QRect TokenLayout::rectOf(int token) const {
    const Cell& cell = m_cells[static_cast<std::size_t>(token)];
    return {cell.left, cell.line * m_lineHeight, widthIn(cell), m_lineHeight};
}

QRect TokenLayout::inkOf(int token) const {
    return rectOf(token).adjusted(m_cells[static_cast<std::size_t>(token)].leading, 0, 0, 0);
}

int TokenLayout::tokenAt(QPoint point) const {
    if (point.y() < 0 || point.y() >= height())
        return -1;
    const int token = nearestInLine(point.y() / m_lineHeight, point.x());
    return token >= 0 && rectOf(token).contains(point) ? token : -1;
}

int TokenLayout::nearestInLine(int line, int x) const {
    if (m_cells.empty())
        return -1;
    line = std::clamp(line, 0, lineCount() - 1);
    const auto begin = m_cells.begin() + firstOfLine(line);
    const auto end = m_cells.begin() + endOfLine(line);
    const auto after = std::upper_bound(begin, end, x, [](int at, const Cell& cell) { return at < cell.left; });
    return static_cast<int>((after == begin ? begin : after - 1) - m_cells.begin());
}

} // namespace hearth::ui
