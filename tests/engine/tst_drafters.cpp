#include "engine/run/speculation/draft_chooser.h"
#include "engine/run/speculation/draft_planner.h"
#include "engine/run/speculation/model_drafter.h"
#include "engine/run/speculation/prompt_lookup.h"
#include "tests/engine/fake_tokenizer.h"

#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

using namespace hearth;

namespace {

std::unique_ptr<Sampler> samplerOf(const SamplerSettings& settings, const Tokenizer& tokenizer) {
    auto sampler = Sampler::create(settings, tokenizer);
    if (!sampler)
        qFatal("%s", sampler.error().message.c_str());
    return std::move(sampler).value();
}

/// The first `count` guesses of prompt lookup for a text.
std::vector<Guess> lookUp(PromptLookup& lookup, std::span<const TokenId> text, std::size_t count) {
    std::vector<Guess> guesses;
    if (!lookup.start(text, {}))
        qFatal("looking up failed");
    while (guesses.size() < count) {
        const auto guess = lookup.next({});
        if (!guess || !*guess)
            break;
        guesses.push_back(**guess);
    }
    return guesses;
}

std::vector<TokenId> tokensOf(std::span<const Guess> guesses) {
    std::vector<TokenId> tokens;
    for (const Guess& guess : guesses)
        tokens.push_back(guess.token);
    return tokens;
}

/// A model and a drafter whose guesses of one class come true so often, on a clock of their own.
struct Simulation {
    double chance = 0;
    double rowSeconds = 0;   ///< of a step that takes 1 second with one row
    double guessSeconds = 0; ///< of making one guess
    std::int32_t mostGuesses = 7;

    double seconds = 0;
    int tokens = 0;
    int guesses = 0;
    std::mt19937 random{3};

    void run(DraftPlanner& planner, int steps) {
        for (int step = 0; step < steps; ++step) {
            DraftPlanner::Step done;
            std::vector<Guess> taken;
            planner.begin();
            while (static_cast<std::int32_t>(taken.size()) < mostGuesses && planner.wantsGuess()) {
                ++done.made;
                if (!planner.take({0, 3}))
                    break;
                taken.push_back({0, 3});
            }
            const auto count = static_cast<std::int32_t>(taken.size());
            while (done.accepted < count && random() % 1000 < static_cast<std::uint32_t>(1000 * chance))
                ++done.accepted;
            done.guesses = taken;
            done.stepSeconds = 1 + rowSeconds * count;
            done.guessSeconds = guessSeconds * done.made;
            planner.record(done);
            seconds += done.stepSeconds + done.guessSeconds;
            tokens += 1 + done.accepted;
            guesses += count;
        }
    }
    [[nodiscard]] double speed() const { return tokens / seconds; }
};

} // namespace

/// Where guesses come from and how many are made.
class TestDrafters : public QObject {
    Q_OBJECT

private:
    FakeTokenizer m_tokenizer{100};
    SamplerSettings m_greedy = [] {
        SamplerSettings settings;
        settings.temperature = 0.0F;
        return settings;
    }();

private Q_SLOTS:
    void readsOnWhereTheTextWasBefore() {
        PromptLookup lookup;
        const auto sampler = samplerOf(m_greedy, m_tokenizer);
        lookup.begin(m_greedy, *sampler);
        const std::vector<TokenId> text{1, 2, 3, 4, 5, 6, 7, 2, 3};
        QCOMPARE(tokensOf(lookUp(lookup, text, 3)), (std::vector<TokenId>{4, 5, 6}));
    }

    void saysNothingOfWhatIsNew() {
        PromptLookup lookup;
        const auto sampler = samplerOf(m_greedy, m_tokenizer);
        lookup.begin(m_greedy, *sampler);
        QVERIFY(lookUp(lookup, std::vector<TokenId>{1}, 3).empty());
        QVERIFY(lookUp(lookup, std::vector<TokenId>{1, 2, 3, 1}, 3).empty()); // one token alone is too little
    }

