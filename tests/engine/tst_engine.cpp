#include "engine/run/engine.h"
#include "tests/engine/tiny_model.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <functional>

using namespace hearth;

namespace {

struct Answer {
    GenerationStats stats;
    std::string text;
};

struct Spoiling {
    std::function<void(TinyModel&)> spoil;
    ErrorCode code;
    QString says;
};

} // namespace

Q_DECLARE_METATYPE(Spoiling)

/// The engine from a file to text, on a model small enough for sanitizers.
class TestEngine : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;

    std::filesystem::path modelPath(const TinyModel& model, const char* name = "model.gguf") {
        const std::filesystem::path path = m_dir.filePath(QLatin1String(name)).toStdString();
        if (const Status written = model.write(path); !written)
            qFatal("%s", written.error().message.c_str());
        return path;
    }

    static std::unique_ptr<Engine> load(const std::filesystem::path& path, const char* device = "cpu") {
        const EngineOptions options{.device = device, .threads = 2, .prefillRows = 32};
        auto engine = Engine::load(path, options, {}, {});
        if (!engine)
            qFatal("%s", engine.error().message.c_str());
        return std::move(engine).value();
    }

    static std::vector<TokenId> prompt(const Engine& engine, const char* text) {
        return engine.tokenizer().encode(text, AddSpecial::Yes, ParseSpecial::No);
    }

    static Answer ask(Engine& engine, const GenerationRequest& request, std::stop_token stop = {}) {
        Answer answer;
        const GenerationSink sink{{}, [&](std::string_view text, std::int32_t) { answer.text += text; }};
        const auto stats = engine.generate(request, sink, std::move(stop));
        if (!stats)
            qFatal("%s", stats.error().message.c_str());
        answer.stats = *stats;
        return answer;
    }

    static GenerationRequest greedy(const Engine& engine, const char* text, std::int32_t tokens) {
        GenerationRequest request;
        request.prompt = prompt(engine, text);
        request.sampler.temperature = 0.0F;
        request.maxTokens = tokens;
        return request;
    }

