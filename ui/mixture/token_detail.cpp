#include "ui/mixture/token_detail.h"

#include "ui/mixture/heat_scale.h"
#include "ui/mixture/mixture_texts.h"
#include "ui/mixture/trace_cursor.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QFontMetrics>
#include <QLocale>
#include <QMouseEvent>
#include <QPaintEvent>
#include <QPainter>

#include <algorithm>
#include <numeric>

namespace hearth::ui {

namespace {

constexpr int kRows = kRunnersUp + 1;
constexpr int kPinsPercent = 40; ///< of the width

} // namespace

TokenDetail::TokenDetail(const Theme& theme, TraceCursor& cursor, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_cursor(cursor) {
    setObjectName(QStringLiteral("mixtureDetail"));
    const auto refresh = [this] {
        describe();
        update();
    };
    connect(&m_theme, &Theme::changed, this, [this] {
        updateGeometry();
        update();
    });
    connect(&m_cursor, &TraceCursor::traceChanged, this, refresh);
    connect(&m_cursor, &TraceCursor::traceGrew, this, refresh);
    connect(&m_cursor, &TraceCursor::currentChanged, this, refresh);
    connect(&m_cursor, &TraceCursor::rangeChanged, this, refresh);
    connect(&m_cursor, &TraceCursor::pinsChanged, this, refresh);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
    describe();
}

int TokenDetail::rowHeight() const {
    return QFontMetrics(m_theme.font(FontRole::Small)).height() + Metrics::kSpace1 + 2;
}

QSize TokenDetail::sizeHint() const {
    return {Metrics::kPaneMinimum, (kRows + 1) * rowHeight() + Metrics::kSpace4};
}

QSize TokenDetail::minimumSizeHint() const {
    return sizeHint();
}

void TokenDetail::describe() {
    setAccessibleName(tr("The token and what it might have been"));
    const int current = m_cursor.current();
    setAccessibleDescription(current < 0 ? QString() : MixtureTexts::token(m_cursor, current));
}

void TokenDetail::paintEvent(QPaintEvent* event) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(event->rect(), m_theme.colors().window);
    const QRect inside = rect().adjusted(Metrics::kSpace3, Metrics::kSpace2, -Metrics::kSpace3, -Metrics::kSpace2);
    const int token = m_cursor.current();
    const QRect left = chancesArea();
    const QRect right = inside.adjusted(left.width() + Metrics::kSpace3, 0, 0, 0);
    if (token >= 0 && token < m_cursor.trace().tokenCount())
        paintChances(painter, left, token);
    else
        paintLeastExpected(painter, left);
    painter.fillRect(QRect(right.left() - Metrics::kSpace2, inside.top(), Metrics::kHair, inside.height()),
                     m_theme.colors().border);
    if (m_cursor.pins().isEmpty())
        paintHint(painter, right.adjusted(Metrics::kSpace2, 0, 0, 0),
                  tr("Click a token, or press Space, to pin it for comparing."));
    else
        paintPins(painter, right.adjusted(Metrics::kSpace2, 0, 0, 0), token);
}

QRect TokenDetail::chancesArea() const {
    const QRect inside = rect().adjusted(Metrics::kSpace3, Metrics::kSpace2, -Metrics::kSpace3, -Metrics::kSpace2);
    const int split = inside.width() * (100 - kPinsPercent) / 100;
    return {inside.left(), inside.top(), split - Metrics::kSpace3, inside.height()};
}

std::vector<int> TokenDetail::leastExpected() const {
    const AnswerTrace& trace = m_cursor.trace();
    const TokenRange range = m_cursor.range();
    std::vector<int> tokens(static_cast<std::size_t>(range.size()));
    std::iota(tokens.begin(), tokens.end(), range.first);
    const auto shown = std::min(tokens.size(), static_cast<std::size_t>(kRows));
    std::partial_sort(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(shown), tokens.end(),
                      [&trace](int a, int b) { return trace.chosen(a).probability < trace.chosen(b).probability; });
    tokens.resize(shown);
    return tokens;
}

void TokenDetail::paintLeastExpected(QPainter& painter, const QRect& area) const {
    QRect row(area.left(), area.top(), area.width(), rowHeight());
    painter.setFont(m_theme.font(FontRole::Small));
    painter.setPen(m_theme.colors().textMuted);
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, tr("Least expected"));
    for (const int token : leastExpected()) {
        row.translate(0, rowHeight());
        const AnswerTrace::Chance& chance = m_cursor.trace().chosen(token);
        paintChance(painter, row, shownText(chance.text).shown, chance.probability, false);
    }
}

void TokenDetail::mousePressEvent(QMouseEvent* event) {
    const QRect area = chancesArea();
    const int row = (event->pos().y() - area.top()) / rowHeight() - 1;
    const std::vector<int> tokens = leastExpected();
    if (m_cursor.current() < 0 && area.contains(event->pos()) && row >= 0 && row < static_cast<int>(tokens.size()))
        m_cursor.setPlace(tokens[static_cast<std::size_t>(row)]);
}

