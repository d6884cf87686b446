#include "app/engine_service/kept_sequences.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <chrono>

namespace hearth {

class TestKeptSequences : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void leastRecentlyUsedMakeRoom() {
        const KeptSequences kept(path(), 250);
        for (const qint64 id : {1, 2, 3})
            write(QStringLiteral("%1.kv").arg(id), 100, 10 - static_cast<int>(id));
        kept.touch(1);
        kept.trim();
        QCOMPARE(names(), QStringList({QStringLiteral("1.kv"), QStringLiteral("3.kv")}));
    }

    void fileLargerThanAllIsRemoved() {
        const KeptSequences kept(path(), 250);
        write(QStringLiteral("1.kv"), 300, 0);
        kept.trim();
        QVERIFY(names().isEmpty());
    }

    void onlyOursAreRemoved() {
        const KeptSequences kept(path(), 10);
        const QStringList others{QStringLiteral("4.kv.bak"), QStringLiteral("a.kv"), QStringLiteral("notes.txt")};
        for (const QString& name : others)
            write(name, 100, 0);
        write(QStringLiteral("7.kv"), 5, 0);
        write(QStringLiteral("8.kv"), 5, 0);
        kept.removeAllBut({8});
        kept.trim();
        QCOMPARE(names(), QStringList({others[0], QStringLiteral("8.kv"), others[1], others[2]}));
        kept.remove(8);
        kept.remove(9); // not there
        QCOMPARE(names(), others);
    }

    void folderIsMadeForTheUserAlone() {
        const std::filesystem::path folder = path() / "a" / "b";
        const KeptSequences kept(folder, 1000);
        kept.trim(); // there is nothing yet
        QVERIFY(kept.mostBytesOfOne() > 0);
        QVERIFY(kept.mostBytesOfOne() <= 1000);
        const QFileInfo info(QString::fromStdString(folder.string()));
        QVERIFY(info.isDir());
        QCOMPARE(info.permissions() & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());
    }

    void nothingFitsWhereAFileIsInTheWay() {
        write(QStringLiteral("file"), 1, 0);
        QCOMPARE(KeptSequences(path() / "file" / "b", 1000).mostBytesOfOne(), std::uint64_t{0});
    }

private:
    [[nodiscard]] std::filesystem::path path() const { return m_folder->path().toStdString(); }
    [[nodiscard]] QStringList names() const { return QDir(m_folder->path()).entryList(QDir::Files, QDir::Name); }
    void write(const QString& name, int sizeBytes, int hoursAgo) {
        QFile file(m_folder->filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(QByteArray(sizeBytes, 'x')) != sizeBytes)
            qFatal("cannot write %s", qPrintable(name));
        file.close();
        std::filesystem::last_write_time(path() / name.toStdString(),
                                         std::filesystem::file_time_type::clock::now() - std::chrono::hours(hoursAgo));
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestKeptSequences)
#include "tst_kept_sequences.moc"
