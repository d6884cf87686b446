#include "engine/models/model_family.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"
#include "engine/run/engine.h"
#include "tests/engine/tiny_model.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <numeric>
#include <random>

using namespace hearth;

namespace {

QString modelsDir() {
    return QStringLiteral(HEARTH_SHARED_DIR "/parity/models");
}

struct Reference {
    std::unique_ptr<GgufFile> file;
    std::vector<TokenId> tokens;
};

Reference openReference(const QString& name) {
    QFile json(modelsDir() + QLatin1Char('/') + name + QStringLiteral(".tokens.json"));
    auto file = GgufFile::open((modelsDir() + QLatin1Char('/') + name + QStringLiteral(".gguf")).toStdString());
    if (!json.open(QIODevice::ReadOnly) || !file)
        qFatal("%s cannot be read", qPrintable(name));
    Reference reference{std::move(file).value(), {}};
    for (const QJsonValue token :
         QJsonDocument::fromJson(json.readAll()).object().value(QLatin1String("tokens")).toArray())
        reference.tokens.push_back(token.toInt());
    return reference;
}

std::unique_ptr<Decoder> makeDecoder(const GgufFile& file, const char* device, DType cache) {
    auto backend = openDevice(device, 2);
    if (!backend)
        qFatal("%s", backend.error().message.c_str());
    auto decoder = Decoder::create(file, std::move(backend).value(), {256, 64, cache, Prediction::On});
    if (!decoder)
        qFatal("%s", decoder.error().message.c_str());
    return std::move(decoder).value();
}

std::vector<float> copyOf(std::span<const float> values) {
    return {values.begin(), values.end()};
}

struct Answer {
    GenerationStats stats;
    std::string text;
    std::vector<TokenId> tokens;
};

Answer ask(Engine& engine, const GenerationRequest& request, std::stop_token stop = {}) {
    Answer answer;
    GenerationSink sink;
    sink.text = [&](std::string_view text, std::int32_t) { answer.text += text; };
    sink.trace = [&](const TraceShape&, const TracedToken& trace) { answer.tokens.push_back(trace.chosen.token); };
    const auto stats = engine.generate(request, sink, std::move(stop));
    if (!stats)
        qFatal("%s", stats.error().message.c_str());
    answer.stats = *stats;
    return answer;
}

/// What a test of one model and source compares.
void compareAnswers(Engine& engine, GenerationRequest request, GuessSource source, std::int32_t count) {
    request.guesses = GuessSource::None;
    const Answer plain = ask(engine, request);
    request.guesses = source;
    request.guessCount = count;
    const Answer guessed = ask(engine, request);
    QCOMPARE(guessed.tokens, plain.tokens);
    QCOMPARE(guessed.text, plain.text);
    QCOMPARE(guessed.stats.generatedTokens, plain.stats.generatedTokens);
    QCOMPARE(guessed.stats.stopReason, plain.stats.stopReason);
    QVERIFY(guessed.stats.acceptedGuesses <= guessed.stats.guessedTokens);
    QCOMPARE(plain.stats.guessedTokens, 0);
}

/// Ways of drawing: greedy, everything on, and what makes the answer depend on all before it.
std::vector<SamplerSettings> waysOfDrawing() {
    std::vector<SamplerSettings> ways(4);
    ways[0].temperature = 0.0F;
    ways[1].temperature = 1.0F;
    ways[1].topK = 5;
    ways[2].temperature = 0.8F;
    ways[2].topP = 0.9F;
    ways[2].minP = 0.02F;
    ways[2].typicalP = 0.95F;
    ways[3].temperature = 0.7F;
    ways[3].topK = 8;
    ways[3].repetitionPenalty = 1.2F;
    ways[3].dryMultiplier = 0.8F;
    return ways;
}

} // namespace

