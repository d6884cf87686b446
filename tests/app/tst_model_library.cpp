#include "app/models/model_library.h"

#include "app/models/split_name.h"
#include "engine/gguf/gguf_writer.h"
#include "tests/app/why.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QtTest>

#include <array>
#include <memory>
#include <vector>

namespace hearth {

using namespace Qt::Literals::StringLiterals;

namespace {

/// A small but whole model file; `kib` KiB of F32 weights.
bool writeModel(const QString& path, const std::string& name, int kib = 4, const std::string& architecture = "llama") {
    QDir().mkpath(QFileInfo(path).path());
    const std::vector<float> weights(std::size_t(kib) * 256, 1.0F);
    const std::array<std::int64_t, 2> extents{256, kib};
    GgufWriter writer;
    Status made = writer.set("general.architecture", architecture);
    if (made.ok())
        made = writer.set("general.name", name);
    if (made.ok())
        made = writer.set(architecture + ".context_length", std::uint32_t{2048});
    if (made.ok() && architecture == "bert")
        made = writer.set("bert.attention.causal", false);
    if (made.ok() && name == "Embedding")
        made = writer.set(architecture + ".pooling_type", std::uint32_t{3});
    if (made.ok())
        made = writer.addTensor("token_embd.weight", DType::F32, extents, std::as_bytes(std::span(weights)));
    if (made.ok())
        made = writer.write(path.toStdString());
    if (!made.ok())
        qWarning("%s", made.error().message.c_str());
    return made.ok();
}

QStringList filesIn(const QString& folder) {
    return QDir(folder).entryList(QDir::Files | QDir::System | QDir::Hidden, QDir::Name);
}

} // namespace

class TestModelLibrary : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() {
        m_temporary = std::make_unique<QTemporaryDir>();
        m_models = m_temporary->filePath(u"data/models"_s);
        m_library = std::make_unique<ModelLibrary>(m_models, QStringList());
    }
    void cleanup() { m_library.reset(); }

    void missingFolderIsAnEmptyList() {
        QVERIFY(refresh());
        QVERIFY(m_library->models().isEmpty());
        QVERIFY(m_library->suggested() == nullptr);
    }

    void leavesOutModelsThatWriteNoText() {
        QVERIFY(writeModel(m_models + u"/mmproj.gguf"_s, "Projector", 4, "clip"));
        QVERIFY(writeModel(m_models + u"/encoder.gguf"_s, "Encoder", 4, "bert"));
        QVERIFY(writeModel(m_models + u"/embedding.gguf"_s, "Embedding", 4, "qwen3"));
        QVERIFY(writeModel(m_models + u"/chat.gguf"_s, "Chat", 4, "qwen3"));
        QVERIFY(refresh());
        QCOMPARE(m_library->models().size(), 1);
        QCOMPARE(m_library->models().first().name, u"Chat"_s);
    }

    void listsByNameWithBrokenFilesLast() {
        QVERIFY(writeModel(m_models + u"/z.gguf"_s, "Alpha"));
        QVERIFY(writeModel(m_models + u"/publisher/model/b.gguf"_s, "beta", 8));
        QVERIFY(writeModel(m_models + u"/mmproj.gguf"_s, "Projector", 4, "clip"));
        QFile broken(m_models + u"/aaa.gguf"_s);
        QVERIFY(broken.open(QIODevice::WriteOnly));
        broken.write("GGUF and then nothing of use");
        broken.close();
        QVERIFY(refresh());
        QStringList names;
        for (const ModelFile& model : m_library->models())
            names.append(model.name);
        QCOMPARE(names, QStringList({u"Alpha"_s, u"beta"_s, u"aaa"_s}));
        const ModelFile& beta = m_library->models().at(1);
        QCOMPARE(beta.architecture, u"llama"_s);
        QCOMPARE(beta.quantisation, u"F32"_s);
        QCOMPARE(beta.parameterCount, 2048);
        QCOMPARE(beta.trainedContext, 2048);
        QVERIFY(m_library->models().last().problem.contains(u"aaa.gguf"_s));
        QCOMPARE(m_library->suggested()->name, u"Alpha"_s);
        QVERIFY(m_library->find(beta.path) != nullptr);
        QVERIFY(m_library->find(u"/nowhere"_s) == nullptr);
    }

