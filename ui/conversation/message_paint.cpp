// How a message is painted.

#include "ui/conversation/message_layout.h"

#include "ui/theme/icons.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>

namespace hearth::ui {
namespace {

QString iconName(MessageAction action) {
    switch (action) {
    case MessageAction::Copy:
        return QStringLiteral("copy");
    case MessageAction::Edit:
        return QStringLiteral("edit");
    case MessageAction::Regenerate:
    case MessageAction::Retry:
    case MessageAction::Continue:
        return QStringLiteral("regenerate");
    case MessageAction::PreviousVersion:
        return QStringLiteral("chevron-left");
    case MessageAction::NextVersion:
        return QStringLiteral("chevron-right");
    case MessageAction::Mixture:
        return QStringLiteral("mixture");
    case MessageAction::ToggleReasoning: // a line with a word of its own
        break;
    }
    return {};
}

/// The part of a selection that lies in one block.
TextRange selectedRange(const MessagePaint& paint, int block) {
    constexpr int kToTheEnd = 1 << 30;
    const TextPosition& begin = paint.selectionBegin;
    const TextPosition& end = paint.selectionEnd;
    if (begin == end || block < begin.block || block > end.block)
        return {};
    return {block == begin.block ? begin.offset : 0, block == end.block ? end.offset : kToTheEnd};
}

} // namespace

void MessageLayout::paint(QPainter& painter, QPoint topLeft, const MessagePaint& paint) const {
    if (paint.current) {
        painter.setPen(QPen(m_style->colors.accent, Metrics::kFocusWidth));
        const int reach = Metrics::kSpace3;
        const QRectF ring =
            QRectF(topLeft, QSizeF(m_width, m_footer.bottom())).adjusted(-reach, -Metrics::kSpace2, reach, 4);
        painter.drawRoundedRect(ring, Metrics::kRadiusLarge, Metrics::kRadiusLarge);
    }
    if (isUser()) {
        paintAttachments(painter, topLeft);
        paintBubble(painter, topLeft);
    } else {
        paintHeader(painter, topLeft);
        if (!m_reasoning.isEmpty()) {
            constexpr auto kToggle = MessageAction::ToggleReasoning;
            const auto look = paint.focused.action == kToggle   ? ReasoningSection::Look::Focused
                              : paint.hovered.action == kToggle ? ReasoningSection::Look::Hovered
                                                                : ReasoningSection::Look::Plain;
            m_reasoning.paint(painter, topLeft, paint.clip, look, *m_style);
        }
    }
    const int top = paint.clip.top() - topLeft.y();
    const int bottom = paint.clip.bottom() - topLeft.y();
    auto entry = std::partition_point(m_entries.begin(), m_entries.end(),
                                      [top](const Entry& candidate) { return candidate.rect.bottom() < top; });
    for (; entry != m_entries.end() && entry->rect.top() <= bottom; ++entry)
        if (entry->layout)
            paintBlock(painter, static_cast<int>(entry - m_entries.begin()), topLeft, paint);
    if (isStreaming() && paint.caretVisible && !isThinking())
        paintCaret(painter, topLeft);
    if (isStreaming() && m_entries.empty() && !isThinking() && !paint.waitingNote.isEmpty()) {
        painter.setFont(m_style->small);
        painter.setPen(m_style->colors.textMuted);
        const QRect row = m_body.translated(topLeft).adjusted(m_style->scaled(Metrics::kSpace3), 0, 0, 0);
        painter.drawText(row, Qt::AlignLeft | Qt::AlignVCenter,
                         QFontMetricsF(m_style->small).elidedText(paint.waitingNote, Qt::ElideRight, row.width()));
    }
    paintStatus(painter, topLeft, paint);
    paintFooter(painter, topLeft, paint);
}

void MessageLayout::paintBubble(QPainter& painter, QPoint topLeft) const {
    if (m_body.isEmpty())
        return;
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_style->colors.bubble);
    painter.drawRoundedRect(QRectF(m_body.translated(topLeft)), Metrics::kRadiusLarge, Metrics::kRadiusLarge);
    painter.setBrush(Qt::NoBrush);
}

