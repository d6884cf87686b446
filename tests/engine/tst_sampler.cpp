#include "engine/run/sampler.h"

#include "engine/run/sampling/candidates.h"
#include "tests/engine/fake_tokenizer.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <random>
#include <set>

using namespace hearth;

namespace {

std::size_t s_allocations = 0;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::unique_ptr<Sampler> makeSampler(const SamplerSettings& settings, const Tokenizer& tokenizer) {
    auto sampler = Sampler::create(settings, tokenizer);
    return sampler.ok() ? std::move(*sampler) : nullptr;
}

SamplerSettings greedy() {
    SamplerSettings settings;
    settings.temperature = 0;
    return settings;
}

SamplerSettings plain(std::uint64_t seed) {
    SamplerSettings settings;
    settings.temperature = 1;
    settings.seed = seed;
    return settings;
}

std::vector<double> softmax(const std::vector<float>& logits, double temperature) {
    const double largest = *std::max_element(logits.begin(), logits.end());
    std::vector<double> result;
    double total = 0;
    for (const float logit : logits)
        total += result.emplace_back(std::exp((logit - largest) / temperature));
    for (double& probability : result)
        probability /= total;
    return result;
}

/// How often each token is drawn.
std::vector<int> drawCounts(Sampler& sampler, const std::vector<float>& logits, int draws) {
    std::vector<int> counts(logits.size());
    for (int draw = 0; draw < draws; ++draw)
        ++counts[static_cast<std::size_t>(sampler.sample(logits))];
    return counts;
}

/// Pearson's statistic of counts against probabilities.
double chiSquare(const std::vector<int>& counts, const std::vector<double>& probabilities, int draws) {
    double sum = 0;
    for (std::size_t index = 0; index < counts.size(); ++index) {
        const double expected = probabilities[index] * draws;
        if (expected > 0)
            sum += (counts[index] - expected) * (counts[index] - expected) / expected;
    }
    return sum;
}

std::vector<float> randomLogits(std::mt19937& random, std::size_t size) {
    std::normal_distribution<float> normal(0, 3);
    std::vector<float> logits(size);
    std::generate(logits.begin(), logits.end(), [&] { return normal(random); });
    return logits;
}

/// Ids by falling logit, lower ids first among equals.
std::vector<int> ranking(const std::vector<float>& logits, const std::set<int>& kept) {
    std::vector<int> ids(kept.begin(), kept.end());
    std::stable_sort(ids.begin(), ids.end(), [&](int a, int b) {
        return logits[static_cast<std::size_t>(a)] > logits[static_cast<std::size_t>(b)];
    });
    return ids;
}

/// Probabilities among `kept` only.
std::map<int, double> among(const std::vector<float>& logits, const std::set<int>& kept) {
    double total = 0;
    std::map<int, double> result;
    for (const int id : kept)
        total += result[id] = std::exp(static_cast<double>(logits[static_cast<std::size_t>(id)]));
    for (auto& [id, probability] : result)
        probability /= total;
    return result;
}

std::set<int> prefixOfMass(const std::vector<int>& order, const std::map<int, double>& probabilities, double mass) {
    std::set<int> kept;
    double sum = 0;
    for (const int id : order) {
        kept.insert(id);
        sum += probabilities.at(id);
        if (sum >= mass)
            break;
    }
    return kept;
}

/// The definition of the whole chain, written as plainly as it can be.
std::set<int> keptByDefinition(const SamplerSettings& settings, const std::vector<float>& logits) {
    std::set<int> kept;
    for (std::size_t id = 0; id < logits.size(); ++id)
        kept.insert(static_cast<int>(id));
    if (settings.topK > 0) {
        std::vector<int> order = ranking(logits, kept);
        order.resize(std::min(order.size(), static_cast<std::size_t>(settings.topK)));
        kept = std::set<int>(order.begin(), order.end());
    }
    if (settings.typicalP < 1) {
        const auto probabilities = among(logits, kept);
        double entropy = 0;
        for (const auto& [id, probability] : probabilities)
            entropy -= probability > 0 ? probability * std::log(probability) : 0;
        std::vector<int> order(kept.begin(), kept.end());
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
            return std::abs(-std::log(probabilities.at(a)) - entropy)
                   < std::abs(-std::log(probabilities.at(b)) - entropy);
        });
        kept = prefixOfMass(order, probabilities, static_cast<double>(settings.typicalP));
    }
    if (settings.topP < 1)
        kept = prefixOfMass(ranking(logits, kept), among(logits, kept), static_cast<double>(settings.topP));
    const auto probabilities = among(logits, kept);
    double largest = 0;
    for (const auto& [id, probability] : probabilities)
        largest = std::max(largest, probability);
    std::erase_if(kept, [&](int id) { return probabilities.at(id) < static_cast<double>(settings.minP) * largest; });
    return kept;
}

} // namespace

