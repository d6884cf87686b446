#include "engine/gguf/gguf_file.h"
#include "engine/gguf/gguf_parser.h"
#include "tests/engine/gguf_bytes.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <random>

using namespace hearth;
using hearth::test::GgufBytes;

/// Files that lie: each is refused with a message that names file and reason, and nothing is read outside of it.
class TestGgufHostile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void brokenFilesAreRefused_data();
    void brokenFilesAreRefused();
    void everyTruncationIsRefused();
    void mutatedFilesNeverCrash_data();
    void mutatedFilesNeverCrash();
    void oddButCorrectFilesOpen_data();
    void oddButCorrectFilesOpen();
};

namespace {

// Value types of the format.
constexpr std::uint32_t kUint32 = 4;
constexpr std::uint32_t kBool = 7;
constexpr std::uint32_t kString = 8;
constexpr std::uint32_t kArray = 9;
// Storage types.
constexpr std::uint32_t kF32 = 0;
constexpr std::uint32_t kQ4_0 = 2;

constexpr std::uint64_t kHuge = std::uint64_t{1} << 62;
constexpr std::uint64_t kMaximum = ~std::uint64_t{0};

/// A correct small file with two tensors, to be cut and changed.
QByteArray smallFile() {
    GgufBytes file;
    file.head(2, 4)
        .key("general.architecture", kString)
        .text("llama")
        .key("count", kUint32)
        .u32(7)
        .arrayKey("words", kString, 2)
        .text("one")
        .text("two")
        .key("flag", kBool)
        .number(std::uint8_t{1})
        .tensor("a", {8, 2}, kF32, 0)
        .tensor("b", {32}, kQ4_0, 64)
        .padTo(32)
        .zeros(64 + 18);
    return file.bytes();
}

std::span<const std::byte> viewOf(const QByteArray& bytes) {
    return std::as_bytes(std::span(bytes.constData(), static_cast<std::size_t>(bytes.size())));
}

void addRow(const char* name, const GgufBytes& file, ErrorCode code, const char* word) {
    QTest::newRow(name) << file.bytes() << static_cast<int>(code) << QByteArray(word);
}

void addHeadRows() {
    using B = GgufBytes;
    addRow("empty", B(), ErrorCode::Corrupt, "empty");
    addRow("short magic", B().zeros(3), ErrorCode::Corrupt, "magic number");
    addRow("another format", B().u32(0x04034b50).zeros(60), ErrorCode::Corrupt, "not a GGUF file");
    addRow("no version", B().u32(0x46554747), ErrorCode::Corrupt, "version");
    addRow("version 0", B().head(0, 0, 0), ErrorCode::Corrupt, "version 0");
    addRow("version 1", B().head(0, 0, 1), ErrorCode::Unsupported, "version 1");
    addRow("version 4", B().head(0, 0, 4), ErrorCode::Unsupported, "version 4");
    addRow("big-endian", B().head(0, 0, 0x03000000), ErrorCode::Unsupported, "big-endian");
    addRow("no counts", B().u32(0x46554747).u32(3).u32(0), ErrorCode::Corrupt, "number of tensors");
    addRow("too many keys", B().head(0, kHuge).zeros(100), ErrorCode::Corrupt, "4611686018427387904 metadata keys");
    addRow("too many tensors", B().head(kMaximum, 0).zeros(100), ErrorCode::Corrupt, "18446744073709551615 tensors");
}

void addKeyRows() {
    using B = GgufBytes;
    addRow("empty key", B().head(0, 1).text("").u32(kUint32).zeros(20), ErrorCode::Corrupt, "0 bytes");
    addRow("long key", B().head(0, 1).u64(kMaximum).zeros(20), ErrorCode::Corrupt, "metadata key 0");
    addRow("key of 100 kB", B().head(0, 1).text(std::string(100000, 'k')).u32(kUint32).u32(1), ErrorCode::Corrupt,
           "100000 bytes");
    addRow("unknown type", B().head(0, 1).key("key", 13).zeros(20), ErrorCode::Corrupt, "type 13");
    addRow("value cut off", B().head(0, 1).key("longer.key", kUint32).number(std::uint16_t{1}), ErrorCode::Corrupt,
           "'longer.key'");
    addRow("string too long", B().head(0, 1).key("key", kString).u64(kMaximum - 7).zeros(20), ErrorCode::Corrupt,
           "past the end");
    addRow("boolean 2", B().head(0, 1).key("key", kBool).number(std::uint8_t{2}), ErrorCode::Corrupt, "boolean 2");
    addRow("unknown element type", B().head(0, 1).arrayKey("key", 77, 1).zeros(20), ErrorCode::Corrupt, "type 77");
    addRow("array of arrays", B().head(0, 1).arrayKey("key", kArray, 1).u32(kUint32).u64(1).u32(1),
           ErrorCode::Unsupported, "array of arrays");
    addRow("huge array", B().head(0, 1).arrayKey("key", kUint32, kHuge).zeros(20), ErrorCode::Corrupt,
           "4611686018427387904 values");
    addRow("huge list of strings", B().head(0, 1).arrayKey("key", kString, kHuge).zeros(20), ErrorCode::Corrupt,
           "4611686018427387904 strings");
    addRow("string of a list too long", B().head(0, 1).arrayKey("key", kString, 2).text("a").u64(1000).zeros(5),
           ErrorCode::Corrupt, "string 1");
    addRow("key twice", B().head(0, 2).key("key", kUint32).u32(1).key("key", kUint32).u32(2).zeros(20),
           ErrorCode::Corrupt, "stands twice");
    addRow("alignment 0", B().head(0, 1).key("general.alignment", kUint32).u32(0), ErrorCode::Corrupt, "is 0");
    addRow("alignment 4", B().head(0, 1).key("general.alignment", kUint32).u32(4), ErrorCode::Corrupt, "is 4");
    addRow("alignment 48", B().head(0, 1).key("general.alignment", kUint32).u32(48), ErrorCode::Corrupt, "is 48");
    addRow("alignment as text", B().head(0, 1).key("general.alignment", kString).text("32"), ErrorCode::Corrupt,
           "uint32");
}

void addTensorRows() {
    using B = GgufBytes;
    const auto row = [](const char* name, std::initializer_list<std::uint64_t> extents, std::uint32_t type,
                        std::uint64_t offset, ErrorCode code, const char* word) {
        addRow(name, B().head(1, 0).tensor("weight", extents, type, offset).padTo(32).zeros(256), code, word);
    };
    row("no dimensions", {}, kF32, 0, ErrorCode::Corrupt, "0 dimensions");
    row("five dimensions", {1, 1, 1, 1, 1}, kF32, 0, ErrorCode::Corrupt, "5 dimensions");
    row("extent 0", {4, 0}, kF32, 0, ErrorCode::Corrupt, "extent 0");
    row("negative extent", {kMaximum}, kF32, 0, ErrorCode::Corrupt, "18446744073709551615");
    row("extents overflow", {1U << 31, 1U << 31, 1U << 31}, kF32, 0, ErrorCode::Corrupt, "larger than any file");
    row("bytes overflow", {kHuge, 1}, kF32, 0, ErrorCode::Corrupt, "larger than any file");
    row("part of a block", {33}, kQ4_0, 0, ErrorCode::Corrupt, "multiple of 32");
    row("removed type", {32}, 4, 0, ErrorCode::Unsupported, "type 4");
    row("unknown type", {32}, 12345, 0, ErrorCode::Unsupported, "12345");
    row("misaligned", {8}, kF32, 33, ErrorCode::Corrupt, "not aligned to 32");
    row("begins outside", {8}, kF32, 1024, ErrorCode::Corrupt, "256 bytes of tensor data");
    row("ends outside", {8, 8}, kF32, 32, ErrorCode::Corrupt, "does not fit");
    row("offset overflows", {8}, kF32, kMaximum - 31, ErrorCode::Corrupt, "does not fit");
    addRow("no data at all", B().head(1, 0).tensor("weight", {8}, kF32, 0), ErrorCode::Corrupt, "does not fit");
    addRow("tensor without a name", B().head(1, 0).tensor("", {8}, kF32, 0).padTo(32).zeros(64), ErrorCode::Corrupt,
           "0 bytes");
    addRow("tensor twice", B().head(2, 0).tensor("w", {8}, kF32, 0).tensor("w", {8}, kF32, 32).padTo(32).zeros(64),
           ErrorCode::Corrupt, "stands twice");
    addRow("tensors overlap", B().head(2, 0).tensor("v", {16}, kF32, 0).tensor("w", {8}, kF32, 32).padTo(32).zeros(64),
           ErrorCode::Corrupt, "'v' and 'w' overlap");
    addRow("tensors at one place",
           B().head(2, 0).tensor("v", {8}, kF32, 0).tensor("w", {8}, kF32, 0).padTo(32).zeros(64), ErrorCode::Corrupt,
           "overlap");
    addRow("control bytes in a name", B().head(1, 0).tensor("a\n\x1b[31m", {33}, kQ4_0, 0).zeros(64),
           ErrorCode::Corrupt, "'a??[31m'");
}

} // namespace

