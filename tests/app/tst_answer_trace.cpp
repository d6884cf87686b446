#include "app/trace/trace_export.h"
#include "app/trace/trace_format.h"
#include "tests/app/trace_bytes.h"
#include "tests/app/why.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include <random>

namespace hearth {

using namespace Qt::Literals::StringLiterals;

/// The recording of an answer as bytes: what is written is read again, and nothing that is read does harm.
class TestAnswerTrace : public QObject {
    Q_OBJECT
private:
    static AnswerTrace read(const QByteArray& bytes) {
        AnswerTrace trace;
        if (const Status status = trace.append(bytes); !status.ok())
            qWarning("%s", status.error().message.c_str());
        return trace;
    }

    /// Everything that can be asked of a trace, within its bounds.
    static void checkBounds(const AnswerTrace& trace) {
        for (int token = 0; token < trace.tokenCount(); ++token) {
            QVERIFY(trace.chosen(token).probability >= 0 && trace.chosen(token).probability <= 1);
            QVERIFY(trace.runnersUp(token).size() <= std::size_t{kMostRunnersUp});
            for (int layer = 0; layer < static_cast<int>(trace.shape().layers.size()); ++layer) {
                const TracedLayer& shape = trace.shape().layers[static_cast<std::size_t>(layer)];
                const auto experts = trace.experts(token, layer);
                QCOMPARE(experts.size(), trace.hasExperts(token) ? static_cast<std::size_t>(shape.used) : 0U);
                QCOMPARE(trace.shares(token, layer).size(), experts.size());
                for (const quint16 expert : experts)
                    QVERIFY(expert == AnswerTrace::kDropped || expert < shape.experts);
            }
        }
    }

private Q_SLOTS:
    void whatIsWrittenIsRead_data() {
        QTest::addColumn<int>("experts");
        QTest::newRow("ids of one byte") << 16;
        QTest::newRow("the most of one byte") << 255;
        QTest::newRow("ids of two bytes") << 256;
        QTest::newRow("many") << 4000;
    }
    void whatIsWrittenIsRead() {
        QFETCH(const int, experts);
        const TraceShape shape = mixtureShape(3, experts, 2);
        FakeTrace first{0.75F, {{"Hi", 0.125F}, {"Hey", 0.0625F}}, {1, 0, experts - 1, 7, 3, 2}, {3, 1, 1, 1, 2, 0.5F}};
        FakeTrace last{0.5F, {}, {}, {}};
        first.experts[5] = -1; // dropped by adaptive top-k
        first.weights[5] = 0;
        const AnswerTrace trace = read(traceBytes(shape, {{"Hello", first}, {"\xE4\xBD", last}}));
        QCOMPARE(trace.shape(), shape);
        QCOMPARE(trace.tokenCount(), 2);
        QCOMPARE(trace.chosen(0).text, QByteArray("Hello"));
        QCOMPARE(trace.chosen(0).probability, 0.75F);
        QCOMPARE(trace.runnersUp(0).size(), std::size_t{2});
        QCOMPARE(trace.runnersUp(0)[1].text, QByteArray("Hey"));
        QCOMPARE(trace.runnersUp(0)[1].probability, 0.0625F);
        QCOMPARE(trace.chosen(1).text, QByteArray("\xE4\xBD"));
        QVERIFY(trace.hasExperts(0) && !trace.hasExperts(1));
        QCOMPARE(trace.experts(0, 0)[0], 1);
        QCOMPARE(trace.experts(0, 1)[0], experts - 1);
        QCOMPARE(trace.experts(0, 2)[1], AnswerTrace::kDropped);
        QCOMPARE(trace.shares(0, 0)[0], 191); // three quarters of 255
        QCOMPARE(trace.shares(0, 0)[1], 64);
        QCOMPARE(trace.shares(0, 2)[0], 255);
        QCOMPARE(trace.shares(0, 2)[1], 0);
        QVERIFY(trace.experts(1, 0).empty());
        checkBounds(trace);
    }