void* operator new(std::size_t size) {
    ++s_allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size))
        return memory;
    std::abort();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++s_allocations;
    return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

class TestSampler : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void wrongSettingsAreNamed_data();
    void wrongSettingsAreNamed();
    void greedyTakesTheLikeliestWithTheLowestId();
    void greedyIgnoresTheFilters();
    void nanIsNeverDrawn();
    void allMinusInfinityDrawsSomething();
    void sameSeedGivesTheSameTokens();
    void seedGivesKnownTokens();
    void drawsFollowTheSoftmax_data();
    void drawsFollowTheSoftmax();
    void filtersKeepWhatTheirDefinitionsSay_data();
    void filtersKeepWhatTheirDefinitionsSay();
    void filtersOfALargeVocabularyKeepTheirMass();
    void handComputedCutOffs();
    void penaltiesFollowTheirFormulas();
    void penaltyWindowForgets();
    void dryPenalisesWhatWouldProlongARepetition();
    void dryTakesTheLongestRepetition();
    void dryStopsAtBreakers_data();
    void dryStopsAtBreakers();
    void dryEqualsItsDefinitionOnRandomTexts();
    void samplingDoesNotAllocateAfterTheFirstToken();
};

void TestSampler::wrongSettingsAreNamed_data() {
    QTest::addColumn<QByteArray>("setting");
    QTest::addColumn<int>("index");
    int index = 0;
    for (const char* setting : {"temperature", "temperature", "topK", "topP", "topP", "minP", "typicalP",
                                "repetitionPenalty", "frequencyPenalty", "presencePenalty", "penaltyWindow",
                                "dryMultiplier", "dryBase", "dryAllowedLength", "dryBreakers"}) {
        QTest::addRow("%s %d", setting, index) << QByteArray(setting) << index;
        ++index;
    }
}

void TestSampler::wrongSettingsAreNamed() {
    QFETCH(QByteArray, setting);
    QFETCH(int, index);
    std::vector<SamplerSettings> wrong(15);
    wrong[0].temperature = -0.1F;
    wrong[1].temperature = kNan;
    wrong[2].topK = -1;
    wrong[3].topP = 1.5F;
    wrong[4].topP = kNan;
    wrong[5].minP = -0.5F;
    wrong[6].typicalP = 2;
    wrong[7].repetitionPenalty = 0;
    wrong[8].frequencyPenalty = kInfinity;
    wrong[9].presencePenalty = -1000;
    wrong[10].penaltyWindow = -2;
    wrong[11].dryMultiplier = -1;
    wrong[12].dryBase = 0.5F;
    wrong[13].dryAllowedLength = 0;
    wrong[14].dryBreakers = {"\n", ""};
    const FakeTokenizer tokenizer(4);
    const auto sampler = Sampler::create(wrong[static_cast<std::size_t>(index)], tokenizer);
    QVERIFY(!sampler.ok());
    QCOMPARE(sampler.error().code, ErrorCode::InvalidInput);
    QVERIFY2(sampler.error().message.starts_with(setting.toStdString()), sampler.error().message.c_str());
    QVERIFY2(sampler.error().message.find("must") != std::string::npos, sampler.error().message.c_str());
}

void TestSampler::greedyTakesTheLikeliestWithTheLowestId() {
    const FakeTokenizer tokenizer(5);
    const auto sampler = makeSampler(greedy(), tokenizer);
    QVERIFY(sampler);
    QCOMPARE(sampler->sample(std::vector<float>{1, 4, 2, 4, 4}), 1);
    QCOMPARE(sampler->sample(std::vector<float>{-1, -kInfinity, kNan, -1, -2}), 0);
    QCOMPARE(sampler->sample(std::vector<float>{0, 1, kInfinity, 2, 3}), 2);
}

void TestSampler::greedyIgnoresTheFilters() {
    const FakeTokenizer tokenizer(4);
    SamplerSettings settings = greedy();
    settings.typicalP = 0.1F; // alone it would drop the likeliest token
    settings.minP = 1;
    settings.topK = 2;
    const auto sampler = makeSampler(settings, tokenizer);
    QVERIFY(sampler);
    QCOMPARE(sampler->sample(std::vector<float>{1, 2, 9, 2}), 2);
}

