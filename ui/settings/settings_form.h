#pragma once

#include <QScrollArea>

class QVBoxLayout;

namespace hearth::ui {

class Theme;

/// One page of the settings: rows of a title, a sentence below it, and the control on the right (or below, for wide
/// ones). Thread: UI.
class SettingsForm : public QScrollArea {
    Q_OBJECT

public:
    SettingsForm(const Theme& theme, const QString& title, QWidget* parent);

    void addHeading(const QString& text);
    /// Takes the control over, and gives it its accessible name and description.
    void addRow(const QString& title, const QString& hint, QWidget* control);
    void addWideRow(const QString& title, const QString& hint, QWidget* control);
    /// Buttons that belong to the row above and name themselves.
    void addControls(QWidget* controls);
    void addText(const QString& text);
    /// Pushes what was added to the top.
    void finish();

protected:
    /// Turning the wheel over a field scrolls the page; it changes a value only where the user has clicked before.
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    QWidget* makeLabels(const QString& title, const QString& hint, QWidget* control);

    const Theme& m_theme;
    QVBoxLayout* m_column;
};

} // namespace hearth::ui
