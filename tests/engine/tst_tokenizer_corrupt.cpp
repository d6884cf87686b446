#include "tests/engine/vocabulary_file.h"

#include <QFile>
#include <QTest>

#include <limits>
#include <random>

using namespace hearth;
using hearth::test::VocabularyFile;

/// Vocabularies that contradict themselves: a clear error, or a tokenizer that works; never a crash.
class TestTokenizerCorrupt : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void brokenVocabulariesAreRefused_data();
    void brokenVocabulariesAreRefused();
    void oddVocabulariesLoad_data();
    void oddVocabulariesLoad();
    void mutatedVocabulariesNeverCrash_data();
    void mutatedVocabulariesNeverCrash();
};

namespace {

VocabularyFile small(const char* model = "gpt2") {
    VocabularyFile file;
    file.model = model;
    for (const char* token : {"a", "b", "ab", "\u2581", "\u2581a"})
        file.add(token, VocabularyFile::kNormal, -1);
    file.merges = {"a b"};
    return file;
}

VocabularyFile with(VocabularyFile file, const char* key, GgufField value) {
    file.others.emplace_back(key, std::move(value));
    return file;
}

} // namespace

Q_DECLARE_METATYPE(VocabularyFile)

void TestTokenizerCorrupt::brokenVocabulariesAreRefused_data() {
    QTest::addColumn<VocabularyFile>("file");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("word");
    const auto row = [](const char* name, const VocabularyFile& file, ErrorCode code, const char* word) {
        QTest::newRow(name) << file << static_cast<int>(code) << QByteArray(word);
    };
    row("unknown kind", small("morse"), ErrorCode::Unsupported, "'morse'");
    row("no vocabulary", small("none"), ErrorCode::NotFound, "no vocabulary");
    row("unknown rule", with(small(), "tokenizer.ggml.pre", std::string("rule-9")), ErrorCode::Unsupported, "'rule-9'");
    row("kind is a number", with(small(), "tokenizer.ggml.model", std::uint32_t{1}), ErrorCode::Corrupt, "uint32");
    row("no tokens", with(small(), "tokenizer.ggml.tokens", std::vector<std::string>{}), ErrorCode::Corrupt,
        "0 tokens");
    row("tokens are numbers", with(small(), "tokenizer.ggml.tokens", std::vector<std::int32_t>{1}), ErrorCode::Corrupt,
        "tokenizer.ggml.tokens");
    row("token of 100 kB",
        with(small(), "tokenizer.ggml.tokens", std::vector<std::string>{"a", std::string(100000, 'x')}),
        ErrorCode::Corrupt, "100000 bytes");
    row("too few types", with(small(), "tokenizer.ggml.token_type", std::vector<std::int32_t>{1, 1}),
        ErrorCode::Corrupt, "2 types for 5 tokens");
    row("types are texts", with(small(), "tokenizer.ggml.token_type", std::vector<std::string>{"normal"}),
        ErrorCode::Corrupt, "whole numbers");
    row("too few scores", with(small("llama"), "tokenizer.ggml.scores", std::vector<float>{1}), ErrorCode::Corrupt,
        "1 scores for 5 tokens");
    row("score is no number",
        with(small("llama"), "tokenizer.ggml.scores",
             std::vector<float>{0, 0, std::numeric_limits<float>::quiet_NaN(), 0, 0}),
        ErrorCode::Corrupt, "token 2");
    row("merge without a space", with(small(), "tokenizer.ggml.merges", std::vector<std::string>{"a b", "ab"}),
        ErrorCode::Corrupt, "line 1");
    row("merge with nothing", with(small(), "tokenizer.ggml.merges", std::vector<std::string>{"a "}),
        ErrorCode::Corrupt, "line 0");
    row("empty merge", with(small(), "tokenizer.ggml.merges", std::vector<std::string>{""}), ErrorCode::Corrupt,
        "line 0");
    row("merges are numbers", with(small(), "tokenizer.ggml.merges", std::vector<float>{1}), ErrorCode::Corrupt,
        "tokenizer.ggml.merges");
    row("begin out of range", with(small(), "tokenizer.ggml.bos_token_id", std::uint32_t{5}), ErrorCode::Corrupt,
        "is 5, but there are 5 tokens");
    row("end negative", with(small(), "tokenizer.ggml.eos_token_id", std::int32_t{-2}), ErrorCode::Corrupt, "is -2");
    row("end is a text", with(small(), "tokenizer.ggml.eos_token_id", std::string("ab")), ErrorCode::Corrupt,
        "whole number");
    row("flag is a text", with(small(), "tokenizer.ggml.add_bos_token", std::string("yes")), ErrorCode::Corrupt,
        "add_bos_token");
    row("character map too short",
        with(small("t5"), "tokenizer.ggml.precompiled_charsmap", std::vector<std::int8_t>{1}), ErrorCode::Corrupt,
        "1 bytes");
    row("character map too long",
        with(small("t5"), "tokenizer.ggml.precompiled_charsmap", std::vector<std::uint8_t>{255, 255, 255, 255, 0, 0}),
        ErrorCode::Corrupt, "4294967295");
    row("character map not closed",
        with(small("t5"), "tokenizer.ggml.precompiled_charsmap", std::vector<std::uint8_t>{0, 0, 0, 0, 'x'}),
        ErrorCode::Corrupt, "inside a text");
    row("character map is a text", with(small("t5"), "tokenizer.ggml.precompiled_charsmap", std::string("x")),
        ErrorCode::Corrupt, "list of bytes");
    row("bytes without tokens", small("plamo2"), ErrorCode::Corrupt, "byte 0");
}