void TestSampler::nanIsNeverDrawn() {
    const FakeTokenizer tokenizer(4);
    const auto sampler = makeSampler(plain(3), tokenizer);
    QVERIFY(sampler);
    const std::vector<int> counts = drawCounts(*sampler, {kNan, 0, kNan, 0}, 1000);
    QCOMPARE(counts[0] + counts[2], 0);
    QVERIFY(counts[1] > 0 && counts[3] > 0);
}

void TestSampler::allMinusInfinityDrawsSomething() {
    const FakeTokenizer tokenizer(3);
    const auto sampler = makeSampler(plain(3), tokenizer);
    QVERIFY(sampler);
    const TokenId token = sampler->sample(std::vector<float>{kNan, -kInfinity, -kInfinity});
    QVERIFY(token >= 0 && token < 3);
}

void TestSampler::sameSeedGivesTheSameTokens() {
    const FakeTokenizer tokenizer(1000);
    std::mt19937 random(11);
    const std::vector<float> logits = randomLogits(random, 1000);
    const auto tokens = [&](std::uint64_t seed) {
        const auto sampler = makeSampler(plain(seed), tokenizer);
        std::vector<TokenId> result;
        for (int draw = 0; draw < 50; ++draw)
            result.push_back(sampler->sample(logits));
        return result;
    };
    QVERIFY(tokens(1) == tokens(1));
    QVERIFY(tokens(1) != tokens(2));
}

// Fixed for all machines: xoshiro256** seeded with splitmix64, as its authors' reference code gives for seed 42.
void TestSampler::seedGivesKnownTokens() {
    const FakeTokenizer tokenizer(256);
    const auto sampler = makeSampler(plain(42), tokenizer);
    QVERIFY(sampler);
    // 256 equal logits: a draw is the top byte of the random number.
    const std::vector<float> logits(256, 0.5F);
    std::vector<TokenId> tokens;
    for (int draw = 0; draw < 4; ++draw)
        tokens.push_back(sampler->sample(logits));
    QCOMPARE(tokens, (std::vector<TokenId>{0x15, 0x61, 0xAE, 0xEC}));
}

void TestSampler::drawsFollowTheSoftmax_data() {
    QTest::addColumn<float>("temperature");
    QTest::addColumn<int>("topK");
    QTest::newRow("as given") << 1.0F << 0;
    QTest::newRow("cold") << 0.5F << 0;
    QTest::newRow("hot") << 2.0F << 0;
    QTest::newRow("selected by a heap") << 1.0F << 7;
}

void TestSampler::drawsFollowTheSoftmax() {
    QFETCH(float, temperature);
    QFETCH(int, topK);
    const std::vector<float> logits{0.0F, 1.0F, 2.0F, -1.0F, 0.5F, 1.5F, -0.5F, 2.5F};
    const FakeTokenizer tokenizer(8);
    SamplerSettings settings = plain(12345);
    settings.temperature = temperature;
    settings.topK = topK;
    const auto sampler = makeSampler(settings, tokenizer);
    QVERIFY(sampler);
    constexpr int kDraws = 40000;
    std::vector<float> left = logits;
    if (topK == 7)
        left[3] = -kInfinity;
    const double statistic = chiSquare(drawCounts(*sampler, logits, kDraws), softmax(left, temperature), kDraws);
    // The 99.9 % quantile of chi-square with 7 degrees of freedom is 24.3; the seed is fixed.
    QVERIFY2(statistic < 24.3, qPrintable(QString::number(statistic)));
}

void TestSampler::filtersKeepWhatTheirDefinitionsSay_data() {
    QTest::addColumn<int>("topK");
    QTest::addColumn<float>("typicalP");
    QTest::addColumn<float>("topP");
    QTest::addColumn<float>("minP");
    QTest::newRow("top-k") << 5 << 1.0F << 1.0F << 0.0F;
    QTest::newRow("top-k of one") << 1 << 1.0F << 1.0F << 0.0F;
    QTest::newRow("typical") << 0 << 0.3F << 1.0F << 0.0F;
    QTest::newRow("top-p") << 0 << 1.0F << 0.9F << 0.0F;
    QTest::newRow("top-p of zero") << 0 << 1.0F << 0.0F << 0.0F;
    QTest::newRow("min-p") << 0 << 1.0F << 1.0F << 0.05F;
    QTest::newRow("min-p of one") << 0 << 1.0F << 1.0F << 1.0F;
    QTest::newRow("all") << 40 << 0.9F << 0.8F << 0.1F;
}

