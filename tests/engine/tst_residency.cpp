#include "engine/gguf/mapped_file.h"
#include "engine/memory/machine_memory.h"
#include "engine/memory/page_mapper.h"
#include "engine/memory/residency.h"
#include "engine/models/model_family.h"
#include "engine/run/decoder.h"
#include "engine/run/devices.h"
#include "engine/synth/synthetic_model.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cmath>
#include <limits>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace hearth;
using namespace Qt::StringLiterals;

namespace {

constexpr double kMegabyte = 1e6;

/// A model of 10 MB of dense weights and four layers of experts, 40 MB each, of which a token reads a tenth.
struct FakeModel {
    std::vector<GgufTensor> tensors;
    std::vector<TensorUse> uses;

    FakeModel() {
        for (int layer = 0; layer < 4; ++layer)
            for (const char* name : {"gate", "down"})
                add(name, TensorClass::RoutedExperts, layer, 20 * kMegabyte, 2 * kMegabyte);
        add("attention", TensorClass::Attention, 0, 10 * kMegabyte, 10 * kMegabyte);
        add("unused", TensorClass::Other, 5, 500 * kMegabyte, 0);
        for (std::size_t index = 0; index < tensors.size(); ++index)
            uses[index].tensor = &tensors[index];
    }
    void add(const char* name, TensorClass tensorClass, int layer, double bytes, double perToken) {
        GgufTensor tensor;
        tensor.name = name;
        tensor.sizeBytes = static_cast<std::uint64_t>(bytes);
        tensors.push_back(tensor);
        uses.push_back({nullptr, tensorClass, layer, perToken, 0});
    }
};

MemoryPlace place(PlaceKind kind, double megabytes, double speed) {
    return {kind,
            kind == PlaceKind::Gpu   ? "gpu"
            : kind == PlaceKind::Ram ? "memory"
                                     : "disk",
            static_cast<std::uint64_t>(megabytes * kMegabyte), speed * kMegabyte};
}

bool isNear(double got, double expected) {
    return std::abs(got - expected) <= 1e-6 * std::max(1.0, std::abs(expected));
}

/// The share of a tensor's pages that is in memory.
double residentShare(const GgufTensor& tensor) {
    const auto pageBytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto first = (reinterpret_cast<std::uintptr_t>(tensor.data) + pageBytes - 1) / pageBytes * pageBytes;
    const auto end = (reinterpret_cast<std::uintptr_t>(tensor.data) + tensor.sizeBytes) / pageBytes * pageBytes;
    std::vector<unsigned char> pages((end - first) / pageBytes);
    if (::mincore(reinterpret_cast<void*>(first), end - first, pages.data()) != 0)
        return -1;
    return static_cast<double>(std::ranges::count_if(pages, [](unsigned char page) { return (page & 1U) != 0; }))
           / static_cast<double>(pages.size());
}

/// The mean over the tensors of routed experts in the second layer: the system reads ahead of the file's head, which
/// covers some of the first.
double residentExperts(const GgufFile& file) {
    double sum = 0;
    int count = 0;
    for (const GgufTensor& tensor : file.tensors())
        if (tensor.name.starts_with("blk.1.") && tensor.name.find("_exps.") != std::string::npos) {
            sum += residentShare(tensor);
            ++count;
        }
    return sum / count;
}

void dropFromCache(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    ::fsync(file);
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
}

} // namespace

class TestResidency : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everythingFitsIntoMemory();
    void expertsThatDoNotFitStayOnDisk();
    void aGpuTakesWhatIsReadMostOften();
    void cacheComesBeforeWeights();
    void usesAreThoseOfTheProgram();
    void unusedExpertsAreNotRead();
    void residentPagesAreMappedAndNothingIsRead();
    void aModelBeyondMemoryStillRuns();
    void controlGroupsLimitMemory_data();
    void controlGroupsLimitMemory();

