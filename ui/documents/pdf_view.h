#pragma once

#include "app/documents/pdf_reader.h"

#include <QAbstractScrollArea>
#include <QHash>

namespace hearth::ui {

class Theme;

/// The pages of a PDF below each other. Only what is visible, and one page before and after it, is rendered and kept.
/// Thread: UI.
class PdfView : public QAbstractScrollArea {
    Q_OBJECT

public:
    /// `reader` outlives the view.
    PdfView(const Theme& theme, PdfReader& reader, QWidget* parent = nullptr);

    [[nodiscard]] int pageCount() const { return static_cast<int>(m_reader.pageSizes().size()); }
    /// From 0; the one that fills most of the upper half.
    [[nodiscard]] int currentPage() const;
    void goToPage(int page);
    /// Scrolls so that a rectangle (points) of a page is seen.
    void showRectangle(int page, const QRectF& rectangle);

    /// 1 shows a point as 1/72 inch of the screen.
    [[nodiscard]] double zoom() const { return m_zoom; }
    void zoomBy(double factor);
    void fitWidth();
    [[nodiscard]] bool fitsWidth() const { return m_fitWidth; }

    /// Marked on the pages; `current` is an index into it, or -1.
    void setMatches(const QList<PdfMatch>& matches, int current);

Q_SIGNALS:
    void currentPageChanged(int page);
    void zoomChanged(double zoom);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    struct RenderedPage {
        QSize asked;
        QImage image;
    };

    void reset();
    void layOut();
    /// The same, and what is seen of `page` stays where it is.
    void layOutAround(int page);
    void requestVisible();
    void setZoom(double zoom);
    [[nodiscard]] double pixelsPerPoint() const;
    [[nodiscard]] QSize pageSize(int page) const;
    /// In the viewport.
    [[nodiscard]] QRect pageRect(int page) const;
    /// The first page that reaches below `y` of the content.
    [[nodiscard]] int pageAt(int y) const;
    [[nodiscard]] std::pair<int, int> visiblePages() const;
    void paintPage(QPainter& painter, int page) const;

    const Theme& m_theme;
    PdfReader& m_reader;
    double m_zoom = 1.0;
    bool m_fitWidth = true;
    int m_lastPage = -1;
    int m_contentWidth = 0;
    QList<int> m_tops; ///< of each page in the content
    QList<int> m_pageHeights;
    QHash<int, RenderedPage> m_images;
    QList<PdfMatch> m_matches;
    int m_currentMatch = -1;
};

} // namespace hearth::ui