void TestGgufHostile::brokenFilesAreRefused_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("code");
    QTest::addColumn<QByteArray>("word");
    addHeadRows();
    addKeyRows();
    addTensorRows();
}

void TestGgufHostile::brokenFilesAreRefused() {
    QFETCH(QByteArray, bytes);
    QFETCH(int, code);
    QFETCH(QByteArray, word);
    const QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("hostile.gguf"));
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
    file.close();
    const auto opened = GgufFile::open(path.toStdString());
    QVERIFY(!opened.ok());
    const QByteArray message = QByteArray::fromStdString(opened.error().message);
    QCOMPARE(static_cast<int>(opened.error().code), code);
    QVERIFY2(message.contains(word), message.constData());
    QVERIFY2(message.contains("hostile.gguf"), message.constData());
}

void TestGgufHostile::everyTruncationIsRefused() {
    const QByteArray whole = smallFile();
    QVERIFY(gguf::parse(viewOf(whole)).ok());
    for (qsizetype size = 0; size < whole.size(); ++size) {
        // A copy of exactly this size, so that a sanitizer sees any step beyond it.
        const QByteArray cut = whole.left(size);
        const auto parsed = gguf::parse(viewOf(cut));
        QVERIFY2(!parsed.ok(), QByteArray::number(size).constData());
        QCOMPARE(parsed.error().code, ErrorCode::Corrupt);
    }
}

