#pragma once

#include "app/chat/chat_controller.h"
#include "app/chat/conversation_list_model.h"
#include "app/chat/conversation_store.h"
#include "app/services.h"
#include "app/settings/settings.h"
#include "app/storage/storage_thread.h"
#include "tests/app/fake_engine.h"

#include <QStringList>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

namespace hearth {

/// The whole of app on a folder of its own, with a scripted engine. restart() ends it and begins again on the same
/// data.
class ChatFixture {
public:
    FakeEngineScript script;

    enum class Begin { AtOnce, Later };
    explicit ChatFixture(Begin begin = Begin::AtOnce) {
        if (begin == Begin::AtOnce)
            start();
    }
    ~ChatFixture() {
        script.release();
        m_services.reset();
    }

    void start() { m_services = std::make_unique<Services>(Paths::under(m_folder.path()), script.factory()); }
    /// As a user quits and starts again. False if quitting failed.
    bool restart() {
        const bool ended = m_services->shutdown();
        m_services.reset();
        start();
        return ended;
    }

    Services& services() { return *m_services; }
    ChatController& chat() { return m_services->chat(); }
    ConversationModel& model() { return m_services->chat().model(); }
    QString path(const QString& name) const { return name.isEmpty() ? m_folder.path() : m_folder.filePath(name); }

    bool load() {
        QSignalSpy loaded(&m_services->engine(), &EngineService::modelLoaded);
        m_services->loadModel(QStringLiteral("/models/fake.gguf"));
        return loaded.wait();
    }
    bool waitForStore() {
        return QTest::qWaitFor([this] { return m_services->conversations().isLoaded(); });
    }
    bool waitUntilIdle() {
        return QTest::qWaitFor([this] { return !chat().isBusy(); });
    }
    /// Asks and waits for the whole answer.
    bool ask(const QString& text) { return chat().send(text) && waitUntilIdle(); }
    bool open(ConversationId id) {
        QSignalSpy opened(&chat(), &ChatController::conversationOpened);
        chat().openConversation(id);
        return !opened.isEmpty() || opened.wait();
    }

    /// The visible branch as "user: …" and "assistant: …".
    QStringList lines() {
        QStringList lines;
        for (int row = 0; row < model().rowCount(); ++row) {
            const Message& message = model().messageAt(row);
            lines.append((message.role == MessageRole::User ? QStringLiteral("user: ") : QStringLiteral("assistant: "))
                         + message.text);
        }
        return lines;
    }
    const Message& last() { return model().messageAt(model().rowCount() - 1); }

private:
    QTemporaryDir m_folder;
    std::unique_ptr<Services> m_services;
};

} // namespace hearth