// Every token that the definition keeps is drawn in the end, and no other.
void TestSampler::filtersKeepWhatTheirDefinitionsSay() {
    QFETCH(int, topK);
    QFETCH(float, typicalP);
    QFETCH(float, topP);
    QFETCH(float, minP);
    constexpr unsigned kSeed = 77;
    std::mt19937 random(kSeed);
    const FakeTokenizer tokenizer(300);
    for (int round = 0; round < 12; ++round) {
        const std::vector<float> logits = randomLogits(random, round % 2 == 0 ? 300 : 17);
        SamplerSettings settings = plain(kSeed + static_cast<unsigned>(round));
        settings.topK = topK;
        settings.typicalP = typicalP;
        settings.topP = topP;
        settings.minP = minP;
        settings.temperature = 50; // so hot that what is kept is drawn about equally often
        const auto sampler = makeSampler(settings, tokenizer);
        QVERIFY(sampler);
        std::set<int> drawn;
        for (int draw = 0; draw < 4000; ++draw)
            drawn.insert(sampler->sample(logits));
        QVERIFY2(drawn == keptByDefinition(settings, logits), qPrintable(QString::number(round)));
    }
}

// Sizes at which candidates are put into buckets first: the sets themselves are compared.
void TestSampler::filtersOfALargeVocabularyKeepTheirMass() {
    constexpr unsigned kSeed = 78;
    std::mt19937 random(kSeed);
    for (int round = 0; round < 12; ++round) {
        std::vector<float> logits = randomLogits(random, 5000);
        if (round % 3 == 1) // ties, also at the cut-off
            for (float& logit : logits)
                logit = std::round(logit);
        if (round % 3 == 2)
            logits[17] = -kInfinity;
        SamplerSettings settings;
        settings.topK = round % 4 == 3 ? 3000 : 0;
        settings.typicalP = round % 2 == 0 ? 1.0F : 0.6F;
        settings.topP = round % 2 == 0 ? 0.8F : 1.0F;
        settings.minP = 0.001F;
        Candidates candidates;
        candidates.assign(logits, settings.topK);
        candidates.keepTypical(settings.typicalP);
        candidates.keepTopP(settings.topP);
        candidates.keepMinP(settings.minP);
        std::set<int> kept;
        for (std::size_t index = 0; index < candidates.size(); ++index)
            kept.insert(candidates.token(index));
        QCOMPARE(kept.size(), candidates.size());
        QVERIFY2(kept == keptByDefinition(settings, logits), qPrintable(QString::number(round)));
    }
}

void TestSampler::handComputedCutOffs() {
    // Probabilities 0.5, 0.25, 0.125, 0.0625, 0.0625.
    const std::vector<float> logits{std::log(8.0F), std::log(4.0F), std::log(2.0F), 0, 0};
    const FakeTokenizer tokenizer(5);
    const auto drawn = [&](auto change) {
        SamplerSettings settings = plain(5);
        settings.temperature = 20;
        change(settings);
        const auto sampler = makeSampler(settings, tokenizer);
        std::set<int> result;
        for (int draw = 0; draw < 2000; ++draw)
            result.insert(sampler->sample(logits));
        return result;
    };
    QCOMPARE(drawn([](auto& settings) { settings.topP = 0.7F; }), (std::set<int>{0, 1}));
    QCOMPARE(drawn([](auto& settings) { settings.topP = 0.8F; }), (std::set<int>{0, 1, 2}));
    QCOMPARE(drawn([](auto& settings) { settings.minP = 0.2F; }), (std::set<int>{0, 1, 2}));
    QCOMPARE(drawn([](auto& settings) { settings.minP = 0.6F; }), (std::set<int>{0}));
    QCOMPARE(drawn([](auto& settings) { settings.topK = 4; }), (std::set<int>{0, 1, 2, 3}));
    // The entropy is 1.875 bits; surprises are 1, 2, 3, 4, 4 bits: the second is closest, then the first.
    QCOMPARE(drawn([](auto& settings) { settings.typicalP = 0.2F; }), (std::set<int>{1}));
    QCOMPARE(drawn([](auto& settings) { settings.typicalP = 0.7F; }), (std::set<int>{0, 1}));
    // Top-k comes first: of 0.5 and 0.25 alone the first has two thirds.
    QCOMPARE(drawn([](auto& settings) {
                 settings.topK = 2;
                 settings.topP = 0.6F;
             }),
             (std::set<int>{0}));
}

