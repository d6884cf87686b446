#pragma once

#include <QDialog>

class QListWidget;
class QStackedWidget;
class QVBoxLayout;

namespace hearth {
class Services;
class Settings;
} // namespace hearth

namespace hearth::ui {

class SettingsForm;
class Theme;

/// All settings; every change works at once and is kept. Closes with Esc; deletes itself when closed. Thread: UI.
class SettingsDialog : public QDialog {
    Q_OBJECT

public:
    SettingsDialog(const Theme& theme, Services& services, QWidget* parent);

protected:
    void changeEvent(QEvent* event) override;

private:
    /// Makes all pages, in the language of now; called again when that changes.
    void build();
    [[nodiscard]] SettingsForm* makeGeneralPage();
    [[nodiscard]] SettingsForm* makeModelPage();
    [[nodiscard]] SettingsForm* makeAnswersPage();
    [[nodiscard]] SettingsForm* makeInstructionsPage();
    void addSamplerRows(SettingsForm& form);
    void addPenaltyRows(SettingsForm& form);
    void addLengthAndSeedRows(SettingsForm& form);
    void addCacheTypeRow(SettingsForm& form);
    void addKeepConversationsRow(SettingsForm& form);
    void addFolderRows(SettingsForm& form);
    [[nodiscard]] Settings& settings() const;

    const Theme& m_theme;
    Services& m_services;
    QVBoxLayout* m_column;
    QWidget* m_content = nullptr;
    QListWidget* m_pages = nullptr;
    QStackedWidget* m_stack = nullptr;
};

} // namespace hearth::ui