void MessageLayout::paintHeader(QPainter& painter, QPoint topLeft) const {
    const QString& model = m_shown.message.stats.modelName;
    painter.setFont(m_style->smallStrong);
    painter.setPen(m_style->colors.textMuted);
    const QString name = m_shown.message.role == MessageRole::System ? tr("Instructions")
                         : model.isEmpty()                           ? tr("Assistant")
                                                                     : model;
    const QRect rect = m_header.translated(topLeft);
    painter.drawText(rect, Qt::AlignLeft | Qt::AlignTop,
                     QFontMetricsF(m_style->smallStrong).elidedText(name, Qt::ElideRight, rect.width()));
}

void MessageLayout::paintAttachments(QPainter& painter, QPoint topLeft) const {
    for (std::size_t index = 0; index < m_attachments.size(); ++index) {
        const Attachment& attachment = m_shown.message.attachments[static_cast<qsizetype>(index)];
        const QRect rect = m_attachments[index].translated(topLeft);
        painter.setPen(QPen(m_style->colors.border, Metrics::kHair));
        painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), Metrics::kRadius, Metrics::kRadius);
        const QRect icon(rect.left() + Metrics::kSpace2, rect.center().y() - m_style->iconSize / 2 + 1,
                         m_style->iconSize, m_style->iconSize);
        themedIcon(*m_style->theme, attachment.missing ? QStringLiteral("warning") : QStringLiteral("document"),
                   attachment.missing ? IconTone::Warning : IconTone::Muted)
            .paint(&painter, icon);
        painter.setFont(m_style->small);
        painter.setPen(m_style->colors.text);
        const QRect text = rect.adjusted(m_style->iconSize + 2 * Metrics::kSpace2, 0, -Metrics::kSpace2, 0);
        painter.drawText(text, Qt::AlignVCenter | Qt::AlignLeft,
                         QFontMetricsF(m_style->small).elidedText(attachment.fileName, Qt::ElideMiddle, text.width()));
    }
}

void MessageLayout::paintBlock(QPainter& painter, int block, QPoint topLeft, const MessagePaint& paint) const {
    paintContainers(painter, block, topLeft);
    BlockPaint how;
    how.clip = paint.clip;
    how.marks.selection = selectedRange(paint, block);
    if (paint.matches) {
        const auto first = std::partition_point(paint.matches->begin(), paint.matches->end(),
                                                [block](const TextMatch& match) { return match.block < block; });
        for (auto match = first; match != paint.matches->end() && match->block == block; ++match)
            how.marks.matches.push_back(match->range);
    }
    if (paint.currentMatch && paint.currentMatch->block == block)
        how.marks.currentMatch = paint.currentMatch->range;
    how.copyHovered = paint.hovered.copyBlock == block;
    how.copyFocused = paint.focused.copyBlock == block;
    how.copied = paint.done.copyBlock == block;
    blockLayout(block)->paint(painter, blockRect(block).topLeft() + topLeft, how);
}

void MessageLayout::paintContainers(QPainter& painter, int block, QPoint topLeft) const {
    const Block& here = blocks()[static_cast<std::size_t>(block)];
    const QRect rect = blockRect(block).translated(topLeft);
    int left = topLeft.x() + m_body.left();
    for (const Container& container : here.containers) {
        if (container.kind == ContainerKind::Quote) {
            // The bar of a quote with several blocks spans the gaps between them.
            const int above = container.opensHere ? 0 : gapBefore(block);
            const QRectF bar(left + 2, rect.top() - above, 3, rect.height() + above);
            painter.fillRect(bar, m_style->colors.borderStrong.darker(100));
            left += m_style->quoteIndent;
        } else {
            left += m_style->indent;
            if (container.opensHere) {
                const QRect line = blockLayout(block)->firstLine().translated(rect.topLeft());
                paintMarker(painter, container,
                            QRect(left - m_style->indent, line.top(), m_style->indent, line.height()));
            }
        }
    }
}

