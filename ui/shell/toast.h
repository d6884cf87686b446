#pragma once

#include <QTimer>
#include <QWidget>

#include <functional>

class QLabel;
class QPushButton;

namespace hearth::ui {

class Theme;

/// A short message at the lower edge of its parent, with at most one button ("Undo"). Goes after some seconds, but not
/// while the pointer or the focus is in it. A newer toast takes the older one's place. Thread: UI.
class Toast : public QWidget {
    Q_OBJECT

public:
    /// Floats in `host`, just above `neighbour`, which is within it.
    Toast(const Theme& theme, QWidget& host, const QWidget& neighbour);

    void showMessage(const QString& text, const QString& actionText = {}, std::function<void()> action = {});

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void place();
    void closeIfUnused();

    const Theme& m_theme;
    const QWidget& m_neighbour;
    std::function<void()> m_action;
    QTimer m_timer;
    QLabel* m_text;
    QPushButton* m_button;
};

} // namespace hearth::ui
