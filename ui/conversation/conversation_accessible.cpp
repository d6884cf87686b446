#include "ui/conversation/conversation_accessible.h"

#include "ui/conversation/conversation_view.h"
#include "ui/markdown/markdown_writer.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QPointer>

#include <algorithm>
#include <map>

namespace hearth::ui {
namespace {

// A name is read out in one go; the text interface has the rest.
constexpr qsizetype kLongestName = 4000;

/// Something inside the view that is no widget. `m_view` is null once the view has gone.
class PartAccessible : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    explicit PartAccessible(ConversationView& view) : m_view(&view) {}

    [[nodiscard]] QObject* object() const override { return nullptr; }
    [[nodiscard]] QAccessibleInterface* childAt(int x, int y) const override {
        for (int index = 0; index < childCount(); ++index)
            if (QAccessibleInterface* part = child(index); part && part->rect().contains(x, y))
                return part;
        return nullptr;
    }
    [[nodiscard]] QAccessibleInterface* child(int) const override { return nullptr; }
    [[nodiscard]] int childCount() const override { return 0; }
    [[nodiscard]] int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    void setText(QAccessible::Text, const QString&) override {}
    void* interface_cast(QAccessible::InterfaceType type) override {
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this) : nullptr;
    }
    [[nodiscard]] QStringList keyBindingsForAction(const QString&) const override { return {}; }

protected:
    [[nodiscard]] QRect onScreen(const QRect& viewportRect) const {
        return {m_view->viewport()->mapToGlobal(viewportRect.topLeft()), viewportRect.size()};
    }

    QPointer<ConversationView> m_view;
};

/// The parts of a view or message, made when they are asked for and made anew when what they show has changed.
class PartList {
public:
    PartList() = default;
    PartList(const PartList&) = delete;
    PartList& operator=(const PartList&) = delete;
    ~PartList() {
        for (const auto& [index, id] : m_ids)
            QAccessible::deleteAccessibleInterface(id);
    }

    template <typename Part, typename Make>
    Part* at(int index, Make make) {
        const auto found = m_ids.find(index);
        if (found != m_ids.end()) {
            auto* part = static_cast<Part*>(QAccessible::accessibleInterface(found->second));
            if (part && part->isValid())
                return part;
            QAccessible::deleteAccessibleInterface(found->second);
        }
        Part* made = make();
        m_ids[index] = QAccessible::registerAccessibleInterface(made);
        return made;
    }

    [[nodiscard]] int indexOf(const QAccessibleInterface* part) const {
        for (const auto& [index, id] : m_ids)
            if (QAccessible::accessibleInterface(id) == part)
                return index;
        return -1;
    }

private:
    std::map<int, QAccessible::Id> m_ids;
};

/// An action of a message or the copy button of a code block.
class TargetAccessible : public PartAccessible {
public:
    TargetAccessible(ConversationView& view, int message, const MessageTarget& target)
        : PartAccessible(view), m_message(message), m_id(view.messageAt(message).message.id), m_target(target) {}

    [[nodiscard]] bool isValid() const override {
        if (!m_view || m_message >= m_view->messageCount() || m_view->messageAt(m_message).message.id != m_id)
            return false;
        const auto targets = m_view->layout().message(m_message).targets();
        return std::find(targets.begin(), targets.end(), m_target) != targets.end();
    }
    [[nodiscard]] const MessageTarget& target() const { return m_target; }
    [[nodiscard]] QAccessibleInterface* parent() const override;
    [[nodiscard]] QString text(QAccessible::Text kind) const override {
        if (!isValid())
            return {};
        // What unfolds is read with the line that unfolds it.
        const ReasoningSection& reasoning = m_view->layout().message(m_message).reasoning();
        if (kind == QAccessible::Description && isToggle())
            return reasoning.isOpen() ? reasoning.text() : QString();
        return kind == QAccessible::Name ? m_view->targetName(m_message, m_target) : QString();
    }
    [[nodiscard]] QRect rect() const override {
        return isValid()
                   ? onScreen(m_view->viewportRect(m_message, m_view->layout().message(m_message).targetRect(m_target)))
                   : QRect();
    }
    [[nodiscard]] QAccessible::Role role() const override { return QAccessible::Button; }
    [[nodiscard]] QAccessible::State state() const override {
        QAccessible::State state;
        state.focusable = true;
        state.invalid = !isValid();
        if (isValid() && isToggle()) {
            state.expandable = true;
            state.expanded = m_view->layout().message(m_message).reasoning().isOpen();
            state.collapsed = !state.expanded;
        }
        state.focused = isValid() && m_view->hasFocus() && m_view->currentMessage() == m_message
                        && m_view->focusedTarget() == m_target;
        return state;
    }
    [[nodiscard]] QStringList actionNames() const override { return {pressAction()}; }
    void doAction(const QString& name) override {
        if (name == pressAction() && isValid())
            m_view->activate(m_message, m_target);
    }

private:
    [[nodiscard]] bool isToggle() const { return m_target.action == MessageAction::ToggleReasoning; }

