#include "ui/shell/conversation_delegate.h"

#include "app/chat/conversation_list_model.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QPainter>
#include <QPoint>
#include <QTextLayout>

namespace hearth::ui {

namespace {

using Role = ConversationListModel::Role;
using Section = ConversationListModel::Section;

constexpr int kMenuButton = 24;

QString sectionTitle(int section) {
    switch (static_cast<Section>(section)) {
    case Section::Pinned:
        return ConversationDelegate::tr("Pinned");
    case Section::Today:
        return ConversationDelegate::tr("Today");
    case Section::Yesterday:
        return ConversationDelegate::tr("Yesterday");
    case Section::Last7Days:
        return ConversationDelegate::tr("Last 7 days");
    case Section::Last30Days:
        return ConversationDelegate::tr("Last 30 days");
    case Section::Older:
        return ConversationDelegate::tr("Older");
    }
    return {};
}

} // namespace

ConversationDelegate::ConversationDelegate(const Theme& theme, QObject* parent)
    : QStyledItemDelegate(parent), m_theme(theme) {
    measureFonts();
    connect(&theme, &Theme::changed, this, &ConversationDelegate::measureFonts);
}

void ConversationDelegate::measureFonts() {
    m_titleHeight = QFontMetrics(m_theme.font(FontRole::Interface)).height();
    m_snippetHeight = QFontMetrics(m_theme.font(FontRole::Small)).height();
    m_headingHeight = QFontMetrics(m_theme.font(FontRole::SmallStrong)).height();
}

bool ConversationDelegate::hasHeading(const QModelIndex& index) const {
    return index.row() == 0
           || index.data(Role::SectionRole) != index.sibling(index.row() - 1, 0).data(Role::SectionRole);
}

int ConversationDelegate::headingHeight(const QModelIndex& index) const {
    if (!hasHeading(index)) {
        return 0;
    }
    const int above = index.row() == 0 ? Metrics::kSpace1 : Metrics::kSpace4;
    return m_headingHeight + above + Metrics::kSpace2;
}

QRect ConversationDelegate::bodyRect(const QRect& row, const QModelIndex& index) const {
    return row.adjusted(0, headingHeight(index), 0, -2);
}

QRect ConversationDelegate::menuButtonRect(const QRect& body) {
    return {body.right() - kMenuButton - 3, body.top() + (body.height() - kMenuButton) / 2, kMenuButton, kMenuButton};
}

QSize ConversationDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
    int height = m_titleHeight + Metrics::kSpace4 + 2;
    if (!index.data(Role::SnippetRole).toString().isEmpty()) {
        height += m_snippetHeight + 2;
    }
    return {Metrics::kSideBarMinimum, height + headingHeight(index)};
}

void ConversationDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option,
                                 const QModelIndex& index) const {
    const Colors& colors = m_theme.colors();
    const QRect body = bodyRect(option.rect, index);
    painter->save();
    if (hasHeading(index)) {
        painter->setFont(m_theme.font(FontRole::SmallStrong));
        painter->setPen(colors.textMuted);
        const QRect heading(option.rect.left() + Metrics::kSpace2, option.rect.top(),
                            option.rect.width() - Metrics::kSpace4, headingHeight(index) - Metrics::kSpace1);
        painter->drawText(heading, Qt::AlignLeft | Qt::AlignBottom,
                          sectionTitle(index.data(Role::SectionRole).toInt()));
    }
    const bool open = index.data(Role::IdRole).toLongLong() == m_openConversation;
    const bool hovered = option.state.testFlag(QStyle::State_MouseOver);
    painter->setRenderHint(QPainter::Antialiasing);
    if (open || hovered) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(open ? colors.selected : colors.hover);
        painter->drawRoundedRect(body, Metrics::kRadius, Metrics::kRadius);
    }
    if (option.state.testFlag(QStyle::State_HasFocus) && option.state.testFlag(QStyle::State_KeyboardFocusChange)) {
        painter->setPen(QPen(colors.accent, Metrics::kFocusWidth));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(QRectF(body).adjusted(1, 1, -1, -1), Metrics::kRadius - 1, Metrics::kRadius - 1);
    }
    QRect textRect = body.adjusted(Metrics::kSpace2, 0, -Metrics::kSpace2, 0);
    const bool pinned = index.data(Role::PinnedRole).toBool();
    if (hovered || pinned) {
        const QRect button = menuButtonRect(body);
        const QRect icon(0, 0, Metrics::kIcon, Metrics::kIcon);
        themedIcon(m_theme, hovered ? QStringLiteral("more") : QStringLiteral("pin"), IconTone::Muted)
            .paint(painter, icon.translated(button.center() - icon.center()));
        textRect.setRight(button.left() - Metrics::kSpace1);
    }
    const bool hasSnippet = !index.data(Role::SnippetRole).toString().isEmpty();
    if (hasSnippet) {
        paintSnippet(*painter,
                     QRect(textRect.left(), body.bottom() - m_snippetHeight - 6, textRect.width(), m_snippetHeight),
                     index);
        textRect.setBottom(body.bottom() - m_snippetHeight - 4);
    }
    painter->setFont(m_theme.font(FontRole::Interface));
    painter->setPen(colors.text);
    painter->drawText(
        textRect, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
        painter->fontMetrics().elidedText(index.data(Role::TitleRole).toString(), Qt::ElideRight, textRect.width()));
    painter->restore();
}

void ConversationDelegate::paintSnippet(QPainter& painter, const QRect& rect, const QModelIndex& index) const {
    const Colors& colors = m_theme.colors();
    QTextLayout layout(index.data(Role::SnippetRole).toString(), m_theme.font(FontRole::Small));
    QList<QTextLayout::FormatRange> marks;
    for (const QVariant& match : index.data(Role::SnippetMatchesRole).toList()) {
        QTextLayout::FormatRange mark;
        mark.start = match.toPoint().x();
        mark.length = match.toPoint().y();
        mark.format.setBackground(colors.findMatch);
        mark.format.setForeground(colors.text);
        marks.append(mark);
    }
    layout.setFormats(marks);
    layout.beginLayout();
    QTextLine line = layout.createLine();
    if (line.isValid()) {
        line.setLineWidth(1'000'000); // one line; what does not fit is clipped
    }
    layout.endLayout();
    painter.save();
    painter.setClipRect(rect);
    painter.setPen(colors.textMuted);
    layout.draw(&painter, rect.topLeft());
    painter.restore();
}

} // namespace hearth::ui
