#include "engine/text/jinja/template.h"

#include <QtTest>

#include <fstream>

using namespace hearth;
using Json = nlohmann::ordered_json;

/// Small templates against what the real Jinja made of them (data/make_jinja_cases.py).
class TestJinja : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void rendersAsJinjaDoes_data();
    void rendersAsJinjaDoes();
    void errorsNameTheLine_data();
    void errorsNameTheLine();
    void limitsAreKept_data();
    void limitsAreKept();
    void variablesMustBeAnObject();

private:
    Json m_table;
};

namespace {

std::chrono::system_clock::time_point noonOfJanuary15() {
    return std::chrono::sys_days(std::chrono::year(2025) / 1 / 15) + std::chrono::hours(12);
}

/// What the template renders to, or an error of parsing or rendering.
Result<std::string> render(const std::string& source, const Json& variables, const jinja::Limits& limits = {}) {
    HEARTH_TRY(const jinja::Template parsed, jinja::Template::parse(source));
    return parsed.render(variables, noonOfJanuary15(), limits);
}

} // namespace

void TestJinja::initTestCase() {
    qputenv("TZ", "UTC");
    std::ifstream file(HEARTH_SOURCE_DIR "/tests/engine/data/jinja_cases.json");
    QVERIFY(file.is_open());
    m_table = Json::parse(file);
    QVERIFY(m_table["cases"].size() > 1000);
}

void TestJinja::rendersAsJinjaDoes_data() {
    QTest::addColumn<int>("index");
    for (int index = 0; index < static_cast<int>(m_table["cases"].size()); ++index) {
        const Json& entry = m_table["cases"][static_cast<std::size_t>(index)];
        const QByteArray source = QByteArray::fromStdString(entry["template"].get<std::string>());
        QTest::addRow("%s %d: %s", entry["group"].get<std::string>().c_str(), index, source.left(60).constData())
            << index;
    }
}

void TestJinja::rendersAsJinjaDoes() {
    QFETCH(int, index);
    const Json& entry = m_table["cases"][static_cast<std::size_t>(index)];
    const auto text = render(entry["template"].get<std::string>(), m_table["context"]);
    if (entry["expected"].is_null()) {
        QVERIFY2(!text.ok(), text.ok() ? ("it gave: " + *text).c_str() : "");
        QCOMPARE(text.error().code, ErrorCode::InvalidInput);
        QVERIFY2(text.error().message.starts_with("line "), text.error().message.c_str());
        return;
    }
    QVERIFY2(text.ok(), text.ok() ? "" : text.error().message.c_str());
    QCOMPARE(QByteArray::fromStdString(*text), QByteArray::fromStdString(entry["expected"].get<std::string>()));
}

void TestJinja::errorsNameTheLine_data() {
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("message");
    QTest::newRow("syntax") << QByteArray("a\n{{ 1 2 }}")
                            << QByteArray("line 2: expected end of print statement, got a number");
    QTest::newRow("unknown tag")
        << QByteArray("{% if 1 %}\n{% nothing %}")
        << QByteArray("line 2: unknown tag 'nothing'; the innermost block needs 'elif' or 'else' or 'endif'");
    QTest::newRow("unknown filter") << QByteArray("\n\n{{ 1|nothing }}")
                                    << QByteArray("line 3: there is no filter 'nothing'");
    QTest::newRow("undefined") << QByteArray("a\n{{ foo.bar }}") << QByteArray("line 2: 'foo' is undefined");
    QTest::newRow("attribute of nothing")
        << QByteArray("{{ d.x.y }}") << QByteArray("line 1: 'dict object' has no attribute 'x'");
    QTest::newRow("in a macro") << QByteArray("{% macro m() %}\n\n{{ 1 / 0 }}\n{% endmacro %}\n\n{{ m() }}")
                                << QByteArray("line 3: division by zero");
    QTest::newRow("after a macro") << QByteArray("{% macro m() %}\n\n{% endmacro %}\n{{ m() + 1 }}")
                                   << QByteArray("line 4: '+' is not supported between 'str' and 'int'");
    QTest::newRow("what the template says")
        << QByteArray("{% if 1 %}\n{{ raise_exception('Only user roles!') }}{% endif %}")
        << QByteArray("line 2: Only user roles!");
    QTest::newRow("changing a list") << QByteArray(
        "{{ [].append(1) }}") << QByteArray("line 1: access to attribute 'append' of a value of type 'list' is unsafe");
}

void TestJinja::errorsNameTheLine() {
    QFETCH(QByteArray, source);
    QFETCH(QByteArray, message);
    const auto text = render(source.toStdString(), Json{{"d", Json::object()}});
    QVERIFY(!text.ok());
    QCOMPARE(QByteArray::fromStdString(text.error().message), message);
}

void TestJinja::limitsAreKept_data() {
    QTest::addColumn<QByteArray>("source");
    QTest::addColumn<QByteArray>("reason");
    QTest::newRow("steps") << QByteArray("{% for i in range(5000) %}{% for j in range(5000) %}{% endfor %}{% endfor %}")
                           << QByteArray("steps");
    QTest::newRow("memory") << QByteArray(
        "{% set ns = namespace(l=[1]) %}{% for i in range(40) %}{% set ns.l = ns.l + ns.l %}{% endfor %}")
                            << QByteArray("memory");
    QTest::newRow("output") << QByteArray("{% for i in range(5000) %}{{ 'x' * 100 }}{% endfor %}")
                            << QByteArray("bytes");
    QTest::newRow("depth") << QByteArray("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}") << QByteArray("nests");
}

void TestJinja::limitsAreKept() {
    QFETCH(QByteArray, source);
    QFETCH(QByteArray, reason);
    jinja::Limits limits;
    limits.steps = 100'000;
    limits.memoryBytes = 1 << 20;
    limits.outputBytes = 100'000;
    limits.depth = 100;
    const auto text = render(source.toStdString(), Json::object(), limits);
    QVERIFY(!text.ok());
    QCOMPARE(text.error().code, ErrorCode::InvalidInput);
    QVERIFY2(text.error().message.find(reason.toStdString()) != std::string::npos, text.error().message.c_str());
}

void TestJinja::variablesMustBeAnObject() {
    const auto text = render("x", Json::array());
    QVERIFY(!text.ok());
    QCOMPARE(text.error().code, ErrorCode::InvalidInput);
}

QTEST_GUILESS_MAIN(TestJinja)
#include "tst_jinja.moc"
