#include "engine/text/grammar/grammar.h"
#include "engine/text/grammar/grammar_constraint.h"
#include "engine/text/grammar/grammar_states.h"
#include "engine/text/grammar/string_language.h"
#include "fake_tokenizer.h"

#include <QtTest>

#include <random>

using namespace hearth;

namespace {

/// Letters, pieces, half characters, and an end token.
class PieceTokenizer final : public Tokenizer {
public:
    explicit PieceTokenizer(std::vector<std::string> pieces) : m_pieces(std::move(pieces)) {
        m_pieces.emplace_back("<end>");
    }
    std::vector<TokenId> encode(std::string_view, AddSpecial, ParseSpecial) const override { return {}; }
    std::string decode(std::span<const TokenId>, SpecialTokens) const override { return {}; }
    std::string tokenBytes(TokenId id) const override {
        return isControl(id) ? std::string() : m_pieces[static_cast<std::size_t>(id)];
    }
    std::string_view tokenText(TokenId id) const override { return m_pieces[static_cast<std::size_t>(id)]; }
    std::optional<TokenId> findToken(std::string_view text) const override {
        for (std::size_t id = 0; id < m_pieces.size(); ++id)
            if (m_pieces[id] == text)
                return static_cast<TokenId>(id);
        return std::nullopt;
    }
    std::int32_t vocabularySize() const override { return static_cast<std::int32_t>(m_pieces.size()); }
    std::optional<TokenId> beginToken() const override { return std::nullopt; }
    std::optional<TokenId> endToken() const override { return vocabularySize() - 1; }
    bool endsGeneration(TokenId id) const override { return id == vocabularySize() - 1; }
    bool isControl(TokenId id) const override {
        return endsGeneration(id) || m_pieces[static_cast<std::size_t>(id)].starts_with("<|");
    }

private:
    std::vector<std::string> m_pieces;
};

bool accepts(const Grammar& grammar, std::string_view text) {
    GrammarStates states(grammar.automaton());
    return states.mayEnd(states.stepAll(states.start(), text));
}

std::unique_ptr<GrammarConstraint> constraintOf(const std::string& source, const Tokenizer& tokenizer) {
    const auto grammar = Grammar::fromGbnf(source);
    if (!grammar)
        qFatal("%s", grammar.error().message.c_str());
    auto constraint = GrammarConstraint::create(*grammar, tokenizer, std::make_shared<const TokenTrie>(tokenizer));
    if (!constraint)
        qFatal("%s", constraint.error().message.c_str());
    return std::move(constraint).value();
}

/// The tokens that a constraint leaves, as texts.
QStringList allowed(GrammarConstraint& constraint, const Tokenizer& tokenizer) {
    std::vector<float> logits(static_cast<std::size_t>(tokenizer.vocabularySize()), 1.0F);
    constraint.restrict(logits);
    QStringList texts;
    for (std::size_t id = 0; id < logits.size(); ++id)
        if (logits[id] == 1.0F)
            texts.append(QString::fromUtf8(std::string(tokenizer.tokenText(static_cast<TokenId>(id))).c_str()));
    return texts;
}

} // namespace

class TestGrammar : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void textsOfAGrammarAreTold_data();
    void textsOfAGrammarAreTold();
    void wrongGrammarsAreNamedWithTheirPlace_data();
    void wrongGrammarsAreNamedWithTheirPlace();
    void onlyFittingTokensAreLeft();
    void endTokensComeWhereTheGrammarMayEnd();
    void partsOfCharactersAreFollowed();
    void tokensOfTheGrammarAreMatchedWhole();
    void unknownTokensAreNamed();
    void rewindingGoesBack();
    void masksAgreeWithSingleTokens();
    void stateStaysSmallOnAmbiguousGrammars();
    void hopelesslyAmbiguousGrammarsAreRefused();
    void deepNestingComesBackUp();
    void leadsComeFirst();
    void mutatedGrammarsEnd();
    void patternsMatchAsTheyRead_data();
    void patternsMatchAsTheyRead();
    void wrongPatternsAreNamed_data();
    void wrongPatternsAreNamed();
};

