#include "engine/text/chat_template.h"

#include <QtTest>

#include <chrono>
#include <fstream>
#include <optional>

using namespace hearth;
using Json = nlohmann::ordered_json;

namespace {

std::chrono::system_clock::time_point noonOfJanuary15() {
    return std::chrono::sys_days(std::chrono::year(2025) / 1 / 15) + std::chrono::hours(12);
}

std::optional<Json> readJson(const std::string& path) {
    std::ifstream file(path);
    return file ? std::optional<Json>(Json::parse(file)) : std::nullopt;
}

Json userMessage(const std::string& content) {
    return Json::array({Json{{"role", "user"}, {"content", content}}});
}

} // namespace

class TestChatTemplate : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { qputenv("TZ", "UTC"); }
    void promptsOfRealModelsAreExact_data();
    void promptsOfRealModelsAreExact();
    void refusalSaysWhatTheTemplateSaid();
    void syntaxErrorNamesTheLine();
    void renderingTwiceGivesTheSame();
    void extraVariablesReplaceTheStandardOnes();
    void invalidUtf8InMessagesIsReplaced();
    void hostileTemplatesEnd_data();
    void hostileTemplatesEnd();
};

void TestChatTemplate::promptsOfRealModelsAreExact_data() {
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("beginToken");
    QTest::addColumn<QByteArray>("endToken");
    QTest::addColumn<QByteArray>("conversation");
    const auto table = readJson(HEARTH_SHARED_DIR "/parity/chat/chat_templates.json");
    if (!table)
        QSKIP("shared/parity/chat/chat_templates.json is not there");
    for (const auto& [model, entry] : (*table)["templates"].items())
        for (const Json& conversation : entry["cases"]) {
            const std::string name = model + "/" + conversation["name"].get<std::string>();
            QTest::newRow(name.c_str()) << QByteArray::fromStdString(entry["template"].get<std::string>())
                                        << QByteArray::fromStdString(entry["bos_token"].get<std::string>())
                                        << QByteArray::fromStdString(entry["eos_token"].get<std::string>())
                                        << QByteArray::fromStdString(conversation.dump());
        }
}

void TestChatTemplate::promptsOfRealModelsAreExact() {
    QFETCH(QByteArray, source);
    QFETCH(QByteArray, beginToken);
    QFETCH(QByteArray, endToken);
    QFETCH(QByteArray, conversation);
    const Json entry = Json::parse(conversation.toStdString());

    const auto chatTemplate =
        ChatTemplate::parse(source.toStdString(), beginToken.toStdString(), endToken.toStdString());
    QVERIFY2(chatTemplate.ok(), chatTemplate.ok() ? "" : chatTemplate.error().message.c_str());
    ChatTemplateInput input;
    input.messages = entry["messages"];
    input.tools = entry.value("tools", Json());
    input.addGenerationPrompt = entry["add_generation_prompt"].get<bool>();
    input.extra = entry.value("extra_context", Json::object());
    input.extra["enable_thinking"] = entry["enable_thinking"];
    input.now = noonOfJanuary15();
    const auto prompt = chatTemplate->render(input);

    if (entry["expected"].is_null()) {
        QVERIFY(!prompt.ok());
        QCOMPARE(prompt.error().code, ErrorCode::InvalidInput);
        return;
    }
    QVERIFY2(prompt.ok(), prompt.ok() ? "" : prompt.error().message.c_str());
    QCOMPARE(QByteArray::fromStdString(*prompt), QByteArray::fromStdString(entry["expected"].get<std::string>()));
}

void TestChatTemplate::refusalSaysWhatTheTemplateSaid() {
    const auto chatTemplate = ChatTemplate::parse("\n{{ raise_exception('roles must alternate') }}", "", "");
    QVERIFY(chatTemplate.ok());
    const auto prompt = chatTemplate->render({});
    QVERIFY(!prompt.ok());
    QCOMPARE(prompt.error().code, ErrorCode::InvalidInput);
    QCOMPARE(QByteArray::fromStdString(prompt.error().message),
             QByteArray("chat template: line 2: roles must alternate"));
}

void TestChatTemplate::syntaxErrorNamesTheLine() {
    const auto chatTemplate = ChatTemplate::parse("one\ntwo\n{% if %}x{% endif %}", "", "");
    QVERIFY(!chatTemplate.ok());
    QCOMPARE(chatTemplate.error().code, ErrorCode::InvalidInput);
    QVERIFY2(chatTemplate.error().message.find("line 3: ") != std::string::npos, chatTemplate.error().message.c_str());
}

void TestChatTemplate::renderingTwiceGivesTheSame() {
    const auto chatTemplate = ChatTemplate::parse("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = "
                                                  "ns.n + 1 %}{% endfor %}{{ bos_token }}{{ ns.n }}",
                                                  "<s>", "");
    QVERIFY(chatTemplate.ok());
    ChatTemplateInput input;
    input.messages = userMessage("hello");
    for (int round = 0; round < 2; ++round) {
        const auto prompt = chatTemplate->render(input);
        QVERIFY(prompt.ok());
        QCOMPARE(QByteArray::fromStdString(*prompt), QByteArray("<s>1"));
    }
}

