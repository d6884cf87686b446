#include "ui/composer/draft_edit.h"

#include <QEvent>
#include <QFontMetrics>
#include <QImage>
#include <QKeyEvent>
#include <QMimeData>
#include <QScrollBar>
#include <QTextDocument>
#include <QUrl>

#include <algorithm>
#include <cmath>

namespace hearth::ui {

namespace {

constexpr int kMostLines = 8;

} // namespace

DraftEdit::DraftEdit(QWidget* parent) : QPlainTextEdit(parent) {
    setObjectName(QStringLiteral("draftEdit"));
    setFrameShape(QFrame::NoFrame);
    setTabChangesFocus(true); // a field that swallows Tab is a trap for keyboard users
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    setAcceptDrops(false); // the window is the drop target, and says what will happen
    document()->setDocumentMargin(4);
    viewport()->setAutoFillBackground(false);
    connect(this, &QPlainTextEdit::textChanged, this, &DraftEdit::fitHeight);
}

int DraftEdit::heightOfLines(int lines) const {
    return lines * fontMetrics().lineSpacing() + 2 * static_cast<int>(std::ceil(document()->documentMargin())) + 2;
}

QSize DraftEdit::sizeHint() const {
    return {320, heightOfLines(m_lines)};
}

QSize DraftEdit::minimumSizeHint() const {
    return {80, heightOfLines(m_lines)};
}

void DraftEdit::fitHeight() {
    // The layout of a plain text document counts its height in lines, wrapped ones too.
    const int lines = std::clamp(static_cast<int>(document()->size().height()), 1, kMostLines);
    setVerticalScrollBarPolicy(document()->size().height() > kMostLines ? Qt::ScrollBarAsNeeded
                                                                        : Qt::ScrollBarAlwaysOff);
    if (lines != m_lines) {
        m_lines = lines;
        updateGeometry();
        if (lines < kMostLines) {
            verticalScrollBar()->setValue(0);
        }
    }
}

void DraftEdit::keyPressEvent(QKeyEvent* event) {
    const bool isReturn = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    const Qt::KeyboardModifiers modifiers = event->modifiers() & ~Qt::KeypadModifier;
    if (isReturn && (modifiers == Qt::NoModifier || modifiers == Qt::ShiftModifier)) {
        const bool shifted = modifiers == Qt::ShiftModifier;
        if (shifted == (m_sendKey == SendKey::ShiftEnter)) {
            Q_EMIT sendPressed();
        } else {
            insertPlainText(QStringLiteral("\n"));
            ensureCursorVisible();
        }
        return;
    }
    if (isReturn && modifiers == Qt::ControlModifier) {
        Q_EMIT sendPressed();
        return;
    }
    if (event->key() == Qt::Key_Escape) {
        Q_EMIT escapePressed();
        return;
    }
    if (event->key() == Qt::Key_Up && modifiers == Qt::NoModifier && document()->isEmpty()) {
        Q_EMIT editLastPressed();
        return;
    }
    QPlainTextEdit::keyPressEvent(event);
}

void DraftEdit::changeEvent(QEvent* event) {
    QPlainTextEdit::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        fitHeight();
        updateGeometry();
    }
}

void DraftEdit::resizeEvent(QResizeEvent* event) {
    QPlainTextEdit::resizeEvent(event);
    fitHeight();
}

bool DraftEdit::canInsertFromMimeData(const QMimeData* source) const {
    return source->hasImage() || source->hasUrls() || QPlainTextEdit::canInsertFromMimeData(source);
}

void DraftEdit::insertFromMimeData(const QMimeData* source) {
    const auto isLocal = [](const QUrl& url) { return url.isLocalFile(); };
    const QList<QUrl> urls = source->urls();
    if (!urls.isEmpty() && std::all_of(urls.begin(), urls.end(), isLocal)) {
        Q_EMIT filesPasted(urls);
        return;
    }
    if (source->hasImage() && !source->hasText()) {
        Q_EMIT imagePasted(qvariant_cast<QImage>(source->imageData()));
        return;
    }
    if (const QString text = source->text(); text.size() > kLongPaste) {
        Q_EMIT longTextPasted(text);
        return;
    }
    QPlainTextEdit::insertFromMimeData(source);
}

} // namespace hearth::ui
