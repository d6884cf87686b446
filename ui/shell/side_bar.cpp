#include "ui/shell/side_bar.h"

#include "app/chat/conversation_list_model.h"
#include "ui/shell/actions.h"
#include "ui/shell/conversation_delegate.h"
#include "ui/theme/hearth_style.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMouseEvent>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>

namespace hearth::ui {

namespace {

constexpr int kRowsAtOnce = 200;

} // namespace

SideBar::SideBar(const Theme& theme, Actions& actions, ConversationListModel& conversations, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_actions(actions), m_conversations(conversations),
      m_newChat(new QPushButton(this)), m_hide(new QToolButton(this)), m_name(new QLabel(this)),
      m_search(new QLineEdit(this)), m_list(new QListView(this)), m_delegate(new ConversationDelegate(theme, this)),
      m_empty(new QLabel(m_list)), m_renameField(new QLineEdit(m_list->viewport())), m_settings(new QToolButton(this)),
      m_more(new QToolButton(this)) {
    setObjectName(QStringLiteral("sideBar"));
    build();
    connect(m_newChat, &QPushButton::clicked, &actions[ActionId::NewChat], &QAction::trigger);
    connect(m_hide, &QToolButton::clicked, &actions[ActionId::ToggleSideBar], &QAction::trigger);
    connect(m_settings, &QToolButton::clicked, &actions[ActionId::Settings], &QAction::trigger);
    connect(m_more, &QToolButton::clicked, this, &SideBar::openProgramMenu);
    connect(m_search, &QLineEdit::textChanged, &conversations, &ConversationListModel::setSearchText);
    connect(m_renameField, &QLineEdit::editingFinished, this, [this] { endRename(true); });
    // Headings and heights of a row depend on its neighbours, so coming and going may move any row.
    m_relayout.setSingleShot(true);
    connect(&m_relayout, &QTimer::timeout, m_list, &QListView::doItemsLayout);
    const auto relayout = [this] {
        m_relayout.start(0); // once for all the changes of one event
        updateEmptyText();
    };
    connect(&conversations, &QAbstractItemModel::rowsInserted, this, relayout);
    connect(&conversations, &QAbstractItemModel::rowsRemoved, this, relayout);
    connect(&conversations, &QAbstractItemModel::rowsMoved, this, relayout);
    connect(&conversations, &QAbstractItemModel::dataChanged, this, relayout);
    connect(&conversations, &QAbstractItemModel::modelReset, this, relayout);
    connect(&conversations, &ConversationListModel::searchFinished, this, &SideBar::updateEmptyText);
    retranslate();
}

void SideBar::build() {
    m_name->setObjectName(QStringLiteral("programName"));
    m_newChat->setObjectName(QStringLiteral("newChatButton"));
    m_newChat->setIcon(themedIcon(m_theme, QStringLiteral("new-chat")));
    m_search->setObjectName(QStringLiteral("chatSearch"));
    setQuietField(*m_search);
    m_search->setClearButtonEnabled(true);
    m_search->addAction(themedIcon(m_theme, QStringLiteral("search"), IconTone::Muted), QLineEdit::LeadingPosition);
    m_search->installEventFilter(this);

    const auto prepare = [&](QToolButton* button, const char* name, const QString& icon) {
        button->setObjectName(QLatin1String(name));
        button->setIcon(themedIcon(m_theme, icon, IconTone::Muted));
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::StrongFocus);
        button->setFixedSize(Metrics::kControl, Metrics::kControl);
    };
    prepare(m_hide, "hideSideBar", QStringLiteral("sidebar"));
    prepare(m_settings, "settingsButton", QStringLiteral("settings"));
    prepare(m_more, "programMenuButton", QStringLiteral("more"));
    m_list->setObjectName(QStringLiteral("chatList"));
    m_list->setModel(&m_conversations);
    m_list->setItemDelegate(m_delegate);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setMouseTracking(true);
    m_list->setLayoutMode(QListView::Batched); // thousands of chats are laid out between other events
    m_list->setBatchSize(kRowsAtOnce);
    m_list->viewport()->setAutoFillBackground(false);
    m_list->installEventFilter(this);
    m_list->viewport()->installEventFilter(this);
    m_empty->setObjectName(QStringLiteral("chatListEmpty"));
    m_empty->setAlignment(Qt::AlignHCenter | Qt::AlignTop);
    m_empty->setWordWrap(true);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_renameField->setObjectName(QStringLiteral("renameField"));
    m_renameField->installEventFilter(this);
    m_renameField->hide();

    auto* top = new QHBoxLayout;
    top->setContentsMargins(Metrics::kSpace2, 0, 0, 0);
    top->addWidget(m_name, 1);
    top->addWidget(m_hide);
    auto* footer = new QHBoxLayout;
    footer->setSpacing(Metrics::kSpace1);
    footer->addWidget(m_settings);
    footer->addWidget(m_more);
    footer->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Metrics::kSpace3, Metrics::kSpace2, Metrics::kSpace3, Metrics::kSpace2);
    column->setSpacing(Metrics::kSpace2);
    column->addLayout(top);
    column->addWidget(m_newChat);
    column->addWidget(m_search);
    column->addWidget(m_list, 1);
    column->addLayout(footer);
}

