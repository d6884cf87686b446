#include "engine/gguf/gguf_file.h"
#include "engine/gguf/gguf_writer.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <cstring>
#include <filesystem>
#include <limits>

using namespace hearth;

class TestGgufFile : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void everyValueTypeSurvivesWritingAndReading();
    void tensorsComeBackWithShapeTypeAndData();
    void alignmentOfTheFileIsKept();
    void typedReadsCheckKindAndRange();
    void perLayerValuesAreOneNumberOrOnePerLayer();
    void writerRefusesWhatAReaderWouldRefuse();
    void writerLeavesTheOldFileWhenItFails();
    void partsOfASplitModelReadAsOneFile();
    void missingPartIsNamed();
    void renamedPartIsUnsupported();
    void missingFileFolderAndUnreadableFileAreNamed();
    void referenceModelsOpen_data();
    void referenceModelsOpen();

private:
    [[nodiscard]] std::filesystem::path path(const char* name) const {
        return std::filesystem::path(m_folder->path().toStdString()) / name;
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

namespace {

std::span<const std::byte> bytesOf(std::span<const float> values) {
    return std::as_bytes(values);
}

QByteArray text(const Error& error) {
    return QByteArray::fromStdString(error.message);
}

template <typename T>
bool holds(const GgufFile& file, const char* key, const T& expected) {
    const GgufValue* value = file.find(key);
    return value != nullptr && *value == GgufValue(expected);
}

} // namespace

void TestGgufFile::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestGgufFile::everyValueTypeSurvivesWritingAndReading() {
    GgufWriter writer;
    const auto set = [&writer](const char* key, GgufField value) { QVERIFY(writer.set(key, std::move(value)).ok()); };
    set("u8", std::uint8_t{255});
    set("i8", std::int8_t{-128});
    set("u16", std::uint16_t{65535});
    set("i16", std::int16_t{-32768});
    set("u32", std::uint32_t{4294967295U});
    set("i32", std::numeric_limits<std::int32_t>::min());
    set("u64", std::numeric_limits<std::uint64_t>::max());
    set("i64", std::numeric_limits<std::int64_t>::min());
    set("f32", 0.1F);
    set("f64", 0.1);
    set("yes", true);
    set("text", std::string("caf\xc3\xa9\0end", 9));
    set("texts", std::vector<std::string>{"", "a", std::string(1000, 'x')});
    set("numbers", std::vector<std::int16_t>{-1, 2, -3});
    set("unsigned", std::vector<std::uint8_t>{0, 255});
    set("floats", std::vector<float>{1.5F, -2.0F});
    set("flags", std::vector<bool>{true, false, true});
    set("empty", std::vector<std::string>{});
    QVERIFY(writer.write(path("values.gguf")).ok());

    const auto opened = GgufFile::open(path("values.gguf"));
    QVERIFY2(opened.ok(), opened.ok() ? "" : text(opened.error()).constData());
    const GgufFile& file = **opened;
    QCOMPARE(file.version(), 3U);
    QCOMPARE(file.keys().size(), std::size_t{18});
    QCOMPARE(file.keys()[11], std::string("text"));
    QVERIFY(holds(file, "u8", std::uint64_t{255}));
    QVERIFY(holds(file, "i8", std::int64_t{-128}));
    QVERIFY(holds(file, "u16", std::uint64_t{65535}));
    QVERIFY(holds(file, "i16", std::int64_t{-32768}));
    QVERIFY(holds(file, "u32", std::uint64_t{4294967295U}));
    QVERIFY(holds(file, "i32", std::int64_t{std::numeric_limits<std::int32_t>::min()}));
    QVERIFY(holds(file, "u64", std::numeric_limits<std::uint64_t>::max()));
    QVERIFY(holds(file, "i64", std::numeric_limits<std::int64_t>::min()));
    QVERIFY(holds(file, "f32", double{0.1F}));
    QVERIFY(holds(file, "f64", 0.1));
    QVERIFY(holds(file, "yes", true));
    QVERIFY(holds(file, "text", std::string("caf\xc3\xa9\0end", 9)));
    QVERIFY(holds(file, "texts", std::vector<std::string>{"", "a", std::string(1000, 'x')}));
    QVERIFY(holds(file, "numbers", std::vector<std::int64_t>{-1, 2, -3}));
    QVERIFY(holds(file, "unsigned", std::vector<std::uint64_t>{0, 255}));
    QVERIFY(holds(file, "floats", std::vector<double>{1.5, -2.0}));
    QVERIFY(holds(file, "flags", std::vector<bool>{true, false, true}));
    QVERIFY(holds(file, "empty", std::vector<std::string>{}));
    QCOMPARE(file.find("absent"), nullptr);
    const auto views = file.strings("texts");
    QVERIFY(views.ok());
    QCOMPARE(views->size(), std::size_t{3});
    QCOMPARE((*views)[2].size(), std::size_t{1000});
}

void TestGgufFile::tensorsComeBackWithShapeTypeAndData() {
    const std::vector<float> first{1, 2, 3, 4, 5, 6};
    const std::vector<std::byte> second(18 * 2 * 3, std::byte{0x5a});
    const std::vector<float> third{7};
    GgufWriter writer;
    QVERIFY(writer.set("general.architecture", std::string("llama")).ok());
    QVERIFY(writer.addTensor("first", DType::F32, std::array<std::int64_t, 2>{3, 2}, bytesOf(first)).ok());
    QVERIFY(writer.addTensor("second", DType::Q4_0, std::array<std::int64_t, 3>{64, 1, 3}, second).ok());
    QVERIFY(writer.addTensor("third", DType::F32, std::array<std::int64_t, 1>{1}, bytesOf(third)).ok());
    QVERIFY(writer.write(path("tensors.gguf")).ok());

    const auto opened = GgufFile::open(path("tensors.gguf"));
    QVERIFY2(opened.ok(), opened.ok() ? "" : text(opened.error()).constData());
    const GgufFile& file = **opened;
    QCOMPARE(file.tensors().size(), std::size_t{3});
    const GgufTensor* tensor = file.tensor("first");
    QVERIFY(tensor != nullptr);
    QCOMPARE(tensor->dimensions, 2);
    QCOMPARE(tensor->extents, (std::array<std::int64_t, 4>{3, 2, 1, 1}));
    QCOMPARE(tensor->sizeBytes, std::uint64_t{24});
    QCOMPARE(std::memcmp(tensor->data, first.data(), 24), 0);
    tensor = file.tensor("second");
    QVERIFY(tensor != nullptr);
    QCOMPARE(tensor->dtype, DType::Q4_0);
    QCOMPARE(tensor->dimensions, 3);
    QCOMPARE(tensor->sizeBytes, std::uint64_t{second.size()});
    QCOMPARE(std::memcmp(tensor->data, second.data(), second.size()), 0);
    QCOMPARE(file.tensor("third")->offset % 32, std::uint64_t{0});
    QCOMPARE(file.tensor("fourth"), nullptr);
}

void TestGgufFile::alignmentOfTheFileIsKept() {
    const std::vector<float> values{1, 2, 3};
    GgufWriter writer;
    QVERIFY(writer.set("general.alignment", std::uint32_t{256}).ok());
    QVERIFY(writer.addTensor("a", DType::F32, std::array<std::int64_t, 1>{3}, bytesOf(values)).ok());
    QVERIFY(writer.addTensor("b", DType::F32, std::array<std::int64_t, 1>{3}, bytesOf(values)).ok());
    QVERIFY(writer.write(path("aligned.gguf")).ok());
    const auto opened = GgufFile::open(path("aligned.gguf"));
    QVERIFY2(opened.ok(), opened.ok() ? "" : text(opened.error()).constData());
    QCOMPARE((*opened)->tensor("a")->offset % 256, std::uint64_t{0});
    QCOMPARE((*opened)->tensor("b")->offset, (*opened)->tensor("a")->offset + 256);
}

void TestGgufFile::typedReadsCheckKindAndRange() {
    GgufWriter writer;
    QVERIFY(writer.set("count", std::uint32_t{7}).ok());
    QVERIFY(writer.set("large", std::numeric_limits<std::uint64_t>::max()).ok());
    QVERIFY(writer.set("name", std::string("x")).ok());
    QVERIFY(writer.set("scale", 0.5F).ok());
    QVERIFY(writer.set("endless", std::numeric_limits<float>::infinity()).ok());
    QVERIFY(writer.set("flag", true).ok());
    QVERIFY(writer.write(path("typed.gguf")).ok());
    const auto opened = GgufFile::open(path("typed.gguf"));
    QVERIFY(opened.ok());
    const GgufFile& file = **opened;

    QCOMPARE(*file.int32("count", 0, 10), 7);
    QCOMPARE(*file.string("name"), std::string("x"));
    QCOMPARE(*file.float32("scale"), 0.5F);
    QCOMPARE(*file.boolOr("flag", false), true);
    QCOMPARE(*file.int32Or("absent", 3, 0, 1), 3);
    QCOMPARE(*file.stringOr("absent", "fallback"), std::string("fallback"));
    QCOMPARE(*file.float32Or("absent", 2.0F), 2.0F);
    QCOMPARE(*file.boolOr("absent", true), true);

    const auto check = [](const auto& result, ErrorCode code, const char* word) {
        QVERIFY(!result.ok());
        QCOMPARE(result.error().code, code);
        QVERIFY2(text(result.error()).contains(word), text(result.error()).constData());
        QVERIFY2(text(result.error()).contains("typed.gguf"), text(result.error()).constData());
    };
    check(file.int32("absent", 0, 1), ErrorCode::NotFound, "'absent'");
    check(file.int32("count", 8, 10), ErrorCode::Corrupt, "between 8 and 10");
    check(file.int32("large", 0, 10), ErrorCode::Corrupt, "too large");
    check(file.int32("scale", 0, 10), ErrorCode::Corrupt, "float32");
    check(file.int32Or("name", 1, 0, 10), ErrorCode::Corrupt, "string");
    check(file.string("count"), ErrorCode::Corrupt, "uint32");
    check(file.float32("count"), ErrorCode::Corrupt, "uint32");
    check(file.float32("endless"), ErrorCode::Corrupt, "finite");
    check(file.boolOr("count", true), ErrorCode::Corrupt, "uint32");
    check(file.strings("name"), ErrorCode::Corrupt, "list of strings");
}

void TestGgufFile::perLayerValuesAreOneNumberOrOnePerLayer() {
    GgufWriter writer;
    QVERIFY(writer.set("one", std::uint32_t{4}).ok());
    QVERIFY(writer.set("each", std::vector<std::int32_t>{1, 0, 2}).ok());
    QVERIFY(writer.set("words", std::vector<std::string>{"a"}).ok());
    QVERIFY(writer.write(path("layers.gguf")).ok());
    const auto opened = GgufFile::open(path("layers.gguf"));
    QVERIFY(opened.ok());
    const GgufFile& file = **opened;
    QCOMPARE(*file.int32PerLayer("one", 3, 0, 9), (std::vector<std::int32_t>{4, 4, 4}));
    QCOMPARE(*file.int32PerLayer("each", 3, 0, 9), (std::vector<std::int32_t>{1, 0, 2}));
    QVERIFY(!file.int32PerLayer("each", 4, 0, 9).ok());
    QVERIFY(!file.int32PerLayer("each", 3, 1, 9).ok());
    QCOMPARE(file.int32PerLayer("words", 1, 0, 9).error().code, ErrorCode::Corrupt);
    QCOMPARE(file.int32PerLayer("absent", 1, 0, 9).error().code, ErrorCode::NotFound);
}

void TestGgufFile::writerRefusesWhatAReaderWouldRefuse() {
    const std::vector<float> values{1, 2, 3};
    GgufWriter writer;
    QVERIFY(writer.set("key", true).ok());
    QCOMPARE(writer.set("key", true).error().code, ErrorCode::InvalidInput);
    QCOMPARE(writer.set("", true).error().code, ErrorCode::InvalidInput);
    QCOMPARE(writer.set("general.alignment", std::uint32_t{24}).error().code, ErrorCode::InvalidInput);
    const auto add = [&](const char* name, DType dtype, std::vector<std::int64_t> extents) {
        return writer.addTensor(name, dtype, extents, bytesOf(values));
    };
    QVERIFY(add("a", DType::F32, {3}).ok());
    QCOMPARE(add("a", DType::F32, {3}).error().code, ErrorCode::InvalidInput);
    QCOMPARE(add("b", DType::F32, {4}).error().code, ErrorCode::InvalidInput);
    QCOMPARE(add("b", DType::F32, {}).error().code, ErrorCode::InvalidInput);
    QCOMPARE(add("b", DType::F32, {3, 1, 1, 1, 1}).error().code, ErrorCode::InvalidInput);
    QCOMPARE(add("b", DType::F32, {3, 0}).error().code, ErrorCode::InvalidInput);
    QCOMPARE(add("b", DType::Q4_0, {3}).error().code, ErrorCode::InvalidInput);
    QCOMPARE(add("", DType::F32, {3}).error().code, ErrorCode::InvalidInput);
}

void TestGgufFile::writerLeavesTheOldFileWhenItFails() {
    GgufWriter writer;
    QVERIFY(writer.set("key", true).ok());
    const Status missingFolder = writer.write(path("absent") / "file.gguf");
    QCOMPARE(missingFolder.error().code, ErrorCode::Io);
    QVERIFY(text(missingFolder.error()).contains("file.gguf"));

    // A folder of that name makes the last step, the renaming, fail.
    QVERIFY(std::filesystem::create_directory(path("taken.gguf")));
    QCOMPARE(writer.write(path("taken.gguf")).error().code, ErrorCode::Io);
    QVERIFY(std::filesystem::is_directory(path("taken.gguf")));
    QCOMPARE(QDir(m_folder->path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot).size(), 1);
}

namespace {

Status writePart(const std::filesystem::path& path, std::uint16_t index, std::uint16_t count, const char* tensor) {
    const std::vector<float> values{static_cast<float>(index)};
    GgufWriter writer;
    if (index == 0)
        HEARTH_CHECK(writer.set("general.name", std::string("whole")));
    HEARTH_CHECK(writer.set("split.no", index));
    HEARTH_CHECK(writer.set("split.count", count));
    HEARTH_CHECK(writer.set("split.tensors.count", std::int32_t{2}));
    HEARTH_CHECK(writer.addTensor(tensor, DType::F32, std::array<std::int64_t, 1>{1}, bytesOf(values)));
    return writer.write(path);
}

} // namespace

void TestGgufFile::partsOfASplitModelReadAsOneFile() {
    QVERIFY(writePart(path("model-00001-of-00002.gguf"), 0, 2, "a").ok());
    QVERIFY(writePart(path("model-00002-of-00002.gguf"), 1, 2, "b").ok());
    for (const char* name : {"model-00001-of-00002.gguf", "model-00002-of-00002.gguf"}) {
        const auto opened = GgufFile::open(path(name));
        QVERIFY2(opened.ok(), opened.ok() ? "" : text(opened.error()).constData());
        QCOMPARE(*(*opened)->string("general.name"), std::string("whole"));
        QCOMPARE((*opened)->path(), path("model-00001-of-00002.gguf"));
        QCOMPARE((*opened)->tensors().size(), std::size_t{2});
        float value = 0;
        std::memcpy(&value, (*opened)->tensor("b")->data, sizeof(value));
        QCOMPARE(value, 1.0F);
    }
    QVERIFY(writePart(path("model-00002-of-00002.gguf"), 1, 2, "a").ok());
    const auto twice = GgufFile::open(path("model-00001-of-00002.gguf"));
    QCOMPARE(twice.error().code, ErrorCode::Corrupt);
    QVERIFY(text(twice.error()).contains("earlier part"));
}

void TestGgufFile::missingPartIsNamed() {
    QVERIFY(writePart(path("model-00001-of-00002.gguf"), 0, 2, "a").ok());
    const auto opened = GgufFile::open(path("model-00001-of-00002.gguf"));
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, ErrorCode::NotFound);
    QVERIFY(text(opened.error()).contains("model-00002-of-00002.gguf"));
}

