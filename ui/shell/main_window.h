#pragma once

#include "ui/settings/language.h"
#include "ui/shell/actions.h"

#include <QWidget>

class QSplitter;

namespace hearth {
class Services;
}

namespace hearth::ui {

class ChatPane;
class CommandPalette;
class FileRouter;
class MixturePresenter;
class ModelChooser;
class SideBar;
class SidePanes;
class Theme;
class Toast;

/// The window: side bar, chat, opened files. Joins the parts to each other and to the services; remembers its size and
/// division. Thread: UI.
class MainWindow : public QWidget {
    Q_OBJECT

public:
    /// theme and services outlive the window. Nothing is loaded here: the caller shows the window, then calls
    /// Services::start().
    MainWindow(Theme& theme, Services& services);
    ~MainWindow() override;

    [[nodiscard]] Actions& actions() { return m_actions; }
    /// A file named on the command line or handed over by another start of the program.
    void openPath(const QString& path);
    /// Ends what the window has started. False: something does not listen, and the caller may only end the process.
    [[nodiscard]] bool shutdown();

protected:
    void closeEvent(QCloseEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void build();
    void restoreState();
    void saveState();
    void connectSettings();
    void connectSideBar();
    void connectChatActions();
    void connectViewActions();
    void connectFileActions();
    void connectMixture();
    /// The newest answer for 0.
    void showMixture(qint64 answer);
    /// As the user wants it; remembered, unless the window is too narrow for it.
    void setSideBarShown(bool shown);
    void showSideBar(bool shown);
    void divideForPanes();
    void openPalette();
    void openModelChooser();
    void deleteConversation(qint64 id);
    void zoom(int direction);
    void stepPane(int direction);
    void find();

    Theme& m_theme;
    Services& m_services;
    Language m_language;
    Actions m_actions;
    bool m_sideBarWanted = true;
    bool m_narrow = false;
    QSplitter* m_splitter;
    SideBar* m_sideBar;
    ChatPane* m_chat;
    SidePanes* m_panes;
    FileRouter* m_files;
    MixturePresenter* m_mixture;
    CommandPalette* m_palette;
    ModelChooser* m_modelChooser;
    Toast* m_toast;
};

} // namespace hearth::ui
