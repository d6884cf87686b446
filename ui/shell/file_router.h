#pragma once

#include "ui/shell/file_kind.h"

#include <QObject>

class QWidget;

namespace hearth {
class Services;
struct ErrorText;
} // namespace hearth

namespace hearth::ui {

class DropOverlay;
class SidePanes;
class Theme;

/// Sends files where they belong: documents and images to the side panes, text to the next question, model files to
/// the library. Also makes the whole window a drop target. Thread: UI.
class FileRouter : public QObject {
    Q_OBJECT

public:
    /// All outlive the router.
    FileRouter(const Theme& theme, Services& services, SidePanes& panes, QWidget& window);

    void open(const QList<QUrl>& urls);
    void openPath(const QString& path);
    /// Shows a picture that has no file, as one from the clipboard.
    void openImage(const QImage& image, const QString& name);
    /// File dialogs; they do not block.
    void chooseFile();
    void chooseAttachment();
    void chooseModel();

Q_SIGNALS:
    void failed(const hearth::ErrorText& error);

protected:
    /// The window's drag and drop events.
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void openAs(const FileToOpen& file);
    void choose(const QString& title, const QStringList& filters, const std::function<void(const QStringList&)>& take);

    Services& m_services;
    SidePanes& m_panes;
    QWidget& m_window;
    DropOverlay* m_overlay;
    quint64 m_imageRequest = 0; ///< the newest; older ones are no longer wanted
};

} // namespace hearth::ui
