#include "engine/text/grammar/grammar.h"
#include "engine/text/grammar/grammar_constraint.h"
#include "fake_tokenizer.h"
#include "schema_check.h"

#include <QJsonDocument>
#include <QtTest>

#include <random>

using namespace hearth;

namespace {

/// What the tests have schemas for: a name, the schema, documents of it and documents that are none.
struct SchemaCase {
    const char* name;
    const char* schema;
    std::vector<const char*> documents;
    std::vector<const char*> others;
};

const std::vector<SchemaCase>& schemaCases() {
    static const std::vector<SchemaCase> cases{
        {"person",
         R"({"type":"object","title":"Person","properties":{"name":{"type":"string"},"age":{"type":"integer",
            "minimum":0,"maximum":150},"tags":{"type":"array","items":{"type":"string"}}},"required":["name","age"]})",
         {R"({"name":"Ada","age":36})",
          "{\n  \"name\": \"Ada \\u00e9\\n\",\n  \"age\": 0,\n  \"tags\": [\"a\", \"b\"]\n}",
          R"( {"name" : "" , "age" : 150 , "tags" : []})"},
         {R"({"name":"Ada"})", R"({"name":"Ada","age":151})", R"({"name":"Ada","age":036})", R"({"name":1,"age":2})",
          R"({"name":"Ada","age":3,"x":1})", "{\"name\":\"\n\",\"age\":1}"}},
        {"optional properties",
         R"({"type":"object","properties":{"a":{"const":1},"b":{"const":2},"c":{"const":3},"d":{"const":4}},"required":["c"]})",
         {R"({"c":3})", R"({"a":1,"c":3})", R"({"b":2,"c":3,"d":4})", R"({"a":1,"b":2,"c":3})"},
         {"{}", R"({"a":1})", R"({,"c":3})", R"({"c":3,})", R"({"a":1"c":3})"}},
        {"nothing required",
         R"({"type":"object","properties":{"a":{"type":"null"},"b":{"type":"boolean"}}})",
         {"{}", R"({"a":null})", R"({"b":true})", R"({"a":null,"b":false})"},
         {"[]", R"({"b":null})"}},
        {"map",
         R"({"type":"object","additionalProperties":{"type":"integer"},"minProperties":1,"maxProperties":3})",
         {R"({"x":1})", R"({"x":1,"y":-2,"z":0})"},
         {"{}", R"({"x":"1"})", R"({"a":1,"b":1,"c":1,"d":1})"}},
        {"others beside properties",
         R"({"type":"object","properties":{"id":{"type":"integer"},"ide":{"type":"boolean"}},"required":["id"],
            "additionalProperties":{"type":"string"}})",
         {R"({"id":1})", R"({"id":1,"ide":true,"i":"x","idea":"y","é\n":""})"},
         {R"({"id":1,"ide":"x"})", R"({"id":1,"x":2})", R"({"id":1,"id":"x"})"}},
        {"pattern properties",
         R"({"type":"object","patternProperties":{"^n_":{"type":"number"},"_s$":{"type":["string","number"]}},
            "additionalProperties":false})",
         {"{}", R"({"n_x":1.5,"x_s":"a"})", R"({"n_s":3})"},
         {R"({"n_x":"a"})", R"({"n_s":"a"})", R"({"x":1})"}},
        {"any value",
         "true",
         {"1", "-0.5e-3", "\"\\ud83c\\udf89 🎉\"", "[1,[2,{\"a\":[]}],null]", R"({"a":{"b":[true,false]}})", " \"x\""},
         {"01", "1.", "+1", "\"\\ud83c\"", "\"\\x\"", "[1,]", "{1:2}", "nul", "\"a", "tru"}},
        {"list",
         R"({"type":"array","items":{"type":"integer","minimum":-5,"exclusiveMaximum":5},"minItems":2,"maxItems":4})",
         {"[1,2]", "[-5, 4, 0, 1]"},
         {"[1]", "[1,2,3,4,5]", "[5,1]", "[-6,1]"}},
        {"tuple",
         R"({"type":"array","prefixItems":[{"type":"string"},{"type":"integer"}],"items":{"type":"boolean"},"minItems":1,"maxItems":4})",
         {R"(["a"])", R"(["a",1])", R"(["a",1,true,false])"},
         {"[]", "[1]", R"(["a",true])", R"(["a",1,true,true,true])"}},
        {"closed tuple",
         R"({"type":"array","prefixItems":[{"const":"x"},{"const":"y"}],"items":false,"minItems":2})",
         {R"(["x","y"])"},
         {R"(["x"])", R"(["x","y",1])"}},
        {"choice of values",
         R"({"enum":["red","gr\u00fcn",1,null,{"a":[1,2]}]})",
         {"\"red\"", "\"grün\"", "1", "null", R"({"a":[1,2]})", R"({ "a": [ 1, 2 ] })"},
         {"\"blue\"", "2", "{}", R"({"a":[1]})"}},
        {"union",
         R"({"anyOf":[{"type":"string","maxLength":3},{"type":"integer"},{"type":"null"}]})",
         {"\"abc\"", "\"🎉🎉🎉\"", "12", "null"},
         {"\"abcd\"", "1.5", "true"}},
        {"discriminated",
         R"({"type":"object","properties":{"kind":{"type":"string"}},"required":["kind"],"oneOf":[
            {"properties":{"kind":{"const":"circle"},"radius":{"type":"number","exclusiveMinimum":0}},"required":["radius"]},
            {"properties":{"kind":{"const":"square"},"side":{"type":"number","minimum":0.5,"maximum":10}},"required":["side"]}]})",
         {R"({"kind":"circle","radius":0.25})", R"({"kind":"square","side":10})"},
         {R"({"kind":"circle","side":1})", R"({"kind":"square","side":0.4})", R"({"kind":"circle","radius":0})"}},
        {"all of",
         R"({"allOf":[{"type":"object","properties":{"a":{"type":"integer","minimum":3}},"required":["a"]},
            {"properties":{"a":{"maximum":7},"b":{"type":"boolean"}},"required":["b"]}]})",
         {R"({"a":5,"b":true})"},
         {R"({"a":8,"b":true})", R"({"a":2,"b":true})", R"({"a":5})"}},
        {"tree",
         R"({"$defs":{"node":{"type":"object","properties":{"value":{"type":"integer"},"children":{"type":"array",
            "items":{"$ref":"#/$defs/node"}}},"required":["value"]}},"$ref":"#/$defs/node"})",
         {R"({"value":1})", R"({"value":1,"children":[{"value":2,"children":[]},{"value":3}]})"},
         {R"({"children":[]})", R"({"value":1,"children":[1]})"}},
        {"linked list",
         R"({"type":["object","null"],"properties":{"next":{"$ref":"#"}},"required":["next"]})",
         {"null", R"({"next":{"next":null}})"},
         {"{}", R"({"next":1})"}},
        {"length",
         R"({"type":"string","minLength":2,"maxLength":4})",
         {"\"ab\"", "\"äöüß\"", "\"\\n\\u0041\""},
         {"\"a\"", "\"abcde\""}},
        {"pattern",
         R"({"type":"string","pattern":"^[A-Z]{2}-\\d+$","maxLength":6})",
         {"\"AB-1\"", "\"AB-123\""},
         {"\"AB-\"", "\"AB-1234\"", "\"aB-1\""}},
        {"pattern with escapes", R"({"type":"string","pattern":"^[\"\\\\\\n]+$"})", {R"("\"\\\n")"}, {"\"a\"", "\"\""}},
        {"date",
         R"({"type":"string","format":"date"})",
         {"\"2024-02-29\"", "\"2026-11-30\"", "\"2000-02-29\""},
         {"\"2026-02-29\"", "\"1900-02-29\"", "\"2026-11-31\"", "\"2026-13-01\""}},
        {"formats",
         R"({"type":"object","properties":{"t":{"type":"string","format":"date-time"},"u":{"type":"string","format":"uuid"},
            "m":{"type":"string","format":"email"},"i":{"type":"string","format":"ipv4"},"l":{"type":"string","format":"uri"},
            "d":{"type":"string","format":"duration"},"x":{"type":"string","format":"unheard-of"}}})",
         {R"({"t":"2026-11-22T13:00:00.5Z","u":"123e4567-e89b-12d3-a456-426614174000","m":"a.b@example.org","i":"127.0.0.1","l":"https://example.org/a?b=c#d","d":"P1DT2H","x":"y"})"},
         {R"({"t":"2026-11-22"})", R"({"i":"256.0.0.1"})", R"({"m":"a@b"})"}},
        {"integer bounds",
         R"({"type":"integer","minimum":-1234,"maximum":98765})",
         {"-1234", "-1", "0", "9", "10", "98765", "98764", "-999"},
         {"-1235", "98766", "100000", "1.5", "-2000"}},
        {"one integer", R"({"type":"integer","minimum":-7,"maximum":-7})", {"-7"}, {"7", "-8", "-6"}},
        {"open integer", R"({"type":"integer","exclusiveMinimum":99})", {"100", "12345"}, {"99", "-100", "1"}},
        {"safe integer",
         R"({"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991})",
         {"9007199254740991", "-9007199254740991", "0"},
         {"9007199254740992"}},
        {"probability",
         R"({"type":"number","minimum":0,"maximum":1})",
         {"0", "0.0", "1", "1.0", "0.75", "0.000001"},
         {"1.1", "-0.5", "1.0000001", "2"}},
        {"number bounds",
         R"({"type":"number","exclusiveMinimum":-1.5,"maximum":2.25})",
         {"-1.4999", "2.25", "2.250", "-1", "0", "2.2", "-0.25"},
         {"-1.5", "-1.50", "2.26", "2.3", "3", "-2"}},
        {"inferred types",
         R"({"properties":{"a":{"minLength":2},"b":{"minimum":1}},"required":["a","b"]})",
         {R"({"a":"xx","b":1.5})"},
         {R"({"a":"x","b":1})", "1"}},
        {"required but not described", R"({"type":"object","required":["x"]})", {R"({"x":[1]})"}, {"{}"}},
        {"lists of old drafts",
         R"({"type":"array","items":[{"type":"string"}],"additionalItems":false})",
         {"[]", R"(["a"])"},
         {R"(["a","b"])", "[1]"}},
    };
    return cases;
}