private:
    std::string writeModel(const SyntheticChoice& choice) {
        const auto model = describeSynthetic(choice);
        const std::string path = m_folder.filePath(u"model.gguf"_s).toStdString();
        if (!model.ok() || !writeSynthetic(*model, path, {}, {}).ok())
            return {};
        return path;
    }
    QTemporaryDir m_folder;
};

void TestResidency::everythingFitsIntoMemory() {
    const FakeModel model;
    const ResidencyPlan plan =
        planResidency(model.uses, {{}, place(PlaceKind::Ram, 200, 1000), place(PlaceKind::Disk, 1e6, 100), 0, 0});
    QVERIFY(!plan.needsDisk());
    QCOMPARE(plan.weightBytes, std::uint64_t{170'000'000}); // what decoding leaves out counts nowhere
    QVERIFY(isNear(plan.bytesPerToken[0], 26 * kMegabyte));
    QVERIFY(isNear(plan.tokensPerSecond(), 1000.0 / 26));
    QVERIFY(plan.explain().find("stays in memory: at most about 38 tokens/s") != std::string::npos);
}

void TestResidency::expertsThatDoNotFitStayOnDisk() {
    const FakeModel model;
    const ResidencyPlan plan =
        planResidency(model.uses, {{}, place(PlaceKind::Ram, 50, 1000), place(PlaceKind::Disk, 1e6, 100), 0, 0});
    QVERIFY(plan.needsDisk());
    // The dense 10 MB and one layer of experts are in memory; three layers, of which a token reads 12 MB, are not.
    QVERIFY(isNear(plan.usedBytes[0], 50 * kMegabyte));
    QVERIFY(isNear(plan.bytesPerToken[0], 14 * kMegabyte));
    QVERIFY(isNear(plan.bytesPerToken[1], 12 * kMegabyte));
    QVERIFY(isNear(plan.tokensPerSecond(), 1 / (14.0 / 1000 + 12.0 / 100)));
    const std::string text = plan.explain();
    QVERIFY2(text.find("routed experts (25 % of them)") != std::string::npos, text.c_str());
    QVERIFY2(text.find("about 7.5 tokens/s, for 12 MB a token come from disk. With 120 MB more memory")
                 != std::string::npos,
             text.c_str());
}

void TestResidency::aGpuTakesWhatIsReadMostOften() {
    const FakeModel model;
    const ResidencyPlan plan = planResidency(
        model.uses,
        {{place(PlaceKind::Gpu, 95, 10000)}, place(PlaceKind::Ram, 100, 1000), place(PlaceKind::Disk, 1e6, 100), 0, 0});
    // 10 MB of attention and two whole layers of experts; a third would need 130 MB, and no layer is cut.
    QVERIFY(isNear(plan.usedBytes[0], 90 * kMegabyte));
    QVERIFY(isNear(plan.usedBytes[1], 80 * kMegabyte));
    QVERIFY(!plan.needsDisk());
    const auto attention = std::ranges::find(plan.classes, TensorClass::Attention, &ClassResidency::tensorClass);
    QVERIFY(attention != plan.classes.end() && isNear(attention->placedBytes[0], 10 * kMegabyte));
}

void TestResidency::cacheComesBeforeWeights() {
    const FakeModel model;
    const ResidencyPlan plan = planResidency(
        model.uses, {{}, place(PlaceKind::Ram, 50, 1000), place(PlaceKind::Disk, 1e6, 100), 60'000'000, 0});
    QCOMPARE(plan.missingBytes, std::uint64_t{10'000'000});
    QVERIFY(isNear(plan.bytesPerToken[1], 26 * kMegabyte));
    QVERIFY(plan.explain().find("need 10 MB more than there is") != std::string::npos);
}

