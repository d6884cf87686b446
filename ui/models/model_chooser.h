#pragma once

#include "ui/shell/popup_panel.h"

#include <QList>

class QLabel;
class QListWidget;
class QPushButton;

namespace hearth {
class ModelLibrary;
struct ModelFile;
} // namespace hearth

namespace hearth::ui {

class Theme;

/// "Q4_1 · 135 M parameters · 98 MB", as far as it is known.
[[nodiscard]] QString describeModel(const ModelFile& model);

/// The installed models in a popup: one click or Enter loads one; a broken file says what is wrong with it. Below the
/// list, importing. Thread: UI.
class ModelChooser : public PopupPanel {
    Q_OBJECT

public:
    ModelChooser(const Theme& theme, ModelLibrary& library, QWidget& window);

    /// Opens below `anchor` with the model at `currentPath` marked, and reads the folders again.
    void openBelow(const QWidget& anchor, const QString& currentPath);

Q_SIGNALS:
    void modelChosen(const QString& path);
    void importRequested();

protected:
    void changeEvent(QEvent* event) override;

private:
    void fill();
    void place();
    void chooseCurrent();
    void retranslate();

    ModelLibrary& m_library;
    QString m_currentPath;
    QPoint m_anchor; ///< lower right corner of the button, in the window
    QListWidget* m_list;
    QLabel* m_empty;
    QPushButton* m_import;
};

} // namespace hearth::ui