void MessageLayout::paintMarker(QPainter& painter, const Container& item, const QRect& line) const {
    const Colors& colors = m_style->colors;
    const int gap = m_style->scaled(Metrics::kSpace2);
    const QPointF middle(line.right() - gap - m_style->scaled(3), line.center().y() + 1);
    switch (item.kind) {
    case ContainerKind::BulletItem: {
        const double radius = m_style->scaled(5) / 2.0;
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.textMuted);
        painter.drawEllipse(middle, radius, radius);
        painter.setBrush(Qt::NoBrush);
        break;
    }
    case ContainerKind::OrderedItem: {
        painter.setFont(m_style->chat);
        painter.setPen(colors.textMuted);
        // A number wider than the indentation grows to the left.
        const QRect wide = line.adjusted(-line.width() * 2, 0, -gap + 1, 0);
        painter.drawText(wide, Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("%1.").arg(item.number));
        break;
    }
    case ContainerKind::OpenTask:
    case ContainerKind::DoneTask: {
        const int side = m_style->scaled(15);
        const QRectF box(line.right() - gap - side + 1.5, line.center().y() - side / 2 + 0.5, side, side);
        const bool done = item.kind == ContainerKind::DoneTask;
        painter.setPen(QPen(done ? colors.accent : colors.borderStrong, 1.2));
        painter.setBrush(done ? QBrush(colors.accent) : QBrush(Qt::NoBrush));
        painter.drawRoundedRect(box, Metrics::kRadiusSmall - 1, Metrics::kRadiusSmall - 1);
        painter.setBrush(Qt::NoBrush);
        if (done)
            themedIcon(*m_style->theme, QStringLiteral("check"), IconTone::OnAccent)
                .paint(&painter, box.toAlignedRect().adjusted(1, 1, -1, -1));
        break;
    }
    case ContainerKind::Quote:
        break;
    }
}

void MessageLayout::paintStatus(QPainter& painter, QPoint topLeft, const MessagePaint& paint) const {
    for (const ActionSlot& slot : m_actions)
        if (slot.labelled && m_status.isEmpty())
            paintAction(painter, slot, topLeft, paint);
    if (m_status.isEmpty())
        return;
    const bool failed = m_shown.message.state == MessageState::Failed;
    const QRect rect = m_status.translated(topLeft);
    const int padding = failed ? m_style->scaled(Metrics::kSpace3) : 0;
    if (failed) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_style->colors.dangerSoft);
        painter.drawRoundedRect(QRectF(rect), Metrics::kRadius, Metrics::kRadius);
        painter.setBrush(Qt::NoBrush);
    }
    if (m_statusFlow && !m_statusFlow->text().text.isEmpty()) {
        const int textTop = rect.top() + (rect.height() - m_statusFlow->height()) / 2;
        const int lineMiddle = textTop + static_cast<int>(m_statusFlow->firstLine().center().y());
        const QRect icon(rect.left() + padding, lineMiddle - m_style->iconSize / 2, m_style->iconSize,
                         m_style->iconSize);
        const QString name = failed                                           ? QStringLiteral("error")
                             : m_shown.message.state == MessageState::Stopped ? QStringLiteral("stop")
                                                                              : QStringLiteral("warning");
        themedIcon(*m_style->theme, name, failed ? IconTone::Danger : IconTone::Muted).paint(&painter, icon);
        m_statusFlow->paint(painter, QPointF(icon.right() + 1 + Metrics::kSpace2, textTop), paint.clip, {});
    }
    for (const ActionSlot& slot : m_actions)
        if (slot.labelled)
            paintAction(painter, slot, topLeft, paint);
}

