#include "include_rules.h"

#include <QRegularExpression>
#include <QStringList>

#include <algorithm>
#include <vector>

namespace hearth {
namespace {

using namespace Qt::StringLiterals;

/// What the files below `folder` may include of this project; the rule with the longest matching folder counts.
struct LayerRule {
    QString folder;
    QStringList mayInclude;
};

const std::vector<LayerRule>& layerRules() {
    static const std::vector<LayerRule> rules{
        {u"kernels/base/"_s, {u"kernels/base/"_s}},
        {u"kernels/api/"_s, {u"kernels/base/"_s, u"kernels/api/"_s}},
        {u"kernels/"_s, {u"kernels/"_s}},
        {u"engine/"_s, {u"engine/"_s, u"kernels/"_s}},
        {u"vision/"_s, {u"vision/"_s, u"engine/"_s, u"kernels/"_s}},
        {u"app/"_s, {u"app/"_s, u"vision/"_s, u"engine/"_s, u"kernels/"_s}},
        // The window shows state and sends intents; of the layers below app it knows Result and Error only.
        {u"ui/"_s, {u"ui/"_s, u"app/"_s, u"kernels/base/"_s}},
    };
    return rules;
}

/// Includes from outside the project that only some folders may use.
struct LibraryRule {
    QRegularExpression include;
    QStringList onlyIn;
    QString reason;
};

const std::vector<LibraryRule>& libraryRules() {
    static const std::vector<LibraryRule> rules{
        {QRegularExpression(uR"(^(Q[A-Z]|Qt[A-Z]|q[a-z]+\.h$))"_s),
         {u"app/"_s, u"ui/"_s},
         u"Qt stays out of kernels, engine and vision"_s},
        {QRegularExpression(u"^opencv2?/"_s), {u"vision/"_s}, u"OpenCV lives in vision only"_s},
        {QRegularExpression(u"^(sqlite3|QSql)"_s), {u"app/storage/"_s}, u"SQL lives in app/storage only"_s},
        {QRegularExpression(u"^(QtNetwork/|QNetwork|QTcp|QUdp|QSsl|QAbstractSocket|QHost|QDns|QHttp|QWebSocket"
                            "|sys/socket\\.h|netinet/|arpa/|netdb\\.h|curl/)"_s),
         {u"app/network/"_s},
         u"app/network is the only place that opens connections"_s},
        {QRegularExpression(u"^(thread|QThread|QtConcurrent)"_s),
         {u"app/"_s, u"engine/"_s, u"vision/"_s, u"kernels/"_s},
         u"the window starts no threads"_s},
        {QRegularExpression(u"^(QWidget|QtWidgets|QApplication)"_s), {u"ui/"_s}, u"widgets live in ui only"_s},
        {QRegularExpression(u"^(omp\\.h|tbb/)"_s), {}, u"the compute pool is our own"_s},
    };
    return rules;
}

bool standsIn(const QString& file, const QStringList& folders) {
    return std::any_of(folders.begin(), folders.end(), [&](const QString& folder) { return file.startsWith(folder); });
}

bool isOfProject(const QString& include) {
    static const QStringList layers{u"kernels/"_s, u"engine/"_s, u"vision/"_s, u"app/"_s, u"ui/"_s};
    return standsIn(include, layers);
}

const LayerRule* layerRuleFor(const QString& file) {
    const LayerRule* best = nullptr;
    for (const LayerRule& rule : layerRules()) {
        if (file.startsWith(rule.folder) && (best == nullptr || rule.folder.size() > best->folder.size()))
            best = &rule;
    }
    return best;
}

} // namespace

std::optional<QString> whyForbidden(const QString& file, const QString& include) {
    if (isOfProject(include)) {
        const LayerRule* rule = layerRuleFor(file);
        if (rule != nullptr && !standsIn(include, rule->mayInclude))
            return u"%1 may include only %2"_s.arg(rule->folder, rule->mayInclude.join(u", "_s));
        return std::nullopt;
    }
    for (const LibraryRule& rule : libraryRules()) {
        if (rule.include.match(include).hasMatch() && !standsIn(file, rule.onlyIn))
            return rule.reason;
    }
    return std::nullopt;
}

std::optional<QString> includedName(const QString& line) {
    static const QRegularExpression pattern(uR"(^\s*#\s*include\s*[<"]([^>"]+)[>"])"_s);
    const QRegularExpressionMatch match = pattern.match(line);
    if (!match.hasMatch())
        return std::nullopt;
    return match.captured(1);
}

} // namespace hearth