    int m_message;
    qint64 m_id;
    MessageTarget m_target;
};

class MessageAccessible : public PartAccessible, public QAccessibleTextInterface {
public:
    MessageAccessible(ConversationView& view, int index)
        : PartAccessible(view), m_index(index), m_id(view.messageAt(index).message.id) {}

    [[nodiscard]] bool isValid() const override {
        return m_view && m_index < m_view->messageCount() && m_view->messageAt(m_index).message.id == m_id;
    }
    [[nodiscard]] QAccessibleInterface* parent() const override {
        return QAccessible::queryAccessibleInterface(m_view);
    }
    [[nodiscard]] QAccessible::Role role() const override { return QAccessible::ListItem; }
    [[nodiscard]] QRect rect() const override {
        if (!isValid())
            return {};
        const MessageLayout& message = m_view->layout().message(m_index);
        const QRect column = m_view->viewportRect(m_index, QRect(0, 0, 1, message.height()));
        return onScreen(QRect(0, column.top(), m_view->viewport()->width(), column.height()));
    }
    [[nodiscard]] QAccessible::State state() const override {
        QAccessible::State state;
        state.focusable = true;
        state.readOnly = true;
        state.multiLine = true;
        state.invalid = !isValid();
        if (!isValid())
            return state;
        state.busy = m_view->layout().message(m_index).isStreaming();
        state.focused = m_view->hasFocus() && m_view->currentMessage() == m_index && m_view->focusedTarget().isNull();
        state.offscreen = !rect().intersects(onScreen(m_view->viewport()->rect()));
        return state;
    }
    [[nodiscard]] QString text(QAccessible::Text kind) const override {
        if (!isValid())
            return {};
        const Message& message = m_view->messageAt(m_index).message;
        if (kind == QAccessible::Name) {
            const QString said = plainText().left(kLongestName);
            return message.role == MessageRole::User ? ConversationView::tr("You said: %1").arg(said)
                                                     : ConversationView::tr("Assistant said: %1").arg(said);
        }
        if (kind == QAccessible::Description)
            return message.state == MessageState::Failed ? message.failure : QString();
        return kind == QAccessible::Value ? plainText() : QString();
    }

    [[nodiscard]] int childCount() const override { return isValid() ? static_cast<int>(targets().size()) : 0; }
    [[nodiscard]] QAccessibleInterface* child(int index) const override {
        if (index < 0 || index >= childCount())
            return nullptr;
        const MessageTarget wanted = targets()[static_cast<std::size_t>(index)];
        auto make = [&] { return new TargetAccessible(*m_view, m_index, wanted); };
        // An answer that grows gets new targets: the place of a part may have gone to another one.
        auto* part = m_targets.at<TargetAccessible>(keyOf(wanted), make);
        return part;
    }
    [[nodiscard]] int indexOfChild(const QAccessibleInterface* part) const override {
        for (int index = 0; index < childCount(); ++index)
            if (child(index) == part)
                return index;
        return -1;
    }
    [[nodiscard]] QAccessibleInterface* focusChild() const override {
        for (int index = 0; index < childCount(); ++index)
            if (child(index)->state().focused)
                return child(index);
        return nullptr;
    }
    void* interface_cast(QAccessible::InterfaceType type) override {
        if (type == QAccessible::TextInterface)
            return static_cast<QAccessibleTextInterface*>(this);
        return PartAccessible::interface_cast(type);
    }
    [[nodiscard]] QStringList actionNames() const override { return {setFocusAction()}; }
    void doAction(const QString& name) override {
        if (name != setFocusAction() || !isValid())
            return;
        m_view->setFocus(Qt::OtherFocusReason);
        m_view->setCurrentMessage(m_index);
    }