void TestGgufHostile::mutatedFilesNeverCrash_data() {
    QTest::addColumn<QByteArray>("original");
    QTest::addColumn<int>("rounds");
    QTest::newRow("small") << smallFile() << 20000;
    QFile file(QStringLiteral(HEARTH_SHARED_DIR "/parity/models/bert-bge-cls.gguf"));
    if (file.open(QIODevice::ReadOnly))
        QTest::newRow("reference model") << file.readAll() << 2000;
}

void TestGgufHostile::mutatedFilesNeverCrash() {
    QFETCH(QByteArray, original);
    QFETCH(int, rounds);
    constexpr unsigned kSeed = 20240917;
    std::mt19937 random(kSeed);
    // Mutations of the head matter; the data behind it are not looked at.
    const auto headBytes = static_cast<unsigned>(std::min<qsizetype>(original.size(), 16384));
    int accepted = 0;
    for (int round = 0; round < rounds; ++round) {
        QByteArray mutated = original;
        const unsigned changes = 1 + random() % 4;
        for (unsigned change = 0; change < changes; ++change) {
            const auto at = static_cast<qsizetype>(random() % headBytes);
            switch (random() % 4) {
            case 0:
                mutated[at] = static_cast<char>(random());
                break;
            case 1:
                mutated[at] = static_cast<char>(mutated[at] ^ (1 << random() % 8));
                break;
            case 2:
                mutated.replace(at, 8, QByteArray(8, static_cast<char>(random() % 2 == 0 ? 0xff : 0x7f)));
                break;
            default:
                mutated.remove(at, 1 + static_cast<qsizetype>(random() % 16));
                break;
            }
        }
        const auto parsed = gguf::parse(viewOf(mutated));
        if (!parsed.ok()) {
            QVERIFY2(!parsed.error().message.empty(), QByteArray::number(kSeed).constData());
            continue;
        }
        ++accepted;
        // What was accepted can be read: every value, and the first and last byte of every tensor.
        std::size_t touched = 0;
        for (const gguf::Entry& entry : parsed->entries)
            touched += gguf::readValue(entry).index();
        for (const GgufTensor& tensor : parsed->tensors)
            touched +=
                static_cast<std::size_t>(tensor.data[0]) + static_cast<std::size_t>(tensor.data[tensor.sizeBytes - 1]);
        QVERIFY(touched < ~std::size_t{0});
    }
    // If every mutation were refused, reading would not have been tried.
    QVERIFY(accepted > 0 && accepted < rounds);
}

void TestGgufHostile::oddButCorrectFilesOpen_data() {
    using B = GgufBytes;
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("nothing inside") << B().head(0, 0).bytes();
    QTest::newRow("version 2") << B().head(0, 0, 2).bytes();
    QTest::newRow("empty lists") << B().head(0, 2).arrayKey("a", kString, 0).arrayKey("b", kUint32, 0).bytes();
    QTest::newRow("data before the first tensor")
        << B().head(1, 0).tensor("w", {8}, kF32, 64).padTo(32).zeros(96).bytes();
    QTest::newRow("tensors out of order")
        << B().head(2, 0).tensor("v", {8}, kF32, 32).tensor("w", {8}, kF32, 0).padTo(32).zeros(64).bytes();
    QTest::newRow("last tensor without padding") << smallFile();
    QTest::newRow("bytes behind the last tensor") << smallFile() + QByteArray(1000, 'x');
}

void TestGgufHostile::oddButCorrectFilesOpen() {
    QFETCH(QByteArray, bytes);
    const auto parsed = gguf::parse(viewOf(bytes));
    QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().message.c_str());
}

QTEST_APPLESS_MAIN(TestGgufHostile)
#include "tst_gguf_hostile.moc"
