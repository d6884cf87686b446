#include "app/services.h"
#include "app/settings/paths.h"
#include "ui/shell/main_window.h"
#include "ui/shell/quit_signals.h"
#include "ui/theme/icons.h"
#include "ui/theme/system_appearance.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QTimer>

#include <cstdlib>

namespace {

constexpr const char* kDesktopId = "io.github.hearth.Hearth";

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    // No organisation, so that the folders are called "hearth" and not "hearth/hearth".
    QCoreApplication::setApplicationName(QStringLiteral("hearth"));
    QCoreApplication::setApplicationVersion(QStringLiteral(HEARTH_VERSION));
    QGuiApplication::setApplicationDisplayName(QStringLiteral("Hearth"));
    QGuiApplication::setDesktopFileName(QLatin1String(kDesktopId));

    QCommandLineParser arguments;
    arguments.setApplicationDescription(QStringLiteral("A private assistant that never leaves your machine."));
    arguments.addHelpOption();
    arguments.addVersionOption();
    arguments.addPositionalArgument(QStringLiteral("files"), QStringLiteral("PDF, image, text or model files to open."),
                                    QStringLiteral("[files…]"));
    arguments.process(application);

    hearth::ui::loadResources();
    hearth::ui::Theme theme;
    hearth::Services services(hearth::Paths::standard(), hearth::engineFactory());
    hearth::ui::MainWindow window(theme, services);
    theme.install();
    hearth::ui::SystemAppearance appearance(theme);
    hearth::ui::QuitSignals quitSignals;
    QObject::connect(&quitSignals, &hearth::ui::QuitSignals::quitRequested, &window, [&] {
        window.close();
        QCoreApplication::quit();
    });
    window.show();
    // First the window is on the screen, then everything else begins.
    QTimer::singleShot(0, &window, [&] {
        appearance.start();
        services.start();
        for (const QString& file : arguments.positionalArguments()) {
            window.openPath(file);
        }
    });
    const int result = QApplication::exec();
    // Both, for services save what the window showed last.
    const bool windowEnded = window.shutdown();
    if (!services.shutdown() || !windowEnded) {
        // A driver or a library does not listen. Everything is saved, and waiting for it would keep the user waiting.
        std::_Exit(result);
    }
    return result;
}
