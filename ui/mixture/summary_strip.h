#pragma once

#include <QWidget>

#include <array>

class QLabel;

namespace hearth::ui {

class Theme;
class TraceCursor;

/// The figures of the tokens that are looked at: how many, how sure the model was, how many experts took part, what
/// share of the weights a token reads. Thread: UI.
class SummaryStrip : public QWidget {
    Q_OBJECT

public:
    /// Both outlive the widget.
    SummaryStrip(const Theme& theme, TraceCursor& cursor, QWidget* parent = nullptr);

protected:
    void changeEvent(QEvent* event) override;

private:
    struct Tile {
        QWidget* box = nullptr;
        QLabel* value = nullptr;
        QLabel* caption = nullptr;
    };

    void applyTheme();
    void refresh();
    static void fill(const Tile& tile, const QString& value, const QString& caption, const QString& toolTip);

    const Theme& m_theme;
    TraceCursor& m_cursor;
    std::array<Tile, 4> m_tiles;
};

} // namespace hearth::ui
