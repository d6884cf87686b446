#pragma once

#include "ui/mixture/token_layout.h"

#include <QAbstractScrollArea>
#include <QTimer>

namespace hearth::ui {

class Theme;
class TraceCursor;

/// The tokens of an answer as text, each on a ground that is the stronger the less likely the token was, underlined
/// likewise; if an expert is marked, the more it contributed, and the other tokens fade. The pointer or the arrow keys
/// choose the token that is explained, a click or Space pins it, dragging or Shift selects a range, Ctrl and an arrow
/// go to the next token below one half. Thread: UI.
class TokenView : public QAbstractScrollArea {
    Q_OBJECT

public:
    /// Both outlive the view.
    TokenView(const Theme& theme, TraceCursor& cursor, QWidget* parent = nullptr);

    /// Where a token is on the viewport; empty if it is not placed yet. For tests and assistive technology.
    [[nodiscard]] QRect tokenRect(int token) const;
    [[nodiscard]] bool isComplete() const { return m_complete; }
    /// The ground of a token on which its text stands; for tests of contrast.
    [[nodiscard]] QColor groundOf(double mark) const;

Q_SIGNALS:
    void menuRequested(const QPoint& globalPoint);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    void applyTheme();
    void showTrace();
    void layOut();
    void layOutMore();
    void grow();
    void updateScrollBar();
    void describe();
    [[nodiscard]] int tokenAt(QPoint viewportPoint) const;
    [[nodiscard]] QPoint origin() const;
    void ensureVisible(int token);
    /// The token that a key leads to; -1: none.
    [[nodiscard]] int target(const QKeyEvent& event) const;
    [[nodiscard]] int nextUnlikely(int from, int direction) const;
    void moveTo(int token, bool selects);
    bool pressKey(const QKeyEvent& event);
    /// How strong the mark of a token is, 0 to 1: its surprise, or what the marked expert contributed to it.
    [[nodiscard]] double markOf(int token) const;
    void paintToken(QPainter& painter, int token, const QPoint& at) const;
    void paintPin(QPainter& painter, int pin, const QRect& rect) const;

    const Theme& m_theme;
    TraceCursor& m_cursor;
    TokenLayout m_layout;
    QTimer m_more; ///< laying out goes on
    bool m_complete = true;
    bool m_follows = true; ///< the end, while the answer is being written
    int m_pressed = -1;    ///< token under the mouse button
    bool m_dragging = false;
    int m_anchor = -1; ///< where a selection by keys began
};

} // namespace hearth::ui
