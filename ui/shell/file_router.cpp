#include "ui/shell/file_router.h"

#include "app/chat/chat_controller.h"
#include "app/errors/error_text.h"
#include "app/media/image_loader.h"
#include "app/models/model_library.h"
#include "app/services.h"
#include "ui/shell/drop_overlay.h"
#include "ui/shell/side_panes.h"

#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QImageReader>
#include <QMimeData>

#include <functional>

namespace hearth::ui {

namespace {

QString imageFilter() {
    QStringList patterns;
    for (const QByteArray& format : QImageReader::supportedImageFormats()) {
        if (format != "pdf") {
            patterns.append(QStringLiteral("*.") + QString::fromLatin1(format));
        }
    }
    return patterns.join(QLatin1Char(' '));
}

} // namespace

FileRouter::FileRouter(const Theme& theme, Services& services, SidePanes& panes, QWidget& window)
    : QObject(&window), m_services(services), m_panes(panes), m_window(window),
      m_overlay(new DropOverlay(theme, window)) {
    window.setAcceptDrops(true);
    window.installEventFilter(this);
    ImageLoader& images = services.images();
    connect(&images, &ImageLoader::loaded, this,
            [this](quint64 request, const QString& path, const ImagePyramid& image) {
                if (request == m_imageRequest) {
                    m_panes.showImage(path, image);
                }
            });
    connect(&images, &ImageLoader::failed, this, [this](quint64 request, const QString&, const Error& error) {
        if (request == m_imageRequest) {
            m_panes.imageFailed();
            Q_EMIT failed(presentError(error, Activity::OpeningImage));
        }
    });
    connect(&panes, &SidePanes::documentFailed, this, [this](const QString&, const Error& error) {
        Q_EMIT failed(presentError(error, Activity::OpeningDocument));
    });
}

void FileRouter::open(const QList<QUrl>& urls) {
    for (const FileToOpen& file : filesToOpen(urls)) {
        openAs(file);
    }
}

void FileRouter::openPath(const QString& path) {
    openAs({path, fileKind(path)});
}

void FileRouter::openAs(const FileToOpen& file) {
    switch (file.kind) {
    case FileKind::Document:
        m_panes.openDocument(file.path);
        return;
    case FileKind::Image:
        m_panes.showImageLoading(file.path);
        m_imageRequest = m_services.images().load(file.path);
        return;
    case FileKind::Text:
        m_services.chat().attachFile(file.path);
        return;
    case FileKind::Model:
        m_services.models().importFile(file.path, ImportMode::Link);
        return;
    case FileKind::Unsupported:
        break;
    }
    const QString name = file.path.isEmpty() ? tr("This") : QFileInfo(file.path).fileName();
    Q_EMIT failed({tr("%1 cannot be opened here.").arg(name),
                   tr("Hearth opens PDF files, images, text files and model files (GGUF)."), ErrorCode::Unsupported});
}

void FileRouter::openImage(const QImage& image, const QString& name) {
    m_panes.showImageLoading(name);
    m_imageRequest = m_services.images().prepare(image, name);
}

void FileRouter::choose(const QString& title, const QStringList& filters,
                        const std::function<void(const QStringList&)>& take) {
    auto* dialog = new QFileDialog(&m_window, title);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::ExistingFiles);
    dialog->setNameFilters(filters);
    connect(dialog, &QFileDialog::filesSelected, this, take);
    dialog->open();
}

void FileRouter::chooseFile() {
    const QStringList filters{tr("All files (*)"), tr("PDF files (*.pdf)"), tr("Images (%1)").arg(imageFilter()),
                              tr("Model files (*.gguf)")};
    choose(tr("Open a file"), filters, [this](const QStringList& paths) {
        for (const QString& path : paths) {
            openPath(path);
        }
    });
}

void FileRouter::chooseAttachment() {
    choose(tr("Attach a text file"), {tr("All files (*)")}, [this](const QStringList& paths) {
        for (const QString& path : paths) {
            m_services.chat().attachFile(path);
        }
    });
}

void FileRouter::chooseModel() {
    choose(tr("Import a model file"), {tr("Model files (*.gguf)"), tr("All files (*)")},
           [this](const QStringList& paths) {
               for (const QString& path : paths) {
                   m_services.models().importFile(path, ImportMode::Link);
               }
           });
}

bool FileRouter::eventFilter(QObject* watched, QEvent* event) {
    switch (event->type()) {
    case QEvent::DragEnter: {
        auto* drag = static_cast<QDragEnterEvent*>(event);
        if (drag->mimeData()->hasUrls()) {
            m_overlay->showFor(filesToOpen(drag->mimeData()->urls()));
            drag->setDropAction(Qt::CopyAction);
            drag->accept();
        }
        return true;
    }
    case QEvent::DragMove:
        static_cast<QDragMoveEvent*>(event)->accept();
        return true;
    case QEvent::DragLeave:
        m_overlay->hide();
        return true;
    case QEvent::Drop: {
        m_overlay->hide();
        auto* drop = static_cast<QDropEvent*>(event);
        drop->acceptProposedAction();
        open(drop->mimeData()->urls());
        return true;
    }
    default:
        return QObject::eventFilter(watched, event);
    }
}

} // namespace hearth::ui
