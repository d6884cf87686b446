#pragma once

#include <QPointer>
#include <QWidget>

namespace hearth::ui {

class Theme;

/// A card that floats above its window until something else is clicked or focused, or Esc is pressed; then the focus
/// goes back to where it was. A child of the window and not a window itself: its corners and shadow need no compositor,
/// and Wayland lets it stand where it should. Thread: UI.
class PopupPanel : public QWidget {
    Q_OBJECT

public:
    /// Room around the card for its shadow; the card itself is rect() without it.
    static constexpr int kShadow = 12;

    PopupPanel(const Theme& theme, QWidget& window);

    /// Shows the card at `card` (coordinates of the window), moved so that all of it is seen, with `focus` focused.
    void openAt(const QRect& card, QWidget& focus);
    void close();

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    [[nodiscard]] const Theme& theme() const { return m_theme; }

private:
    void focusMoved(QWidget* now);

    const Theme& m_theme;
    QPointer<QWidget> m_focusBefore;
};

} // namespace hearth::ui
