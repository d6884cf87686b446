#include "engine/run/engine.h"
#include "engine/run/trace/trace_recorder.h"
#include "tests/engine/tiny_model.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <limits>

using namespace hearth;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// A traced token that outlives the call.
struct Kept {
    TokenChance chosen;
    std::vector<TokenChance> runnersUp;
    std::vector<std::int32_t> experts;
    std::vector<float> weights;
};

struct TracedAnswer {
    GenerationStats stats;
    std::string text;
    TraceShape shape;
    std::vector<Kept> tokens;
};

std::vector<float> logitsOf(const std::vector<double>& probabilities) {
    std::vector<float> logits;
    for (const double probability : probabilities)
        logits.push_back(static_cast<float>(std::log(probability) + 3.0)); // a constant changes nothing
    return logits;
}

TracedAnswer ask(Engine& engine, const GenerationRequest& request) {
    TracedAnswer answer;
    GenerationSink sink;
    sink.text = [&](std::string_view text, std::int32_t) { answer.text += text; };
    sink.trace = [&](const TraceShape& shape, const TracedToken& token) {
        answer.shape = shape;
        answer.tokens.push_back({token.chosen,
                                 {token.runnersUp.begin(), token.runnersUp.end()},
                                 {token.experts.begin(), token.experts.end()},
                                 {token.weights.begin(), token.weights.end()}});
    };
    auto stats = engine.generate(request, sink, {});
    if (!stats)
        qFatal("%s", stats.error().message.c_str());
    answer.stats = *stats;
    return answer;
}

GenerationRequest requestFor(const Engine& engine, const char* text, std::int32_t tokens) {
    GenerationRequest request;
    request.prompt = engine.tokenizer().encode(text, AddSpecial::Yes, ParseSpecial::No);
    request.sampler.temperature = 1.0F;
    request.sampler.seed = 7;
    request.maxTokens = tokens;
    request.endTokens = EndTokens::Ignore;
    return request;
}

/// Random weights say bytes that are no text; those are shown by signs of their own.
std::string plainLetters(std::string text) {
    std::erase_if(text, [](char letter) { return static_cast<unsigned char>(letter) >= 0x80; });
    return text;
}

} // namespace

/// How the tokens of an answer came about, as the engine tells it.
class TestGenerationTrace : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;

    std::unique_ptr<Engine> denseEngine() {
        const std::filesystem::path path = m_dir.filePath(QStringLiteral("dense.gguf")).toStdString();
        if (!TinyModel::llama(21).write(path))
            qFatal("the model cannot be written");
        return Engine::load(path, {.threads = 2, .prefillRows = 32}, {}, {}).value();
    }

