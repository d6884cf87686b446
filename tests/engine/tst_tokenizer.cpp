#include "engine/text/byte_alphabet.h"
#include "engine/text/unicode.h"
#include "tests/engine/vocabulary_file.h"

#include <QDir>
#include <QElapsedTimer>
#include <QStandardPaths>
#include <QTest>

#include <algorithm>
#include <random>

using namespace hearth;
using hearth::test::VocabularyFile;

class TestTokenizer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textSurvivesEncodingAndDecoding_data();
    void textSurvivesEncodingAndDecoding();
    void randomBytesNeverCrash_data();
    void randomBytesNeverCrash();
    void longRunsTakeLinearTime_data();
    void longRunsTakeLinearTime();
    void repeatedWordsEncodeAsTheFirst();
    void bestMergeComesFirst();
    void mergesToTextsWithoutTokenFallBackToBytes();
    void tokensOfUserAreAlwaysFound();
    void longerSpecialTokenWins();
    void strippingTokensTakeWhiteSpaceAlong();
    void runsOfTokensOfUserTakeLinearTime();
    void beginAndEndAreAddedAsTheFileSays();
    void endsOfGenerationAreKnownByTextAndId();
    void lastPartOfAMessageEndsHarmonyAnswers();
    void controlTokensAreHiddenUnlessShown();
    void idsOutOfRangeGiveNothing();
    void gemmaKeepsLinesAndNewlineTokens();
    void whitespaceModelDropsSpaces();
    void rwkvTakesTheLongestToken();
    void plamoTakesTheCheapestCover();

private:
    static void addVocabularies();
};

namespace {

using Ids = std::vector<TokenId>;

QString starterModelPath() {
    return QStandardPaths::writableLocation(QStandardPaths::GenericDataLocation)
           + QStringLiteral("/hearth/models/SmolLM2-135M-Instruct.Q4_1.gguf");
}

std::unique_ptr<Tokenizer> loadFile(const QString& path) {
    const auto file = GgufFile::open(path.toStdString());
    auto tokenizer = file.ok() ? Tokenizer::fromGguf(**file) : Result<std::unique_ptr<Tokenizer>>(file.error());
    if (!tokenizer.ok())
        qWarning("%s", tokenizer.error().message.c_str());
    return tokenizer.ok() ? std::move(tokenizer).value() : nullptr;
}

std::unique_ptr<Tokenizer> make(const VocabularyFile& file) {
    auto tokenizer = file.load();
    if (!tokenizer.ok())
        qWarning("%s", tokenizer.error().message.c_str());
    return tokenizer.ok() ? std::move(tokenizer).value() : nullptr;
}

Ids encode(const Tokenizer& tokenizer, std::string_view text, ParseSpecial parse = ParseSpecial::No) {
    return tokenizer.encode(text, AddSpecial::No, parse);
}

/// The texts of the tokens, joined by bars.
std::string texts(const Tokenizer& tokenizer, const Ids& ids) {
    std::string result;
    for (const TokenId id : ids)
        result += (result.empty() ? "" : "|") + std::string(tokenizer.tokenText(id));
    return result;
}

/// A byte-level vocabulary of all printable ASCII characters as tokens, with some merges.
VocabularyFile asciiVocabulary() {
    VocabularyFile file;
    for (char letter = '!'; letter <= '~'; ++letter)
        file.add(std::string(1, letter));
    file.add("\u0120");
    file.add("\u010a");
    for (const char* merge : {"h e", "l l", "he ll", "hell o", "\u0120 w"}) {
        std::string joined = merge;
        std::erase(joined, ' ');
        file.merges.emplace_back(merge);
        file.add(joined);
    }
    return file;
}

/// Whether the vocabulary has tokens for all bytes of a character. Some lack bytes that their makers never saw.
bool knowsBytes(const Tokenizer& tokenizer, char32_t codePoint) {
    std::string bytes;
    appendUtf8(bytes, codePoint);
    return std::all_of(bytes.begin(), bytes.end(), [&tokenizer](char byte) {
        std::string character;
        appendUtf8(character, kByteAlphabet.characterOf(static_cast<unsigned char>(byte)));
        const QByteArray name = "<0x" + QByteArray(1, byte).toHex().toUpper() + ">";
        return tokenizer.findToken(character).has_value() || tokenizer.findToken(name.toStdString()).has_value();
    });
}

/// Random text of many scripts; valid UTF-8 without the character that SentencePiece writes spaces with.
std::string randomText(std::mt19937& random, const Tokenizer& tokenizer) {
    constexpr std::u32string_view kCommon =
        U"   \n\tabcdeABC0123.,!'\"-()éüñß漢字かなПрив😀🦙\u0301\u200d\u00a0";
    std::string text;
    for (unsigned count = random() % 60; count > 0; --count) {
        char32_t codePoint = kCommon[random() % kCommon.size()];
        if (random() % 8 == 0)
            codePoint = random() % 0x110000;
        if ((codePoint >= 0xd800 && codePoint < 0xe000) || codePoint == 0x2581 || !knowsBytes(tokenizer, codePoint))
            continue;
        appendUtf8(text, codePoint);
    }
    return text;
}

} // namespace

