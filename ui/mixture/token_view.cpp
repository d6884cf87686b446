#include "ui/mixture/token_view.h"

#include "ui/mixture/heat_scale.h"
#include "ui/mixture/mixture_texts.h"
#include "ui/mixture/trace_cursor.h"
#include "ui/theme/theme.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QScrollBar>

#include <algorithm>

namespace hearth::ui {

namespace {

// Half of a frame: painting needs the other half.
constexpr int kLayoutBudgetMs = 6;
constexpr float kUnlikely = 0.5F;

} // namespace

TokenView::TokenView(const Theme& theme, TraceCursor& cursor, QWidget* parent)
    : QAbstractScrollArea(parent), m_theme(theme), m_cursor(cursor) {
    setObjectName(QStringLiteral("mixtureTokens"));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    viewport()->setAutoFillBackground(false);
    m_more.setSingleShot(true);
    connect(verticalScrollBar(), &QScrollBar::actionTriggered, this,
            [this] { m_follows = verticalScrollBar()->sliderPosition() == verticalScrollBar()->maximum(); });
    connect(&m_more, &QTimer::timeout, this, &TokenView::layOutMore);
    const auto repaint = [this] { viewport()->update(); };
    connect(&m_theme, &Theme::changed, this, &TokenView::applyTheme);
    connect(&m_cursor, &TraceCursor::traceChanged, this, &TokenView::showTrace);
    connect(&m_cursor, &TraceCursor::traceGrew, this, &TokenView::grow);
    connect(&m_cursor, &TraceCursor::currentChanged, this, [this, repaint] {
        describe();
        repaint();
    });
    connect(&m_cursor, &TraceCursor::placeChanged, this, &TokenView::ensureVisible);
    connect(&m_cursor, &TraceCursor::pinsChanged, this, repaint);
    connect(&m_cursor, &TraceCursor::rangeChanged, this, repaint);
    connect(&m_cursor, &TraceCursor::expertChanged, this, repaint);
    applyTheme();
    describe();
}

void TokenView::applyTheme() {
    m_layout.setFont(m_theme.font(FontRole::Chat));
    layOut();
}

void TokenView::showTrace() {
    m_pressed = -1;
    m_anchor = -1;
    m_dragging = false;
    m_follows = true;
    verticalScrollBar()->setValue(0);
    m_layout.clear();
    layOutMore();
    describe();
}

void TokenView::layOut() {
    m_layout.setWidth(viewport()->width() - 2 * Metrics::kSpace3);
    layOutMore();
}

void TokenView::layOutMore() {
    m_complete = m_layout.extend(m_cursor.texts(), kLayoutBudgetMs);
    if (!m_complete)
        m_more.start(0);
    updateScrollBar();
    viewport()->update();
}

void TokenView::grow() {
    layOutMore();
    // Whoever has not gone elsewhere follows what is being written.
    if (m_follows && m_cursor.place() < 0)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

void TokenView::updateScrollBar() {
    const int height = m_layout.height() + 2 * Metrics::kSpace2;
    verticalScrollBar()->setRange(0, std::max(0, height - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(m_layout.lineHeight());
}

QPoint TokenView::origin() const {
    return {Metrics::kSpace3, Metrics::kSpace2 - verticalScrollBar()->value()};
}

int TokenView::tokenAt(QPoint viewportPoint) const {
    return m_layout.tokenAt(viewportPoint - origin());
}

QRect TokenView::tokenRect(int token) const {
    return token >= 0 && token < m_layout.placed() ? m_layout.rectOf(token).translated(origin()) : QRect();
}

void TokenView::ensureVisible(int token) {
    const QRect rect = tokenRect(token);
    if (rect.isNull())
        return;
    QScrollBar* bar = verticalScrollBar();
    if (rect.top() < 0)
        bar->setValue(bar->value() + rect.top() - Metrics::kSpace2);
    else if (rect.bottom() >= viewport()->height())
        bar->setValue(bar->value() + rect.bottom() - viewport()->height() + Metrics::kSpace2);
}

void TokenView::describe() {
    setAccessibleName(tr("Tokens of the answer"));
    const int current = m_cursor.current();
    setAccessibleDescription(current < 0 ? tr("Arrow keys go from token to token, Space pins one, Shift selects.")
                                         : MixtureTexts::token(m_cursor, current));
    if (hasFocus()) {
        QAccessibleEvent event(this, QAccessible::DescriptionChanged);
        QAccessible::updateAccessibility(&event);
    }
}

void TokenView::resizeEvent(QResizeEvent* event) {
    QAbstractScrollArea::resizeEvent(event);
    layOut();
}

void TokenView::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    m_pressed = tokenAt(event->position().toPoint());
    m_dragging = false;
    if (m_pressed < 0)
        m_cursor.clearSelection();
}

void TokenView::mouseMoveEvent(QMouseEvent* event) {
    const QPoint point = event->position().toPoint();
    const int token = tokenAt(point);
    m_cursor.setHovered(token);
    viewport()->setCursor(token >= 0 ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (m_pressed < 0 || !event->buttons().testFlag(Qt::LeftButton))
        return;
    const QPoint inText = point - origin();
    const int end = m_layout.nearestInLine(inText.y() / m_layout.lineHeight(), inText.x());
    if (end != m_pressed || m_dragging) {
        m_dragging = true;
        m_cursor.select({std::min(m_pressed, end), std::max(m_pressed, end) + 1});
    }
}

void TokenView::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton)
        return;
    if (m_pressed >= 0 && !m_dragging) {
        m_anchor = -1;
        m_cursor.setPlace(m_pressed);
        m_cursor.togglePin(m_pressed);
    }
    m_pressed = -1;
    m_dragging = false;
}

int TokenView::nextUnlikely(int from, int direction) const {
    for (int token = from + direction; token >= 0 && token < m_layout.placed(); token += direction)
        if (m_cursor.trace().chosen(token).probability < kUnlikely)
            return token;
    return from;
}

int TokenView::target(const QKeyEvent& event) const {
    const int last = m_layout.placed() - 1;
    const int place = m_cursor.place();
    const bool ctrl = event.modifiers().testFlag(Qt::ControlModifier);
    if (place < 0)
        return event.key() == Qt::Key_End ? last : 0; // whatever key it is, it begins somewhere
    const QRect rect = m_layout.rectOf(place);
    const int page = std::max(1, viewport()->height() / m_layout.lineHeight() - 1);
    const auto inLine = [&](int lines) {
        return m_layout.nearestInLine(m_layout.lineOf(place) + lines, rect.center().x());
    };
    switch (event.key()) {
    case Qt::Key_Left:
        return ctrl ? nextUnlikely(place, -1) : std::max(place - 1, 0);
    case Qt::Key_Right:
        return ctrl ? nextUnlikely(place, 1) : std::min(place + 1, last);
    case Qt::Key_Up:
        return inLine(-1);
    case Qt::Key_Down:
        return inLine(1);
    case Qt::Key_PageUp:
        return inLine(-page);
    case Qt::Key_PageDown:
        return inLine(page);
    case Qt::Key_Home:
        return ctrl ? 0 : m_layout.firstOfLine(m_layout.lineOf(place));
    case Qt::Key_End:
        return ctrl ? last : m_layout.endOfLine(m_layout.lineOf(place)) - 1;
    default:
        return -1;
    }
}

void TokenView::moveTo(int token, bool selects) {
    if (selects) {
        if (m_anchor < 0)
            m_anchor = std::max(m_cursor.place(), 0);
        m_cursor.select({std::min(m_anchor, token), std::max(m_anchor, token) + 1});
    } else {
        m_anchor = -1;
    }
    m_cursor.setHovered(-1);
    m_cursor.setPlace(token);
}

bool TokenView::pressKey(const QKeyEvent& event) {
    if (m_layout.placed() == 0)
        return false;
    switch (event.key()) {
    case Qt::Key_Left:
    case Qt::Key_Right:
    case Qt::Key_Up:
    case Qt::Key_Down:
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
    case Qt::Key_Home:
    case Qt::Key_End:
        moveTo(target(event), event.modifiers().testFlag(Qt::ShiftModifier));
        return true;
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        m_cursor.togglePin(m_cursor.place());
        return true;
    case Qt::Key_Escape: {
        // What was put up last goes first; with nothing left the key is the window's.
        const bool had = m_cursor.hasSelection() || !m_cursor.pins().isEmpty() || !m_cursor.expert().isNone();
        if (m_cursor.hasSelection())
            m_cursor.clearSelection();
        else if (!m_cursor.expert().isNone())
            m_cursor.setExpert({});
        else
            m_cursor.clearPins();
        m_anchor = -1;
        return had;
    }
    default:
        break;
    }
    if (event.matches(QKeySequence::SelectAll)) {
        m_cursor.select(m_cursor.trace().all());
        return true;
    }
    if (event.matches(QKeySequence::Copy)) {
        QGuiApplication::clipboard()->setText(TokenTexts::plain(m_cursor.trace(), m_cursor.range()));
        return true;
    }
    return false;
}

void TokenView::keyPressEvent(QKeyEvent* event) {
    if (!pressKey(*event))
        QAbstractScrollArea::keyPressEvent(event);
}

void TokenView::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
}

void TokenView::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

void TokenView::contextMenuEvent(QContextMenuEvent* event) {
    Q_EMIT menuRequested(event->globalPos());
}

void TokenView::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange)
        describe();
    QAbstractScrollArea::changeEvent(event);
}

bool TokenView::viewportEvent(QEvent* event) {
    if (event->type() == QEvent::Leave)
        m_cursor.setHovered(-1);
    return QAbstractScrollArea::viewportEvent(event);
}

void TokenView::scrollContentsBy(int, int) {
    viewport()->update();
}

} // namespace hearth::ui