void TestSampler::penaltiesFollowTheirFormulas() {
    const FakeTokenizer tokenizer(4);
    SamplerSettings settings = greedy();
    settings.repetitionPenalty = 2;
    auto sampler = makeSampler(settings, tokenizer);
    sampler->accept(0);
    QCOMPARE(sampler->sample(std::vector<float>{4, 2.1F, 0, 0}), 1); // 4 / 2 < 2.1
    QCOMPARE(sampler->sample(std::vector<float>{4, 1.9F, 0, 0}), 0);
    QCOMPARE(sampler->sample(std::vector<float>{-1, -1.9F, -9, -9}), 1); // -1 * 2 < -1.9

    settings = greedy();
    settings.frequencyPenalty = 0.5F;
    sampler = makeSampler(settings, tokenizer);
    for (int times = 0; times < 3; ++times)
        sampler->accept(0);
    QCOMPARE(sampler->sample(std::vector<float>{4, 2.6F, 0, 0}), 1); // 4 - 3 * 0.5 < 2.6
    QCOMPARE(sampler->sample(std::vector<float>{4, 2.4F, 0, 0}), 0);

    settings = greedy();
    settings.presencePenalty = 1.5F;
    sampler = makeSampler(settings, tokenizer);
    for (int times = 0; times < 3; ++times)
        sampler->accept(0);
    QCOMPARE(sampler->sample(std::vector<float>{4, 2.6F, 0, 0}), 1); // 4 - 1.5 < 2.6, however often
    QCOMPARE(sampler->sample(std::vector<float>{4, 2.4F, 0, 0}), 0);
}

void TestSampler::penaltyWindowForgets() {
    const FakeTokenizer tokenizer(3);
    SamplerSettings settings = greedy();
    settings.presencePenalty = 10;
    settings.penaltyWindow = 2;
    const auto sampler = makeSampler(settings, tokenizer);
    sampler->accept(0);
    sampler->accept(1);
    QCOMPARE(sampler->sample(std::vector<float>{2, 1, 0}), 2);
    sampler->accept(1); // 0 leaves the window
    QCOMPARE(sampler->sample(std::vector<float>{2, 1, 0}), 0);
    sampler->accept(99); // no token of the vocabulary: counts for the window only
    sampler->accept(99);
    QCOMPARE(sampler->sample(std::vector<float>{2, 3, 0}), 1);

    settings.penaltyWindow = -1;
    const auto remembering = makeSampler(settings, tokenizer);
    remembering->accept(0);
    for (int times = 0; times < 100; ++times)
        remembering->accept(1);
    QCOMPARE(remembering->sample(std::vector<float>{2, 1, 0}), 2);

    settings.penaltyWindow = 0;
    const auto indifferent = makeSampler(settings, tokenizer);
    indifferent->accept(0);
    QCOMPARE(indifferent->sample(std::vector<float>{2, 1, 0}), 0);
}

namespace {

SamplerSettings dry() {
    SamplerSettings settings = greedy();
    settings.dryMultiplier = 1;
    settings.dryBase = 2;
    settings.dryAllowedLength = 2;
    settings.dryBreakers = {};
    return settings;
}

} // namespace

void TestSampler::dryPenalisesWhatWouldProlongARepetition() {
    const FakeTokenizer tokenizer(10);
    const auto winner = [&](const SamplerSettings& settings, const std::vector<TokenId>& history,
                            std::vector<float> logits) {
        const auto sampler = makeSampler(settings, tokenizer);
        for (const TokenId token : history)
            sampler->accept(token);
        return sampler->sample(logits);
    };
    // 5 6 0 … 5 6: "5 6" repeats, 0 would prolong it: loses 1 * 2^(2-2) = 1.
    QCOMPARE(winner(dry(), {5, 6, 0, 7, 5, 6}, {3, 2.1F}), 1);
    QCOMPARE(winner(dry(), {5, 6, 0, 7, 5, 6}, {3, 1.9F}), 0);
    // One longer: 2.
    QCOMPARE(winner(dry(), {4, 5, 6, 0, 7, 4, 5, 6}, {3, 1.1F}), 1);
    QCOMPARE(winner(dry(), {4, 5, 6, 0, 7, 4, 5, 6}, {3, 0.9F}), 0);
    // One token alone is not long enough.
    QCOMPARE(winner(dry(), {6, 0, 7, 6}, {3, 2.9F}), 0);
    // Nothing that follows: no penalty.
    QCOMPARE(winner(dry(), {5, 6}, {3, 2.9F}), 0);
}

