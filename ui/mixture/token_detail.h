#pragma once

#include <QWidget>

#include <vector>

namespace hearth::ui {

class Theme;
class TraceCursor;

/// What the model held possible in place of the current token, as bars, or the least expected tokens while none is
/// current; beside it the pinned tokens and how much of their way through the experts they share with it. Its height
/// stays, so that nothing jumps. Thread: UI.
class TokenDetail : public QWidget {
    Q_OBJECT

public:
    /// Both outlive the widget.
    TokenDetail(const Theme& theme, TraceCursor& cursor, QWidget* parent = nullptr);

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    [[nodiscard]] int rowHeight() const;
    void describe();
    void paintChances(QPainter& painter, const QRect& area, int token) const;
    void paintChance(QPainter& painter, const QRect& row, const QString& text, float probability, bool isChosen) const;
    void paintPins(QPainter& painter, const QRect& area, int token) const;
    void paintLeastExpected(QPainter& painter, const QRect& area) const;
    [[nodiscard]] std::vector<int> leastExpected() const;
    [[nodiscard]] QRect chancesArea() const;
    void paintHint(QPainter& painter, const QRect& area, const QString& hint) const;

    const Theme& m_theme;
    TraceCursor& m_cursor;
};

} // namespace hearth::ui