    void starterModelIsSuggestedFirst() {
        QVERIFY(writeModel(m_models + u"/a.gguf"_s, "Alpha"));
        QVERIFY(writeModel(m_models + u"/SmolLM2-135M-Instruct.Q4_1.gguf"_s, "Smol"));
        QVERIFY(refresh());
        QCOMPARE(m_library->suggested()->name, u"SmolLM2-135M-Instruct"_s);
        QVERIFY(m_library->suggested()->isStarter);
    }

    void extraFoldersAreReadAndOneFileIsListedOnce() {
        const QString extra = m_temporary->filePath(u"elsewhere"_s);
        QVERIFY(writeModel(extra + u"/a.gguf"_s, "Alpha"));
        QVERIFY(QDir().mkpath(m_models));
        QVERIFY(QFile::link(extra + u"/a.gguf"_s, m_models + u"/link.gguf"_s));
        QSignalSpy refreshed(m_library.get(), &ModelLibrary::refreshed);
        m_library->setExtraFolders({extra, m_temporary->filePath(u"not plugged in"_s)});
        QVERIFY(refreshed.wait());
        QCOMPARE(m_library->models().size(), 1);
        QCOMPARE(m_library->models().first().fileName, u"link.gguf"_s);
    }

    void importsAFile_data() {
        QTest::addColumn<ImportMode>("mode");
        QTest::newRow("link") << ImportMode::Link;
        QTest::newRow("copy") << ImportMode::Copy;
    }
    void importsAFile() {
        QFETCH(ImportMode, mode);
        const QString source = m_temporary->filePath(u"Über model.gguf"_s);
        QVERIFY(writeModel(source, "Model", 12 * 1024));
        QSignalSpy progress(m_library.get(), &ModelLibrary::importProgress);
        QVERIFY(import(source, mode));
        const QString target = m_models + u"/Über model.gguf"_s;
        QCOMPARE(filesIn(m_models), QStringList{u"Über model.gguf"_s});
        QCOMPARE(QFileInfo(target).isSymbolicLink(), mode == ImportMode::Link);
        QCOMPARE(QFileInfo(target).size(), QFileInfo(source).size());
        QCOMPARE(progress.isEmpty(), mode == ImportMode::Link);
        if (mode == ImportMode::Copy) {
            QCOMPARE(progress.last().at(0).toULongLong(), quint64(QFileInfo(source).size()));
            QFile original(source);
            QFile copy(target);
            QVERIFY(original.open(QIODevice::ReadOnly) && copy.open(QIODevice::ReadOnly));
            QVERIFY(original.readAll() == copy.readAll());
        }
        QTRY_COMPARE(m_library->models().size(), 1);
        QCOMPARE(m_library->models().first().path, target);
    }

    void importingAgainAddsNothingAndANameThatIsTakenGetsANumber() {
        const QString source = m_temporary->filePath(u"one/model.gguf"_s);
        const QString other = m_temporary->filePath(u"two/model.gguf"_s);
        QVERIFY(writeModel(source, "One"));
        QVERIFY(writeModel(other, "Two"));
        QVERIFY(import(source, ImportMode::Link));
        QVERIFY(import(source, ImportMode::Link));
        QVERIFY(import(m_models + u"/model.gguf"_s, ImportMode::Copy));
        QCOMPARE(filesIn(m_models), QStringList{u"model.gguf"_s});
        QVERIFY(import(other, ImportMode::Copy));
        QCOMPARE(filesIn(m_models), QStringList({u"model (2).gguf"_s, u"model.gguf"_s}));
    }

