#include "app/documents/pdf_reader.h"

#include "app/threads/task_thread.h"

#include <QFileInfo>
#include <QMetaObject>
#include <QPainter>
#include <QPdfDocument>
#include <QPdfSelection>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <mutex>

namespace hearth {

namespace {

Error loadError(QPdfDocument::Error error, const QString& path) {
    const std::string name = QFileInfo(path).fileName().toStdString();
    switch (error) {
    case QPdfDocument::Error::FileNotFound:
        return {ErrorCode::NotFound, "'" + name + "' cannot be opened for reading"};
    case QPdfDocument::Error::IncorrectPassword:
    case QPdfDocument::Error::UnsupportedSecurityScheme:
        return {ErrorCode::Unsupported, "'" + name + "' is protected by a password"};
    default:
        return {ErrorCode::Corrupt, "'" + name + "' is not a PDF or is damaged"};
    }
}

/// The size asked for, or a smaller one of the same shape.
QSize boundedPixels(const QSize& wanted) {
    const double pixels = static_cast<double>(wanted.width()) * wanted.height();
    const double shrink = std::min(1.0, std::sqrt(static_cast<double>(PdfReader::kMostPixels) / std::max(pixels, 1.0)));
    return {std::max(1, static_cast<int>(wanted.width() * shrink)),
            std::max(1, static_cast<int>(wanted.height() * shrink))};
}

} // namespace

/// The other side: m_document and m_texts belong to the thread; what both sides see stands behind m_mutex or is atomic.
class PdfReader::Worker {
public:
    explicit Worker(PdfReader& reader) : m_reader(reader), m_thread(TaskThread::Pending::Drop) {}

    void open(const QString& path) {
        const quint64 generation = ++m_generation;
        setWanted({});
        m_thread.post([this, path, generation](const std::stop_token&) { load(path, generation); });
    }

    void close() {
        ++m_generation;
        ++m_searchNumber;
        setWanted({});
        m_thread.post([this](const std::stop_token&) { m_document.reset(); });
    }

    void setWanted(const QList<PageRequest>& wanted) {
        QList<PageRequest> fresh;
        {
            const std::lock_guard lock(m_mutex);
            std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(fresh),
                         [&](const PageRequest& request) { return !m_wanted.contains(request); });
            m_wanted = wanted;
        }
        for (const PageRequest& request : fresh) {
            m_thread.post([this, request](const std::stop_token&) { renderPage(request); });
        }
    }

    void find(const QString& text) {
        const quint64 number = ++m_searchNumber;
        if (!text.isEmpty()) {
            m_thread.post([this, text, number](const std::stop_token&) { findOnPage(text, 0, number); });
        }
    }

    bool shutdown(std::chrono::milliseconds limit) {
        m_thread.stop();
        return m_thread.waitFor(limit);
    }

private:
    /// Runs on the UI thread, unless the reader is gone: its destruction drops what is queued for it.
    template <typename Function>
    void tell(Function function) {
        QMetaObject::invokeMethod(&m_reader, std::move(function), Qt::QueuedConnection);
    }

    void load(const QString& path, quint64 generation) {
        if (generation != m_generation.load()) {
            return;
        }
        auto document = std::make_unique<QPdfDocument>();
        const QPdfDocument::Error error = document->load(path);
        if (error != QPdfDocument::Error::None || document->pageCount() <= 0) {
            tell([this, path, generation, failure = loadError(error, path)] {
                if (generation == m_generation.load()) {
                    Q_EMIT m_reader.failed(path, failure);
                }
            });
            return;
        }
        QList<QSizeF> sizes;
        const int pages = std::min(document->pageCount(), kMostPages);
        sizes.reserve(pages);
        for (int page = 0; page < pages; ++page) {
            // A page without a size, or with one beyond what the format allows (14400 points), is shown as A4.
            const QSizeF size = document->pagePointSize(page);
            const bool usable =
                size.width() >= 1 && size.height() >= 1 && size.width() <= 14'400 && size.height() <= 14'400;
            sizes.append(usable ? size : QSizeF(595, 842));
        }
        m_document = std::move(document);
        tell([this, path, sizes, generation] {
            if (generation == m_generation.load()) {
                m_reader.m_path = path;
                m_reader.m_pageSizes = sizes;
                Q_EMIT m_reader.opened(path, sizes);
            }
        });
    }