void SideBar::openProgramMenu() {
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("programMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const ActionId id : {ActionId::OpenFile, ActionId::ImportModel, ActionId::GoTo, ActionId::FullScreen,
                              ActionId::Shortcuts, ActionId::About, ActionId::Quit}) {
        if (id == ActionId::Shortcuts || id == ActionId::Quit) {
            menu->addSeparator();
        }
        menu->addAction(&m_actions[id]);
    }
    menu->popup(m_more->mapToGlobal(QPoint(0, -menu->sizeHint().height() - Metrics::kSpace1)));
}

void SideBar::setOpenConversation(qint64 id) {
    m_openConversation = id;
    m_delegate->setOpenConversation(id);
    if (const int row = m_conversations.rowOf(id); row >= 0) {
        m_list->setCurrentIndex(m_conversations.index(row));
    } else {
        m_list->setCurrentIndex({});
    }
    m_list->viewport()->update();
}

void SideBar::focusSearch() {
    m_search->setFocus(Qt::ShortcutFocusReason);
    m_search->selectAll();
}

void SideBar::focusList() {
    if (!m_list->currentIndex().isValid() && m_conversations.rowCount() > 0) {
        m_list->setCurrentIndex(m_conversations.index(0));
    }
    m_list->setFocus(Qt::TabFocusReason);
}

qint64 SideBar::neighbour(int step) const {
    const int count = m_conversations.rowCount();
    if (count == 0) {
        return 0;
    }
    const int row = m_conversations.rowOf(m_openConversation);
    const int next = row < 0 ? (step > 0 ? 0 : count - 1) : (row + step + count) % count;
    return m_conversations.idAt(next);
}

void SideBar::startRename(qint64 id) {
    const int row = m_conversations.rowOf(id);
    if (row < 0) {
        return;
    }
    const QModelIndex index = m_conversations.index(row);
    m_list->scrollTo(index);
    m_renaming = id;
    m_renameField->setText(index.data(ConversationListModel::TitleRole).toString());
    m_renameField->setGeometry(m_delegate->bodyRect(m_list->visualRect(index), index));
    m_renameField->show();
    m_renameField->setFocus(Qt::OtherFocusReason);
    m_renameField->selectAll();
}

void SideBar::endRename(bool accept) {
    if (m_renaming == 0) {
        return;
    }
    // First, for hiding the field takes its focus away, and that ends renaming as well.
    const qint64 id = std::exchange(m_renaming, 0);
    const bool hadFocus = m_renameField->hasFocus();
    m_renameField->hide();
    if (hadFocus) {
        m_list->setFocus();
    }
    if (accept) {
        Q_EMIT renamed(id, m_renameField->text().trimmed());
    }
}

void SideBar::openMenu(const QModelIndex& index, const QPoint& globalPosition) {
    const qint64 id = index.data(ConversationListModel::IdRole).toLongLong();
    const bool pinned = index.data(ConversationListModel::PinnedRole).toBool();
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("chatMenu"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(themedIcon(m_theme, QStringLiteral("rename"), IconTone::Muted),
                    tr("Rename") + QLatin1String("\tF2"), this, [this, id] { startRename(id); });
    menu->addAction(themedIcon(m_theme, pinned ? QStringLiteral("unpin") : QStringLiteral("pin"), IconTone::Muted),
                    pinned ? tr("Unpin") : tr("Pin"), this, [this, id] { Q_EMIT pinToggled(id); });
    menu->addSeparator();
    menu->addAction(themedIcon(m_theme, QStringLiteral("delete"), IconTone::Danger),
                    tr("Delete") + QLatin1Char('\t') + QKeySequence(QKeySequence::Delete).toString(), this,
                    [this, id] { Q_EMIT deleteRequested(id); });
    menu->popup(globalPosition);
}

bool SideBar::listKeyPressed(int key) {
    const QModelIndex index = m_list->currentIndex();
    if (!index.isValid()) {
        return false;
    }
    const qint64 id = index.data(ConversationListModel::IdRole).toLongLong();
    switch (key) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        Q_EMIT conversationChosen(id);
        return true;
    case Qt::Key_F2:
        startRename(id);
        return true;
    case Qt::Key_Delete:
        Q_EMIT deleteRequested(id);
        return true;
    default:
        return false;
    }
}

