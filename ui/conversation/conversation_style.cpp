#include "ui/conversation/conversation_style.h"

#include "ui/theme/metrics.h"

#include <QFontMetricsF>

#include <cmath>

namespace hearth::ui {
namespace {

// Lines of 75 to 90 letters are read most easily; this sample has the letter frequencies of prose.
const QString& proseSample() {
    static const QString sample = QStringLiteral("the quick brown fox jumps over a lazy dog and runs into the wood, ");
    return sample;
}
constexpr double kLettersPerLine = 84;

constexpr double kLineSpacing = 1.5;
constexpr double kCodeLineSpacing = 1.45;
constexpr std::array<double, 6> kHeadingSizes = {1.45, 1.27, 1.13, 1.0, 1.0, 1.0};

/// Line heights are a part of the letter size, not of the height a font asks for: that varies with its accents.
double emHeight(const QFont& font) {
    return QFontMetricsF(font).ascent() + QFontMetricsF(font).descent();
}

} // namespace

ConversationStyle::ConversationStyle(const Theme& source)
    : theme(&source), colors(source.colors()), chat(source.font(FontRole::Chat)), code(source.font(FontRole::Code)),
      inlineCode(code), small(source.font(FontRole::Small)), smallStrong(source.font(FontRole::SmallStrong)),
      m_scale(source.fontScale()) {
    inlineCode.setPointSizeF(chat.pointSizeF() * 0.92);
    for (std::size_t level = 0; level < heading.size(); ++level) {
        heading[level] = chat;
        heading[level].setPointSizeF(chat.pointSizeF() * kHeadingSizes[level]);
        heading[level].setWeight(QFont::DemiBold);
    }
    const QFontMetricsF prose(chat);
    const double letterSize = prose.xHeight() / 0.52;
    lineSpacing = std::max(1.0, kLineSpacing * letterSize / emHeight(chat));
    const QFontMetricsF fixed(code);
    codeLineHeight = static_cast<int>(std::ceil(std::max(kCodeLineSpacing * fixed.xHeight() / 0.53, fixed.height())));
    chatLineHeight = static_cast<int>(std::lround(prose.height() * lineSpacing));
    letterWidth = prose.horizontalAdvance(proseSample()) / static_cast<double>(proseSample().size());
    columnWidth = static_cast<int>(std::ceil(letterWidth * kLettersPerLine));
    sideMargin = Metrics::kSpace6;

    paragraphGap = scaled(Metrics::kSpace3);
    itemGap = scaled(6);
    headingGap = scaled(Metrics::kSpace6);
    messageGap = scaled(Metrics::kSpace4);
    indent = scaled(28);
    quoteIndent = scaled(18);
    bubblePadding = scaled(Metrics::kSpace3);
    codePadding = scaled(Metrics::kSpace3);
    codeHeaderHeight = scaled(34);
    cellPadding = scaled(Metrics::kSpace2);
    footerHeight = scaled(30);
    buttonSize = scaled(28);
    iconSize = scaled(Metrics::kIcon);
}

int ConversationStyle::scaled(int length) const {
    return static_cast<int>(std::lround(length * m_scale));
}

} // namespace hearth::ui
