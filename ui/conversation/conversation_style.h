#pragma once

#include "ui/theme/theme.h"

#include <QColor>
#include <QFont>

#include <array>

namespace hearth::ui {

/// Fonts, colours and lengths of the conversation, computed once from the theme. Lengths in device independent pixels,
/// growing with the font. Thread: UI.
struct ConversationStyle {
    explicit ConversationStyle(const Theme& theme);

    const Theme* theme;
    Colors colors;

    QFont chat;
    QFont code;
    QFont inlineCode;
    QFont small;
    QFont smallStrong;
    std::array<QFont, 6> heading;

    /// Height of a line of running text; other lines keep its proportion to their font.
    double lineSpacing;
    int chatLineHeight;
    double letterWidth; ///< of running text, on average
    int codeLineHeight;
    /// Widest column of text: about 84 letters.
    int columnWidth;
    int sideMargin;

    int paragraphGap;
    int itemGap;
    int headingGap; ///< above a heading
    int messageGap;
    int indent; ///< of a list item
    int quoteIndent;

    int bubblePadding;
    int codePadding;
    int codeHeaderHeight;
    int cellPadding;
    int footerHeight;
    int buttonSize;
    int iconSize;

    /// A length of the 4-pixel grid, grown with the font.
    [[nodiscard]] int scaled(int length) const;

private:
    double m_scale;
};

} // namespace hearth::ui
