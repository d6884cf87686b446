// Times the conversation view: opening and scrolling many messages, and frames while an answer streams. Prints JSON.
//   bench_conversation [messages]

#include "ui/conversation/conversation_view.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QElapsedTimer>
#include <QJsonDocument>
#include <QJsonObject>
#include <QScrollBar>

#include <algorithm>
#include <cstdio>
#include <vector>

using namespace hearth;
using namespace hearth::ui;

namespace {

QString answerText(int number) {
    QString text = QStringLiteral("## Answer %1\n\n").arg(number);
    for (int part = 0; part < 1 + number % 5; ++part)
        text +=
            QStringLiteral("Some **running** text with `code` in it, long enough to be broken into a few lines of the "
                           "column, as answers are; it goes on for a while and then ends.\n\n- a point\n- another "
                           "one\n\n```python\nfor item in range(10):\n    print(item)  # all of them\n```\n\n");
    return text + QStringLiteral("| a | b |\n|---|---|\n| one | two |\n");
}

ShownMessage message(qint64 id, MessageRole role, const QString& text, MessageState state = MessageState::Complete) {
    ShownMessage shown;
    shown.message.id = id;
    shown.message.role = role;
    shown.message.text = text;
    shown.message.state = state;
    return shown;
}

double milliseconds(const QElapsedTimer& clock) {
    return static_cast<double>(clock.nsecsElapsed()) / 1e6;
}

/// Median, 99th percentile and maximum.
QJsonObject spread(std::vector<double> times) {
    std::sort(times.begin(), times.end());
    const auto at = [&times](double part) { return times[static_cast<std::size_t>(part * double(times.size() - 1))]; };
    return {
        {QStringLiteral("medianMs"), at(0.5)}, {QStringLiteral("p99Ms"), at(0.99)}, {QStringLiteral("maxMs"), at(1)}};
}

} // namespace

int main(int argc, char** argv) {
    QApplication application(argc, argv);
    const int count = argc > 1 ? std::max(2, std::atoi(argv[1])) : 10000;
    loadResources();
    Theme theme;
    theme.install();
    ConversationView view(theme);
    view.resize(1000, 900);
    QImage frame(view.size(), QImage::Format_ARGB32_Premultiplied);
    QJsonObject report{{QStringLiteral("messages"), count}};
    QElapsedTimer clock;

    std::vector<ShownMessage> all;
    for (int index = 0; index < count; ++index)
        all.push_back(message(index + 1, index % 2 ? MessageRole::Assistant : MessageRole::User,
                              index % 2 ? answerText(index) : QStringLiteral("Question %1").arg(index)));
    clock.start();
    view.setMessages(std::move(all));
    view.show();
    view.render(&frame);
    report[QStringLiteral("openMs")] = milliseconds(clock);

    std::vector<double> steps;
    QScrollBar* bar = view.verticalScrollBar();
    for (int step = 0; step < 500; ++step) {
        clock.restart();
        bar->setValue(bar->value() - 120);
        view.render(&frame);
        steps.push_back(milliseconds(clock));
    }
    report[QStringLiteral("wheelFrame")] = spread(steps);

    std::vector<double> jumps;
    for (int jump = 0; jump < 100; ++jump) {
        clock.restart();
        bar->setValue(static_cast<int>(static_cast<qint64>(bar->maximum()) * (jump * 37 % 100) / 100));
        view.render(&frame);
        jumps.push_back(milliseconds(clock));
    }
    report[QStringLiteral("jumpFrame")] = spread(jumps);

    view.appendMessage(message(count + 1, MessageRole::User, QStringLiteral("Go")));
    view.appendMessage(message(count + 2, MessageRole::Assistant, {}, MessageState::Streaming));
    QString text;
    for (int part = 0; part < 20; ++part)
        text += answerText(part);
    std::vector<double> deltas;
    std::vector<double> frames;
    for (qsizetype at = 0; at < text.size(); at += 5) {
        clock.restart();
        view.appendText(count + 2, text.mid(at, 5));
        view.layOutNow();
        deltas.push_back(milliseconds(clock));
        if (at % 50 == 0) {
            clock.restart();
            view.render(&frame);
            frames.push_back(milliseconds(clock));
        }
    }
    report[QStringLiteral("streamedLetters")] = text.size();
    report[QStringLiteral("delta")] = spread(deltas);
    report[QStringLiteral("streamFrame")] = spread(frames);

    // The same at the end of an answer of a megabyte.
    QString filler;
    for (int part = 0; filler.size() < 1000000; ++part)
        filler += answerText(part);
    view.appendText(count + 2, filler);
    view.layOutNow();
    std::vector<double> lateDeltas;
    for (qsizetype at = 0; at < 5000; at += 5) {
        clock.restart();
        view.appendText(count + 2, text.mid(at, 5));
        view.layOutNow();
        lateDeltas.push_back(milliseconds(clock));
    }
    report[QStringLiteral("deltaAfterMegabyte")] = spread(lateDeltas);
    std::puts(QJsonDocument(report).toJson().constData());
    return 0;
}
