// What the actions of MainWindow do.
#include "ui/shell/main_window.h"

#include "app/chat/chat_controller.h"
#include "app/chat/conversation_store.h"
#include "app/engine_service/engine_service.h"
#include "app/services.h"
#include "app/settings/settings.h"
#include "ui/documents/document_pane.h"
#include "ui/documents/pdf_view.h"
#include "ui/images/image_pane.h"
#include "ui/images/image_view.h"
#include "ui/mixture/mixture_pane.h"
#include "ui/mixture/mixture_presenter.h"
#include "ui/models/model_chooser.h"
#include "ui/settings/settings_dialog.h"
#include "ui/shell/chat_pane.h"
#include "ui/shell/file_router.h"
#include "ui/shell/shortcuts_dialog.h"
#include "ui/shell/side_bar.h"
#include "ui/shell/side_panes.h"
#include "ui/shell/toast.h"
#include "ui/theme/theme.h"

#include <QApplication>

#include <algorithm>
#include <array>
#include <cmath>

namespace hearth::ui {

namespace {

constexpr std::array kFontScales{0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0};
constexpr double kPageZoomStep = 1.2;

bool hasFocusWithin(const QWidget& widget) {
    const QWidget* focus = QApplication::focusWidget();
    return focus != nullptr && (focus == &widget || widget.isAncestorOf(focus));
}

} // namespace

void MainWindow::connectChatActions() {
    ChatController& chat = m_services.chat();
    const auto on = [this](ActionId id, auto&& run) { connect(&m_actions[id], &QAction::triggered, this, run); };
    on(ActionId::NewChat, [this, &chat] {
        chat.newConversation();
        m_chat->focusComposer();
    });
    on(ActionId::GoTo, [this] { openPalette(); });
    on(ActionId::SearchChats, [this] {
        setSideBarShown(true);
        m_sideBar->focusSearch();
    });
    const auto step = [this, &chat](int direction) {
        if (const qint64 id = m_sideBar->neighbour(direction); id != 0) {
            chat.openConversation(id);
        }
    };
    on(ActionId::NextChat, [step] { step(1); });
    on(ActionId::PreviousChat, [step] { step(-1); });
    on(ActionId::RenameChat, [this, &chat] {
        setSideBarShown(true);
        m_sideBar->startRename(chat.currentConversation());
    });
    on(ActionId::PinChat, [this, &chat] { Q_EMIT m_sideBar->pinToggled(chat.currentConversation()); });
    on(ActionId::DeleteChat, [this, &chat] { deleteConversation(chat.currentConversation()); });
    on(ActionId::UndoDelete, [this, &chat] {
        m_toast->hide();
        if (const qint64 id = m_services.conversations().undoRemove(); id != 0) {
            chat.openConversation(id);
        }
    });
    on(ActionId::Stop, [&chat] { chat.stop(); });
    on(ActionId::Regenerate, [this] { m_chat->regenerateLast(); });
    on(ActionId::EditLast, [this] { m_chat->editLast(); });
    on(ActionId::CopyAnswer, [this] {
        if (m_chat->copyLastAnswer()) {
            m_toast->showMessage(tr("Answer copied"));
        }
    });
    on(ActionId::CopyCode, [this] {
        if (m_chat->copyLastCodeBlock()) {
            m_toast->showMessage(tr("Code copied"));
        }
    });
}

void MainWindow::connectViewActions() {
    const auto on = [this](ActionId id, auto&& run) { connect(&m_actions[id], &QAction::triggered, this, run); };
    on(ActionId::FindInChat, [this] { find(); });
    const auto stepMatch = [this](int direction) {
        if (hasFocusWithin(m_panes->documentPane())) {
            m_panes->documentPane().stepMatch(direction);
        } else {
            m_chat->stepMatch(direction);
        }
    };
    on(ActionId::FindNext, [stepMatch] { stepMatch(1); });
    on(ActionId::FindPrevious, [stepMatch] { stepMatch(-1); });
    on(ActionId::ShowChat, [this] { m_chat->focusComposer(); });
    on(ActionId::ShowDocument, [this] {
        if (!m_panes->activate(SidePanes::Pane::Document)) {
            m_toast->showMessage(tr("No document is open"), tr("Open…"),
                                 [this] { m_actions[ActionId::OpenFile].trigger(); });
        }
    });
    on(ActionId::ShowImage, [this] {
        if (!m_panes->activate(SidePanes::Pane::Image)) {
            m_toast->showMessage(tr("No image is open"), tr("Open…"),
                                 [this] { m_actions[ActionId::OpenFile].trigger(); });
        }
    });
    on(ActionId::ShowMixture, [this] { showMixture(m_chat->chosenAnswer()); });
    on(ActionId::NextPane, [this] { stepPane(1); });
    on(ActionId::PreviousPane, [this] { stepPane(-1); });
    on(ActionId::ToggleSideBar, [this] {
        const bool hadFocus = hasFocusWithin(*m_sideBar);
        setSideBarShown(m_sideBar->isHidden());
        if (hadFocus && m_sideBar->isHidden()) {
            m_chat->focusComposer();
        }
    });
    on(ActionId::FullScreen, [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    on(ActionId::ZoomIn, [this] { zoom(1); });
    on(ActionId::ZoomOut, [this] { zoom(-1); });
    on(ActionId::ZoomReset, [this] { zoom(0); });
    on(ActionId::Settings, [this] { (new SettingsDialog(m_theme, m_services, this))->open(); });
    on(ActionId::Shortcuts, [this] { (new ShortcutsDialog(m_theme, m_actions, this))->open(); });
    on(ActionId::About, [this] { (new AboutDialog(m_theme, this))->open(); });
    on(ActionId::Quit, [this] { close(); });
}

void MainWindow::connectFileActions() {
    const auto on = [this](ActionId id, auto&& run) { connect(&m_actions[id], &QAction::triggered, this, run); };
    on(ActionId::OpenFile, [this] { m_files->chooseFile(); });
    on(ActionId::Attach, [this] { m_files->chooseAttachment(); });
    on(ActionId::ChooseModel, [this] { openModelChooser(); });
    on(ActionId::ImportModel, [this] { m_files->chooseModel(); });
    connect(m_chat, &ChatPane::attachRequested, m_files, &FileRouter::chooseAttachment);
    connect(m_chat, &ChatPane::importRequested, m_files, &FileRouter::chooseModel);
    connect(m_chat, &ChatPane::chooseModelRequested, this, &MainWindow::openModelChooser);
    connect(m_chat, &ChatPane::filesPasted, m_files, &FileRouter::open);
    connect(m_chat, &ChatPane::imagePasted, this,
            [this](const QImage& image) { m_files->openImage(image, tr("Pasted image")); });
    connect(m_files, &FileRouter::failed, m_chat, &ChatPane::showError);
    connect(m_modelChooser, &ModelChooser::modelChosen, &m_services, &Services::loadModel);
    connect(m_modelChooser, &ModelChooser::importRequested, m_files, &FileRouter::chooseModel);
    connect(m_panes, &SidePanes::appeared, this, &MainWindow::divideForPanes);
    connect(m_panes, &SidePanes::emptied, m_chat, &ChatPane::focusComposer);
}

void MainWindow::connectMixture() {
    MixturePane& pane = m_panes->mixturePane();
    connect(m_chat, &ChatPane::mixtureRequested, this, &MainWindow::showMixture);
    connect(&pane, &MixturePane::noticed, this, [this](const QString& sentence) { m_toast->showMessage(sentence); });
    connect(&pane, &MixturePane::saveFailed, this,
            [this](const QString&, const Error& error) { m_chat->showError(presentError(error, Activity::Saving)); });
}

void MainWindow::showMixture(qint64 answer) {
    m_panes->showMixture();
    m_mixture->show(answer);
}

void MainWindow::find() {
    if (hasFocusWithin(m_panes->documentPane())) {
        m_panes->documentPane().openFind();
    } else {
        m_chat->openFind();
    }
}

void MainWindow::zoom(int direction) {
    if (hasFocusWithin(m_panes->documentPane())) {
        PdfView& pages = m_panes->documentPane().view();
        direction == 0 ? pages.fitWidth() : pages.zoomBy(direction > 0 ? kPageZoomStep : 1 / kPageZoomStep);
        return;
    }
    if (hasFocusWithin(m_panes->imagePane())) {
        ImageView& image = m_panes->imagePane().view();
        direction == 0 ? image.fit() : image.zoomBy(direction > 0 ? kPageZoomStep : 1 / kPageZoomStep);
        return;
    }
    Settings& settings = m_services.settings();
    const double now = settings.fontScale();
    double next = 1.0;
    if (direction > 0) {
        const auto* larger =
            std::find_if(kFontScales.begin(), kFontScales.end(), [&](double scale) { return scale > now + 0.001; });
        next = larger == kFontScales.end() ? kFontScales.back() : *larger;
    } else if (direction < 0) {
        const auto smaller =
            std::find_if(kFontScales.rbegin(), kFontScales.rend(), [&](double scale) { return scale < now - 0.001; });
        next = smaller == kFontScales.rend() ? kFontScales.front() : *smaller;
    }
    settings.setFontScale(next);
    m_toast->showMessage(tr("Text size %1 %").arg(std::lround(next * 100)));
}

void MainWindow::stepPane(int direction) {
    // Each stop: a widget that takes the focus, within a region that may hold it already.
    QList<QWidget*> stops;
    if (m_sideBar->isVisible()) {
        stops.append(m_sideBar);
    }
    stops.append(m_chat->focusStops());
    if (m_panes->isVisible()) {
        stops.append(m_panes);
    }
    qsizetype current = -1;
    for (qsizetype stop = 0; stop < stops.size(); ++stop) {
        if (hasFocusWithin(*stops[stop])) {
            current = stop;
        }
    }
    QWidget* next = stops[(current + direction + stops.size()) % stops.size()];
    if (next == m_sideBar) {
        m_sideBar->focusList();
    } else if (next == m_panes) {
        m_panes->activate(m_panes->currentPane());
    } else {
        next->setFocus(Qt::TabFocusReason);
    }
}

} // namespace hearth::ui
