#pragma once

#include "kernels/base/error.h"

#include <QImage>
#include <QList>
#include <QObject>
#include <QRectF>
#include <QSize>
#include <QSizeF>
#include <QString>

#include <chrono>
#include <memory>

namespace hearth {

/// One place where a searched text stands: its rectangles (one a line) in points from the page's top left corner.
struct PdfMatch {
    int page = 0;
    QList<QRectF> rectangles;
    friend bool operator==(const PdfMatch&, const PdfMatch&) = default;
};

/// One opened PDF. Parsing, rendering and searching happen on a thread of its own; a request that is no longer wanted
/// is dropped before it costs anything. Thread: UI.
class PdfReader : public QObject {
    Q_OBJECT

public:
    /// Pages beyond this are not shown; a file that claims more is damaged or hostile.
    static constexpr int kMostPages = 50'000;
    /// Largest picture of a page, 64 MB; render() keeps to it whatever is asked for.
    static constexpr qint64 kMostPixels = qint64{16} * 1024 * 1024;

    explicit PdfReader(QObject* parent = nullptr);
    ~PdfReader() override;

    /// Closes what was open. opened() or failed() follows.
    void open(const QString& path);
    void close();
    [[nodiscard]] const QString& path() const { return m_path; }
    [[nodiscard]] const QList<QSizeF>& pageSizes() const { return m_pageSizes; }

    /// The pages that are wanted now, at these sizes in pixels: what was asked for before and is not among them is
    /// forgotten. rendered() follows for each.
    struct PageRequest {
        int page = 0;
        QSize pixels;
        friend bool operator==(const PageRequest&, const PageRequest&) = default;
    };
    void render(const QList<PageRequest>& wanted);

    /// Looks for a text, without regard to case; an empty one ends a search. found() follows for every page that has
    /// matches, from the first on, then findFinished().
    void find(const QString& text);

    /// Ends the thread; false if it still parses something after `limit`. Nothing can be asked for afterwards.
    [[nodiscard]] bool shutdown(std::chrono::milliseconds limit);

Q_SIGNALS:
    /// Sizes in points (1/72 inch).
    void opened(const QString& path, const QList<QSizeF>& pageSizes);
    void failed(const QString& path, const hearth::Error& error);
    /// `asked` is the size of the request; the image may be smaller (kMostPixels).
    void rendered(int page, const QSize& asked, const QImage& image);
    void found(const QString& text, const QList<hearth::PdfMatch>& matches);
    void findFinished(const QString& text);

private:
    class Worker;

    QString m_path;
    QList<QSizeF> m_pageSizes;
    std::unique_ptr<Worker> m_worker;
};

} // namespace hearth