void TestTokenizer::addVocabularies() {
    QTest::addColumn<QString>("path");
    const QDir parity(QStringLiteral(HEARTH_SHARED_DIR "/parity"));
    for (const char* name : {"tokenizers/ggml-vocab-gpt-2.gguf", "tokenizers/ggml-vocab-llama-spm.gguf",
                             "tokenizers/ggml-vocab-deepseek-coder.gguf", "models/qwen2-gqa.gguf",
                             "models/gptoss-mxfp4.gguf", "models/lfm2moe.gguf"})
        if (parity.exists(QLatin1String(name)))
            QTest::newRow(name) << parity.filePath(QLatin1String(name));
    if (QFile::exists(starterModelPath()))
        QTest::newRow("starter model") << starterModelPath();
    if (!parity.exists() && !QFile::exists(starterModelPath()))
        QSKIP("no reference data beside the source tree and no starter model");
}

void TestTokenizer::textSurvivesEncodingAndDecoding_data() {
    addVocabularies();
}

void TestTokenizer::textSurvivesEncodingAndDecoding() {
    QFETCH(QString, path);
    const auto tokenizer = loadFile(path);
    QVERIFY(tokenizer != nullptr);
    constexpr unsigned kSeed = 4711;
    std::mt19937 random(kSeed);
    for (int round = 0; round < 500; ++round) {
        const std::string text = randomText(random, *tokenizer);
        const Ids ids = encode(*tokenizer, text);
        if (tokenizer->decode(ids, SpecialTokens::Show) != text)
            QFAIL(("seed 4711, round " + std::to_string(round) + ": " + text + "\n" + texts(*tokenizer, ids)).c_str());
        const Ids framed = tokenizer->encode(text, AddSpecial::Yes, ParseSpecial::No);
        QCOMPARE(tokenizer->decode(framed, SpecialTokens::Omit), text);
    }
}

void TestTokenizer::randomBytesNeverCrash_data() {
    addVocabularies();
    const QDir parity(QStringLiteral(HEARTH_SHARED_DIR "/parity"));
    if (parity.exists())
        QTest::newRow("bert") << parity.filePath(QStringLiteral("tokenizers/ggml-vocab-bert-bge.gguf"));
}

void TestTokenizer::randomBytesNeverCrash() {
    QFETCH(QString, path);
    const auto tokenizer = loadFile(path);
    QVERIFY(tokenizer != nullptr);
    std::mt19937 random(99);
    for (int round = 0; round < 500; ++round) {
        std::string bytes(random() % 200, '\0');
        for (char& byte : bytes)
            byte = static_cast<char>(random());
        const Ids ids = tokenizer->encode(bytes, AddSpecial::Yes, ParseSpecial::Yes);
        for (const TokenId id : ids)
            QVERIFY(id >= 0 && id < tokenizer->vocabularySize());
        static_cast<void>(tokenizer->decode(ids, SpecialTokens::Show));
    }
}

