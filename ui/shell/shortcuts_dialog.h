#pragma once

#include <QDialog>

namespace hearth::ui {

class Actions;
class Theme;

/// All keys on one page, by group. Deletes itself when closed. Thread: UI.
class ShortcutsDialog : public QDialog {
    Q_OBJECT

public:
    ShortcutsDialog(const Theme& theme, const Actions& actions, QWidget* parent);
};

/// Version, what the program is, its licence and those of the parts it is built from. Deletes itself when closed.
class AboutDialog : public QDialog {
    Q_OBJECT

public:
    AboutDialog(const Theme& theme, QWidget* parent);
};

} // namespace hearth::ui
