#include "engine/text/answer/answer_parser.h"
#include "engine/text/grammar/grammar.h"
#include "engine/text/grammar/grammar_states.h"
#include "fake_tokenizer.h"

#include <nlohmann/json.hpp>

#include <QtTest>

#include <fstream>
#include <random>

using namespace hearth;
using Json = nlohmann::ordered_json;

namespace {

/// Pieces joined by kind, as one JSON text: {"reasoning": …, "text": …, "calls": […]}.
std::string summary(const std::vector<AnswerPiece>& pieces) {
    std::string text;
    std::string reasoning;
    Json calls = Json::array();
    for (const AnswerPiece& piece : pieces) {
        if (piece.kind == AnswerPiece::Kind::Text)
            text += piece.text;
        else if (piece.kind == AnswerPiece::Kind::Reasoning)
            reasoning += piece.text;
        else
            calls.push_back({{"name", piece.call.name}, {"arguments", Json::parse(piece.call.arguments)}});
    }
    Json all = Json::object();
    if (!reasoning.empty())
        all["reasoning"] = reasoning;
    if (!text.empty())
        all["text"] = text;
    if (!calls.empty())
        all["calls"] = calls;
    return all.dump();
}

/// All pieces, neighbours of one kind joined.
std::string inOrder(const std::vector<AnswerPiece>& pieces) {
    std::string text;
    const AnswerPiece* before = nullptr;
    for (const AnswerPiece& piece : pieces) {
        if (before == nullptr || before->kind != piece.kind || piece.kind == AnswerPiece::Kind::Call)
            text += "\n#" + std::to_string(static_cast<int>(piece.kind)) + " ";
        text += piece.text + piece.call.name + piece.call.arguments;
        before = &piece;
    }
    return text;
}

std::vector<AnswerPiece> parseInPieces(const AnswerFormat& format, AnswerStart start, ToolsOffered tools,
                                       std::string_view answer, const std::vector<std::size_t>& sizes) {
    const auto parser = AnswerParser::create(format, start, tools);
    std::vector<AnswerPiece> pieces;
    std::size_t at = 0;
    for (std::size_t round = 0; at < answer.size(); ++round) {
        const std::string_view piece = answer.substr(at, sizes[round % sizes.size()]);
        parser->push(piece, pieces);
        at += piece.size();
    }
    parser->finish(pieces);
    return pieces;
}

AnswerFormat formatOf(std::string_view chatTemplate) {
    return detectAnswerFormat(chatTemplate, FakeTokenizer({"a", "b"}));
}

} // namespace

/// Answers in the forms that the families' documentation and templates show.
class TestAnswerParser : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void answersAreToldApart_data();
    void answersAreToldApart();
    void withoutToolsCallsAreText();
    void templatesOfRealModelsAreRecognised_data();
    void templatesOfRealModelsAreRecognised();
    void callsOfRealTemplatesAreReadBack_data();
    void callsOfRealTemplatesAreReadBack();
    void promptsThatOpenTheReasoningAreSeen();
    void reasoningMayComeBeforeRestrainedText();
    void answersAreGoneOnWithAsTheModelWrites();
    void plainModelsPassTextOnAtOnce();
    void brokenAnswersReadTheSameHoweverSplit();
};

