#include "app/storage/snippet.h"

#include <QRegularExpression>
#include <QTextBoundaryFinder>

#include <algorithm>

namespace hearth {

namespace {

constexpr qsizetype kBefore = 36;
constexpr qsizetype kAfter = 84;

/// The next place a reader would call a word's edge, going away from the match, within a dozen units.
qsizetype wordEdge(const QString& text, qsizetype position) {
    QTextBoundaryFinder finder(QTextBoundaryFinder::Word, text);
    finder.setPosition(position);
    if (finder.isAtBoundary())
        return position;
    const qsizetype edge = finder.toPreviousBoundary();
    return edge < 0 || position - edge > 12 ? position : edge;
}

qsizetype characterEdge(const QString& text, qsizetype position) {
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    finder.setPosition(position);
    return finder.isAtBoundary() ? position : std::max<qsizetype>(finder.toPreviousBoundary(), 0);
}

} // namespace

QStringList searchWords(const QString& text) {
    static const QRegularExpression spaces(QStringLiteral("\\s+"));
    QStringList words = text.split(spaces, Qt::SkipEmptyParts);
    words.removeDuplicates();
    return words;
}

void makeSnippet(const QString& text, const QStringList& words, SearchHit& hit) {
    qsizetype first = -1;
    for (const QString& word : words) {
        const qsizetype at = text.indexOf(word, 0, Qt::CaseInsensitive);
        if (at >= 0 && (first < 0 || at < first))
            first = at;
    }
    first = std::max<qsizetype>(first, 0);
    const qsizetype wantedBegin = std::max<qsizetype>(first - kBefore, 0);
    const qsizetype wantedEnd = std::min(first + kAfter, text.size());
    // The boundary finder reads the whole string it is given: a piece of a long answer is enough.
    const qsizetype pieceBegin = std::max<qsizetype>(wantedBegin - kBefore, 0);
    const QString piece = text.mid(pieceBegin, wantedEnd + kBefore - pieceBegin);
    const qsizetype begin = wantedBegin == 0 ? 0 : characterEdge(piece, wordEdge(piece, wantedBegin - pieceBegin));
    const qsizetype end =
        wantedEnd == text.size() ? piece.size() : characterEdge(piece, wordEdge(piece, wantedEnd - pieceBegin));
    QString line = piece.mid(begin, end - begin);
    // White space becomes blanks one by one, so that positions stay.
    std::replace_if(
        line.begin(), line.end(), [](QChar character) { return character.isSpace(); }, u' ');
    line = line.trimmed();
    hit.snippet = (pieceBegin + begin > 0 ? QStringLiteral("…") : QString()) + line
                  + (wantedEnd < text.size() ? QStringLiteral("…") : QString());
    hit.matches.clear();
    for (const QString& word : words) {
        for (qsizetype at = hit.snippet.indexOf(word, 0, Qt::CaseInsensitive); at >= 0;
             at = hit.snippet.indexOf(word, at + word.size(), Qt::CaseInsensitive))
            hit.matches.append({static_cast<int>(at), static_cast<int>(word.size())});
    }
    std::sort(hit.matches.begin(), hit.matches.end());
}

} // namespace hearth
