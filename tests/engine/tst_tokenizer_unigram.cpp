#include "tests/engine/vocabulary_file.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace hearth;
using hearth::test::VocabularyFile;

/// Unigram vocabularies that SentencePiece trained, and what it makes of texts with them.
class TestTokenizerUnigram : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void idsMatchSentencePiece_data();
    void idsMatchSentencePiece();
};

namespace {

QJsonArray readModels() {
    QFile file(QStringLiteral(HEARTH_SOURCE_DIR "/tests/engine/data/unigram_sentencepiece.json"));
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll())[QLatin1String("models")].toArray()
                                          : QJsonArray();
}

VocabularyFile vocabularyOf(const QJsonValue& model) {
    VocabularyFile file;
    file.model = "t5";
    const QJsonArray tokens = model[QLatin1String("tokens")].toArray();
    for (qsizetype id = 0; id < tokens.size(); ++id)
        file.add(tokens[id].toString().toStdString(), model[QLatin1String("types")][id].toInt(),
                 static_cast<float>(model[QLatin1String("scores")][id].toDouble()));
    file.others.emplace_back("tokenizer.ggml.add_space_prefix", model[QLatin1String("add_space_prefix")].toBool());
    file.others.emplace_back("tokenizer.ggml.remove_extra_whitespaces",
                             model[QLatin1String("remove_extra_whitespaces")].toBool());
    const QByteArray map = QByteArray::fromBase64(model[QLatin1String("charsmap")].toString().toLatin1());
    file.others.emplace_back("tokenizer.ggml.precompiled_charsmap", std::vector<std::int8_t>(map.begin(), map.end()));
    return file;
}

} // namespace

void TestTokenizerUnigram::idsMatchSentencePiece_data() {
    QTest::addColumn<QJsonValue>("model");
    const QJsonArray models = readModels();
    QVERIFY(!models.isEmpty());
    for (const QJsonValue& model : models)
        QTest::newRow(qPrintable(model[QLatin1String("name")].toString())) << model;
}

void TestTokenizerUnigram::idsMatchSentencePiece() {
    QFETCH(QJsonValue, model);
    const auto tokenizer = vocabularyOf(model).load();
    QVERIFY2(tokenizer.ok(), tokenizer.ok() ? "" : tokenizer.error().message.c_str());
    for (const QJsonValue& example : model[QLatin1String("cases")].toArray()) {
        const QString text = example[QLatin1String("text")].toString();
        QJsonArray ids;
        for (const TokenId id : (*tokenizer)->encode(text.toStdString(), AddSpecial::No, ParseSpecial::No))
            ids += id;
        const QJsonArray expected = example[QLatin1String("ids")].toArray();
        if (ids != expected)
            QFAIL(qPrintable(text + QStringLiteral("\nexpected ")
                             + QString::fromUtf8(QJsonDocument(expected).toJson(QJsonDocument::Compact))
                             + QStringLiteral("\ngot ")
                             + QString::fromUtf8(QJsonDocument(ids).toJson(QJsonDocument::Compact))));
    }
}

QTEST_APPLESS_MAIN(TestTokenizerUnigram)
#include "tst_tokenizer_unigram.moc"
