#pragma once

#include "app/media/image_pyramid.h"

#include <QWidget>

class QLabel;
class QToolButton;

namespace hearth::ui {

class ImageView;
class Theme;

/// The picture beside the chat with its zoom buttons. Thread: UI.
class ImagePane : public QWidget {
    Q_OBJECT

public:
    explicit ImagePane(const Theme& theme, QWidget* parent = nullptr);

    void showLoading(const QString& fileName);
    void showImage(const QString& fileName, const ImagePyramid& image);
    [[nodiscard]] ImageView& view() { return *m_view; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void retranslate();
    void updateInfo();

    const Theme& m_theme;
    QString m_fileName;
    QSize m_imageSize;
    ImageView* m_view;
    QLabel* m_info;
    QToolButton* m_zoomOut;
    QToolButton* m_zoomIn;
    QToolButton* m_fit;
};

} // namespace hearth::ui
