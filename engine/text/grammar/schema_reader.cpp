#include "engine/text/grammar/schema_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>

namespace hearth {

namespace {

constexpr int kDeepestReferences = 64;
constexpr int kDeepestSchema = 200;
constexpr std::size_t kMostRules = 20'000;

/// Keywords that would change what is valid and are not enforced.
constexpr std::array<std::string_view, 14> kRefused{
    "not",          "if",           "then",        "else",        "dependentSchemas",      "dependentRequired",
    "dependencies", "contains",     "minContains", "maxContains", "unevaluatedProperties", "unevaluatedItems",
    "$dynamicRef",  "$recursiveRef"};

bool isType(const SchemaJson& value, std::string_view type) {
    if (type == "integer")
        return value.is_number_integer();
    if (type == "number")
        return value.is_number();
    if (type == "string")
        return value.is_string();
    if (type == "boolean")
        return value.is_boolean();
    if (type == "null")
        return value.is_null();
    return type == "array" ? value.is_array() : value.is_object();
}

/// A pointer's part as it stands in the document: ~1 is /, ~0 is ~, %XX a byte.
std::string unescaped(std::string_view part) {
    std::string text;
    for (std::size_t at = 0; at < part.size(); ++at) {
        unsigned value = 0;
        if (part[at] == '%' && at + 2 < part.size()
            && std::from_chars(part.data() + at + 1, part.data() + at + 3, value, 16).ptr == part.data() + at + 3) {
            text += static_cast<char>(value);
            at += 2;
        } else if (part[at] == '~' && at + 1 < part.size() && (part[at + 1] == '0' || part[at + 1] == '1')) {
            text += part[++at] == '0' ? '~' : '/';
        } else {
            text += part[at];
        }
    }
    return text;
}

/// The schema with a $anchor, if the document has it.
const SchemaJson* findAnchor(const SchemaJson& schema, const std::string& anchor) {
    if (schema.is_object() && schema.value("$anchor", SchemaJson()) == SchemaJson(anchor))
        return &schema;
    if (schema.is_structured())
        for (const SchemaJson& part : schema)
            if (const SchemaJson* const found = findAnchor(part, anchor))
                return found;
    return nullptr;
}

} // namespace

Error SchemaReader::wrong(const std::string& place, const std::string& message) const {
    return {ErrorCode::InvalidInput, "JSON schema: " + place + ": " + message};
}

Result<const SchemaJson*> SchemaReader::resolved(const SchemaJson& reference, const std::string& place) const {
    if (!reference.is_string())
        return wrong(place, "$ref must be a text");
    const std::string& text = reference.get_ref<const std::string&>();
    const auto id = m_document.is_object() ? m_document.value("$id", SchemaJson()) : SchemaJson();
    std::string_view pointer = text;
    if (id.is_string() && !id.get_ref<const std::string&>().empty()
        && pointer.starts_with(id.get_ref<const std::string&>()))
        pointer.remove_prefix(id.get_ref<const std::string&>().size());
    if (pointer.empty() || pointer == "#")
        return &m_document;
    if (!pointer.starts_with('#'))
        return wrong(place, "$ref '" + text + "' leads out of this document; only places in it (#/…) are read");
    pointer.remove_prefix(1);
    if (!pointer.starts_with('/')) {
        const SchemaJson* const found = findAnchor(m_document, std::string(pointer));
        return found ? Result<const SchemaJson*>(found) : wrong(place, "$ref '" + text + "' leads nowhere");
    }
    const SchemaJson* target = &m_document;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const std::string part = unescaped(pointer.substr(0, pointer.find('/')));
        pointer.remove_prefix(std::min(pointer.find('/'), pointer.size()));
        std::size_t index = 0;
        const bool isIndex =
            std::from_chars(part.data(), part.data() + part.size(), index).ptr == part.data() + part.size();
        if (target->is_object() && target->contains(part))
            target = &(*target)[part];
        else if (target->is_array() && isIndex && !part.empty() && index < target->size())
            target = &(*target)[index];
        else
            return wrong(place, "$ref '" + text + "' leads nowhere: there is no '" + part + "'");
    }
    return target;
}

