#include "app/models/split_name.h"

#include <QRegularExpression>

namespace hearth {

std::optional<SplitName> SplitName::parse(const QString& fileName) {
    static const QRegularExpression pattern(QStringLiteral("^(.+)-(\\d{5})-of-(\\d{5})\\.gguf$"));
    const QRegularExpressionMatch match = pattern.match(fileName);
    if (!match.hasMatch())
        return std::nullopt;
    SplitName name{match.captured(1), match.captured(2).toInt(), match.captured(3).toInt()};
    if (name.part < 1 || name.part > name.parts)
        return std::nullopt;
    return name;
}

QString SplitName::fileName() const {
    return QStringLiteral("%1-%2-of-%3.gguf").arg(base).arg(part, 5, 10, QChar(u'0')).arg(parts, 5, 10, QChar(u'0'));
}

} // namespace hearth
