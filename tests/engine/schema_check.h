#pragma once

#include <QJsonValue>
#include <QString>

namespace hearth {

/// Whether a value is one of a schema, told plainly and without the program's own code: the keywords that the tests'
/// schemas have, $ref by "#/…". What is wrong with it, empty if nothing is.
[[nodiscard]] QString schemaProblem(const QJsonValue& schema, const QJsonValue& value, const QJsonValue& document);

} // namespace hearth