Result<SchemaJson> SchemaReader::flattened(const SchemaJson& schema, const std::string& place, int depth) {
    if (schema.is_boolean())
        return schema;
    if (!schema.is_object())
        return wrong(place, "expected a schema, an object or true or false");
    if (depth > kDeepestReferences)
        return wrong(place, "$ref and allOf lead back to themselves");
    SchemaJson flat = schema;
    flat.erase("$ref");
    flat.erase("allOf");
    if (const auto pattern = flat.find("pattern"); pattern != flat.end()) {
        const SchemaJson patterns = SchemaJson::array({*pattern});
        flat.erase("pattern");
        flat[std::string(kAllPatterns)] = patterns;
    }
    if (const auto reference = schema.find("$ref"); reference != schema.end()) {
        HEARTH_TRY(const SchemaJson* const target, resolved(*reference, place));
        HEARTH_TRY(const SchemaJson inner, flattened(*target, place + "/$ref", depth + 1));
        HEARTH_TRY(flat, mergeSchemas(flat, inner, place));
    }
    if (const auto all = schema.find("allOf"); all != schema.end()) {
        if (!all->is_array())
            return wrong(place, "allOf must be a list");
        for (std::size_t index = 0; index < all->size(); ++index) {
            const std::string where = place + "/allOf/" + std::to_string(index);
            HEARTH_TRY(const SchemaJson inner, flattened((*all)[index], where, depth + 1));
            HEARTH_TRY(flat, mergeSchemas(flat, inner, where));
        }
    }
    return flat;
}

Status SchemaReader::checkKeywords(const SchemaJson& schema, const std::string& place) const {
    for (const std::string_view key : kRefused)
        if (schema.contains(key))
            return wrong(place, "'" + std::string(key) + "' cannot be enforced");
    if (schema.value("uniqueItems", SchemaJson(false)) != SchemaJson(false))
        return wrong(place, "'uniqueItems' cannot be enforced");
    return {};
}

Result<SchemaReader::Node> SchemaReader::read(const SchemaJson& schema, const std::string& place) {
    if (m_depth > kDeepestSchema || m_rules.rules().size() > kMostRules * 10)
        return wrong(place, "the schema is too big");
    HEARTH_TRY(const SchemaJson flat, flattened(schema, place, 0));
    if (flat == SchemaJson(false))
        return m_rules.choice({});
    if (flat == SchemaJson(true))
        return m_values.any();
    const auto [known, isNew] = m_known.try_emplace(flat.dump(-1, ' ', false, SchemaJson::error_handler_t::replace), 0);
    if (!isNew)
        return m_rules.call(known->second);
    if (m_known.size() > kMostRules)
        return wrong(place, "the schema is too big: it has more than " + std::to_string(kMostRules) + " parts");
    const GrammarRules::Rule rule = m_rules.anonymousRule();
    known->second = rule;
    ++m_depth;
    auto body = readBody(flat, place);
    --m_depth;
    if (!body)
        return body;
    m_rules.define(rule, *body);
    return m_rules.call(rule);
}

Result<SchemaReader::Node> SchemaReader::readBody(const SchemaJson& schema, const std::string& place) {
    HEARTH_CHECK(checkKeywords(schema, place));
    for (const char* const key : {"anyOf", "oneOf"})
        if (schema.contains(key))
            return readOptions(schema, key, place);
    if (const auto value = schema.find("const"); value != schema.end())
        return readValues(schema, SchemaJson::array({*value}), place);
    if (const auto values = schema.find("enum"); values != schema.end()) {
        if (!values->is_array() || values->empty())
            return wrong(place, "enum must be a list of at least one value");
        return readValues(schema, *values, place);
    }
    HEARTH_TRY(const std::vector<std::string> types, typesOf(schema, place));
    std::vector<Node> options;
    for (const std::string& type : types) {
        HEARTH_TRY(const Node option, readType(type, schema, place));
        options.push_back(option);
    }
    return m_rules.choice(options);
}

