#include "tests/ui/conversation_fixture.h"

#include <QFile>
#include <QtTest>

namespace hearth::ui {

ShownMessage question(qint64 id, const QString& text) {
    ShownMessage shown;
    shown.message.id = id;
    shown.message.role = MessageRole::User;
    shown.message.text = text;
    return shown;
}

ShownMessage answer(qint64 id, const QString& text, MessageState state) {
    ShownMessage shown = question(id, text);
    shown.message.role = MessageRole::Assistant;
    shown.message.state = state;
    return shown;
}

QString prose(int sentences) {
    return QStringLiteral("A sentence that is long enough to fill a good part of a line in the column. ")
        .repeated(sentences);
}

std::vector<ShownMessage> turns(int count) {
    std::vector<ShownMessage> all;
    for (int turn = 0; turn < count; ++turn) {
        all.push_back(question(2 * turn + 1, QStringLiteral("Question %1?").arg(turn)));
        all.push_back(
            answer(2 * turn + 2, QStringLiteral("## Answer %1\n\n").arg(turn) + prose(1 + turn % 9)
                                     + QStringLiteral("\n\n- a point\n- another\n\n```cpp\nint x = 1;\n```\n")));
    }
    return all;
}

QString demoAnswer() {
    QFile file(QStringLiteral(HEARTH_SOURCE_DIR "/tests/ui/data/demo_answer.md"));
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

void showConversation(ConversationView& view, std::vector<ShownMessage> messages, QSize size) {
    view.resize(size);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    view.setMessages(std::move(messages));
    view.layOutNow();
}

} // namespace hearth::ui
