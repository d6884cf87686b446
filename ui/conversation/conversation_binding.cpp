#include "ui/conversation/conversation_binding.h"

#include "app/chat/conversation_model.h"
#include "ui/conversation/conversation_view.h"

#include <utility>

namespace hearth::ui {

ConversationBinding::ConversationBinding(ConversationView& view, ConversationModel& model, CanContinue canContinue,
                                         QObject* parent)
    : QObject(parent), m_view(view), m_model(model), m_canContinue(std::move(canContinue)) {
    connect(&model, &QAbstractItemModel::modelReset, this, [this] { m_view.setMessages(shownFrom(0)); });
    connect(&model, &ConversationModel::messageAppended, this, [this](qint64, int row) {
        // A new version takes the place of rows that were there.
        if (row < m_view.messageCount())
            m_view.replaceFrom(row, shownFrom(row));
        else
            m_view.appendMessage(shownMessage(row));
        // The question above may have got another version.
        refresh();
    });
    connect(&model, &ConversationModel::textAppended, this,
            [this](qint64 id, const QString& delta) { m_view.appendText(id, delta); });
    connect(&model, &ConversationModel::reasoningAppended, this,
            [this](qint64 id, const QString& delta) { m_view.appendReasoning(id, delta); });
    connect(&model, &ConversationModel::progressed, this,
            [this](qint64 id, const AnswerStats& stats) { m_view.setProgress(id, stats); });
    connect(&model, &ConversationModel::messageFinished, this, [this](qint64) { refresh(); });
    connect(&model, &ConversationModel::branchChanged, this,
            [this](int row) { m_view.replaceFrom(std::min(row, m_view.messageCount()), shownFrom(row)); });
    connect(&model, &ConversationModel::contextChanged, this, &ConversationBinding::refresh);
    m_view.setMessages(shownFrom(0));
}

ShownMessage ConversationBinding::shownMessage(int row) const {
    ShownMessage shown;
    shown.message = m_model.messageAt(row);
    const MessageId id = shown.message.id;
    shown.versionIndex = m_model.versionIndex(id);
    shown.versionCount = m_model.versionCount(id);
    shown.inContext = m_model.inContext(id);
    shown.canContinue = row + 1 == m_model.rowCount() && m_canContinue && m_canContinue(id);
    return shown;
}

std::vector<ShownMessage> ConversationBinding::shownFrom(int row) const {
    std::vector<ShownMessage> all;
    for (; row < m_model.rowCount(); ++row)
        all.push_back(shownMessage(row));
    return all;
}

void ConversationBinding::refresh() {
    for (int row = 0; row < m_model.rowCount(); ++row) {
        ShownMessage shown = shownMessage(row);
        if (row < m_view.messageCount() && !(shown == m_view.messageAt(row)))
            m_view.updateMessage(std::move(shown));
    }
}

} // namespace hearth::ui