private Q_SLOTS:
    void chancesAreTheSoftmax() {
        std::vector<TokenChance> others;
        const std::vector<float> logits = logitsOf({0.05, 0.4, 0.1, 0.02, 0.3, 0.08, 0.03, 0.02});
        const TokenChance chosen = judgeToken(logits, 2, others);
        QCOMPARE(chosen.token, 2);
        QVERIFY(std::abs(chosen.probability - 0.1F) < 1e-6F);
        QCOMPARE(others.size(), std::size_t{5});
        const std::vector<std::pair<TokenId, float>> expected{{1, 0.4F}, {4, 0.3F}, {5, 0.08F}, {0, 0.05F}, {6, 0.03F}};
        for (std::size_t place = 0; place < expected.size(); ++place) {
            QCOMPARE(others[place].token, expected[place].first);
            QVERIFY(std::abs(others[place].probability - expected[place].second) < 1e-6F);
        }
    }

    void chancesOfOddLogits_data() {
        QTest::addColumn<std::vector<float>>("logits");
        QTest::addColumn<float>("chosen");
        QTest::addColumn<std::vector<int>>("others");
        QTest::newRow("equals: the lower id first")
            << std::vector<float>{1, 1, 1, 1} << 0.25F << std::vector<int>{1, 2, 3};
        QTest::newRow("not a number") << std::vector<float>{2, NAN, 2, -kInfinity} << 0.5F << std::vector<int>{2};
        QTest::newRow("chosen is not a number") << std::vector<float>{NAN, 1} << 0.0F << std::vector<int>{1};
        QTest::newRow("nothing is possible") << std::vector<float>{NAN, -kInfinity} << 0.0F << std::vector<int>{};
        QTest::newRow("one token") << std::vector<float>{-4.0F} << 1.0F << std::vector<int>{};
        QTest::newRow("infinite") << std::vector<float>{1, kInfinity} << 0.0F << std::vector<int>{};
        QTest::newRow("far apart") << std::vector<float>{1e30F, -1e30F} << 1.0F << std::vector<int>{1};
    }
    void chancesOfOddLogits() {
        QFETCH(const std::vector<float>, logits);
        QFETCH(const float, chosen);
        QFETCH(const std::vector<int>, others);
        std::vector<TokenChance> runnersUp;
        QVERIFY(std::abs(judgeToken(logits, 0, runnersUp).probability - chosen) < 1e-6F);
        std::vector<int> got;
        for (const TokenChance& other : runnersUp)
            got.push_back(other.token);
        QCOMPARE(got, others);
    }

    void everyTokenOfTheAnswerIsTraced() {
        const auto engine = denseEngine();
        const TracedAnswer answer = ask(*engine, requestFor(*engine, "once", 30));
        QCOMPARE(answer.tokens.size(), static_cast<std::size_t>(answer.stats.generatedTokens));
        QVERIFY(answer.shape.layers.empty());
        QCOMPARE(answer.shape.choices(), 0);
        std::string bytes;
        for (const Kept& token : answer.tokens) {
            bytes += engine->tokenizer().tokenBytes(token.chosen.token);
            QCOMPARE(token.runnersUp.size(), std::size_t{5});
            QVERIFY(token.experts.empty());
        }
        QCOMPARE(plainLetters(bytes), plainLetters(answer.text));
    }

    void probabilitiesAreThoseOfTheModelBeforeFilters() {
        const auto engine = denseEngine();
        GenerationRequest request = requestFor(*engine, "filters", 12);
        request.sampler.topK = 3;
        request.sampler.temperature = 0.3F;
        const TracedAnswer answer = ask(*engine, request);
        std::vector<TokenId> tokens = request.prompt;
        for (const Kept& token : answer.tokens)
            tokens.push_back(token.chosen.token);
        // The logits behind position i speak of token i + 1.
        const auto rows = static_cast<std::int32_t>(answer.tokens.size()) + 1;
        const auto logits = engine->logits(tokens, rows, 0, {});
        QVERIFY(logits.ok());
        for (std::size_t place = 0; place < answer.tokens.size(); ++place) {
            const float* row = logits->data() + place * TinyModel::kVocabulary;
            double sum = 0;
            for (int id = 0; id < TinyModel::kVocabulary; ++id)
                sum += std::exp(static_cast<double>(row[id]));
            const TokenChance& chosen = answer.tokens[place].chosen;
            QVERIFY(std::abs(std::exp(static_cast<double>(row[chosen.token])) / sum - chosen.probability) < 1e-3);
        }
    }

    void tracingChangesNothing() {
        const auto engine = denseEngine();
        const GenerationRequest request = requestFor(*engine, "the same", 25);
        const TracedAnswer traced = ask(*engine, request);
        std::string text;
        const GenerationSink sink{{}, [&](std::string_view piece, std::int32_t) { text += piece; }};
        QVERIFY(engine->generate(request, sink, {}).ok());
        QCOMPARE(text, traced.text);
    }

    void tokensOfAMixtureComeWithTheirExperts() {
        const QString path = QStringLiteral(HEARTH_SHARED_DIR "/parity/models/mixtral-8x2.gguf");
        if (!QFile::exists(path))
            QSKIP("the reference data (../shared/parity) are not here");
        const auto engine = Engine::load(path.toStdString(), {.threads = 2}, {}, {}).value();
        GenerationRequest request = requestFor(*engine, "one two", 20);
        const TracedAnswer answer = ask(*engine, request);
        QCOMPARE(answer.tokens.size(), std::size_t{20});
        QVERIFY(!answer.shape.layers.empty());
        const auto choices = static_cast<std::size_t>(answer.shape.choices());
        for (const Kept& token : answer.tokens) {
            QCOMPARE(token.experts.size(), choices); // all were read, so that the next could be drawn
            float sum = 0;
            for (const float weight : token.weights)
                sum += weight;
            QVERIFY(std::abs(sum - static_cast<float>(answer.shape.layers.size())) < 1e-4F); // Mixtral's sum to 1
        }
        // What every token reads and all experts together are the model.
        std::uint64_t bytes = answer.shape.commonBytes;
        for (const TracedLayer& layer : answer.shape.layers)
            bytes += static_cast<std::uint64_t>(layer.experts) * layer.expertBytes;
        QVERIFY(bytes <= answer.shape.weightBytes);
        QVERIFY(bytes > answer.shape.weightBytes / 2);
    }

    void theTokenThatEndsTheAnswerHasNoExperts() {
        const QString path = QStringLiteral(HEARTH_SHARED_DIR "/parity/models/mixtral-8x2.gguf");
        if (!QFile::exists(path))
            QSKIP("the reference data (../shared/parity) are not here");
        const auto engine = Engine::load(path.toStdString(), {.threads = 2}, {}, {}).value();
        GenerationRequest request = requestFor(*engine, "one two", 20);
        const TracedAnswer whole = ask(*engine, request);
        request.stopStrings = {engine->tokenizer().tokenBytes(whole.tokens[9].chosen.token)};
        QVERIFY(!request.stopStrings.front().empty());
        const TracedAnswer stopped = ask(*engine, request);
        QCOMPARE(stopped.stats.stopReason, StopReason::StopString);
        QVERIFY(stopped.tokens.size() <= 10);
        QVERIFY(stopped.tokens.back().experts.empty()); // it was drawn and never read
        for (std::size_t place = 0; place + 1 < stopped.tokens.size(); ++place)
            QCOMPARE(stopped.tokens[place].experts, whole.tokens[place].experts);
    }
};

QTEST_GUILESS_MAIN(TestGenerationTrace)
#include "tst_generation_trace.moc"
