#include "ui/mixture/mixture_presenter.h"

#include "app/chat/chat_controller.h"
#include "app/chat/conversation_model.h"
#include "app/settings/settings.h"
#include "app/trace/answer_traces.h"
#include "ui/mixture/mixture_pane.h"

namespace hearth::ui {

namespace {

constexpr int kGrowthMs = 100;

} // namespace

MixturePresenter::MixturePresenter(ChatController& chat, Settings& settings, MixturePane& pane, QObject* parent)
    : QObject(parent), m_chat(chat), m_traces(chat.traces()), m_settings(settings), m_pane(pane) {
    m_growth.setSingleShot(true);
    m_growth.setInterval(kGrowthMs);
    connect(&m_growth, &QTimer::timeout, this, &MixturePresenter::refresh);
    connect(&m_traces, &AnswerTraces::loaded, this, [this](qint64 message) {
        if (message == m_answer)
            showLoaded();
    });
    connect(&m_traces, &AnswerTraces::failed, this, [this](qint64 message) {
        if (message == m_answer)
            m_pane.showNothing(MixturePane::Nothing::Broken);
    });
    connect(&m_traces, &AnswerTraces::grew, this, [this](qint64 message) {
        if (message == m_answer && !m_growth.isActive())
            m_growth.start();
    });
    connect(&chat, &ChatController::conversationOpened, this, &MixturePresenter::follow);
    connect(&chat.model(), &ConversationModel::branchChanged, this, &MixturePresenter::follow);
    connect(&chat.model(), &ConversationModel::messageAppended, this, [this](qint64 id, int row) {
        if (m_pane.isVisible() && m_chat.model().messageAt(row).role == MessageRole::Assistant)
            show(id);
    });
    connect(&chat.model(), &ConversationModel::messageFinished, this, [this](qint64 id) {
        if (id == m_answer)
            refresh();
    });
    connect(&settings, &Settings::changed, this, [this] { m_pane.setRecording(m_settings.recordAnswers()); });
    connect(&pane, &MixturePane::recordingWanted, &settings, &Settings::setRecordAnswers);
    pane.setRecording(settings.recordAnswers());
}

MessageId MixturePresenter::newestAnswer() const {
    const ConversationModel& model = m_chat.model();
    for (int row = model.rowCount() - 1; row >= 0; --row)
        if (model.messageAt(row).role == MessageRole::Assistant)
            return model.messageAt(row).id;
    return kNoId;
}

const Message* MixturePresenter::message() const {
    const int row = m_chat.model().rowOf(m_answer);
    return row < 0 ? nullptr : &m_chat.model().messageAt(row);
}

bool MixturePresenter::isWritten() const {
    return message() != nullptr && message()->state == MessageState::Streaming;
}

void MixturePresenter::follow() {
    const bool isGone = m_answer == kNoId || message() == nullptr;
    if (m_pane.isVisible() && isGone)
        show(kNoId);
}

void MixturePresenter::show(MessageId answer) {
    answer = answer == kNoId ? newestAnswer() : answer;
    if (answer != kNoId && answer == m_answer && m_isShown)
        return; // what was selected and pinned stays
    m_answer = answer;
    m_isShown = false;
    m_growth.stop();
    if (m_answer == kNoId) {
        m_pane.showNothing(MixturePane::Nothing::NoAnswer);
        return;
    }
    m_pane.showNothing(isWritten() ? MixturePane::Nothing::NotYet : MixturePane::Nothing::Loading);
    m_traces.load(m_answer);
}

void MixturePresenter::showLoaded() {
    const AnswerTraces::Trace trace = m_traces.find(m_answer);
    if (trace == nullptr)
        return;
    m_pane.setWritten(isWritten());
    if (trace->isEmpty()) {
        m_pane.showNothing(!m_settings.recordAnswers() ? MixturePane::Nothing::RecordingOff
                           : isWritten()               ? MixturePane::Nothing::NotYet
                                                       : MixturePane::Nothing::NotRecorded);
        return;
    }
    m_isShown = true;
    m_pane.showTrace(trace, message() == nullptr ? QString() : message()->stats.modelName);
}

void MixturePresenter::refresh() {
    if (m_answer == kNoId)
        return;
    if (!m_isShown) {
        showLoaded();
        return;
    }
    m_pane.setWritten(isWritten());
    m_pane.grow();
}

} // namespace hearth::ui