/// Pieces as JSON has them, single letters, and bytes.
FakeTokenizer jsonTokenizer() {
    std::vector<std::string> pieces{"{\"",  "\":",    "\", \"", "\"}",      "\",",   ": ",   ", ",   "[]",     "{}",
                                    "[{",   "}]",     "},",     "true",     "false", "null", "name", "\": \"", "\n  ",
                                    "\n",   "0.",     "10",     "123",      "é",     "語",   "\\n",  "\\u00",  "\": [",
                                    "kind", "circle", "value",  "\xe2\x82", "\xc3",  "\xbc", "n_",   "_s\"",   "\xac"};
    for (char letter = ' '; letter < 127; ++letter)
        pieces.emplace_back(1, letter);
    return FakeTokenizer(pieces);
}

/// One answer drawn from random logits; empty if it got too long.
std::string drawn(GrammarConstraint& constraint, const Tokenizer& tokenizer, std::mt19937& random) {
    std::string text;
    const auto size = static_cast<std::size_t>(tokenizer.vocabularySize());
    std::normal_distribution<float> normal;
    for (int step = 0; step < 3000; ++step) {
        if (constraint.isComplete())
            return text;
        std::vector<float> logits(size);
        // What closes gets likelier, so that answers end.
        for (std::size_t id = 0; id < size; ++id) {
            const std::string_view piece = tokenizer.tokenText(static_cast<TokenId>(id));
            const bool closes = piece.find_first_of("]}\"") != std::string_view::npos;
            logits[id] = normal(random) + (closes ? static_cast<float>(step) * 0.02F : 0.0F);
        }
        constraint.restrict(logits);
        const auto best = std::max_element(logits.begin(), logits.end());
        if (std::isinf(*best))
            return constraint.isComplete() ? text : "?" + text;
        const auto token = static_cast<TokenId>(best - logits.begin());
        text += tokenizer.tokenBytes(token);
        constraint.accept(token);
        // Where it may end, it mostly does.
        if (constraint.allowsEnd() && random() % 3 != 0)
            return text;
    }
    return {};
}

