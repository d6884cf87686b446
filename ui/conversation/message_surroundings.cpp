// The parts of a message around its text: attachments, the state of an unfinished answer, the footer with its actions.

#include "ui/conversation/message_layout.h"

#include <QFontMetrics>
#include <QLocale>

#include <algorithm>

namespace hearth::ui {
namespace {

QString clockTime(const QDateTime& when, const QLocale& locale) {
    const QDateTime local = when.toLocalTime();
    // The C locale's short time has seconds.
    const QString time = locale.language() == QLocale::C ? local.toString(QStringLiteral("HH:mm"))
                                                         : locale.toString(local.time(), QLocale::ShortFormat);
    return local.date() == QDate::currentDate() ? time
                                                : locale.toString(local.date(), QLocale::ShortFormat) + u' ' + time;
}

} // namespace

int MessageLayout::placeAttachments(int y) {
    m_attachments.clear();
    int right = m_width;
    const int height = m_style->scaled(30);
    const int gap = m_style->scaled(6);
    const QFontMetrics metrics(m_style->small);
    for (const Attachment& attachment : m_shown.message.attachments) {
        const int wanted =
            metrics.horizontalAdvance(attachment.fileName) + m_style->iconSize + 3 * Metrics::kSpace2 + 4;
        const int width = std::min({wanted, m_style->scaled(240), m_width});
        if (right - width < 0 && right != m_width) {
            right = m_width;
            y += height + gap;
        }
        m_attachments.push_back(QRect(right - width, y, width, height));
        right -= width + gap;
    }
    return m_attachments.empty() ? y : y + height + gap;
}

QString MessageLayout::statusText() const {
    switch (m_shown.message.state) {
    case MessageState::Failed:
        return m_shown.message.failure.isEmpty() ? tr("The answer failed.") : m_shown.message.failure;
    case MessageState::Stopped:
        return tr("Stopped");
    case MessageState::Interrupted:
        return tr("Interrupted: the program ended while this was being written.");
    case MessageState::Streaming:
    case MessageState::Complete:
        break;
    }
    return {};
}

int MessageLayout::placeStatus(int y) {
    m_status = {};
    const QString text = statusText();
    const bool failed = m_shown.message.state == MessageState::Failed;
    const bool continues = m_shown.canContinue && !isUser() && !isStreaming();
    if (text.isEmpty() && !continues)
        return y;
    const QString label = failed ? tr("Try again") : tr("Continue");
    const QFontMetrics metrics(m_style->smallStrong);
    const int buttonWidth = metrics.horizontalAdvance(label) + 2 * Metrics::kSpace3;
    const bool hasButton = failed || continues;
    const int padding = failed ? m_style->scaled(Metrics::kSpace3) : 0;
    const int iconSpace = text.isEmpty() ? 0 : m_style->iconSize + Metrics::kSpace2;
    const int forButton = hasButton ? buttonWidth + Metrics::kSpace3 : 0;
    m_statusFlow = std::make_unique<TextFlow>(
        RichText{text, {}, {}}, TextLook{m_style->small, failed ? m_style->colors.text : m_style->colors.textMuted},
        *m_style);
    const int textHeight =
        text.isEmpty() ? 0 : m_statusFlow->setWidth(std::max(80, m_width - 2 * padding - iconSpace - forButton));
    const int inside = std::max(textHeight, m_style->buttonSize);
    y += m_entries.empty() ? Metrics::kSpace1 : m_style->scaled(Metrics::kSpace2);
    m_status = QRect(0, y, m_width, inside + 2 * padding);
    if (hasButton) {
        // Beside a short state word, at the far end of an error card.
        const int left = failed ? m_width - padding - buttonWidth
                                : (text.isEmpty() ? 0 : iconSpace + m_statusFlow->usedWidth() + Metrics::kSpace3);
        const QRect rect(left, m_status.center().y() - m_style->buttonSize / 2 + 1, buttonWidth, m_style->buttonSize);
        m_actions.push_back({failed ? MessageAction::Retry : MessageAction::Continue, rect, true, true});
    }
    return m_status.bottom() + 1;
}

int MessageLayout::placeFooter(int y) {
    const int size = m_style->buttonSize;
    m_footer = QRect(0, y + 2, m_width, m_style->footerHeight);
    std::vector<ActionSlot> row;
    const auto add = [&row](MessageAction action, int gap, bool enabled) {
        row.push_back({action, QRect(gap, 0, 0, 0), enabled, false});
    };
    const auto addVersions = [&] {
        if (m_shown.versionCount < 2)
            return;
        const QString widest = tr("%1/%2").arg(m_shown.versionCount).arg(m_shown.versionCount);
        const int label = QFontMetrics(m_style->small).horizontalAdvance(widest) + 2;
        add(MessageAction::PreviousVersion, 0, m_shown.versionIndex > 0);
        add(MessageAction::NextVersion, label, m_shown.versionIndex + 1 < m_shown.versionCount);
    };
    // The versions stand at the outer edge: they stay when the other actions hide.
    if (!isUser())
        addVersions();
    if (!isStreaming()) {
        add(MessageAction::Copy, 0, true);
        if (isUser())
            add(MessageAction::Edit, 0, true);
        else if (m_shown.message.state != MessageState::Failed)
            add(MessageAction::Regenerate, 0, true);
        if (!isUser() && !m_shown.message.text.isEmpty())
            add(MessageAction::Mixture, 0, true);
    }
    if (isUser())
        addVersions();
    const int top = m_footer.top() + (m_footer.height() - size) / 2;
    int width = 0;
    for (const ActionSlot& slot : row)
        width += slot.rect.left() + size;
    // The icons' own space is let out of the column, so that they line up with the text.
    const int overhang = (size - m_style->iconSize) / 2;
    int x = isUser() ? m_width - width + overhang : -overhang;
    for (ActionSlot& slot : row) {
        x += slot.rect.left();
        slot.rect = QRect(x, top, size, size);
        x += size;
        m_actions.push_back(slot);
    }
    return m_footer.bottom() + 1;
}

QString MessageLayout::footerText() const {
    const Message& message = m_shown.message;
    const QLocale locale;
    QStringList parts;
    if (!isUser() && message.stats.generatedTokens > 0) {
        parts += tr("%1 tokens").arg(locale.toString(message.stats.generatedTokens));
        if (const double speed = message.stats.tokensPerSecond(); speed > 0)
            parts += tr("%1 tokens/s").arg(locale.toString(speed, 'f', 1));
    }
    if (isStreaming())
        return parts.join(QStringLiteral("  ·  "));
    if (message.created.isValid())
        parts += clockTime(message.created, locale);
    if (!m_shown.inContext)
        parts += tr("no longer read by the model");
    return parts.join(QStringLiteral("  ·  "));
}

} // namespace hearth::ui
