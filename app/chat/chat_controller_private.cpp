#include "app/chat/chat_controller_p.h"

#include "app/storage/storage_thread.h"
#include "app/trace/answer_traces.h"

#include <QRandomGenerator>
#include <QTimer>

#include <utility>

namespace hearth {

namespace {

// A pause in typing: then the draft is saved and counted.
constexpr int kDraftRestMs = 400;

} // namespace

ChatController::Private::Private(ChatController& controller, StorageThread& storage, ConversationStore& store,
                                 EngineService& engine, Settings& settings)
    : q(controller), m_storage(storage), m_store(store), m_engine(engine), m_settings(settings),
      m_model(new ConversationModel(&controller)), m_saves(new SaveQueue(storage, store, &controller)),
      m_traces(new AnswerTraces(storage, &controller)),
      m_runner(new AnswerRunner(engine, *m_saves, *m_traces, &controller)), m_draftTimer(new QTimer(&controller)) {
    m_draftTimer->setSingleShot(true);
    m_draftTimer->setInterval(kDraftRestMs);
    m_draft = settings.newChatDraft();
}

void ChatController::Private::connectAll() {
    connect(m_draftTimer, &QTimer::timeout, &q, [this] {
        saveDraft();
        measure();
    });
    connect(m_saves, &SaveQueue::failed, &q,
            [this](const Error& error) { Q_EMIT q.storageTrouble(presentError(error, Activity::Saving)); });
    connect(m_saves, &SaveQueue::recovered, &q, &ChatController::storageRecovered);
    connect(&m_store, &ConversationStore::conversationRemoved, &q, [this](qint64 id) {
        m_runner->stop(id);
        m_engine.forgetConversation(id);
        if (id == m_current)
            showNothing();
    });
    connect(&m_engine, &EngineService::stateChanged, &q, [this] { measure(); });
    connect(
        &m_engine, &EngineService::measured, &q, [this](quint64 request, const PromptReport& report, int draftTokens) {
            if (request != m_measureRequest || q.isBusy())
                return;
            setUse({report.promptTokens, draftTokens, report.contextTokens, static_cast<int>(report.dropped.size())});
            m_model->setOutOfContext(QSet<MessageId>(report.dropped.begin(), report.dropped.end()));
        });
    connect(m_runner, &AnswerRunner::stateChanged, &q, [this](qint64 conversation) {
        if (conversation == m_current)
            Q_EMIT q.stateChanged(q.state());
    });
    connect(m_runner, &AnswerRunner::promptProgress, &q, [this](qint64 conversation, int done, int total) {
        if (conversation == m_current)
            Q_EMIT q.promptProgress(done, total);
    });
    connect(m_runner, &AnswerRunner::promptAssembled, &q,
            [this](qint64 conversation, const PromptReport& report) { contextAssembled(conversation, report); });
    const auto append = [this](auto signal, void (ConversationModel::*add)(MessageId, const QString&)) {
        connect(m_runner, signal, &q,
                [this, add](qint64 conversation, qint64 message, const QString& delta, int usedTokens) {
                    if (conversation != m_current)
                        return;
                    (m_model->*add)(message, delta);
                    ContextUse use = m_use;
                    use.usedTokens = usedTokens;
                    setUse(use);
                });
    };
    append(&AnswerRunner::textAppended, &ConversationModel::appendText);
    append(&AnswerRunner::reasoningAppended, &ConversationModel::appendReasoning);
    connect(m_runner, &AnswerRunner::progressed, &q,
            [this](qint64 conversation, qint64 message, const AnswerStats& stats) {
                if (conversation == m_current)
                    m_model->setProgress(message, stats);
            });
    connect(m_runner, &AnswerRunner::finished, &q, [this](const Message& answer) { answerEnded(answer); });
}

void ChatController::Private::contextAssembled(ConversationId conversation, const PromptReport& report) {
    if (conversation != m_current)
        return;
    const int dropped = static_cast<int>(report.dropped.size());
    setUse({report.promptTokens, 0, report.contextTokens, dropped});
    m_model->setOutOfContext(QSet<MessageId>(report.dropped.begin(), report.dropped.end()));
    if (dropped > 0)
        Q_EMIT q.contextTrimmed(dropped);
}

void ChatController::Private::answerEnded(const Message& answer) {
    if (answer.conversation != m_current)
        return;
    m_model->update(answer);
    measure();
}

void ChatController::Private::show(ConversationId id, MessageTree tree) {
    // Disk may lag behind: what runs and what could not be written is newer.
    QList<Message> newer = m_saves->unsaved(id);
    if (const Message* running = m_runner->answerOf(id))
        newer.append(*running);
    if (id != m_current)
        m_engine.saveConversation();
    m_current = id;
    m_draft = id == kNoId ? m_settings.newChatDraft() : summary().draft;
    for (Message& message : newer) {
        if (const Message* old = tree.find(message.id))
            message.selectedChild = old->selectedChild;
        // A parent that the database refused would leave its answer without a place.
        if (message.parent == kNoId || tree.find(message.parent) != nullptr)
            tree.insert(message);
    }
    m_model->reset(id, std::move(tree));
    m_settings.setLastConversation(id);
    Q_EMIT q.conversationOpened(id);
    Q_EMIT q.draftReplaced(m_draft);
    Q_EMIT q.attachmentsChanged();
    Q_EMIT q.stateChanged(q.state());
    measure();
}

void ChatController::Private::showNothing() {
    m_opening = kNoId;
    m_newSystemPrompt.clear();
    m_attachments.remove(kNoId);
    show(kNoId, {});
}

void ChatController::Private::saveDraft() {
    m_draftTimer->stop();
    if (m_current == kNoId)
        m_settings.setNewChatDraft(m_draft);
    const ConversationSummary* conversation = m_store.find(m_current);
    if (conversation == nullptr || conversation->draft == m_draft)
        return;
    ConversationSummary changed = *conversation;
    changed.draft = m_draft;
    m_store.put(changed, ConversationStore::Save::Yes);
}

ConversationSummary ChatController::Private::summary() const {
    const ConversationSummary* conversation = m_store.find(m_current);
    return conversation == nullptr ? ConversationSummary() : *conversation;
}

PromptInput ChatController::Private::promptFor(MessageId question) const {
    PromptInput prompt;
    prompt.systemPrompt = q.systemPrompt().isEmpty() ? m_settings.systemPrompt() : q.systemPrompt();
    for (const MessageId id : m_model->tree().pathTo(question)) {
        const Message& message = *m_model->tree().find(id);
        prompt.messages.append({id, message.role, withAttachments(message), message.reasoning});
    }
    return prompt;
}

bool ChatController::Private::canAsk() {
    if (q.isBusy())
        return false;
    if (m_engine.state() != EngineState::Empty)
        return true;
    Q_EMIT q.failed(presentError(Error{ErrorCode::NotFound, "no model is loaded"}, Activity::Answering));
    return false;
}

void ChatController::Private::ask(Message question) {
    ConversationSummary conversation = summary();
    const bool isNew = conversation.id == kNoId;
    if (isNew) {
        conversation.id = nextId();
        conversation.created = question.created;
        conversation.systemPrompt = std::exchange(m_newSystemPrompt, {});
    }
    if (conversation.title.isEmpty()) {
        conversation.title = titleFromQuestion(question.text);
        if (conversation.title.isEmpty() && !question.attachments.isEmpty())
            conversation.title = question.attachments.first().fileName;
    }
    question.conversation = conversation.id;
    Message answer;
    answer.id = nextId();
    answer.conversation = conversation.id;
    answer.parent = question.id;
    answer.role = MessageRole::Assistant;
    answer.state = MessageState::Streaming;
    answer.created = question.created;
    if (isNew) {
        m_current = conversation.id;
        m_model->reset(m_current, {});
        m_settings.setLastConversation(m_current);
    }
    m_model->addMessage(question);
    begin(conversation, {question, answer}, answer);
    if (isNew)
        Q_EMIT q.conversationOpened(m_current);
}

void ChatController::Private::answerQuestion(MessageId question) {
    const ConversationSummary conversation = summary();
    Message answer;
    answer.id = nextId();
    answer.conversation = conversation.id;
    answer.parent = question;
    answer.role = MessageRole::Assistant;
    answer.state = MessageState::Streaming;
    answer.created = QDateTime::currentDateTime();
    begin(conversation, {answer}, answer);
}

void ChatController::Private::begin(const ConversationSummary& conversation, const QList<Message>& toSave,
                                    const Message& answer) {
    ConversationSummary changed = conversation;
    changed.updated = answer.created;
    changed.modelFile = m_engine.modelPath();
    changed.draft = m_draft;
    m_store.put(changed, ConversationStore::Save::No);
    m_saves->save({changed.id}, toSave);
    // Over a choice of another version that may still wait to be written.
    for (const Message& message : toSave)
        m_saves->select({message.conversation, message.parent, message.id});
    m_model->addMessage(answer);
    run(answer, answer.parent);
}

/// The answer's text and reasoning, if it has any yet, are gone on with.
void ChatController::Private::run(const Message& answer, MessageId question) {
    PromptInput prompt = promptFor(question);
    prompt.continuation = answer.text;
    prompt.reasoning = answer.reasoning;
    SamplerSettings sampler = m_settings.sampler();
    const auto fixed = m_settings.fixedSeed();
    // With a fixed seed the first version of an answer can be had again, and further versions still differ.
    const auto version = static_cast<quint64>(m_model->versionIndex(answer.id));
    sampler.seed = fixed ? *fixed + version : QRandomGenerator::global()->generate64();
    const Recording recording = m_settings.recordAnswers() ? Recording::On : Recording::Off;
    const GuessSource guesses = m_settings.guessesAhead() ? GuessSource::PromptLookup : GuessSource::None;
    m_runner->start(answer, {prompt, sampler, m_settings.maxAnswerTokens(), recording, answer.conversation, guesses});
}

void ChatController::Private::attached(ConversationId conversation, const Result<Attachment>& result) {
    if (!result.ok()) {
        Q_EMIT q.failed(presentError(result.error(), Activity::AttachingFile));
        return;
    }
    m_attachments[conversation].append(*result);
    if (conversation != m_current)
        return;
    Q_EMIT q.attachmentsChanged();
    measure();
}

void ChatController::Private::measure() {
    if (q.isBusy())
        return;
    if (m_engine.state() != EngineState::Ready) {
        setUse({});
        return;
    }
    const int last = m_model->rowCount() - 1;
    Message draft;
    draft.text = m_draft;
    draft.attachments = q.pendingAttachments();
    m_measureRequest =
        m_engine.measure(promptFor(last < 0 ? kNoId : m_model->messageAt(last).id), withAttachments(draft));
}

void ChatController::Private::setUse(const ContextUse& use) {
    if (std::exchange(m_use, use) != use)
        Q_EMIT q.contextMeterChanged(use);
}

} // namespace hearth