void TestResidency::usesAreThoseOfTheProgram() {
    const std::string path = writeModel({.shape = "olmoe-1b-7b", .layers = 1, .experts = 16, .vocabulary = 64});
    const auto file = GgufFile::open(path);
    QVERIFY(file.ok());
    const auto family = familyOf(**file);
    QVERIFY(family.ok());
    const auto spec = (*family)->describe(**file);
    QVERIFY(spec.ok());
    const auto program = buildDecoder(**file, **family, *spec, {.maxRows = 1, .maxOutputRows = 1, .contextTokens = 64});
    QVERIFY(program.ok());
    for (const TensorUse& use : tensorUses(**file, *program)) {
        const auto bytes = static_cast<double>(use.tensor->sizeBytes);
        const double expected = use.tensor->name.find("_exps.") != std::string::npos ? bytes * 8 / 16
                                : use.tensor->name == "token_embd.weight"            ? bytes / 64
                                                                                     : bytes;
        QVERIFY2(isNear(use.bytesPerToken, expected), use.tensor->name.c_str());
    }
}

/// Loading reads none of the experts, and a token those that its router chose.
void TestResidency::unusedExpertsAreNotRead() {
    const std::string path = writeModel({.shape = "granite-1b-a400m", .layers = 2, .experts = 32, .vocabulary = 64});
    dropFromCache(path);
    const auto file = GgufFile::open(path);
    QVERIFY(file.ok());
    if (residentExperts(**file) > 0.01)
        QSKIP("this file system keeps files in memory");
    const auto decoder = Decoder::create(**file, openDevice("cpu", 2).value(), {.contextTokens = 64, .prefillRows = 8});
    QVERIFY(decoder.ok());
    const double loaded = residentExperts(**file);
    QVERIFY2(loaded < 0.01, qPrintable(QString::number(loaded)));
    const std::vector<TokenId> tokens{7};
    static_cast<void>((*decoder)->cache().open(tokens, KvCache::Reuse::No));
    QVERIFY((*decoder)->append(tokens, {}, {}).ok());
    // 8 of 32 experts, and the pages that they share with their neighbours: one of 72 at each end.
    const double used = residentExperts(**file);
    QVERIFY2(used > 0.24 && used < 0.27, qPrintable(QString::number(used)));
    for (const GgufTensor& tensor : (*file)->tensors())
        if (tensor.name.find("attn_output.weight") != std::string::npos)
            QVERIFY(residentShare(tensor) == 1.0);
}

void TestResidency::residentPagesAreMappedAndNothingIsRead() {
    constexpr std::size_t kBytes = 4U << 20;
    const std::string path = m_folder.filePath(u"pages"_s).toStdString();
    QFile file(QString::fromStdString(path));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(QByteArray(kBytes, 'p')), static_cast<qint64>(kBytes));
    file.close();
    const auto mapped = MappedFile::open(path);
    QVERIFY(mapped.ok());
    const std::span<const std::byte> bytes = (*mapped)->bytes();
    // What the process has in its tables, in pages: the second number of statm.
    const auto pagesOfProcess = [] {
        QFile statm(u"/proc/self/statm"_s);
        return statm.open(QIODevice::ReadOnly) ? statm.readAll().split(' ').at(1).toLongLong() : -1;
    };
    const qint64 before = pagesOfProcess();
    PageMapper(std::vector{bytes}).wait();
    const qint64 mappedPages = pagesOfProcess() - before;
    if (mappedPages <= 0)
        QSKIP("this system cannot enter pages that it holds (Linux before 5.14)");
    QVERIFY2(mappedPages >= 900, qPrintable(QString::number(mappedPages))); // of 1024

    GgufTensor whole;
    whole.data = bytes.data();
    whole.sizeBytes = kBytes;
    QVERIFY(::madvise(const_cast<std::byte*>(bytes.data()), kBytes, MADV_DONTNEED) == 0);
    QVERIFY(::madvise(const_cast<std::byte*>(bytes.data()), kBytes, MADV_RANDOM) == 0);
    dropFromCache(path);
    if (residentShare(whole) > 0.1)
        QSKIP("this file system keeps files in memory");
    PageMapper(std::vector{bytes}).wait();
    QVERIFY(residentShare(whole) <= 0.1);
}

