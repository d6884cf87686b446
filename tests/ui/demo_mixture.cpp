// Makes pictures of the mixture pane in the real window, of a made-up answer: for the README and for looking at. Not a
// test.
//   demo_mixture OUTPUT_FOLDER [MODEL]
// With a model: of what that model answers.
#include "app/chat/chat_controller.h"
#include "app/services.h"
#include "app/settings/settings.h"
#include "tests/ui/believable_trace.h"
#include "tests/ui/window_fixture.h"
#include "ui/mixture/heat_map.h"
#include "ui/mixture/mixture_pane.h"
#include "ui/mixture/token_view.h"
#include "ui/shell/main_window.h"
#include "ui/shell/side_panes.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QDir>
#include <QSplitter>
#include <QtTest>

#include <algorithm>

namespace {

using namespace hearth;
using namespace hearth::ui;

constexpr QSize kSize(1280, 800);
constexpr int kWriteEverything = 100; ///< QPixmap::save's quality; of a PNG it is the effort of packing

void settle() {
    QTest::qWait(250);
}

void save(WindowFixture& fixture, const QDir& folder, const char* name) {
    settle();
    if (!fixture.window->grab().save(folder.filePath(QLatin1String(name)), "PNG", 100 - kWriteEverything)) {
        qWarning("%s cannot be written", name);
    }
}

void takePictures(WindowFixture& fixture, const QDir& folder, ThemeSetting theme, const char* suffix) {
    const auto name = [suffix](const char* what) {
        return (QByteArray("mixture") + what + suffix + QByteArray(".png")).toStdString();
    };
    fixture.services->settings().setTheme(theme);
    MixturePane& pane = fixture.find<SidePanes>("sidePanes")->mixturePane();
    save(fixture, folder, name("-whole").c_str());
    pane.cursor().togglePin(16);
    pane.cursor().togglePin(70);
    pane.cursor().setPlace(73);
    pane.tokens().setFocus();
    save(fixture, folder, name("-pins").c_str());
    pane.cursor().clearPins();
    const std::vector<std::string> answer = believableAnswer();
    const auto singing = std::find(answer.begin(), answer.end(), " singing");
    pane.cursor().setPlace(static_cast<int>(singing - answer.begin()));
    save(fixture, folder, name("-window").c_str());
    if (!fixture.find<SidePanes>("sidePanes")
             ->grab()
             .save(folder.filePath(QString::fromStdString(name(""))), "PNG", 100 - kWriteEverything)) {
        qWarning("the pane's picture cannot be written");
    }
    pane.cursor().setPlace(-1);
    if (!pane.cursor().load().layers.empty()) {
        const int last = static_cast<int>(pane.cursor().load().layers.size()) - 1;
        pane.cursor().setExpert({last / 2, pane.cursor().load().layers[static_cast<std::size_t>(last) / 2].busiest});
        pane.map().setFocus();
        save(fixture, folder, name("-expert").c_str());
    }
    pane.cursor().setExpert({});
    pane.cursor().select({15, 45});
    save(fixture, folder, name("-range").c_str());
    pane.cursor().clearSelection();
}

} // namespace

int main(int argc, char** argv) {
    // The same picture everywhere, whatever display there is.
    qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    if (argc < 2 || argc > 3) {
        qWarning("usage: demo_mixture OUTPUT_FOLDER [MODEL]");
        return 2;
    }
    const QDir folder(QString::fromLocal8Bit(argv[1]));
    WindowFixture fixture;
    fixture.script.answers = {believableAnswer()};
    fixture.script.traceShape = believableShape();
    fixture.script.trace = believableTrace;
    const bool isReal = argc == 3;
    fixture.start(isReal ? engineFactory() : EngineFactory());
    fixture.window->resize(kSize);
    fixture.services->settings().setMaxAnswerTokens(140);
    fixture.services->loadModel(isReal ? QString::fromLocal8Bit(argv[2]) : QStringLiteral("/models/Demo-16B-A3B.gguf"));
    if (!fixture.askAndWait(QStringLiteral("Why does a kettle sing before it boils?"))) {
        return 1;
    }
    QTest::keyClick(fixture.window.get(), Qt::Key_4, Qt::ControlModifier);
    fixture.find<QSplitter>("splitter")->setSizes({200, 480, 600});
    takePictures(fixture, folder, ThemeSetting::Light, "-light");
    takePictures(fixture, folder, ThemeSetting::Dark, "-dark");
    fixture.find<QSplitter>("splitter")->setSizes({200, 760, 320});
    save(fixture, folder, "mixture-narrow.png");
    fixture.services->settings().setFontScale(2.0);
    save(fixture, folder, "mixture-large.png");
    fixture.services->settings().setFontScale(1.0);
    fixture.services->settings().setLanguage(QStringLiteral("zh_CN"));
    save(fixture, folder, "mixture-chinese.png");
    return 0;
}