    // The text as copying it gives it.
    [[nodiscard]] int characterCount() const override { return static_cast<int>(plainText().size()); }
    [[nodiscard]] QString text(int begin, int end) const override { return plainText().mid(begin, end - begin); }
    [[nodiscard]] int cursorPosition() const override { return 0; }
    void setCursorPosition(int) override {}
    void addSelection(int, int) override {}
    void removeSelection(int) override {}
    void setSelection(int, int, int) override {}
    void selection(int, int* begin, int* end) const override { *begin = *end = 0; }
    [[nodiscard]] int selectionCount() const override { return 0; }
    [[nodiscard]] QRect characterRect(int) const override { return rect(); }
    [[nodiscard]] int offsetAtPoint(const QPoint&) const override { return -1; }
    void scrollToSubstring(int, int) override {
        if (isValid())
            m_view->scrollToMessage(m_id);
    }
    [[nodiscard]] QString attributes(int, int* begin, int* end) const override {
        *begin = 0;
        *end = characterCount();
        return {};
    }

private:
    static int keyOf(const MessageTarget& target) {
        return target.action ? -1 - static_cast<int>(*target.action) : target.copyBlock;
    }
    [[nodiscard]] std::vector<MessageTarget> targets() const { return m_view->layout().message(m_index).targets(); }
    [[nodiscard]] QString plainText() const {
        return isValid() ? writePlainText(m_view->layout().message(m_index).readBlocks()) : QString();
    }

    int m_index;
    qint64 m_id;
    mutable PartList m_targets;
};

class SuggestionAccessible : public PartAccessible {
public:
    SuggestionAccessible(ConversationView& view, int index)
        : PartAccessible(view), m_index(index), m_text(view.suggestions()[index]) {}

    [[nodiscard]] bool isValid() const override {
        return m_view && m_view->messageCount() == 0 && m_view->suggestions().value(m_index) == m_text;
    }
    [[nodiscard]] QAccessibleInterface* parent() const override {
        return QAccessible::queryAccessibleInterface(m_view);
    }
    [[nodiscard]] QAccessible::Role role() const override { return QAccessible::Button; }
    [[nodiscard]] QString text(QAccessible::Text kind) const override {
        return kind == QAccessible::Name ? m_text : QString();
    }
    [[nodiscard]] QRect rect() const override {
        return isValid() ? onScreen(m_view->suggestionRects()[static_cast<std::size_t>(m_index)]) : QRect();
    }
    [[nodiscard]] QAccessible::State state() const override {
        QAccessible::State state;
        state.focusable = true;
        state.focused = isValid() && m_view->hasFocus() && m_view->focusedSuggestion() == m_index;
        return state;
    }
    [[nodiscard]] QStringList actionNames() const override { return {pressAction()}; }
    void doAction(const QString& name) override {
        if (name == pressAction() && isValid())
            Q_EMIT m_view->suggestionActivated(m_text);
    }

private:
    int m_index;
    QString m_text;
};

class ConversationAccessible : public QAccessibleWidget {
public:
    explicit ConversationAccessible(ConversationView& view) : QAccessibleWidget(&view, QAccessible::List) {}

