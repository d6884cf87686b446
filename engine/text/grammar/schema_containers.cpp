// Lists and objects of schemas.

#include "engine/text/grammar/schema_reader.h"

#include <algorithm>

namespace hearth {

namespace {

// With more kinds of names than this every mixture of them would have to be looked at.
constexpr std::size_t kMostPatterns = 5;

SchemaJson memberOr(const SchemaJson& schema, std::string_view key, const SchemaJson& fallback) {
    const auto found = schema.find(key);
    return found == schema.end() ? fallback : *found;
}

} // namespace

Result<SchemaReader::Node> SchemaReader::readList(const SchemaJson& schema, const std::string& place) {
    HEARTH_TRY(Count count, countOf(schema, "minItems", "maxItems", place));
    SchemaJson items = memberOr(schema, "items", true);
    SchemaJson prefix = memberOr(schema, "prefixItems", SchemaJson::array());
    if (items.is_array()) { // before draft 2020-12
        prefix = items;
        items = memberOr(schema, "additionalItems", true);
    }
    if (!prefix.is_array())
        return wrong(place, "prefixItems must be a list");
    const auto prefixCount = static_cast<std::int32_t>(prefix.size());
    if (items == SchemaJson(false))
        count.most = count.most < 0 ? prefixCount : std::min(count.most, prefixCount);
    if (count.most >= 0 && count.most < count.least)
        return m_rules.choice({});

    // From the last item to the first: what may follow when so many are there.
    const std::int32_t fixed = count.most < 0 ? prefixCount : std::min(prefixCount, count.most);
    Node rest = m_rules.sequence({});
    if (count.most < 0 || count.most > fixed) {
        HEARTH_TRY(const Node item, read(items, place + "/items"));
        const std::int32_t least = std::max(count.least - fixed, 0);
        const std::int32_t most = count.most < 0 ? GrammarRules::kUnlimited : count.most - fixed;
        const Node next = m_rules.sequence({m_values.comma(), item});
        if (fixed > 0)
            rest = m_rules.repeat(next, least, most);
        else if (most != 0)
            rest = m_rules.sequence({item, m_rules.repeat(next, std::max(least - 1, 0), most < 0 ? most : most - 1)});
        if (fixed == 0 && least == 0)
            rest = m_rules.optional(rest);
    }
    for (std::int32_t index = fixed - 1; index >= 0; --index) {
        HEARTH_TRY(const Node item,
                   read(prefix[static_cast<std::size_t>(index)], place + "/prefixItems/" + std::to_string(index)));
        // A rule of its own, so that long lists do not nest.
        const GrammarRules::Rule from = m_rules.anonymousRule();
        const Node here = m_rules.sequence({index > 0 ? m_values.comma() : m_rules.sequence({}), item, rest});
        m_rules.define(from, index >= count.least ? m_rules.optional(here) : here);
        rest = m_rules.call(from);
    }
    return m_rules.sequence({m_rules.text("["), m_values.space(), rest, m_values.space(), m_rules.text("]")});
}

SchemaReader::Node SchemaReader::memberOf(Node name, Node value) {
    const GrammarRules::Rule member = m_rules.anonymousRule();
    m_rules.define(member, m_rules.sequence({name, m_values.space(), m_rules.text(":"), m_values.space(), value}));
    return m_rules.call(member);
}

Result<std::vector<SchemaReader::Member>> SchemaReader::readMembers(const SchemaJson& schema,
                                                                    const std::string& place) {
    const SchemaJson properties = memberOr(schema, "properties", SchemaJson::object());
    const SchemaJson required = memberOr(schema, "required", SchemaJson::array());
    const SchemaJson patterns = memberOr(schema, "patternProperties", SchemaJson::object());
    if (!properties.is_object() || !patterns.is_object())
        return wrong(place, "properties and patternProperties must be objects");
    if (!required.is_array() && !required.is_boolean()) // draft 3 has truth values there, which say nothing here
        return wrong(place, "required must be a list of names");
    std::vector<std::pair<std::string, SchemaJson>> named;
    for (const auto& [name, value] : properties.items())
        named.emplace_back(name, value);
    for (const SchemaJson& name : required.is_array() ? required : SchemaJson::array()) {
        if (!name.is_string())
            return wrong(place, "required must be a list of names");
        if (!properties.contains(name.get_ref<const std::string&>()))
            named.emplace_back(name.get<std::string>(), memberOr(schema, "additionalProperties", true));
    }
    std::vector<Member> members;
    for (auto& [name, value] : named) {
        const std::string where = place + "/properties/" + name;
        for (const auto& [pattern, more] : patterns.items()) {
            auto names = StringLanguage::fromPattern(pattern);
            if (!names)
                return wrong(place + "/patternProperties", names.error().message);
            if (names->matches(name))
                value = {{"allOf", SchemaJson::array({value, more})}};
        }
        HEARTH_TRY(const Node node, read(value, where));
        const Node quoted = m_rules.text(SchemaJson(name).dump(-1, ' ', false, SchemaJson::error_handler_t::replace));
        const bool isRequired =
            required.is_array() && std::find(required.begin(), required.end(), SchemaJson(name)) != required.end();
        members.push_back({memberOf(quoted, node), isRequired});
    }
    return members;
}

/// The names that no property has, parted by the patterns that they match, with what their values are then.
Result<std::vector<SchemaReader::OtherMembers>> SchemaReader::kindsOfOthers(const SchemaJson& schema,
                                                                            const std::string& place) {
    const SchemaJson patterns = memberOr(schema, "patternProperties", SchemaJson::object());
    // Without a word on them there are none, unless nothing else is said of what the object holds.
    const bool open = memberOr(schema, "properties", SchemaJson::object()).empty()
                      && memberOr(schema, "required", SchemaJson::array()).empty() && patterns.empty();
    const SchemaJson others = memberOr(schema, "additionalProperties", open);
    if (patterns.size() > kMostPatterns)
        return wrong(place, "more than " + std::to_string(kMostPatterns) + " patternProperties cannot be enforced");
    std::vector<std::string> taken;
    for (const char* const key : {"properties", "required"}) {
        const SchemaJson named = memberOr(schema, key, SchemaJson::object());
        for (const auto& [name, value] : named.items())
            taken.push_back(named.is_object() ? name : value.is_string() ? value.get<std::string>() : std::string());
    }
    std::vector<OtherMembers> kinds{{StringLanguage::ofTexts(taken).complement(), SchemaJson(true)}};
    if (const auto names = schema.find("propertyNames"); names != schema.end()) {
        HEARTH_TRY(const SchemaJson flat, flattened(*names, place + "/propertyNames", 0));
        HEARTH_TRY(const Count count, countOf(flat, "minLength", "maxLength", place));
        HEARTH_TRY(const auto language, languageOf(flat, place + "/propertyNames"));
        if (flat.contains("enum") || flat.contains("const") || flat.contains("anyOf") || flat.contains("oneOf"))
            return wrong(place + "/propertyNames", "only pattern, format and length can be enforced here");
        HEARTH_TRY(kinds[0].names, kinds[0].names.intersected(StringLanguage::ofLength(count.least, count.most)));
        if (language) {
            HEARTH_TRY(kinds[0].names, kinds[0].names.intersected(*language));
        }
    }
    std::vector<bool> matched{false};
    for (const auto& [pattern, value] : patterns.items()) {
        auto names = StringLanguage::fromPattern(pattern);
        if (!names)
            return wrong(place + "/patternProperties", names.error().message);
        const std::size_t count = kinds.size();
        for (std::size_t index = 0; index < count; ++index) {
            HEARTH_TRY(StringLanguage inside, kinds[index].names.intersected(*names));
            HEARTH_TRY(kinds[index].names, kinds[index].names.intersected(names->complement()));
            SchemaJson joined = matched[index] ? SchemaJson{{"allOf", {kinds[index].schema, value}}} : value;
            kinds.push_back({std::move(inside), std::move(joined)});
            matched.push_back(true);
        }
    }
    for (std::size_t index = 0; index < kinds.size(); ++index)
        if (!matched[index])
            kinds[index].schema = others;
    std::erase_if(kinds, [](const OtherMembers& kind) { return kind.schema == SchemaJson(false); });
    return kinds;
}

Result<std::vector<SchemaReader::Node>> SchemaReader::readOtherMembers(const SchemaJson& schema,
                                                                       const std::string& place) {
    HEARTH_TRY(const std::vector<OtherMembers> kinds, kindsOfOthers(schema, place));
    std::vector<Node> nodes;
    for (const OtherMembers& kind : kinds) {
        HEARTH_TRY(const Node value, read(kind.schema, place + "/additionalProperties"));
        const Node name = m_rules.sequence({m_rules.text("\""), kind.names.asJson(m_rules), m_rules.text("\"")});
        nodes.push_back(memberOf(name, value));
    }
    return nodes;
}

/// Members in their order, with commas only between them; `other` ones behind.
SchemaReader::Node SchemaReader::membersInOrder(const std::vector<Member>& members, const std::optional<Node>& other) {
    // What may follow, if something stands before it and if not; from the last member to the first.
    Node behind = m_rules.sequence({});
    Node first = behind;
    if (other) {
        behind = m_rules.repeat(m_rules.sequence({m_values.comma(), *other}), 0, GrammarRules::kUnlimited);
        first = m_rules.optional(m_rules.sequence({*other, behind}));
    }
    for (auto member = members.rbegin(); member != members.rend(); ++member) {
        const Node startsHere = m_rules.sequence({member->node, behind});
        const Node goesOnHere = m_rules.sequence({m_values.comma(), member->node, behind});
        const GrammarRules::Rule atStart = m_rules.anonymousRule();
        const GrammarRules::Rule later = m_rules.anonymousRule();
        m_rules.define(atStart, member->required ? startsHere : m_rules.choice({startsHere, first}));
        m_rules.define(later, member->required ? goesOnHere : m_rules.choice({goesOnHere, behind}));
        first = m_rules.call(atStart);
        behind = m_rules.call(later);
    }
    return first;
}

Result<SchemaReader::Node> SchemaReader::readObject(const SchemaJson& schema, const std::string& place) {
    HEARTH_TRY(const Count count, countOf(schema, "minProperties", "maxProperties", place));
    HEARTH_TRY(const std::vector<Member> members, readMembers(schema, place));
    HEARTH_TRY(const std::vector<Node> others, readOtherMembers(schema, place));
    const auto other = others.empty() ? std::nullopt : std::optional<Node>(m_rules.choice(others));
    Node inside = membersInOrder(members, other);
    if (count.least > 0 || count.most >= 0) {
        const auto required =
            std::count_if(members.begin(), members.end(), [](const Member& it) { return it.required; });
        const bool leastHolds = count.least <= required;
        const bool mostHolds = count.most < 0 || (!other && static_cast<std::size_t>(count.most) >= members.size());
        if ((!leastHolds || !mostHolds) && !members.empty())
            return wrong(place, "minProperties and maxProperties beside properties cannot be enforced");
        if (members.empty() && (!other || count.most == 0)) {
            inside = count.least > 0 ? m_rules.choice({}) : m_rules.sequence({});
        } else if (members.empty()) {
            if (count.most >= 0 && count.most < count.least)
                return m_rules.choice({});
            const Node next = m_rules.sequence({m_values.comma(), *other});
            const Node all = m_rules.sequence({*other, m_rules.repeat(next, std::max(count.least - 1, 0),
                                                                      count.most < 0 ? count.most : count.most - 1)});
            inside = count.least > 0 ? all : m_rules.optional(all);
        }
    }
    return m_rules.sequence({m_rules.text("{"), m_values.space(), inside, m_values.space(), m_rules.text("}")});
}

} // namespace hearth
