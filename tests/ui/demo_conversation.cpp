// A developer's tool: fills the conversation view with everything it can show, as a window or as a picture.
//   demo_conversation [--dark] [--font-scale 1.5] [--size 900x1400] [--state rich|empty|waiting|streaming|failed|long]
//                     [--scroll PIXELS] [--select-all] [--find TEXT] [--tabs COUNT] [--out FILE.png]

#include "ui/conversation/conversation_view.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QFile>
#include <QKeyEvent>
#include <QScrollBar>

using namespace hearth;
using namespace hearth::ui;

namespace {

ShownMessage question(const QString& text) {
    ShownMessage shown;
    shown.message.id = nextId();
    shown.message.role = MessageRole::User;
    shown.message.text = text;
    shown.message.created = QDateTime(QDate(2025, 3, 14), QTime(10, 42));
    return shown;
}

ShownMessage answer(const QString& text, MessageState state = MessageState::Complete) {
    ShownMessage shown = question(text);
    shown.message.id = nextId();
    shown.message.role = MessageRole::Assistant;
    shown.message.state = state;
    shown.message.stats.modelName = QStringLiteral("SmolLM2 135M Instruct");
    shown.message.stats.generatedTokens = 312;
    shown.message.stats.decodeSeconds = 4.3;
    return shown;
}

QString richText() {
    QFile file(QStringLiteral(HEARTH_SOURCE_DIR "/tests/ui/data/demo_answer.md"));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// Reasoning folded, open, and being written.
void showReasoning(ConversationView& view) {
    const QString thoughts = QStringLiteral(
        "The user asks for the sum of the first ten odd numbers. I could add them one by one: 1 + 3 = 4, "
        "4 + 5 = 9, 9 + 7 = 16. These are squares!\n\nSo the sum of the first n odd numbers is n², and for "
        "n = 10 that is 100.\nLet me check with n = 4: 1 + 3 + 5 + 7 = 16 = 4². Yes.");
    ShownMessage folded = answer(QStringLiteral("The sum is **100**: the first *n* odd numbers sum to n²."));
    folded.message.reasoning = thoughts;
    folded.message.stats.reasoningSeconds = 12.3;
    ShownMessage open = folded;
    open.message.id = nextId();
    open.message.stats.reasoningSeconds = 125;
    ShownMessage thinking = answer({}, MessageState::Streaming);
    thinking.message.reasoning = thoughts.left(180);
    thinking.message.stats.reasoningSeconds = 5;
    view.setMessages({question(QStringLiteral("What is the sum of the first ten odd numbers?")), folded,
                      question(QStringLiteral("How did you find out?")), open,
                      question(QStringLiteral("And of the first twenty?")), thinking});
    view.layOutNow();
    view.activate(3, {MessageAction::ToggleReasoning, -1});
}

std::vector<ShownMessage> richConversation() {
    std::vector<ShownMessage> all;
    all.push_back(question(QStringLiteral("What is the capital of France?")));
    all.push_back(answer(QStringLiteral("The capital of France is **Paris**. It lies on the *Seine* and has about 2.1 "
                                        "million inhabitants.")));
    ShownMessage withFile = question(QStringLiteral(
        "Show me everything you can format: headings, lists, code, a table, a quote and a formula. Please keep each "
        "part "
        "short, and explain in a sentence or two what it is good for. This question is long enough to be broken into "
        "several lines of its bubble."));
    Attachment attachment;
    attachment.fileName = QStringLiteral("style-guide.md");
    withFile.message.attachments = {attachment};
    withFile.versionCount = 3;
    withFile.versionIndex = 1;
    all.push_back(withFile);
    all.push_back(answer(richText()));
    return all;
}

void showState(ConversationView& view, const QString& state) {
    if (state == QStringLiteral("reasoning")) {
        showReasoning(view);
        return;
    }
    if (state == QStringLiteral("empty"))
        return;
    std::vector<ShownMessage> all = richConversation();
    if (state == QStringLiteral("waiting")) {
        all.back() = answer(QString(), MessageState::Streaming);
        view.setWaitingNote(QStringLiteral("Reading the question: 512 of 2,048 tokens"));
    } else if (state == QStringLiteral("streaming")) {
        all.back().message.state = MessageState::Streaming;
        all.back().message.text = all.back().message.text.left(900);
    } else if (state == QStringLiteral("failed")) {
        all.resize(3);
        all.push_back(answer(QStringLiteral("The first steps are these:\n\n1. Open the file"), MessageState::Stopped));
        all.back().canContinue = true;
        all.push_back(question(QStringLiteral("Go on.")));
        all.push_back(answer(QString(), MessageState::Failed));
        all.back().message.failure = QStringLiteral(
            "The model does not fit in memory: it needs 5.2 GB and 3.9 GB are free. Close other programs, or choose a "
            "smaller model.");
        all.push_back(question(QStringLiteral("And now?")));
        all.push_back(answer(QStringLiteral("An answer that was cut"), MessageState::Interrupted));
        all.back().canContinue = true;
        all.back().versionCount = 2;
    } else if (state == QStringLiteral("long")) {
        for (int copy = 0; copy < 5000; ++copy) {
            all.push_back(question(QStringLiteral("Question %1").arg(copy)));
            all.push_back(answer(richText()));
        }
    }
    view.setMessages(std::move(all));
}

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    QCommandLineParser parser;
    const QCommandLineOption dark(QStringLiteral("dark"));
    const QCommandLineOption fontScale(QStringLiteral("font-scale"), {}, QStringLiteral("factor"), QStringLiteral("1"));
    const QCommandLineOption size(QStringLiteral("size"), {}, QStringLiteral("WxH"), QStringLiteral("900x1000"));
    const QCommandLineOption state(QStringLiteral("state"), {}, QStringLiteral("name"), QStringLiteral("rich"));
    const QCommandLineOption scroll(QStringLiteral("scroll"), {}, QStringLiteral("pixels"));
    const QCommandLineOption out(QStringLiteral("out"), {}, QStringLiteral("file"));
    const QCommandLineOption select(QStringLiteral("select-all"));
    const QCommandLineOption keys(QStringLiteral("tabs"), {}, QStringLiteral("count"));
    const QCommandLineOption find(QStringLiteral("find"), {}, QStringLiteral("text"));
    parser.addOptions({dark, fontScale, size, state, scroll, out, select, keys, find});
    parser.addHelpOption();
    parser.process(application);

    loadResources();
    Theme theme;
    theme.setChoice(parser.isSet(dark) ? ThemeChoice::Dark : ThemeChoice::Light);
    theme.setFontScale(parser.value(fontScale).toDouble());
    theme.install();
    ConversationView view(theme);
    const QStringList sides = parser.value(size).split(u'x');
    view.resize(sides.value(0).toInt(), sides.value(1).toInt());
    showState(view, parser.value(state));
    view.show();
    view.layOutNow();
    if (parser.isSet(scroll))
        view.verticalScrollBar()->setValue(parser.value(scroll).toInt());
    if (parser.isSet(select))
        view.selectAll();
    if (parser.isSet(find))
        view.find(parser.value(find));
    if (parser.isSet(keys)) {
        QApplication::processEvents();
        view.clearFocus();
        view.setFocus(Qt::TabFocusReason);
        for (int press = parser.value(keys).toInt(); press > 0; --press) {
            QKeyEvent key(QEvent::KeyPress, Qt::Key_Tab, Qt::NoModifier);
            QApplication::sendEvent(&view, &key);
        }
    }
    if (!parser.isSet(out))
        return QApplication::exec();
    QApplication::processEvents();
    return view.grab().save(parser.value(out)) ? 0 : 1;
}
