#include "app/trace/trace_statistics.h"
#include "tests/app/trace_bytes.h"

#include <QtTest>

#include <cmath>

namespace hearth {

/// Figures of a trace, against numbers worked out by hand.
class TestTraceStatistics : public QObject {
    Q_OBJECT
private:
    /// One layer of 4 experts of which 2 are chosen: three tokens.
    static AnswerTrace smallTrace() {
        AnswerTrace trace;
        const QByteArray bytes = traceBytes(mixtureShape(1, 4, 2), {{"a", {0.5F, {}, {0, 1}, {1, 0}}},
                                                                    {"b", {0.25F, {}, {0, 2}, {1, 0}}},
                                                                    {"c", {0.125F, {}, {1, 0}, {1, 0}}}});
        if (!trace.append(bytes).ok())
            qFatal("the trace cannot be read");
        return trace;
    }
    static bool near(double one, double other) { return std::abs(one - other) < 1e-6; }

private Q_SLOTS:
    void loadsCountAndWeigh() {
        const AnswerTrace trace = smallTrace();
        const ExpertLoad load = expertLoad(trace, trace.all());
        QCOMPARE(load.tokens, 3);
        QCOMPARE(load.columns, 4);
        QCOMPARE(load.layers.size(), std::size_t{1});
        QCOMPARE(load.layers[0].layer, 1);
        QCOMPARE(load.layers[0].active, 3);
        QCOMPARE(load.layers[0].busiest, 0);
        QCOMPARE(load.count(0, 0), 3);
        QCOMPARE(load.count(0, 1), 2);
        QCOMPARE(load.count(0, 3), 0);
        QVERIFY(near(load.share(0, 0), 2.0 / 3));
        QVERIFY(near(load.share(0, 1), 1.0 / 3));
        QVERIFY(near(load.timesEven(0, 0), 8.0 / 3));
        QVERIFY(near(load.mostTimesEven(), 8.0 / 3));
        // Entropy of (2/3, 1/3) over that of four equals.
        QVERIFY(near(load.layers[0].balance, (std::log(3.0) - 2.0 / 3 * std::log(2.0)) / std::log(4.0)));
    }

    void aRangeCountsItsTokensOnly() {
        const AnswerTrace trace = smallTrace();
        const ExpertLoad load = expertLoad(trace, {1, 2});
        QCOMPARE(load.tokens, 1);
        QCOMPARE(load.layers[0].active, 2);
        QVERIFY(near(load.share(0, 0), 1.0));
        QCOMPARE(load.layers[0].balance, 0.0);
        const ExpertLoad none = expertLoad(trace, {2, 2});
        QCOMPARE(none.tokens, 0);
        QCOMPARE(none.layers[0].busiest, -1);
        QCOMPARE(none.mostTimesEven(), 0.0);
        QCOMPARE(expertLoad(trace, {-5, 99}).tokens, 3);
        QCOMPARE(expertLoad(AnswerTrace(), {0, 5}).columns, 0);
    }

    void summaryTellsPerplexityAndWeightsRead() {
        const AnswerTrace trace = smallTrace();
        const TraceSummary summary = summarise(trace, trace.all(), expertLoad(trace, trace.all()));
        QCOMPARE(summary.tokens, 3);
        QVERIFY(near(summary.perplexity, 4.0)); // 2, 4 and 8: the geometric mean
        QCOMPARE(summary.experts, 4);
        QCOMPARE(summary.activeExperts, 3);
        // 2,000 bytes for all tokens, 1,000 for each of four experts.
        QVERIFY(near(summary.tokenShare, 4000.0 / 6000));
        QVERIFY(near(summary.answerShare, 5000.0 / 6000));
    }

    void denseModelReadsEverything() {
        AnswerTrace trace;
        QVERIFY(trace.append(traceBytes({{}, 500, 500}, {{"a", {0.5F, {}, {}, {}}}})).ok());
        const TraceSummary summary = summarise(trace, trace.all(), expertLoad(trace, trace.all()));
        QCOMPARE(summary.tokenShare, 1.0);
        QCOMPARE(summary.experts, 0);
        QVERIFY(near(summary.perplexity, 2.0));
    }

    void surpriseGrowsAsProbabilityFalls() {
        QCOMPARE(surprise(1.0F), 0.0);
        QVERIFY(near(surprise(0.1F), 0.5));
        QVERIFY(near(surprise(0.01F), 1.0));
        QCOMPARE(surprise(0.0F), surprise(0.01F));
    }

    void tokensShareExperts() {
        const AnswerTrace trace = smallTrace();
        QVERIFY(near(sharedExperts(trace, 0, 1), 0.5));
        QVERIFY(near(sharedExperts(trace, 0, 2), 1.0));
        QVERIFY(near(sharedExperts(trace, 0, 0), 1.0));
    }

    void expertsKnowTheirTokens() {
        const AnswerTrace trace = smallTrace();
        const std::vector<ExpertUse> uses = tokensOfExpert(trace, trace.all(), 0, 1, 10);
        QCOMPARE(uses.size(), std::size_t{2});
        QCOMPARE(uses[0].token, 2);
        QCOMPARE(uses[0].share, 255);
        QCOMPARE(uses[1].token, 0);
        QCOMPARE(tokensOfExpert(trace, trace.all(), 0, 1, 1).size(), std::size_t{1});
        QVERIFY(tokensOfExpert(trace, trace.all(), 0, 3, 10).empty());
        QVERIFY(tokensOfExpert(trace, {0, 1}, 0, 2, 10).empty());
    }
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestTraceStatistics)
#include "tst_trace_statistics.moc"