void TestTokenizer::longRunsTakeLinearTime_data() {
    addVocabularies();
}

void TestTokenizer::longRunsTakeLinearTime() {
    QFETCH(QString, path);
    const auto tokenizer = loadFile(path);
    QVERIFY(tokenizer != nullptr);
    // So many bytes in one word that comparing all pairs would take minutes.
    constexpr std::size_t kBytes = 100'000;
    constexpr int kMostMs = 60000;
    QElapsedTimer timer;
    timer.start();
    for (const char letter : {'a', ' ', '=', '1', '\n'}) {
        const std::string text(kBytes, letter);
        QCOMPARE(tokenizer->decode(encode(*tokenizer, text), SpecialTokens::Omit), text);
    }
    QVERIFY(timer.elapsed() < kMostMs);
}

void TestTokenizer::repeatedWordsEncodeAsTheFirst() {
    const auto tokenizer = make(asciiVocabulary());
    QVERIFY(tokenizer != nullptr);
    // Long enough for the cache of words.
    std::string text;
    for (int index = 0; index < 200; ++index)
        text += " hello wow";
    const Ids once = encode(*tokenizer, " hello wow");
    const Ids many = encode(*tokenizer, text);
    QCOMPARE(many.size(), once.size() * 200);
    for (std::size_t index = 0; index < many.size(); ++index)
        QCOMPARE(many[index], once[index % once.size()]);
}

void TestTokenizer::bestMergeComesFirst() {
    const auto tokenizer = make(asciiVocabulary());
    QVERIFY(tokenizer != nullptr);
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "hello")), std::string("hello"));
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "helllo")), std::string("hell|l|o"));
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "a wow")), std::string("a|\u0120w|o|w"));
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "lll")), std::string("ll|l"));
}

void TestTokenizer::mergesToTextsWithoutTokenFallBackToBytes() {
    VocabularyFile file = asciiVocabulary();
    file.merges = {"x y", "xy z"};
    const auto tokenizer = make(file);
    QVERIFY(tokenizer != nullptr);
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "xyz")), std::string("x|y|z"));
}

void TestTokenizer::tokensOfUserAreAlwaysFound() {
    VocabularyFile file = asciiVocabulary();
    file.add("<tool>", VocabularyFile::kUserDefined);
    file.add("<|sep|>", VocabularyFile::kControl);
    const auto tokenizer = make(file);
    QVERIFY(tokenizer != nullptr);
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "a<tool>b")), std::string("a|<tool>|b"));
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "<|sep|>", ParseSpecial::Yes)), std::string("<|sep|>"));
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "<|sep|>")), std::string("<|||s|e|p|||>"));
}

void TestTokenizer::longerSpecialTokenWins() {
    VocabularyFile file = asciiVocabulary();
    file.add("<a>", VocabularyFile::kUserDefined);
    file.add("<a><b>", VocabularyFile::kUserDefined);
    file.add("><b", VocabularyFile::kUserDefined);
    file.add("b>cdefg", VocabularyFile::kUserDefined);
    const auto tokenizer = make(file);
    QVERIFY(tokenizer != nullptr);
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "<a><b><a>")), std::string("<a><b>|<a>"));
    // The longest one counts even where another begins before it.
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "<a><b>cdefg")), std::string("<a>|<|b>cdefg"));
}

