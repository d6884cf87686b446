#pragma once

#include <QStyledItemDelegate>

namespace hearth::ui {

class Theme;

/// Paints a row of the conversation list: its title, a pin, and while searching the snippet with the matches marked.
/// The first row of each section carries the section's heading above itself. Thread: UI.
class ConversationDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    explicit ConversationDelegate(const Theme& theme, QObject* parent = nullptr);

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

    /// The part of a row below its heading.
    [[nodiscard]] QRect bodyRect(const QRect& row, const QModelIndex& index) const;
    /// Where the button that opens the row's menu is painted.
    [[nodiscard]] static QRect menuButtonRect(const QRect& body);
    /// The conversation that is open in the window; it is painted as the current one.
    void setOpenConversation(qint64 id) { m_openConversation = id; }

private:
    void measureFonts();
    [[nodiscard]] bool hasHeading(const QModelIndex& index) const;
    [[nodiscard]] int headingHeight(const QModelIndex& index) const;
    void paintSnippet(QPainter& painter, const QRect& rect, const QModelIndex& index) const;

    const Theme& m_theme;
    qint64 m_openConversation = 0;
    int m_titleHeight = 0;
    int m_snippetHeight = 0;
    int m_headingHeight = 0;
};

} // namespace hearth::ui
