#pragma once

#include "app/engine_service/engine_service.h"
#include "app/settings/paths.h"

#include <QObject>

#include <memory>

namespace hearth {

class ChatController;
class ConversationListModel;
class ConversationStore;
class ImageLoader;
class Log;
class ModelLibrary;
class Settings;
class StorageThread;

/// Everything of app, made in the right order: the composition root of the window and of its tests. Thread: UI.
class Services : public QObject {
    Q_OBJECT
public:
    /// The program passes engineFactory(), tests a scripted engine.
    Services(const Paths& paths, EngineFactory factory, QObject* parent = nullptr);
    ~Services() override;

    [[nodiscard]] const Paths& paths() const;
    [[nodiscard]] Log& log();
    [[nodiscard]] Settings& settings();
    [[nodiscard]] StorageThread& storage();
    [[nodiscard]] EngineService& engine();
    [[nodiscard]] ConversationStore& conversations();
    [[nodiscard]] ConversationListModel& conversationList();
    [[nodiscard]] ChatController& chat();
    [[nodiscard]] ModelLibrary& models();
    [[nodiscard]] ImageLoader& images();

    /// Lists the models and loads the last used one, or the starter model; opens the last conversation, or a new one
    /// with what was typed into it.
    void start();
    /// Loads a model with the settings' thread count, context and device, and remembers it.
    void loadModel(const QString& path);
    /// Saves, stops everything and waits, together less than a second. False: a thread hangs in foreign code; the
    /// caller may only end the process (everything is saved).
    [[nodiscard]] bool shutdown();

private:
    class Private;

    void writeLog();
    /// Tells the engine whether the settings want conversations kept.
    void keepConversations();
    void openLastConversation();

    std::unique_ptr<Private> m_private;
};

} // namespace hearth