void TestTokenizer::strippingTokensTakeWhiteSpaceAlong() {
    VocabularyFile file = asciiVocabulary();
    file.add("<mask>", VocabularyFile::kUserDefined);
    file.rule = "jina-v2-de";
    const auto left = make(file);
    QVERIFY(left != nullptr);
    QCOMPARE(texts(*left, encode(*left, "a \n<mask> b")), std::string("a|<mask>|\u0120|b"));

    VocabularyFile phi = asciiVocabulary();
    phi.add("<|user|>", VocabularyFile::kControl);
    phi.add("<|endoftext|>", VocabularyFile::kControl);
    phi.others.emplace_back("general.name", std::string("Phi-3 mini"));
    const auto right = make(phi);
    QVERIFY(right != nullptr);
    QCOMPARE(texts(*right, encode(*right, "a <|user|> \nb<|endoftext|> c", ParseSpecial::Yes)),
             std::string("a|\u0120|<|user|>|b|<|endoftext|>|\u0120|c"));
}

void TestTokenizer::runsOfTokensOfUserTakeLinearTime() {
    // As some vocabularies have: a token for every number of spaces up to 31.
    VocabularyFile file = asciiVocabulary();
    for (std::size_t count = 2; count < 32; ++count)
        file.add(std::string(count, ' '), VocabularyFile::kUserDefined);
    const auto tokenizer = make(file);
    QVERIFY(tokenizer != nullptr);
    constexpr int kMostMs = 60000;
    QElapsedTimer timer;
    timer.start();
    const std::string text(31 * 10000 + 5, ' ');
    const Ids ids = encode(*tokenizer, text);
    QCOMPARE(ids.size(), std::size_t{10001});
    QCOMPARE(tokenizer->tokenText(ids.front()).size(), std::size_t{31});
    QCOMPARE(tokenizer->tokenText(ids.back()).size(), std::size_t{5});
    QVERIFY(timer.elapsed() < kMostMs);
}

void TestTokenizer::beginAndEndAreAddedAsTheFileSays() {
    VocabularyFile file = asciiVocabulary();
    file.add("<s>", VocabularyFile::kControl);
    file.add("</s>", VocabularyFile::kControl);
    const auto begin = static_cast<std::uint32_t>(file.tokens.size() - 2);
    file.others = {{"tokenizer.ggml.bos_token_id", begin}, {"tokenizer.ggml.eos_token_id", begin + 1}};
    const auto framed = [&](std::vector<std::pair<std::string, GgufField>> more) {
        VocabularyFile changed = file;
        changed.others.insert(changed.others.end(), more.begin(), more.end());
        const auto tokenizer = make(changed);
        return tokenizer == nullptr ? std::string("not loaded")
                                    : texts(*tokenizer, tokenizer->encode("a", AddSpecial::Yes, ParseSpecial::No));
    };
    QCOMPARE(framed({}), std::string("a"));
    QCOMPARE(framed({{"tokenizer.ggml.add_bos_token", true}}), std::string("<s>|a"));
    QCOMPARE(framed({{"tokenizer.ggml.add_bos_token", true}, {"tokenizer.ggml.add_eos_token", true}}),
             std::string("<s>|a|</s>"));
    // Some rules imply the begin token; the file may still say no.
    QCOMPARE(framed({{"tokenizer.ggml.pre", std::string("llama-bpe")}}), std::string("<s>|a"));
    QCOMPARE(framed({{"tokenizer.ggml.pre", std::string("llama-bpe")}, {"tokenizer.ggml.add_bos_token", false}}),
             std::string("a"));
}

void TestTokenizer::endsOfGenerationAreKnownByTextAndId() {
    VocabularyFile file = asciiVocabulary();
    file.add("<|im_end|>");
    file.add("<|im_start|>", VocabularyFile::kControl);
    file.add("<|file_sep|>", VocabularyFile::kControl);
    file.add("[stop]", VocabularyFile::kControl);
    file.add("[over]", VocabularyFile::kControl);
    const auto count = static_cast<std::uint32_t>(file.tokens.size());
    file.others = {{"tokenizer.ggml.eos_token_id", count - 2}, {"tokenizer.ggml.eot_token_id", count - 1}};
    const auto tokenizer = make(file);
    QVERIFY(tokenizer != nullptr);
    const auto ends = [&](const char* text) { return tokenizer->endsGeneration(*tokenizer->findToken(text)); };
    QVERIFY(ends("<|im_end|>"));
    QVERIFY(ends("<|file_sep|>"));
    QVERIFY(ends("[stop]"));
    QVERIFY(ends("[over]"));
    QVERIFY(!ends("<|im_start|>"));
    QVERIFY(!ends(","));
    QVERIFY(!tokenizer->endsGeneration(-1));
    QVERIFY(!tokenizer->endsGeneration(1 << 30));
    // A token that ends answers is a control token, whatever its type in the file.
    QVERIFY(tokenizer->isControl(*tokenizer->findToken("<|im_end|>")));
    QCOMPARE(*tokenizer->endToken(), static_cast<TokenId>(count - 2));
    QVERIFY(!tokenizer->beginToken().has_value());
}

