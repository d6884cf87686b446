#pragma once

#include "tests/app/fake_engine.h"

#include <QByteArray>
#include <QString>
#include <QTemporaryDir>
#include <QWidget>

#include <memory>

namespace hearth {
class Services;
}

namespace hearth::ui {

class Composer;
class ConversationView;
class MainWindow;
class Theme;

/// The real window on real services, with a folder of its own and a scripted engine: for tests that act as a user does.
/// Thread: UI.
class WindowFixture {
public:
    WindowFixture();
    ~WindowFixture();

    /// Makes services and window, shows it and starts. `factory`: the scripted engine unless given.
    void start(EngineFactory factory = {});
    /// Closes the window and ends the services, as quitting does; what is on disk stays.
    void quit();
    /// Puts a file into the models folder that the library takes for a model, and loads it with the scripted engine.
    void loadFakeModel();

    /// Types into the composer and presses Enter.
    void ask(const QString& text);
    /// Asks and waits for the end of the answer. False: it did not come.
    [[nodiscard]] bool askAndWait(const QString& text);
    [[nodiscard]] bool waitUntilIdle();

    template <typename T>
    [[nodiscard]] T* find(const char* name) const {
        return windowWidget().findChild<T*>(QLatin1String(name));
    }
    [[nodiscard]] QWidget& windowWidget() const;
    [[nodiscard]] Composer& composer() const;
    [[nodiscard]] ConversationView& view() const;
    /// Texts of the messages that the view shows, in order.
    [[nodiscard]] QStringList shownTexts() const;
    [[nodiscard]] QString path(const QString& name) const { return folder.filePath(name); }
    /// Writes a file into the fixture's folder and returns its path.
    QString writeFile(const QString& name, const QByteArray& content) const;

    QTemporaryDir folder;
    FakeEngineScript script;
    std::unique_ptr<Theme> theme;
    std::unique_ptr<Services> services;
    std::unique_ptr<MainWindow> window;
};

} // namespace hearth::ui
