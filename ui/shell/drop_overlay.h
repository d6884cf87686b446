#pragma once

#include "ui/shell/file_kind.h"

#include <QWidget>

namespace hearth::ui {

class Theme;

/// The veil over the window while files are dragged above it: says for each kind of file what dropping will do. Takes
/// no events itself. Thread: UI.
class DropOverlay : public QWidget {
    Q_OBJECT

public:
    /// Covers `host` and follows its size.
    DropOverlay(const Theme& theme, QWidget& host);

    void showFor(const QList<FileToOpen>& files);
    /// The lines shown, for the accessible tree and tests.
    [[nodiscard]] const QStringList& lines() const { return m_lines; }

protected:
    void paintEvent(QPaintEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    const Theme& m_theme;
    QStringList m_lines;
    QStringList m_icons; ///< beside each line
};

} // namespace hearth::ui
