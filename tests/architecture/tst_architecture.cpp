#include "include_rules.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

using namespace Qt::StringLiterals;

namespace {

constexpr int kMostLines = 800;

/// Tables that a program wrote from a standard, not read by people: no limit on their lines.
const QStringList& generatedFiles() {
    static const QStringList files{u"engine/text/unicode_data.cpp"_s};
    return files;
}

const QDir& sourceTree() {
    static const QDir tree(QString::fromUtf8(HEARTH_SOURCE_DIR));
    return tree;
}

/// Source files below the folders, relative to the tree, sorted.
QStringList sourceFiles(const QStringList& folders) {
    static const QStringList patterns{u"*.h"_s, u"*.cpp"_s, u"*.cu"_s, u"*.cuh"_s, u"*.comp"_s};
    QStringList files;
    for (const QString& folder : folders) {
        QDirIterator walk(sourceTree().filePath(folder), patterns, QDir::Files, QDirIterator::Subdirectories);
        while (walk.hasNext())
            files.append(sourceTree().relativeFilePath(walk.next()));
    }
    files.sort();
    return files;
}

QStringList layerFiles() {
    return sourceFiles({u"app"_s, u"ui"_s, u"engine"_s, u"vision"_s, u"kernels"_s});
}

QStringList allFiles() {
    return layerFiles() + sourceFiles({u"tests"_s});
}

QStringList linesOf(const QString& file) {
    QFile opened(sourceTree().filePath(file));
    if (!opened.open(QIODevice::ReadOnly | QIODevice::Text))
        return {};
    return QString::fromUtf8(opened.readAll()).split(u'\n');
}

/// One line per finding, so that a failure names all of them at once.
void report(const QStringList& findings) {
    if (!findings.isEmpty())
        QFAIL(qPrintable(u"\n"_s + findings.join(u'\n')));
}

/// What .gitignore keeps out of the tree, as names at its top.
QStringList ignoredNames() {
    QStringList names{u".git"_s};
    for (QString line : linesOf(u".gitignore"_s)) {
        line.remove(u'/');
        if (!line.isEmpty())
            names.append(line);
    }
    return names;
}

} // namespace

/// Reads the source tree and holds it to the rules that the compiler cannot see.
class TestArchitecture : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyFolderHoldsSources_data();
    void everyFolderHoldsSources();
    void rulesJudgeIncludes_data();
    void rulesJudgeIncludes();
    void includeLinesAreRecognised();
    void includesFollowTheLayers();
    void filesStayShort();
    void nothingIsLeftToDo();
    void headersAreGuarded();
    void topLevelHasOnlyAgreedEntries();
};

void TestArchitecture::everyFolderHoldsSources_data() {
    QTest::addColumn<QString>("folder");
    QTest::newRow("app") << u"app"_s;
    QTest::newRow("ui") << u"ui"_s;
    QTest::newRow("engine") << u"engine"_s;
    QTest::newRow("kernels") << u"kernels"_s;
    QTest::newRow("tests") << u"tests"_s;
}

// Without this, a tree that is not found would pass every rule below.
void TestArchitecture::everyFolderHoldsSources() {
    QFETCH(QString, folder);
    QVERIFY2(!sourceFiles({folder}).isEmpty(), qPrintable(folder));
}

void TestArchitecture::rulesJudgeIncludes_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("include");
    QTest::addColumn<bool>("allowed");
    const auto row = [](const char* file, const char* include, bool allowed) {
        QTest::addRow("%s %s %s", file, allowed ? "->" : "-/->", include)
            << QString::fromLatin1(file) << QString::fromLatin1(include) << allowed;
    };
    row("kernels/cpu/pool.cpp", "kernels/api/op.h", true);
    row("kernels/base/error.cpp", "kernels/api/op.h", false);
    row("kernels/api/op.h", "kernels/cpu/pool.h", false);
    row("kernels/cpu/pool.cpp", "engine/run/engine.h", false);
    row("kernels/cpu/pool.cpp", "QString", false);
    row("kernels/cpu/pool.cpp", "thread", true);
    row("kernels/cpu/pool.cpp", "omp.h", false);
    row("engine/run/engine.cpp", "kernels/api/backend.h", true);
    row("engine/run/engine.cpp", "vision/bridge/rows.h", false);
    row("engine/run/engine.cpp", "app/chat/chat.h", false);
    row("engine/run/engine.cpp", "QtCore/QString", false);
    row("engine/run/engine.cpp", "qglobal.h", false);
    row("engine/run/engine.cpp", "queue", true);
    row("engine/run/engine.cpp", "sys/socket.h", false);
    row("engine/run/engine.cpp", "opencv2/core.hpp", false);
    row("vision/bridge/rows.cpp", "engine/gguf/gguf_file.h", true);
    row("vision/bridge/rows.cpp", "opencv2/core.hpp", true);
    row("vision/bridge/rows.cpp", "app/chat/chat.h", false);
    row("app/chat/chat.cpp", "engine/run/engine.h", true);
    row("app/chat/chat.cpp", "ui/shell/window.h", false);
    row("app/chat/chat.cpp", "sqlite3.h", false);
    row("app/chat/chat.cpp", "QNetworkAccessManager", false);
    row("app/chat/chat.cpp", "QWidget", false);
    row("app/storage/database.cpp", "sqlite3.h", true);
    row("app/network/gate.cpp", "QNetworkAccessManager", true);
    row("app/cli/chat.cpp", "QString", true);
    row("app/cli/chat.cpp", "QtWidgets/QWidget", false);
    row("ui/shell/window.cpp", "app/chat/chat.h", true);
    row("ui/shell/window.cpp", "kernels/base/result.h", true);
    row("ui/shell/window.cpp", "engine/run/engine.h", false);
    row("ui/shell/window.cpp", "kernels/api/op.h", false);
    row("ui/shell/window.cpp", "QThread", false);
    row("ui/shell/window.cpp", "QWidget", true);
    row("ui/shell/window.cpp", "QSqlQuery", false);
}