void TestTokenizer::lastPartOfAMessageEndsHarmonyAnswers() {
    VocabularyFile file = asciiVocabulary();
    for (const char* text : {"<|start|>", "<|channel|>", "<|message|>", "<|end|>", "<|return|>", "<|call|>"})
        file.add(text, VocabularyFile::kControl);
    const auto harmony = make(file);
    QVERIFY(harmony != nullptr);
    QVERIFY(harmony->endsGeneration(*harmony->findToken("<|return|>")));
    QVERIFY(harmony->endsGeneration(*harmony->findToken("<|call|>")));
    QVERIFY(!harmony->endsGeneration(*harmony->findToken("<|end|>")));
    QCOMPARE(harmony->tokenBytes(*harmony->findToken("<|channel|>")), std::string("<|channel|>"));

    VocabularyFile other = asciiVocabulary();
    other.add("<|end|>", VocabularyFile::kControl);
    const auto phi = make(other);
    QVERIFY(phi != nullptr);
    QVERIFY(phi->endsGeneration(*phi->findToken("<|end|>")));
}

void TestTokenizer::controlTokensAreHiddenUnlessShown() {
    VocabularyFile file = asciiVocabulary();
    file.add("<|x|>", VocabularyFile::kControl);
    file.add("<y>", VocabularyFile::kUserDefined);
    const auto tokenizer = make(file);
    QVERIFY(tokenizer != nullptr);
    const Ids ids = encode(*tokenizer, "a<|x|>b<y> \n", ParseSpecial::Yes);
    QCOMPARE(tokenizer->decode(ids, SpecialTokens::Omit), std::string("ab<y> \n"));
    QCOMPARE(tokenizer->decode(ids, SpecialTokens::Show), std::string("a<|x|>b<y> \n"));
    QCOMPARE(tokenizer->tokenBytes(*tokenizer->findToken("<|x|>")), std::string());
    QCOMPARE(tokenizer->tokenBytes(*tokenizer->findToken("\u0120")), std::string(" "));
    QCOMPARE(tokenizer->tokenText(*tokenizer->findToken("\u0120")), std::string_view("\u0120"));
}

void TestTokenizer::idsOutOfRangeGiveNothing() {
    const auto tokenizer = make(asciiVocabulary());
    QVERIFY(tokenizer != nullptr);
    const Ids ids{-1, 0, tokenizer->vocabularySize(), std::numeric_limits<TokenId>::max()};
    QCOMPARE(tokenizer->decode(ids, SpecialTokens::Show), std::string("!"));
    QVERIFY(tokenizer->tokenBytes(-1).empty());
    QVERIFY(tokenizer->tokenText(tokenizer->vocabularySize()).empty());
    QVERIFY(!tokenizer->isControl(-5));
    QVERIFY(!tokenizer->findToken("not a token").has_value());
}

