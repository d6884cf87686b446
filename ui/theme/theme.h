#pragma once

#include "ui/theme/metrics.h"

#include <QColor>
#include <QFont>
#include <QObject>
#include <QPalette>

namespace hearth::ui {

enum class ColorScheme { Light, Dark };

/// What the user asked for in the settings.
enum class ThemeChoice { System, Light, Dark };

enum class Contrast { Normal, High };

/// Every colour of the program by its role. Text roles reach 4.5:1 on every surface they may stand on.
struct Colors {
    // Surfaces, back to front.
    QColor window; ///< side bar, title row, dialogs
    QColor base;   ///< the conversation, documents, lists
    QColor raised; ///< composer, cards, popups
    QColor hover;
    QColor pressed;
    QColor selected; ///< the current row of a list
    QColor bubble;   ///< behind the user's messages

    QColor border;
    QColor borderStrong; ///< outline of fields: 3:1 on base
    QColor shadow;       ///< translucent
    QColor scrim;        ///< translucent veil under overlays

    // Text on any surface above.
    QColor text;
    QColor textMuted;
    QColor textDisabled; ///< exempt from the contrast rule

    QColor accent;     ///< primary buttons, the focus ring, progress
    QColor accentText; ///< on accent
    QColor accentSoft; ///< tinted surface; text and accent read on it
    QColor link;       ///< also the accent where it is used for text

    QColor danger;
    QColor dangerSoft;
    QColor warning;
    QColor warningSoft;
    QColor success;
    QColor successSoft;

    QColor selection; ///< behind selected text
    QColor selectionText;
    QColor findMatch;        ///< behind every match of a search
    QColor findMatchCurrent; ///< behind the match that is shown

    // Code.
    QColor codeBackground; ///< blocks
    QColor codeHeader;     ///< the bar with the language and the copy button
    QColor codeInline;
    QColor codeText;
    QColor codeKeyword;
    QColor codeString;
    QColor codeNumber;
    QColor codeComment;
    QColor codeFunction;
    QColor codeType;
};

enum class FontRole {
    Interface,       ///< buttons, lists, fields
    InterfaceStrong, ///< the same, semi-bold
    Small,           ///< captions, hints, figures
    SmallStrong,     ///< group titles
    Title,           ///< header of a pane or dialog
    Display,         ///< the first-run page
    Chat,            ///< running text of messages
    Code,            ///< fixed pitch, beside Chat
};

/// The look of the program: colours, fonts and palette, live. One object, made by main and handed down by reference;
/// it outlives every widget. Thread: UI.
class Theme : public QObject {
    Q_OBJECT

public:
    /// The application's font at this moment is taken as the system's.
    explicit Theme(QObject* parent = nullptr);

    [[nodiscard]] const Colors& colors() const { return m_colors; }
    [[nodiscard]] ColorScheme scheme() const;
    [[nodiscard]] bool isDark() const { return scheme() == ColorScheme::Dark; }
    [[nodiscard]] Contrast contrast() const { return m_contrast; }
    [[nodiscard]] ThemeChoice choice() const { return m_choice; }
    [[nodiscard]] double fontScale() const { return m_fontScale; }

    [[nodiscard]] QFont font(FontRole role) const;
    [[nodiscard]] QPalette palette() const;

    void setChoice(ThemeChoice choice);
    /// What the desktop prefers at the moment; used while the choice is System.
    void setSystemScheme(ColorScheme scheme);
    void setContrast(Contrast contrast);
    /// 0.5 to 3; values outside are brought inside.
    void setFontScale(double scale);

    /// To be called when QLocale's default is another: some letters have another form in it.
    void languageChanged();

    /// Sets style, palette and font of the application now and after every change.
    void install();

Q_SIGNALS:
    /// Colours or fonts are different now; the application's palette and font are set already.
    void changed();

private:
    void refresh();

    ThemeChoice m_choice = ThemeChoice::System;
    ColorScheme m_systemScheme = ColorScheme::Light;
    Contrast m_contrast = Contrast::Normal;
    double m_fontScale = 1.0;
    QFont m_systemFont;
    QFont m_codeFont;
    Colors m_colors;
    bool m_installed = false;
};

/// Contrast ratio of two opaque colours, 1 to 21. Source: WCAG 2.1, definitions of relative luminance and contrast.
[[nodiscard]] double contrastRatio(const QColor& one, const QColor& other);

} // namespace hearth::ui
