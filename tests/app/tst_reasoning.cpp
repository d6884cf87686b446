#include "tests/app/chat_fixture.h"
#include "tests/app/why.h"

#include <QSignalSpy>
#include <QtTest>

using namespace Qt::StringLiterals;

namespace hearth {

namespace {

/// Shows what the template is given: reasoning only of answers after the last question, as most families do.
constexpr const char* kThinkingTemplate =
    "{% for m in messages %}[{{ m.role }}]{{ m.content }}"
    "{% if m.reasoning_content and keep_thinking %}<think>{{ m.reasoning_content }}</think>{% endif %}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}{# <think></think> #}";
/// Reads everything again, and opens the reasoning itself.
constexpr const char* kOpenTemplate =
    "{% for m in messages %}[{{ m.role }}]{% if m.reasoning_content %}({{ m.reasoning_content }}|{{ m.thinking }}){% "
    "endif %}{{ m.content }}<|end|>{% endfor %}{% if add_generation_prompt %}[assistant]<think>\n{% endif %}"
    "{# </think> #}";

} // namespace

/// What a model thinks, from the engine's stream to the database and back into prompts.
class TestReasoning : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_fixture = std::make_unique<ChatFixture>(ChatFixture::Begin::Later); }
    void cleanup() { m_fixture.reset(); }

    void reasoningStreamsAndIsStoredApartFromTheText() {
        begin(kThinkingTemplate, {{"<think>", "\nTwo and ", "two.\n", "</think>", "\n\nIt is ", "4."}});
        QSignalSpy reasoning(&m_fixture->model(), &ConversationModel::reasoningAppended);
        QSignalSpy progress(&m_fixture->model(), &ConversationModel::progressed);
        QVERIFY(m_fixture->ask(u"2 + 2?"_s));
        QCOMPARE(m_fixture->last().text, u"It is 4."_s);
        QCOMPARE(m_fixture->last().reasoning, u"Two and two."_s);
        QCOMPARE(m_fixture->last().stats.reasoningSeconds, 12.0);
        QString joined;
        for (const QList<QVariant>& arguments : reasoning)
            joined += arguments.at(1).toString();
        QCOMPARE(joined, u"Two and two."_s);
        QVERIFY(!progress.isEmpty());

        const ConversationId id = m_fixture->chat().currentConversation();
        QVERIFY(m_fixture->restart());
        QVERIFY(m_fixture->waitForStore());
        QVERIFY(m_fixture->open(id));
        QCOMPARE(m_fixture->last().text, u"It is 4."_s);
        QCOMPARE(m_fixture->last().reasoning, u"Two and two."_s);
        QCOMPARE(m_fixture->last().stats.reasoningSeconds, 12.0);
    }

    void laterPromptsAreWithoutItUnlessTheTemplateAsks() {
        begin(kThinkingTemplate, {{"<think>Secret.</think>One."}, {"Two."}});
        QVERIFY(m_fixture->ask(u"First?"_s));
        QVERIFY(m_fixture->ask(u"Second?"_s));
        QCOMPARE(m_fixture->script.prompts().at(1),
                 std::string("[user]First?<|end|>[assistant]One.<|end|>[user]Second?<|end|>[assistant]"));
        QVERIFY(m_fixture->last().reasoning.isEmpty());
    }

    void templatesThatAskGetItByEitherName() {
        begin(kOpenTemplate, {{"Secret.</think>One."}, {"Hm.</think>Two."}});
        QVERIFY(m_fixture->ask(u"First?"_s));
        QCOMPARE(m_fixture->last().reasoning, u"Secret."_s);
        QCOMPARE(m_fixture->last().text, u"One."_s);
        QVERIFY(m_fixture->script.requests().at(0).answerStart == AnswerStart::InReasoning);
        QVERIFY(m_fixture->ask(u"Second?"_s));
        QVERIFY2(m_fixture->script.prompts().at(1).find("[assistant](Secret.|Secret.)One.") != std::string::npos,
                 m_fixture->script.prompts().at(1).c_str());
    }

    void controlTokensInReasoningArePlainText() {
        begin(kOpenTemplate, {{"a<|end|>b</think>One."}, {"Two."}});
        QVERIFY(m_fixture->ask(u"First?"_s));
        QVERIFY(m_fixture->ask(u"Second?"_s));
        const std::vector<TokenId>& prompt = m_fixture->script.requests().at(1).prompt;
        // Three turns, each ended by the template alone.
        QCOMPARE(std::count(prompt.begin(), prompt.end(), ByteTokenizer::kEnd), 3);
    }

    void anAnswerStoppedWhileThinkingGoesOnThinking() {
        begin(kThinkingTemplate, {{"<think>", "Deep ", "thoughts "}, {"and more.</think>Done."}});
        m_fixture->script.generateError = Error{ErrorCode::Device, "it broke"};
        QVERIFY(m_fixture->ask(u"Why?"_s));
        QCOMPARE(m_fixture->last().state, MessageState::Failed);
        QVERIFY(m_fixture->last().text.isEmpty());
        const MessageId answer = m_fixture->last().id;
        QVERIFY(m_fixture->chat().canContinue(answer));
        m_fixture->script.generateError.reset();
        m_fixture->chat().continueAnswer(answer);
        QVERIFY(m_fixture->waitUntilIdle());
        QVERIFY2(m_fixture->script.prompts().at(1).ends_with("[assistant]<think>\nDeep thoughts "),
                 m_fixture->script.prompts().at(1).c_str());
        QVERIFY(m_fixture->script.requests().at(1).answerStart == AnswerStart::InReasoning);
        QCOMPARE(m_fixture->last().reasoning.simplified(), u"Deep thoughts and more."_s);
        QCOMPARE(m_fixture->last().text, u"Done."_s);
    }

    void anAnswerThatHasBegunGoesOnAfterItsReasoning() {
        begin(kThinkingTemplate, {{"<think>Hm.</think>", "It is"}, {" so."}});
        m_fixture->script.generateError = Error{ErrorCode::Device, "it broke"};
        QVERIFY(m_fixture->ask(u"Why?"_s));
        m_fixture->script.generateError.reset();
        m_fixture->chat().continueAnswer(m_fixture->last().id);
        QVERIFY(m_fixture->waitUntilIdle());
        QVERIFY2(m_fixture->script.prompts().at(1).ends_with("[assistant]<think>\nHm.\n</think>\n\nIt is"),
                 m_fixture->script.prompts().at(1).c_str());
        QCOMPARE(m_fixture->last().text, u"It is so."_s);
        QCOMPARE(m_fixture->last().reasoning, u"Hm."_s);
    }

private:
    void begin(const char* chatTemplate, std::vector<std::vector<std::string>> answers) {
        m_fixture->script.chatTemplate = chatTemplate;
        m_fixture->script.answers = std::move(answers);
        m_fixture->start();
        QVERIFY(m_fixture->load());
    }

    std::unique_ptr<ChatFixture> m_fixture;
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestReasoning)
#include "tst_reasoning.moc"
