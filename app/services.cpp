#include "app/services.h"

#include "app/chat/chat_controller.h"
#include "app/chat/conversation_list_model.h"
#include "app/chat/conversation_store.h"
#include "app/logging/log.h"
#include "app/media/image_loader.h"
#include "app/models/model_library.h"
#include "app/settings/settings.h"
#include "app/storage/storage_thread.h"

#include <QElapsedTimer>
#include <QFileInfo>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace hearth {

namespace {

// All threads are told to stop before any is waited for: this is for all of them together.
constexpr std::chrono::milliseconds kShutdownLimit{800};
// Of all files together with what models have read: some conversations of large models, or hundreds of small ones.
constexpr quint64 kKeptBytes = quint64{4} << 30;

} // namespace

/// In the order of their making; what comes later uses what comes before.
class Services::Private {
public:
    Private(const Paths& paths, EngineFactory factory)
        : m_paths(paths), m_log(paths.logs()), m_settings(paths.settingsFile()),
          m_storage(paths.database(), paths.databaseBackups(), paths.attachments()), m_engine(std::move(factory)),
          m_conversations(m_storage), m_list(m_conversations, m_storage),
          m_chat(m_storage, m_conversations, m_engine, m_settings),
          m_models(paths.models(), m_settings.modelFolders()) {}

    Paths m_paths;
    Log m_log;
    Settings m_settings;
    StorageThread m_storage;
    EngineService m_engine;
    ConversationStore m_conversations;
    ConversationListModel m_list;
    ChatController m_chat;
    ModelLibrary m_models;
    ImageLoader m_images;
    QElapsedTimer m_loadTimer;
    std::optional<bool> m_keepsConversations; ///< as the engine was told
};

Services::Services(const Paths& paths, EngineFactory factory, QObject* parent)
    : QObject(parent), m_private(std::make_unique<Private>(paths, std::move(factory))) {
    connect(&m_private->m_engine, &EngineService::modelLoaded, this,
            [this](const LoadedModel& model) { m_private->m_settings.setLastModel(model.filePath); });
    connect(&m_private->m_settings, &Settings::changed, this,
            [this] { m_private->m_models.setExtraFolders(m_private->m_settings.modelFolders()); });
    connect(&m_private->m_settings, &Settings::changed, this, &Services::keepConversations);
    connect(&m_private->m_conversations, &ConversationStore::loaded, this, [this] {
        m_private->m_engine.forgetAllConversationsBut(m_private->m_conversations.conversations().keys());
    });
    keepConversations();
    writeLog();
}

void Services::keepConversations() {
    const bool keeps = m_private->m_settings.keepsConversations();
    if (std::exchange(m_private->m_keepsConversations, keeps) != keeps)
        m_private->m_engine.keepConversations(m_private->m_paths.keptConversations(), keeps ? kKeptBytes : 0);
}

Services::~Services() = default;

void Services::writeLog() {
    Log& log = m_private->m_log;
    log.write(LogLevel::Info, "app.start");
    connect(&m_private->m_storage, &StorageThread::opened, this, [&log](const StorageInfo& info) {
        log.write(LogLevel::Info, "storage.opened",
                  {{"schema", info.schemaVersion}, {"upgradedFrom", info.upgradedFrom}});
    });
    connect(&m_private->m_storage, &StorageThread::openFailed, this, [&log](const Error& error) {
        log.write(LogLevel::Error, "storage.openFailed", {{"code", error.code}});
    });
    connect(&m_private->m_chat, &ChatController::storageTrouble, this, [&log](const ErrorText& error) {
        log.write(LogLevel::Error, "storage.trouble", {{"code", error.code}});
    });
    EngineService& engine = m_private->m_engine;
    connect(&engine, &EngineService::stateChanged, this, [this](EngineState state) {
        if (state == EngineState::Loading)
            m_private->m_loadTimer.start();
    });
    connect(&engine, &EngineService::modelLoaded, this, [this, &log](const LoadedModel& model) {
        log.write(LogLevel::Info, "engine.loaded",
                  {{"seconds", double(m_private->m_loadTimer.elapsed()) / 1000},
                   {"bytes", model.fileBytes},
                   {"parameters", model.parameterCount},
                   {"context", model.contextTokens}});
    });
    connect(&engine, &EngineService::loadFailed, this, [&log](const QString&, const Error& error) {
        log.write(LogLevel::Error, "engine.loadFailed", {{"code", error.code}});
    });
    connect(&engine, &EngineService::generationFinished, this, [&log](quint64, const GenerationOutcome& outcome) {
        const AnswerStats& stats = outcome.stats;
        if (outcome.error) {
            log.write(LogLevel::Error, "answer.failed", {{"code", outcome.error->code}});
            return;
        }
        log.write(LogLevel::Info, "answer.finished",
                  {{"promptTokens", stats.promptTokens},
                   {"reusedTokens", stats.reusedTokens},
                   {"tokens", stats.generatedTokens},
                   {"firstTokenSeconds", stats.firstTokenSeconds},
                   {"tokensPerSecond", stats.tokensPerSecond()}});
    });
}

