#include "engine/run/text_pair.h"
#include "tests/engine/vocabulary_file.h"

#include <QTest>

using namespace hearth;
using hearth::test::VocabularyFile;

namespace {

using Ids = std::vector<TokenId>;

/// WordPiece: [PAD] [UNK] [CLS] [SEP] a b
VocabularyFile wordPieces() {
    VocabularyFile file;
    file.model = "bert";
    for (const char* special : {"[PAD]", "[UNK]", "[CLS]", "[SEP]"})
        file.add(special, VocabularyFile::kControl);
    for (const char* word : {"\u2581a", "\u2581b"})
        file.add(word);
    file.others = {{"tokenizer.ggml.bos_token_id", std::uint32_t{2}},
                   {"tokenizer.ggml.seperator_token_id", std::uint32_t{3}},
                   {"tokenizer.ggml.unknown_token_id", std::uint32_t{1}}};
    return file;
}

/// XLM-RoBERTa's kind: <s> <pad> </s> <unk> a b
VocabularyFile unigrams() {
    VocabularyFile file;
    file.model = "t5";
    for (const char* special : {"<s>", "<pad>", "</s>"})
        file.add(special, VocabularyFile::kControl);
    file.add("<unk>", VocabularyFile::kUnknown);
    for (const char* word : {"\u2581a", "\u2581b"})
        file.add(word, VocabularyFile::kNormal, -1);
    file.others = {{"tokenizer.ggml.bos_token_id", std::uint32_t{0}},
                   {"tokenizer.ggml.eos_token_id", std::uint32_t{2}},
                   {"tokenizer.ggml.unknown_token_id", std::uint32_t{3}},
                   {"tokenizer.ggml.add_bos_token", true},
                   {"tokenizer.ggml.add_eos_token", true},
                   {"tokenizer.ggml.add_space_prefix", true}};
    return file;
}

} // namespace

Q_DECLARE_METATYPE(VocabularyFile)

/// How a query and a document become one list of tokens.
class TestTextPair : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void joinsTheTextsAsTheModelWasTrained_data() {
        QTest::addColumn<VocabularyFile>("file");
        QTest::addColumn<Ids>("ids");
        QTest::newRow("BERT") << wordPieces() << Ids{2, 4, 3, 5, 3};
        QTest::newRow("XLM-RoBERTa, an older file") << unigrams() << Ids{0, 4, 2, 2, 5, 2};
        VocabularyFile once = unigrams();
        once.others.emplace_back("tokenizer.ggml.add_sep_token", false);
        QTest::newRow("one separator, as the file says") << once << Ids{0, 4, 2, 5, 2};
        VocabularyFile other = unigrams();
        other.others.emplace_back("tokenizer.ggml.add_sep_token", true);
        other.others.emplace_back("tokenizer.ggml.seperator_token_id", std::uint32_t{1});
        QTest::newRow("another separator") << other << Ids{0, 4, 2, 1, 5, 2};
    }

    void joinsTheTextsAsTheModelWasTrained() {
        QFETCH(const VocabularyFile, file);
        QFETCH(const Ids, ids);
        const auto opened = file.open();
        QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().message.c_str());
        const auto tokenizer = Tokenizer::fromGguf(**opened);
        QVERIFY2(tokenizer.ok(), tokenizer.ok() ? "" : tokenizer.error().message.c_str());
        const auto pair = TextPair::read(**opened, **tokenizer);
        QVERIFY(pair.ok());
        const auto joined = pair->encode("a", "b", 16);
        QVERIFY(joined.ok());
        QVERIFY(*joined == ids);
        const auto cut = pair->encode("a", "b b b b b b b b", static_cast<std::int32_t>(ids.size()));
        QVERIFY(cut.ok());
        QVERIFY(*cut == ids);
        QVERIFY(!pair->encode("a", "b", static_cast<std::int32_t>(ids.size()) - 1).ok());
    }

    void refusesKeysThatMakeNoSense_data() {
        QTest::addColumn<QString>("key");
        QTest::addColumn<std::uint32_t>("value");
        QTest::newRow("a separator beyond the vocabulary") << "tokenizer.ggml.seperator_token_id" << 6U;
        QTest::newRow("a number for yes or no") << "tokenizer.ggml.add_sep_token" << 1U;
    }

    void refusesKeysThatMakeNoSense() {
        QFETCH(const QString, key);
        QFETCH(const std::uint32_t, value);
        const auto sound = unigrams().open();
        QVERIFY(sound.ok());
        const auto tokenizer = Tokenizer::fromGguf(**sound);
        QVERIFY(tokenizer.ok());
        VocabularyFile file = unigrams();
        file.others.emplace_back(key.toStdString(), value);
        const auto opened = file.open();
        QVERIFY(opened.ok());
        const auto pair = TextPair::read(**opened, **tokenizer);
        QVERIFY(!pair.ok());
        QVERIFY2(pair.error().message.find(key.toStdString()) != std::string::npos, pair.error().message.c_str());
    }
};

QTEST_GUILESS_MAIN(TestTextPair)
#include "tst_text_pair.moc"
