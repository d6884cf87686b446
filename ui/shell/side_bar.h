#pragma once

#include <QModelIndex>
#include <QTimer>
#include <QWidget>

class QLabel;
class QLineEdit;
class QListView;
class QPushButton;
class QToolButton;

namespace hearth {
class ConversationListModel;
}

namespace hearth::ui {

class Actions;
class ConversationDelegate;
class Theme;

/// The left side: new chat, search, and all conversations with their menu. Shows and reports; the window acts.
/// Thread: UI.
class SideBar : public QWidget {
    Q_OBJECT

public:
    /// All outlive the bar.
    SideBar(const Theme& theme, Actions& actions, ConversationListModel& conversations, QWidget* parent = nullptr);

    /// Marks what the chat pane shows; 0: a new chat.
    void setOpenConversation(qint64 id);
    void focusSearch();
    void focusList();
    /// Opens a field over the conversation's row.
    void startRename(qint64 id);
    /// The row `step` below (above, if negative) the open one, round the ends; 0 if there is none.
    [[nodiscard]] qint64 neighbour(int step) const;

Q_SIGNALS:
    void conversationChosen(qint64 id);
    void renamed(qint64 id, const QString& title);
    void pinToggled(qint64 id);
    void deleteRequested(qint64 id);

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void build();
    void openProgramMenu();
    void openMenu(const QModelIndex& index, const QPoint& globalPosition);
    bool listKeyPressed(int key);
    bool listMousePressed(const QPoint& position, int button);
    void endRename(bool accept);
    void updateEmptyText();
    void retranslate();

    const Theme& m_theme;
    Actions& m_actions;
    ConversationListModel& m_conversations;
    qint64 m_openConversation = 0;
    qint64 m_renaming = 0;
    QTimer m_relayout;
    QPushButton* m_newChat;
    QToolButton* m_hide;
    QLabel* m_name;
    QLineEdit* m_search;
    QListView* m_list;
    ConversationDelegate* m_delegate;
    QLabel* m_empty;
    QLineEdit* m_renameField;
    QToolButton* m_settings;
    QToolButton* m_more;
};

} // namespace hearth::ui
