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
class MixturePane;
class Theme;

/// The right side: the opened document, the opened image and the mixture of an answer, each a tab that appears when it
/// is first asked for. Hidden while it has none. Thread: UI.
class SidePanes : public QWidget {
    Q_OBJECT

public:
    enum class Pane { Document, Image, Mixture };

    explicit SidePanes(const Theme& theme, QWidget* parent = nullptr);

    /// Shows the document when it has been read; documentFailed() otherwise.
    void openDocument(const QString& path);
    void showImageLoading(const QString& path);
    void showImage(const QString& path, const ImagePyramid& image);
    /// Takes an image tab away that has nothing to show.
    void imageFailed();

    /// Gives the mixture its tab and focuses it.
    void showMixture();

    [[nodiscard]] bool has(Pane pane) const;
    /// Brings a pane to the front and focuses it; false if it has no file.
    bool activate(Pane pane);
    [[nodiscard]] DocumentPane& documentPane() { return *m_document; }
    [[nodiscard]] ImagePane& imagePane() { return *m_image; }
    [[nodiscard]] MixturePane& mixturePane() { return *m_mixture; }
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
    /// Makes the tab if there is none, and brings it to the front.
    void showTab(Pane pane, const QString& title, const QString& toolTip);
    void showFile(Pane pane, const QString& path);
    [[nodiscard]] QWidget* widgetOf(Pane pane) const;
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
    MixturePane* m_mixture;
};

} // namespace hearth::ui
