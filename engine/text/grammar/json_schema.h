#pragma once

#include "engine/text/grammar/grammar_rules.h"
#include "kernels/base/result.h"

#include <string_view>

namespace hearth {

/// Reads a JSON schema (drafts 4 to 2020-12) into rules whose texts are JSON documents that it accepts.
///
/// Enforced: type (also several), enum, const, properties, required, additionalProperties, patternProperties,
/// minProperties and maxProperties, items, prefixItems (and items as a list), additionalItems, minItems, maxItems,
/// minLength, maxLength, pattern, format (date, time, date-time, duration, email, hostname, ipv4, ipv6, uri, uuid),
/// minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf 1, allOf, anyOf, oneOf, $ref inside of the document
/// also to itself, true and false. Without a type, the keywords say which is meant; without any, every value is.
///
/// Narrower than the schema: properties come in its order; others only where additionalProperties asks for them, or
/// where it names none; numbers have at most 16 digits before and after the point, and no exponent where they are
/// bounded; white space is at most one space, or one line feed with indentation. oneOf is read as anyOf: its options
/// should exclude each other. Annotations and unknown formats have no effect. What cannot be enforced (not, if,
/// uniqueItems, contains, …) is refused.
///
/// Returns the rule of the whole document. Errors: InvalidInput with the place in the schema.
[[nodiscard]] Result<GrammarRules::Rule> readJsonSchema(std::string_view source, GrammarRules& rules);

} // namespace hearth