void TestChatTemplate::extraVariablesReplaceTheStandardOnes() {
    const auto chatTemplate = ChatTemplate::parse("{{ bos_token }}{{ mode }}", "<s>", "");
    QVERIFY(chatTemplate.ok());
    ChatTemplateInput input;
    input.extra = Json{{"bos_token", "<b>"}, {"mode", "brief"}};
    const auto prompt = chatTemplate->render(input);
    QVERIFY(prompt.ok());
    QCOMPARE(QByteArray::fromStdString(*prompt), QByteArray("<b>brief"));
}

void TestChatTemplate::invalidUtf8InMessagesIsReplaced() {
    const auto chatTemplate = ChatTemplate::parse("{{ messages[0].content[1:3] }}", "", "");
    QVERIFY(chatTemplate.ok());
    ChatTemplateInput input;
    input.messages = userMessage("a\xff\xc3\xa9z");
    const auto prompt = chatTemplate->render(input);
    QVERIFY2(prompt.ok(), prompt.ok() ? "" : prompt.error().message.c_str());
    QCOMPARE(QByteArray::fromStdString(*prompt), QByteArray("\xef\xbf\xbd\xc3\xa9"));
}

void TestChatTemplate::hostileTemplatesEnd_data() {
    QTest::addColumn<QByteArray>("source");
    const QByteArray loop10 = "{% for i in range(100000) %}";
    QTest::newRow("loops in loops") << loop10 + loop10 + loop10 + "{% endfor %}{% endfor %}{% endfor %}";
    QTest::newRow("long output") << loop10 + "{{ 'x' * 100000 }}{% endfor %}";
    QTest::newRow("doubling text") << QByteArray(
        "{% set ns = namespace(t='xxxxxxxx') %}{% for i in range(99) %}{% set ns.t = ns.t + ns.t %}{% endfor %}");
    QTest::newRow("doubling list") << QByteArray(
        "{% set ns = namespace(t=[1]) %}{% for i in range(99) %}{% set ns.t = ns.t + ns.t %}{% endfor %}");
    QTest::newRow("huge repetition") << QByteArray("{{ 'x' * 99999999999 }}");
    QTest::newRow("huge list") << QByteArray("{{ ([1] * 99999999999)|length }}");
    QTest::newRow("huge padding") << QByteArray("{{ 'x'.center(9999999999) }}");
    QTest::newRow("huge format width") << QByteArray("{{ '%9999999999d' % 1 }}");
    QTest::newRow("huge indent") << QByteArray("{{ [1]|tojson(indent=9999999999) }}");
    QTest::newRow("huge range") << QByteArray("{{ range(9999999)|list }}");
    QTest::newRow("macro without end") << QByteArray("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}");
    QTest::newRow("recursive loop without end")
        << QByteArray("{% set ns = namespace(l=[1]) %}{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}");
    QTest::newRow("nested list") << QByteArray(
        "{% set ns = namespace(l=[]) %}{% for i in range(99999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}");
    QTest::newRow("nested tuple as a key") << QByteArray(
        "{% set ns = namespace(t=()) %}{% for i in range(99999) %}{% set ns.t = (ns.t,) %}{% endfor %}{{ {ns.t: 1} }}");
    QTest::newRow("nested iterators") << QByteArray(
        "{% set ns = namespace(t=[1]) %}{% for i in range(99999) %}{% set ns.t = ns.t|map('string') %}{% endfor %}"
        "{{ ns.t|list }}");
    QTest::newRow("nested values compared") << QByteArray(
        "{% set ns = namespace(a=[], b=[]) %}{% for i in range(99999) %}{% set ns.a = [ns.a] %}{% set ns.b = [ns.b] %}"
        "{% endfor %}{{ ns.a == ns.b }}");
    QTest::newRow("namespace in itself") << QByteArray("{% set ns = namespace() %}{% set ns.self = ns %}{{ ns }}");
    QTest::newRow("nested parentheses") << "{{ " + QByteArray(100000, '(') + "1" + QByteArray(100000, ')') + " }}";
    QTest::newRow("nested lists") << "{{ " + QByteArray(100000, '[') + QByteArray(100000, ']') + " }}";
    QTest::newRow("long chain") << "{{ 1" + QByteArray("+1").repeated(100000) + " }}";
    QTest::newRow("many nots") << "{{ " + QByteArray("not ").repeated(100000) + "1 }}";
    QTest::newRow("many ifs") << QByteArray("{% if 1 %}").repeated(10000);
    QTest::newRow("large template") << QByteArray(2 << 20, 'x');
    QTest::newRow("unequal power") << QByteArray("{{ 9 ** 9999999999 }}");
}

void TestChatTemplate::hostileTemplatesEnd() {
    QFETCH(QByteArray, source);
    const auto chatTemplate = ChatTemplate::parse(source.toStdString(), "", "");
    if (!chatTemplate.ok()) {
        QCOMPARE(chatTemplate.error().code, ErrorCode::InvalidInput);
        return;
    }
    const auto prompt = chatTemplate->render({});
    QVERIFY(!prompt.ok());
    QCOMPARE(prompt.error().code, ErrorCode::InvalidInput);
}

QTEST_GUILESS_MAIN(TestChatTemplate)
#include "tst_chat_template.moc"
