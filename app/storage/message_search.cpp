// The search of ChatRepository: which messages contain all words of a text.

#include "app/storage/chat_repository.h"
#include "app/storage/snippet.h"

#include <QSet>

#include <string>

namespace hearth {

namespace {

// Words shorter than a trigram are not in the index. Two characters are a common word in Chinese and Japanese, so they
// are looked for in the text itself.
constexpr qsizetype kTrigramCharacters = 3;

struct WordsByWay {
    QStringList indexed;
    QStringList scanned;
};

WordsByWay sortWords(const QStringList& words) {
    WordsByWay sorted;
    for (const QString& word : words) {
        const bool indexed = word.toUcs4().size() >= kTrigramCharacters;
        (indexed ? sorted.indexed : sorted.scanned).append(word);
    }
    return sorted;
}

/// All words as quoted strings of FTS5's query language, in which nothing but a quotation mark has a meaning.
QString matchExpression(const QStringList& words) {
    QStringList quoted;
    for (QString word : words)
        quoted.append(u'"' + word.replace(u'"', QStringLiteral("\"\"")) + u'"');
    return quoted.join(QStringLiteral(" AND "));
}

QString likePattern(QString word) {
    for (const QChar special : {u'\\', u'%', u'_'})
        word.replace(special, QStringLiteral("\\") + special);
    return u'%' + word + u'%';
}

std::string searchSql(const WordsByWay& words) {
    std::string sql = "SELECT m.id, m.conversation FROM ";
    if (!words.indexed.isEmpty())
        sql += "message_search s JOIN messages m ON m.id = s.rowid ";
    else
        sql += "messages m ";
    sql += "JOIN conversations c ON c.id = m.conversation WHERE c.removed IS NULL";
    int parameter = 1;
    if (!words.indexed.isEmpty())
        sql += " AND s.message_search MATCH ?" + std::to_string(parameter++);
    for (qsizetype word = 0; word < words.scanned.size(); ++word)
        sql += " AND m.text LIKE ?" + std::to_string(parameter++) + " ESCAPE '\\'";
    // Ids rise with time.
    return sql + " ORDER BY m.id DESC";
}

} // namespace

Result<QList<SearchHit>> ChatRepository::run(const SearchMessages& request) {
    const QStringList words = searchWords(request.text);
    QList<SearchHit> hits;
    if (words.isEmpty())
        return hits;
    const WordsByWay byWay = sortWords(words);
    HEARTH_TRY(Statement search, Statement::prepare(m_database, searchSql(byWay)));
    int parameter = 1;
    if (!byWay.indexed.isEmpty())
        search.bind(parameter++, matchExpression(byWay.indexed));
    for (const QString& word : byWay.scanned)
        search.bind(parameter++, likePattern(word));
    QSet<ConversationId> seen;
    while (hits.size() < request.limit) {
        HEARTH_TRY(const bool found, search.step());
        if (!found)
            break;
        SearchHit hit;
        hit.message = search.integer(0);
        hit.conversation = search.integer(1);
        if (!seen.contains(hit.conversation))
            hits.append(hit);
        seen.insert(hit.conversation);
    }
    HEARTH_TRY(Statement read, Statement::prepare(m_database, "SELECT text FROM messages WHERE id = ?1"));
    for (SearchHit& hit : hits) {
        HEARTH_TRY([[maybe_unused]] const bool found, read.bind(1, hit.message).step());
        makeSnippet(read.text(0), words, hit);
        read.reset();
    }
    return hits;
}

} // namespace hearth
