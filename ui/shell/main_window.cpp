#include "ui/shell/main_window.h"

#include "app/chat/chat_controller.h"
#include "app/chat/conversation_list_model.h"
#include "app/chat/conversation_store.h"
#include "app/engine_service/engine_service.h"
#include "app/models/model_library.h"
#include "app/services.h"
#include "app/settings/settings.h"
#include "ui/composer/composer.h"
#include "ui/documents/document_pane.h"
#include "ui/mixture/mixture_pane.h"
#include "ui/mixture/mixture_presenter.h"
#include "ui/models/model_chooser.h"
#include "ui/shell/chat_header.h"
#include "ui/shell/chat_pane.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/file_router.h"
#include "ui/shell/side_bar.h"
#include "ui/shell/side_panes.h"
#include "ui/shell/toast.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QCloseEvent>
#include <QHBoxLayout>
#include <QLocale>
#include <QScreen>
#include <QSplitter>

namespace hearth::ui {

namespace {

constexpr QSize kFirstSize(1180, 780);
constexpr int kNarrowWidth = 720;
constexpr int kPanesPercent = 46; ///< of the room beside the side bar, when the first file opens

constexpr std::chrono::milliseconds kShutdownLimit{100};

const QString kGeometryState = QStringLiteral("geometry");
const QString kSplitterState = QStringLiteral("splitter");
const QString kSideBarState = QStringLiteral("sideBarHidden");

} // namespace

MainWindow::MainWindow(Theme& theme, Services& services)
    : m_theme(theme), m_services(services), m_actions(theme, *this), m_splitter(new QSplitter(this)),
      m_sideBar(nullptr), m_chat(nullptr), m_panes(nullptr), m_files(nullptr), m_mixture(nullptr), m_palette(nullptr),
      m_modelChooser(nullptr), m_toast(nullptr) {
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(QStringLiteral("Hearth"));
    setWindowIcon(applicationIcon());
    const Settings& settings = services.settings();
    m_language.use(settings.language());
    m_theme.setChoice(static_cast<ThemeChoice>(settings.theme()));
    m_theme.setFontScale(settings.fontScale());
    m_actions.retranslate();
    build();
    connectSettings();
    connectSideBar();
    connectChatActions();
    connectViewActions();
    connectFileActions();
    connectMixture();
    restoreState();
    m_chat->focusComposer();
}

MainWindow::~MainWindow() = default;

void MainWindow::build() {
    m_splitter->setObjectName(QStringLiteral("splitter"));
    m_splitter->setChildrenCollapsible(false);
    m_sideBar = new SideBar(m_theme, m_actions, m_services.conversationList(), m_splitter);
    m_sideBar->setMinimumWidth(Metrics::kSideBarMinimum);
    m_chat = new ChatPane(m_theme, m_actions, m_services, m_splitter);
    m_panes = new SidePanes(m_theme, m_splitter);
    m_splitter->setStretchFactor(0, 0);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setStretchFactor(2, 1);
    m_splitter->setSizes({Metrics::kSideBarWidth, kFirstSize.width() - Metrics::kSideBarWidth, 0});
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_splitter);
    m_files = new FileRouter(m_theme, m_services, *m_panes, *this);
    m_mixture = new MixturePresenter(m_services.chat(), m_services.settings(), m_panes->mixturePane(), this);
    m_palette = new CommandPalette(m_theme, *this);
    m_modelChooser = new ModelChooser(m_theme, m_services.models(), *this);
    m_toast = new Toast(m_theme, *this, m_chat->dock());
}

void MainWindow::restoreState() {
    const Settings& settings = m_services.settings();
    if (!restoreGeometry(settings.windowState(kGeometryState))) {
        const QRect available = screen()->availableGeometry();
        resize(kFirstSize.boundedTo(available.size() - QSize(80, 80)));
    }
    m_splitter->restoreState(settings.windowState(kSplitterState));
    m_sideBarWanted = settings.windowState(kSideBarState).isEmpty();
    showSideBar(m_sideBarWanted);
    m_panes->hide(); // files are not opened again by themselves
}

void MainWindow::saveState() {
    Settings& settings = m_services.settings();
    settings.setWindowState(kGeometryState, saveGeometry());
    settings.setWindowState(kSplitterState, m_splitter->saveState());
    settings.setWindowState(kSideBarState, m_sideBarWanted ? QByteArray() : QByteArrayLiteral("1"));
}

void MainWindow::connectSettings() {
    Settings& settings = m_services.settings();
    connect(&settings, &Settings::themeChanged, this,
            [this] { m_theme.setChoice(static_cast<ThemeChoice>(m_services.settings().theme())); });
    connect(&settings, &Settings::fontScaleChanged, this,
            [this] { m_theme.setFontScale(m_services.settings().fontScale()); });
    // Later, for the control that changed the language is rebuilt by it.
    connect(
        &settings, &Settings::languageChanged, this,
        [this] {
            m_language.use(m_services.settings().language());
            m_theme.languageChanged();
        },
        Qt::QueuedConnection);
    const auto applyEnterKey = [this] {
        const bool sends = m_services.settings().enterKey() == EnterKey::Sends;
        m_chat->composer().setSendKey(sends ? SendKey::Enter : SendKey::ShiftEnter);
    };
    connect(&settings, &Settings::changed, this, applyEnterKey);
    applyEnterKey();
}

