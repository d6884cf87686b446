#pragma once

#include "app/media/image_pyramid.h"

#include <QWidget>

class QStackedWidget;
class QTabBar;
class QToolButton;

namespace hearth {
struct Error;
}

namespace hearth::ui {

class DocumentPane;
class ImagePane;
class Theme;

/// The right side: the opened document and the opened image, each a tab that appears when its first file is opened.
/// Hidden while it has none. Thread: UI.
class SidePanes : public QWidget {
    Q_OBJECT

public:
    enum class Pane { Document, Image };

    explicit SidePanes(const Theme& theme, QWidget* parent = nullptr);

    /// Shows the document when it has been read; documentFailed() otherwise.
    void openDocument(const QString& path);
    void showImageLoading(const QString& path);
    void showImage(const QString& path, const ImagePyramid& image);
    /// Takes an image tab away that has nothing to show.
    void imageFailed();

    [[nodiscard]] bool has(Pane pane) const;
    /// Brings a pane to the front and focuses it; false if it has no file.
    bool activate(Pane pane);
    [[nodiscard]] DocumentPane& documentPane() { return *m_document; }
    [[nodiscard]] ImagePane& imagePane() { return *m_image; }
    [[nodiscard]] Pane currentPane() const;

Q_SIGNALS:
    void documentFailed(const QString& path, const hearth::Error& error);
    void appeared(); ///< the first tab came
    void emptied();  ///< the last one went

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    [[nodiscard]] int tabOf(Pane pane) const;
    void showTab(Pane pane, const QString& path);
    void showCurrent();
    void closeTab(int tab);
    void retranslate();

    const Theme& m_theme;
    bool m_imageShown = false;
    QTabBar* m_tabs;
    QToolButton* m_close;
    QStackedWidget* m_stack;
    DocumentPane* m_document;
    ImagePane* m_image;
};

} // namespace hearth::ui
