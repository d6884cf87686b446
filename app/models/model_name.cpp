#include "app/models/model_name.h"

#include "app/models/split_name.h"

#include <QRegularExpression>

namespace hearth {

QString modelDisplayName(const QString& fileName, const QString& nameInside) {
    static const QRegularExpression size(QStringLiteral("(^|[-_. ])([0-9]+x)?[0-9]+([.][0-9]+)?[bm]($|[-_. ])"),
                                         QRegularExpression::CaseInsensitiveOption);
    static const QRegularExpression quantisation(
        QStringLiteral("[-_. ](UD-)?(I?Q[1-8](_[0-9A-Z]+)*|TQ[12]_0|MXFP4(_MOE)?|BF16|FP?16|FP?32)$"),
        QRegularExpression::CaseInsensitiveOption);
    const auto split = SplitName::parse(fileName);
    QString stem = split ? split->base : fileName;
    if (stem.endsWith(QStringLiteral(".gguf"), Qt::CaseInsensitive))
        stem.chop(5);
    stem.remove(quantisation);
    if (stem.contains(size) || nameInside.trimmed().isEmpty())
        return stem;
    return nameInside.trimmed();
}

} // namespace hearth
