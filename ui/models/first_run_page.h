#pragma once

#include <QWidget>

class QLabel;
class QPushButton;

namespace hearth::ui {

class Theme;

/// What stands in the chat pane while there is no model: what Hearth needs, and the ways to give it. Thread: UI.
class FirstRunPage : public QWidget {
    Q_OBJECT

public:
    /// modelsFolder: where a model file may also be put by hand.
    FirstRunPage(const Theme& theme, const QString& modelsFolder, QWidget* parent = nullptr);

Q_SIGNALS:
    void importRequested();
    void lookAgainRequested();

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void updateFonts();

    const Theme& m_theme;
    QString m_modelsFolder;
    QLabel* m_icon;
    QLabel* m_title;
    QLabel* m_text;
    QPushButton* m_import;
    QPushButton* m_lookAgain;
    QLabel* m_drop;
    QLabel* m_folder;
};

} // namespace hearth::ui
