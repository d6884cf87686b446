#include "ui/theme/colors.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QPushButton>
#include <QSignalSpy>
#include <QtTest>

namespace hearth::ui {

namespace {

struct Pair {
    const char* what;
    QColor foreground;
    QColor background;
};

/// Every text colour on every surface where the program puts it.
QList<Pair> textPairs(const Colors& c) {
    QList<Pair> pairs;
    const QList<std::pair<const char*, QColor>> surfaces{{"window", c.window},     {"base", c.base},
                                                         {"raised", c.raised},     {"hover", c.hover},
                                                         {"selected", c.selected}, {"bubble", c.bubble}};
    for (const auto& [name, surface] : surfaces) {
        pairs.append({name, c.text, surface});
        pairs.append({name, c.textMuted, surface});
    }
    pairs.append({"accentText", c.accentText, c.accent});
    pairs.append({"link on base", c.link, c.base});
    pairs.append({"link on accentSoft", c.link, c.accentSoft});
    for (const QColor& soft : {c.accentSoft, c.dangerSoft, c.warningSoft, c.successSoft}) {
        pairs.append({"text on a tinted surface", c.text, soft});
    }
    pairs.append({"danger on raised", c.danger, c.raised});
    pairs.append({"danger on hover", c.danger, c.hover});
    pairs.append({"danger", c.danger, c.dangerSoft});
    pairs.append({"warning", c.warning, c.warningSoft});
    pairs.append({"success", c.success, c.successSoft});
    pairs.append({"selection", c.selectionText, c.selection});
    pairs.append({"find match", c.text, c.findMatch});
    pairs.append({"current find match", c.text, c.findMatchCurrent});
    for (const QColor& code :
         {c.codeText, c.codeKeyword, c.codeString, c.codeNumber, c.codeComment, c.codeFunction, c.codeType}) {
        pairs.append({"code", code, c.codeBackground});
    }
    pairs.append({"code header", c.textMuted, c.codeHeader});
    pairs.append({"inline code", c.codeText, c.codeInline});
    return pairs;
}

} // namespace

class TestTheme : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { loadResources(); }

    void contrastOfBlackOnWhiteIsTwentyOne() {
        QCOMPARE(qRound(contrastRatio(Qt::black, Qt::white) * 100), 2100);
        QCOMPARE(qRound(contrastRatio(Qt::white, Qt::white) * 100), 100);
        // A published pair: #767676 on white is the lightest grey that passes.
        QVERIFY(contrastRatio(QColor(0x76, 0x76, 0x76), Qt::white) >= 4.5);
        QVERIFY(contrastRatio(QColor(0x77, 0x77, 0x77), Qt::white) < 4.5);
    }

    void textIsReadableEverywhere_data() {
        QTest::addColumn<ColorScheme>("scheme");
        QTest::addColumn<Contrast>("contrast");
        QTest::addColumn<double>("least");
        QTest::newRow("light") << ColorScheme::Light << Contrast::Normal << 4.5;
        QTest::newRow("dark") << ColorScheme::Dark << Contrast::Normal << 4.5;
        QTest::newRow("light, high contrast") << ColorScheme::Light << Contrast::High << 4.5;
        QTest::newRow("dark, high contrast") << ColorScheme::Dark << Contrast::High << 4.5;
    }
    void textIsReadableEverywhere() {
        QFETCH(ColorScheme, scheme);
        QFETCH(Contrast, contrast);
        QFETCH(double, least);
        for (const Pair& pair : textPairs(makeColors(scheme, contrast))) {
            const double ratio = contrastRatio(pair.foreground, pair.background);
            QVERIFY2(ratio >= least, qPrintable(QStringLiteral("%1: %2 on %3 is %4:1")
                                                    .arg(QLatin1String(pair.what), pair.foreground.name(),
                                                         pair.background.name(), QString::number(ratio, 'f', 2))));
        }
    }

    void fieldOutlinesAndFocusAreVisible() {
        for (const ColorScheme scheme : {ColorScheme::Light, ColorScheme::Dark}) {
            const Colors colors = makeColors(scheme, Contrast::Normal);
            QVERIFY(contrastRatio(colors.borderStrong, colors.base) >= 3.0);
            QVERIFY(contrastRatio(colors.accent, colors.base) >= 3.0);
            QVERIFY(contrastRatio(colors.accent, colors.window) >= 3.0);
        }
    }

    void followsTheSystemUntilTheUserChooses() {
        Theme theme;
        QSignalSpy changed(&theme, &Theme::changed);
        theme.setSystemScheme(ColorScheme::Dark);
        QVERIFY(theme.isDark());
        theme.setChoice(ThemeChoice::Light);
        QVERIFY(!theme.isDark());
        theme.setSystemScheme(ColorScheme::Light);
        theme.setSystemScheme(ColorScheme::Dark);
        QVERIFY(!theme.isDark());
        theme.setChoice(ThemeChoice::System);
        QVERIFY(theme.isDark());
        QVERIFY(changed.count() >= 3);
    }

    void aChangeReachesWidgetsAtOnce() {
        Theme theme;
        theme.setChoice(ThemeChoice::Light);
        theme.install();
        QWidget window;
        QPushButton button(QStringLiteral("Send"), &window);
        window.show();
        QTRY_COMPARE(window.palette().color(QPalette::Window), theme.colors().window);
        theme.setChoice(ThemeChoice::Dark);
        QTRY_COMPARE(window.palette().color(QPalette::Window), theme.colors().window);
        QTRY_COMPARE(button.palette().color(QPalette::ButtonText), theme.colors().text);
        const double before = button.font().pointSizeF();
        theme.setFontScale(2.0);
        QTRY_VERIFY(qAbs(button.font().pointSizeF() - 2 * before) < 0.01);
        theme.setFontScale(1.0);
    }

    void fontScaleStaysWithinBounds() {
        Theme theme;
        theme.setFontScale(100);
        QCOMPARE(theme.fontScale(), 3.0);
        theme.setFontScale(-1);
        QCOMPARE(theme.fontScale(), 0.5);
    }

    void iconsTakeTheColourOfTheMoment() {
        Theme theme;
        theme.setChoice(ThemeChoice::Light);
        const QIcon icon = themedIcon(theme, QStringLiteral("stop"), IconTone::Danger);
        QVERIFY(!icon.isNull());
        const auto middle = [&] { return icon.pixmap(QSize(16, 16), 2.0).toImage().pixelColor(16, 16); };
        QCOMPARE(middle(), theme.colors().danger);
        const QColor light = theme.colors().danger;
        theme.setChoice(ThemeChoice::Dark);
        QCOMPARE(middle(), theme.colors().danger);
        QVERIFY(light != theme.colors().danger);
    }

    void unknownIconIsEmpty() {
        Theme theme;
        QVERIFY(themedIcon(theme, QStringLiteral("no-such-icon")).isNull());
    }
};

} // namespace hearth::ui

QTEST_MAIN(hearth::ui::TestTheme)
#include "tst_theme.moc"