Result<SchemaReader::Node> SchemaReader::readOptions(SchemaJson schema, const char* key, const std::string& place) {
    const SchemaJson options = schema[key];
    schema.erase(key);
    if (!options.is_array() || options.empty())
        return wrong(place, std::string(key) + " must be a list of at least one schema");
    std::vector<Node> nodes;
    for (std::size_t index = 0; index < options.size(); ++index) {
        const std::string where = place + "/" + key + "/" + std::to_string(index);
        HEARTH_TRY(const SchemaJson option, flattened(options[index], where, 0));
        HEARTH_TRY(const SchemaJson merged, mergeSchemas(schema, option, where));
        HEARTH_TRY(const Node node, read(merged, where));
        nodes.push_back(node);
    }
    return m_rules.choice(nodes);
}

/// Listed values, as far as their type fits; other keywords are for those who write schemas by hand to keep consistent.
Result<SchemaReader::Node> SchemaReader::readValues(const SchemaJson& schema, const SchemaJson& values,
                                                    const std::string& place) {
    const bool typed = schema.contains("type");
    HEARTH_TRY(const std::vector<std::string> types, typesOf(schema, place));
    const auto listed = schema.find("enum");
    std::vector<Node> nodes;
    for (const SchemaJson& value : values) {
        const bool fits = !typed || std::any_of(types.begin(), types.end(), [&](const std::string& type) {
            return isType(value, type);
        });
        const bool inList = listed == schema.end() || std::find(listed->begin(), listed->end(), value) != listed->end();
        if (fits && inList)
            nodes.push_back(m_values.literal(value));
    }
    return m_rules.choice(nodes);
}

Result<std::vector<std::string>> SchemaReader::typesOf(const SchemaJson& schema, const std::string& place) const {
    constexpr std::array<std::string_view, 7> kTypes{"object",  "array",   "string", "number",
                                                     "integer", "boolean", "null"};
    std::vector<std::string> types;
    if (const auto given = schema.find("type"); given != schema.end()) {
        const SchemaJson list = given->is_array() ? *given : SchemaJson::array({*given});
        for (const SchemaJson& type : list) {
            if (!type.is_string() || std::find(kTypes.begin(), kTypes.end(), type.get<std::string>()) == kTypes.end())
                return wrong(place, "unknown type " + type.dump(-1, ' ', false, SchemaJson::error_handler_t::replace)
                                        + "; known are object, array, string, number, integer, boolean, null");
            types.push_back(type.get<std::string>());
        }
        return types;
    }
    const auto hasAny = [&schema](std::initializer_list<std::string_view> keys) {
        return std::any_of(keys.begin(), keys.end(), [&](std::string_view key) { return schema.contains(key); });
    };
    if (hasAny({"properties", "required", "additionalProperties", "patternProperties", "minProperties", "maxProperties",
                "propertyNames"}))
        types.emplace_back("object");
    if (hasAny({"items", "prefixItems", "minItems", "maxItems", "additionalItems"}))
        types.emplace_back("array");
    if (hasAny({kAllPatterns, "minLength", "maxLength", "format"}))
        types.emplace_back("string");
    if (hasAny({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}))
        types.emplace_back("number");
    if (types.empty())
        types = {"object", "array", "string", "number", "boolean", "null"};
    return types;
}

Result<SchemaReader::Node> SchemaReader::readType(const std::string& type, const SchemaJson& schema,
                                                  const std::string& place) {
    if (type == "object")
        return readObject(schema, place);
    if (type == "array")
        return readList(schema, place);
    if (type == "string")
        return readText(schema, place);
    if (type == "number" || type == "integer")
        return readNumber(type == "integer", schema, place);
    return type == "boolean" ? m_values.boolean() : m_values.null();
}

} // namespace hearth