void MessageLayout::paintFooter(QPainter& painter, QPoint topLeft, const MessagePaint& paint) const {
    int firstLeft = m_width;
    int lastRight = 0;
    QRect previous;
    for (const ActionSlot& slot : m_actions) {
        if (slot.labelled)
            continue;
        const bool version = slot.action == MessageAction::PreviousVersion || slot.action == MessageAction::NextVersion;
        if (version || paint.active)
            paintAction(painter, slot, topLeft, paint);
        if (slot.action == MessageAction::PreviousVersion)
            previous = slot.rect;
        if (slot.action == MessageAction::NextVersion) {
            painter.setFont(m_style->small);
            painter.setPen(m_style->colors.textMuted);
            const QRect between(previous.right() + 1, slot.rect.top(), slot.rect.left() - previous.right() - 1,
                                slot.rect.height());
            painter.drawText(between.translated(topLeft), Qt::AlignCenter,
                             tr("%1/%2").arg(m_shown.versionIndex + 1).arg(m_shown.versionCount));
        }
        firstLeft = std::min(firstLeft, slot.rect.left());
        lastRight = std::max(lastRight, slot.rect.right());
    }
    // How fast it goes is of interest while it goes.
    if (!paint.active && !isStreaming())
        return;
    const QString text = footerText();
    painter.setFont(m_style->small);
    painter.setPen(m_style->colors.textMuted);
    const QRect row = m_footer.translated(topLeft);
    if (isUser())
        painter.drawText(QRect(row.left(), row.top(), firstLeft - Metrics::kSpace2, row.height()),
                         Qt::AlignRight | Qt::AlignVCenter, text);
    else
        painter.drawText(row.adjusted(lastRight > 0 ? lastRight + Metrics::kSpace2 : 0, 0, 0, 0),
                         Qt::AlignLeft | Qt::AlignVCenter, text);
}

void MessageLayout::paintAction(QPainter& painter, const ActionSlot& slot, QPoint topLeft,
                                const MessagePaint& paint) const {
    const Colors& colors = m_style->colors;
    const QRect rect = slot.rect.translated(topLeft);
    const bool hovered = paint.hovered.action == slot.action && slot.enabled;
    const bool focused = paint.focused.action == slot.action;
    const bool done = paint.done.action == slot.action;
    painter.setPen(focused         ? QPen(colors.accent, Metrics::kFocusWidth)
                   : slot.labelled ? QPen(colors.borderStrong, Metrics::kHair)
                                   : QPen(Qt::NoPen));
    painter.setBrush(hovered ? QBrush(colors.hover) : slot.labelled ? QBrush(colors.raised) : QBrush(Qt::NoBrush));
    const double inset = focused ? 1 : 0.5;
    painter.drawRoundedRect(QRectF(rect).adjusted(inset, inset, -inset, -inset), Metrics::kRadiusSmall + 2,
                            Metrics::kRadiusSmall + 2);
    painter.setBrush(Qt::NoBrush);
    if (slot.labelled) {
        painter.setFont(m_style->smallStrong);
        painter.setPen(colors.text);
        painter.drawText(rect, Qt::AlignCenter, slot.action == MessageAction::Retry ? tr("Try again") : tr("Continue"));
        return;
    }
    const int inner = (rect.width() - m_style->iconSize) / 2;
    painter.setOpacity(slot.enabled ? 1.0 : 0.35);
    themedIcon(*m_style->theme, done ? QStringLiteral("check") : iconName(slot.action),
               done ? IconTone::Success : IconTone::Muted)
        .paint(&painter, QRect(rect.left() + inner, rect.top() + inner, m_style->iconSize, m_style->iconSize));
    painter.setOpacity(1.0);
}

void MessageLayout::paintCaret(QPainter& painter, QPoint topLeft) const {
    const QFontMetricsF metrics(m_style->chat);
    const double height = metrics.ascent() + 2;
    QPointF at(topLeft.x() + 1, topLeft.y() + m_body.center().y() - height / 2 + 1);
    if (!m_entries.empty() && m_entries.back().layout) {
        const Entry& last = m_entries.back();
        const auto length = static_cast<int>(last.layout->text().size());
        const QRect letter = length > 0 ? last.layout->rangeRect({length - 1, length}) : last.layout->firstLine();
        at = QPointF(last.rect.topLeft() + topLeft + QPoint(letter.right() + 3, 0));
        at.setY(topLeft.y() + last.rect.top() + letter.center().y() - height / 2 + 1);
    }
    QColor caret = m_style->colors.accent;
    caret.setAlphaF(0.85F);
    painter.setPen(Qt::NoPen);
    painter.setBrush(caret);
    painter.drawRoundedRect(QRectF(at, QSizeF(m_style->scaled(3), height)), 1.5, 1.5);
    painter.setBrush(Qt::NoBrush);
}

} // namespace hearth::ui
