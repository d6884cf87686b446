#include "schema_check.h"

#include <QDate>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QStringList>

#include <cmath>

using namespace Qt::StringLiterals;

namespace hearth {

namespace {

bool isOfType(const QJsonValue& value, const QString& type) {
    if (type == u"integer"_s)
        return value.isDouble() && value.toDouble() == std::floor(value.toDouble());
    if (type == u"number"_s)
        return value.isDouble();
    if (type == u"string"_s)
        return value.isString();
    if (type == u"boolean"_s)
        return value.isBool();
    if (type == u"null"_s)
        return value.isNull();
    return type == u"array"_s ? value.isArray() : value.isObject();
}

QString textProblem(const QJsonObject& schema, const QString& text) {
    const auto length = text.toUcs4().size();
    if (length < schema.value(u"minLength"_s).toInt(0) || length > schema.value(u"maxLength"_s).toInt(1 << 30))
        return u"length of \"%1\""_s.arg(text);
    if (schema.contains(u"pattern"_s)
        && !QRegularExpression(schema.value(u"pattern"_s).toString()).match(text).hasMatch())
        return u"pattern of \"%1\""_s.arg(text);
    if (schema.value(u"format"_s) == u"date"_s && !QDate::fromString(text, Qt::ISODate).isValid())
        return u"date \"%1\""_s.arg(text);
    return {};
}

QString numberProblem(const QJsonObject& schema, double number) {
    const bool inside = number >= schema.value(u"minimum"_s).toDouble(-1e300)
                        && number <= schema.value(u"maximum"_s).toDouble(1e300)
                        && number > schema.value(u"exclusiveMinimum"_s).toDouble(-1e300)
                        && number < schema.value(u"exclusiveMaximum"_s).toDouble(1e300);
    return inside ? QString() : u"bounds of %1"_s.arg(number, 0, 'g', 17);
}

QString listProblem(const QJsonObject& schema, const QJsonArray& list, const QJsonValue& document) {
    if (list.size() < schema.value(u"minItems"_s).toInt(0) || list.size() > schema.value(u"maxItems"_s).toInt(1 << 30))
        return u"%1 items"_s.arg(list.size());
    const QJsonArray prefix = schema.value(u"prefixItems"_s).toArray();
    for (qsizetype index = 0; index < list.size(); ++index) {
        const QJsonValue item = index < prefix.size() ? prefix.at(index) : schema.value(u"items"_s);
        if (const QString problem = schemaProblem(item, list.at(index), document); !problem.isEmpty())
            return u"item %1: "_s.arg(index) + problem;
    }
    return {};
}

QString objectProblem(const QJsonObject& schema, const QJsonObject& object, const QJsonValue& document) {
    const QJsonObject properties = schema.value(u"properties"_s).toObject();
    const QJsonObject patterns = schema.value(u"patternProperties"_s).toObject();
    for (const QJsonValue& name : schema.value(u"required"_s).toArray())
        if (!object.contains(name.toString()))
            return u"no "_s + name.toString();
    if (object.size() < schema.value(u"minProperties"_s).toInt(0)
        || object.size() > schema.value(u"maxProperties"_s).toInt(1 << 30))
        return u"%1 properties"_s.arg(object.size());
    for (auto member = object.begin(); member != object.end(); ++member) {
        QList<QJsonValue> schemas;
        if (properties.contains(member.key()))
            schemas.append(properties.value(member.key()));
        for (auto pattern = patterns.begin(); pattern != patterns.end(); ++pattern)
            if (QRegularExpression(pattern.key()).match(member.key()).hasMatch())
                schemas.append(pattern.value());
        if (schemas.isEmpty())
            schemas.append(schema.value(u"additionalProperties"_s));
        for (const QJsonValue& one : schemas)
            if (const QString problem = schemaProblem(one, member.value(), document); !problem.isEmpty())
                return member.key() + u": "_s + problem;
    }
    return {};
}

QJsonValue target(const QJsonValue& document, const QString& reference) {
    QJsonValue value = document;
    for (const QString& part : reference.mid(1).split(u'/', Qt::SkipEmptyParts))
        value = value.toObject().value(part);
    return value;
}

} // namespace

QString schemaProblem(const QJsonValue& schema, const QJsonValue& value, const QJsonValue& document) {
    if (schema.isBool() || schema.isUndefined())
        return schema.toBool(true) ? QString() : u"nothing is allowed here"_s;
    const QJsonObject object = schema.toObject();
    if (object.contains(u"$ref"_s)) {
        const QString problem = schemaProblem(target(document, object.value(u"$ref"_s).toString()), value, document);
        if (!problem.isEmpty())
            return problem;
    }
    for (const QJsonValue& part : object.value(u"allOf"_s).toArray())
        if (const QString problem = schemaProblem(part, value, document); !problem.isEmpty())
            return problem;
    for (const QString& key : {u"anyOf"_s, u"oneOf"_s}) {
        QStringList problems;
        bool fits = !object.contains(key);
        for (const QJsonValue& option : object.value(key).toArray()) {
            problems.append(schemaProblem(option, value, document));
            fits |= problems.last().isEmpty();
        }
        if (!fits)
            return problems.join(u" and "_s);
    }
    if (object.contains(u"const"_s) && object.value(u"const"_s) != value)
        return u"not the constant"_s;
    if (object.contains(u"enum"_s) && !object.value(u"enum"_s).toArray().contains(value))
        return u"not in the list"_s;
    if (object.contains(u"type"_s)) {
        const QJsonValue type = object.value(u"type"_s);
        bool fits = type.isString() && isOfType(value, type.toString());
        for (const QJsonValue& one : type.toArray())
            fits |= isOfType(value, one.toString());
        if (!fits)
            return u"type"_s;
    }
    if (value.isString())
        return textProblem(object, value.toString());
    if (value.isDouble())
        return numberProblem(object, value.toDouble());
    if (value.isArray())
        return listProblem(object, value.toArray(), document);
    return value.isObject() ? objectProblem(object, value.toObject(), document) : QString();
}

} // namespace hearth
