#include "ui/shell/conversation_presenter.h"

#include "app/chat/chat_controller.h"
#include "app/chat/conversation_model.h"
#include "ui/conversation/conversation_binding.h"
#include "ui/conversation/conversation_view.h"
#include "ui/markdown/markdown_stream.h"

#include <QDesktopServices>
#include <QLocale>

namespace hearth::ui {

ConversationPresenter::ConversationPresenter(ChatController& chat, ConversationView& view, QObject* parent)
    : QObject(parent), m_chat(chat), m_model(chat.model()), m_view(view),
      m_binding(new ConversationBinding(
          view, m_model, [&chat](MessageId id) { return chat.canContinue(id); }, this)) {
    connectView();
    connectProgress();
    // Whether an answer can be continued depends on it; so does the state of one that goes on.
    connect(&m_chat, &ChatController::stateChanged, m_binding, &ConversationBinding::refresh);
}

void ConversationPresenter::connectProgress() {
    connect(&m_chat, &ChatController::stateChanged, this, [this](ChatState state) {
        m_view.setWaitingNote(state == ChatState::Waiting ? tr("Waiting for the model…") : QString());
    });
    connect(&m_chat, &ChatController::promptProgress, this, [this](int doneTokens, int totalTokens) {
        const QLocale locale;
        m_view.setWaitingNote(
            tr("Reading: %1 of %2 tokens").arg(locale.toString(doneTokens), locale.toString(totalTokens)));
    });
}

void ConversationPresenter::connectView() {
    connect(&m_view, &ConversationView::editRequested, this, [this](qint64 id) {
        if (const int row = m_model.rowOf(id); row >= 0) {
            Q_EMIT editRequested(id, m_model.messageAt(row).text);
        }
    });
    connect(&m_view, &ConversationView::regenerateRequested, &m_chat, &ChatController::regenerate);
    connect(&m_view, &ConversationView::retryRequested, &m_chat, &ChatController::regenerate);
    connect(&m_view, &ConversationView::continueRequested, &m_chat, &ChatController::continueAnswer);
    connect(&m_view, &ConversationView::versionSwitchRequested, this,
            [this](qint64 id, int delta) { m_chat.selectVersion(id, m_model.versionIndex(id) + delta); });
    connect(&m_view, &ConversationView::suggestionActivated, &m_chat, &ChatController::send);
    connect(&m_view, &ConversationView::linkActivated, this, [](const QUrl& url) { QDesktopServices::openUrl(url); });
}

MessageId ConversationPresenter::lastMessage(MessageRole role) const {
    for (int row = m_model.rowCount() - 1; row >= 0; --row) {
        if (m_model.messageAt(row).role == role) {
            return m_model.messageAt(row).id;
        }
    }
    return kNoId;
}

QString ConversationPresenter::lastAnswer() const {
    const MessageId id = lastMessage(MessageRole::Assistant);
    return id == kNoId ? QString() : m_model.messageAt(m_model.rowOf(id)).text;
}

QString ConversationPresenter::lastCodeBlock() const {
    for (int row = m_model.rowCount() - 1; row >= 0; --row) {
        const Message& message = m_model.messageAt(row);
        if (message.role != MessageRole::Assistant || !message.text.contains(QStringLiteral("```"))) {
            continue;
        }
        const std::vector<Block> blocks = parseMarkdown(message.text);
        for (auto block = blocks.rbegin(); block != blocks.rend(); ++block) {
            if (block->kind == BlockKind::Code) {
                return block->content.text;
            }
        }
    }
    return {};
}

} // namespace hearth::ui
