#pragma once

#include "ui/shell/popup_panel.h"

#include <QIcon>
#include <QList>

#include <functional>

class QLineEdit;
class QListWidget;

namespace hearth::ui {

class Theme;

/// One thing the palette can do.
struct PaletteEntry {
    QString title;
    QString detail; ///< on the right: a key, a date
    QIcon icon;
    std::function<void()> run;
};

/// The entries that contain every word of `query`, ignoring case, best first: titles that begin with it, then titles in
/// which a word begins with its first word, then the rest in their order. Indices into `titles`. Thread: any.
[[nodiscard]] QList<int> matchingEntries(const QStringList& titles, const QString& query);

/// A field and a list over the window: type a part of a chat's title or of a command, Enter runs it. Closes by itself
/// when something is run, on Esc and on a click beside it. Thread: UI.
class CommandPalette : public PopupPanel {
    Q_OBJECT

public:
    CommandPalette(const Theme& theme, QWidget& window);

    /// Shows it with these entries and an empty field.
    void openWith(const QList<PaletteEntry>& entries);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void filter();
    void runCurrent();
    void retranslate();

    QList<PaletteEntry> m_entries;
    QStringList m_titles;
    QLineEdit* m_field;
    QListWidget* m_list;
};

} // namespace hearth::ui
