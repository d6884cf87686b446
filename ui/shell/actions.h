#pragma once

#include <QAction>
#include <QList>
#include <QObject>

#include <array>

namespace hearth::ui {

class Theme;

/// Everything the window can do, in the order of the shortcut list.
enum class ActionId {
    NewChat,
    GoTo,
    SearchChats,
    NextChat,
    PreviousChat,
    RenameChat,
    PinChat,
    DeleteChat,
    UndoDelete,
    Stop,
    Regenerate,
    EditLast,
    CopyAnswer,
    CopyCode,
    FindInChat,
    FindNext,
    FindPrevious,
    OpenFile,
    Attach,
    ChooseModel,
    ImportModel,
    ShowChat,
    ShowDocument,
    ShowImage,
    ShowMixture,
    NextPane,
    PreviousPane,
    ToggleSideBar,
    FullScreen,
    ZoomIn,
    ZoomOut,
    ZoomReset,
    Settings,
    Shortcuts,
    About,
    Quit,
};
inline constexpr int kActionCount = static_cast<int>(ActionId::Quit) + 1;

/// For headings in the list of shortcuts.
enum class ActionGroup { Chats, Answer, Files, View, Program };

/// The actions with their texts, icons and keys. They belong to the window, so that their keys work in all of it; what
/// they do is connected there. Thread: UI.
class Actions : public QObject {
    Q_OBJECT

public:
    Actions(const Theme& theme, QWidget& window);

    [[nodiscard]] QAction& operator[](ActionId id) const { return *m_actions[static_cast<std::size_t>(id)]; }
    [[nodiscard]] static ActionGroup groupOf(ActionId id);
    [[nodiscard]] static QString groupTitle(ActionGroup group);
    /// "New chat (Ctrl+N)"
    [[nodiscard]] QString toolTip(ActionId id) const;
    /// Sets all texts again, in the language of now.
    void retranslate();

private:
    std::array<QAction*, kActionCount> m_actions{};
};

} // namespace hearth::ui
