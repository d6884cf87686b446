#include "engine/gguf/gguf_file.h"
#include "engine/models/embedding_model.h"
#include "engine/models/model_family.h"
#include "kernels/api/check.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <array>
#include <cstring>
#include <limits>

using namespace hearth;

namespace {

/// Where something stands in a model file: bytes that a test may overwrite.
struct Place {
    QByteArray name; ///< of a key or a tensor
    std::uint32_t type = 0;
    qsizetype offset = 0;
    qsizetype size = 0;
    qsizetype extents = 0; ///< of a tensor: where they begin
};

struct Places {
    std::vector<Place> keys;    ///< numbers; of lists the first one
    std::vector<Place> tensors; ///< the bytes of the name
    Place architecture;
};

// Types of metadata values, as GGUF numbers them.
constexpr std::uint32_t kUint32 = 4;
constexpr std::uint32_t kInt32 = 5;
constexpr std::uint32_t kFloat32 = 6;
constexpr std::uint32_t kBool = 7;
constexpr std::uint32_t kString = 8;
constexpr std::uint32_t kArray = 9;

/// Walks through a well-formed file.
class Walker {
public:
    explicit Walker(const QByteArray& bytes) : m_bytes(bytes) {}

    Places walk() {
        m_at = 8;
        const auto tensors = read<std::uint64_t>();
        const auto entries = read<std::uint64_t>();
        Places places;
        for (std::uint64_t entry = 0; entry < entries; ++entry)
            takeEntry(places);
        for (std::uint64_t tensor = 0; tensor < tensors; ++tensor) {
            Place place = string();
            const auto dimensions = read<std::uint32_t>();
            place.extents = m_at;
            m_at += 8 * static_cast<qsizetype>(dimensions) + 4 + 8;
            places.tensors.push_back(place);
        }
        return places;
    }

private:
    template <typename T>
    T read() {
        T value;
        std::memcpy(&value, m_bytes.constData() + m_at, sizeof value);
        m_at += static_cast<qsizetype>(sizeof value);
        return value;
    }
    Place string() {
        const auto size = static_cast<qsizetype>(read<std::uint64_t>());
        Place place{m_bytes.mid(m_at, size), kString, m_at, size, 0};
        m_at += size;
        return place;
    }
    static qsizetype sizeOf(std::uint32_t type) {
        constexpr std::array<qsizetype, 13> kSizes{1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};
        return kSizes.at(type);
    }
    void takeEntry(Places& places) {
        const Place key = string();
        auto type = read<std::uint32_t>();
        std::uint64_t count = 1;
        if (type == kArray) {
            type = read<std::uint32_t>();
            count = read<std::uint64_t>();
        }
        if (type == kString) {
            const qsizetype first = m_at;
            for (std::uint64_t i = 0; i < count; ++i)
                string();
            if (key.name == "general.architecture")
                places.architecture = {key.name, kString, first + 8, m_at - first - 8, 0};
            return;
        }
        if (count > 0 && !key.name.startsWith("tokenizer.") && !key.name.startsWith("general."))
            places.keys.push_back({key.name, type, m_at, sizeOf(type), 0});
        m_at += sizeOf(type) * static_cast<qsizetype>(count);
    }

    const QByteArray& m_bytes;
    qsizetype m_at = 0;
};

template <typename T>
QByteArray bytesOf(T value) {
    return QByteArray(reinterpret_cast<const char*>(&value), static_cast<qsizetype>(sizeof value));
}

/// What a number of this type is replaced by.
std::vector<QByteArray> absurdities(std::uint32_t type) {
    std::vector<QByteArray> values;
    if (type == kUint32 || type == kInt32)
        for (const std::uint32_t number : {0U, 1U, 3U, 65535U, 1U << 20U, 0x7fffffffU, 0x80000000U, 0xffffffffU})
            values.push_back(bytesOf(number));
    if (type == kFloat32)
        for (const float number : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                                   -1.0F, 0.0F, 1e-30F, 1e30F})
            values.push_back(bytesOf(number));
    if (type == kBool)
        values = {bytesOf(false), bytesOf(true)};
    return values;
}

constexpr std::int32_t kContext = 256;
constexpr std::int32_t kRows = 4;

/// Everything that is made of a file before the first token: what the result says is for people to read.
Status build(const std::string& path) {
    HEARTH_TRY(const auto file, GgufFile::open(path));
    HEARTH_TRY(const ModelFamily* const family, familyOf(*file));
    HEARTH_TRY(const ModelSpec spec, family->describe(*file));
    const auto check = [&](const Program& program) -> Status {
        const Status status = checkProgram(program);
        if (status)
            return {};
        return Error{ErrorCode::Internal, "built, but: " + status.error().message};
    };
    if (family->kind == ModelKind::Encoder) {
        HEARTH_TRY(const EmbeddingSpec embedding, readEmbeddingSpec(*file, *family, spec));
        HEARTH_TRY(const EmbeddingProgram program,
                   buildEmbedding(*file, *family, spec, embedding, kRows, spec.trainedContext));
        return check(program.program);
    }
    const ProgramBuilder::Limits limits{kRows, kRows, DType::F32, kContext};
    HEARTH_TRY(const Program program, buildDecoder(*file, *family, spec, limits));
    HEARTH_CHECK(check(program));
    if (!hasPredictionLayer(*file, spec))
        return {};
    HEARTH_TRY(const Program head, buildPredictionLayer(*file, *family, spec, limits, program));
    return check(head);
}

} // namespace

