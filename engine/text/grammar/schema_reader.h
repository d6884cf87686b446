#pragma once

#include "engine/text/grammar/grammar_rules.h"
#include "engine/text/grammar/json_values.h"
#include "engine/text/grammar/schema_merge.h"
#include "engine/text/grammar/string_language.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearth {

/// Writes the rules of a schema's documents. Schemas with the same text share a rule, which is what ends recursion.
/// Places are JSON pointers from "#". Thread: one.
class SchemaReader {
public:
    using Node = GrammarRules::Node;

    /// Both outlive the reader.
    SchemaReader(const SchemaJson& document, GrammarRules& rules)
        : m_document(document), m_rules(rules), m_values(rules) {}

    [[nodiscard]] Result<Node> read(const SchemaJson& schema, const std::string& place);

private:
    /// How many of something there may be; most < 0: no limit.
    struct Count {
        std::int32_t least = 0;
        std::int32_t most = -1;
    };
    /// A member of an object.
    struct Member {
        Node node;
        bool required;
    };
    /// Names of a certain kind, and what their values are.
    struct OtherMembers {
        StringLanguage names;
        SchemaJson schema;
    };

    [[nodiscard]] Error wrong(const std::string& place, const std::string& message) const;
    /// The schema with $ref and allOf written out.
    [[nodiscard]] Result<SchemaJson> flattened(const SchemaJson& schema, const std::string& place, int depth);
    [[nodiscard]] Result<const SchemaJson*> resolved(const SchemaJson& reference, const std::string& place) const;
    [[nodiscard]] Status checkKeywords(const SchemaJson& schema, const std::string& place) const;
    [[nodiscard]] Result<Node> readBody(const SchemaJson& schema, const std::string& place);
    [[nodiscard]] Result<Node> readOptions(SchemaJson schema, const char* key, const std::string& place);
    [[nodiscard]] Result<Node> readValues(const SchemaJson& schema, const SchemaJson& values, const std::string& place);
    [[nodiscard]] Result<std::vector<std::string>> typesOf(const SchemaJson& schema, const std::string& place) const;
    [[nodiscard]] Result<Node> readType(const std::string& type, const SchemaJson& schema, const std::string& place);

    [[nodiscard]] Result<Node> readText(const SchemaJson& schema, const std::string& place);
    [[nodiscard]] Result<std::optional<StringLanguage>> languageOf(const SchemaJson& schema, const std::string& place);
    [[nodiscard]] Result<Node> readNumber(bool integer, const SchemaJson& schema, const std::string& place);
    [[nodiscard]] Result<JsonValues::Bounds> boundsOf(const SchemaJson& schema, const std::string& place) const;
    [[nodiscard]] Result<Node> readList(const SchemaJson& schema, const std::string& place);
    [[nodiscard]] Result<Node> readObject(const SchemaJson& schema, const std::string& place);
    [[nodiscard]] Result<std::vector<Member>> readMembers(const SchemaJson& schema, const std::string& place);
    [[nodiscard]] Result<std::vector<Node>> readOtherMembers(const SchemaJson& schema, const std::string& place);
    [[nodiscard]] Result<std::vector<OtherMembers>> kindsOfOthers(const SchemaJson& schema, const std::string& place);
    [[nodiscard]] Node membersInOrder(const std::vector<Member>& members, const std::optional<Node>& other);
    [[nodiscard]] Node memberOf(Node name, Node value);
    [[nodiscard]] Result<Count> countOf(const SchemaJson& schema, const char* least, const char* most,
                                        const std::string& place) const;

    const SchemaJson& m_document;
    GrammarRules& m_rules;
    JsonValues m_values;
    std::map<std::string, GrammarRules::Rule> m_known; ///< by the schema's text
    int m_depth = 0;
};

} // namespace hearth
