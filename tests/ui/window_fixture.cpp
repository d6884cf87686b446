#include "tests/ui/window_fixture.h"

#include "app/chat/chat_controller.h"
#include "app/chat/conversation_store.h"
#include "app/engine_service/engine_service.h"
#include "app/services.h"
#include "app/settings/paths.h"
#include "app/settings/settings.h"
#include "ui/composer/composer.h"
#include "ui/conversation/conversation_view.h"
#include "ui/shell/main_window.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QFile>
#include <QtTest>

namespace hearth::ui {

WindowFixture::WindowFixture() {
    loadResources();
    script.chatTemplate = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant: ";
}

WindowFixture::~WindowFixture() {
    script.release();
    if (services != nullptr) {
        quit();
    }
}

void WindowFixture::start(EngineFactory factory) {
    theme = std::make_unique<Theme>();
    services = std::make_unique<Services>(Paths::under(folder.path()), factory ? factory : script.factory());
    if (services->settings().language().isEmpty()) {
        services->settings().setLanguage(QStringLiteral("en")); // whatever the machine speaks
    }
    window = std::make_unique<MainWindow>(*theme, *services);
    theme->install();
    window->show();
    if (!QTest::qWaitForWindowActive(window.get())) {
        qWarning("the window was not shown");
    }
    services->start();
    // Nobody types before the list is there; a test would, and the last conversation would open over what it asked.
    if (!QTest::qWaitFor([this] { return services->conversations().isLoaded(); })) {
        qWarning("the conversations were not read");
    }
}

void WindowFixture::quit() {
    window->close();
    if (!services->shutdown()) {
        qFatal("the services did not end");
    }
    window.reset();
    services.reset();
    theme.reset();
}

void WindowFixture::loadFakeModel() {
    services->loadModel(QStringLiteral("/models/fake.gguf"));
    if (!QTest::qWaitFor([this] { return services->engine().state() == EngineState::Ready; })) {
        qWarning("the model was not loaded");
    }
}

void WindowFixture::ask(const QString& text) {
    composer().focusText();
    QTest::keyClicks(QApplication::focusWidget(), text);
    QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
}

bool WindowFixture::askAndWait(const QString& text) {
    ask(text);
    return services->chat().isBusy() && waitUntilIdle();
}

bool WindowFixture::waitUntilIdle() {
    return QTest::qWaitFor([this] { return !services->chat().isBusy(); }, 60'000);
}

QWidget& WindowFixture::windowWidget() const {
    return *window;
}

Composer& WindowFixture::composer() const {
    return *find<Composer>("composer");
}

ConversationView& WindowFixture::view() const {
    return *window->findChild<ConversationView*>();
}

QStringList WindowFixture::shownTexts() const {
    QStringList texts;
    for (int index = 0; index < view().messageCount(); ++index) {
        texts.append(view().messageAt(index).message.text);
    }
    return texts;
}

QString WindowFixture::writeFile(const QString& name, const QByteArray& content) const {
    QFile file(path(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size()) {
        qWarning("cannot write %s", qPrintable(name));
    }
    return file.fileName();
}

} // namespace hearth::ui
