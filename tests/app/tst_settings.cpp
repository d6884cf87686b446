#include "app/settings/paths.h"
#include "app/settings/sampler_json.h"
#include "app/settings/settings.h"

#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>

namespace hearth {

using namespace Qt::Literals::StringLiterals;

class TestSettings : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_file = m_folder->filePath(u"hearth/hearth.ini"_s);
    }
    void cleanup() {
        for (const char* variable : {"XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"})
            qunsetenv(variable);
        QStandardPaths::setTestModeEnabled(false);
    }

    void everythingSurvivesARestart() {
        SamplerSettings sampler;
        sampler.temperature = 0.3F;
        sampler.topK = 40;
        sampler.dryBreakers = {"\n", "ä,;="};
        {
            Settings settings(m_file);
            settings.setTheme(ThemeSetting::Dark);
            settings.setLanguage(u"de"_s);
            settings.setFontScale(1.25);
            settings.setEnterKey(EnterKey::NewLine);
            settings.setThreads(6);
            settings.setContextTokens(4096);
            settings.setDevice(u"reference"_s);
            settings.setCacheType(u"q8_0"_s);
            settings.setKeepsConversations(false);
            settings.setSystemPrompt(u"Be kind,\n\"very\" kind; ü = ue"_s);
            settings.setSampler(sampler);
            settings.setFixedSeed(18446744073709551615ULL);
            settings.setMaxAnswerTokens(100);
            settings.setGuessesAhead(false);
            settings.setLastModel(u"/models/ä b.gguf"_s);
            settings.setModelFolders({u"/a,b"_s, u"/c"_s});
            settings.setLastConversation(912290726966799858);
            settings.setWindowState(u"main"_s, QByteArray("\0\1\xff", 3));
            QVERIFY(settings.save());
        }
        const Settings settings(m_file);
        QCOMPARE(settings.theme(), ThemeSetting::Dark);
        QCOMPARE(settings.language(), u"de"_s);
        QCOMPARE(settings.fontScale(), 1.25);
        QCOMPARE(settings.enterKey(), EnterKey::NewLine);
        QCOMPARE(settings.threads(), 6);
        QCOMPARE(settings.contextTokens(), 4096);
        QCOMPARE(settings.device(), u"reference"_s);
        QCOMPARE(settings.cacheType(), u"q8_0"_s);
        QVERIFY(!settings.keepsConversations());
        QCOMPARE(settings.systemPrompt(), u"Be kind,\n\"very\" kind; ü = ue"_s);
        sampler.seed = 18446744073709551615ULL;
        QVERIFY(settings.sampler() == sampler);
        QCOMPARE(settings.maxAnswerTokens(), 100);
        QVERIFY(!settings.guessesAhead());
        QCOMPARE(settings.lastModel(), u"/models/ä b.gguf"_s);
        QCOMPARE(settings.modelFolders(), QStringList({u"/a,b"_s, u"/c"_s}));
        QCOMPARE(settings.lastConversation(), 912290726966799858);
        QCOMPARE(settings.windowState(u"main"_s), QByteArray("\0\1\xff", 3));
    }

    void nonsenseReadsAsDefaults() {
        write("[appearance]\ntheme=purple\nfontScale=lots\n[engine]\nthreads=-4\ncontextTokens=3\ncacheType=q9\n"
              "[answers]\nsampler=\"{\\\"temperature\\\": \\\"hot\\\", \\\"topK\\\": -5, \\\"topP\\\": 7}\"\n"
              "fixedSeed=abc\nmaxTokens=many\n[session]\nlastConversation=x\n");
        const Settings settings(m_file);
        QCOMPARE(settings.theme(), ThemeSetting::System);
        QCOMPARE(settings.fontScale(), 1.0);
        QCOMPARE(settings.threads(), 0);
        QCOMPARE(settings.contextTokens(), 0);
        QVERIFY(settings.cacheType().isEmpty());
        QVERIFY(settings.keepsConversations());
        QVERIFY(settings.sampler() == Settings::defaultSampler());
        QVERIFY(!settings.fixedSeed());
        QCOMPARE(settings.maxAnswerTokens(), -1);
        QCOMPARE(settings.lastConversation(), 0);
        QVERIFY(settings.guessesAhead());
    }

    void unknownKeysAreKept() {
        write("[future]\nthing=5\n");
        {
            Settings settings(m_file);
            settings.setThreads(2);
        }
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QByteArray content = file.readAll();
        QVERIFY2(content.contains("thing=5"), content.constData());
        QVERIFY(content.contains("threads=2"));
    }

    void changesAreToldOnce() {
        Settings settings(m_file);
        QSignalSpy theme(&settings, &Settings::themeChanged);
        QSignalSpy any(&settings, &Settings::changed);
        settings.setTheme(ThemeSetting::Light);
        settings.setTheme(ThemeSetting::Light);
        QCOMPARE(theme.size(), 1);
        QCOMPARE(any.size(), 1);
        QSignalSpy engine(&settings, &Settings::engineSettingsChanged);
        settings.setContextTokens(2048);
        QCOMPARE(engine.size(), 1);
        settings.setFixedSeed(3);
        QCOMPARE(settings.fixedSeed(), std::optional<quint64>(3));
        settings.setFixedSeed(std::nullopt);
        QVERIFY(!settings.fixedSeed());
    }

    void samplerJsonIsReadable() {
        SamplerSettings sampler;
        sampler.temperature = 0.7F;
        QCOMPARE(toJson(sampler).value(u"temperature"_s).toDouble(), 0.7);
        QVERIFY(samplerFromJson(toJson(sampler), {}) == sampler);
    }

    void pathsFollowTheEnvironment() {
        qputenv("XDG_CONFIG_HOME", "/x/config");
        qputenv("XDG_DATA_HOME", "/x/data");
        qputenv("XDG_CACHE_HOME", "/x/cache");
        qputenv("XDG_STATE_HOME", "/x/state");
        const Paths paths = Paths::standard();
        QCOMPARE(paths.settingsFile(), u"/x/config/hearth/hearth.ini"_s);
        QCOMPARE(paths.database(), u"/x/data/hearth/hearth.db"_s);
        QCOMPARE(paths.models(), u"/x/data/hearth/models"_s);
        QCOMPARE(paths.cache(), u"/x/cache/hearth"_s);
        QCOMPARE(paths.logs(), u"/x/state/hearth/logs"_s);
        // A relative path counts as unset.
        qputenv("XDG_STATE_HOME", "state");
        QVERIFY(Paths::standard().logs().endsWith(u"/.local/state/hearth/logs"_s));
    }

    void testModeStaysOutOfTheUsersFolders() {
        const Paths real = Paths::standard();
        QStandardPaths::setTestModeEnabled(true);
        const Paths test = Paths::standard();
        QVERIFY(test.config() != real.config());
        QVERIFY(test.data() != real.data());
        QVERIFY(test.cache() != real.cache());
        QVERIFY(test.state() != real.state());
    }

    void emptyingTheCacheIsHarmless() {
        const Paths paths = Paths::under(u"/root/of"_s);
        for (const QString& kept : {paths.settingsFile(), paths.database(), paths.databaseBackups(),
                                    paths.attachments(), paths.models(), paths.logs()})
            QVERIFY2(!kept.startsWith(paths.cache()), qPrintable(kept));
    }

    void foldersAreMadeForTheUserAlone() {
        const QString path = m_folder->filePath(u"a/b"_s);
        QVERIFY(makeFolder(path).ok());
        QVERIFY(makeFolder(path).ok());
        const auto others = QFile::ReadGroup | QFile::ReadOther | QFile::ExeGroup | QFile::ExeOther;
        QVERIFY(!(QFileInfo(path).permissions() & others));
        QFile obstacle(m_folder->filePath(u"file"_s));
        QVERIFY(obstacle.open(QIODevice::WriteOnly));
        const Status blocked = makeFolder(m_folder->filePath(u"file/below"_s));
        QVERIFY(!blocked.ok());
        QCOMPARE(blocked.error().code, ErrorCode::Io);
        QVERIFY(QString::fromStdString(blocked.error().message).contains(u"file/below"_s));
    }

private:
    void write(const QByteArray& content) {
        QVERIFY(makeFolder(QFileInfo(m_file).path()).ok());
        QFile file(m_file);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(content), content.size());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestSettings)
#include "tst_settings.moc"
