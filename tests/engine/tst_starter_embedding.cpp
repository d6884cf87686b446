#include "engine/run/embedder.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QStandardPaths>
#include <QTest>

#include <cmath>
#include <cstring>

using namespace hearth;

namespace {

constexpr int kSentences = 50;
constexpr int kColumns = 384;

QString modelPath() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)
           + QStringLiteral("/hearth/models/all-MiniLM-L6-v2.gguf");
}

QByteArray readData(const char* name) {
    QFile file(QStringLiteral(HEARTH_SOURCE_DIR "/tests/engine/data/") + QString::fromLatin1(name));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

/// The starter embedding model, converted by us, beside the original in the library that it was published for
/// (data/make_minilm_data.py).
class TestStarterEmbedding : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        if (!QFile::exists(modelPath()))
            QSKIP("the starter embedding model is not here: ./dev fetches it");
        auto embedder = Embedder::load(modelPath().toStdString(), {"cpu", 2, 0}, {});
        QVERIFY2(embedder.ok(), embedder.ok() ? "" : embedder.error().message.c_str());
        m_embedder = std::move(embedder).value();
        QCOMPARE(m_embedder->info().columns, kColumns);
        m_sentences = readData("minilm_sentences.txt").split('\n');
        QVERIFY(m_sentences.size() >= kSentences);
        m_vectors = readData("minilm_embeddings.f32");
        QCOMPARE(m_vectors.size(), qsizetype{kSentences} * kColumns * qsizetype{sizeof(float)});
        m_tokens = QJsonDocument::fromJson(readData("minilm_tokens.json")).array();
        QCOMPARE(m_tokens.size(), kSentences);
    }

    void agreesWithTheOriginal_data() {
        QTest::addColumn<int>("sentence");
        for (int sentence = 0; sentence < kSentences; ++sentence)
            QTest::addRow("sentence %d", sentence + 1) << sentence;
    }

    void agreesWithTheOriginal() {
        QFETCH(const int, sentence);
        const std::string text = m_sentences.at(sentence).toStdString();
        QJsonArray tokens;
        for (const TokenId token : m_embedder->tokenizer().encode(text, AddSpecial::Yes, ParseSpecial::No))
            tokens.append(token);
        QCOMPARE(tokens, m_tokens.at(sentence).toArray());

        const auto vector = m_embedder->embedText(text, UnitLength::Yes, Overlong::Refuse, {});
        QVERIFY2(vector.ok(), vector.ok() ? "" : vector.error().message.c_str());
        std::vector<float> original(kColumns);
        std::memcpy(original.data(), m_vectors.constData() + sentence * kColumns * qsizetype{sizeof(float)},
                    kColumns * sizeof(float));
        double cosine = 0;
        for (std::size_t column = 0; column < original.size(); ++column)
            cosine += static_cast<double>(original[column]) * (*vector)[column];
        QVERIFY2(cosine >= 0.9999, qPrintable(QString::number(cosine, 'g', 9)));
    }

    void tellsRelatedSentencesFromOthers() {
        const auto closeness = [&](const char* one, const char* other) {
            const auto a = m_embedder->embedText(one, UnitLength::Yes, Overlong::Refuse, {});
            const auto b = m_embedder->embedText(other, UnitLength::Yes, Overlong::Refuse, {});
            double cosine = 0;
            for (std::size_t column = 0; column < a->size(); ++column)
                cosine += static_cast<double>((*a)[column]) * (*b)[column];
            return cosine;
        };
        QVERIFY(closeness("How do I reset my password?", "Recovering access to a locked account")
                > closeness("How do I reset my password?", "The cat sits on the mat.") + 0.2);
    }

private:
    std::unique_ptr<Embedder> m_embedder;
    QList<QByteArray> m_sentences;
    QByteArray m_vectors;
    QJsonArray m_tokens;
};

QTEST_GUILESS_MAIN(TestStarterEmbedding)
#include "tst_starter_embedding.moc"