    void brokenFilesNeverBecomeModels_data() {
        QTest::addColumn<int>("keptBytes");
        QTest::addColumn<ErrorCode>("code");
        QTest::newRow("missing") << -1 << ErrorCode::NotFound;
        QTest::newRow("empty") << 0 << ErrorCode::Corrupt;
        QTest::newRow("header cut") << 40 << ErrorCode::Corrupt;
        QTest::newRow("weights cut") << 3000 << ErrorCode::Corrupt;
    }
    void brokenFilesNeverBecomeModels() {
        QFETCH(int, keptBytes);
        QFETCH(ErrorCode, code);
        const QString source = m_temporary->filePath(u"broken.gguf"_s);
        QVERIFY(writeModel(source, "Broken"));
        if (keptBytes < 0)
            QVERIFY(QFile::remove(source));
        else
            QVERIFY(QFile::resize(source, keptBytes));
        QSignalSpy failed(m_library.get(), &ModelLibrary::importFailed);
        m_library->importFile(source, ImportMode::Copy);
        QVERIFY(failed.wait());
        const Error error = failed.first().at(1).value<Error>();
        QCOMPARE(error.code, code);
        QVERIFY2(QString::fromStdString(error.message).contains(u"broken.gguf"_s), error.message.c_str());
        QVERIFY(filesIn(m_models).isEmpty());
    }

    void cancelledCopyLeavesNothing() {
        const QString source = m_temporary->filePath(u"big.gguf"_s);
        QVERIFY(writeModel(source, "Big", 64 * 1024));
        QSignalSpy failed(m_library.get(), &ModelLibrary::importFailed);
        QSignalSpy imported(m_library.get(), &ModelLibrary::imported);
        m_library->importFile(source, ImportMode::Copy);
        m_library->cancelImport();
        QVERIFY(failed.wait());
        QCOMPARE(failed.first().at(1).value<Error>().code, ErrorCode::Cancelled);
        QVERIFY(imported.isEmpty());
        QVERIFY(filesIn(m_models).isEmpty());
        // The next import is not cancelled with it.
        QVERIFY(import(source, ImportMode::Link));
    }

    void leftoversOfACrashAreRemoved() {
        QVERIFY(QDir().mkpath(m_models));
        QFile leftover(m_models + u"/half.gguf.part"_s);
        QVERIFY(leftover.open(QIODevice::WriteOnly));
        leftover.close();
        QVERIFY(refresh());
        QVERIFY(filesIn(m_models).isEmpty());
    }

    void splitNamesAreReadAndWritten() {
        const auto name = SplitName::parse(u"big-Q4_K-00002-of-00003.gguf"_s);
        QVERIFY(name.has_value());
        QCOMPARE(name->base, u"big-Q4_K"_s);
        QCOMPARE(name->part, 2);
        QCOMPARE(name->parts, 3);
        QCOMPARE(name->fileName(), u"big-Q4_K-00002-of-00003.gguf"_s);
        for (const QString& other :
             {u"big.gguf"_s, u"big-2-of-3.gguf"_s, u"x-00004-of-00003.gguf"_s, u"x-00000-of-00003.gguf"_s})
            QVERIFY2(!SplitName::parse(other), qPrintable(other));
    }

    void quitsAtOnceWhileCopying() {
        const QString source = m_temporary->filePath(u"big.gguf"_s);
        QVERIFY(writeModel(source, "Big", 64 * 1024));
        m_library->importFile(source, ImportMode::Copy);
        QVERIFY(m_library->shutdown(std::chrono::milliseconds(800)));
    }

private:
    bool refresh() {
        QSignalSpy refreshed(m_library.get(), &ModelLibrary::refreshed);
        m_library->refresh();
        return refreshed.wait();
    }
    bool import(const QString& path, ImportMode mode) {
        QSignalSpy imported(m_library.get(), &ModelLibrary::imported);
        m_library->importFile(path, mode);
        return imported.wait();
    }

    std::unique_ptr<QTemporaryDir> m_temporary;
    QString m_models;
    std::unique_ptr<ModelLibrary> m_library;
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestModelLibrary)
#include "tst_model_library.moc"