void TokenDetail::paintHint(QPainter& painter, const QRect& area, const QString& hint) const {
    painter.setFont(m_theme.font(FontRole::Small));
    painter.setPen(m_theme.colors().textMuted);
    painter.drawText(area, static_cast<int>(Qt::AlignLeft | Qt::AlignTop) | Qt::TextWordWrap, hint);
}

void TokenDetail::paintChances(QPainter& painter, const QRect& area, int token) const {
    const AnswerTrace& trace = m_cursor.trace();
    const AnswerTrace::Chance& chosen = trace.chosen(token);
    const QLocale locale;
    QRect row(area.left(), area.top(), area.width(), rowHeight());
    painter.setFont(m_theme.font(FontRole::Small));
    painter.setPen(m_theme.colors().textMuted);
    const QString place = tr("Token %1 of %2").arg(locale.toString(token + 1), locale.toString(trace.tokenCount()));
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, place);
    bool isShown = false;
    for (const AnswerTrace::Chance& other : trace.runnersUp(token)) {
        row.translate(0, rowHeight());
        if (!isShown && chosen.probability >= other.probability) {
            paintChance(painter, row, shownText(chosen.text).shown, chosen.probability, true);
            row.translate(0, rowHeight());
            isShown = true;
        }
        if (row.bottom() > area.bottom() + rowHeight() / 2)
            break;
        paintChance(painter, row, shownText(other.text).shown, other.probability, false);
    }
    if (!isShown) {
        row.translate(0, rowHeight());
        paintChance(painter, row, shownText(chosen.text).shown, chosen.probability, true);
    }
}

void TokenDetail::paintChance(QPainter& painter, const QRect& row, const QString& text, float probability,
                              bool isChosen) const {
    const Colors& colors = m_theme.colors();
    painter.setFont(m_theme.font(isChosen ? FontRole::SmallStrong : FontRole::Small));
    const QFontMetrics metrics(painter.font());
    const int figures = metrics.horizontalAdvance(QStringLiteral("100%0"));
    const int words = std::min(row.width() * 2 / 5, metrics.height() * 7);
    painter.setPen(isChosen ? colors.text : colors.textMuted);
    painter.drawText(QRect(row.left(), row.top(), words - Metrics::kSpace2, row.height()),
                     Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(text, Qt::ElideRight, words - Metrics::kSpace2));
    const QRectF track(row.left() + words, row.center().y() - metrics.height() * 0.22, row.width() - words - figures,
                       metrics.height() * 0.5);
    painter.setPen(Qt::NoPen);
    painter.setBrush(colors.pressed);
    painter.drawRoundedRect(track, 2, 2);
    const double width = std::max(track.width() * static_cast<double>(probability), probability > 0 ? 2.0 : 0.0);
    painter.setBrush(isChosen ? colors.accent : colors.borderStrong);
    painter.drawRoundedRect(QRectF(track.topLeft(), QSizeF(width, track.height())), 2, 2);
    painter.setPen(isChosen ? colors.text : colors.textMuted);
    painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, MixtureTexts::percent(static_cast<double>(probability)));
}

void TokenDetail::paintPins(QPainter& painter, const QRect& area, int token) const {
    const Colors& colors = m_theme.colors();
    const AnswerTrace& trace = m_cursor.trace();
    QRect row(area.left(), area.top(), area.width(), rowHeight());
    const QFontMetrics metrics(m_theme.font(FontRole::Small));
    painter.setFont(m_theme.font(FontRole::Small));
    painter.setPen(colors.textMuted);
    const bool compares = trace.isMixture() && token >= 0;
    painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter, tr("Pinned"));
    if (compares)
        painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter,
                         metrics.elidedText(tr("same experts"), Qt::ElideRight, row.width() / 2));
    for (int pin = 0; pin < m_cursor.pins().size(); ++pin) {
        const int pinned = m_cursor.pins()[pin];
        row.translate(0, rowHeight());
        const int side = metrics.height();
        const QRectF badge(row.left(), row.center().y() - side / 2.0 + 1, side, side);
        painter.setPen(Qt::NoPen);
        painter.setBrush(pinColor(m_theme, pin));
        painter.drawEllipse(badge);
        painter.setPen(colors.window);
        painter.setFont(m_theme.font(FontRole::SmallStrong));
        painter.drawText(badge, Qt::AlignCenter, pinLetter(pin));
        painter.setFont(m_theme.font(FontRole::Small));
        const QString figure = compares && pinned != token
                                   ? MixtureTexts::percent(sharedExperts(trace, token, pinned))
                                   : MixtureTexts::percent(static_cast<double>(trace.chosen(pinned).probability));
        const int figures = metrics.horizontalAdvance(figure) + Metrics::kSpace2;
        const QRect words = row.adjusted(side + Metrics::kSpace2, 0, -figures, 0);
        painter.setPen(colors.text);
        painter.drawText(words, Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(shownText(trace.chosen(pinned).text).shown, Qt::ElideRight, words.width()));
        if (!compares || pinned != token) {
            painter.setPen(colors.textMuted);
            painter.drawText(row, Qt::AlignRight | Qt::AlignVCenter, figure);
        }
    }
}

void TokenDetail::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        describe();
    QWidget::changeEvent(event);
}

} // namespace hearth::ui
