#include "app/chat/message.h"

#include <QRandomGenerator>
#include <QTextBoundaryFinder>

#include <algorithm>
#include <atomic>

using namespace Qt::Literals::StringLiterals;

namespace hearth {

namespace {

// 2020-01-01T00:00:00Z: 41 bits of milliseconds last until 2089, 22 bits stay for chance.
constexpr qint64 kIdEpochMs = 1'577'836'800'000;
constexpr int kIdRandomBits = 22;

constexpr qsizetype kMaxTitleLength = 60;
// A title that is cut keeps at least this much, even if that cuts a word (a long one, or a script without spaces).
constexpr qsizetype kMinTitleLength = 30;

/// Longest beginning of at most `limit` UTF-16 units that ends between two characters as a reader sees them.
QString cutAtCharacter(const QString& text, qsizetype limit) {
    if (text.size() <= limit)
        return text;
    QTextBoundaryFinder finder(QTextBoundaryFinder::Grapheme, text);
    finder.setPosition(limit);
    const qsizetype end = finder.isAtBoundary() ? limit : finder.toPreviousBoundary();
    return text.left(std::max<qsizetype>(end, 0));
}

bool isMarkdownMark(QChar character) {
    return QStringView(u"#>*_`~|-+=").contains(character);
}

} // namespace

qint64 nextId() {
    static std::atomic<qint64> last{0};
    const qint64 now = std::max<qint64>(QDateTime::currentMSecsSinceEpoch() - kIdEpochMs, 0);
    const qint64 random = QRandomGenerator::global()->bounded(1 << kIdRandomBits);
    const qint64 candidate = (now << kIdRandomBits) | random;
    qint64 previous = last.load(std::memory_order_relaxed);
    qint64 next = 0;
    do {
        next = std::max(candidate, previous + 1);
    } while (!last.compare_exchange_weak(previous, next, std::memory_order_relaxed));
    return next;
}

double AnswerStats::tokensPerSecond() const {
    return decodeSeconds > 0 ? generatedTokens / decodeSeconds : 0;
}

QJsonObject toJson(const AnswerStats& stats) {
    return {
        {u"promptTokens"_s, stats.promptTokens},
        {u"reusedTokens"_s, stats.reusedTokens},
        {u"generatedTokens"_s, stats.generatedTokens},
        {u"promptSeconds"_s, stats.promptSeconds},
        {u"firstTokenSeconds"_s, stats.firstTokenSeconds},
        {u"decodeSeconds"_s, stats.decodeSeconds},
        {u"reasoningSeconds"_s, stats.reasoningSeconds},
        {u"stopReason"_s, stats.stopReason},
        {u"modelName"_s, stats.modelName},
        {u"modelFile"_s, stats.modelFile},
        {u"device"_s, stats.device},
        {u"sampler"_s, stats.sampler},
        // As text: a JSON number holds 53 bits.
        {u"seed"_s, QString::number(stats.seed)},
    };
}

AnswerStats answerStatsFromJson(const QJsonObject& json) {
    AnswerStats stats;
    stats.promptTokens = json.value(u"promptTokens").toInt();
    stats.reusedTokens = json.value(u"reusedTokens").toInt();
    stats.generatedTokens = json.value(u"generatedTokens").toInt();
    stats.promptSeconds = json.value(u"promptSeconds").toDouble();
    stats.firstTokenSeconds = json.value(u"firstTokenSeconds").toDouble();
    stats.decodeSeconds = json.value(u"decodeSeconds").toDouble();
    stats.reasoningSeconds = json.value(u"reasoningSeconds").toDouble();
    stats.stopReason = json.value(u"stopReason").toString();
    stats.modelName = json.value(u"modelName").toString();
    stats.modelFile = json.value(u"modelFile").toString();
    stats.device = json.value(u"device").toString();
    stats.sampler = json.value(u"sampler").toObject();
    stats.seed = json.value(u"seed").toString().toULongLong();
    return stats;
}

QString titleFromQuestion(const QString& question) {
    QString line;
    for (const QStringView candidate : QStringView(question).split(u'\n')) {
        QStringView rest = candidate.trimmed();
        while (!rest.isEmpty() && isMarkdownMark(rest.front()))
            rest = rest.mid(1).trimmed();
        while (!rest.isEmpty() && QStringView(u"*_`").contains(rest.back()))
            rest = rest.chopped(1);
        if (!rest.isEmpty()) {
            line = rest.toString().simplified();
            break;
        }
    }
    if (line.size() <= kMaxTitleLength)
        return line;
    QString title = cutAtCharacter(line, kMaxTitleLength - 1);
    const qsizetype space = title.lastIndexOf(u' ');
    if (space >= kMinTitleLength)
        title.truncate(space);
    return title.trimmed() + u'…';
}

} // namespace hearth