    [[nodiscard]] ConversationView& view() const { return *static_cast<ConversationView*>(widget()); }
    [[nodiscard]] int childCount() const override {
        const int messages = view().messageCount();
        return messages > 0 ? messages : static_cast<int>(view().suggestions().size());
    }
    [[nodiscard]] QAccessibleInterface* child(int index) const override {
        if (index < 0 || index >= childCount())
            return nullptr;
        if (view().messageCount() == 0)
            return m_suggestions.at<SuggestionAccessible>(index,
                                                          [&] { return new SuggestionAccessible(view(), index); });
        return m_messages.at<MessageAccessible>(index, [&] { return new MessageAccessible(view(), index); });
    }
    [[nodiscard]] int indexOfChild(const QAccessibleInterface* part) const override {
        return view().messageCount() == 0 ? m_suggestions.indexOf(part) : m_messages.indexOf(part);
    }
    [[nodiscard]] QAccessibleInterface* childAt(int x, int y) const override {
        const QPoint point = view().viewport()->mapFromGlobal(QPoint(x, y));
        if (!view().viewport()->rect().contains(point))
            return nullptr;
        for (int index = 0; view().messageCount() == 0 && index < childCount(); ++index)
            if (child(index)->rect().contains(x, y))
                return child(index);
        const int origin = view().viewportRect(0, QRect()).top() - view().layout().top(0);
        return view().messageCount() == 0 ? nullptr : child(view().layout().messageAt(point.y() - origin));
    }
    [[nodiscard]] QAccessibleInterface* focusChild() const override {
        if (!view().hasFocus())
            return nullptr;
        if (view().messageCount() == 0)
            return child(view().focusedSuggestion());
        QAccessibleInterface* message = child(view().currentMessage());
        QAccessibleInterface* target = message ? message->focusChild() : nullptr;
        return target ? target : message;
    }

private:
    mutable PartList m_messages;
    mutable PartList m_suggestions;
};

QAccessibleInterface* TargetAccessible::parent() const {
    QAccessibleInterface* view = QAccessible::queryAccessibleInterface(m_view);
    return view ? view->child(m_message) : nullptr;
}

QAccessibleInterface* makeConversationAccessible(const QString& className, QObject* object) {
    auto* view = qobject_cast<ConversationView*>(object);
    return view && className == QLatin1String(ConversationView::staticMetaObject.className())
               ? new ConversationAccessible(*view)
               : nullptr;
}

/// Knows whether assistive technology listens, so that nothing is composed for nobody.
class Listening : public QAccessible::ActivationObserver {
public:
    Listening() : m_active(QAccessible::isActive()) { QAccessible::installActivationObserver(this); }
    ~Listening() override { QAccessible::removeActivationObserver(this); }
    Listening(const Listening&) = delete;
    Listening& operator=(const Listening&) = delete;

    void accessibilityActiveChanged(bool active) override { m_active = active; }
    [[nodiscard]] bool isActive() const { return m_active; }

private:
    bool m_active;
};

const Listening& listening() {
    static const Listening instance;
    return instance;
}

} // namespace

void installConversationAccessibility() {
    QAccessible::installFactory(makeConversationAccessible);
    (void)listening();
}

void announceReset(ConversationView& view) {
    if (!listening().isActive())
        return;
    QAccessibleEvent event(&view, QAccessible::ObjectReorder);
    QAccessible::updateAccessibility(&event);
}

void announceBlocks(ConversationView& view, int message, int first, int end) {
    if (!listening().isActive())
        return;
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(&view);
    QAccessibleInterface* part = list ? list->child(message) : nullptr;
    const std::vector<Block> blocks = view.layout().message(message).readBlocks();
    const auto from = std::min(static_cast<std::size_t>(first), blocks.size());
    const auto to = std::min(static_cast<std::size_t>(end), blocks.size());
    const auto before = blocks.begin() + static_cast<std::ptrdiff_t>(from);
    const QString inserted = writePlainText({before, blocks.begin() + static_cast<std::ptrdiff_t>(to)});
    if (!part || inserted.isEmpty())
        return;
    const auto position = static_cast<int>(writePlainText({blocks.begin(), before}).size());
    QAccessibleTextInsertEvent event(part, position, inserted);
    QAccessible::updateAccessibility(&event);
}

void announceFocus(ConversationView& view) {
    if (!listening().isActive())
        return;
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(&view);
    QAccessibleInterface* focused = list ? list->focusChild() : nullptr;
    if (!focused)
        return;
    QAccessibleEvent event(focused, QAccessible::Focus);
    QAccessible::updateAccessibility(&event);
}

void announceToggle(ConversationView& view, int message) {
    if (!listening().isActive())
        return;
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(&view);
    QAccessibleInterface* part = list ? list->child(message) : nullptr;
    // Its first target.
    QAccessibleInterface* toggle = part ? part->child(0) : nullptr;
    if (!toggle)
        return;
    QAccessible::State changed;
    changed.expanded = true;
    QAccessibleStateChangeEvent event(toggle, changed);
    QAccessible::updateAccessibility(&event);
}

} // namespace hearth::ui
