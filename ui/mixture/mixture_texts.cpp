#include "ui/mixture/mixture_texts.h"

#include <QLocale>
#include <QStringList>

namespace hearth::ui {

QString MixtureTexts::percent(double part) {
    const QLocale locale;
    const double value = part * 100;
    if (value > 0 && value < 0.1)
        return tr("< %1%").arg(locale.toString(0.1, 'f', 1));
    const int digits = value < 9.95 && value > 0 ? 1 : 0;
    return tr("%1%", "a percentage").arg(locale.toString(value, 'f', value > 99.95 ? 0 : value > 99 ? 1 : digits));
}

QString MixtureTexts::quoted(const QString& text) {
    return tr("“%1”").arg(text);
}

QString MixtureTexts::token(const TraceCursor& cursor, int token) {
    const AnswerTrace& trace = cursor.trace();
    const QLocale locale;
    QString sentence = tr("Token %1 of %2: %3, probability %4.")
                           .arg(locale.toString(token + 1), locale.toString(trace.tokenCount()),
                                quoted(shownText(trace.chosen(token).text).shown),
                                percent(static_cast<double>(trace.chosen(token).probability)));
    QStringList others;
    for (const AnswerTrace::Chance& other : trace.runnersUp(token))
        others.append(tr("%1 %2", "a token and its probability")
                          .arg(quoted(shownText(other.text).shown), percent(static_cast<double>(other.probability))));
    if (!others.isEmpty())
        sentence += QLatin1Char(' ') + tr("Instead it might have been: %1.").arg(others.join(tr(", ", "in a list")));
    return sentence;
}

QString MixtureTexts::expert(const TraceCursor& cursor, TraceCursor::Expert expert) {
    const ExpertLoad& load = cursor.load();
    const QLocale locale;
    return tr("Layer %1, expert %2: %3 of %4 tokens, %5 of the layer (%6 times an even share)")
        .arg(locale.toString(load.layers[static_cast<std::size_t>(expert.layer)].layer), locale.toString(expert.expert),
             locale.toString(load.count(expert.layer, expert.expert)), locale.toString(load.tokens),
             percent(static_cast<double>(load.share(expert.layer, expert.expert))),
             locale.toString(load.timesEven(expert.layer, expert.expert), 'f', 1));
}

QString MixtureTexts::layer(const TraceCursor& cursor, int layer) {
    const ExpertLoad::Layer& of = cursor.load().layers[static_cast<std::size_t>(layer)];
    const QLocale locale;
    if (of.busiest < 0)
        return tr("Layer %1: no token of this range was read").arg(locale.toString(of.layer));
    return tr("Layer %1: %2 of %3 experts were used, the busiest is %4; load balance %5")
        .arg(locale.toString(of.layer), locale.toString(of.active), locale.toString(of.experts),
             locale.toString(of.busiest), percent(of.balance));
}

QString MixtureTexts::range(const TraceCursor& cursor) {
    if (!cursor.hasSelection())
        return tr("whole answer");
    const QLocale locale;
    const TokenRange range = cursor.range();
    return range.size() == 1 ? tr("token %1").arg(locale.toString(range.end))
                             : tr("tokens %1 to %2").arg(locale.toString(range.first + 1), locale.toString(range.end));
}

} // namespace hearth::ui
