// Makes the pictures of the README: the real window, the real engine, the starter model's own answers. Not a test.
//   make_screenshots OUTPUT_FOLDER
#include "app/chat/chat_controller.h"
#include "app/engine_service/engine_service.h"
#include "app/services.h"
#include "app/settings/paths.h"
#include "app/settings/settings.h"
#include "tests/ui/window_fixture.h"
#include "ui/composer/composer.h"
#include "ui/conversation/conversation_view.h"
#include "ui/shell/main_window.h"

#include <QApplication>
#include <QDir>
#include <QScrollBar>
#include <QtTest>

namespace {

constexpr QSize kSize(1280, 800);
constexpr int kWriteEverything = 100; ///< QPixmap::save's quality; of a PNG it is the effort of packing

/// One chat each, for the list; the last of them goes on with kLast, and the picture shows its end.
const QStringList kQuestions{
    QStringLiteral("Name three kinds of bread"),
    QStringLiteral("Why is the sky blue?"),
    QStringLiteral("Write a Python function that returns the square of a number."),
};
const QString kLast = QStringLiteral("What is the capital of France?");

bool save(hearth::ui::WindowFixture& fixture, hearth::ThemeSetting theme, const QString& path) {
    fixture.services->settings().setTheme(theme);
    fixture.view().verticalScrollBar()->setValue(fixture.view().verticalScrollBar()->maximum());
    QTest::qWait(200); // until posted palette changes, layouts and the caret have settled
    return fixture.window->grab().save(path, "PNG", 100 - kWriteEverything);
}

} // namespace

int main(int argc, char** argv) {
    // The same picture everywhere, whatever display there is.
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    if (argc != 2) {
        qWarning("usage: make_screenshots OUTPUT_FOLDER");
        return 2;
    }
    const QDir folder(QString::fromLocal8Bit(argv[1]));
    const QString model = hearth::Paths::standard().models() + QStringLiteral("/SmolLM2-135M-Instruct.Q4_1.gguf");
    hearth::ui::WindowFixture fixture;
    fixture.start(hearth::engineFactory());
    fixture.window->resize(kSize);
    hearth::SamplerSettings greedy;
    greedy.temperature = 0;
    fixture.services->settings().setSampler(greedy);
    fixture.services->settings().setMaxAnswerTokens(220);
    fixture.services->loadModel(model);
    const bool ready =
        QTest::qWaitFor([&] { return fixture.services->engine().state() == hearth::EngineState::Ready; }, 60'000);
    if (!ready) {
        qWarning("the starter model could not be loaded: %s", qPrintable(model));
        return 1;
    }
    for (const QString& question : kQuestions) {
        fixture.services->chat().newConversation();
        if (!fixture.askAndWait(question)) {
            return 1;
        }
    }
    if (!fixture.askAndWait(kLast)) {
        return 1;
    }
    const bool saved = save(fixture, hearth::ThemeSetting::Light, folder.filePath(QStringLiteral("chat-light.png")))
                       && save(fixture, hearth::ThemeSetting::Dark, folder.filePath(QStringLiteral("chat-dark.png")));
    return saved ? 0 : 1;
}
