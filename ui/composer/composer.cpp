#include "ui/composer/composer.h"

#include "app/chat/message.h"
#include "ui/composer/attachment_chip.h"
#include "ui/composer/flow_layout.h"
#include "ui/theme/hearth_style.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QPushButton>
#include <QSignalBlocker>
#include <QToolButton>

#include <utility>

namespace hearth::ui {

Composer::Composer(const Theme& theme, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_editBar(new QWidget(this)), m_editLabel(new QLabel(m_editBar)),
      m_editCancel(new QToolButton(m_editBar)), m_chips(new QWidget(this)), m_edit(new DraftEdit(this)),
      m_attach(new QToolButton(this)), m_hint(new QLabel(this)), m_button(new QPushButton(this)) {
    setObjectName(QStringLiteral("composer"));
    build();
    connect(m_edit, &DraftEdit::sendPressed, this, &Composer::send);
    connect(m_edit, &DraftEdit::escapePressed, this, [this] {
        if (m_mode == ComposerMode::Busy) {
            Q_EMIT stopRequested();
        } else if (m_editing) {
            endEdit();
        } else {
            Q_EMIT escapePressed();
        }
    });
    connect(m_edit, &DraftEdit::editLastPressed, this, &Composer::editLastRequested);
    connect(m_edit, &DraftEdit::longTextPasted, this, &Composer::longTextPasted);
    connect(m_edit, &DraftEdit::imagePasted, this, &Composer::imagePasted);
    connect(m_edit, &DraftEdit::filesPasted, this, &Composer::filesPasted);
    connect(m_edit, &QPlainTextEdit::textChanged, this, [this] {
        updateButton();
        if (!m_editing) {
            Q_EMIT draftEdited(m_edit->toPlainText());
        }
    });
    connect(m_editCancel, &QToolButton::clicked, this, &Composer::endEdit);
    connect(m_attach, &QToolButton::clicked, this, &Composer::attachRequested);
    connect(m_button, &QPushButton::clicked, this, [this] {
        if (m_mode == ComposerMode::Busy) {
            Q_EMIT stopRequested();
        } else {
            send();
        }
    });
    setFocusProxy(m_edit);
    updateFonts();
    retranslate();
}

void Composer::build() {
    m_chips->setObjectName(QStringLiteral("composerAttachments"));
    new FlowLayout(m_chips, Metrics::kSpace1);
    m_chips->hide();
    m_edit->installEventFilter(this);
    m_editBar->setObjectName(QStringLiteral("composerEditBar"));
    m_editLabel->setForegroundRole(QPalette::PlaceholderText);
    m_editCancel->setObjectName(QStringLiteral("composerEditCancel"));
    m_editCancel->setIcon(themedIcon(m_theme, QStringLiteral("close"), IconTone::Muted));
    m_editCancel->setAutoRaise(true);
    m_editCancel->setFocusPolicy(Qt::StrongFocus);
    auto* editRow = new QHBoxLayout(m_editBar);
    editRow->setContentsMargins(Metrics::kSpace1, 0, 0, 0);
    editRow->addWidget(m_editLabel, 1);
    editRow->addWidget(m_editCancel);
    m_editBar->hide();
    m_attach->setObjectName(QStringLiteral("attachButton"));
    m_attach->setIcon(themedIcon(m_theme, QStringLiteral("attach"), IconTone::Muted));
    m_attach->setAutoRaise(true);
    m_attach->setFocusPolicy(Qt::StrongFocus);
    m_attach->setFixedSize(Metrics::kControl, Metrics::kControl);
    m_hint->setObjectName(QStringLiteral("composerHint"));
    m_hint->setForegroundRole(QPalette::PlaceholderText);
    m_button->setObjectName(QStringLiteral("sendButton"));
    m_button->setFixedSize(Metrics::kControl, Metrics::kControl);
    m_button->setIconSize(QSize(Metrics::kIcon, Metrics::kIcon));
    m_button->setAutoDefault(false);

    auto* row = new QHBoxLayout;
    row->setSpacing(Metrics::kSpace2);
    row->addWidget(m_attach);
    row->addStretch(1);
    row->addWidget(m_hint);
    row->addWidget(m_button);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Metrics::kSpace3, Metrics::kSpace2, Metrics::kSpace2, Metrics::kSpace2);
    column->setSpacing(Metrics::kSpace1);
    column->addWidget(m_editBar);
    column->addWidget(m_chips);
    column->addWidget(m_edit);
    column->addLayout(row);
    setTabOrder(m_edit, m_attach);
    setTabOrder(m_attach, m_button);
}

QString Composer::text() const {
    return m_edit->toPlainText();
}

void Composer::startEdit(const QString& text) {
    if (!m_editing) {
        m_keptDraft = m_edit->toPlainText();
    }
    m_editing = true;
    m_editBar->show();
    replaceText(text);
    focusText();
}

void Composer::endEdit() {
    if (!std::exchange(m_editing, false)) {
        return;
    }
    m_editBar->hide();
    replaceText(std::exchange(m_keptDraft, {}));
    focusText();
}

void Composer::setText(const QString& text) {
    if (m_editing) {
        m_keptDraft = text;
    } else {
        replaceText(text);
    }
}

void Composer::replaceText(const QString& text) {
    if (m_edit->toPlainText() == text) {
        return;
    }
    {
        // Only the listeners outside must not hear it: the document itself tells the layout of its change.
        const QSignalBlocker quiet(this);
        m_edit->setPlainText(text);
    }
    m_edit->moveCursor(QTextCursor::End);
    updateButton();
}

void Composer::setMode(ComposerMode mode) {
    if (m_mode != mode) {
        m_mode = mode;
        updateButton();
    }
}

void Composer::setAttachments(const QList<Attachment>& attachments) {
    QLayout* layout = m_chips->layout();
    while (QLayoutItem* item = layout->takeAt(0)) {
        item->widget()->hide();
        item->widget()->deleteLater();
        delete item;
    }
    for (int index = 0; index < attachments.size(); ++index) {
        auto* chip = new AttachmentChip(m_theme, attachments[index].fileName, attachments[index].sizeBytes, m_chips);
        connect(chip, &AttachmentChip::removeRequested, this,
                [this, index] { Q_EMIT attachmentRemoveRequested(index); });
        layout->addWidget(chip);
    }
    m_hasAttachments = !attachments.isEmpty();
    m_chips->setVisible(m_hasAttachments);
    updateButton();
}

void Composer::setDraftTokens(int tokens) {
    if (m_draftTokens != tokens) {
        m_draftTokens = tokens;
        m_hint->setText(tokens > 0 ? tr("%Ln token(s)", nullptr, tokens) : QString());
    }
}

void Composer::setSendKey(SendKey key) {
    m_sendKey = key;
    m_edit->setSendKey(key);
    retranslate();
}

void Composer::focusText() {
    m_edit->setFocus(Qt::ShortcutFocusReason);
}

void Composer::send() {
    if (m_mode == ComposerMode::Busy) {
        return;
    }
    if (m_editing) {
        Q_EMIT editSubmitted(m_edit->toPlainText());
    } else {
        Q_EMIT sendRequested(m_edit->toPlainText());
    }
}

void Composer::updateButton() {
    const bool busy = m_mode == ComposerMode::Busy;
    const bool hasContent = m_hasAttachments || !m_edit->toPlainText().trimmed().isEmpty();
    const bool enabled = busy || (m_mode == ComposerMode::Ready && hasContent);
    m_button->setEnabled(enabled);
    setButtonTone(*m_button, ButtonTone::Primary);
    m_button->setIcon(themedIcon(m_theme, busy ? QStringLiteral("stop") : QStringLiteral("send"), IconTone::OnAccent));
    const QString name = busy ? tr("Stop") : tr("Send");
    m_button->setToolTip(busy ? tr("Stop (Esc)")
                              : (m_sendKey == SendKey::Enter ? tr("Send (Enter)") : tr("Send (Shift+Enter)")));
    m_button->setAccessibleName(name);
}

void Composer::updateFonts() {
    m_edit->setFont(m_theme.font(FontRole::Chat));
    m_hint->setFont(m_theme.font(FontRole::Small));
    m_editLabel->setFont(m_theme.font(FontRole::Small));
    // The field itself is transparent: the card below it has the outline and the focus ring.
    QPalette palette = m_theme.palette();
    palette.setColor(QPalette::Base, m_theme.colors().raised);
    m_edit->setPalette(palette);
}

void Composer::retranslate() {
    m_edit->setPlaceholderText(tr("Ask anything"));
    m_edit->setAccessibleName(tr("Message"));
    m_edit->setAccessibleDescription(m_sendKey == SendKey::Enter ? tr("Enter sends, Shift+Enter begins a new line")
                                                                 : tr("Shift+Enter sends, Enter begins a new line"));
    m_attach->setToolTip(tr("Attach a text file (Ctrl+U)"));
    m_attach->setAccessibleName(tr("Attach a file"));
    m_hint->setAccessibleName(tr("Length of the draft"));
    m_hint->setText(m_draftTokens > 0 ? tr("%Ln token(s)", nullptr, m_draftTokens) : QString());
    m_chips->setAccessibleName(tr("Attached files"));
    m_editLabel->setText(tr("Editing your message; sending it starts a new version"));
    m_editCancel->setToolTip(tr("Keep the message as it was (Esc)"));
    m_editCancel->setAccessibleName(tr("Stop editing"));
    updateButton();
}

void Composer::paintEvent(QPaintEvent*) {
    const Colors& colors = m_theme.colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(colors.raised);
    const bool focused = m_edit->hasFocus();
    // The field has the focus nearly always, and a caret that says so: its outline only grows a little stronger.
    const bool strong = m_theme.contrast() == Contrast::High;
    QColor outline = focused || strong ? colors.borderStrong : colors.border;
    if (!strong && focused) {
        outline.setAlphaF(0.7F);
    }
    painter.setPen(QPen(outline, focused && strong ? 2 : 1));
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Metrics::kRadiusLarge,
                            Metrics::kRadiusLarge);
}

void Composer::changeEvent(QEvent* event) {
    switch (event->type()) {
    case QEvent::LanguageChange:
        retranslate();
        break;
    case QEvent::PaletteChange:
    case QEvent::FontChange:
        updateFonts();
        break;
    default:
        break;
    }
    QWidget::changeEvent(event);
}

void Composer::mousePressEvent(QMouseEvent* event) {
    focusText(); // the whole card is the field, not only its lines
    QWidget::mousePressEvent(event);
}

bool Composer::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_edit && (event->type() == QEvent::FocusIn || event->type() == QEvent::FocusOut)) {
        update();
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace hearth::ui