void TestGgufFile::renamedPartIsUnsupported() {
    QVERIFY(writePart(path("part.gguf"), 0, 2, "a").ok());
    const auto opened = GgufFile::open(path("part.gguf"));
    QVERIFY(!opened.ok());
    QCOMPARE(opened.error().code, ErrorCode::Unsupported);
    QVERIFY(text(opened.error()).contains("-00001-of-00002.gguf"));
}

void TestGgufFile::missingFileFolderAndUnreadableFileAreNamed() {
    const auto missing = GgufFile::open(path("missing.gguf"));
    QCOMPARE(missing.error().code, ErrorCode::NotFound);
    QVERIFY(text(missing.error()).contains("missing.gguf"));
    const auto folder = GgufFile::open(path("."));
    QCOMPARE(folder.error().code, ErrorCode::Io);
    QVERIFY(text(folder.error()).contains("irectory"));
    const auto device = GgufFile::open("/dev/null");
    QCOMPARE(device.error().code, ErrorCode::Io);

    GgufWriter writer;
    QVERIFY(writer.write(path("locked.gguf")).ok());
    std::filesystem::permissions(path("locked.gguf"), std::filesystem::perms::none);
    if (QFile(QString::fromStdString(path("locked.gguf").string())).open(QIODevice::ReadOnly))
        QSKIP("this user may read every file, so the refusal cannot be seen");
    const auto locked = GgufFile::open(path("locked.gguf"));
    QCOMPARE(locked.error().code, ErrorCode::Io);
    QVERIFY(text(locked.error()).contains("locked.gguf"));
}

