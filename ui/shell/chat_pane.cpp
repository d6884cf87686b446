#include "ui/shell/chat_pane.h"

#include "app/chat/chat_controller.h"
#include "app/chat/conversation_model.h"
#include "app/chat/conversation_store.h"
#include "app/engine_service/engine_service.h"
#include "app/models/model_library.h"
#include "app/models/model_name.h"
#include "app/services.h"
#include "ui/composer/composer.h"
#include "ui/conversation/conversation_style.h"
#include "ui/conversation/conversation_view.h"
#include "ui/models/first_run_page.h"
#include "ui/shell/actions.h"
#include "ui/shell/banner.h"
#include "ui/shell/chat_header.h"
#include "ui/shell/context_meter.h"
#include "ui/shell/conversation_presenter.h"
#include "ui/shell/find_bar.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QEvent>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLocale>
#include <QPaintEvent>
#include <QPainter>
#include <QScrollBar>
#include <QStackedWidget>

#include <utility>

namespace hearth::ui {

namespace {

/// A small model is loaded before anybody could read a banner that says so.
constexpr int kLoadBannerDelayMs = 400;

} // namespace

ChatPane::ChatPane(const Theme& theme, Actions& actions, Services& services, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_actions(actions), m_services(services),
      m_header(new ChatHeader(theme, actions, this)), m_findBar(new FindBar(theme, QStringLiteral("chatFind"), this)),
      m_dock(new QWidget(this)), m_dockRow(nullptr), m_stack(new QStackedWidget(this)), m_blank(new QWidget(m_stack)),
      m_firstRun(new FirstRunPage(theme, services.paths().models(), m_stack)),
      m_view(new ConversationView(theme, m_stack)),
      m_presenter(new ConversationPresenter(services.chat(), *m_view, this)), m_banner(new Banner(theme, this)),
      m_composer(new Composer(theme, this)) {
    setObjectName(QStringLiteral("chatPane"));
    m_loadBannerDelay.setSingleShot(true);
    m_loadBannerDelay.setInterval(kLoadBannerDelayMs);
    build();
    connectComposer();
    connectView();
    connectController();
    connectEngine();
    updatePage();
    updateComposerMode();
    updateTitle();
}

void ChatPane::build() {
    m_stack->setObjectName(QStringLiteral("chatStack"));
    for (QWidget* page : {m_blank, static_cast<QWidget*>(m_firstRun), static_cast<QWidget*>(m_view)}) {
        m_stack->addWidget(page);
    }
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, Metrics::kSpace4);
    column->setSpacing(0);
    column->addWidget(m_header);
    column->addWidget(m_findBar);
    column->addWidget(m_stack, 1);
    auto* dock = new QVBoxLayout(m_dock);
    dock->setContentsMargins(0, 0, 0, 0);
    dock->setSpacing(Metrics::kSpace2);
    dock->addWidget(m_banner);
    dock->addWidget(m_composer);
    m_dockRow = new QHBoxLayout;
    m_dockRow->addStretch(1);
    m_dockRow->addWidget(m_dock, 1000);
    m_dockRow->addStretch(1);
    column->addSpacing(Metrics::kSpace2);
    column->addLayout(m_dockRow);
    setMinimumWidth(Metrics::kPaneMinimum);
    connect(&m_theme, &Theme::changed, this, &ChatPane::alignDock);
    connect(m_view->verticalScrollBar(), &QScrollBar::rangeChanged, this, &ChatPane::alignDock);
    alignDock();
}

void ChatPane::alignDock() {
    // Text in the composer stands below the text of the messages, whose column shares its place with a scroll bar.
    const int inset = Metrics::kSpace4;
    const bool scrolls = m_stack->currentWidget() == m_view && m_view->verticalScrollBar()->maximum() > 0;
    m_dock->setMaximumWidth(ConversationStyle(m_theme).columnWidth + 2 * inset);
    m_dockRow->setContentsMargins(Metrics::kSpace2, 0, Metrics::kSpace2 + (scrolls ? Metrics::kScrollBar : 0), 0);
}

void ChatPane::connectComposer() {
    ChatController& chat = m_services.chat();
    connect(m_composer, &Composer::sendRequested, this, &ChatPane::send);
    connect(m_composer, &Composer::stopRequested, &chat, &ChatController::stop);
    connect(m_composer, &Composer::draftEdited, &chat, &ChatController::setDraft);
    connect(m_composer, &Composer::attachRequested, this, &ChatPane::attachRequested);
    connect(m_composer, &Composer::attachmentRemoveRequested, &chat, &ChatController::removeAttachment);
    connect(m_composer, &Composer::editLastRequested, this, &ChatPane::editLast);
    connect(m_composer, &Composer::escapePressed, m_banner, &Banner::dismiss);
    connect(m_composer, &Composer::filesPasted, this, &ChatPane::filesPasted);
    connect(m_composer, &Composer::imagePasted, this, &ChatPane::imagePasted);
    connect(m_composer, &Composer::longTextPasted, this, &ChatPane::attachPastedText);
    connect(m_firstRun, &FirstRunPage::importRequested, this, &ChatPane::importRequested);
    connect(m_firstRun, &FirstRunPage::lookAgainRequested, &m_services.models(), &ModelLibrary::refresh);
}

void ChatPane::connectView() {
    ChatController& chat = m_services.chat();
    connect(m_presenter, &ConversationPresenter::editRequested, this, &ChatPane::startEdit);
    connect(m_composer, &Composer::editSubmitted, this, [this, &chat](const QString& text) {
        chat.editAndResend(m_editedMessage, text);
        m_composer->endEdit();
    });
    connect(m_findBar, &FindBar::textChanged, m_view, &ConversationView::find);
    connect(m_findBar, &FindBar::nextRequested, this, [this] { stepMatch(1); });
    connect(m_findBar, &FindBar::previousRequested, this, [this] { stepMatch(-1); });
    connect(m_findBar, &FindBar::closed, this, [this] {
        m_view->find({});
        focusComposer();
    });
    connect(m_view, &ConversationView::findChanged, m_findBar, &FindBar::setCount);
    connect(m_view, &ConversationView::mixtureRequested, this, &ChatPane::mixtureRequested);
}

void ChatPane::connectController() {
    ChatController& chat = m_services.chat();
    connect(&chat, &ChatController::conversationOpened, this, [this] {
        m_findBar->close();
        m_composer->endEdit();
        updatePage();
        updateTitle();
    });
    connect(&chat, &ChatController::stateChanged, this, &ChatPane::updateComposerMode);
    connect(&chat, &ChatController::contextMeterChanged, this, &ChatPane::showContextMeter);
    connect(&chat, &ChatController::draftReplaced, m_composer, &Composer::setText);
    connect(&chat, &ChatController::attachmentsChanged, this,
            [this] { m_composer->setAttachments(m_services.chat().pendingAttachments()); });
    connect(&chat, &ChatController::failed, this, &ChatPane::showError);
    connect(&chat, &ChatController::contextTrimmed, this, [this](int count) {
        m_banner->showMessage(BannerKind::Information,
                              tr("%n older message(s) no longer fit into the model's context.", nullptr, count),
                              tr("They stay in the chat, greyed; the model does not see them. A larger context can be "
                                 "set in the settings."));
    });
    connect(&chat, &ChatController::storageTrouble, this, [this](const ErrorText& error) {
        m_storageTroubleShown = true;
        m_banner->showMessage(BannerKind::Warning, error.sentence, error.nextStep);
    });
    connect(&chat, &ChatController::storageRecovered, this, [this] {
        if (std::exchange(m_storageTroubleShown, false)) {
            m_banner->dismiss();
        }
    });
    connect(&m_services.conversations(), &ConversationStore::conversationChanged, this, &ChatPane::updateTitle);
    connect(&chat.model(), &QAbstractItemModel::rowsInserted, this, &ChatPane::updatePage);
    connect(&chat.model(), &QAbstractItemModel::rowsRemoved, this, &ChatPane::updatePage);
    connect(&chat.model(), &QAbstractItemModel::modelReset, this, &ChatPane::updatePage);
}

void ChatPane::connectEngine() {
    EngineService& engine = m_services.engine();
    connect(&engine, &EngineService::stateChanged, this, [this](EngineState state) {
        if (state == EngineState::Loading) {
            m_loadFraction = 0;
            m_loadBannerDelay.start();
            showLoadProgress(0);
        } else {
            m_loadBannerDelay.stop();
            m_banner->endProgress();
            showLoadedModel();
        }
        updatePage();
        updateComposerMode();
    });
    connect(&engine, &EngineService::loadProgress, this, &ChatPane::showLoadProgress);
    connect(&m_loadBannerDelay, &QTimer::timeout, this, [this] { showLoadProgress(m_loadFraction); });
    connect(&engine, &EngineService::loadFailed, this, [this](const QString&, const Error& error) {
        m_loadBannerDelay.stop();
        m_banner->endProgress();
        if (error.code != ErrorCode::Cancelled) {
            showError(presentError(error, Activity::LoadingModel));
        }
    });
    connect(&engine, &EngineService::modelLoaded, this, [this](const LoadedModel& model) {
        if (!model.memoryProblem.isEmpty()) {
            m_banner->showMessage(BannerKind::Warning, tr("%1 does not fit into memory.").arg(model.name),
                                  model.memoryProblem);
        } else if (!model.hasChatTemplate) {
            m_banner->showMessage(
                BannerKind::Warning,
                model.chatTemplateProblem.isEmpty()
                    ? tr("%1 has no chat template; a plain format is used.").arg(model.name)
                    : tr("The chat template of %1 cannot be used: %2").arg(model.name, model.chatTemplateProblem),
                tr("Answers may be poor. A model made for chatting (often called “instruct” or “chat”) does better."));
        }
    });
    ModelLibrary& models = m_services.models();
    connect(&models, &ModelLibrary::refreshed, this, [this] {
        m_librarySeen = true;
        updatePage();
    });
    connect(&models, &ModelLibrary::importProgress, this, &ChatPane::showImportProgress);
    connect(&models, &ModelLibrary::imported, this, [this](const ModelFile& model) {
        m_banner->endProgress();
        m_services.loadModel(model.path);
    });
    connect(&models, &ModelLibrary::importFailed, this, [this](const QString&, const Error& error) {
        m_banner->endProgress();
        if (error.code != ErrorCode::Cancelled) {
            showError(presentError(error, Activity::ImportingModel));
        }
    });
}

void ChatPane::send(const QString& text) {
    if (m_services.chat().send(text)) {
        m_banner->dismiss();
    }
}

void ChatPane::attachPastedText(const QString& text) {
    m_services.chat().attachText(tr("Pasted text") + QStringLiteral(".txt"), text);
}

void ChatPane::showContextMeter(const ContextUse& use) {
    m_header->contextMeter().setUsage(use.usedTokens, use.draftTokens, use.totalTokens, use.droppedMessages);
    m_composer->setDraftTokens(use.draftTokens);
}

void ChatPane::showLoadProgress(double fraction) {
    m_loadFraction = fraction;
    const QString path = m_services.engine().modelPath();
    const ModelFile* known = m_services.models().find(path);
    const QString name = known != nullptr ? known->name : modelDisplayName(QFileInfo(path).fileName(), {});
    m_header->setLoading(name, fraction);
    if (!m_loadBannerDelay.isActive()) {
        m_banner->showProgress(tr("Loading %1").arg(name), fraction, tr("Cancel"),
                               [this] { m_services.engine().cancelLoad(); });
    }
}

void ChatPane::showImportProgress(quint64 done, quint64 total) {
    const QLocale locale;
    const auto size = [&](quint64 bytes) {
        return locale.formattedDataSize(static_cast<qint64>(bytes), 1, QLocale::DataSizeTraditionalFormat);
    };
    m_banner->showProgress(tr("Copying the model: %1 of %2").arg(size(done), size(total)),
                           total == 0 ? -1.0 : static_cast<double>(done) / static_cast<double>(total), tr("Cancel"),
                           [this] { m_services.models().cancelImport(); });
}

void ChatPane::showLoadedModel() {
    const std::optional<LoadedModel>& model = m_services.engine().loadedModel();
    if (!model) {
        m_header->setModel({}, {});
        return;
    }
    const QLocale locale;
    m_header->setModel(model->name,
                       tr("%1 · %2 · context of %3 tokens", "quantisation, device, number")
                           .arg(model->quantisation, model->device, locale.toString(model->contextTokens)));
}

void ChatPane::updatePage() {
    const bool hasModel = m_services.engine().state() != EngineState::Empty
                          || (m_librarySeen && m_services.models().suggested() != nullptr);
    const bool isEmpty = m_services.chat().model().rowCount() == 0;
    QWidget* page = m_view;
    if (isEmpty && !m_librarySeen && m_services.engine().state() == EngineState::Empty) {
        page = m_blank; // nothing is known yet: neither a greeting nor a lack of models should flash by
    } else if (isEmpty && !hasModel) {
        page = m_firstRun;
    }
    if (m_stack->currentWidget() != page) {
        m_stack->setCurrentWidget(page);
    }
    m_findBar->setEnabled(page == m_view && !isEmpty);
    m_header->setLined(!isEmpty);
    alignDock();
}

void ChatPane::updateComposerMode() {
    if (m_services.chat().isBusy()) {
        m_composer->setMode(ComposerMode::Busy);
    } else {
        m_composer->setMode(m_services.engine().state() == EngineState::Empty ? ComposerMode::Unavailable
                                                                              : ComposerMode::Ready);
    }
    m_actions[ActionId::Stop].setEnabled(m_services.chat().isBusy());
}

void ChatPane::updateTitle() {
    const ConversationSummary* conversation = m_services.conversations().find(m_services.chat().currentConversation());
    m_header->setTitle(conversation == nullptr ? QString() : conversation->title);
}

void ChatPane::focusComposer() {
    m_composer->focusText();
}

QList<QWidget*> ChatPane::focusStops() {
    QList<QWidget*> stops;
    if (m_stack->currentWidget() == m_view) {
        stops.append(m_view);
    }
    stops.append(m_composer);
    return stops;
}

void ChatPane::showError(const ErrorText& error) {
    const bool noModel = m_services.engine().state() == EngineState::Empty;
    m_banner->showMessage(
        BannerKind::Error, error.sentence, error.nextStep, noModel ? tr("Choose a model…") : QString(),
        noModel ? std::function<void()>([this] { Q_EMIT chooseModelRequested(); }) : std::function<void()>());
}

void ChatPane::regenerateLast() {
    if (const MessageId id = m_presenter->lastMessage(MessageRole::User); id != kNoId) {
        m_services.chat().regenerate(id);
    }
}

void ChatPane::editLast() {
    if (const MessageId id = m_presenter->lastMessage(MessageRole::User); id != kNoId) {
        const ConversationModel& model = m_services.chat().model();
        startEdit(id, model.messageAt(model.rowOf(id)).text);
    }
}

void ChatPane::startEdit(qint64 message, const QString& text) {
    if (!m_services.chat().isBusy()) {
        m_editedMessage = message;
        m_composer->startEdit(text);
    }
}

bool ChatPane::copyLastAnswer() {
    const QString text = m_presenter->lastAnswer();
    if (!text.isEmpty()) {
        QGuiApplication::clipboard()->setText(text);
    }
    return !text.isEmpty();
}

bool ChatPane::copyLastCodeBlock() {
    const QString text = m_presenter->lastCodeBlock();
    if (!text.isEmpty()) {
        QGuiApplication::clipboard()->setText(text);
    }
    return !text.isEmpty();
}

qint64 ChatPane::chosenAnswer() const {
    if (const int current = m_view->currentMessage(); current >= 0 && current < m_view->messageCount()) {
        const Message& message = m_view->messageAt(current).message;
        if (message.role == MessageRole::Assistant) {
            return message.id;
        }
    }
    return m_presenter->lastMessage(MessageRole::Assistant);
}

void ChatPane::openFind() {
    if (m_findBar->isEnabled()) {
        m_findBar->open();
    }
}

void ChatPane::stepMatch(int direction) {
    if (direction > 0) {
        m_view->findNext();
    } else {
        m_view->findPrevious();
    }
}

void ChatPane::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        setAccessibleName(tr("Chat"));
        showLoadedModel();
    }
    QWidget::changeEvent(event);
}

void ChatPane::paintEvent(QPaintEvent* event) {
    QPainter(this).fillRect(event->rect(), m_theme.colors().base);
}

} // namespace hearth::ui
