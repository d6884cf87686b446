#pragma once

#include "ui/conversation/shown_message.h"

#include <QObject>
#include <QPointer>

#include <functional>

namespace hearth {
class ConversationModel;
}

namespace hearth::ui {

class ConversationView;

/// Keeps a view showing a model of the app. What the user wants is the business of whoever listens to the view.
/// Thread: UI.
class ConversationBinding : public QObject {
    Q_OBJECT

public:
    /// Whether an answer can be continued; see ChatController::canContinue().
    using CanContinue = std::function<bool(MessageId)>;

    /// `view` and `model` must outlive the binding.
    ConversationBinding(ConversationView& view, ConversationModel& model, CanContinue canContinue,
                        QObject* parent = nullptr);

    /// To be called when the answers to CanContinue may be others.
    void refresh();

private:
    [[nodiscard]] ShownMessage shownMessage(int row) const;
    [[nodiscard]] std::vector<ShownMessage> shownFrom(int row) const;

    ConversationView& m_view;
    ConversationModel& m_model;
    CanContinue m_canContinue;
};

} // namespace hearth::ui