void TestAnswerParser::answersAreToldApart_data() {
    QTest::addColumn<QByteArray>("chatTemplate"); // the part of it that matters
    QTest::addColumn<int>("start");
    QTest::addColumn<QByteArray>("answer");
    QTest::addColumn<QByteArray>("expected");
    const auto fresh = static_cast<int>(AnswerStart::Fresh);
    const auto thinking = static_cast<int>(AnswerStart::InReasoning);
    const auto row = [](const char* name, const char* source, int start, const char* answer, const char* expected) {
        QTest::newRow(name) << QByteArray(source) << start << QByteArray(answer) << QByteArray(expected);
    };
    const char* const qwen = "<tool_call> </tool_call> </think>";
    row("plain", qwen, fresh, "Paris is the capital.\n\nOf France.\n",
        R"({"text":"Paris is the capital.\n\nOf France.\n"})");
    row("think", qwen, fresh, "<think>\nHm, 2 < 3.\n</think>\n\nYes.", R"({"reasoning":"Hm, 2 < 3.","text":"Yes."})");
    row("think opened by the prompt", qwen, thinking, "Hm.\n</think>\n\nYes.", R"({"reasoning":"Hm.","text":"Yes."})");
    row("empty think", qwen, fresh, "<think>\n\n</think>\n\nYes.", R"({"text":"Yes."})");
    row("unfinished think", qwen, fresh, "<think>\nHm, </thin", R"({"reasoning":"Hm, </thin"})");
    row("a mention of the marker", qwen, fresh, "The marker <think> opens it.",
        R"({"text":"The marker <think> opens it."})");
    row("hermes", qwen, fresh,
        "<think>Weather.</think>\nI look.\n<tool_call>\n{\"name\": \"weather\", \"arguments\": {\"city\": "
        "\"Köln\"}}\n</tool_call>\n<tool_call>\n{\"name\": \"time\", \"arguments\": {}}\n</tool_call>",
        R"({"reasoning":"Weather.","text":"I look.","calls":[{"name":"weather","arguments":{"city":"Köln"}},{"name":"time","arguments":{}}]})");
    row("hermes with the end marker in a text", qwen, fresh,
        "<tool_call>{\"name\": \"write\", \"arguments\": {\"text\": \"</tool_call>\"}}</tool_call>",
        R"({"calls":[{"name":"write","arguments":{"text":"</tool_call>"}}]})");
    row("hermes that is broken", qwen, fresh, "So: <tool_call>\n{\"name\": }\n</tool_call> Sorry.",
        R"({"text":"So:<tool_call>\n{\"name\": }\n</tool_call> Sorry."})");
    row("hermes without its end", qwen, fresh, "<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}",
        R"({"calls":[{"name":"f","arguments":{"a":1}}]})");
    row("a call in the reasoning", qwen, thinking,
        "I need f.\n<tool_call>{\"name\":\"f\",\"arguments\":{}}</tool_call>",
        R"({"reasoning":"I need f.","calls":[{"name":"f","arguments":{}}]})");
    row("qwen3-coder", qwen, fresh,
        "<tool_call>\n<function=edit>\n<parameter=path>\n/a/b.txt\n</parameter>\n<parameter=lines>\n[1, "
        "2]\n</parameter>\n<parameter=text>\none\ntwo\n</parameter>\n</function>\n</tool_call>",
        R"({"calls":[{"name":"edit","arguments":{"path":"/a/b.txt","lines":[1,2],"text":"one\ntwo"}}]})");
    row("glm-4.5", qwen, fresh,
        "<think>Hm</think>\n<tool_call>weather\n<arg_key>city</arg_key>\n<arg_value>Beijing</arg_value>\n<arg_key>days"
        "</arg_key>\n<arg_value>3</arg_value>\n</tool_call>",
        R"({"reasoning":"Hm","calls":[{"name":"weather","arguments":{"city":"Beijing","days":3}}]})");
    const char* const llama = "{\"name\": function name, \"parameters\": dictionary of argument name and its value}";
    row("llama 3", llama, fresh, "{\"name\": \"weather\", \"parameters\": {\"city\": \"Rome\"}}",
        R"({"calls":[{"name":"weather","arguments":{"city":"Rome"}}]})");
    row("llama 3, two", llama, fresh,
        "{\"name\": \"a\", \"parameters\": {}}; {\"type\": \"function\", \"name\": \"b\", \"parameters\": {\"x\": 1}}",
        R"({"calls":[{"name":"a","arguments":{}},{"name":"b","arguments":{"x":1}}]})");
    row("llama 3, JSON as the answer", llama, fresh, "{\"city\": \"Rome\"}", R"({"text":"{\"city\": \"Rome\"}"})");
    row("llama 3, a name but no call", llama, fresh, "{\"name\": \"Ada\"} is it.",
        R"({"text":"{\"name\": \"Ada\"} is it."})");
    row("llama 3.1, built in", llama, fresh, "<|python_tag|>brave_search.call(query=\"rain in Rome\")",
        R"({"calls":[{"name":"brave_search","arguments":{"query":"rain in Rome"}}]})");
    row("llama 3.1, code", llama, fresh, "<|python_tag|>print(1 + 1)",
        R"x({"calls":[{"name":"python","arguments":{"code":"print(1 + 1)"}}]})x");
    row("mistral", "[TOOL_CALLS]", fresh,
        "[TOOL_CALLS][{\"name\": \"weather\", \"arguments\": {\"city\": \"Paris\"}, \"id\": \"9Ae3bDc2F\"}]",
        R"({"calls":[{"name":"weather","arguments":{"city":"Paris"}}]})");
    row("mistral small 3.2", "[TOOL_CALLS][ARGS][THINK]", fresh,
        "[THINK]Rain?[/THINK]Let me see.[TOOL_CALLS]weather[CALL_ID]123456789[ARGS]{\"city\": "
        "\"Paris\"}[TOOL_CALLS]time[ARGS]{}",
        R"({"reasoning":"Rain?","text":"Let me see.","calls":[{"name":"weather","arguments":{"city":"Paris"}},{"name":"time","arguments":{}}]})");
    row("deepseek v3", "<｜tool▁calls▁begin｜></think>", thinking,
        "Hm</think>\n\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>weather\n```json\n{\"city\": "
        "\"Paris\"}\n```<｜tool▁call▁end｜>\n<｜tool▁call▁begin｜>function<｜tool▁sep｜>time\n```json\n{}\n```<"
        "｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        R"({"reasoning":"Hm","calls":[{"name":"weather","arguments":{"city":"Paris"}},{"name":"time","arguments":{}}]})");
    row("deepseek v3.1", "<｜tool▁calls▁begin｜>", fresh,
        "I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>weather<｜tool▁sep｜>{\"city\": "
        "\"Paris\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        R"({"text":"I look.","calls":[{"name":"weather","arguments":{"city":"Paris"}}]})");
    row("deepseek v3.2", "'｜DSML｜' function_calls>", fresh,
        "<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"weather\">\n<｜DSML｜parameter name=\"city\" "
        "string=\"true\">42</｜DSML｜parameter>\n<｜DSML｜parameter name=\"days\" "
        "string=\"false\">3</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>",
        R"({"calls":[{"name":"weather","arguments":{"city":"42","days":3}}]})");
    row("minimax m2", "<minimax:tool_call>", fresh,
        "<minimax:tool_call>\n<invoke name=\"a\">\n<parameter name=\"x\">1</parameter>\n</invoke>\n<invoke "
        "name=\"b\">\n</invoke>\n</minimax:tool_call>",
        R"({"calls":[{"name":"a","arguments":{"x":1}},{"name":"b","arguments":{}}]})");
    row("minicpm", "<function name=", fresh,
        "<function name=\"f\"><param name=\"code\"><![CDATA[if (a < b)\n  </param>]]></param><param "
        "name=\"n\">2</param></function>",
        R"({"calls":[{"name":"f","arguments":{"code":"if (a < b)\n  </param>","n":2}}]})");
    row("kimi k2", "<|tool_calls_section_begin|></think>", fresh,
        "<think>Hm</think>Look:<|tool_calls_section_begin|><|tool_call_begin|>functions.weather:0<|tool_call_argument_"
        "begin|>{\"city\": \"Rome\"}<|tool_call_end|><|tool_calls_section_end|>",
        R"({"reasoning":"Hm","text":"Look:","calls":[{"name":"weather","arguments":{"city":"Rome"}}]})");
    row("granite 3", "<|tool_call|> <think> <response>", fresh, "<think>Hm.</think><response>It rains.</response>",
        R"({"reasoning":"Hm.","text":"It rains."})");
    row("granite 3, a call", "<|tool_call|> <think> <response>", fresh,
        "<|tool_call|>[{\"name\": \"f\", \"arguments\": {\"a\": true}}]",
        R"({"calls":[{"name":"f","arguments":{"a":true}}]})");
    row("granite 3.2", "Here is my thought process:", fresh,
        "Here is my thought process: Hm.\n\nHere is my response: Yes.", R"({"reasoning":"Hm.","text":"Yes."})");
    row("phi 4 mini", "<|tool_call|> <|/tool_call|>", fresh,
        "<|tool_call|>[{\"name\": \"f\", \"arguments\": {}}]<|/tool_call|>",
        R"({"calls":[{"name":"f","arguments":{}}]})");
    row("gemma 3 with functions", "<start_function_call>", fresh,
        "<start_function_call>call:weather{city:<escape>Tōkyō<escape>,days:2}<end_function_call>",
        R"({"calls":[{"name":"weather","arguments":{"city":"Tōkyō","days":2}}]})");
    row("gemma 3, python", "```tool_code", fresh, "Look:\n```tool_code\nweather(city='Paris', days=[1, 2])\n```",
        R"({"text":"Look:","calls":[{"name":"weather","arguments":{"city":"Paris","days":[1,2]}}]})");
    row("gemma 4", "<|tool_call>call: <|channel>thought", fresh,
        "<|channel>thought\nHm.\n<channel|>Look.<|tool_call>call:weather{city:<|\"|>Paris, "
        "France<|\"|>,opts:{a:[1,2],b:true}}<tool_call|>",
        R"({"reasoning":"Hm.","text":"Look.","calls":[{"name":"weather","arguments":{"city":"Paris, France","opts":{"a":[1,2],"b":true}}}]})");
    row("lfm2", "<|tool_call_start|>", fresh,
        "<|tool_call_start|>[weather(city=\"Rome\", units='c', ok=True), time()]<|tool_call_end|>Looking.",
        R"({"text":"Looking.","calls":[{"name":"weather","arguments":{"city":"Rome","units":"c","ok":true}},{"name":"time","arguments":{}}]})");
    row("seed-oss", "<seed:think> <seed:tool_call>", fresh,
        "<seed:think>Hm.</seed:think><seed:tool_call>\n<function=f>\n<parameter=a>1</parameter>\n</function>\n</"
        "seed:tool_call>",
        R"({"reasoning":"Hm.","calls":[{"name":"f","arguments":{"a":1}}]})");
    row("command r7b", "<|START_THINKING|> <|START_ACTION|> <|START_RESPONSE|>", fresh,
        "<|START_THINKING|>Hm.<|END_THINKING|><|START_ACTION|>[{\"tool_call_id\": \"0\", \"tool_name\": \"f\", "
        "\"parameters\": {\"a\": 1}}]<|END_ACTION|>",
        R"({"reasoning":"Hm.","calls":[{"name":"f","arguments":{"a":1}}]})");
    row("nemotron", "<TOOLCALL>", fresh, "<TOOLCALL>[{\"name\": \"f\", \"arguments\": {}}]</TOOLCALL>",
        R"({"calls":[{"name":"f","arguments":{}}]})");
    row("apertus", "<|inner_prefix|> <|tools_prefix|>", fresh,
        "<|inner_prefix|>Hm.<|inner_suffix|><|tools_prefix|>[{\"f\": {\"a\": 1}}]<|tools_suffix|>",
        R"({"reasoning":"Hm.","calls":[{"name":"f","arguments":{"a":1}}]})");
    const char* const harmony = "<|start|> <|channel|> <|message|>";
    row("gpt-oss", harmony, fresh,
        "<|channel|>analysis<|message|>Easy: 2 + 2.<|end|><|start|>assistant<|channel|>final<|message|>It is 4.",
        R"({"reasoning":"Easy: 2 + 2.","text":"It is 4."})");
    row("gpt-oss, a call", harmony, fresh,
        "<|channel|>analysis<|message|>Need f.<|end|><|start|>assistant<|channel|>commentary to=functions.f "
        "<|constrain|>json<|message|>{\"a\": \"b\"}<|call|>",
        R"({"reasoning":"Need f.","calls":[{"name":"f","arguments":{"a":"b"}}]})");
    row("gpt-oss, the recipient first", harmony, fresh,
        " to=functions.f<|channel|>commentary json<|message|>{\"a\": 1}",
        R"({"calls":[{"name":"f","arguments":{"a":1}}]})");
    row("gpt-oss, a preamble", harmony, fresh, "<|channel|>commentary<|message|>First I look.<|end|>",
        R"({"text":"First I look."})");
    row("gpt-oss without channels", harmony, fresh, "It is 4.", R"({"text":"It is 4."})");
    row("gpt-oss, a broken call", harmony, fresh, "<|channel|>commentary to=functions.f<|message|>{\"a\": ",
        R"({"text":"<|channel|>commentary to=functions.f<|message|>{\"a\": "})");
}

void TestAnswerParser::answersAreToldApart() {
    QFETCH(QByteArray, chatTemplate);
    QFETCH(int, start);
    QFETCH(QByteArray, answer);
    QFETCH(QByteArray, expected);
    const AnswerFormat format = formatOf(chatTemplate.toStdString());
    const std::string whole = answer.toStdString();
    // Split in any way, it is the same answer.
    for (const std::vector<std::size_t>& sizes :
         {std::vector<std::size_t>{whole.size()}, {1}, {2}, {3, 1}, {7}, {1, 13, 4}}) {
        const auto pieces = parseInPieces(format, static_cast<AnswerStart>(start), ToolsOffered::Yes, whole, sizes);
        QCOMPARE(QByteArray::fromStdString(summary(pieces)), expected);
    }
}

void TestAnswerParser::withoutToolsCallsAreText() {
    const std::string answer = "<tool_call>\n{\"name\": \"f\", \"arguments\": {}}\n</tool_call>";
    const auto pieces = parseInPieces(formatOf("<tool_call>"), AnswerStart::Fresh, ToolsOffered::No, answer, {3});
    QCOMPARE(summary(pieces), Json({{"text", answer}}).dump());
}

void TestAnswerParser::templatesOfRealModelsAreRecognised_data() {
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<int>("calls");
    QTest::addColumn<QByteArray>("reasoning");
    const auto row = [](const char* model, CallSyntax calls, const char* reasoning) {
        QTest::newRow(model) << QByteArray(model) << static_cast<int>(calls) << QByteArray(reasoning);
    };
    row("chatml-smollm", CallSyntax::None, "");
    row("deepseek-v3.1", CallSyntax::DeepSeek, "<think>");
    row("deepseek-r1-distill-qwen-32b", CallSyntax::DeepSeek, "<think>");
    row("qwen2.5-7b-instruct", CallSyntax::Tagged, "");
    row("qwen3-0.6b", CallSyntax::Tagged, "<think>");
    row("llama-3.1-8b-instruct", CallSyntax::Llama, "");
    row("llama-3.2-3b-instruct", CallSyntax::Llama, "");
    row("mistral-nemo-instruct-2407", CallSyntax::Mistral, "");
    row("gemma-2-2b-it", CallSyntax::None, "");
    row("smollm3-3b", CallSyntax::None, "<think>");
    row("granite-3.3-2b", CallSyntax::Json, "<think>");
    row("gpt-oss-120b", CallSyntax::Harmony, "<|channel|>analysis<|message|>");
    row("phi-3.5-mini", CallSyntax::None, "");
    row("minicpm5-1b", CallSyntax::Invoke, "<think>");
}

namespace {

std::optional<Json> sharedTemplates() {
    std::ifstream file(HEARTH_SHARED_DIR "/parity/chat/chat_templates.json");
    return file ? std::optional<Json>(Json::parse(file)["templates"]) : std::nullopt;
}

} // namespace

void TestAnswerParser::templatesOfRealModelsAreRecognised() {
    QFETCH(QByteArray, model);
    QFETCH(int, calls);
    QFETCH(QByteArray, reasoning);
    const auto templates = sharedTemplates();
    if (!templates)
        QSKIP("shared/parity/chat/chat_templates.json is not there");
    const AnswerFormat format = formatOf((*templates)[model.toStdString()]["template"].get<std::string>());
    QCOMPARE(static_cast<int>(format.calls), calls);
    QCOMPARE(QByteArray::fromStdString(format.reasoningOpen), reasoning);
}

void TestAnswerParser::callsOfRealTemplatesAreReadBack_data() {
    QTest::addColumn<QByteArray>("model");
    QTest::addColumn<QByteArray>("begin"); // of the assistant's turn with the call, in the rendered prompt
    QTest::addColumn<QByteArray>("end");
    QTest::newRow("qwen2.5") << QByteArray("qwen2.5-7b-instruct") << QByteArray("<|im_start|>assistant\n")
                             << QByteArray("<|im_end|>");
    QTest::newRow("qwen3") << QByteArray("qwen3-0.6b") << QByteArray("<|im_start|>assistant\n")
                           << QByteArray("<|im_end|>");
    QTest::newRow("deepseek-v3.1") << QByteArray("deepseek-v3.1") << QByteArray("<｜Assistant｜></think>")
                                   << QByteArray("<｜end▁of▁sentence｜>");
    QTest::newRow("llama-3.1") << QByteArray("llama-3.1-8b-instruct")
                               << QByteArray("<|start_header_id|>assistant<|end_header_id|>\n\n")
                               << QByteArray("<|eot_id|>");
    QTest::newRow("mistral-nemo") << QByteArray("mistral-nemo-instruct-2407") << QByteArray("[/INST]")
                                  << QByteArray("</s>");
    QTest::newRow("gpt-oss") << QByteArray("gpt-oss-120b") << QByteArray("<|start|>assistant")
                             << QByteArray("<|start|>functions");
    QTest::newRow("minicpm5") << QByteArray("minicpm5-1b") << QByteArray("<|im_start|>assistant\n")
                              << QByteArray("<|im_end|>");
}

void TestAnswerParser::callsOfRealTemplatesAreReadBack() {
    QFETCH(QByteArray, model);
    QFETCH(QByteArray, begin);
    QFETCH(QByteArray, end);
    const auto templates = sharedTemplates();
    if (!templates)
        QSKIP("shared/parity/chat/chat_templates.json is not there");
    const Json& entry = (*templates)[model.toStdString()];
    const auto round = std::find_if(entry["cases"].begin(), entry["cases"].end(),
                                    [](const Json& one) { return one["name"] == "tool-round"; });
    QVERIFY(round != entry["cases"].end());
    const std::string prompt = (*round)["expected"].get<std::string>();
    const std::size_t from = prompt.find(begin.toStdString()) + static_cast<std::size_t>(begin.size());
    const std::string answer = prompt.substr(from, prompt.find(end.toStdString(), from) - from);

    Json wanted = Json::array();
    for (const Json& message : (*round)["messages"])
        for (const Json& call : message.value("tool_calls", Json::array())) {
            const Json& arguments = call["function"]["arguments"];
            wanted.push_back(
                {{"name", call["function"]["name"]},
                 {"arguments", arguments.is_string() ? Json::parse(arguments.get<std::string>()) : arguments}});
        }
    QVERIFY(!wanted.empty());
    const AnswerFormat format = formatOf(entry["template"].get<std::string>());
    const auto pieces = parseInPieces(format, AnswerStart::Fresh, ToolsOffered::Yes, answer, {5});
    const Json read = Json::parse(summary(pieces)).value("calls", Json::array());
    QVERIFY2(!read.empty(), answer.c_str());
    QCOMPARE(QByteArray::fromStdString(read.dump()), QByteArray::fromStdString(wanted.dump()));
}

void TestAnswerParser::promptsThatOpenTheReasoningAreSeen() {
    const AnswerFormat format = formatOf("</think>");
    QVERIFY(startAfter("<|im_start|>assistant\n<think>\n", format) == AnswerStart::InReasoning);
    QVERIFY(startAfter("<|im_start|>assistant\n<think>\n\n</think>\n\n", format) == AnswerStart::Fresh);
    QVERIFY(startAfter("<|im_start|>assistant\n", format) == AnswerStart::Fresh);
    QVERIFY(startAfter("<think>", formatOf("")) == AnswerStart::Fresh);
}

void TestAnswerParser::reasoningMayComeBeforeRestrainedText() {
    const FakeTokenizer letters({"a", "b"});
    const auto root = Grammar::fromGbnf("root ::= [0-9]+");
    QVERIFY(root.ok());
    const auto accepts = [&](const AnswerFormat& format, AnswerStart start, std::string_view text) {
        const auto whole = (*root)->after(leadGrammar(format, start, letters));
        if (!whole)
            qFatal("%s", whole.error().message.c_str());
        GrammarStates states((*whole)->automaton());
        return states.mayEnd(states.stepAll(states.start(), text));
    };
    const AnswerFormat think = formatOf("</think>");
    QVERIFY(accepts(think, AnswerStart::Fresh, "42"));
    QVERIFY(accepts(think, AnswerStart::Fresh, "<think>a < b, </thin, <</think>\n\n42"));
    QVERIFY(!accepts(think, AnswerStart::Fresh, "<think>42"));
    QVERIFY(!accepts(think, AnswerStart::Fresh, "<think></think>x</think>42"));
    QVERIFY(accepts(think, AnswerStart::InReasoning, "so</think>42"));
    QVERIFY(!accepts(think, AnswerStart::InReasoning, "42"));
    const AnswerFormat harmony = formatOf("<|channel|>");
    QVERIFY(accepts(harmony, AnswerStart::Fresh, "<|channel|>final<|message|>42"));
    QVERIFY(accepts(harmony, AnswerStart::Fresh,
                    "<|channel|>analysis<|message|>so<|end|><|start|>assistant<|channel|>final<|message|>42"));
    QVERIFY(!accepts(harmony, AnswerStart::Fresh, "42"));
    QVERIFY(leadGrammar({}, AnswerStart::Fresh, letters).empty());
}

void TestAnswerParser::answersAreGoneOnWithAsTheModelWrites() {
    const AnswerFormat think = formatOf("</think>");
    const AnswerLead fresh = answerLead("<|im_start|>assistant\n", think);
    QCOMPARE(QByteArray::fromStdString(fresh.beforeReasoning), QByteArray("<think>\n"));
    QCOMPARE(QByteArray::fromStdString(fresh.beforeText), QByteArray());
    QCOMPARE(QByteArray::fromStdString(fresh.afterReasoning), QByteArray("\n</think>\n\n"));
    const AnswerLead open = answerLead("<|im_start|>assistant\n<think>\n", think);
    QCOMPARE(QByteArray::fromStdString(open.beforeReasoning), QByteArray());
    QCOMPARE(QByteArray::fromStdString(open.beforeText), QByteArray("\n</think>\n\n"));
}

void TestAnswerParser::plainModelsPassTextOnAtOnce() {
    const auto parser = AnswerParser::create({}, AnswerStart::Fresh, ToolsOffered::Yes);
    std::vector<AnswerPiece> pieces;
    parser->push(" <", pieces);
    QCOMPARE(pieces.size(), std::size_t{1});
    QCOMPARE(QByteArray::fromStdString(pieces[0].text), QByteArray(" <"));
    pieces.clear();
    parser->pushControl("<|im_start|>", pieces);
    parser->finish(pieces);
    QVERIFY(pieces.empty());
}

// Answers cut and stirred: the parser ends, and calls that come out of it are JSON objects.
void TestAnswerParser::brokenAnswersReadTheSameHoweverSplit() {
    std::mt19937 random(20261122);
    const std::vector<std::string> parts{"<tool_call>",
                                         "</tool_call>",
                                         "<think>",
                                         "</think>",
                                         "{\"name\":\"f\",",
                                         "\"arguments\":{}}",
                                         "<function=f>",
                                         "<parameter=a>",
                                         "</parameter>",
                                         "</function>",
                                         "x",
                                         "\n",
                                         "\"",
                                         "\\",
                                         "<",
                                         "[",
                                         "]",
                                         "[TOOL_CALLS]",
                                         "[ARGS]",
                                         "<|channel|>",
                                         "analysis",
                                         "<|message|>",
                                         "<|end|>",
                                         "<|start|>assistant",
                                         " to=functions.f",
                                         "<|python_tag|>",
                                         "call:f{",
                                         "<|tool_call>",
                                         "<tool_call|>",
                                         "<invoke name=\"f\">",
                                         "<minimax:tool_call>",
                                         "</minimax:tool_call>",
                                         "f(a=",
                                         "[[[[",
                                         "{\"a\":",
                                         "\xff",
                                         "｜"};
    for (const char* source :
         {"<tool_call></think>", "[TOOL_CALLS]", "<|channel|>", "<|python_tag|>", "<|tool_call>", "<minimax:tool_call>",
          "<|tool_call_start|>", "<｜tool▁calls▁begin｜>", "<|tool_calls_section_begin|>", "<function name="}) {
        const AnswerFormat format = formatOf(source);
        for (int round = 0; round < 400; ++round) {
            std::string answer;
            for (unsigned count = random() % 12; count > 0; --count)
                answer += parts[random() % parts.size()];
            const auto split = parseInPieces(format, AnswerStart::Fresh, ToolsOffered::Yes, answer, {1 + random() % 4});
            const auto whole =
                parseInPieces(format, AnswerStart::Fresh, ToolsOffered::Yes, answer, {answer.size() + 1});
            for (const AnswerPiece& piece : split)
                if (piece.kind == AnswerPiece::Kind::Call)
                    QVERIFY2(Json::parse(piece.call.arguments, nullptr, false).is_object(), answer.c_str());
            QVERIFY2(inOrder(split) == inOrder(whole),
                     (answer + "\n" + inOrder(split) + "\n" + inOrder(whole)).c_str());
        }
    }
}

QTEST_GUILESS_MAIN(TestAnswerParser)
#include "tst_answer_parser.moc"