void TestResidency::aModelBeyondMemoryStillRuns() {
    const std::string path = writeModel({.shape = "granite-1b-a400m", .layers = 1, .experts = 16, .vocabulary = 64});
    const auto file = GgufFile::open(path);
    QVERIFY(file.ok());
    const std::vector<TokenId> tokens{7, 8, 9, 10};
    std::vector<std::vector<float>> logits;
    for (const std::uint64_t memoryBytes : {std::uint64_t{0}, std::uint64_t{4'000'000}}) {
        const auto decoder = Decoder::create(**file, openDevice("cpu", 2).value(),
                                             {.contextTokens = 64, .prefillRows = 8, .memoryBytes = memoryBytes});
        QVERIFY(decoder.ok());
        QCOMPARE((*decoder)->residency().needsDisk(), memoryBytes != 0);
        if (memoryBytes != 0) {
            const std::string said = (*decoder)->residency().summary();
            QVERIFY2(said.find("do not fit into memory") != std::string::npos, said.c_str());
        }
        const auto scored = (*decoder)->score(tokens, 2, 1, {});
        QVERIFY(scored.ok());
        logits.push_back(*scored);
    }
    QVERIFY(logits[0] == logits[1]);
}

using Files = QMap<QString, QByteArray>;

void TestResidency::controlGroupsLimitMemory_data() {
    QTest::addColumn<Files>("files");
    QTest::addColumn<quint64>("room");
    constexpr quint64 kUnlimited = std::numeric_limits<quint64>::max();
    QTest::newRow("none") << Files{{u"proc/self/cgroup"_s, "0::/\n"}} << kUnlimited;
    QTest::newRow("no limit") << Files{{u"proc/self/cgroup"_s, "0::/a\n"}, {u"sys/fs/cgroup/a/memory.max"_s, "max\n"}}
                              << kUnlimited;
    QTest::newRow("own") << Files{{u"proc/self/cgroup"_s, "0::/a/b\n"},
                                  {u"sys/fs/cgroup/a/b/memory.max"_s, "1000\n"},
                                  {u"sys/fs/cgroup/a/b/memory.current"_s, "700\n"},
                                  {u"sys/fs/cgroup/a/b/memory.stat"_s,
                                   "anon 300\ninactive_file 250\nactive_file 150\n"}}
                         << quint64{700};
    QTest::newRow("above") << Files{{u"proc/self/cgroup"_s, "0::/a/b\n"},
                                    {u"sys/fs/cgroup/a/b/memory.max"_s, "1000\n"},
                                    {u"sys/fs/cgroup/a/memory.max"_s, "400\n"}}
                           << quint64{400};
    QTest::newRow("version 1") << Files{{u"proc/self/cgroup"_s, "5:cpu:/x\n4:memory:/a\n0::/\n"},
                                        {u"sys/fs/cgroup/memory/a/memory.limit_in_bytes"_s, "900\n"},
                                        {u"sys/fs/cgroup/memory/a/memory.usage_in_bytes"_s, "100\n"}}
                               << quint64{800};
    QTest::newRow("more used than allowed") << Files{{u"proc/self/cgroup"_s, "0::/a\n"},
                                                     {u"sys/fs/cgroup/a/memory.max"_s, "100\n"},
                                                     {u"sys/fs/cgroup/a/memory.current"_s, "150\n"}}
                                            << quint64{0};
    QTest::newRow("nonsense") << Files{{u"proc/self/cgroup"_s, "x\n::\n0:memory\n7:memory:a\n"}} << kUnlimited;
}

void TestResidency::controlGroupsLimitMemory() {
    QFETCH(const Files, files);
    QFETCH(const quint64, room);
    const QTemporaryDir root;
    for (auto entry = files.begin(); entry != files.end(); ++entry) {
        const QString path = root.filePath(entry.key());
        QVERIFY(QDir().mkpath(QFileInfo(path).path()));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(entry.value()) == entry.value().size());
    }
    QCOMPARE(quint64{controlGroupRoom(root.path().toStdString())}, room);
}

QTEST_GUILESS_MAIN(TestResidency)
#include "tst_residency.moc"