void TestSampler::dryTakesTheLongestRepetition() {
    const FakeTokenizer tokenizer(10);
    const auto sampler = makeSampler(dry(), tokenizer);
    // Before 0 stand once "5 6" and once "3 4 5 6"; the end is "3 4 5 6": 2^(4-2) = 4.
    for (const TokenId token : {5, 6, 0, 3, 4, 5, 6, 0, 9, 3, 4, 5, 6})
        sampler->accept(token);
    QCOMPARE(sampler->sample(std::vector<float>{8, 4.1F}), 1);
    QCOMPARE(sampler->sample(std::vector<float>{8, 3.9F}), 0);
}

void TestSampler::dryStopsAtBreakers_data() {
    QTest::addColumn<QByteArray>("breaker");
    QTest::addColumn<bool>("breaks");
    QTest::newRow("within a token") << QByteArray(":") << true;
    QTest::newRow("across tokens") << QByteArray("c:d") << true;
    QTest::newRow("absent") << QByteArray("#") << false;
    QTest::newRow("before the repetition") << QByteArray("|") << false;
}

void TestSampler::dryStopsAtBreakers() {
    QFETCH(QByteArray, breaker);
    QFETCH(bool, breaks);
    const FakeTokenizer tokenizer(std::vector<std::string>{"z", "y", "ab", "c:", "d", "|"});
    SamplerSettings settings = dry();
    settings.dryBreakers = {breaker.toStdString()};
    const auto sampler = makeSampler(settings, tokenizer);
    // "ab c: d" repeats, then 0 would follow; a breaker in it leaves at most "d", which is too short.
    for (const TokenId token : {2, 3, 4, 0, 5, 2, 3, 4})
        sampler->accept(token);
    QCOMPARE(sampler->sample(std::vector<float>{3, 2.9F}), breaks ? 0 : 1);
}

void TestSampler::dryEqualsItsDefinitionOnRandomTexts() {
    constexpr unsigned kSeed = 5;
    std::mt19937 random(kSeed);
    const FakeTokenizer tokenizer(4);
    SamplerSettings settings = dry();
    settings.dryBase = 1.25F;
    for (int round = 0; round < 60; ++round) {
        std::vector<TokenId> history(3 + random() % 30);
        for (TokenId& token : history)
            token = static_cast<TokenId>(random() % 3);
        // For every earlier 0: how many tokens before it equal those at the end?
        int longest = 0;
        const int size = static_cast<int>(history.size());
        for (int place = 0; place < size; ++place) {
            if (history[static_cast<std::size_t>(place)] != 0)
                continue;
            int length = 0;
            while (length < place
                   && history[static_cast<std::size_t>(place - 1 - length)]
                          == history[static_cast<std::size_t>(size - 1 - length)])
                ++length;
            longest = std::max(longest, length);
        }
        const float expected = longest < 2 ? 0 : static_cast<float>(std::pow(1.25, longest - 2));
        const auto sampler = makeSampler(settings, tokenizer);
        for (const TokenId token : history)
            sampler->accept(token);
        // Token 3 is a stranger to the text, so nothing is taken from it.
        std::vector<float> logits{100, -1000, -1000, 100 - expected - 0.01F};
        QVERIFY2(sampler->sample(logits) == 0, qPrintable(QString::number(round)));
        logits[3] = 100 - expected + 0.01F;
        QVERIFY2(sampler->sample(logits) == 3, qPrintable(QString::number(round)));
    }
}

void TestSampler::samplingDoesNotAllocateAfterTheFirstToken() {
    const FakeTokenizer tokenizer(5000);
    SamplerSettings settings = plain(1);
    settings.topK = 0;
    settings.topP = 0.9F;
    settings.typicalP = 0.95F;
    settings.minP = 0.01F;
    settings.repetitionPenalty = 1.1F;
    settings.dryMultiplier = 0.8F;
    const auto sampler = makeSampler(settings, tokenizer);
    std::mt19937 random(9);
    const std::vector<float> logits = randomLogits(random, 5000);
    for (int token = 0; token < 200; ++token)
        sampler->accept(token % 50);
    static_cast<void>(sampler->sample(logits));
    const std::size_t before = s_allocations;
    for (int draw = 0; draw < 20; ++draw)
        static_cast<void>(sampler->sample(logits));
    QCOMPARE(s_allocations - before, std::size_t(0));
}

QTEST_GUILESS_MAIN(TestSampler)
#include "tst_sampler.moc"
