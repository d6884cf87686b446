#pragma once

#include <QDateTime>
#include <QJsonObject>
#include <QList>
#include <QString>

namespace hearth {

/// Names a conversation or a message. Made by nextId() where the thing is made, so that it can be shown and streamed
/// before its row is on disk. 0 is no id.
using ConversationId = qint64;
using MessageId = qint64;
inline constexpr qint64 kNoId = 0;

/// A new id: milliseconds of the clock in the high bits, then random ones; rises within a process. Thread: any.
[[nodiscard]] qint64 nextId();

enum class MessageRole : quint8 { System, User, Assistant };

/// Interrupted: the program ended while the answer was being written; what was saved stands.
enum class MessageState : quint8 { Streaming, Complete, Stopped, Failed, Interrupted };

/// What an answer took, and what it takes to run it again. All zero until the answer has ended.
struct AnswerStats {
    int promptTokens = 0;
    int reusedTokens = 0; ///< of promptTokens, found in the cache
    int generatedTokens = 0;
    double promptSeconds = 0;
    double firstTokenSeconds = 0;
    double decodeSeconds = 0;
    double reasoningSeconds = 0; ///< from the first token to the end of the reasoning; 0 if there is none
    QString stopReason;          ///< endOfAnswer, stopString, maxTokens, contextFull, cancelled, error
    QString modelName;
    QString modelFile;
    QString device;
    QJsonObject sampler;
    quint64 seed = 0;

    /// 0 if nothing was decoded.
    [[nodiscard]] double tokensPerSecond() const;
    friend bool operator==(const AnswerStats&, const AnswerStats&) = default;
};

/// Keys that this version does not know are left out; absent ones keep their default.
[[nodiscard]] QJsonObject toJson(const AnswerStats& stats);
[[nodiscard]] AnswerStats answerStatsFromJson(const QJsonObject& json);

/// A text file that goes with a question. The bytes lie in the attachments folder under their SHA-256.
struct Attachment {
    qint64 id = kNoId;
    QString fileName;  ///< as the user knows it, without folders
    QByteArray sha256; ///< 32 bytes
    qint64 sizeBytes = 0;
    QString text;         ///< content, decoded
    bool missing = false; ///< the file is no longer in the attachments folder; text is empty
    friend bool operator==(const Attachment&, const Attachment&) = default;
};

/// One node of a conversation's tree. Siblings (same parent) are versions of each other.
struct Message {
    MessageId id = kNoId;
    ConversationId conversation = kNoId;
    MessageId parent = kNoId; ///< kNoId: a first message
    MessageRole role = MessageRole::User;
    MessageState state = MessageState::Complete;
    QString text;
    QString reasoning; ///< of an answer: what the model thought before it wrote the text
    QString failure;   ///< state Failed: one sentence, as shown
    QDateTime created;
    AnswerStats stats;
    QList<Attachment> attachments;
    MessageId selectedChild = kNoId; ///< kNoId: the newest
    friend bool operator==(const Message&, const Message&) = default;
};

/// A conversation without its messages.
struct ConversationSummary {
    ConversationId id = kNoId;
    QString title; ///< empty until the first question
    QDateTime created;
    QDateTime updated;
    QString modelFile;    ///< of the last answer
    QString systemPrompt; ///< empty: the one of the settings
    QJsonObject settings; ///< keys that this version does not know are kept
    QString draft;
    bool pinned = false;
    MessageId selectedRoot = kNoId;
    friend bool operator==(const ConversationSummary&, const ConversationSummary&) = default;
};

/// A title from a first question: its first line of words without Markdown marks, at most 60 characters, cut at a word.
[[nodiscard]] QString titleFromQuestion(const QString& question);

} // namespace hearth
