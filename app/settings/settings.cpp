#include "app/settings/settings.h"

#include "app/settings/sampler_json.h"

#include <QJsonDocument>
#include <QSettings>
#include <QStringList>

#include <algorithm>
#include <array>
#include <cmath>

using namespace Qt::Literals::StringLiterals;

namespace hearth {

namespace {

constexpr auto kTheme = "appearance/theme"_L1;
constexpr auto kLanguage = "appearance/language"_L1;
constexpr auto kFontScale = "appearance/fontScale"_L1;
constexpr auto kEnterKey = "composer/enterKey"_L1;
constexpr auto kThreads = "engine/threads"_L1;
constexpr auto kContextTokens = "engine/contextTokens"_L1;
constexpr auto kDevice = "engine/device"_L1;
constexpr auto kCacheType = "engine/cacheType"_L1;
constexpr auto kKeepsConversations = "engine/keepConversations"_L1;
constexpr auto kSystemPrompt = "answers/systemPrompt"_L1;
constexpr auto kSampler = "answers/sampler"_L1;
constexpr auto kFixedSeed = "answers/fixedSeed"_L1;
constexpr auto kMaxAnswerTokens = "answers/maxTokens"_L1;
constexpr auto kRecordAnswers = "answers/record"_L1;
constexpr auto kGuessesAhead = "answers/guessAhead"_L1;
constexpr auto kLastModel = "models/last"_L1;
constexpr auto kModelFolders = "models/folders"_L1;
constexpr auto kLastConversation = "session/lastConversation"_L1;
constexpr auto kNewChatDraft = "session/newChatDraft"_L1;
constexpr auto kWindow = "window/"_L1;

constexpr std::array kThemeNames{"system"_L1, "light"_L1, "dark"_L1};
constexpr std::array kEnterKeyNames{"sends"_L1, "newLine"_L1};

constexpr std::array kCacheTypes{"f32"_L1, "q8_0"_L1, "q4_0"_L1};

constexpr int kMaxThreads = 1024;
constexpr int kMinContextTokens = 256;
constexpr int kMaxContextTokens = 16 * 1024 * 1024;
constexpr double kMinFontScale = 0.5;
constexpr double kMaxFontScale = 3;

template <std::size_t N>
int indexOf(const QString& name, const std::array<QLatin1StringView, N>& names) {
    const auto* found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? 0 : static_cast<int>(found - names.begin());
}

/// 0 where the stored value is none or out of range.
int contextInRange(int tokens) {
    return tokens >= kMinContextTokens && tokens <= kMaxContextTokens ? tokens : 0;
}

} // namespace

Settings::Settings(const QString& filePath, QObject* parent)
    : QObject(parent), m_settings(std::make_unique<QSettings>(filePath, QSettings::IniFormat)) {}

Settings::~Settings() = default;

bool Settings::store(QAnyStringView key, const QVariant& value) {
    const QString name = key.toString();
    // Everything read from a file is text.
    if (m_settings->contains(name) && m_settings->value(name).toString() == value.toString())
        return false;
    m_settings->setValue(name, value);
    return true;
}

ThemeSetting Settings::theme() const {
    return static_cast<ThemeSetting>(indexOf(m_settings->value(kTheme).toString(), kThemeNames));
}

void Settings::setTheme(ThemeSetting theme) {
    if (store(kTheme, QString(kThemeNames[static_cast<std::size_t>(theme)]))) {
        Q_EMIT themeChanged();
        Q_EMIT changed();
    }
}

QString Settings::language() const {
    return m_settings->value(kLanguage).toString();
}

void Settings::setLanguage(const QString& language) {
    if (store(kLanguage, language)) {
        Q_EMIT languageChanged();
        Q_EMIT changed();
    }
}

double Settings::fontScale() const {
    bool ok = false;
    const double scale = m_settings->value(kFontScale, 1.0).toDouble(&ok);
    return ok && scale >= kMinFontScale && scale <= kMaxFontScale ? scale : 1.0;
}

void Settings::setFontScale(double scale) {
    if (store(kFontScale, std::clamp(scale, kMinFontScale, kMaxFontScale))) {
        Q_EMIT fontScaleChanged();
        Q_EMIT changed();
    }
}

EnterKey Settings::enterKey() const {
    return static_cast<EnterKey>(indexOf(m_settings->value(kEnterKey).toString(), kEnterKeyNames));
}

void Settings::setEnterKey(EnterKey key) {
    if (store(kEnterKey, QString(kEnterKeyNames[static_cast<std::size_t>(key)])))
        Q_EMIT changed();
}

int Settings::threads() const {
    const int threads = m_settings->value(kThreads).toInt();
    return threads > 0 && threads <= kMaxThreads ? threads : 0;
}

void Settings::setThreads(int threads) {
    if (store(kThreads, std::clamp(threads, 0, kMaxThreads))) {
        Q_EMIT engineSettingsChanged();
        Q_EMIT changed();
    }
}

int Settings::contextTokens() const {
    return contextInRange(m_settings->value(kContextTokens).toInt());
}

void Settings::setContextTokens(int tokens) {
    if (store(kContextTokens, contextInRange(tokens))) {
        Q_EMIT engineSettingsChanged();
        Q_EMIT changed();
    }
}

QString Settings::device() const {
    return m_settings->value(kDevice).toString();
}

void Settings::setDevice(const QString& device) {
    if (store(kDevice, device)) {
        Q_EMIT engineSettingsChanged();
        Q_EMIT changed();
    }
}

QString Settings::cacheType() const {
    const QString type = m_settings->value(kCacheType).toString();
    return std::find(kCacheTypes.begin(), kCacheTypes.end(), type) == kCacheTypes.end() ? QString() : type;
}

void Settings::setCacheType(const QString& type) {
    if (store(kCacheType, type)) {
        Q_EMIT engineSettingsChanged();
        Q_EMIT changed();
    }
}

bool Settings::keepsConversations() const {
    return m_settings->value(kKeepsConversations, true).toBool();
}

void Settings::setKeepsConversations(bool keeps) {
    if (store(kKeepsConversations, keeps))
        Q_EMIT changed();
}

QString Settings::systemPrompt() const {
    return m_settings->value(kSystemPrompt).toString();
}

void Settings::setSystemPrompt(const QString& text) {
    if (store(kSystemPrompt, text))
        Q_EMIT changed();
}

SamplerSettings Settings::defaultSampler() {
    SamplerSettings sampler;
    sampler.temperature = 0.6F;
    sampler.topK = 40;
    sampler.topP = 0.9F;
    sampler.minP = 0.05F;
    return sampler;
}

SamplerSettings Settings::sampler() const {
    const QByteArray json = m_settings->value(kSampler).toString().toUtf8();
    SamplerSettings sampler = samplerFromJson(QJsonDocument::fromJson(json).object(), defaultSampler());
    sampler.seed = fixedSeed().value_or(0);
    return sampler;
}

void Settings::setSampler(const SamplerSettings& sampler) {
    const QByteArray json = QJsonDocument(toJson(sampler)).toJson(QJsonDocument::Compact);
    if (store(kSampler, QString::fromUtf8(json))) {
        Q_EMIT samplerChanged();
        Q_EMIT changed();
    }
}

std::optional<quint64> Settings::fixedSeed() const {
    bool ok = false;
    const quint64 seed = m_settings->value(kFixedSeed).toString().toULongLong(&ok);
    return ok ? std::optional(seed) : std::nullopt;
}

void Settings::setFixedSeed(std::optional<quint64> seed) {
    if (store(kFixedSeed, seed ? QString::number(*seed) : QString())) {
        Q_EMIT samplerChanged();
        Q_EMIT changed();
    }
}

int Settings::maxAnswerTokens() const {
    const int tokens = m_settings->value(kMaxAnswerTokens, -1).toInt();
    return tokens > 0 ? tokens : -1;
}

void Settings::setMaxAnswerTokens(int tokens) {
    if (store(kMaxAnswerTokens, tokens > 0 ? tokens : -1))
        Q_EMIT changed();
}

bool Settings::recordAnswers() const {
    return m_settings->value(kRecordAnswers, true).toString() != "false"_L1;
}

void Settings::setRecordAnswers(bool record) {
    if (store(kRecordAnswers, record))
        Q_EMIT changed();
}

bool Settings::guessesAhead() const {
    return m_settings->value(kGuessesAhead, true).toString() != "false"_L1;
}

void Settings::setGuessesAhead(bool guesses) {
    if (store(kGuessesAhead, guesses))
        Q_EMIT changed();
}

QString Settings::lastModel() const {
    return m_settings->value(kLastModel).toString();
}

void Settings::setLastModel(const QString& path) {
    if (store(kLastModel, path))
        Q_EMIT changed();
}

QStringList Settings::modelFolders() const {
    return m_settings->value(kModelFolders).toStringList();
}

void Settings::setModelFolders(const QStringList& folders) {
    if (modelFolders() == folders)
        return;
    m_settings->setValue(kModelFolders, folders);
    Q_EMIT changed();
}

qint64 Settings::lastConversation() const {
    return m_settings->value(kLastConversation).toLongLong();
}

void Settings::setLastConversation(qint64 id) {
    store(kLastConversation, id);
}

QString Settings::newChatDraft() const {
    return m_settings->value(kNewChatDraft).toString();
}

void Settings::setNewChatDraft(const QString& text) {
    store(kNewChatDraft, text);
}

QByteArray Settings::windowState(const QString& name) const {
    return m_settings->value(kWindow + name).toByteArray();
}

void Settings::setWindowState(const QString& name, const QByteArray& state) {
    m_settings->setValue(kWindow + name, state);
}

bool Settings::save() {
    m_settings->sync();
    return m_settings->status() == QSettings::NoError;
}

} // namespace hearth
