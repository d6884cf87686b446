#include "ui/mixture/summary_strip.h"

#include "ui/mixture/mixture_texts.h"
#include "ui/mixture/trace_cursor.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>

namespace hearth::ui {

SummaryStrip::SummaryStrip(const Theme& theme, TraceCursor& cursor, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_cursor(cursor) {
    setObjectName(QStringLiteral("mixtureSummary"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(Metrics::kSpace3, Metrics::kSpace1, Metrics::kSpace3, Metrics::kSpace2);
    row->setSpacing(Metrics::kSpace3);
    for (Tile& tile : m_tiles) {
        tile.box = new QWidget(this);
        tile.value = new QLabel(tile.box);
        tile.caption = new QLabel(tile.box);
        tile.caption->setForegroundRole(QPalette::PlaceholderText);
        tile.caption->setWordWrap(true);
        tile.caption->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        for (QLabel* label : {tile.value, tile.caption})
            label->setTextFormat(Qt::PlainText);
        auto* column = new QVBoxLayout(tile.box);
        column->setContentsMargins(0, 0, 0, 0);
        column->setSpacing(0);
        column->addWidget(tile.value);
        column->addWidget(tile.caption, 1);
        row->addWidget(tile.box, 1);
    }
    connect(&m_theme, &Theme::changed, this, &SummaryStrip::applyTheme);
    connect(&m_cursor, &TraceCursor::traceChanged, this, &SummaryStrip::refresh);
    connect(&m_cursor, &TraceCursor::traceGrew, this, &SummaryStrip::refresh);
    connect(&m_cursor, &TraceCursor::rangeChanged, this, &SummaryStrip::refresh);
    applyTheme();
    refresh();
}

void SummaryStrip::applyTheme() {
    for (const Tile& tile : m_tiles) {
        tile.value->setFont(m_theme.font(FontRole::Title));
        tile.caption->setFont(m_theme.font(FontRole::Small));
    }
}

void SummaryStrip::fill(const Tile& tile, const QString& value, const QString& caption, const QString& toolTip) {
    tile.value->setText(value);
    tile.caption->setText(caption);
    tile.box->setToolTip(toolTip);
    tile.value->setAccessibleName(value + QLatin1Char(' ') + caption);
    tile.value->setAccessibleDescription(toolTip);
}

void SummaryStrip::refresh() {
    const TraceSummary& summary = m_cursor.summary();
    const QLocale locale;
    fill(m_tiles[0], locale.toString(summary.tokens), tr("tokens", "below their number"),
         MixtureTexts::range(m_cursor));
    fill(m_tiles[1], summary.tokens > 0 ? locale.toString(summary.perplexity, 'f', 2) : QStringLiteral("–"),
         tr("perplexity"), tr("Among how many equally likely tokens the model wavered, on average. 1 is certainty."));
    const bool isMixture = m_cursor.trace().isMixture();
    m_tiles[2].box->setVisible(isMixture);
    if (isMixture) {
        const int used = m_cursor.trace().shape().layers.front().used;
        fill(m_tiles[2],
             MixtureTexts::percent(summary.experts > 0 ? double(summary.activeExperts) / summary.experts : 0),
             tr("of %1 experts took part").arg(locale.toString(summary.experts)),
             tr("%1 of %2, over all layers; each token is sent to %3 in a layer")
                 .arg(locale.toString(summary.activeExperts), locale.toString(summary.experts), locale.toString(used)));
    }
    fill(m_tiles[3], MixtureTexts::percent(summary.tokenShare), tr("of the weights read for a token"),
         isMixture ? tr("All these tokens together read %1 of the model's weights.")
                         .arg(MixtureTexts::percent(summary.answerShare))
                   : tr("A dense model reads all of its weights for every token."));
}

void SummaryStrip::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        refresh();
    QWidget::changeEvent(event);
}

} // namespace hearth::ui
