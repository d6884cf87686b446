#include "engine/gguf/gguf_file.h"
#include "engine/models/model_family.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>

using namespace hearth;

namespace {

QString modelsDir() {
    return QStringLiteral(HEARTH_SHARED_DIR "/parity/models");
}

QJsonDocument readJson(const QString& path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QJsonDocument::fromJson(file.readAll());
}

/// The experts that another engine chose: per layer, rows x used ids.
struct PeerChoices {
    int rows = 0;
    int used = 0;
    std::map<int, std::vector<std::int32_t>> layers;
};

PeerChoices readPeerChoices(const QString& name) {
    QFile file(modelsDir() + u'/' + name + QStringLiteral(".trace.f32"));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    const QByteArray bytes = file.readAll();
    PeerChoices choices;
    const QString prefix = QStringLiteral("ffn_moe_topk-");
    for (const QJsonValue value : readJson(modelsDir() + u'/' + name + QStringLiteral(".trace.json")).array()) {
        const QJsonObject entry = value.toObject();
        const QString tensor = entry.value(QLatin1String("name")).toString();
        if (!tensor.startsWith(prefix))
            continue;
        choices.rows = entry.value(QLatin1String("rows")).toInt();
        choices.used = entry.value(QLatin1String("cols")).toInt();
        std::vector<float> numbers(static_cast<std::size_t>(choices.rows * choices.used));
        std::memcpy(numbers.data(), bytes.constData() + entry.value(QLatin1String("offset")).toInteger() * 4,
                    numbers.size() * sizeof(float));
        auto& ids = choices.layers[tensor.mid(prefix.size()).toInt()];
        for (const float number : numbers)
            ids.push_back(static_cast<std::int32_t>(std::lround(number)));
    }
    return choices;
}

bool isKnownArchitecture(const QString& name) {
    const auto families = modelFamilies();
    return std::any_of(families.begin(), families.end(), [&](const ModelFamily& family) {
        return name == QLatin1String(family.architecture.data(), static_cast<int>(family.architecture.size()));
    });
}

std::vector<std::int32_t> sorted(std::span<const std::int32_t> ids) {
    std::vector<std::int32_t> copy(ids.begin(), ids.end());
    std::sort(copy.begin(), copy.end());
    return copy;
}

} // namespace

/// What the decoder says its routers chose, against another engine's choices.
class TestRouting : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        if (!QDir(modelsDir()).exists())
            QSKIP("the reference data (../shared/parity) are not here");
    }

    void expertsAreThoseOfThePeer_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("device");
        QTest::addColumn<int>("rowsAtOnce");
        for (const QString& file : QDir(modelsDir()).entryList({QStringLiteral("*.tokens.json")}, QDir::Files)) {
            const QString name = file.chopped(12);
            const QJsonObject json = readJson(modelsDir() + u'/' + file).object();
            if (!isKnownArchitecture(json.value(QLatin1String("architecture")).toString())
                || readPeerChoices(name).layers.empty())
                continue;
            for (const char* device : {"reference", "cpu"})
                for (const int rowsAtOnce : {1, 4})
                    QTest::addRow("%s %s %d", qPrintable(name), device, rowsAtOnce)
                        << name << QString::fromLatin1(device) << rowsAtOnce;
        }
    }
    void expertsAreThoseOfThePeer() {
        QFETCH(const QString, name);
        QFETCH(const QString, device);
        QFETCH(const int, rowsAtOnce);
        const QJsonObject json = readJson(modelsDir() + u'/' + name + QStringLiteral(".tokens.json")).object();
        const PeerChoices peer = readPeerChoices(name);
        const auto file = GgufFile::open((modelsDir() + u'/' + name + QStringLiteral(".gguf")).toStdString());
        QVERIFY(file.ok());
        const Decoder::Options options{json.value(QLatin1String("n_ctx")).toInt(), 64, DType::F32};
        const auto decoder = Decoder::create(**file, openDevice(device.toStdString(), 2).value(), options);
        QVERIFY2(decoder.ok(), decoder.ok() ? "" : decoder.error().message.c_str());
        const TraceShape& shape = (*decoder)->traceShape();
        QVERIFY(shape.layers.size() >= peer.layers.size());
        QVERIFY(shape.commonBytes > 0 && shape.commonBytes < shape.weightBytes);

        std::vector<TokenId> tokens;
        for (const QJsonValue token : json.value(QLatin1String("tokens")).toArray())
            tokens.push_back(token.toInt());
        const std::span<const TokenId> all = tokens;
        const std::size_t first = all.size() - static_cast<std::size_t>(peer.rows);
        static_cast<void>((*decoder)->cache().open(all, KvCache::Reuse::No));
        QVERIFY((*decoder)->append(all.first(first), {}, {}).ok());
        const auto choices = static_cast<std::size_t>(shape.choices());
        std::vector<std::int32_t> ids(choices);
        std::vector<float> weights(choices);
        QVERIFY(!(*decoder)->readRouting(0, ids, weights)); // that was a chunk of the prompt
        for (int row = 0; row < peer.rows; ++row) {
            const std::size_t next = first + static_cast<std::size_t>(row);
            if (row % rowsAtOnce == 0)
                QVERIFY((*decoder)->append(all.subspan(next, static_cast<std::size_t>(rowsAtOnce)), {}, {}).ok());
            QVERIFY((*decoder)->readRouting(row % rowsAtOnce, ids, weights));
            compareRow(peer, shape, row, ids, weights);
        }
    }

private:
    static void compareRow(const PeerChoices& peer, const TraceShape& shape, int row,
                           const std::vector<std::int32_t>& ids, const std::vector<float>& weights) {
        std::size_t place = 0;
        for (const TracedLayer& layer : shape.layers) {
            const auto used = static_cast<std::size_t>(layer.used);
            const std::span<const std::int32_t> got = std::span(ids).subspan(place, used);
            for (std::size_t choice = 0; choice < used; ++choice)
                QVERIFY(got[choice] >= 0 && got[choice] < layer.experts && weights[place + choice] > 0);
            place += used;
            const auto expected = peer.layers.find(layer.layer);
            if (expected == peer.layers.end())
                continue; // not every layer is in the peer's trace
            QCOMPARE(layer.used, peer.used);
            const auto start = static_cast<std::size_t>(row) * used;
            QVERIFY2(sorted(got) == sorted(std::span(expected->second).subspan(start, used)),
                     qPrintable(QStringLiteral("layer %1, row %2").arg(layer.layer).arg(row)));
        }
    }
};

QTEST_GUILESS_MAIN(TestRouting)
#include "tst_routing.moc"