/// Guessed tokens that are checked several at a time: whatever is guessed, answers stay what they are without.
class TestSpeculation : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_dir;

    std::filesystem::path tiny(std::uint32_t seed) {
        const std::filesystem::path path = m_dir.filePath(QStringLiteral("tiny%1.gguf").arg(seed)).toStdString();
        if (!std::filesystem::exists(path))
            if (const Status written = TinyModel::llama(seed).write(path); !written)
                qFatal("%s", written.error().message.c_str());
        return path;
    }

    static std::unique_ptr<Engine> load(const std::filesystem::path& path, EngineOptions options) {
        options.threads = 2;
        options.prefillRows = 32;
        auto engine = Engine::load(path, options, {}, {});
        if (!engine)
            qFatal("%s", engine.error().message.c_str());
        return std::move(engine).value();
    }

    static GenerationRequest request(const Engine& engine, const char* text, const SamplerSettings& sampler,
                                     std::int32_t tokens) {
        GenerationRequest request;
        request.prompt = engine.tokenizer().encode(text, AddSpecial::Yes, ParseSpecial::No);
        request.sampler = sampler;
        request.maxTokens = tokens;
        return request;
    }

private Q_SLOTS:
    void triedTokensHaveTheBitsOfSingleSteps_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("device");
        QTest::addColumn<DType>("cache");
        const QDir dir(modelsDir());
        if (!dir.exists())
            QSKIP("the reference data (../shared/parity) are not here");
        for (const QString& file : dir.entryList({QStringLiteral("*.gguf")}, QDir::Files, QDir::Name)) {
            const auto opened = GgufFile::open(dir.filePath(file).toStdString());
            if (!opened || !familyOf(**opened) || file.startsWith(QLatin1String("bert"))
                || file.startsWith(QLatin1String("nomic")) || file.contains(QLatin1String("embed")))
                continue;
            const QString name = file.chopped(5);
            QTest::addRow("%s cpu", qPrintable(name)) << name << QByteArrayLiteral("cpu") << DType::F16;
            QTest::addRow("%s reference", qPrintable(name)) << name << QByteArrayLiteral("reference") << DType::F32;
        }
    }

    /// Random batches of right and wrong tokens, of which random parts are kept, against one token at a time.
    void triedTokensHaveTheBitsOfSingleSteps() {
        QFETCH(const QString, name);
        QFETCH(const QByteArray, device);
        QFETCH(const DType, cache);
        const Reference reference = openReference(name);
        const std::span<const TokenId> text = reference.tokens;
        const std::size_t prompt = text.size() / 3;

        const auto single = makeDecoder(*reference.file, device.constData(), cache);
        QVERIFY(single->append(text.first(prompt), {}, {}));
        std::vector<std::vector<float>> expected;
        std::vector<std::vector<float>> predicted;
        for (std::size_t place = prompt; place < text.size(); ++place) {
            QVERIFY(single->append(text.subspan(place, 1), {}, {}));
            expected.push_back(copyOf(single->logits()));
            if (single->canPredict() && place + 1 < text.size()) {
                QVERIFY(single->predict(text[place + 1], 0, {}));
                predicted.push_back(copyOf(single->predictedLogits()));
            }
        }

        const auto several = makeDecoder(*reference.file, device.constData(), cache);
        QCOMPARE(several->tryRows(), 8);
        QVERIFY(several->append(text.first(prompt), {}, {}));
        std::mt19937 random(11);
        for (std::size_t place = prompt; place < text.size();) {
            const std::size_t least = several->canPredict() ? 1 : 0; // a head goes on from the last step's states
            const std::size_t right = std::min<std::size_t>(least + random() % 7, text.size() - place);
            const std::size_t wrong = random() % (9 - right);
            std::vector<TokenId> batch(text.begin() + static_cast<std::ptrdiff_t>(place),
                                       text.begin() + static_cast<std::ptrdiff_t>(place + right));
            for (std::size_t index = 0; index < wrong; ++index)
                batch.push_back(
                    static_cast<TokenId>(random() % static_cast<std::uint32_t>(several->spec().vocabulary)));
            if (batch.empty())
                continue;
            QVERIFY(several->tryTokens(batch, {}));
            for (std::size_t row = 0; row < right; ++row)
                QVERIFY2(std::ranges::equal(several->triedLogits(static_cast<std::int32_t>(row)),
                                            expected[place - prompt + row]),
                         qPrintable(QStringLiteral("place %1, row %2").arg(place).arg(row)));
            const std::size_t kept = least + random() % (right + 1 - least);
            QVERIFY(several->keepTried(static_cast<std::int32_t>(kept), {}));
            place += kept;
            QCOMPARE(several->cache().length(), static_cast<std::int32_t>(place));
            if (several->canPredict() && place < text.size()) {
                QVERIFY(several->predict(text[place], 0, {}));
                // Guesses need no equal bits: the head reads prompts, and several tokens, through panels.
                if (device == "reference")
                    QVERIFY(std::ranges::equal(several->predictedLogits(), predicted[place - 1 - prompt]));
            }
        }
    }

    void sequencesTriedInPiecesAreKeptInPart() {
        const auto file = GgufFile::open(tiny(3));
        QVERIFY(file);
        const std::vector<TokenId> text{1, 40, 41, 42, 43, 44, 45, 46};
        const auto single = makeDecoder(**file, "cpu", DType::F16);
        QVERIFY(single->append(text, {}, {}));
        const auto pieces = makeDecoder(**file, "cpu", DType::F16);
        QVERIFY(pieces->append(std::span(text).first(3), {}, {}));
        const std::vector<TokenId> wrong{99, 98};
        QVERIFY(pieces->tryTokens(std::span(text).subspan(3, 2), {}));
        QVERIFY(pieces->tryTokens(std::span(text).subspan(5, 1), {}));
        QVERIFY(pieces->tryTokens(wrong, {}));
        QVERIFY(pieces->keepTried(3, {}));
        QVERIFY(pieces->append(std::span(text).subspan(6), {}, {}));
        QVERIFY(std::ranges::equal(pieces->logits(), single->logits()));
    }

    void cancelledTriesLeaveTheSequenceAsItWas() {
        const Reference reference = openReference(QStringLiteral("qwen35moe"));
        const std::span<const TokenId> text = reference.tokens;
        const auto single = makeDecoder(*reference.file, "cpu", DType::F32);
        QVERIFY(single->append(text.first(20), {}, {}));
        QVERIFY(single->append(text.subspan(20, 1), {}, {}));
        const auto decoder = makeDecoder(*reference.file, "cpu", DType::F32);
        QVERIFY(decoder->append(text.first(20), {}, {}));
        std::stop_source stop;
        stop.request_stop();
        const Status status = decoder->tryTokens(text.subspan(20, 4), stop.get_token());
        QVERIFY(!status && status.error().code == ErrorCode::Cancelled);
        QCOMPARE(decoder->cache().length(), 20);
        QVERIFY(decoder->append(text.subspan(20, 1), {}, {}));
        QVERIFY(std::ranges::equal(decoder->logits(), single->logits()));
    }

    void refusesToTryWhatDoesNotFit() {
        const auto file = GgufFile::open(tiny(3));
        QVERIFY(file);
        const auto decoder = makeDecoder(**file, "cpu", DType::F16);
        const std::vector<TokenId> many(9, 40);
        QCOMPARE(decoder->tryTokens(many, {}).error().code, ErrorCode::InvalidInput);
        QCOMPARE(decoder->tryTokens({}, {}).error().code, ErrorCode::InvalidInput);
        const std::vector<TokenId> text(250, 40);
        QVERIFY(decoder->append(text, {}, {}));
        QCOMPARE(decoder->tryTokens(std::span(many).first(7), {}).error().code, ErrorCode::InvalidInput);
        QVERIFY(decoder->tryTokens(std::span(many).first(6), {}));
    }

    void answersAreTheSameWithAnySource_data() {
        QTest::addColumn<GuessSource>("source");
        QTest::addColumn<int>("draftSeed");
        QTest::addColumn<int>("count");
        for (const int count : {0, 1, 3, 7}) {
            QTest::addRow("prompt lookup, %d", count) << GuessSource::PromptLookup << 0 << count;
            QTest::addRow("a draft model that knows all, %d", count) << GuessSource::DraftModel << 5 << count;
            QTest::addRow("a draft model that knows nothing, %d", count) << GuessSource::DraftModel << 6 << count;
        }
    }

    void answersAreTheSameWithAnySource() {
        QFETCH(const GuessSource, source);
        QFETCH(const int, draftSeed);
        QFETCH(const int, count);
        EngineOptions options;
        if (draftSeed > 0)
            options.draftModel = tiny(static_cast<std::uint32_t>(draftSeed));
        const auto engine = load(tiny(5), options);
        std::uint64_t seed = 0;
        for (SamplerSettings& way : std::vector<SamplerSettings>(waysOfDrawing()))
            for (const char* text : {"a", "once upon a time, once upon a", "abcabcabcabcab", "1, 2, 3, 4, 5, 6, 7,"})
                for (const int tokens : {1, 2, 40}) {
                    way.seed = ++seed;
                    compareAnswers(*engine, request(*engine, text, way, tokens), source, count);
                }
    }

    void draftsOfTheModelItselfComeTrue() {
        EngineOptions options;
        options.draftModel = tiny(5);
        const auto engine = load(tiny(5), options);
        for (SamplerSettings way : waysOfDrawing()) {
            way.repetitionPenalty = 1.0F; // a drafter knows no penalties
            way.dryMultiplier = 0.0F;
            way.seed = 7;
            GenerationRequest wanted = request(*engine, "the same", way, 41);
            wanted.endTokens = EndTokens::Ignore;
            wanted.guesses = GuessSource::DraftModel;
            wanted.guessCount = 4;
            const Answer answer = ask(*engine, wanted);
            QCOMPARE(answer.stats.generatedTokens, 41);
            QCOMPARE(answer.stats.acceptedGuesses, answer.stats.guessedTokens);
            QVERIFY2(answer.stats.steps <= 10, qPrintable(QString::number(answer.stats.steps)));
        }
    }

    void repeatedTextIsGuessedFromThePrompt() {
        const auto engine = load(tiny(5), {});
        SamplerSettings greedy;
        greedy.temperature = 0.0F;
        GenerationRequest wanted = request(*engine, "say it again", greedy, 30);
        wanted.endTokens = EndTokens::Ignore;
        const Answer first = ask(*engine, wanted);
        // The answer stands in the prompt, then the words that led to it.
        std::vector<TokenId> prompt = wanted.prompt;
        prompt.insert(prompt.end(), first.tokens.begin(), first.tokens.end());
        prompt.insert(prompt.end(), first.tokens.begin(), first.tokens.begin() + 10);
        wanted.prompt = prompt;
        wanted.guesses = GuessSource::PromptLookup;
        wanted.guessCount = 3;
        const Answer answer = ask(*engine, wanted);
        QVERIFY(answer.stats.guessedTokens > 0);
        compareAnswers(*engine, wanted, GuessSource::PromptLookup, 3);
    }

    void answersEndWhereTheyWouldEnd() {
        EngineOptions options;
        options.draftModel = tiny(5);
        const auto engine = load(tiny(5), options);
        SamplerSettings way;
        way.temperature = 1.0F;
        way.seed = 3;
        for (int tokens = 0; tokens < 20; ++tokens)
            compareAnswers(*engine, request(*engine, "how long", way, tokens), GuessSource::DraftModel, 7);
        GenerationRequest full = request(*engine, std::string(200, 'f').c_str(), way, -1);
        full.endTokens = EndTokens::Ignore;
        compareAnswers(*engine, full, GuessSource::DraftModel, 7);
        const Answer plain = ask(*engine, full);
        QCOMPARE(plain.stats.stopReason, StopReason::ContextFull);
        for (std::size_t length = 1; length < 6; ++length) {
            GenerationRequest stopped = full;
            stopped.stopStrings = {plain.text.substr(20, length)};
            compareAnswers(*engine, stopped, GuessSource::DraftModel, 7);
        }
    }

    void laterAnswersGoOnFromWhatWasKept() {
        EngineOptions options;
        options.draftModel = tiny(6);
        const auto engine = load(tiny(5), options);
        SamplerSettings way;
        way.temperature = 1.0F;
        way.topK = 4;
        way.seed = 9;
        GenerationRequest wanted = request(*engine, "a conversation", way, 30);
        wanted.endTokens = EndTokens::Ignore;
        wanted.guesses = GuessSource::DraftModel;
        wanted.guessCount = 5;
        const Answer first = ask(*engine, wanted);
        wanted.prompt.insert(wanted.prompt.end(), first.tokens.begin(), first.tokens.end());
        wanted.prompt.push_back(50);
        const Answer second = ask(*engine, wanted);
        QVERIFY(second.stats.reusedTokens >= static_cast<std::int32_t>(wanted.prompt.size()) - 2);
        const auto fresh = load(tiny(5), {});
        wanted.guesses = GuessSource::None;
        QCOMPARE(ask(*fresh, wanted).tokens, second.tokens);
    }

    void referenceModelsAnswerTheSame_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<GuessSource>("source");
        const QDir dir(modelsDir());
        if (!dir.exists())
            QSKIP("the reference data (../shared/parity) are not here");
        for (const char* name : {"deepseek2-v3-mla", "gemma3-swa", "gptoss-mxfp4", "llama-gqa-untied", "mixtral-8x2",
                                 "qwen35moe", "qwen3next"}) {
            QTest::addRow("%s, prompt lookup", name) << QString::fromLatin1(name) << GuessSource::PromptLookup;
            QTest::addRow("%s, draft model", name) << QString::fromLatin1(name) << GuessSource::DraftModel;
        }
        QTest::addRow("qwen35-mtp, head") << QStringLiteral("qwen35-mtp") << GuessSource::PredictionHead;
    }

    void referenceModelsAnswerTheSame() {
        QFETCH(const QString, name);
        QFETCH(const GuessSource, source);
        const std::filesystem::path path =
            (modelsDir() + QLatin1Char('/') + name + QStringLiteral(".gguf")).toStdString();
        EngineOptions options;
        options.vocabulary = Vocabulary::Optional;
        if (source == GuessSource::DraftModel)
            options.draftModel = path;
        if (source == GuessSource::PredictionHead)
            options.prediction = Prediction::On;
        const auto engine = load(path, options);
        const Reference reference = openReference(name);
        GenerationRequest wanted;
        wanted.prompt.assign(reference.tokens.begin(), reference.tokens.begin() + 24);
        wanted.prompt.insert(wanted.prompt.end(), reference.tokens.begin(), reference.tokens.begin() + 12);
        wanted.maxTokens = 30;
        wanted.endTokens = EndTokens::Ignore;
        for (const float temperature : {0.0F, 1.0F})
            for (const int count : {2, 7}) {
                wanted.sampler.temperature = temperature;
                wanted.sampler.topK = 3;
                wanted.sampler.seed = 21;
                compareAnswers(*engine, wanted, source, count);
            }
        wanted.guesses = source;
        wanted.guessCount = 4;
        if (source != GuessSource::PromptLookup) // random models seldom repeat themselves
            QVERIFY(ask(*engine, wanted).stats.guessedTokens > 0);
    }

    /// The head's logits do not change the model's own: answers with and without it loaded are one.
    void aLoadedHeadChangesNothing() {
        const std::filesystem::path path = (modelsDir() + QStringLiteral("/qwen35-mtp.gguf")).toStdString();
        if (!std::filesystem::exists(path))
            QSKIP("the reference data (../shared/parity) are not here");
        EngineOptions options;
        const auto without = load(path, options);
        QVERIFY(without->info().hasPredictionHead);
        options.prediction = Prediction::On;
        const auto with = load(path, options);
        GenerationRequest wanted;
        wanted.prompt = {1, 5, 9, 13, 17, 21};
        wanted.maxTokens = 40;
        wanted.endTokens = EndTokens::Ignore;
        wanted.sampler.temperature = 1.0F;
        const Answer plain = ask(*without, wanted);
        wanted.guesses = GuessSource::PredictionHead;
        wanted.guessCount = 3;
        QCOMPARE(ask(*with, wanted).tokens, plain.tokens);
    }

    /// Three tokens of the three likeliest each, drawn many times with guesses, against their exact probabilities.
    void drawnTokensKeepTheirProbabilities_data() {
        QTest::addColumn<int>("draftSeed");
        QTest::addRow("a draft model that knows all") << 5;
        QTest::addRow("a draft model that knows nothing") << 6;
    }

    void drawnTokensKeepTheirProbabilities() {
        QFETCH(const int, draftSeed);
        EngineOptions options;
        options.draftModel = tiny(static_cast<std::uint32_t>(draftSeed));
        const auto engine = load(tiny(5), options);
        SamplerSettings way;
        way.temperature = 2.0F;
        way.topK = 3;
        GenerationRequest wanted = request(*engine, "draw", way, 3);
        wanted.endTokens = EndTokens::Ignore;
        wanted.guesses = GuessSource::DraftModel;
        wanted.guessCount = 2;

        std::map<std::vector<TokenId>, double> exact{{{}, 1.0}};
        for (int length = 0; length < 3; ++length) {
            std::map<std::vector<TokenId>, double> longer;
            for (const auto& [answer, probability] : exact) {
                std::vector<TokenId> text = wanted.prompt;
                text.insert(text.end(), answer.begin(), answer.end());
                const auto logits = engine->logits(text, 1, 1, {});
                QVERIFY(logits);
                std::vector<TokenId> order(logits->size());
                std::iota(order.begin(), order.end(), 0);
                std::ranges::partial_sort(order, order.begin() + 3, std::greater{},
                                          [&](TokenId id) { return (*logits)[static_cast<std::size_t>(id)]; });
                double sum = 0;
                for (int rank = 0; rank < 3; ++rank)
                    sum += std::exp((*logits)[static_cast<std::size_t>(order[static_cast<std::size_t>(rank)])] / 2.0);
                for (int rank = 0; rank < 3; ++rank) {
                    const TokenId id = order[static_cast<std::size_t>(rank)];
                    std::vector<TokenId> more = answer;
                    more.push_back(id);
                    longer[more] = probability * std::exp((*logits)[static_cast<std::size_t>(id)] / 2.0) / sum;
                }
            }
            exact = longer;
        }
        QCOMPARE(exact.size(), std::size_t{27});

        constexpr int kDraws = 4000;
        std::map<std::vector<TokenId>, int> counts;
        std::int32_t guessed = 0;
        for (int draw = 0; draw < kDraws; ++draw) {
            wanted.sampler.seed = static_cast<std::uint64_t>(draw);
            const Answer answer = ask(*engine, wanted);
            ++counts[answer.tokens];
            guessed += answer.stats.guessedTokens;
        }
        double chiSquare = 0;
        double rare = 0; // together at least 5 expected draws, as the test asks for
        int rareCount = 0;
        int cells = 0;
        const auto add = [&](double expected, int count) {
            chiSquare += (count - expected) * (count - expected) / expected;
            ++cells;
        };
        int known = 0;
        for (const auto& [answer, probability] : exact) {
            const double expected = probability * kDraws;
            known += counts[answer];
            if (expected >= 5) {
                add(expected, counts[answer]);
            } else {
                rare += expected;
                rareCount += counts[answer];
            }
        }
        if (rare >= 5)
            add(rare, rareCount);
        QCOMPARE(known, kDraws); // nothing else was drawn
        // Wilson and Hilferty's cube root: beyond 3.3 standard deviations is 1 in 2000; seeds are fixed.
        const double freedom = cells - 1;
        const double deviation =
            (std::cbrt(chiSquare / freedom) - (1 - 2 / (9 * freedom))) / std::sqrt(2 / (9 * freedom));
        QVERIFY2(deviation < 3.3, qPrintable(QStringLiteral("chi-square %1 of %2 cells").arg(chiSquare).arg(cells)));
        QVERIFY(guessed > 0);
    }

    void draftModelsOfOtherVocabulariesAreRefused() {
        TinyModel other = TinyModel::llama(6);
        auto& tokens = std::get<std::vector<std::string>>(other.metadata["tokenizer.ggml.tokens"]);
        tokens[7] = "<0x5F>";
        tokens[3 + 0x5F] = "<0x04>";
        const std::filesystem::path path = m_dir.filePath(QStringLiteral("other.gguf")).toStdString();
        QVERIFY(other.write(path));
        EngineOptions options;
        options.draftModel = path;
        const auto engine = Engine::load(tiny(5), options, {}, {});
        QVERIFY(!engine);
        QCOMPARE(engine.error().code, ErrorCode::InvalidInput);
        QVERIFY2(engine.error().message.find("token 7 is '<0x04>' in one and '<0x5F>' in the other")
                     != std::string::npos,
                 engine.error().message.c_str());
    }

    void sourcesThatWereNotLoadedAreRefused() {
        const auto engine = load(tiny(5), {});
        GenerationRequest wanted = request(*engine, "x", {}, 5);
        for (const GuessSource source : {GuessSource::DraftModel, GuessSource::PredictionHead}) {
            wanted.guesses = source;
            const auto stats = engine->generate(wanted, {}, {});
            QVERIFY(!stats);
            QCOMPARE(stats.error().code, ErrorCode::InvalidInput);
        }
        EngineOptions options;
        options.prediction = Prediction::On;
        QCOMPARE(Engine::load(tiny(5), options, {}, {}).error().code, ErrorCode::InvalidInput);
        options = {};
        options.expertShare = 0.5F;
        QCOMPARE(Engine::load(tiny(5), options, {}, {}).error().code, ErrorCode::InvalidInput);
    }

    void likelihoodsAreThoseOfTheLogits() {
        const auto engine = load(tiny(5), {});
        std::vector<TokenId> tokens{1};
        for (TokenId token = 0; token < 150; ++token)
            tokens.push_back(3 + token * 7 % 250);
        const auto logits = engine->logits(tokens, static_cast<std::int32_t>(tokens.size()), 0, {});
        QVERIFY(logits);
        const std::size_t vocabulary = logits->size() / tokens.size();
        for (const std::int32_t rows : {1, 20, 75, 150}) {
            const auto got = engine->logProbabilities(tokens, rows, {});
            QVERIFY(got);
            QCOMPARE(got->size(), static_cast<std::size_t>(rows));
            for (std::size_t index = 0; index < got->size(); ++index) {
                const std::size_t token = tokens.size() - got->size() + index;
                const auto row = std::span(*logits).subspan((token - 1) * vocabulary, vocabulary);
                double sum = 0;
                for (const float logit : row)
                    sum += std::exp(static_cast<double>(logit));
                const double expected = row[static_cast<std::size_t>(tokens[token])] - std::log(sum);
                QVERIFY(std::abs((*got)[index] - expected) < 1e-5);
            }
        }
        QVERIFY(!engine->logProbabilities(tokens, 151, {}));
        QVERIFY(!engine->logProbabilities(tokens, 0, {}));
        tokens.back() = 100000;
        QVERIFY(!engine->logProbabilities(tokens, 5, {}));
    }
};

QTEST_GUILESS_MAIN(TestSpeculation)
#include "tst_speculation.moc"
