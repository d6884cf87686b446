#include "engine/text/grammar/json_schema.h"

#include "engine/text/grammar/json_values.h"
#include "engine/text/grammar/schema_merge.h"
#include "engine/text/grammar/schema_reader.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace hearth {

namespace {

constexpr std::size_t kLongestSource = std::size_t{1} << 20;
constexpr int kDeepestJson = 100;

/// Checks before parsing, so that nothing that walks the document recurses too deeply.
Status checkNesting(std::string_view source) {
    int depth = 0;
    bool inString = false;
    for (std::size_t at = 0; at < source.size(); ++at) {
        const char character = source[at];
        if (inString) {
            if (character == '\\')
                ++at;
            else if (character == '"')
                inString = false;
        } else if (character == '"') {
            inString = true;
        } else if (character == '{' || character == '[') {
            if (++depth > kDeepestJson)
                return Error{ErrorCode::InvalidInput,
                             "JSON schema: it nests deeper than " + std::to_string(kDeepestJson) + " levels"};
        } else if (character == '}' || character == ']') {
            --depth;
        }
    }
    return {};
}

/// Where the JSON breaks off; nlohmann says it in bytes.
class ErrorPlace : public nlohmann::json_sax<SchemaJson> {
public:
    std::size_t position = 0;

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool string(string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool start_object(std::size_t) override { return true; }
    bool key(string_t&) override { return true; }
    bool end_object() override { return true; }
    bool start_array(std::size_t) override { return true; }
    bool end_array() override { return true; }
    bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
        position = at;
        return false;
    }
};

} // namespace

Result<GrammarRules::Rule> readJsonSchema(std::string_view source, GrammarRules& rules) {
    if (source.size() > kLongestSource)
        return Error{ErrorCode::InvalidInput, "JSON schema: " + std::to_string(source.size()) + " bytes; at most "
                                                  + std::to_string(kLongestSource) + " are read"};
    HEARTH_CHECK(checkNesting(source));
    const SchemaJson schema = SchemaJson::parse(source, nullptr, false);
    if (schema.is_discarded()) {
        ErrorPlace place;
        (void)SchemaJson::sax_parse(source, &place);
        const std::string_view before = source.substr(0, place.position > 0 ? place.position - 1 : 0);
        const auto line = std::count(before.begin(), before.end(), '\n') + 1;
        const std::size_t column =
            before.size() - (before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1) + 1;
        return Error{ErrorCode::InvalidInput, "JSON schema: line " + std::to_string(line) + ", column "
                                                  + std::to_string(column) + ": this is no JSON"};
    }
    SchemaReader reader(schema, rules);
    HEARTH_TRY(const GrammarRules::Node value, reader.read(schema, "#"));
    const GrammarRules::Rule root = rules.rule("JSON document");
    JsonValues values(rules);
    rules.define(root, rules.sequence({values.space(), value}));
    return root;
}

} // namespace hearth