void TestTokenizer::gemmaKeepsLinesAndNewlineTokens() {
    VocabularyFile file;
    file.model = "gemma4";
    file.addBytes();
    for (const char* token : {"\u2581", "\n", "\n\n", "\n\n\n", "a", "b", "ab", "\u2581a", "\u2581ab", "b\u2581"})
        file.add(token);
    file.add("<bos>", VocabularyFile::kControl);
    file.merges = {"a b", "\u2581 ab", "\n \n", "\u2581 a"};
    file.others = {{"tokenizer.ggml.bos_token_id", static_cast<std::uint32_t>(file.tokens.size() - 1)},
                   {"tokenizer.ggml.add_bos_token", false}};
    const auto tokenizer = make(file);
    QVERIFY(tokenizer != nullptr);
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "ab ab\n\n\na")), std::string("ab|\u2581ab|\n\n\n|a"));
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "a\u00e9")), std::string("a|<0xC3>|<0xA9>"));
    QCOMPARE(texts(*tokenizer, tokenizer->encode("a", AddSpecial::Yes, ParseSpecial::No)), std::string("<bos>|a"));
    QCOMPARE(tokenizer->decode(encode(*tokenizer, "ab  a\u00e9\n"), SpecialTokens::Omit), std::string("ab  a\u00e9\n"));
}

void TestTokenizer::whitespaceModelDropsSpaces() {
    VocabularyFile file;
    file.model = "whitespace";
    file.rule = "whitespace";
    for (const char* token : {"a", "b", "ab", "\u4e2d", "\u6587", "\u4e2d\u6587"})
        file.add(token);
    file.merges = {"a b", "\u4e2d \u6587"};
    const auto plain = make(file);
    QVERIFY(plain != nullptr);
    QCOMPARE(texts(*plain, encode(*plain, " ab\u3000\u4e2d\u6587 \n a")), std::string("ab|\u4e2d\u6587|a"));
    QCOMPARE(texts(*plain, encode(*plain, "AB")), std::string());
    file.others.emplace_back("tokenizer.ggml.normalizer.lowercase", true);
    const auto lower = make(file);
    QVERIFY(lower != nullptr);
    QCOMPARE(texts(*lower, encode(*lower, "AB aB")), std::string("ab|ab"));
}

void TestTokenizer::rwkvTakesTheLongestToken() {
    VocabularyFile file;
    file.model = "rwkv";
    for (const char* token : {"<s>", "a", "ab", "abcd", "c", "\\n", "\\xe6\\xbc", "\\xa2", "\\\\", "\\t\\t"})
        file.add(token);
    const auto tokenizer = make(file);
    QVERIFY(tokenizer != nullptr);
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "abcab")), std::string("ab|c|ab"));
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "abcd\n")), std::string("abcd|\\n"));
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "\u6f22\\")), std::string("\\xe6\\xbc|\\xa2|\\\\"));
    QCOMPARE(tokenizer->decode(encode(*tokenizer, "\t\tab\u6f22\\\n"), SpecialTokens::Omit),
             std::string("\t\tab\u6f22\\\n"));
    // Without an unknown token, what no token covers is left out.
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "axb")), std::string("a"));
}

void TestTokenizer::plamoTakesTheCheapestCover() {
    VocabularyFile file;
    file.model = "plamo2";
    file.add("<unk>", VocabularyFile::kUnknown);
    file.addBytes();
    file.add("a", VocabularyFile::kNormal, -5);
    file.add("b", VocabularyFile::kNormal, -5);
    file.add("ab", VocabularyFile::kNormal, -9);
    file.add("aba", VocabularyFile::kNormal, -12);
    file.add("ba", VocabularyFile::kNormal, -10);
    const auto tokenizer = make(file);
    QVERIFY(tokenizer != nullptr);
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "ab")), std::string("ab"));
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "aba")), std::string("aba"));
    // Equal costs: the longer token.
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "ba")), std::string("ba"));
    QCOMPARE(texts(*tokenizer, encode(*tokenizer, "a\u00e9")), std::string("a|<0xC3>|<0xA9>"));
    QCOMPARE(tokenizer->decode(encode(*tokenizer, "ab\u6f22\U0001f999x"), SpecialTokens::Omit),
             std::string("ab\u6f22\U0001f999x"));
}

QTEST_APPLESS_MAIN(TestTokenizer)
#include "tst_tokenizer.moc"
