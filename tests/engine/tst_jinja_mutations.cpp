#include "engine/text/jinja/template.h"

#include <QtTest>

#include <fstream>
#include <random>

using namespace hearth;
using Json = nlohmann::ordered_json;

/// Templates broken at random, always in the same way: each must give a text or an error, and soon.
class TestJinjaMutations : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void brokenTemplatesGiveATextOrAnError();
    void brokenModelTemplatesGiveATextOrAnError();

private:
    void breakAndRender(const std::vector<std::string>& templates, int rounds, unsigned seed);

    Json m_variables;
    std::vector<std::string> m_small;
};

namespace {

/// Pieces that make a mutation more than noise.
const std::vector<std::string> kPieces{"{{",
                                       "}}",
                                       "{%",
                                       "%}",
                                       "{#",
                                       "#}",
                                       "-%}",
                                       "{%-",
                                       " if ",
                                       " else ",
                                       " for x in ",
                                       "endfor",
                                       "endif",
                                       "loop",
                                       "[",
                                       "]",
                                       "(",
                                       ")",
                                       "{",
                                       "}",
                                       "|",
                                       ".",
                                       ",",
                                       ":",
                                       "::-1",
                                       "~",
                                       "**",
                                       "//",
                                       "%",
                                       " not ",
                                       " is ",
                                       " in ",
                                       "999999999",
                                       "-1",
                                       "0",
                                       "'",
                                       "\"",
                                       "\\",
                                       "none",
                                       "namespace(a=1)",
                                       "range(99)",
                                       "caller()",
                                       "varargs",
                                       "|map('upper')",
                                       "|list",
                                       "|tojson(indent=2)",
                                       "|sort",
                                       "|join",
                                       ".items()",
                                       ".split()",
                                       "*args",
                                       "**kw",
                                       "recursive",
                                       "{% set ns.a = ns %}",
                                       "{% break %}",
                                       "{% macro m(a, b=2) %}",
                                       "{% endmacro %}",
                                       "{% call m() %}",
                                       "{% raw %}",
                                       "{% generation %}",
                                       "\n",
                                       "\xc3\xa9",
                                       "\xff",
                                       std::string(1, '\0')};

std::string mutate(std::string text, const std::string& other, std::mt19937& random) {
    const auto below = [&](std::size_t bound) { return bound == 0 ? 0 : random() % bound; };
    for (std::size_t change = 1 + below(4); change > 0; --change) {
        const std::size_t place = below(text.size() + 1);
        const std::size_t length = below(std::min<std::size_t>(text.size() - place, 20) + 1);
        switch (below(6)) {
        case 0:
            text.erase(place, length);
            break;
        case 1:
            text.insert(place, kPieces[below(kPieces.size())]);
            break;
        case 2:
            text.replace(place, length, kPieces[below(kPieces.size())]);
            break;
        case 3: // a part of itself again
            text.insert(place, text.substr(below(text.size() + 1), below(60)));
            break;
        case 4: // a part of another
            text.insert(place, other.substr(below(other.size() + 1), below(60)));
            break;
        default:
            if (place < text.size())
                text[place] = static_cast<char>(random());
        }
    }
    return text;
}

} // namespace

void TestJinjaMutations::initTestCase() {
    std::ifstream file(HEARTH_SOURCE_DIR "/tests/engine/data/jinja_cases.json");
    QVERIFY(file.is_open());
    const Json table = Json::parse(file);
    m_variables = table["context"];
    for (const Json& entry : table["cases"])
        m_small.push_back(entry["template"].get<std::string>());
}

void TestJinjaMutations::breakAndRender(const std::vector<std::string>& templates, int rounds, unsigned seed) {
    std::mt19937 random(seed);
    jinja::Limits limits;
    limits.steps = 100'000;
    limits.memoryBytes = 32 << 20;
    limits.outputBytes = 1 << 20;
    int rendered = 0;
    for (int round = 0; round < rounds; ++round) {
        const std::string& base = templates[random() % templates.size()];
        const std::string source = mutate(base, templates[random() % templates.size()], random);
        const auto parsed = jinja::Template::parse(source);
        const auto check = [&](const Error& error) {
            QVERIFY2(error.code == ErrorCode::InvalidInput && !error.message.empty(),
                     qPrintable(QString::number(round)));
        };
        if (!parsed.ok()) {
            check(parsed.error());
            continue;
        }
        const auto text = parsed->render(m_variables, std::chrono::system_clock::time_point(), limits);
        if (!text.ok()) {
            check(text.error());
            continue;
        }
        ++rendered;
        QVERIFY2(QByteArray::fromStdString(*text) == QString::fromStdString(*text).toUtf8(),
                 qPrintable(QString::number(round)));
    }
    // The mutations would test little if none of them could still be rendered, or all.
    QVERIFY2(rendered > rounds / 50 && rendered < rounds, qPrintable(QString::number(rendered)));
}

void TestJinjaMutations::brokenTemplatesGiveATextOrAnError() {
    breakAndRender(m_small, 30000, 2025);
}

void TestJinjaMutations::brokenModelTemplatesGiveATextOrAnError() {
    std::ifstream file(HEARTH_SHARED_DIR "/parity/chat/chat_templates.json");
    if (!file.is_open())
        QSKIP("shared/parity/chat/chat_templates.json is not there");
    std::vector<std::string> templates;
    const Json table = Json::parse(file);
    for (const auto& [model, entry] : table["templates"].items())
        templates.push_back(entry["template"].get<std::string>());
    breakAndRender(templates, 3000, 2026);
}

QTEST_GUILESS_MAIN(TestJinjaMutations)
#include "tst_jinja_mutations.moc"
