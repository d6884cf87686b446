#include "engine/text/grammar/schema_merge.h"

#include <algorithm>
#include <array>
#include <set>

namespace hearth {

namespace {

SchemaJson listOf(const SchemaJson& value) {
    return value.is_array() ? value : SchemaJson::array({value});
}

/// Both at once, read when it is needed.
SchemaJson both(const SchemaJson& left, const SchemaJson& right) {
    if (left == right || right == SchemaJson(true))
        return left;
    if (left == SchemaJson(true))
        return right;
    return {{"allOf", SchemaJson::array({left, right})}};
}

SchemaJson commonTypes(const SchemaJson& left, const SchemaJson& right) {
    SchemaJson common = SchemaJson::array();
    const auto add = [&common](const SchemaJson& type) {
        if (std::find(common.begin(), common.end(), type) == common.end())
            common.push_back(type);
    };
    for (const SchemaJson& one : listOf(left))
        for (const SchemaJson& other : listOf(right)) {
            if (one == other || (one == "integer" && other == "number"))
                add(one);
            else if (one == "number" && other == "integer")
                add(other);
        }
    return common;
}

SchemaJson commonValues(const SchemaJson& left, const SchemaJson& right) {
    SchemaJson common = SchemaJson::array();
    for (const SchemaJson& value : left)
        if (std::find(right.begin(), right.end(), value) != right.end())
            common.push_back(value);
    return common;
}

SchemaJson unitedLists(const SchemaJson& left, const SchemaJson& right) {
    SchemaJson all = left;
    for (const SchemaJson& value : right)
        if (std::find(all.begin(), all.end(), value) == all.end())
            all.push_back(value);
    return all;
}

/// What a schema says of a property that it does not name.
SchemaJson ofOthers(const SchemaJson& schema) {
    const auto found = schema.find("additionalProperties");
    return found == schema.end() ? SchemaJson(true) : *found;
}

SchemaJson mergedProperties(const SchemaJson& left, const SchemaJson& right) {
    const auto propertiesOf = [](const SchemaJson& schema) {
        const auto found = schema.find("properties");
        return found == schema.end() ? SchemaJson(SchemaJson::object()) : *found;
    };
    const SchemaJson first = propertiesOf(left);
    const SchemaJson second = propertiesOf(right);
    SchemaJson merged = SchemaJson::object();
    for (const auto& [name, schema] : first.items())
        merged[name] = both(schema, second.contains(name) ? second[name] : ofOthers(right));
    for (const auto& [name, schema] : second.items())
        if (!first.contains(name))
            merged[name] = both(schema, ofOthers(left));
    return merged;
}

bool isLeastBound(std::string_view key) {
    return key == "minimum" || key == "exclusiveMinimum" || key == "minLength" || key == "minItems"
           || key == "minProperties";
}
bool isMostBound(std::string_view key) {
    return key == "maximum" || key == "exclusiveMaximum" || key == "maxLength" || key == "maxItems"
           || key == "maxProperties";
}
/// Keywords that only describe.
bool isAnnotation(std::string_view key) {
    constexpr std::array<std::string_view, 15> kKeys{"title",    "description", "default", "examples",    "example",
                                                     "$schema",  "$id",         "id",      "$comment",    "deprecated",
                                                     "readOnly", "writeOnly",   "$defs",   "definitions", "$anchor"};
    return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

/// The alternatives of both: each of the one with all of the other.
SchemaJson crossed(const SchemaJson& left, const char* key, const SchemaJson& right) {
    SchemaJson options = SchemaJson::array();
    for (const SchemaJson& option : left)
        options.push_back({{"allOf", SchemaJson::array({option, SchemaJson{{key, right}}})}});
    return options;
}

} // namespace

Result<SchemaJson> mergeSchemas(const SchemaJson& left, const SchemaJson& right, const std::string& place) {
    if (left == SchemaJson(true) || right == SchemaJson(false))
        return right;
    if (right == SchemaJson(true) || left == SchemaJson(false))
        return left;
    if (!left.is_object() || !right.is_object())
        return Error{ErrorCode::InvalidInput,
                     "JSON schema: " + place + ": expected a schema, an object or true or false"};
    SchemaJson merged = left;
    if (left.contains("properties") || right.contains("properties"))
        merged["properties"] = mergedProperties(left, right);
    for (const auto& [key, value] : right.items()) {
        if (key == "properties")
            continue;
        const auto found = merged.find(key);
        if (found == merged.end()) {
            merged[key] = value;
            continue;
        }
        if (*found == value || isAnnotation(key))
            continue;
        const bool numbers = found->is_number() && value.is_number();
        if (key == "type")
            *found = commonTypes(*found, value);
        else if (key == "enum")
            *found = commonValues(*found, value);
        else if (key == "const")
            return SchemaJson(false); // two different ones
        else if (key == "required" || key == kAllPatterns)
            *found = unitedLists(*found, value);
        else if (numbers && isLeastBound(key))
            *found = std::max(found->get<double>(), value.get<double>()) == value.get<double>() ? value : *found;
        else if (numbers && isMostBound(key))
            *found = std::min(found->get<double>(), value.get<double>()) == value.get<double>() ? value : *found;
        else if (key == "additionalProperties" || key == "items" || key == "additionalItems" || key == "propertyNames")
            *found = both(*found, value);
        else if (key == "anyOf" || key == "oneOf")
            *found = crossed(*found, key.c_str(), value);
        else if (key == "allOf")
            *found = unitedLists(*found, value);
        else
            return Error{ErrorCode::InvalidInput,
                         "JSON schema: " + place + ": '" + key + "' of two schemas cannot be enforced together"};
    }
    return merged;
}

} // namespace hearth