    void prefersTheLongestAgreement() {
        PromptLookup lookup;
        const auto sampler = samplerOf(m_greedy, m_tokenizer);
        lookup.begin(m_greedy, *sampler);
        // 8 9 came last with 50 behind it, but 7 8 9 before with 40.
        const std::vector<TokenId> text{7, 8, 9, 40, 41, 3, 8, 9, 50, 51, 7, 8, 9};
        const auto guesses = lookUp(lookup, text, 2);
        QCOMPARE(tokensOf(guesses), (std::vector<TokenId>{40, 41}));
        lookup.begin(m_greedy, *sampler);
        const auto shorter = lookUp(lookup, std::vector<TokenId>{8, 9, 50, 51, 8, 9}, 1);
        QVERIFY(guesses.front().confidence > shorter.front().confidence);
    }

    void amongEqualsTheLatestIsTaken() {
        PromptLookup lookup;
        const auto sampler = samplerOf(m_greedy, m_tokenizer);
        lookup.begin(m_greedy, *sampler);
        const std::vector<TokenId> text{8, 9, 40, 8, 9, 50, 8, 9};
        QCOMPARE(tokensOf(lookUp(lookup, text, 1)), (std::vector<TokenId>{50}));
    }

    void repetitionsGoOnBeyondTheEnd() {
        PromptLookup lookup;
        const auto sampler = samplerOf(m_greedy, m_tokenizer);
        lookup.begin(m_greedy, *sampler);
        const std::vector<TokenId> text{1, 2, 3, 1, 2, 3};
        QCOMPARE(tokensOf(lookUp(lookup, text, 7)), (std::vector<TokenId>{1, 2, 3, 1, 2, 3, 1}));
    }

    void followsATextThatGrows() {
        PromptLookup lookup;
        const auto sampler = samplerOf(m_greedy, m_tokenizer);
        lookup.begin(m_greedy, *sampler);
        std::vector<TokenId> text;
        std::mt19937 random(2);
        for (int length = 0; length < 3000; ++length) {
            text.push_back(static_cast<TokenId>(random() % 12));
            for (const Guess& guess : lookUp(lookup, text, 4)) {
                QVERIFY(guess.token >= 0 && guess.token < 12);
                QVERIFY(guess.confidence >= 0 && guess.confidence < Guess::kClasses);
            }
            if (length % 97 != 0)
                continue;
            PromptLookup fresh; // that sees the whole text at once says the same
            fresh.begin(m_greedy, *sampler);
            QCOMPARE(tokensOf(lookUp(lookup, text, 4)), tokensOf(lookUp(fresh, text, 4)));
        }
    }

    void goodGuessesAreMadeInPlenty() {
        DraftPlanner planner;
        Simulation good{.chance = 0.9, .rowSeconds = 0.1};
        good.run(planner, 400);
        QVERIFY2(good.speed() > 2.2, qPrintable(QString::number(good.speed())));
    }

    /// Against every fixed number of guesses: the planner is close to the best of them.
    void theNumberOfGuessesSuitsTheirCost_data() {
        QTest::addColumn<double>("chance");
        QTest::addColumn<double>("rowSeconds");
        QTest::addColumn<double>("guessSeconds");
        for (const double chance : {0.05, 0.3, 0.6, 0.8, 0.95})
            for (const double row : {0.05, 0.3, 0.9})
                for (const double guess : {0.0, 0.15})
                    QTest::addRow("%.2f true, row %.2f, guess %.2f", chance, row, guess) << chance << row << guess;
    }

    void theNumberOfGuessesSuitsTheirCost() {
        QFETCH(const double, chance);
        QFETCH(const double, rowSeconds);
        QFETCH(const double, guessSeconds);
        double best = 0;
        for (int count = 0; count <= 7; ++count) {
            double expected = 1;
            for (int n = 1; n <= count; ++n)
                expected += std::pow(chance, n);
            best = std::max(best, expected / (1 + count * (rowSeconds + guessSeconds)));
        }
        DraftPlanner planner;
        Simulation simulation{.chance = chance, .rowSeconds = rowSeconds, .guessSeconds = guessSeconds};
        simulation.run(planner, 3000);
        QVERIFY2(simulation.speed() > 0.9 * best,
                 qPrintable(QStringLiteral("%1 of at most %2").arg(simulation.speed()).arg(best)));
        // Whatever happens, it costs next to nothing.
        QVERIFY2(simulation.speed() > 0.95, qPrintable(QString::number(simulation.speed())));
    }