private Q_SLOTS:
    void describesTheModel() {
        const auto engine = load(modelPath(TinyModel::llama(1)));
        const ModelInfo& info = engine->info();
        QCOMPARE(info.name, std::string("tiny"));
        QCOMPARE(info.architecture, std::string("llama"));
        QCOMPARE(info.quantisation, std::string("F32"));
        QCOMPARE(info.layerCount, TinyModel::kLayers);
        QCOMPARE(info.vocabularySize, TinyModel::kVocabulary);
        QCOMPARE(info.contextTokens, TinyModel::kContext);
        QVERIFY(!info.hasChatTemplate);
    }

    void devicesAgreeOnGreedyText() {
        const auto path = modelPath(TinyModel::llama(2));
        const auto reference = load(path, "reference");
        const auto cpu = load(path, "cpu");
        const Answer expected = ask(*reference, greedy(*reference, "Once upon a time", 40));
        const Answer got = ask(*cpu, greedy(*cpu, "Once upon a time", 40));
        QCOMPARE(got.text, expected.text);
        QCOMPARE(got.stats.generatedTokens, expected.stats.generatedTokens);
    }

    void sameSeedGivesTheSameText() {
        const auto engine = load(modelPath(TinyModel::llama(3)));
        GenerationRequest request = greedy(*engine, "seed", 30);
        request.sampler.temperature = 1.0F;
        request.sampler.seed = 42;
        const Answer first = ask(*engine, request);
        QCOMPARE(ask(*engine, request).text, first.text);
        request.sampler.seed = 43;
        QVERIFY(ask(*engine, request).text != first.text);
    }

    void regeneratingReusesThePrompt() {
        const auto engine = load(modelPath(TinyModel::llama(4)));
        const GenerationRequest request = greedy(*engine, "a prompt of some length", 10);
        const Answer first = ask(*engine, request);
        QCOMPARE(first.stats.reusedTokens, 0);
        const Answer again = ask(*engine, request);
        QCOMPARE(again.stats.reusedTokens, again.stats.promptTokens - 1);
        QCOMPARE(again.text, first.text);
    }

    void branchGivesWhatAFreshEngineGives() {
        const auto path = modelPath(TinyModel::llama(5));
        const auto used = load(path);
        const auto fresh = load(path);
        const std::string trunk(100, 'x');
        static_cast<void>(ask(*used, greedy(*used, (trunk + "one way").c_str(), 20)));
        const Answer branched = ask(*used, greedy(*used, (trunk + "another way").c_str(), 20));
        const Answer expected = ask(*fresh, greedy(*fresh, (trunk + "another way").c_str(), 20));
        QVERIFY(branched.stats.reusedTokens >= 100);
        QCOMPARE(expected.stats.reusedTokens, 0);
        QCOMPARE(branched.text, expected.text);
    }

    void forgettingTheCacheComputesThePromptAgain() {
        const auto engine = load(modelPath(TinyModel::llama(6)));
        const GenerationRequest request = greedy(*engine, "forget me", 5);
        static_cast<void>(ask(*engine, request));
        engine->clearCache();
        QCOMPARE(ask(*engine, request).stats.reusedTokens, 0);
    }

    void stopsAtTheNumberOfTokensAskedFor() {
        const auto engine = load(modelPath(TinyModel::llama(7)));
        GenerationRequest request = greedy(*engine, "count", 7);
        request.endTokens = EndTokens::Ignore;
        const Answer answer = ask(*engine, request);
        QCOMPARE(answer.stats.generatedTokens, 7);
        QCOMPARE(answer.stats.stopReason, StopReason::MaxTokens);
    }

    void stopStringEndsTheAnswerAndIsNotShown() {
        const auto engine = load(modelPath(TinyModel::llama(8)));
        GenerationRequest request = greedy(*engine, "stop", 40);
        request.endTokens = EndTokens::Ignore;
        const Answer whole = ask(*engine, request);
        // Any two bytes that the model says can serve as the stop string, if they are plain text.
        std::size_t at = 5;
        while (at + 2 < whole.text.size() && (whole.text[at] <= ' ' || whole.text[at + 1] <= ' '))
            ++at;
        QVERIFY2(at + 2 < whole.text.size(), "this seed's text has no two plain bytes in a row");
        request.stopStrings = {whole.text.substr(at, 2)};
        const Answer stopped = ask(*engine, request);
        QCOMPARE(stopped.stats.stopReason, StopReason::StopString);
        QCOMPARE(stopped.text, whole.text.substr(0, whole.text.find(request.stopStrings.front())));
    }

    void fullContextEndsTheAnswer() {
        const auto engine = load(modelPath(TinyModel::llama(9)));
        GenerationRequest request = greedy(*engine, std::string(200, 'y').c_str(), -1);
        request.endTokens = EndTokens::Ignore;
        const Answer answer = ask(*engine, request);
        QCOMPARE(answer.stats.stopReason, StopReason::ContextFull);
        QCOMPARE(answer.stats.promptTokens + answer.stats.generatedTokens, TinyModel::kContext + 1);
    }

    void cancellingKeepsWhatWasSaid() {
        const auto engine = load(modelPath(TinyModel::llama(10)));
        GenerationRequest request = greedy(*engine, "cancel", -1);
        request.endTokens = EndTokens::Ignore;
        std::stop_source source;
        std::int32_t seen = 0;
        const GenerationSink sink{{}, [&](std::string_view, std::int32_t generated) {
                                      seen = generated;
                                      if (generated >= 3)
                                          source.request_stop();
                                  }};
        const auto stats = engine->generate(request, sink, source.get_token());
        QVERIFY(stats.ok());
        QCOMPARE(stats->stopReason, StopReason::Cancelled);
        QVERIFY(stats->generatedTokens <= seen + 1);
        request.maxTokens = 5;
        QCOMPARE(ask(*engine, request).stats.generatedTokens, 5); // and the engine goes on
    }

    void cancelledBeforeItBeginsSaysNothing() {
        const auto engine = load(modelPath(TinyModel::llama(11)));
        std::stop_source source;
        source.request_stop();
        const Answer answer = ask(*engine, greedy(*engine, "never", 5), source.get_token());
        QCOMPARE(answer.stats.stopReason, StopReason::Cancelled);
        QVERIFY(answer.text.empty());
    }

    void promptProgressCountsToTheEnd() {
        const auto engine = load(modelPath(TinyModel::llama(12)));
        GenerationRequest request = greedy(*engine, std::string(100, 'z').c_str(), 1);
        std::vector<std::int32_t> done;
        std::int32_t total = 0;
        const GenerationSink sink{[&](std::int32_t now, std::int32_t all) {
                                      done.push_back(now);
                                      total = all;
                                  },
                                  {}};
        QVERIFY(engine->generate(request, sink, {}).ok());
        QVERIFY(done.size() > 1);
        QVERIFY(std::is_sorted(done.begin(), done.end()));
        QCOMPARE(done.back(), total);
    }

    void refusesPromptsThatCannotRun_data() {
        QTest::addColumn<std::vector<TokenId>>("tokens");
        QTest::addColumn<QString>("says");
        QTest::newRow("empty") << std::vector<TokenId>{} << QStringLiteral("empty");
        QTest::newRow("token below") << std::vector<TokenId>{-1} << QStringLiteral("token -1");
        QTest::newRow("token beyond") << std::vector<TokenId>{100000} << QStringLiteral("token 100000");
        QTest::newRow("too long") << std::vector<TokenId>(300, 5) << QStringLiteral("300 tokens");
    }
    void refusesPromptsThatCannotRun() {
        QFETCH(const std::vector<TokenId>, tokens);
        QFETCH(const QString, says);
        const auto engine = load(modelPath(TinyModel::llama(13)));
        GenerationRequest request;
        request.prompt = tokens;
        const auto stats = engine->generate(request, {}, {});
        QVERIFY(!stats.ok());
        QCOMPARE(stats.error().code, ErrorCode::InvalidInput);
        QVERIFY2(QString::fromStdString(stats.error().message).contains(says), stats.error().message.c_str());
    }

    void refusesSpoiledModels_data() {
        QTest::addColumn<Spoiling>("spoiling");
        const auto row = [](const char* name, std::function<void(TinyModel&)> spoil, ErrorCode code, const char* says) {
            QTest::newRow(name) << Spoiling{std::move(spoil), code, QString::fromLatin1(says)};
        };
        using M = TinyModel;
        row(
            "architecture unknown", [](M& m) { m.metadata["general.architecture"] = std::string("cuneiform"); },
            ErrorCode::Unsupported, "cuneiform");
        row(
            "architecture absent", [](M& m) { m.metadata.erase("general.architecture"); }, ErrorCode::NotFound,
            "general.architecture");
        row(
            "tensor missing", [](M& m) { m.tensors.erase("blk.1.ffn_up.weight"); }, ErrorCode::NotFound,
            "blk.1.ffn_up.weight");
        row(
            "embedding missing", [](M& m) { m.tensors.erase("token_embd.weight"); }, ErrorCode::NotFound,
            "token_embd.weight");
        row(
            "tensor misshapen",
            [](M& m) {
                m.tensors["blk.0.attn_k.weight"].extents = {16, 32};
            },
            ErrorCode::Corrupt, "expected 32 x 16");
        row(
            "tensor nobody knows",
            [](M& m) { m.tensors["blk.1.attn_gain.weight"] = m.tensors["blk.1.attn_norm.weight"]; },
            ErrorCode::Unsupported, "blk.1.attn_gain.weight");
        row(
            "fewer layers than tensors", [](M& m) { m.metadata["llama.block_count"] = std::uint32_t{1}; },
            ErrorCode::Unsupported, "blk.1.attn_k.weight");
        row(
            "no layers", [](M& m) { m.metadata["llama.block_count"] = std::uint32_t{0}; }, ErrorCode::Corrupt,
            "llama.block_count");
        row(
            "layers beyond reason", [](M& m) { m.metadata["llama.block_count"] = std::uint32_t{4000000000U}; },
            ErrorCode::Corrupt, "llama.block_count");
        row(
            "more layers than tensors", [](M& m) { m.metadata["llama.block_count"] = std::uint32_t{3}; },
            ErrorCode::NotFound, "blk.2.");
        row(
            "heads of the wrong kind", [](M& m) { m.metadata["llama.attention.head_count"] = std::string("four"); },
            ErrorCode::Corrupt, "llama.attention.head_count");
        row(
            "heads that do not divide", [](M& m) { m.metadata["llama.attention.head_count_kv"] = std::uint32_t{3}; },
            ErrorCode::Corrupt, "do not divide");
        row(
            "no key heads", [](M& m) { m.metadata["llama.attention.head_count_kv"] = std::uint32_t{0}; },
            ErrorCode::Corrupt, "do not divide");
        row(
            "rope turns an odd number", [](M& m) { m.metadata["llama.rope.dimension_count"] = std::uint32_t{5}; },
            ErrorCode::Corrupt, "even");
        row(
            "rope scaling unknown", [](M& m) { m.metadata["llama.rope.scaling.type"] = std::string("spiral"); },
            ErrorCode::Unsupported, "spiral");
        row(
            "epsilon is no number", [](M& m) { m.metadata["llama.attention.layer_norm_rms_epsilon"] = NAN; },
            ErrorCode::Corrupt, "layer_norm_rms_epsilon");
        row(
            "no vocabulary", [](M& m) { m.metadata.erase("tokenizer.ggml.tokens"); }, ErrorCode::NotFound,
            "tokenizer.ggml.tokens");
    }
    void refusesSpoiledModels() {
        QFETCH(const Spoiling, spoiling);
        TinyModel model = TinyModel::llama(14);
        spoiling.spoil(model);
        const auto path = modelPath(model, "spoiled.gguf");
        const auto engine = Engine::load(path, {.threads = 1}, {}, {});
        QVERIFY(!engine.ok());
        const QString message = QString::fromStdString(engine.error().message);
        QVERIFY2(engine.error().code == spoiling.code, qPrintable(message));
        QVERIFY2(message.contains(spoiling.says), qPrintable(message));
        QVERIFY2(message.contains(QLatin1String("spoiled.gguf")), qPrintable(message));
    }

    void refusesOptionsOutOfRange() {
        const auto path = modelPath(TinyModel::llama(15));
        QCOMPARE(Engine::load(path, {.device = "abacus"}, {}, {}).error().code, ErrorCode::NotFound);
        QCOMPARE(Engine::load(path, {.contextTokens = 100000}, {}, {}).error().code, ErrorCode::InvalidInput);
        QCOMPARE(Engine::load(path, {.prefillRows = 0}, {}, {}).error().code, ErrorCode::InvalidInput);
        QCOMPARE(Engine::load("nowhere.gguf", {}, {}, {}).error().code, ErrorCode::NotFound);
    }

    void loadingCanBeCancelled() {
        std::stop_source source;
        source.request_stop();
        const auto engine = Engine::load(modelPath(TinyModel::llama(16)), {}, source.get_token(), {});
        QCOMPARE(engine.error().code, ErrorCode::Cancelled);
    }

    void brokenChatTemplateKeepsTheModelUsable() {
        TinyModel model = TinyModel::llama(17);
        model.metadata["tokenizer.chat_template"] = std::string("{% if %}");
        const auto engine = load(modelPath(model));
        QVERIFY(engine->chatTemplate() == nullptr);
        QVERIFY(!engine->info().chatTemplateProblem.empty());
    }

    void scoresAgreeHoweverTheyAreComputed() {
        const auto engine = load(modelPath(TinyModel::llama(18)));
        const std::vector<TokenId> tokens = prompt(*engine, "The same numbers by chunks or one at a time.");
        const auto chunks = engine->logits(tokens, 8, 0, {});
        const auto singles = engine->logits(tokens, 8, 8, {});
        QVERIFY(chunks.ok() && singles.ok());
        QCOMPARE(chunks->size(), std::size_t{8} * TinyModel::kVocabulary);
        for (std::size_t i = 0; i < chunks->size(); ++i)
            QVERIFY(std::abs((*chunks)[i] - (*singles)[i]) < 1e-3F);
    }
};

QTEST_GUILESS_MAIN(TestEngine)
#include "tst_engine.moc"