const Paths& Services::paths() const {
    return m_private->m_paths;
}

Log& Services::log() {
    return m_private->m_log;
}

Settings& Services::settings() {
    return m_private->m_settings;
}

StorageThread& Services::storage() {
    return m_private->m_storage;
}

EngineService& Services::engine() {
    return m_private->m_engine;
}

ConversationStore& Services::conversations() {
    return m_private->m_conversations;
}

ConversationListModel& Services::conversationList() {
    return m_private->m_list;
}

ChatController& Services::chat() {
    return m_private->m_chat;
}

ModelLibrary& Services::models() {
    return m_private->m_models;
}

ImageLoader& Services::images() {
    return m_private->m_images;
}

void Services::start() {
    const QString last = m_private->m_settings.lastModel();
    if (QFileInfo(last).isFile()) {
        loadModel(last);
    } else {
        connect(
            &m_private->m_models, &ModelLibrary::refreshed, this,
            [this] {
                const ModelFile* model = m_private->m_models.suggested();
                if (model != nullptr && m_private->m_engine.state() == EngineState::Empty)
                    loadModel(model->path);
            },
            Qt::SingleShotConnection);
    }
    m_private->m_models.refresh();
    if (m_private->m_conversations.isLoaded())
        openLastConversation();
    else
        connect(&m_private->m_conversations, &ConversationStore::loaded, this, &Services::openLastConversation,
                Qt::SingleShotConnection);
}

void Services::openLastConversation() {
    const ConversationId id = m_private->m_settings.lastConversation();
    const bool untouched = m_private->m_chat.currentConversation() == kNoId
                           && m_private->m_chat.draft() == m_private->m_settings.newChatDraft();
    if (!untouched)
        return;
    if (m_private->m_conversations.find(id) != nullptr)
        m_private->m_chat.openConversation(id);
    else
        m_private->m_chat.newConversation();
}

void Services::loadModel(const QString& path) {
    const Settings& settings = m_private->m_settings;
    m_private->m_engine.load(path,
                             {settings.device(), settings.threads(), settings.contextTokens(), settings.cacheType()});
}

bool Services::shutdown() {
    QElapsedTimer timer;
    timer.start();
    const auto left = [&timer] {
        return std::max(kShutdownLimit - std::chrono::milliseconds(timer.elapsed()), std::chrono::milliseconds(0));
    };
    m_private->m_chat.saveNow();
    m_private->m_settings.save();
    m_private->m_log.write(LogLevel::Info, "app.stop");
    using namespace std::chrono_literals;
    // A wait of nothing tells a thread to stop; the real waits come when all have been told.
    (void)m_private->m_engine.shutdown(0ms);
    (void)m_private->m_models.shutdown(0ms);
    (void)m_private->m_images.shutdown(0ms);
    bool ended = m_private->m_storage.shutdown(left());
    ended = m_private->m_engine.shutdown(left()) && ended;
    ended = m_private->m_models.shutdown(left()) && ended;
    ended = m_private->m_images.shutdown(left()) && ended;
    return ended;
}

} // namespace hearth