/// Every reference model with one thing changed at a time: a tensor gone or misshapen, a number absurd, another
/// architecture. Each must be refused with a message that names it, or be a model all the same.
class TestModelMutations : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_folder.isValid()); }

    void oneChangeIsNoticed_data() {
        QTest::addColumn<QString>("model");
        // Our own models, and many in the reference data if they are here.
        for (const QString& folder : {QStringLiteral(HEARTH_SOURCE_DIR "/tests/engine/data/families"),
                                      QStringLiteral(HEARTH_SHARED_DIR "/parity/models")}) {
            const QDir models(folder);
            for (const QString& name : models.entryList({QStringLiteral("*.gguf")}, QDir::Files, QDir::Name))
                QTest::addRow("%s", qPrintable(name)) << models.filePath(name);
        }
    }

    void oneChangeIsNoticed() {
        QFETCH(const QString, model);
        QFile source(model);
        QVERIFY(source.open(QIODevice::ReadOnly));
        m_bytes = source.readAll();
        m_path = m_folder.filePath(QFileInfo(model).fileName());
        m_file.setFileName(m_path);
        QVERIFY(m_file.open(QIODevice::ReadWrite | QIODevice::Truncate));
        QCOMPARE(m_file.write(m_bytes), m_bytes.size());
        QVERIFY(m_file.flush());
        const Status whole = build(m_path.toStdString());
        QVERIFY2(whole.ok(), whole.ok() ? "" : whole.error().message.c_str());

        const Places places = Walker(m_bytes).walk();
        m_problems.clear();
        changeArchitecture(places.architecture);
        for (const Place& tensor : places.tensors) {
            rename(tensor);
            reshape(tensor);
        }
        for (const Place& key : places.keys)
            for (const QByteArray& value : absurdities(key.type))
                replaceNumber(key, value);
        m_file.close();
        QVERIFY2(m_problems.isEmpty(), qPrintable(m_problems.mid(0, 12).join(QLatin1Char('\n'))));
    }

private:
    /// Builds with other bytes at one place.
    Status with(qsizetype offset, const QByteArray& bytes) {
        put(offset, bytes);
        const Status status = build(m_path.toStdString());
        put(offset, m_bytes.mid(offset, bytes.size()));
        return status;
    }
    void put(qsizetype offset, const QByteArray& bytes) {
        if (!m_file.seek(offset) || m_file.write(bytes) != bytes.size() || !m_file.flush())
            qFatal("cannot change the copy of a model");
    }
    void expectRefusal(const Status& status, const QByteArray& what, const QByteArray& named) {
        if (status.ok())
            m_problems << QString::fromUtf8(what) + QStringLiteral(": was taken");
        else if (status.error().code == ErrorCode::Internal
                 || status.error().message.find(named.toStdString()) == std::string::npos
                 || status.error().message.find(QFileInfo(m_path).fileName().toStdString()) == std::string::npos)
            m_problems << QString::fromUtf8(what) + QStringLiteral(": ")
                              + QString::fromStdString(status.error().message);
    }

    void changeArchitecture(const Place& place) {
        expectRefusal(with(place.offset, QByteArray("~")), "architecture",
                      m_bytes.mid(place.offset + 1, place.size - 1));
    }
    void rename(const Place& tensor) {
        if (tensor.name.contains(".nextn.")) // a head for prediction without them is another head, or none
            return;
        const Status status = with(tensor.offset + tensor.size - 1, QByteArray("~"));
        // Where weights come in two layouts, without one of them the other is asked for.
        const bool isOfLayer = tensor.name.startsWith("blk.");
        expectRefusal(status, "without " + tensor.name,
                      "tensor '" + (isOfLayer ? tensor.name.left(6) : tensor.name.chopped(1)));
    }
    void reshape(const Place& tensor) {
        std::uint64_t columns = 0;
        std::memcpy(&columns, m_bytes.constData() + tensor.extents, sizeof columns);
        const Status status = with(tensor.extents, bytesOf<std::uint64_t>(columns > 1 ? columns - 1 : columns + 1));
        expectRefusal(status, "other columns of " + tensor.name, tensor.name);
    }
    /// Some numbers make other models that work; what is built must be sound then.
    void replaceNumber(const Place& key, const QByteArray& value) {
        const Status status = with(key.offset, value);
        if (!status.ok())
            expectRefusal(status, key.name + " as 0x" + value.toHex(), "");
    }

    QTemporaryDir m_folder;
    QByteArray m_bytes;
    QString m_path;
    QFile m_file;
    QStringList m_problems;
};

QTEST_GUILESS_MAIN(TestModelMutations)
#include "tst_model_mutations.moc"
