#include "engine/convert/safetensors_file.h"
#include "tests/engine/safetensors_bytes.h"

#include <QTemporaryDir>
#include <QTest>

#include <functional>
#include <random>

using namespace hearth;

namespace {

/// Two tensors and a string of metadata.
SafetensorsBytes wellFormed() {
    SafetensorsBytes bytes;
    bytes.header()["__metadata__"] = {{"format", "pt"}};
    bytes.addFloats("weight", {2, 3}, {1, 2, 3, 4, 5, 6});
    bytes.add("half", "BF16", {3}, std::string("\x80\x3f\x00\x40\x40\x40", 6));
    bytes.add("ids", "I64", {1, 2}, std::string(16, '\1'));
    return bytes;
}

using Damage = std::function<std::string(SafetensorsBytes&)>;

} // namespace

Q_DECLARE_METATYPE(Damage)

/// Safetensors files, well formed and not.
class TestSafetensors : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_folder.isValid());
        m_path = (m_folder.path() + QStringLiteral("/model.safetensors")).toStdString();
    }

    void readsTensorsWithTheirTypesShapesAndBytes() {
        writeBytes(m_path, wellFormed().bytes());
        const auto file = SafetensorsFile::open(m_path);
        QVERIFY2(file.ok(), file.ok() ? "" : file.error().message.c_str());
        QCOMPARE((*file)->tensors().size(), std::size_t{3});
        const SafetensorsTensor* weight = (*file)->find("weight");
        QVERIFY(weight != nullptr);
        QVERIFY(weight->dtype == DType::F32);
        QVERIFY((weight->shape == std::vector<std::int64_t>{2, 3}));
        QCOMPARE(weight->bytes.size(), std::size_t{24});
        float last = 0;
        std::memcpy(&last, weight->bytes.data() + 20, sizeof(last));
        QCOMPARE(last, 6.0F);
        QVERIFY((*file)->find("half")->dtype == DType::BF16);
        QVERIFY(!(*file)->find("ids")->dtype.has_value());
        QVERIFY((*file)->find("__metadata__") == nullptr);
    }

    void acceptsSpacesBehindTheHeaderAndTensorsWithoutNumbers() {
        SafetensorsBytes bytes = wellFormed();
        bytes.add("empty", "F32", {0, 7}, "");
        bytes.add("one", "F32", {}, std::string(4, '\0'));
        writeBytes(m_path, bytes.withHeader(bytes.header().dump() + "     "));
        const auto file = SafetensorsFile::open(m_path);
        QVERIFY2(file.ok(), file.ok() ? "" : file.error().message.c_str());
        QCOMPARE((*file)->find("empty")->bytes.size(), std::size_t{0});
        QCOMPARE((*file)->find("one")->bytes.size(), std::size_t{4});
    }

    void namesWhatIsWrong_data() {
        QTest::addColumn<Damage>("damage");
        QTest::addColumn<QString>("named"); ///< a part of the message
        const auto row = [](const char* title, const char* named, Damage damage) {
            QTest::newRow(title) << std::move(damage) << QString::fromLatin1(named);
        };
        row("nothing at all", "0 bytes", [](SafetensorsBytes&) { return std::string(); });
        row("less than a length", "7 bytes", [](SafetensorsBytes& b) { return b.bytes().substr(0, 7); });
        row("a header beyond the file", "a header of", [](SafetensorsBytes& b) { return b.bytes().substr(0, 40); });
        row("a length of 2^64 - 1", "a header of 18446744073709551615",
            [](SafetensorsBytes&) { return std::string(64, '\xff'); });
        row("a header that is no JSON", "no JSON", [](SafetensorsBytes& b) { return b.withHeader("{\"a\":"); });
        row("a header that is no object", "tensor '0'", [](SafetensorsBytes& b) { return b.withHeader("[1]"); });
        row("bytes that are no UTF-8", "no JSON", [](SafetensorsBytes& b) { return b.withHeader("{\"\xff\":1}"); });
        row("a deep header", "no JSON", [](SafetensorsBytes& b) { return b.withHeader(std::string(100000, '[')); });
        row("an unknown type", "F7", [](SafetensorsBytes& b) {
            b.header()["weight"]["dtype"] = "F7";
            return b.bytes();
        });
        row("no type", "'weight' has no type", [](SafetensorsBytes& b) {
            b.header()["weight"].erase("dtype");
            return b.bytes();
        });
        row("a negative extent", "no count", [](SafetensorsBytes& b) {
            b.header()["weight"]["shape"] = {-2, -3};
            return b.bytes();
        });
        row("extents beyond any memory", "larger than any memory", [](SafetensorsBytes& b) {
            b.header()["weight"]["shape"] = {std::int64_t{1} << 40, std::int64_t{1} << 40};
            return b.bytes();
        });
        row("too many extents", "no shape", [](SafetensorsBytes& b) {
            b.header()["weight"]["shape"] = std::vector<int>(1000, 1);
            return b.bytes();
        });
        row("another size", "takes 28 bytes", [](SafetensorsBytes& b) {
            b.header()["weight"]["shape"] = {7};
            return b.bytes();
        });
        row("an end before the beginning", "from 24 to 0", [](SafetensorsBytes& b) {
            b.header()["weight"]["data_offsets"] = {24, 0};
            return b.bytes();
        });
        row("beyond the file", "of 46 bytes", [](SafetensorsBytes& b) {
            b.header()["ids"]["data_offsets"] = {std::uint64_t{1} << 60, (std::uint64_t{1} << 60) + 16};
            return b.bytes();
        });
        row("one over the other", "lies from 0", [](SafetensorsBytes& b) {
            b.header()["half"]["data_offsets"] = {0, 6};
            return b.bytes();
        });
        row("a hole", "'ids' lies from", [](SafetensorsBytes& b) {
            b.header().erase("half");
            return b.bytes();
        });
        row("bytes that belong to nothing", "end at 46 of 49", [](SafetensorsBytes& b) {
            b.data() += "abc";
            return b.bytes();
        });
        row("a file that was cut short", "of 43 bytes", [](SafetensorsBytes& b) {
            const std::string bytes = b.bytes();
            return bytes.substr(0, bytes.size() - 3);
        });
    }

    void namesWhatIsWrong() {
        QFETCH(const Damage, damage);
        QFETCH(const QString, named);
        SafetensorsBytes bytes = wellFormed();
        writeBytes(m_path, damage(bytes));
        const auto file = SafetensorsFile::open(m_path);
        QVERIFY(!file.ok());
        const QString message = QString::fromStdString(file.error().message);
        QVERIFY2(message.contains(named), qPrintable(message));
        QVERIFY2(message.contains(QStringLiteral("model.safetensors")), qPrintable(message));
    }

    void brokenFilesGiveTensorsInsideTheFileOrAnError() {
        const std::string whole = wellFormed().bytes();
        std::mt19937 random(11);
        int accepted = 0;
        for (int round = 0; round < 3000; ++round) {
            std::string bytes = whole;
            for (unsigned change = 0; change < 1 + random() % 3; ++change) {
                const std::size_t place = random() % bytes.size();
                switch (random() % 4) {
                case 0:
                    bytes[place] = static_cast<char>(random());
                    break;
                case 1: // a digit, where most are
                    bytes[place] = static_cast<char>('0' + random() % 10);
                    break;
                case 2:
                    bytes.erase(place, 1 + random() % 4);
                    break;
                default:
                    bytes.insert(place, 1, whole[random() % whole.size()]);
                }
                if (bytes.empty())
                    bytes = "x";
            }
            writeBytes(m_path, bytes);
            const auto file = SafetensorsFile::open(m_path);
            if (!file.ok()) {
                QVERIFY(!file.error().message.empty());
                continue;
            }
            ++accepted;
            std::size_t total = 0;
            for (const SafetensorsTensor& tensor : (*file)->tensors()) {
                // A copy reads every byte, so that a sanitizer sees one outside.
                total += std::vector<std::byte>(tensor.bytes.begin(), tensor.bytes.end()).size();
            }
            QVERIFY(total <= bytes.size());
        }
        QVERIFY2(accepted > 0, "every broken file was refused, also those with other numbers only");
    }

private:
    QTemporaryDir m_folder;
    std::filesystem::path m_path;
};

QTEST_GUILESS_MAIN(TestSafetensors)
#include "tst_safetensors.moc"
