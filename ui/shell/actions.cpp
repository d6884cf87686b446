#include "ui/shell/actions.h"

#include "ui/theme/icons.h"

#include <QCoreApplication>
#include <QKeySequence>
#include <QWidget>

namespace hearth::ui {

namespace {

constexpr const char* kContext = "hearth::ui::Actions";

struct ActionInfo {
    ActionGroup group;
    const char* objectName;
    const char* text;
    const char* icon; ///< empty: none
    const char* keys; ///< alternatives, separated by a blank; the first is shown
};

// One row for each ActionId, in its order.
constexpr std::array<ActionInfo, kActionCount> kActions{{
    {ActionGroup::Chats, "actionNewChat", QT_TRANSLATE_NOOP("hearth::ui::Actions", "New chat"), "new-chat", "Ctrl+N"},
    {ActionGroup::Chats, "actionGoTo", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Go to chat or command…"), "chat",
     "Ctrl+K"},
    {ActionGroup::Chats, "actionSearchChats", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Search all chats"), "search",
     "Ctrl+Shift+F"},
    {ActionGroup::Chats, "actionNextChat", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Next chat"), "", "Ctrl+Tab"},
    {ActionGroup::Chats, "actionPreviousChat", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Previous chat"), "",
     "Ctrl+Shift+Tab"},
    {ActionGroup::Chats, "actionRenameChat", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Rename chat"), "rename", ""},
    {ActionGroup::Chats, "actionPinChat", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Pin or unpin chat"), "pin", ""},
    {ActionGroup::Chats, "actionDeleteChat", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Delete chat"), "delete", ""},
    {ActionGroup::Chats, "actionUndoDelete", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Bring back the deleted chat"),
     "undo", "Ctrl+Z"},
    {ActionGroup::Answer, "actionStop", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Stop the answer"), "stop", "Esc"},
    {ActionGroup::Answer, "actionRegenerate", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Answer again"), "regenerate",
     "Ctrl+R"},
    {ActionGroup::Answer, "actionEditLast", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Edit your last message"), "edit",
     "Ctrl+Shift+E"},
    {ActionGroup::Answer, "actionCopyAnswer", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Copy the last answer"), "copy",
     "Ctrl+Shift+C"},
    // On most keyboards Shift and ; give a colon, so that is the second way to say the same.
    {ActionGroup::Answer, "actionCopyCode", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Copy the last code block"),
     "copy", "Ctrl+Shift+; Ctrl+:"},
    {ActionGroup::Answer, "actionFindInChat", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Find in chat or document"),
     "search", "Ctrl+F"},
    {ActionGroup::Answer, "actionFindNext", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Next match"), "", "F3"},
    {ActionGroup::Answer, "actionFindPrevious", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Previous match"), "",
     "Shift+F3"},
    {ActionGroup::Files, "actionOpenFile", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Open file…"), "folder", "Ctrl+O"},
    {ActionGroup::Files, "actionAttach", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Attach a text file…"), "attach",
     "Ctrl+U"},
    {ActionGroup::Files, "actionChooseModel", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Choose model…"), "model",
     "Ctrl+M"},
    {ActionGroup::Files, "actionImportModel", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Import a model file…"),
     "import", ""},
    {ActionGroup::View, "actionShowChat", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Go to the chat"), "chat", "Ctrl+1"},
    {ActionGroup::View, "actionShowDocument", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Go to the document"),
     "document", "Ctrl+2"},
    {ActionGroup::View, "actionShowImage", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Go to the image"), "image",
     "Ctrl+3"},
    {ActionGroup::View, "actionShowMixture",
     QT_TRANSLATE_NOOP("hearth::ui::Actions", "Mixture: how the answer came about"), "mixture", "Ctrl+4"},
    {ActionGroup::View, "actionNextPane", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Next pane"), "", "F6"},
    {ActionGroup::View, "actionPreviousPane", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Previous pane"), "",
     "Shift+F6"},
    {ActionGroup::View, "actionToggleSideBar", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Show or hide the side bar"),
     "sidebar", "Ctrl+B F9"},
    {ActionGroup::View, "actionFullScreen", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Full screen"), "fit", "F11"},
    {ActionGroup::View, "actionZoomIn", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Larger text or page"), "zoom-in",
     "Ctrl++ Ctrl+="},
    {ActionGroup::View, "actionZoomOut", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Smaller text or page"), "zoom-out",
     "Ctrl+-"},
    {ActionGroup::View, "actionZoomReset", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Normal size"), "", "Ctrl+0"},
    {ActionGroup::Program, "actionSettings", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Settings"), "settings",
     "Ctrl+,"},
    {ActionGroup::Program, "actionShortcuts", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Keyboard shortcuts"), "info",
     "F1"},
    {ActionGroup::Program, "actionAbout", QT_TRANSLATE_NOOP("hearth::ui::Actions", "About Hearth"), "info", ""},
    {ActionGroup::Program, "actionQuit", QT_TRANSLATE_NOOP("hearth::ui::Actions", "Quit"), "close", "Ctrl+Q"},
}};

} // namespace

Actions::Actions(const Theme& theme, QWidget& window) : QObject(&window) {
    for (std::size_t index = 0; index < kActions.size(); ++index) {
        const ActionInfo& info = kActions[index];
        auto* action = new QAction(&window);
        action->setObjectName(QLatin1String(info.objectName));
        if (*info.icon != '\0') {
            action->setIcon(themedIcon(theme, QLatin1String(info.icon), IconTone::Muted));
        }
        QList<QKeySequence> keys;
        for (const QString& key : QString::fromLatin1(info.keys).split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
            keys.append(QKeySequence(key, QKeySequence::PortableText));
        }
        action->setShortcuts(keys);
        window.addAction(action);
        m_actions[index] = action;
    }
    retranslate();
}

ActionGroup Actions::groupOf(ActionId id) {
    return kActions[static_cast<std::size_t>(id)].group;
}

QString Actions::groupTitle(ActionGroup group) {
    switch (group) {
    case ActionGroup::Chats:
        return tr("Chats");
    case ActionGroup::Answer:
        return tr("Messages");
    case ActionGroup::Files:
        return tr("Files and models");
    case ActionGroup::View:
        return tr("View");
    case ActionGroup::Program:
        return tr("Program");
    }
    return {};
}

QString Actions::toolTip(ActionId id) const {
    const QAction& action = (*this)[id];
    const QString keys = action.shortcut().toString(QKeySequence::NativeText);
    return keys.isEmpty() ? action.text() : tr("%1 (%2)", "what a button does and its key").arg(action.text(), keys);
}

void Actions::retranslate() {
    for (std::size_t index = 0; index < kActions.size(); ++index) {
        m_actions[index]->setText(QCoreApplication::translate(kContext, kActions[index].text));
    }
}

} // namespace hearth::ui
