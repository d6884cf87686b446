#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QXmlStreamReader>
#include <QtTest>

namespace hearth::ui {

namespace {

struct Text {
    QString source;
    QStringList translations; ///< several for plural forms
    bool unfinished = false;
};

QList<Text> readTexts(const QString& path) {
    QFile file(path);
    QList<Text> texts;
    if (!file.open(QIODevice::ReadOnly)) {
        return texts;
    }
    QXmlStreamReader xml(&file);
    while (!xml.atEnd()) {
        if (xml.readNext() != QXmlStreamReader::StartElement) {
            continue;
        }
        if (xml.name() == QLatin1String("source")) {
            texts.append({xml.readElementText(), {}, false});
        } else if (xml.name() == QLatin1String("translation") && !texts.isEmpty()) {
            Text& text = texts.last();
            text.unfinished = xml.attributes().hasAttribute(QLatin1String("type"));
            const QString all = xml.readElementText(QXmlStreamReader::IncludeChildElements);
            text.translations.append(all.trimmed());
        }
    }
    return texts;
}

/// "%1", "%2", "%n", "%Ln": each must be in the translation too.
QSet<QString> placeholders(const QString& text) {
    static const QRegularExpression pattern(QStringLiteral("%(?:[1-9]|L?n)"));
    QSet<QString> found;
    for (auto match = pattern.globalMatch(text); match.hasNext();) {
        found.insert(match.next().captured());
    }
    return found;
}

QString translationFile(const char* name) {
    return QStringLiteral(HEARTH_SOURCE_DIR) + QStringLiteral("/resources/translations/") + QLatin1String(name);
}

} // namespace

class TestTranslations : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyTextIsTranslatedWithAllItsPlaceholders_data() {
        QTest::addColumn<QString>("path");
        QTest::addColumn<int>("least");
        QTest::newRow("Simplified Chinese") << translationFile("hearth_zh_CN.ts") << 300;
        QTest::newRow("English plurals") << translationFile("hearth_en.ts") << 8;
    }
    void everyTextIsTranslatedWithAllItsPlaceholders() {
        QFETCH(QString, path);
        QFETCH(int, least);
        const QList<Text> texts = readTexts(path);
        QVERIFY2(texts.size() >= least, qPrintable(QString::number(texts.size())));
        for (const Text& text : texts) {
            QVERIFY2(!text.unfinished, qPrintable(text.source));
            for (const QString& translation : text.translations) {
                QVERIFY2(!translation.isEmpty(), qPrintable(text.source));
                QCOMPARE(placeholders(translation), placeholders(text.source));
            }
        }
    }
};

} // namespace hearth::ui

QTEST_GUILESS_MAIN(hearth::ui::TestTranslations)
#include "tst_translations.moc"