bool SideBar::listMousePressed(const QPoint& position, int button) {
    const QModelIndex index = m_list->indexAt(position);
    if (!index.isValid()) {
        return false;
    }
    const QRect body = m_delegate->bodyRect(m_list->visualRect(index), index);
    if (!body.contains(position)) {
        return true; // a heading is no part of the row
    }
    if (button == Qt::LeftButton && ConversationDelegate::menuButtonRect(body).contains(position)) {
        openMenu(index, m_list->viewport()->mapToGlobal(position));
        return true;
    }
    if (button == Qt::LeftButton) {
        Q_EMIT conversationChosen(index.data(ConversationListModel::IdRole).toLongLong());
    }
    return false;
}

bool SideBar::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_list->viewport() && event->type() == QEvent::MouseButtonPress) {
        const auto* mouse = static_cast<QMouseEvent*>(event);
        return listMousePressed(mouse->position().toPoint(), mouse->button());
    }
    if (watched == m_list->viewport() && event->type() == QEvent::Resize) {
        m_empty->setGeometry(
            m_list->viewport()->geometry().adjusted(Metrics::kSpace2, Metrics::kSpace8, -Metrics::kSpace2, 0));
    }
    if ((watched == m_list || watched == m_list->viewport()) && event->type() == QEvent::ContextMenu) {
        const auto* menu = static_cast<QContextMenuEvent*>(event);
        const bool byMouse = menu->reason() == QContextMenuEvent::Mouse;
        const QModelIndex index = byMouse ? m_list->indexAt(menu->pos()) : m_list->currentIndex();
        if (index.isValid()) {
            openMenu(index,
                     byMouse ? menu->globalPos() : m_list->viewport()->mapToGlobal(m_list->visualRect(index).center()));
        }
        return true;
    }
    if (event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (watched == m_list) {
            return listKeyPressed(key);
        }
        if (watched == m_renameField && key == Qt::Key_Escape) {
            endRename(false);
            return true;
        }
        if (watched == m_search && key == Qt::Key_Escape && !m_search->text().isEmpty()) {
            m_search->clear();
            return true;
        }
        if (watched == m_search && (key == Qt::Key_Down || key == Qt::Key_Return || key == Qt::Key_Enter)) {
            focusList();
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void SideBar::updateEmptyText() {
    const bool searching = !m_conversations.searchText().trimmed().isEmpty();
    m_empty->setText(searching ? tr("No chat contains this.") : tr("Your chats will appear here."));
    m_empty->setVisible(m_conversations.rowCount() == 0);
}

void SideBar::retranslate() {
    setAccessibleName(tr("Side bar"));
    m_name->setText(QStringLiteral("Hearth"));
    m_name->setFont(m_theme.font(FontRole::Title));
    m_newChat->setText(m_actions[ActionId::NewChat].text());
    m_newChat->setToolTip(m_actions.toolTip(ActionId::NewChat));
    m_newChat->setAccessibleName(m_actions[ActionId::NewChat].text());
    m_hide->setToolTip(m_actions.toolTip(ActionId::ToggleSideBar));
    m_hide->setAccessibleName(tr("Hide the side bar"));
    m_search->setPlaceholderText(tr("Search chats"));
    m_search->setToolTip(m_actions.toolTip(ActionId::SearchChats));
    m_search->setAccessibleName(tr("Search chats"));
    m_list->setAccessibleName(tr("Chats"));
    m_renameField->setAccessibleName(tr("New title"));
    m_settings->setToolTip(m_actions.toolTip(ActionId::Settings));
    m_settings->setAccessibleName(m_actions[ActionId::Settings].text());
    m_more->setToolTip(tr("More"));
    m_more->setAccessibleName(tr("More commands"));
    updateEmptyText();
    m_list->doItemsLayout();
}

void SideBar::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    } else if (event->type() == QEvent::FontChange) {
        m_name->setFont(m_theme.font(FontRole::Title));
        m_list->doItemsLayout();
    }
    QWidget::changeEvent(event);
}

void SideBar::paintEvent(QPaintEvent* event) {
    QPainter(this).fillRect(event->rect(), m_theme.colors().window);
}

} // namespace hearth::ui
