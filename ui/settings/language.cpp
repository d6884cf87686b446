#include "ui/settings/language.h"

#include <QCoreApplication>
#include <QDir>
#include <QLibraryInfo>
#include <QLocale>

namespace hearth::ui {

namespace {

const QString kFolder = QStringLiteral(":/hearth/i18n");
const QString kEnglish = QStringLiteral("en");

/// "zh_CN" from "hearth_zh_CN.qm".
QString languageOf(const QString& fileName) {
    const QString prefix = QStringLiteral("hearth_");
    return fileName.mid(prefix.size()).chopped(3);
}

/// The best of what there is for the system's list of wishes; "zh-Hans-CN" and "zh" both get zh_CN.
QString systemLanguage() {
    const QStringList available = Language::available();
    for (const QString& wish : QLocale::system().uiLanguages()) {
        const QLocale wished(wish);
        for (const QString& language : available) {
            const QLocale offered(language);
            if (offered.language() == wished.language() && offered.script() == wished.script()) {
                return language;
            }
        }
    }
    return kEnglish;
}

} // namespace

QStringList Language::available() {
    QStringList languages{kEnglish};
    for (const QString& file : QDir(kFolder).entryList({QStringLiteral("hearth_*.qm")}, QDir::Files, QDir::Name)) {
        const QString language = languageOf(file);
        if (language != kEnglish) {
            languages.append(language);
        }
    }
    return languages;
}

QString Language::nativeName(const QString& language) {
    return language == kEnglish ? QStringLiteral("English") : QLocale(language).nativeLanguageName();
}

void Language::use(const QString& language) {
    const QString wanted = language.isEmpty() ? systemLanguage() : language;
    QCoreApplication::removeTranslator(&m_own);
    QCoreApplication::removeTranslator(&m_qt);
    m_current = wanted;
    // An explicit choice also sets how numbers and dates look; the system's choice keeps the system's formats.
    QLocale::setDefault(language.isEmpty() ? QLocale::system() : QLocale(wanted));
    if (m_qt.load(QLocale(wanted), QStringLiteral("qtbase"), QStringLiteral("_"),
                  QLibraryInfo::path(QLibraryInfo::TranslationsPath))) {
        QCoreApplication::installTranslator(&m_qt);
    }
    // English has a file too: it holds the plural forms.
    if (m_own.load(kFolder + QStringLiteral("/hearth_") + wanted + QStringLiteral(".qm"))) {
        QCoreApplication::installTranslator(&m_own);
    } else {
        m_current = kEnglish;
    }
}

} // namespace hearth::ui