void MainWindow::connectSideBar() {
    ConversationStore& store = m_services.conversations();
    ChatController& chat = m_services.chat();
    connect(m_sideBar, &SideBar::conversationChosen, &chat, &ChatController::openConversation);
    connect(m_sideBar, &SideBar::renamed, &store, &ConversationStore::rename);
    connect(m_sideBar, &SideBar::deleteRequested, this, &MainWindow::deleteConversation);
    connect(m_sideBar, &SideBar::pinToggled, this, [&store](qint64 id) {
        if (const ConversationSummary* conversation = store.find(id)) {
            store.setPinned(id, !conversation->pinned);
        }
    });
    connect(&chat, &ChatController::conversationOpened, m_sideBar, &SideBar::setOpenConversation);
    // A new chat gets its row with its first question.
    connect(&store, &ConversationStore::conversationChanged, this, [this](qint64 id) {
        if (id == m_services.chat().currentConversation()) {
            m_sideBar->setOpenConversation(id);
        }
    });
}

void MainWindow::setSideBarShown(bool shown) {
    if (!m_narrow) {
        m_sideBarWanted = shown;
    }
    showSideBar(shown);
}

void MainWindow::showSideBar(bool shown) {
    m_sideBar->setVisible(shown);
    m_chat->header().setSideBarShown(shown);
}

void MainWindow::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    // In a narrow window the chat needs the room; a wide one brings back what the user wants.
    if (const bool narrow = width() < kNarrowWidth; narrow != m_narrow) {
        m_narrow = narrow;
        showSideBar(!narrow && m_sideBarWanted);
    }
}

void MainWindow::divideForPanes() {
    QList<int> sizes = m_splitter->sizes();
    const int room = sizes[1] + sizes[2];
    sizes[2] = room * kPanesPercent / 100;
    sizes[1] = room - sizes[2];
    m_splitter->setSizes(sizes);
}

void MainWindow::deleteConversation(qint64 id) {
    ConversationStore& store = m_services.conversations();
    const ConversationSummary* conversation = store.find(id);
    if (conversation == nullptr) {
        return;
    }
    const QString title = conversation->title.isEmpty() ? tr("New chat") : conversation->title;
    if (id == m_services.chat().currentConversation()) {
        m_services.chat().newConversation();
    }
    store.remove(id);
    m_toast->showMessage(tr("Deleted “%1”").arg(title), tr("Undo"),
                         [this] { m_actions[ActionId::UndoDelete].trigger(); });
}

void MainWindow::openPalette() {
    QList<PaletteEntry> entries;
    const ConversationListModel& list = m_services.conversationList();
    const QIcon chatIcon = themedIcon(m_theme, QStringLiteral("chat"), IconTone::Muted);
    const QLocale locale;
    for (int row = 0; row < list.rowCount(); ++row) {
        const QModelIndex index = list.index(row);
        const qint64 id = index.data(ConversationListModel::IdRole).toLongLong();
        const QDate date = index.data(ConversationListModel::UpdatedRole).toDateTime().toLocalTime().date();
        entries.append({index.data(ConversationListModel::TitleRole).toString(),
                        locale.toString(date, QLocale::ShortFormat), chatIcon,
                        [this, id] { m_services.chat().openConversation(id); }});
    }
    for (int number = 0; number < kActionCount; ++number) {
        QAction& action = m_actions[static_cast<ActionId>(number)];
        if (action.isEnabled() && static_cast<ActionId>(number) != ActionId::GoTo) {
            entries.append({action.text(), action.shortcut().toString(QKeySequence::NativeText), action.icon(),
                            [&action] { action.trigger(); }});
        }
    }
    m_palette->openWith(entries);
}

void MainWindow::openModelChooser() {
    m_modelChooser->openBelow(m_chat->header().modelButton(), m_services.engine().modelPath());
}

void MainWindow::openPath(const QString& path) {
    m_files->openPath(path);
}

bool MainWindow::shutdown() {
    const bool ended = m_panes->documentPane().shutdown(kShutdownLimit);
    return m_panes->mixturePane().shutdown(kShutdownLimit) && ended;
}

void MainWindow::closeEvent(QCloseEvent* event) {
    saveState();
    m_services.chat().saveNow();
    event->accept();
}

void MainWindow::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        m_actions.retranslate(); // before the children, whose tooltips quote them
    }
    QWidget::changeEvent(event);
}

} // namespace hearth::ui
