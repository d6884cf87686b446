#pragma once

#include "engine/run/sampler.h"

#include <QByteArray>
#include <QObject>
#include <QString>
#include <QStringList>
#include <QVariant>

#include <memory>
#include <optional>

class QSettings;

namespace hearth {

enum class ThemeSetting : quint8 { System, Light, Dark };
/// What Enter does in the composer; Shift+Enter does the other.
enum class EnterKey : quint8 { Sends, NewLine };

/// The user's settings, typed, in one INI file. A value out of range or of the wrong kind reads as its default; keys
/// that this version does not know are kept. Thread: UI.
class Settings : public QObject {
    Q_OBJECT
public:
    explicit Settings(const QString& filePath, QObject* parent = nullptr);
    ~Settings() override;

    [[nodiscard]] ThemeSetting theme() const;
    void setTheme(ThemeSetting theme);
    /// A BCP 47 name ("de"); empty: the system's.
    [[nodiscard]] QString language() const;
    void setLanguage(const QString& language);
    /// 0.5 to 3.
    [[nodiscard]] double fontScale() const;
    void setFontScale(double scale);
    [[nodiscard]] EnterKey enterKey() const;
    void setEnterKey(EnterKey key);

    /// 0: by itself.
    [[nodiscard]] int threads() const;
    void setThreads(int threads);
    /// 0: by itself; else 256 to 16 Mi.
    [[nodiscard]] int contextTokens() const;
    void setContextTokens(int tokens);
    /// Empty: by itself.
    [[nodiscard]] QString device() const;
    void setDevice(const QString& device);

    /// "f32", "q8_0", "q4_0": how the context is stored; empty: f16.
    [[nodiscard]] QString cacheType() const;
    void setCacheType(const QString& type);
    /// Whether what models have read of conversations is kept on disk.
    [[nodiscard]] bool keepsConversations() const;
    void setKeepsConversations(bool keeps);

    [[nodiscard]] QString systemPrompt() const;
    void setSystemPrompt(const QString& text);
    /// The seed in it is the one of fixedSeed(), or 0.
    /// What answers are drawn with until the user says otherwise: the tail of the distribution is cut off, without
    /// which small models soon leave their subject.
    [[nodiscard]] static SamplerSettings defaultSampler();
    [[nodiscard]] SamplerSettings sampler() const;
    void setSampler(const SamplerSettings& sampler);
    /// Nothing: a new seed for each answer.
    [[nodiscard]] std::optional<quint64> fixedSeed() const;
    void setFixedSeed(std::optional<quint64> seed);
    /// -1: until the context is full.
    [[nodiscard]] int maxAnswerTokens() const;
    void setMaxAnswerTokens(int tokens);

    /// Whether it is recorded how answers come about (AnswerTraces); on unless the user says otherwise.
    [[nodiscard]] bool recordAnswers() const;
    void setRecordAnswers(bool record);

    /// Whether coming tokens are guessed from the text (GuessSource::PromptLookup), which answers are the same with; on
    /// unless the user says otherwise.
    [[nodiscard]] bool guessesAhead() const;
    void setGuessesAhead(bool guesses);

    /// Path of the model that was loaded last; loaded again at the next start.
    [[nodiscard]] QString lastModel() const;
    void setLastModel(const QString& path);
    /// Folders besides the standard one in which models are looked for.
    [[nodiscard]] QStringList modelFolders() const;
    void setModelFolders(const QStringList& folders);
    [[nodiscard]] qint64 lastConversation() const;
    void setLastConversation(qint64 id);
    /// What was typed into a chat that has no question yet. No changed() is sent.
    [[nodiscard]] QString newChatDraft() const;
    void setNewChatDraft(const QString& text);

    /// Geometry, splitters and the like, by a name the window chooses. Empty if there is none. No changed() is sent.
    [[nodiscard]] QByteArray windowState(const QString& name) const;
    void setWindowState(const QString& name, const QByteArray& state);

    /// Writes to disk now; false if that fails (a full or read-only disk).
    bool save();

Q_SIGNALS:
    void themeChanged();
    void languageChanged();
    void fontScaleChanged();
    void samplerChanged();
    void engineSettingsChanged(); ///< threads, context, device, cache type: take effect with the next load
    void changed();               ///< any of these and all the others

private:
    /// False if the value was the same.
    bool store(QAnyStringView key, const QVariant& value);

    std::unique_ptr<QSettings> m_settings;
};

} // namespace hearth