bool accepts(const Grammar& grammar, std::string_view text) {
    GrammarStates states(grammar.automaton());
    return states.mayEnd(states.stepAll(states.start(), text));
}

} // namespace

class TestJsonSchema : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void documentsOfASchemaAreTold_data();
    void documentsOfASchemaAreTold();
    void whateverIsDrawnIsValid_data();
    void whateverIsDrawnIsValid();
    void whatCannotBeEnforcedIsRefused_data();
    void whatCannotBeEnforcedIsRefused();
    void mutatedSchemasEnd();
};

void TestJsonSchema::documentsOfASchemaAreTold_data() {
    QTest::addColumn<int>("index");
    for (std::size_t index = 0; index < schemaCases().size(); ++index)
        QTest::newRow(schemaCases()[index].name) << static_cast<int>(index);
}

void TestJsonSchema::documentsOfASchemaAreTold() {
    QFETCH(int, index);
    const SchemaCase& it = schemaCases()[static_cast<std::size_t>(index)];
    const auto grammar = Grammar::fromJsonSchema(it.schema);
    QVERIFY2(grammar.ok(), grammar.ok() ? "" : grammar.error().message.c_str());
    for (const char* const document : it.documents)
        QVERIFY2(accepts(**grammar, document), document);
    for (const char* const document : it.others)
        QVERIFY2(!accepts(**grammar, document), document);
}

