#pragma once

#include <QString>
#include <QStringList>
#include <QTranslator>

namespace hearth::ui {

/// Switches the language of the running program: its own texts, those of Qt's dialogs, and numbers and dates.
/// Thread: UI.
class Language {
public:
    /// Languages that this build has, as BCP 47 names; English first.
    [[nodiscard]] static QStringList available();
    /// How its speakers call it.
    [[nodiscard]] static QString nativeName(const QString& language);

    /// Empty: the system's, as far as there is one. Every window gets a LanguageChange event.
    void use(const QString& language);
    [[nodiscard]] const QString& current() const { return m_current; }

private:
    QString m_current = QStringLiteral("en");
    QTranslator m_own;
    QTranslator m_qt;
};

} // namespace hearth::ui