void TestGrammar::textsOfAGrammarAreTold_data() {
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArrayList>("texts");
    QTest::addColumn<QByteArrayList>("others");
    const auto row = [](const char* name, const char* source, QByteArrayList texts, QByteArrayList others) {
        QTest::newRow(name) << QByteArray(source) << texts << others;
    };
    row("text", "root ::= \"yes\" | \"no\"", {"yes", "no"}, {"", "y", "yesno", "maybe"});
    row("set", "root ::= [a-cX_] [^a-c\\n]", {"ax", "_X", "Xü"}, {"aa", "b\n", "dx", "a"});
    row("any", "root ::= . .", {"ab", "ü\n", "漢字", "\xf0\x9f\x8e\x89!"}, {"a", "abc", "\xff\xff"});
    row("repetitions", "root ::= \"a\"? \"b\"* \"c\"+ \"d\"{2} \"e\"{1,} \"f\"{0,2} \"g\"{,1}",
        {"cdde", "abbccddeeeffg", "cddeg"}, {"dde", "cdd", "cde", "cddefff", "cddegg"});
    row("repetition of a repetition", "root ::= (\"a\"{2}){2,3} ([b-d]*)*", {"aaaa", "aaaaaabcd"},
        {"aa", "aaaaa", "b"});
    row("groups over lines", "root ::= (\n  \"a\" | # one\n  \"b\"\n)+ |\n  \"c\"", {"ab", "c"}, {"", "ac"});
    row("rules", "root ::= list\nlist ::= \"[\" (item (\",\" item)*)? \"]\"\nitem ::= [0-9]+ | list",
        {"[]", "[1,[2,34],[]]"}, {"[", "[1,]", "1"});
    row("right recursion", "root ::= \"a\" root \"b\" | \"\"", {"", "ab", "aaabbb"}, {"aab", "ba"});
    row("escapes", "root ::= \"\\\"\\\\\\x41\\u00e9\\U0001F389\\t\" [\\]\\[\\-^]",
        {"\"\\Aé🎉\t]", "\"\\Aé🎉\t-", "\"\\Aé🎉\t^"}, {"\"\\Aé🎉\ta"});
    row("ambiguous", "root ::= x x x\nx ::= \"a\"*", {"", "a", "aaaaaaaaaaaaaaaa"}, {"ab"});
    row("windows line ends", "root ::= a\r\na ::= \"x\"\r\n", {"x"}, {"y"});
    row("an endless way beside one that ends", "root ::= \"a\" loop | \"b\"\nloop ::= \"x\" loop", {"b"}, {"a", "ax"});
    row("names", "root ::= my-rule_2\nmy-rule_2 ::= \"x\"", {"x"}, {"y"});
    row("all lengths of UTF-8", "root ::= [\\x01-\\U0010FFFF]", {"a", "ß", "語", "\xf4\x8f\xbf\xbf", "\xee\x80\x80"},
        {"\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "\xe0\x80\x80"});
}

void TestGrammar::textsOfAGrammarAreTold() {
    QFETCH(QByteArray, source);
    QFETCH(QByteArrayList, texts);
    QFETCH(QByteArrayList, others);
    const auto grammar = Grammar::fromGbnf(source.toStdString());
    QVERIFY2(grammar.ok(), grammar.ok() ? "" : grammar.error().message.c_str());
    for (const QByteArray& text : texts)
        QVERIFY2(accepts(**grammar, text.toStdString()), text);
    for (const QByteArray& text : others)
        QVERIFY2(!accepts(**grammar, text.toStdString()), text);
}

void TestGrammar::wrongGrammarsAreNamedWithTheirPlace_data() {
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char* name, const QByteArray& source, const char* message) {
        QTest::newRow(name) << source << QByteArray(message);
    };
    row("empty", "", "grammar: there is no rule 'root', which says what the whole answer is");
    row("no definition", "root = \"a\"",
        "grammar: line 1, column 6: expected '::=' after the rule's name 'root', found '='");
    row("open text", "root ::= \"a",
        "grammar: line 1, column 10: the text that begins here has no closing quotation mark");
    row("open set", "root ::= a\na ::= [b",
        "grammar: line 2, column 7: the set that begins here has no closing bracket");
    row("open group", "root ::= (\"ä\" | \"b\"",
        "grammar: line 1, column 20: expected ')' for the '(' of line 1, column 10, found the end of the grammar");
    row("missing rule", "root ::= \"x\"\n  | y z", "grammar: line 2, column 3: expected the name of a rule, found '|'");
    row("undefined", "root ::= \"x\" |\n  item", "grammar: line 2, column 3: there is no rule 'item'");
    row("twice", "root ::= \"a\"\nroot ::= \"b\"",
        "grammar: line 2, column 1: the rule 'root' is defined a second time");
    row("nothing to repeat", "root ::= *",
        "grammar: line 1, column 10: there is nothing before '*' that could be repeated");
    row("counts", "root ::= \"a\"{3,2}", "grammar: line 1, column 13: at most 2 repetitions are fewer than at least 3");
    row("too many", "root ::= \"a\"{1000000}", "grammar: line 1, column 14: more than 100000 repetitions");
    row("escape", "root ::= \"\\q\"",
        "grammar: line 1, column 11: an unknown escape; known are \\n \\r \\t \\\\ \\\" \\[ \\] \\xXX \\uXXXX "
        "\\UXXXXXXXX");
    row("hex", "root ::= \"\\u12\"", "grammar: line 1, column 11: expected 4 hexadecimal digits after this escape");
    row("range", "root ::= [z-a]", "grammar: line 1, column 11: the range ends before it begins");
    row("left recursion", "root ::= x\nx ::= x \"a\" | \"b\"",
        "grammar: line 1, column 10: the rule 'x' is left-recursive: it calls itself before it has read anything; put "
        "what is repeated behind, as in x ::= y x?");
    row("endless", "root ::= \"a\" root",
        "grammar: line 1, column 1: the rule 'root' matches no finite text: every way through it goes on forever");
    row("empty set", "root ::= []",
        "grammar: line 1, column 1: the rule 'root' matches no finite text: every way through it goes on forever");
    row("no text", QByteArray("root ::= \"\xff\""), "grammar: line 1, column 11: a byte that is no text");
    row("too big", "root ::= ((\"abcdefgh\"{1000}){1000}){1000}", "");
    row("far too big", "root ::= x{100000} x{100000} x{100000} x{100000} x{100000} x{100000}\nx ::= \"abc\"",
        "grammar: it is too big: the rule 'root' takes it beyond 524288 states; smaller numbers of repetitions help "
        "most");
    row("token", "root ::= <abc\n>", "grammar: line 1, column 10: the token that begins here has no closing '>'");
}

void TestGrammar::wrongGrammarsAreNamedWithTheirPlace() {
    QFETCH(QByteArray, source);
    QFETCH(QByteArray, message);
    const auto grammar = Grammar::fromGbnf(source.toStdString());
    if (message.isEmpty()) { // large, but shared
        QVERIFY(grammar.ok());
        return;
    }
    QVERIFY(!grammar.ok());
    QCOMPARE(grammar.error().code, ErrorCode::InvalidInput);
    QCOMPARE(QByteArray::fromStdString(grammar.error().message), message);
}

void TestGrammar::onlyFittingTokensAreLeft() {
    const PieceTokenizer tokenizer({"a", "b", "ab", "aba", "bb", "c", " a", ""});
    const auto constraint = constraintOf("root ::= \"ab\" \"b\"* \"c\"", tokenizer);
    QCOMPARE(allowed(*constraint, tokenizer), QStringList({QStringLiteral("a"), QStringLiteral("ab")}));
    constraint->accept(0);
    QCOMPARE(allowed(*constraint, tokenizer), QStringList({QStringLiteral("b"), QStringLiteral("bb")}));
    constraint->accept(4);
    QCOMPARE(allowed(*constraint, tokenizer),
             QStringList({QStringLiteral("b"), QStringLiteral("bb"), QStringLiteral("c")}));
    QVERIFY(!constraint->isComplete());
    constraint->accept(5);
    QVERIFY(constraint->isComplete());
    QVERIFY(!constraint->failure());
}

void TestGrammar::endTokensComeWhereTheGrammarMayEnd() {
    const PieceTokenizer tokenizer({"a", "b"});
    const auto constraint = constraintOf("root ::= \"a\" \"b\"?", tokenizer);
    QCOMPARE(allowed(*constraint, tokenizer), QStringList({QStringLiteral("a")}));
    QVERIFY(!constraint->allows(2));
    constraint->accept(0);
    QCOMPARE(allowed(*constraint, tokenizer), QStringList({QStringLiteral("b"), QStringLiteral("<end>")}));
    QVERIFY(constraint->allows(2));
}

void TestGrammar::partsOfCharactersAreFollowed() {
    const PieceTokenizer tokenizer({"\xe6", "\xbc", "\xa2", "\xbc\xa2", "\xc3", "a"});
    const auto constraint = constraintOf("root ::= [\\u6f22-\\u6f23]+", tokenizer); // e6 bc a2
    std::vector<float> logits(7, 0.0F);
    constraint->restrict(logits);
    QCOMPARE(logits[0], 0.0F);
    QVERIFY(std::isinf(logits[4]) && std::isinf(logits[5]) && std::isinf(logits[6]));
    constraint->accept(0);
    QVERIFY(constraint->allows(1) && constraint->allows(3) && !constraint->allows(0) && !constraint->allows(6));
    constraint->accept(3);
    QVERIFY(constraint->allows(0) && constraint->allows(6));
}

void TestGrammar::tokensOfTheGrammarAreMatchedWhole() {
    const PieceTokenizer tokenizer({"<think>", "</think>", "a", "<", "<|x|>"});
    const auto constraint = constraintOf("root ::= <think> !</think>* </think> \"a\"", tokenizer);
    QCOMPARE(allowed(*constraint, tokenizer), QStringList({QStringLiteral("<think>")}));
    constraint->accept(0);
    QCOMPARE(allowed(*constraint, tokenizer),
             QStringList({QStringLiteral("<think>"), QStringLiteral("</think>"), QStringLiteral("a"),
                          QStringLiteral("<"), QStringLiteral("<|x|>")}));
    constraint->accept(4);
    constraint->accept(1);
    QCOMPARE(allowed(*constraint, tokenizer), QStringList({QStringLiteral("a")}));
    const auto byNumber = constraintOf("root ::= <[4]>", tokenizer);
    QCOMPARE(allowed(*byNumber, tokenizer), QStringList({QStringLiteral("<|x|>")}));
}

void TestGrammar::unknownTokensAreNamed() {
    const PieceTokenizer tokenizer({"a"});
    const auto trie = std::make_shared<const TokenTrie>(tokenizer);
    const auto named = Grammar::fromGbnf("root ::= \"a\" |\n <nope>");
    const auto constraint = GrammarConstraint::create(*named, tokenizer, trie);
    QVERIFY(!constraint.ok());
    QCOMPARE(QByteArray::fromStdString(constraint.error().message),
             QByteArray("grammar: line 2, column 2: this model has no token '<nope>'; to match these characters write "
                        "them in quotation marks"));
    const auto numbered = GrammarConstraint::create(*Grammar::fromGbnf("root ::= <[77]>"), tokenizer, trie);
    QVERIFY(!numbered.ok());
    const auto impossible = GrammarConstraint::create(*Grammar::fromGbnf("root ::= \"b\""), tokenizer, trie);
    QVERIFY(!impossible.ok());
    QCOMPARE(QByteArray::fromStdString(impossible.error().message),
             QByteArray("grammar: no token of this model can begin the answer"));
}

void TestGrammar::rewindingGoesBack() {
    const PieceTokenizer tokenizer({"a", "b", "c"});
    const auto constraint = constraintOf("root ::= \"abc\"", tokenizer);
    constraint->accept(0);
    constraint->accept(1);
    QVERIFY(constraint->allows(2));
    constraint->accept(1); // not allowed
    QVERIFY(constraint->failure());
    constraint->rewind(2);
    QVERIFY(!constraint->failure());
    QVERIFY(constraint->allows(1) && !constraint->allows(2));
}

// The walk over the vocabulary's tree against every token on its own.
void TestGrammar::masksAgreeWithSingleTokens() {
    std::mt19937 random(7);
    std::vector<std::string> pieces;
    for (int count = 0; count < 600; ++count) {
        std::string piece;
        for (unsigned length = 1 + random() % 6; length > 0; --length)
            piece += "ab[]{},:\"1 \n"[random() % 12];
        pieces.push_back(piece);
    }
    const PieceTokenizer tokenizer(pieces);
    const auto constraint =
        constraintOf("root ::= v\nv ::= o | l | s | [0-9]+\no ::= \"{\" (s \":\" v (\",\" s \":\" v)*)? \"}\"\n"
                     "l ::= \"[\" (v (\",\" v)*)? \"]\"\ns ::= \"\\\"\" [^\"]* \"\\\"\"",
                     tokenizer);
    const auto single =
        constraintOf("root ::= v\nv ::= o | l | s | [0-9]+\no ::= \"{\" (s \":\" v (\",\" s \":\" v)*)? \"}\"\n"
                     "l ::= \"[\" (v (\",\" v)*)? \"]\"\ns ::= \"\\\"\" [^\"]* \"\\\"\"",
                     tokenizer);
    for (int step = 0; step < 60; ++step) {
        std::vector<float> logits(static_cast<std::size_t>(tokenizer.vocabularySize()), 0.0F);
        std::vector<TokenId> left;
        for (TokenId id = 0; id < tokenizer.vocabularySize(); ++id)
            if (single->allows(id))
                left.push_back(id);
        constraint->restrict(logits);
        for (TokenId id = 0; id < tokenizer.vocabularySize(); ++id)
            QCOMPARE(logits[static_cast<std::size_t>(id)] == 0.0F,
                     std::find(left.begin(), left.end(), id) != left.end());
        std::erase(left, tokenizer.vocabularySize() - 1);
        if (left.empty())
            break;
        const TokenId next = left[random() % left.size()];
        constraint->accept(next);
        single->accept(next);
    }
}

void TestGrammar::stateStaysSmallOnAmbiguousGrammars() {
    // 2^n stacks of x and y after n letters, in n entries.
    const auto grammar = Grammar::fromGbnf("root ::= \"a\" root \"x\" | \"a\" root \"y\" | \"\"");
    QVERIFY(grammar.ok());
    GrammarStates states((*grammar)->automaton());
    GrammarStates::State state = states.start();
    for (int letter = 0; letter < 200; ++letter)
        state = states.step(state, 'a');
    QVERIFY(state != GrammarStates::kDead);
    for (int letter = 0; letter < 200; ++letter)
        state = states.step(state, letter % 3 == 0 ? 'x' : 'y');
    QVERIFY(states.mayEnd(state) && !states.exhausted());
    QVERIFY(states.takeWork() < 200'000);
}

void TestGrammar::hopelesslyAmbiguousGrammarsAreRefused() {
    const PieceTokenizer tokenizer({"a", "aa", "aaaa", "aaaaaaaa"});
    const auto grammar = Grammar::fromGbnf("root ::= x{0,3000}\nx ::= y{0,3000}\ny ::= [a-z]{0,100}");
    QVERIFY(grammar.ok());
    QElapsedTimer timer;
    timer.start();
    auto constraint = GrammarConstraint::create(*grammar, tokenizer, std::make_shared<const TokenTrie>(tokenizer));
    for (int step = 0; constraint.ok() && !(*constraint)->failure() && step < 2000; ++step)
        (*constraint)->accept(3);
    const std::optional<Error> failure = constraint.ok() ? (*constraint)->failure() : constraint.error();
    if (failure)
        QVERIFY2(failure->message.find("too ambiguous") != std::string::npos, failure->message.c_str());
    QVERIFY2(timer.elapsed() < 20'000, "bounded in time, either way");
}

void TestGrammar::deepNestingComesBackUp() {
    const auto grammar = Grammar::fromGbnf("root ::= \"(\" root \")\" | \"x\"");
    GrammarStates states((*grammar)->automaton());
    GrammarStates::State state = states.start();
    int depth = 0;
    while (states.step(state, '(') != GrammarStates::kDead && depth < 5000) {
        state = states.step(state, '(');
        ++depth;
    }
    QCOMPARE(depth, static_cast<int>(StackSets::kDeepest));
    state = states.stepAll(state, "x" + std::string(static_cast<std::size_t>(depth), ')'));
    QVERIFY(states.isComplete(state));
}

void TestGrammar::leadsComeFirst() {
    const auto grammar = Grammar::fromGbnf("root ::= lead\nlead ::= [0-9]+");
    const auto whole = (*grammar)->after("lead ::= (\"<think>\" [^<]* \"</think>\")?\n");
    QVERIFY(whole.ok());
    QVERIFY(accepts(**whole, "42") && accepts(**whole, "<think>hm 1</think>42"));
    QVERIFY(!accepts(**whole, "<think>42") && !accepts(**grammar, "<think></think>42"));
}

// Grammars broken at random: each ends soon, with a grammar or a message.
void TestGrammar::mutatedGrammarsEnd() {
    const std::vector<std::string> seeds{
        "root ::= v\nv ::= o | l | s | [0-9]+\no ::= \"{\" (s \":\" v (\",\" s \":\" v)*)? \"}\"\nl ::= \"[\" v* "
        "\"]\"\ns ::= \"\\\"\" [^\"\\\\]* \"\\\"\"",
        "root ::= (\"a\"{2,5} | [b-d]+ | x?)* # c\nx ::= <[1]> !<b> . \"\\x41\\u00e9\"",
        "root ::= a b\na ::= b? c\nb ::= \"1\" a | \"\"\nc ::= (a b){0,3} \"c\""};
    const std::vector<std::string> parts{"::=", "|", "*", "+",  "?",    "{",  "}",    "{1,9}", "{99999}", "(",
                                         ")",   "[", "]", "[^", "\"",   "\\", "root", "a",     "v",       "<",
                                         ">",   "!", "#", "\n", "\xff", "ü",  "-",    ".",     ","};
    std::mt19937 random(20261122);
    const PieceTokenizer tokenizer({"a", "b", "{", "\"", "1", "<b>"});
    const auto trie = std::make_shared<const TokenTrie>(tokenizer);
    int good = 0;
    for (int round = 0; round < 3000; ++round) {
        std::string source = seeds[random() % seeds.size()];
        for (unsigned count = 1 + random() % 4; count > 0; --count) {
            const std::size_t at = random() % (source.size() + 1);
            if (random() % 3 == 0)
                source.erase(at, 1 + random() % 6);
            else
                source.insert(at, parts[random() % parts.size()]);
        }
        const auto grammar = Grammar::fromGbnf(source);
        if (!grammar) {
            QVERIFY(!grammar.error().message.empty());
            continue;
        }
        ++good;
        auto constraint = GrammarConstraint::create(*grammar, tokenizer, trie);
        for (int step = 0; constraint.ok() && step < 8 && !(*constraint)->isComplete(); ++step) {
            std::vector<float> logits(7, 0.0F);
            (*constraint)->restrict(logits);
            const auto first = std::find(logits.begin(), logits.end(), 0.0F);
            if (first == logits.end() || (*constraint)->failure())
                break;
            (*constraint)->accept(static_cast<TokenId>(first - logits.begin()));
        }
    }
    QVERIFY2(good > 100, "most mutations are refused, but not all");
}

void TestGrammar::patternsMatchAsTheyRead_data() {
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<QByteArrayList>("texts");
    QTest::addColumn<QByteArrayList>("others");
    const auto row = [](const char* pattern, QByteArrayList texts, QByteArrayList others) {
        QTest::newRow(pattern) << QByteArray(pattern) << texts << others;
    };
    row("^a.c$", {"abc", "aüc"}, {"ac", "abcd", "a\nc"});
    row("b+", {"b", "abba"}, {"", "aca"});
    row("^x", {"x", "xyz"}, {"ax"});
    row("x$", {"x", "ax"}, {"xa"});
    row("^(a|bc)*$", {"", "abca"}, {"ab", "c"});
    row("^[a-f\\d-]{2,3}?$", {"a1", "-f0"}, {"a", "abcd", "gg"});
    row("^\\w+\\s\\S\\D\\W$", {"ab_9 xx!"}, {"ab  x!", "ab x1!"});
    row("^(?:ab){2}(?<n>c)?\\.$", {"abab.", "ababc."}, {"ab.", "ababx"});
    row("^\\u00e9\\x41\\t\\/\\-[\\]\\\\]$", {"éA\t/-]", "éA\t/-\\"}, {"eA\t/-]"});
    row("^a|b$", {"ax", "xb", "ab"}, {"xa", "bx"});
    row("^a{0}b{2,}$", {"bb", "bbbb"}, {"abb", "b"});
    row("", {"", "anything"}, {});
    row("^[^a-z]$", {"A", "漢"}, {"b", "AB"});
}

void TestGrammar::patternsMatchAsTheyRead() {
    QFETCH(QByteArray, pattern);
    QFETCH(QByteArrayList, texts);
    QFETCH(QByteArrayList, others);
    const auto language = StringLanguage::fromPattern(pattern.toStdString());
    QVERIFY2(language.ok(), language.ok() ? "" : language.error().message.c_str());
    for (const QByteArray& text : texts)
        QVERIFY2(language->matches(text.toStdString()), text);
    for (const QByteArray& text : others)
        QVERIFY2(!language->matches(text.toStdString()), text);
}

void TestGrammar::wrongPatternsAreNamed_data() {
    QTest::addColumn<QByteArray>("pattern");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char* pattern, const char* message) {
        QTest::newRow(pattern) << QByteArray(pattern) << QByteArray(message);
    };
    row("a(?=b)", "pattern 'a(?=b)', position 2: look-ahead and look-behind are not supported");
    row("a\\b", "pattern 'a\\b', position 2: the escape \\b is not supported");
    row("(a", "pattern '(a', position 1: a '(' without its ')'");
    row("a)", "pattern 'a)', position 2: a ')' without its '('");
    row("[a", "pattern '[a', position 1: a '[' without its ']'");
    row("*a", "pattern '*a', position 1: there is nothing to repeat");
    row("a^b", "pattern 'a^b', position 2: '^' is supported at the beginning of the pattern only");
    row("(a$)", "pattern '(a$)', position 3: '$' is supported at the end of the pattern only");
    row("((a{1000}){1000}){1000}", "pattern '((a{1000}){1000}){1000}', position 2: the pattern is too big");
}

void TestGrammar::wrongPatternsAreNamed() {
    QFETCH(QByteArray, pattern);
    QFETCH(QByteArray, message);
    const auto language = StringLanguage::fromPattern(pattern.toStdString());
    QVERIFY(!language.ok());
    QCOMPARE(QByteArray::fromStdString(language.error().message), message);
}

QTEST_GUILESS_MAIN(TestGrammar)
#include "tst_grammar.moc"