    void renderPage(const PageRequest& request) {
        {
            const std::lock_guard lock(m_mutex);
            if (!m_wanted.contains(request)) {
                return;
            }
        }
        if (m_document == nullptr || request.page < 0 || request.page >= m_document->pageCount()) {
            return;
        }
        const quint64 generation = m_generation.load();
        QImage page(boundedPixels(request.pixels), QImage::Format_RGB32);
        page.fill(Qt::white);
        // The renderer leaves paper transparent.
        const QImage ink = m_document->render(request.page, page.size());
        if (!ink.isNull()) {
            QPainter(&page).drawImage(0, 0, ink);
        }
        {
            const std::lock_guard lock(m_mutex);
            m_wanted.removeAll(request);
        }
        tell([this, request, page, generation] {
            if (generation == m_generation.load()) {
                Q_EMIT m_reader.rendered(request.page, request.pixels, page);
            }
        });
    }

    /// One page a task, so that rendering of what is looked at comes between.
    void findOnPage(const QString& text, int page, quint64 number) {
        if (number != m_searchNumber.load()) {
            return;
        }
        if (m_document == nullptr || page >= std::min(m_document->pageCount(), kMostPages)) {
            tell([this, text, number] {
                if (number == m_searchNumber.load()) {
                    Q_EMIT m_reader.findFinished(text);
                }
            });
            return;
        }
        const QList<PdfMatch> matches = matchesOn(text, page);
        if (!matches.isEmpty()) {
            tell([this, text, matches, number] {
                if (number == m_searchNumber.load()) {
                    Q_EMIT m_reader.found(text, matches);
                }
            });
        }
        m_thread.post([this, text, page, number](const std::stop_token&) { findOnPage(text, page + 1, number); });
    }

    [[nodiscard]] QList<PdfMatch> matchesOn(const QString& text, int page) {
        QList<PdfMatch> matches;
        const QString all = m_document->getAllText(page).text();
        for (qsizetype at = all.indexOf(text, 0, Qt::CaseInsensitive); at >= 0;
             at = all.indexOf(text, at + text.size(), Qt::CaseInsensitive)) {
            PdfMatch match{page, {}};
            const QPdfSelection selection =
                m_document->getSelectionAtIndex(page, static_cast<int>(at), static_cast<int>(text.size()));
            for (const QPolygonF& line : selection.bounds()) {
                match.rectangles.append(line.boundingRect());
            }
            matches.append(match);
        }
        return matches;
    }

    PdfReader& m_reader;
    std::atomic<quint64> m_generation{0};   ///< of open() and close(); older answers are dropped
    std::atomic<quint64> m_searchNumber{0}; ///< of find()
    std::mutex m_mutex;
    QList<PageRequest> m_wanted;
    std::unique_ptr<QPdfDocument> m_document;
    TaskThread m_thread; ///< last: it uses all the others
};

PdfReader::PdfReader(QObject* parent) : QObject(parent), m_worker(std::make_unique<Worker>(*this)) {
    qRegisterMetaType<QList<PdfMatch>>();
}

PdfReader::~PdfReader() = default;

void PdfReader::open(const QString& path) {
    m_path.clear();
    m_pageSizes.clear();
    m_worker->open(path);
}

void PdfReader::close() {
    m_path.clear();
    m_pageSizes.clear();
    m_worker->close();
}

void PdfReader::render(const QList<PageRequest>& wanted) {
    m_worker->setWanted(wanted);
}

bool PdfReader::shutdown(std::chrono::milliseconds limit) {
    return m_worker->shutdown(limit);
}

void PdfReader::find(const QString& text) {
    m_worker->find(text);
}

} // namespace hearth