void TestGgufFile::referenceModelsOpen_data() {
    QTest::addColumn<QString>("name");
    const QDir folder(QStringLiteral(HEARTH_SHARED_DIR "/parity"));
    if (!folder.exists())
        QSKIP("no reference data beside the source tree");
    for (const char* sub : {"models", "quants", "tokenizers", "vision"}) {
        const QDir inner(folder.filePath(QLatin1String(sub)));
        for (const QString& name : inner.entryList({QStringLiteral("*.gguf")}))
            QTest::newRow(qPrintable(name)) << inner.filePath(name);
    }
}

void TestGgufFile::referenceModelsOpen() {
    QFETCH(QString, name);
    const auto opened = GgufFile::open(name.toStdString());
    QVERIFY2(opened.ok(), opened.ok() ? "" : text(opened.error()).constData());
    const GgufFile& file = **opened;
    QVERIFY(file.string("general.architecture").ok());
    std::uint64_t sizeBytes = 0;
    for (const GgufTensor& tensor : file.tensors()) {
        QVERIFY(tensor.offset + tensor.sizeBytes <= file.sizeBytes());
        sizeBytes += tensor.sizeBytes;
    }
    QVERIFY(sizeBytes <= file.sizeBytes());
    for (const std::string& key : file.keys())
        QVERIFY(file.find(key) != nullptr);
}

QTEST_APPLESS_MAIN(TestGgufFile)
#include "tst_gguf_file.moc"
