#pragma once

#include <QWidget>

class QLabel;
class QLineEdit;
class QToolButton;

namespace hearth::ui {

class Theme;

/// The row with a search field that finds within what is open: Enter and F3 go on, Shift+Enter and Shift+F3 back, Esc
/// closes. What to search is its owner's part. Thread: UI.
class FindBar : public QWidget {
    Q_OBJECT

public:
    FindBar(const Theme& theme, const QString& name, QWidget* parent = nullptr);

    /// Shows it, with its text selected.
    void open();
    void close();
    [[nodiscard]] QString text() const;
    /// current from 1; total 0 with a text says that nothing was found.
    void setCount(int current, int total);

Q_SIGNALS:
    void textChanged(const QString& text);
    void nextRequested();
    void previousRequested();
    void closed();

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    const Theme& m_theme;
    int m_current = 0;
    int m_total = 0;
    QLineEdit* m_field;
    QLabel* m_count;
    QToolButton* m_previous;
    QToolButton* m_next;
    QToolButton* m_close;
};

} // namespace hearth::ui