    void controlTokensShowTheirNames() {
        ByteTokenizer tokenizer;
        TraceChannel channel;
        TraceWriter writer(tokenizer, channel);
        writer.write({}, {{ByteTokenizer::kEnd, 0.5F}, {}, {}, {}});
        QCOMPARE(read(channel.take()).chosen(0).text, QByteArray("<|end|>"));
    }

    void piecesFollowOneAnother() {
        const TraceShape shape = mixtureShape(2, 8, 2);
        AnswerTrace trace = read(plainTraceBytes(shape, 5));
        QVERIFY(trace.append(plainTraceBytes(shape, 3)).ok()); // the answer was continued
        QCOMPARE(trace.tokenCount(), 8);
        QVERIFY(trace.hasExperts(0) && trace.hasExperts(7));
        QVERIFY(trace.append({}).ok());
    }

    void anotherModelTakesTheExpertsOfTheFirstAway() {
        AnswerTrace trace = read(plainTraceBytes(mixtureShape(2, 8, 2), 5));
        QVERIFY(trace.append(plainTraceBytes(mixtureShape(3, 16, 4), 2)).ok());
        QCOMPARE(trace.tokenCount(), 7);
        QVERIFY(!trace.hasExperts(4));
        QVERIFY(trace.hasExperts(5));
        QCOMPARE(trace.experts(5, 2).size(), std::size_t{4});
        QCOMPARE(trace.chosen(0).text, QByteArray("w0 "));
        checkBounds(trace);
    }

    void aTokenOfALargeMixtureTakesLessThanAKilobyte() {
        const TraceShape shape = mixtureShape(48, 128, 8);
        const qsizetype one = plainTraceBytes(shape, 1).size();
        const qsizetype two = plainTraceBytes(shape, 2).size();
        QVERIFY2(two - one < 1024, qPrintable(QString::number(two - one)));
    }

    void refusesWhatIsNoTrace_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("says");
        QByteArray shape = plainTraceBytes(mixtureShape(1, 8, 2), 1);
        QTest::newRow("another kind") << QByteArray("\x09") << u"kind 9"_s;
        QByteArray version = shape;
        version[1] = 77;
        QTest::newRow("another version") << version << u"version 77"_s;
        QByteArray layers = shape;
        layers[18] = '\xFF';
        layers[19] = '\xFF';
        QTest::newRow("too many layers") << layers << u"65535 layers"_s;
        QByteArray used = shape;
        used[24] = 9;
        QTest::newRow("more used than there are") << used << u"8 experts of which 9"_s;
        QTest::newRow("cut off") << shape.chopped(1) << u"too soon"_s;
        QTest::newRow("experts of a dense model")
            << plainTraceBytes({}, 1).chopped(1) + QByteArray("\x01\x05\x05") << u"has none"_s;
    }
    void refusesWhatIsNoTrace() {
        QFETCH(const QByteArray, bytes);
        QFETCH(const QString, says);
        AnswerTrace trace;
        const Status status = trace.append(bytes);
        QVERIFY(!status.ok());
        QCOMPARE(status.error().code, ErrorCode::Corrupt);
        QVERIFY2(QString::fromStdString(status.error().message).contains(says), status.error().message.c_str());
        checkBounds(trace);
    }

    void spoiledBytesDoNoHarm() {
        const QByteArray good = plainTraceBytes(mixtureShape(4, 300, 3), 6) + plainTraceBytes(mixtureShape(2, 8, 2), 4);
        std::mt19937 random(20261122);
        for (int round = 0; round < 3000; ++round) {
            QByteArray bytes = good.left(static_cast<qsizetype>(random() % static_cast<unsigned>(good.size() + 1)));
            for (unsigned spoiled = random() % 6; spoiled > 0 && !bytes.isEmpty(); --spoiled)
                bytes[static_cast<qsizetype>(random() % static_cast<unsigned>(bytes.size()))] =
                    static_cast<char>(random());
            AnswerTrace trace;
            (void)trace.append(bytes).ok();
            checkBounds(trace);
            QVERIFY(traceToCsv(trace, trace.all()).startsWith("token,"));
            if (QTest::currentTestFailed()) {
                qWarning("round %d", round);
                return;
            }
        }
    }

