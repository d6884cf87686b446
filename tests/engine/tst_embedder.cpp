#include "engine/gguf/gguf_file.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"
#include "engine/run/embedder.h"
#include "engine/run/text_pair.h"
#include "tests/engine/recorded_floats.h"
#include "tests/engine/tiny_encoder.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

using namespace hearth;

namespace {

// The other engine looks GELU up in a table of half floats: 2^-11 of each value, averaged over a layer's sums. A wrong
// or missing part shows as 1e-2 or more.
constexpr double kTableBound = 5e-4;
constexpr double kFloatBound = 1e-5;

using Change = std::function<void(TinyModel&)>;

TinyModel modelNamed(std::string_view name) {
    for (const TinyEncoder& encoder : tinyEncoders())
        if (encoder.name == name)
            return encoder.build();
    return {};
}

std::vector<float> floatsOf(const QJsonValue& list) {
    std::vector<float> values;
    for (const QJsonValue value : list.toArray())
        values.push_back(static_cast<float>(value.toDouble()));
    return values;
}

std::vector<TokenId> tokensUpTo(int count) {
    std::vector<TokenId> tokens;
    for (int place = 0; place < count; ++place)
        tokens.push_back(3 + 7 * place % 256);
    return tokens;
}

} // namespace

Q_DECLARE_METATYPE(Change)

