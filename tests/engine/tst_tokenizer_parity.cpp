#include "engine/gguf/gguf_file.h"
#include "engine/gguf/gguf_writer.h"
#include "engine/text/tokenizer.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

using namespace hearth;

/// Token ids as another engine computed them, for every vocabulary of the reference data.
class TestTokenizerParity : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void vectorFilesMatch_data();
    void vectorFilesMatch();
    void caseFilesMatch_data();
    void caseFilesMatch();
    void textsOfModelsMatch_data();
    void textsOfModelsMatch();
    void preTokenizersMatch_data();
    void preTokenizersMatch();

private:
    QDir m_parity{QStringLiteral(HEARTH_SHARED_DIR "/parity")};
};

namespace {

using Ids = std::vector<TokenId>;

Ids idsOf(const QJsonValue& value) {
    Ids ids;
    for (const QJsonValue& id : value.toArray())
        ids.push_back(id.toInt());
    return ids;
}

QByteArray describe(const Ids& ids) {
    QByteArray text;
    for (const TokenId id : ids)
        text += QByteArray::number(id) + ' ';
    return text;
}

QJsonValue readJson(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll());
    return document.isArray() ? QJsonValue(document.array()) : QJsonValue(document.object());
}

Result<std::unique_ptr<Tokenizer>> load(const QString& path) {
    HEARTH_TRY(const auto file, GgufFile::open(path.toStdString()));
    return Tokenizer::fromGguf(*file);
}

/// What differs, or nothing.
QByteArray mismatch(const Tokenizer& tokenizer, const QByteArray& text, AddSpecial addSpecial,
                    ParseSpecial parseSpecial, const Ids& expected) {
    const Ids got = tokenizer.encode(std::string_view(text.constData(), static_cast<std::size_t>(text.size())),
                                     addSpecial, parseSpecial);
    if (got == expected)
        return {};
    return "text '" + text + "'\nexpected " + describe(expected) + "\ngot      " + describe(got);
}

} // namespace

void TestTokenizerParity::initTestCase() {
    if (!m_parity.exists())
        QSKIP("no reference data beside the source tree");
}

void TestTokenizerParity::vectorFilesMatch_data() {
    QTest::addColumn<QString>("path");
    const QDir folder(m_parity.filePath(QStringLiteral("tokenizers")));
    for (const QString& name : folder.entryList({QStringLiteral("*.gguf")}))
        QTest::newRow(qPrintable(name)) << folder.filePath(name);
}

void TestTokenizerParity::vectorFilesMatch() {
    QFETCH(QString, path);
    QFile input(path + QStringLiteral(".inp"));
    QFile output(path + QStringLiteral(".out"));
    QVERIFY(input.open(QIODevice::ReadOnly));
    QVERIFY(output.open(QIODevice::ReadOnly));
    const auto tokenizer = load(path);
    QVERIFY2(tokenizer.ok(), tokenizer.ok() ? "" : tokenizer.error().message.c_str());
    const QByteArray separator = "\n__ggml_vocab_test__\n";
    const QByteArray texts = input.readAll();
    int count = 0;
    for (qsizetype start = 0; start >= 0 && start < texts.size(); ++count) {
        const qsizetype found = texts.indexOf(separator, start);
        const QByteArray text = texts.mid(start, found < 0 ? -1 : found - start);
        start = found < 0 ? -1 : found + separator.size();
        Ids expected;
        const QList<QByteArray> numbers = output.readLine().simplified().split(' ');
        for (const QByteArray& number : numbers)
            if (!number.isEmpty())
                expected.push_back(number.toInt());
        const QByteArray difference = mismatch(**tokenizer, text, AddSpecial::No, ParseSpecial::No, expected);
        QVERIFY2(difference.isEmpty(), difference.constData());
    }
    QVERIFY(output.atEnd());
    QVERIFY(count > 40);
}

void TestTokenizerParity::caseFilesMatch_data() {
    QTest::addColumn<QString>("path");
    const QDir folder(m_parity.filePath(QStringLiteral("tokenizers")));
    for (const QString& name : folder.entryList({QStringLiteral("*.cases.json")}))
        QTest::newRow(qPrintable(name)) << folder.filePath(name);
}

