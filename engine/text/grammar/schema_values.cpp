// Texts, numbers and counts of schemas.

#include "engine/text/grammar/schema_reader.h"

#include <algorithm>
#include <limits>

namespace hearth {

namespace {

struct Format {
    std::string_view name;
    std::string_view pattern;
};

// Days fit their months, and leap years are known: what reads the value later would refuse the 30th of February.
#define HEARTH_DATE                                                                                                    \
    "((\\d{4})-((01|03|05|07|08|10|12)-(0[1-9]|[12]\\d|3[01])|(04|06|09|11)-(0[1-9]|[12]\\d|30)|02-(0[1-9]|1\\d|2[0-"  \
    "8])"                                                                                                              \
    ")|(\\d\\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)"
#define HEARTH_TIME "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)"
#define HEARTH_BYTE "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)"
#define HEARTH_LABEL "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

constexpr Format kFormats[] = {
    {"date", "^" HEARTH_DATE "$"},
    {"time", "^" HEARTH_TIME "$"},
    {"date-time", "^" HEARTH_DATE "T" HEARTH_TIME "$"},
    {"duration",
     "^P(\\d{1,4}W|(\\d{1,4}Y(\\d{1,2}M)?(\\d{1,3}D)?|\\d{1,2}M(\\d{1,3}D)?|\\d{1,3}D)(T(\\d{1,2}H(\\d{1,2}M)?("
     "\\d{1,2}S)?|\\d{1,2}M(\\d{1,2}S)?|\\d{1,2}S))?|T(\\d{1,2}H(\\d{1,2}M)?(\\d{1,2}S)?|\\d{1,2}M(\\d{1,2}S)?|\\d{1,"
     "2}S))$"},
    {"uuid", "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"},
    {"email", "^[A-Za-z0-9_+-]+(\\.[A-Za-z0-9_+-]+)*@(" HEARTH_LABEL "\\.)+[A-Za-z]{2,24}$"},
    {"hostname", "^(" HEARTH_LABEL "\\.)*" HEARTH_LABEL "$"},
    {"ipv4", "^" HEARTH_BYTE "(\\." HEARTH_BYTE "){3}$"},
    {"ipv6",
     "^(([0-9a-fA-F]{1,4}:){7}[0-9a-fA-F]{1,4}|([0-9a-fA-F]{1,4}:){1,6}:[0-9a-fA-F]{1,4}|::([0-9a-fA-F]{1,4}:){0,5}"
     "[0-9a-fA-F]{1,4}|::)$"},
    {"uri",
     "^[A-Za-z][A-Za-z0-9+.-]*:(//([A-Za-z0-9._~-]+(:\\d{1,5})?))?(/[A-Za-z0-9._~!$&'()*+,;=:@-]*)*(\\?[A-Za-z0-9._"
     "~!$&'()*+,;=:@/?-]*)?(#[A-Za-z0-9._~!$&'()*+,;=:@/?-]*)?$"},
};

#undef HEARTH_DATE
#undef HEARTH_TIME
#undef HEARTH_BYTE
#undef HEARTH_LABEL

} // namespace

Result<SchemaReader::Count> SchemaReader::countOf(const SchemaJson& schema, const char* least, const char* most,
                                                  const std::string& place) const {
    constexpr double kMostCount = 100'000;
    Count count;
    for (const char* const key : {least, most}) {
        const auto found = schema.find(key);
        if (found == schema.end())
            continue;
        const bool whole =
            found->is_number() && found->get<double>() >= 0
            && found->get<double>()
                   == static_cast<double>(static_cast<std::int64_t>(std::min(found->get<double>(), 1e15)));
        if (!whole)
            return wrong(place, std::string(key) + " must be a whole number of at least 0");
        const double value = found->get<double>();
        if (key == least && value > kMostCount)
            return wrong(place, std::string(key) + " is more than 100000");
        // A limit that no answer reaches is none.
        if (key == least)
            count.least = static_cast<std::int32_t>(value);
        else if (value <= kMostCount)
            count.most = static_cast<std::int32_t>(value);
    }
    return count;
}

Result<std::optional<StringLanguage>> SchemaReader::languageOf(const SchemaJson& schema, const std::string& place) {
    std::optional<StringLanguage> language;
    const auto add = [&](std::string_view pattern) -> Status {
        auto read = StringLanguage::fromPattern(pattern);
        if (!read)
            return wrong(place, read.error().message);
        if (!language) {
            language = std::move(read).value();
            return {};
        }
        HEARTH_TRY(language, language->intersected(*read));
        return {};
    };
    if (const auto patterns = schema.find(kAllPatterns); patterns != schema.end())
        for (const SchemaJson& pattern : *patterns) {
            if (!pattern.is_string())
                return wrong(place, "pattern must be a text");
            HEARTH_CHECK(add(pattern.get_ref<const std::string&>()));
        }
    if (const auto format = schema.find("format"); format != schema.end() && format->is_string())
        for (const Format& known : kFormats)
            if (known.name == format->get_ref<const std::string&>())
                HEARTH_CHECK(add(known.pattern));
    return language;
}

Result<SchemaReader::Node> SchemaReader::readText(const SchemaJson& schema, const std::string& place) {
    HEARTH_TRY(const Count count, countOf(schema, "minLength", "maxLength", place));
    HEARTH_TRY(std::optional<StringLanguage> language, languageOf(schema, place));
    if (count.most >= 0 && count.most < count.least)
        return m_rules.choice({});
    if (!language)
        return m_values.text(count.least, count.most);
    if (count.least > 0 || count.most >= 0) {
        if (static_cast<std::size_t>(std::max(count.least, count.most)) > StringLanguage::kMostStates)
            return wrong(place, "pattern or format together with a length beyond "
                                    + std::to_string(StringLanguage::kMostStates) + " cannot be enforced");
        auto both = language->intersected(StringLanguage::ofLength(count.least, count.most));
        if (!both)
            return wrong(place, both.error().message);
        language = std::move(both).value();
    }
    return m_rules.sequence({m_rules.text("\""), language->asJson(m_rules), m_rules.text("\"")});
}

Result<JsonValues::Bounds> SchemaReader::boundsOf(const SchemaJson& schema, const std::string& place) const {
    JsonValues::Bounds bounds;
    const auto read = [&](const char* key, const char* excludedKey, bool isLeast) -> Status {
        auto& bound = isLeast ? bounds.least : bounds.most;
        bool& excluded = isLeast ? bounds.leastExcluded : bounds.mostExcluded;
        for (const char* const name : {key, excludedKey}) {
            const auto found = schema.find(name);
            if (found == schema.end())
                continue;
            if (name == excludedKey && found->is_boolean()) { // draft 4
                excluded = bound.has_value() && found->get<bool>();
                continue;
            }
            if (!found->is_number())
                return wrong(place, std::string(name) + " must be a number");
            const double value = found->get<double>();
            const double before = bound ? bound->get<double>() : 0;
            const bool tighter =
                !bound || (isLeast ? value > before : value < before) || (value == before && name == excludedKey);
            if (tighter) {
                bound = *found;
                excluded = name == excludedKey;
            }
        }
        return {};
    };
    HEARTH_CHECK(read("minimum", "exclusiveMinimum", true));
    HEARTH_CHECK(read("maximum", "exclusiveMaximum", false));
    return bounds;
}

Result<SchemaReader::Node> SchemaReader::readNumber(bool integer, const SchemaJson& schema, const std::string& place) {
    if (const auto step = schema.find("multipleOf"); step != schema.end()) {
        if (!step->is_number() || step->get<double>() != 1)
            return wrong(place, "'multipleOf' other than 1 cannot be enforced");
        integer = true;
    }
    HEARTH_TRY(const JsonValues::Bounds bounds, boundsOf(schema, place));
    return integer ? m_values.integerWithin(bounds) : m_values.numberWithin(bounds);
}

} // namespace hearth