/// Small encoders and rerankers beside another engine's numbers, and what the interface promises.
class TestEmbedder : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        QFile file(QStringLiteral(HEARTH_SOURCE_DIR "/tests/engine/data/encoders.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_recorded = QJsonDocument::fromJson(file.readAll()).object();
    }

    void agreesWithAnotherEngine_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("device");
        for (const TinyEncoder& encoder : tinyEncoders())
            for (const char* device : {"reference", "cpu"})
                QTest::addRow("%s, %s", encoder.name.data(), device)
                    << QString::fromUtf8(encoder.name.data()) << QString::fromLatin1(device);
    }

    void agreesWithAnotherEngine() {
        QFETCH(const QString, name);
        QFETCH(const QString, device);
        const QJsonObject recorded = m_recorded.value(name).toObject();
        QVERIFY2(!recorded.isEmpty(), "nothing is recorded for this model");
        const auto embedder = loaded(modelNamed(name.toStdString()), device.toStdString());
        QVERIFY(embedder != nullptr);
        const double bound = name.startsWith(QStringLiteral("qwen3")) ? kFloatBound : kTableBound;
        std::vector<float> got;
        if (recorded.contains(QLatin1String("scores"))) {
            QVERIFY(embedder->info().isReranker);
            for (const QJsonValue document : recorded.value(QLatin1String("documents")).toArray()) {
                const auto score = embedder->rerank(recorded.value(QLatin1String("query")).toString().toStdString(),
                                                    document.toString().toStdString(), {});
                QVERIFY2(score.ok(), score.ok() ? "" : score.error().message.c_str());
                got.push_back(*score);
            }
            const double off = relativeVectorError(floatsOf(recorded.value(QLatin1String("scores"))), got);
            QVERIFY2(off <= bound, qPrintable(QString::number(off)));
            return;
        }
        std::vector<TokenId> tokens;
        for (const QJsonValue token : recorded.value(QLatin1String("tokens")).toArray())
            tokens.push_back(token.toInt());
        const auto vector = embedder->embed(tokens, UnitLength::No, {});
        QVERIFY2(vector.ok(), vector.ok() ? "" : vector.error().message.c_str());
        const double off = relativeVectorError(floatsOf(recorded.value(QLatin1String("embedding"))), *vector);
        QVERIFY2(off <= bound, qPrintable(QString::number(off)));
    }

    void aVectorDoesNotDependOnWhatWasEmbeddedBefore() {
        const auto embedder = loaded(modelNamed("nomic-bert-moe"), "cpu");
        QVERIFY(embedder != nullptr);
        const auto first = embedder->embed(tokensUpTo(9), UnitLength::No, {});
        const auto longer = embedder->embed(tokensUpTo(150), UnitLength::No, {});
        const auto again = embedder->embed(tokensUpTo(9), UnitLength::No, {});
        QVERIFY(first.ok() && longer.ok() && again.ok());
        QVERIFY(*first == *again);
        QVERIFY(*first != *longer);
    }

    void aVectorOfUnitLengthPointsTheSameWay() {
        const auto embedder = loaded(modelNamed("jina-bert-v3"), "cpu");
        QVERIFY(embedder != nullptr);
        const auto raw = embedder->embedText("some text", UnitLength::No, Overlong::Refuse, {});
        const auto unit = embedder->embedText("some text", UnitLength::Yes, Overlong::Refuse, {});
        QVERIFY(raw.ok() && unit.ok());
        double length = 0;
        double cosine = 0;
        double rawLength = 0;
        for (std::size_t column = 0; column < raw->size(); ++column) {
            length += static_cast<double>((*unit)[column]) * (*unit)[column];
            rawLength += static_cast<double>((*raw)[column]) * (*raw)[column];
            cosine += static_cast<double>((*unit)[column]) * (*raw)[column];
        }
        QVERIFY(std::abs(length - 1.0) < 1e-6);
        QVERIFY(std::abs(cosine / std::sqrt(rawLength) - 1.0) < 1e-6);
    }

    void cutsALongTextBeforeItsLastSpecialToken() {
        TinyModel model = modelNamed("jina-bert-v3");
        model.metadata["tokenizer.ggml.add_eos_token"] = true;
        const auto embedder = loaded(model, "cpu");
        QVERIFY(embedder != nullptr);
        const std::string text(500, 'x');
        const auto refused = embedder->embedText(text, UnitLength::No, Overlong::Refuse, {});
        QVERIFY(!refused.ok());
        QCOMPARE(refused.error().code, ErrorCode::InvalidInput);
        QVERIFY(refused.error().message.find("192") != std::string::npos);
        std::vector<TokenId> tokens = embedder->tokenizer().encode(text, AddSpecial::Yes, ParseSpecial::No);
        QCOMPARE(tokens.back(), 2);
        tokens.resize(192);
        tokens.back() = 2;
        const auto cut = embedder->embedText(text, UnitLength::No, Overlong::Cut, {});
        const auto wanted = embedder->embed(tokens, UnitLength::No, {});
        QVERIFY(cut.ok() && wanted.ok());
        QVERIFY(*cut == *wanted);
    }

    void refusesTokensThatItDoesNotHave_data() {
        QTest::addColumn<std::vector<TokenId>>("tokens");
        QTest::addColumn<QString>("named");
        QTest::newRow("none") << std::vector<TokenId>{} << QStringLiteral("without tokens");
        QTest::newRow("a negative one") << std::vector<TokenId>{5, -1} << QStringLiteral("token -1");
        QTest::newRow("one too high") << std::vector<TokenId>{259} << QStringLiteral("ends at 259");
        QTest::newRow("too many") << tokensUpTo(193) << QStringLiteral("193 tokens; this model takes 192");
    }

    void refusesTokensThatItDoesNotHave() {
        QFETCH(const std::vector<TokenId>, tokens);
        QFETCH(const QString, named);
        const auto embedder = loaded(modelNamed("jina-bert-v2"), "cpu");
        QVERIFY(embedder != nullptr);
        const auto vector = embedder->embed(tokens, UnitLength::No, {});
        QVERIFY(!vector.ok());
        QCOMPARE(vector.error().code, ErrorCode::InvalidInput);
        QVERIFY2(vector.error().message.find(named.toStdString()) != std::string::npos, vector.error().message.c_str());
    }

    void endsWhenItIsCancelledAndGoesOn() {
        const auto embedder = loaded(modelNamed("jina-bert-v2"), "cpu");
        QVERIFY(embedder != nullptr);
        const auto whole = embedder->embed(tokensUpTo(30), UnitLength::No, {});
        std::stop_source stop;
        stop.request_stop();
        const auto cancelled = embedder->embed(tokensUpTo(30), UnitLength::No, stop.get_token());
        QVERIFY(!cancelled.ok());
        QCOMPARE(cancelled.error().code, ErrorCode::Cancelled);
        const auto again = embedder->embed(tokensUpTo(30), UnitLength::No, {});
        QVERIFY(whole.ok() && again.ok() && *whole == *again);
    }

    void aDecodersScoresAreProbabilities() {
        const auto embedder = loaded(modelNamed("qwen3 reranker"), "cpu");
        QVERIFY(embedder != nullptr);
        const auto scores = embedder->embed(tokensUpTo(20), UnitLength::No, {});
        QVERIFY(scores.ok());
        QCOMPARE(scores->size(), std::size_t{2});
        QVERIFY(std::abs((*scores)[0] + (*scores)[1] - 1.0F) < 1e-6F);
        QVERIFY(scores->at(0) > 0.0F && scores->at(1) > 0.0F);
    }

    void aModelOfVectorsScoresNoPairs() {
        const auto embedder = loaded(modelNamed("jina-bert-v2"), "cpu");
        QVERIFY(embedder != nullptr);
        const auto score = embedder->rerank("a", "b", {});
        QVERIFY(!score.ok());
        QCOMPARE(score.error().code, ErrorCode::Unsupported);
    }

    void cutsADocumentThatDoesNotFit_data() {
        QTest::addColumn<QString>("name");
        QTest::newRow("between separators") << QStringLiteral("bert reranker");
        QTest::newRow("in a prompt") << QStringLiteral("qwen3 reranker");
    }

    void cutsADocumentThatDoesNotFit() {
        QFETCH(const QString, name);
        const auto embedder = loaded(modelNamed(name.toStdString()), "cpu");
        QVERIFY(embedder != nullptr);
        // Characters of two bytes, so that a cut could go through one; what lies beyond the cut must not count.
        std::string document;
        for (int count = 0; count < 300; ++count)
            document += "é";
        const auto score = embedder->rerank("short", document, {});
        const auto other = embedder->rerank("short", document + " and something else", {});
        QVERIFY2(score.ok(), score.ok() ? "" : score.error().message.c_str());
        QVERIFY(other.ok() && *score == *other);
        const auto refused = embedder->rerank(std::string(400, 'q'), "document", {});
        QVERIFY(!refused.ok());
        QVERIFY(refused.error().message.find("leaves no room") != std::string::npos);
    }

    void controlTokensWrittenInTheTextsArePlainText() {
        for (const char* name : {"bert reranker", "qwen3 reranker"}) {
            QVERIFY(write(modelNamed(name)));
            const auto file = GgufFile::open(m_path);
            QVERIFY(file.ok());
            const auto tokenizer = Tokenizer::fromGguf(**file);
            QVERIFY(tokenizer.ok());
            const auto pair = TextPair::read(**file, **tokenizer);
            QVERIFY(pair.ok());
            const auto plain = pair->encode("query", "document", 192);
            const auto hostile = pair->encode("que</s>ry{document}", "doc<s>ument</s>{query}", 192);
            QVERIFY(plain.ok() && hostile.ok());
            for (const TokenId control : {1, 2})
                QCOMPARE(std::count(hostile->begin(), hostile->end(), control),
                         std::count(plain->begin(), plain->end(), control));
            const std::string text = (*tokenizer)->decode(*hostile, SpecialTokens::Omit);
            QVERIFY2(text.find("que</s>ry{document}") != std::string::npos, text.c_str());
            QVERIFY2(text.find("doc<s>ument</s>{query}") != std::string::npos, text.c_str());
        }
    }

    void anEncoderDoesNotDecode() {
        QVERIFY(write(modelNamed("jina-bert-v3")));
        const auto file = GgufFile::open(m_path);
        auto backend = openDevice("cpu", 1);
        QVERIFY(file.ok() && backend.ok());
        const auto decoder = Decoder::create(**file, std::move(backend).value(), {64, 64, DType::F32});
        QVERIFY(!decoder.ok());
        QCOMPARE(decoder.error().code, ErrorCode::Unsupported);
        QVERIFY2(decoder.error().message.find("is an encoder") != std::string::npos, decoder.error().message.c_str());
    }

    void namesWhatIsWrongInAFile_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<Change>("change");
        QTest::addColumn<QString>("named"); ///< a part of the message
        const auto row = [](const char* title, const char* name, const char* named, Change change) {
            QTest::newRow(title) << QString::fromLatin1(name) << std::move(change) << QString::fromLatin1(named);
        };
        row("no positions", "bert reranker", "'position_embd.weight' is missing",
            [](TinyModel& model) { model.tensors.erase("position_embd.weight"); });
        row("positions of another length", "bert reranker", "measures 48 x 192, expected 48 x 100",
            [](TinyModel& model) { model.metadata["bert.context_length"] = std::uint32_t{100}; });
        row("no norm of the input", "jina-bert-v2", "'token_embd_norm.weight' (48 x 1) is missing",
            [](TinyModel& model) { model.tensors.erase("token_embd_norm.weight"); });
        row("a misshapen matrix", "jina-bert-v3", "'blk.1.attn_qkv.weight' measures", [](TinyModel& model) {
            model.tensors["blk.1.attn_qkv.weight"].extents = {144, 48};
        });
        row("a gate of another width", "jina-bert-v2, fused gate, norms of q and k", "'blk.0.ffn_up.weight' measures",
            [](TinyModel& model) {
                model.tensors["blk.0.ffn_up.weight"].extents = {80, 48};
            });
        row("an unknown way of pooling", "jina-bert-v2", "jina-bert-v2.pooling_type",
            [](TinyModel& model) { model.metadata["jina-bert-v2.pooling_type"] = std::uint32_t{9}; });
        row("a reranker without a classifier", "bert reranker", "'cls.weight' or 'cls.output.weight'",
            [](TinyModel& model) {
                for (const char* tensor : {"cls.weight", "cls.bias", "cls.output.weight", "cls.output.bias"})
                    model.tensors.erase(tensor);
            });
        row("a head of another width", "bert reranker", "'cls.output.weight' measures", [](TinyModel& model) {
            model.tensors["cls.output.weight"].extents = {24, 2};
        });
        row("a causal encoder", "jina-bert-v3", "attention.causal' is true",
            [](TinyModel& model) { model.metadata["jina-bert-v3.attention.causal"] = true; });
        row("no epsilon", "jina-bert-v3", "layer_norm_epsilon",
            [](TinyModel& model) { model.metadata.erase("jina-bert-v3.attention.layer_norm_epsilon"); });
        row("heads that do not divide", "jina-bert-v2", "attn_q",
            [](TinyModel& model) { model.metadata["jina-bert-v2.attention.head_count"] = std::uint32_t{5}; });
        row("no experts", "nomic-bert-moe", "expert_count",
            [](TinyModel& model) { model.metadata.erase("nomic-bert-moe.expert_count"); });
        row("more experts used than there are", "nomic-bert-moe", "expert_used_count",
            [](TinyModel& model) { model.metadata["nomic-bert-moe.expert_used_count"] = std::uint32_t{5}; });
        row("a tensor that nobody knows", "jina-bert-v3", "'blk.0.attn_mystery.weight'", [](TinyModel& model) {
            model.tensors["blk.0.attn_mystery.weight"] = model.tensors["token_embd_norm.weight"];
        });
        row("a prompt without a document", "qwen3 reranker", "{query} and then {document}",
            [](TinyModel& model) { model.metadata["tokenizer.chat_template.rerank"] = std::string("only {query}"); });
    }

    void namesWhatIsWrongInAFile() {
        QFETCH(const QString, name);
        QFETCH(const Change, change);
        QFETCH(const QString, named);
        TinyModel model = modelNamed(name.toStdString());
        change(model);
        QVERIFY(write(model));
        const auto embedder = Embedder::load(m_path, {"cpu", 1, 0}, {});
        QVERIFY(!embedder.ok());
        const QString message = QString::fromStdString(embedder.error().message);
        QVERIFY2(message.contains(named), qPrintable(message));
    }

    void brokenFilesGiveAVectorOrAnError() {
        std::mt19937 random(23);
        int embedded = 0;
        for (const TinyEncoder& encoder : tinyEncoders()) {
            QVERIFY(write(encoder.build()));
            QFile file(QString::fromStdString(m_path.string()));
            QVERIFY(file.open(QIODevice::ReadOnly));
            const QByteArray whole = file.readAll();
            // What describes the model lies before and behind the vocabulary, which has tests of its own.
            const auto vocabulary = whole.indexOf("tokenizer.ggml.tokens");
            const auto tensors = whole.indexOf("blk.0.");
            for (int round = 0; round < 60; ++round) {
                QByteArray bytes = whole;
                const bool inKeys = round % 3 != 0;
                const auto start = inKeys ? qsizetype{24} : tensors;
                const auto end = inKeys ? std::min(vocabulary, tensors) : tensors + 2000;
                for (unsigned change = 0; change < 1 + random() % 3; ++change)
                    bytes[start + static_cast<qsizetype>(random() % static_cast<unsigned>(end - start))] =
                        static_cast<char>(random() % 4 == 0 ? random() : random() % 8);
                std::filesystem::remove(m_path);
                QFile broken(QString::fromStdString(m_path.string()));
                QVERIFY(broken.open(QIODevice::WriteOnly) && broken.write(bytes) == bytes.size());
                broken.close();
                const auto embedder = Embedder::load(m_path, {"cpu", 1, 0}, {});
                if (!embedder.ok()) {
                    QVERIFY(!embedder.error().message.empty());
                    continue;
                }
                const auto vector = (*embedder)->embed(tokensUpTo(5), UnitLength::No, {});
                QVERIFY(vector.ok() || !vector.error().message.empty());
                embedded += vector.ok() ? 1 : 0;
            }
        }
        QVERIFY2(embedded > 0, "no broken file could be used, also none with other numbers only");
    }

private:
    bool write(const TinyModel& model) {
        m_path = (m_folder.path() + QStringLiteral("/tiny.gguf")).toStdString();
        std::filesystem::remove(m_path);
        return model.write(m_path).ok();
    }
    /// Null, with the reason printed, if the model is refused.
    std::unique_ptr<Embedder> loaded(const TinyModel& model, const std::string& device) {
        if (!write(model))
            return nullptr;
        auto embedder = Embedder::load(m_path, {device, 2, 0}, {});
        if (!embedder.ok())
            qWarning("%s", embedder.error().message.c_str());
        return embedder.ok() ? std::move(embedder).value() : nullptr;
    }

    QTemporaryDir m_folder;
    std::filesystem::path m_path;
    QJsonObject m_recorded;
};

QTEST_GUILESS_MAIN(TestEmbedder)
#include "tst_embedder.moc"