    void csvHasALineForEachToken() {
        FakeTrace quoted{0.25F, {{"a", 0.5F}}, {1, 0}, {3, 1}};
        const AnswerTrace trace = read(traceBytes(mixtureShape(1, 8, 2), {{"say \"x\",\n", quoted}, {"y", {}}}));
        QCOMPARE(traceToCsv(trace, trace.all()),
                 QByteArray("token,id,text,probability,likeliest,runner_up_1,probability_1,layer_1\r\n"
                            "1,259,\"say \"\"x\"\",\n\",0.25,no,\"a\",0.5,1:0.749 0:0.251\r\n"
                            "2,260,\"y\",1,yes,,,\r\n"));
        QCOMPARE(traceToCsv(trace, {1, 2}).count("\r\n"), 2);
        QVERIFY(traceToCsv(AnswerTrace(), {}).startsWith("token,id"));
    }

    void jsonHoldsTheSame() {
        const TraceShape shape = mixtureShape(2, 8, 2);
        const AnswerTrace trace = read(plainTraceBytes(shape, 3));
        const QJsonObject json = QJsonDocument::fromJson(traceToJson(trace, {1, 99})).object();
        QCOMPARE(json.value("layers"_L1).toArray().size(), 2);
        QCOMPARE(json.value("firstToken"_L1).toInt(), 2);
        const QJsonArray tokens = json.value("tokens"_L1).toArray();
        QCOMPARE(tokens.size(), 2);
        const QJsonObject token = tokens.first().toObject();
        QCOMPARE(token.value("text"_L1).toString(), u"w1 "_s);
        QCOMPARE(token.value("probability"_L1).toDouble(), double(0.4F));
        QCOMPARE(token.value("runnersUp"_L1).toArray().size(), 2);
        QCOMPARE(token.value("experts"_L1).toArray().size(), 2);
        QCOMPARE(token.value("experts"_L1).toArray().first().toArray().first().toArray().first().toInt(), 4);
    }

    void exporterWritesWholeFiles() {
        const QTemporaryDir folder;
        const AnswerTrace trace = read(plainTraceBytes(mixtureShape(2, 8, 2), 3));
        TraceExporter exporter;
        QSignalSpy saved(&exporter, &TraceExporter::saved);
        QSignalSpy failed(&exporter, &TraceExporter::failed);
        QSignalSpy made(&exporter, &TraceExporter::textMade);
        exporter.save(trace, trace.all(), TraceFormat::Csv, folder.filePath(u"a.csv"_s));
        QVERIFY(saved.wait());
        QFile file(folder.filePath(u"a.csv"_s));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), traceToCsv(trace, trace.all()));
        exporter.save(trace, trace.all(), TraceFormat::Json, folder.filePath(u"no/such/folder/a.json"_s));
        QVERIFY(failed.wait());
        exporter.makeText(trace, trace.all(), TraceFormat::Json);
        QVERIFY(made.wait());
        QCOMPARE(made.first().first().toString().toUtf8(), traceToJson(trace, trace.all()));
        QImage picture(4, 4, QImage::Format_RGB32);
        picture.fill(Qt::red);
        exporter.save(picture, folder.filePath(u"a.png"_s));
        QVERIFY(saved.wait());
        QCOMPARE(QImage(folder.filePath(u"a.png"_s)).pixelColor(1, 1), QColor(Qt::red));
    }
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestAnswerTrace)
#include "tst_answer_trace.moc"