void TestJsonSchema::whateverIsDrawnIsValid_data() {
    documentsOfASchemaAreTold_data();
}

void TestJsonSchema::whateverIsDrawnIsValid() {
    QFETCH(int, index);
    const QByteArray source = schemaCases()[static_cast<std::size_t>(index)].schema;
    const QJsonValue schema = source == "true" ? QJsonValue(true) : QJsonDocument::fromJson(source).object();
    const auto grammar = Grammar::fromJsonSchema(source.toStdString());
    QVERIFY2(grammar.ok(), grammar.ok() ? "" : grammar.error().message.c_str());
    const FakeTokenizer tokenizer = jsonTokenizer();
    auto constraint = GrammarConstraint::create(*grammar, tokenizer, std::make_shared<const TokenTrie>(tokenizer));
    QVERIFY2(constraint.ok(), constraint.ok() ? "" : constraint.error().message.c_str());
    std::mt19937 random(static_cast<unsigned>(index) + 1);
    int whole = 0;
    for (int round = 0; round < 40; ++round) {
        (*constraint)->restart();
        const std::string text = drawn(**constraint, tokenizer, random);
        QVERIFY2(!(*constraint)->failure(), (*constraint)->failure() ? (*constraint)->failure()->message.c_str() : "");
        if (text.empty())
            continue;
        ++whole;
        // In a list, for a document of QJsonDocument is an object or a list.
        QJsonParseError error{};
        const QByteArray bytes = QByteArray::fromStdString("[" + text + "]");
        const QJsonDocument parsed = QJsonDocument::fromJson(bytes, &error);
        QVERIFY2(error.error == QJsonParseError::NoError, bytes + " " + error.errorString().toUtf8());
        const QString problem = schemaProblem(schema, parsed.array().at(0), schema);
        QVERIFY2(problem.isEmpty(), bytes + " " + problem.toUtf8());
    }
    QVERIFY2(whole >= 10, "many answers end");
}

