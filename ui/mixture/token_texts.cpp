#include "ui/mixture/token_texts.h"

#include <QStringList>

#include <algorithm>

namespace hearth::ui {

namespace {

constexpr QChar kLineFeedSign(0x21B5);
constexpr QChar kTabSign(0x21E5);
constexpr QChar kSpaceSign(0x2423);
constexpr char16_t kFirstIdeograph = 0x2E80; ///< from here on most scripts break anywhere

/// Bytes at the end that begin a character of UTF-8 and do not complete it.
qsizetype openBytes(const QByteArray& bytes) {
    const qsizetype most = std::min<qsizetype>(3, bytes.size());
    for (qsizetype back = 1; back <= most; ++back) {
        const auto byte = static_cast<unsigned char>(bytes[bytes.size() - back]);
        if ((byte & 0xC0U) == 0x80U)
            continue; // within a character
        const qsizetype length = byte >= 0xF5 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

QString hexSign(const QByteArray& bytes) {
    return QChar(0x27E8) + QString::fromLatin1(bytes.toHex(' ')) + QChar(0x27E9);
}

TokenText signs(const QString& text) {
    TokenText token;
    token.shown = text;
    token.endsLine = text.contains(QLatin1Char('\n'));
    const bool isBlank = !text.isEmpty() && text.trimmed().isEmpty();
    for (QChar& character : token.shown) {
        if (character == QLatin1Char('\n'))
            character = kLineFeedSign;
        else if (character == QLatin1Char('\t'))
            character = kTabSign;
        else if (isBlank && character.isSpace())
            character = kSpaceSign;
        else if (character.category() == QChar::Other_Control)
            character = QChar(0xFFFD);
    }
    token.isPlain = token.shown == text;
    return token;
}

} // namespace

TokenText shownText(const QByteArray& bytes) {
    if (openBytes(bytes) > 0 || (!bytes.isEmpty() && QString::fromUtf8(bytes).contains(QChar(0xFFFD)))) {
        TokenText token;
        token.shown = hexSign(bytes);
        token.isPlain = false;
        return token;
    }
    TokenText token = signs(QString::fromUtf8(bytes));
    // By itself " the" would look like "the", which is another token.
    if (token.shown.startsWith(QLatin1Char(' ')))
        token.shown[0] = kSpaceSign;
    return token;
}

void TokenTexts::extend(const AnswerTrace& trace) {
    for (int token = count(); token < trace.tokenCount(); ++token) {
        const QByteArray& own = trace.chosen(token).text;
        const QByteArray all = m_open + own;
        const qsizetype open = openBytes(all);
        m_open = all.right(open);
        const QString text = QString::fromUtf8(all.chopped(open));
        TokenText shown = signs(text);
        if (text.isEmpty()) {
            shown.shown = hexSign(own);
            shown.isPlain = false;
        }
        const QChar first = text.isEmpty() ? QChar() : text.front();
        shown.canStartLine = first.isSpace() || m_afterSpace || first.unicode() >= kFirstIdeograph;
        m_afterSpace = !text.isEmpty() && text.back().isSpace();
        m_texts.push_back(std::move(shown));
    }
}

QString TokenTexts::plain(const AnswerTrace& trace, TokenRange range) {
    QByteArray bytes;
    for (int token = range.first; token < std::min(range.end, trace.tokenCount()); ++token)
        bytes += trace.chosen(token).text;
    return QString::fromUtf8(bytes);
}

} // namespace hearth::ui
