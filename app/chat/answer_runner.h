#pragma once

#include "app/chat/chat_state.h"
#include "app/chat/message.h"
#include "app/chat/prompt_input.h"
#include "app/storage/requests.h"
#include "engine/text/answer/answer_format.h"

#include <QElapsedTimer>
#include <QObject>

#include <map>

class QTimer;

namespace hearth {

class AnswerTraces;
class EngineService;
class SaveQueue;
struct GenerationJob;
struct GenerationOutcome;

/// Runs answers, of any conversation, from the question to the last save: asks the engine, gathers the text, and hands
/// what is there to the save queue twice a second. At most one answer a conversation. Thread: UI.
class AnswerRunner : public QObject {
    Q_OBJECT
public:
    AnswerRunner(EngineService& engine, SaveQueue& saves, AnswerTraces& traces, QObject* parent = nullptr);

    /// `answer` streams; its text is what is already there (when an answer is continued), its stats what that took.
    void start(const Message& answer, GenerationJob job);
    void stop(ConversationId conversation);
    [[nodiscard]] ChatState stateOf(ConversationId conversation) const;
    /// Null if none runs. Valid until the next call or signal.
    [[nodiscard]] const Message* answerOf(ConversationId conversation) const;
    /// Hands all running answers to the save queue as they are now.
    void saveAll();

Q_SIGNALS:
    void stateChanged(qint64 conversation);
    void promptAssembled(qint64 conversation, const hearth::PromptReport& report);
    void promptProgress(qint64 conversation, int doneTokens, int totalTokens);
    /// `usedTokens` of the context, with the prompt.
    void textAppended(qint64 conversation, qint64 message, const QString& delta, int usedTokens);
    void reasoningAppended(qint64 conversation, qint64 message, const QString& delta, int usedTokens);
    /// What the answer took so far.
    void progressed(qint64 conversation, qint64 message, const hearth::AnswerStats& stats);
    void finished(const hearth::Message& answer);

private:
    struct Answer {
        Message message;
        ChatState state = ChatState::Waiting;
        int promptTokens = 0;
        bool changed = false; ///< since it was saved
        QByteArray trace;     ///< recorded since it was saved
        AnswerStats before;   ///< of the part that is continued
        QElapsedTimer timer;  ///< since the first tokens came
        int firstTokens = 0;  ///< how many those were
    };
    using RequestId = quint64;

    void setState(RequestId request, ChatState state);
    void append(RequestId request, AnswerPart part, const QString& delta, int generatedTokens);
    static void measure(Answer& answer, AnswerPart part, int generatedTokens);
    void finish(RequestId request, const GenerationOutcome& outcome);
    /// What was recorded since the last call, to be saved.
    [[nodiscard]] static QList<TracePiece> takeTrace(Answer& answer);
    [[nodiscard]] std::map<RequestId, Answer>::const_iterator findByConversation(ConversationId conversation) const;

    EngineService& m_engine;
    SaveQueue& m_saves;
    AnswerTraces& m_traces;
    QTimer* m_saveTimer;
    std::map<RequestId, Answer> m_answers;
};

} // namespace hearth