void TestTokenizerCorrupt::brokenVocabulariesAreRefused() {
    QFETCH(VocabularyFile, file);
    QFETCH(int, code);
    QFETCH(QByteArray, word);
    const auto tokenizer = file.load();
    QVERIFY(!tokenizer.ok());
    const QByteArray message = QByteArray::fromStdString(tokenizer.error().message);
    QVERIFY2(message.contains(word), message.constData());
    QVERIFY2(message.contains("vocabulary.gguf"), message.constData());
    QCOMPARE(static_cast<int>(tokenizer.error().code), code);
}

void TestTokenizerCorrupt::oddVocabulariesLoad_data() {
    QTest::addColumn<VocabularyFile>("file");
    for (const char* model : {"gpt2", "llama", "t5", "bert", "rwkv", "gemma4", "whitespace"}) {
        VocabularyFile file = small(model);
        file.rule = model == std::string_view("whitespace") ? "whitespace" : "gpt-2";
        QTest::addRow("%s", model) << file;
        VocabularyFile equalTokens = file;
        equalTokens.add("a");
        equalTokens.add("");
        QTest::addRow("%s with equal and empty tokens", model) << equalTokens;
        VocabularyFile noUse = file;
        noUse.types.assign(noUse.tokens.size(), 77);
        QTest::addRow("%s with unknown types", model) << noUse;
        VocabularyFile control = file;
        control.types.assign(control.tokens.size(), VocabularyFile::kControl);
        QTest::addRow("%s of control tokens", model) << control;
        QTest::addRow("%s with 'none' as begin", model)
            << with(file, "tokenizer.ggml.bos_token_id", std::numeric_limits<std::uint32_t>::max());
    }
    QTest::newRow("empty character map") << with(small("t5"), "tokenizer.ggml.precompiled_charsmap",
                                                 std::vector<std::int8_t>{});
    QTest::newRow("character map of noise")
        << with(small("t5"), "tokenizer.ggml.precompiled_charsmap",
                std::vector<std::uint8_t>{8, 0, 0, 0, 255, 255, 255, 127, 97, 1, 255, 255, 'x', 0});
}

void TestTokenizerCorrupt::oddVocabulariesLoad() {
    QFETCH(VocabularyFile, file);
    const auto tokenizer = file.load();
    QVERIFY2(tokenizer.ok(), tokenizer.ok() ? "" : tokenizer.error().message.c_str());
    for (const char* text : {"", "a", "ab ab", "x", "a\xff", " \u2581 a\n"}) {
        const auto ids = (*tokenizer)->encode(text, AddSpecial::Yes, ParseSpecial::Yes);
        for (const TokenId id : ids)
            QVERIFY(id >= 0 && id < (*tokenizer)->vocabularySize());
        static_cast<void>((*tokenizer)->decode(ids, SpecialTokens::Show));
    }
}

void TestTokenizerCorrupt::mutatedVocabulariesNeverCrash_data() {
    QTest::addColumn<QString>("model");
    for (const char* model : {"gpt2", "llama", "t5", "bert", "rwkv", "gemma4"})
        QTest::newRow(model) << QString::fromLatin1(model);
}

void TestTokenizerCorrupt::mutatedVocabulariesNeverCrash() {
    QFETCH(QString, model);
    VocabularyFile file = small(model.toLatin1().constData());
    file.addBytes();
    file.others = {{"tokenizer.ggml.bos_token_id", std::uint32_t{1}},
                   {"tokenizer.ggml.precompiled_charsmap",
                    std::vector<std::uint8_t>{8, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 128, 'x', 0}}};
    constexpr unsigned kSeed = 31;
    std::mt19937 random(kSeed);
    constexpr std::string_view kAlphabet = "ab \xe2\x96\x81\xff\n";
    for (int round = 0; round < 60; ++round) {
        VocabularyFile mutated = file;
        for (int change = 0; change < 3; ++change) {
            const std::size_t id = random() % 8;
            std::string text;
            for (unsigned count = random() % 5; count > 0; --count)
                text += kAlphabet[random() % kAlphabet.size()];
            mutated.tokens[id] = text;
            mutated.types[id] = static_cast<std::int32_t>(random() % 8);
            mutated.scores[id] = static_cast<float>(random() % 100) - 50;
            mutated.merges.push_back(text + " a");
        }
        const auto tokenizer = mutated.load();
        if (!tokenizer.ok())
            continue;
        for (int length = 0; length < 60; ++length) {
            std::string text;
            for (int index = 0; index < length; ++index)
                text += kAlphabet[random() % kAlphabet.size()];
            const auto ids = (*tokenizer)->encode(text, AddSpecial::Yes, ParseSpecial::Yes);
            for (const TokenId id : ids)
                QVERIFY(id >= 0 && id < (*tokenizer)->vocabularySize());
            static_cast<void>((*tokenizer)->decode(ids, SpecialTokens::Omit));
        }
    }
}

QTEST_APPLESS_MAIN(TestTokenizerCorrupt)
#include "tst_tokenizer_corrupt.moc"