void TestArchitecture::rulesJudgeIncludes() {
    QFETCH(QString, file);
    QFETCH(QString, include);
    QFETCH(bool, allowed);
    QCOMPARE(!hearth::whyForbidden(file, include).has_value(), allowed);
}

void TestArchitecture::includeLinesAreRecognised() {
    QCOMPARE(hearth::includedName(u"#include <QString>"_s).value_or(QString()), u"QString"_s);
    QCOMPARE(hearth::includedName(u"  #  include \"ui/a.h\" // why"_s).value_or(QString()), u"ui/a.h"_s);
    QVERIFY(!hearth::includedName(u"// #include <QString>"_s).has_value());
    QVERIFY(!hearth::includedName(u"#define INCLUDE <a>"_s).has_value());
}

void TestArchitecture::includesFollowTheLayers() {
    QStringList findings;
    for (const QString& file : layerFiles()) {
        const QStringList lines = linesOf(file);
        for (qsizetype line = 0; line < lines.size(); ++line) {
            const auto include = hearth::includedName(lines[line]);
            if (!include)
                continue;
            if (const auto reason = hearth::whyForbidden(file, *include))
                findings.append(u"%1:%2: includes %3: %4"_s.arg(file).arg(line + 1).arg(*include, *reason));
        }
    }
    report(findings);
}

void TestArchitecture::filesStayShort() {
    QStringList findings;
    for (const QString& file : allFiles()) {
        const qsizetype count = linesOf(file).size();
        if (count > kMostLines && !generatedFiles().contains(file))
            findings.append(u"%1: %2 lines, more than %3: it is several files"_s.arg(file).arg(count).arg(kMostLines));
    }
    report(findings);
}

void TestArchitecture::nothingIsLeftToDo() {
    // Written in pieces, so that this file does not find itself.
    static const QRegularExpression mark(u"\\b(TO"
                                         "DO|FIX"
                                         "ME|XX"
                                         "X)\\b"_s);
    QStringList findings;
    for (const QString& file : allFiles()) {
        const QStringList lines = linesOf(file);
        for (qsizetype line = 0; line < lines.size(); ++line) {
            if (lines[line].contains(mark))
                findings.append(u"%1:%2: %3"_s.arg(file).arg(line + 1).arg(lines[line].trimmed()));
        }
    }
    report(findings);
}

void TestArchitecture::headersAreGuarded() {
    QStringList findings;
    for (const QString& file : allFiles()) {
        if (file.endsWith(u".h"_s) && !linesOf(file).contains(u"#pragma once"_s))
            findings.append(u"%1: no #pragma once"_s.arg(file));
    }
    report(findings);
}

void TestArchitecture::topLevelHasOnlyAgreedEntries() {
    static const QStringList agreed{u"app"_s,
                                    u"ui"_s,
                                    u"engine"_s,
                                    u"vision"_s,
                                    u"kernels"_s,
                                    u"resources"_s,
                                    u"tests"_s,
                                    u"installer"_s,
                                    u"cmake"_s,
                                    u".ci"_s,
                                    u"dev"_s,
                                    u"CMakeLists.txt"_s,
                                    u"README.md"_s,
                                    u"LICENSE"_s,
                                    u"CONTRIBUTING.md"_s,
                                    u"ARCHITECTURE.md"_s,
                                    u".clang-format"_s,
                                    u".clang-tidy"_s,
                                    u".gitignore"_s,
                                    u"CMakePresets.json"_s};
    const QStringList ignored = ignoredNames();
    QStringList findings;
    for (const QString& entry : sourceTree().entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot)) {
        if (!agreed.contains(entry) && !QDir::match(ignored, entry))
            findings.append(u"%1: not an agreed entry of the top level"_s.arg(entry));
    }
    report(findings);
}

QTEST_APPLESS_MAIN(TestArchitecture)
#include "tst_architecture.moc"