void TestJsonSchema::whatCannotBeEnforcedIsRefused_data() {
    QTest::addColumn<QByteArray>("schema");
    QTest::addColumn<QByteArray>("message");
    const auto row = [](const char* name, const char* schema, const char* message) {
        QTest::newRow(name) << QByteArray(schema) << QByteArray(message);
    };
    row("no JSON", "{\n  \"type\": }", "JSON schema: line 2, column 11: this is no JSON");
    row("no schema", "[1]", "JSON schema: #: expected a schema, an object or true or false");
    row("unknown type", R"({"properties":{"a":{"type":"text"}}})",
        "JSON schema: #/properties/a: unknown type \"text\"; known are object, array, string, number, integer, "
        "boolean, "
        "null");
    row("not", R"({"not":{"type":"null"}})", "JSON schema: #: 'not' cannot be enforced");
    row("unique", R"({"items":{"type":"array","uniqueItems":true}})",
        "JSON schema: #/items: 'uniqueItems' cannot be enforced");
    row("pattern", R"x({"properties":{"a":{"type":"string","pattern":"(?!x)"}}})x",
        "JSON schema: #/properties/a: pattern '(?!x)', position 1: look-ahead and look-behind are not supported");
    row("reference to nowhere", R"({"$ref":"#/$defs/x"})",
        "JSON schema: #: $ref '#/$defs/x' leads nowhere: there is no '$defs'");
    row("reference outside", R"({"$ref":"https://example.org/x.json"})",
        "JSON schema: #: $ref 'https://example.org/x.json' leads out of this document; only places in it (#/…) are "
        "read");
    row("reference to itself", R"({"$ref":"#"})", "JSON schema: #/$ref/$ref/$ref");
    row("contradiction", R"({"type":"integer","minimum":3,"maximum":2})",
        "grammar: the rule 'JSON document' matches no finite text: every way through it goes on forever");
    row("endless", R"({"type":"object","properties":{"a":{"$ref":"#"}},"required":["a"]})",
        "grammar: the rule 'JSON document' matches no finite text: every way through it goes on forever");
    row("step", R"({"type":"integer","multipleOf":5})", "JSON schema: #: 'multipleOf' other than 1 cannot be enforced");
    row("counts", R"({"type":"array","minItems":-1})", "JSON schema: #: minItems must be a whole number of at least 0");
    row("bound", R"({"type":"integer","minimum":"1"})", "JSON schema: #: minimum must be a number");
}

void TestJsonSchema::whatCannotBeEnforcedIsRefused() {
    QFETCH(QByteArray, schema);
    QFETCH(QByteArray, message);
    const auto grammar = Grammar::fromJsonSchema(schema.toStdString());
    QVERIFY(!grammar.ok());
    QCOMPARE(grammar.error().code, ErrorCode::InvalidInput);
    QVERIFY2(grammar.error().message.starts_with(message.toStdString()), grammar.error().message.c_str());
}

// Schemas broken at random: each ends soon, with a grammar or a message.
void TestJsonSchema::mutatedSchemasEnd() {
    const std::vector<std::string> parts{"{",
                                         "}",
                                         "[",
                                         "]",
                                         "\"",
                                         ":",
                                         ",",
                                         "true",
                                         "false",
                                         "null",
                                         "-1",
                                         "1e300",
                                         "99999999999",
                                         "0.5",
                                         "\"$ref\":\"#\",",
                                         "\"type\":\"array\",",
                                         "\"allOf\":[{}],",
                                         "\"anyOf\":[true],",
                                         "\"pattern\":\"(a*)*\",",
                                         "\"enum\":[1],",
                                         "\xff",
                                         "\\",
                                         "\"maxLength\":99999,",
                                         "\"minItems\":9,",
                                         "\"items\":[],",
                                         "\"required\":[\"q\"],"};
    std::mt19937 random(20261122);
    int good = 0;
    for (int round = 0; round < 4000; ++round) {
        std::string source = schemaCases()[random() % schemaCases().size()].schema;
        for (unsigned count = 1 + random() % 3; count > 0; --count) {
            // Mostly behind a brace or comma, where a keyword can stand.
            std::size_t at = random() % (source.size() + 1);
            if (random() % 2 == 0)
                at = std::min(source.find_first_of("{,", at), source.size() - 1) + 1;
            if (random() % 4 == 0)
                source.erase(std::min(at, source.size()), 1 + random() % 8);
            else
                source.insert(std::min(at, source.size()), parts[random() % parts.size()]);
        }
        const auto grammar = Grammar::fromJsonSchema(source);
        good += grammar.ok() ? 1 : 0;
        if (!grammar)
            QVERIFY(!grammar.error().message.empty());
    }
    QVERIFY2(good > 200, "most mutations are refused, but not all");
}

QTEST_GUILESS_MAIN(TestJsonSchema)
#include "tst_json_schema.moc"