    void guessesComeBackWhenTheTextTurns() {
        DraftPlanner planner;
        Simulation bad{.chance = 0.02, .rowSeconds = 0.2};
        bad.run(planner, 500);
        QVERIFY2(bad.guesses < 100, qPrintable(QString::number(bad.guesses)));
        Simulation good{.chance = 0.95, .rowSeconds = 0.2};
        good.run(planner, 500);
        QVERIFY2(good.speed() > 1.5, qPrintable(QString::number(good.speed())));
    }

    void oneDisturbedStepDoesNotEndGuessing() {
        DraftPlanner planner;
        Simulation good{.chance = 0.9, .rowSeconds = 0.1, .guessSeconds = 0.1};
        good.run(planner, 50);
        const std::vector<Guess> one{{0, 3}};
        planner.begin();
        planner.record({one, 1, 1, 30.0, 40.0, 0.0});
        Simulation after = good;
        after.seconds = after.tokens = 0;
        after.run(planner, 800);
        QVERIFY2(after.speed() > 1.2, qPrintable(QString::number(after.speed())));
    }

    void choosesAsTheSamplerDraws() {
        std::mt19937 random(4);
        SamplerSettings settings;
        settings.temperature = 0.9F;
        settings.topK = 20;
        settings.topP = 0.95F;
        settings.minP = 0.01F;
        for (std::uint64_t seed = 0; seed < 200; ++seed) {
            settings.seed = seed;
            const auto sampler = samplerOf(settings, m_tokenizer);
            DraftChooser chooser;
            chooser.begin(settings, *sampler);
            std::vector<std::vector<float>> rows(3, std::vector<float>(100));
            for (auto& row : rows)
                for (float& logit : row)
                    logit = static_cast<float>(random() % 1000) / 150.0F;
            std::vector<TokenId> guesses;
            for (const auto& row : rows)
                guesses.push_back(chooser.choose(row).token);
            for (std::size_t index = 0; index < rows.size(); ++index)
                QCOMPARE(sampler->sample(rows[index]), guesses[index]);
        }
    }

    void confidenceRisesWithProbability() {
        const auto sampler = samplerOf(m_greedy, m_tokenizer);
        DraftChooser chooser;
        chooser.begin(m_greedy, *sampler);
        std::int32_t last = -1;
        for (const float lead : {0.0F, 3.5F, 4.5F, 5.5F, 8.0F, 30.0F}) {
            std::vector<float> logits(100, 0.0F);
            logits[7] = lead;
            const Guess guess = chooser.choose(logits);
            if (lead > 0.0F)
                QCOMPARE(guess.token, 7);
            QVERIFY(guess.confidence >= last);
            last = guess.confidence;
        }
        QCOMPARE(last, Guess::kClasses - 1);
        std::vector<float> broken(100, std::numeric_limits<float>::quiet_NaN());
        QCOMPARE(chooser.choose(broken).token, 0);
        broken[9] = 1.0F;
        QCOMPARE(chooser.choose(broken).token, 9);
    }

    void vocabulariesAreComparedTokenByToken() {
        const FakeTokenizer model({"a", "b", "c"});
        QVERIFY(!whyNotOneVocabulary(model, FakeTokenizer({"a", "b", "c"})));
        QVERIFY(!whyNotOneVocabulary(model, FakeTokenizer({"a", "b", "c", "[PAD1]"})));
        QVERIFY(!whyNotOneVocabulary(model, FakeTokenizer({"a", "b"})));
        QCOMPARE(whyNotOneVocabulary(model, FakeTokenizer({"a", "x", "c"})),
                 std::optional<std::string>("token 1 is 'b' in one and 'x' in the other"));
        QCOMPARE(whyNotOneVocabulary(FakeTokenizer(2000), FakeTokenizer(100)),
                 std::optional<std::string>("the vocabularies have 2000 and 100 tokens"));
    }
};

QTEST_GUILESS_MAIN(TestDrafters)
#include "tst_drafters.moc"