void TestTokenizerParity::caseFilesMatch() {
    QFETCH(QString, path);
    const QJsonObject file = readJson(path).toObject();
    const auto tokenizer = load(QFileInfo(path).dir().filePath(file[QLatin1String("vocab")].toString()));
    QVERIFY2(tokenizer.ok(), tokenizer.ok() ? "" : tokenizer.error().message.c_str());
    QCOMPARE((*tokenizer)->vocabularySize(), file[QLatin1String("n_vocab")].toInt());
    const QJsonArray cases = file[QLatin1String("cases")].toArray();
    QVERIFY(!cases.isEmpty());
    for (const QJsonValue& value : cases) {
        const bool add = value[QLatin1String("add_special")].toBool();
        const bool parse = value[QLatin1String("parse_special")].toBool();
        const QByteArray difference = mismatch(
            **tokenizer, value[QLatin1String("text")].toString().toUtf8(), add ? AddSpecial::Yes : AddSpecial::No,
            parse ? ParseSpecial::Yes : ParseSpecial::No, idsOf(value[QLatin1String("ids")]));
        QVERIFY2(difference.isEmpty(), difference.constData());
    }
}

void TestTokenizerParity::textsOfModelsMatch_data() {
    QTest::addColumn<QString>("path");
    for (const char* sub : {"models", "quants"}) {
        const QDir folder(m_parity.filePath(QLatin1String(sub)));
        for (const QString& name : folder.entryList({QStringLiteral("*.tokens.json")}))
            if (!readJson(folder.filePath(name))[QLatin1String("text_cases")].toArray().isEmpty())
                QTest::newRow(qPrintable(name)) << folder.filePath(name);
    }
}

void TestTokenizerParity::textsOfModelsMatch() {
    QFETCH(QString, path);
    const QJsonValue file = readJson(path);
    const auto tokenizer = load(QFileInfo(path).dir().filePath(file[QLatin1String("model")].toString()));
    QVERIFY2(tokenizer.ok(), tokenizer.ok() ? "" : tokenizer.error().message.c_str());
    for (const QJsonValue& value : file[QLatin1String("text_cases")].toArray()) {
        const bool add = value[QLatin1String("add_special")].toBool();
        const QByteArray difference =
            mismatch(**tokenizer, value[QLatin1String("text")].toString().toUtf8(),
                     add ? AddSpecial::Yes : AddSpecial::No, ParseSpecial::Yes, idsOf(value[QLatin1String("ids")]));
        QVERIFY2(difference.isEmpty(), difference.constData());
    }
}

void TestTokenizerParity::preTokenizersMatch_data() {
    QTest::addColumn<QString>("rule");
    const QJsonObject ids =
        readJson(m_parity.filePath(QStringLiteral("tokenizers/pretokenizers-on-gpt2.json")))[QLatin1String("ids")]
            .toObject();
    for (const QString& rule : ids.keys())
        QTest::newRow(qPrintable(rule)) << rule;
}

void TestTokenizerParity::preTokenizersMatch() {
    QFETCH(QString, rule);
    const QJsonValue data = readJson(m_parity.filePath(QStringLiteral("tokenizers/pretokenizers-on-gpt2.json")));
    const auto source =
        GgufFile::open(m_parity.filePath(QStringLiteral("tokenizers/ggml-vocab-gpt-2.gguf")).toStdString());
    QVERIFY(source.ok());
    // The same vocabulary with the rule replaced.
    GgufWriter writer;
    for (const char* key : {"tokenizer.ggml.tokens", "tokenizer.ggml.merges"})
        QVERIFY(writer.set(key, std::get<std::vector<std::string>>(*(*source)->find(key))).ok());
    const auto& types = std::get<std::vector<std::int64_t>>(*(*source)->find("tokenizer.ggml.token_type"));
    QVERIFY(writer.set("tokenizer.ggml.token_type", std::vector<std::int32_t>(types.begin(), types.end())).ok());
    QVERIFY(writer.set("tokenizer.ggml.model", std::string("gpt2")).ok());
    QVERIFY(writer.set("tokenizer.ggml.pre", rule.toStdString()).ok());
    QVERIFY(writer.set("tokenizer.ggml.bos_token_id", std::uint32_t{50256}).ok());
    QVERIFY(writer.set("tokenizer.ggml.eos_token_id", std::uint32_t{50256}).ok());
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("vocabulary.gguf"));
    QVERIFY(writer.write(path.toStdString()).ok());
    const auto tokenizer = load(path);
    QVERIFY2(tokenizer.ok(), tokenizer.ok() ? "" : tokenizer.error().message.c_str());

    const QJsonArray texts = data[QLatin1String("texts")].toArray();
    const QJsonArray expected = data[QLatin1String("ids")][rule].toArray();
    QCOMPARE(expected.size(), texts.size());
    for (qsizetype index = 0; index < texts.size(); ++index) {
        const QByteArray difference = mismatch(**tokenizer, texts[index].toString().toUtf8(), AddSpecial::No,
                                               ParseSpecial::Yes, idsOf(expected[index]));
        QVERIFY2(difference.isEmpty(), difference.constData());
    }
}

QTEST_APPLESS_MAIN(TestTokenizerParity)
#include "tst_tokenizer_parity.moc"
