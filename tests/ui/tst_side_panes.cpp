#include "app/documents/pdf_reader.h"
#include "app/media/image_pyramid.h"
#include "ui/documents/document_pane.h"
#include "ui/documents/pdf_view.h"
#include "ui/images/image_pane.h"
#include "ui/images/image_view.h"
#include "ui/shell/file_kind.h"
#include "ui/shell/side_panes.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPdfWriter>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTabBar>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>

namespace hearth::ui {

class TestSidePanes : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        loadResources();
        QVERIFY(m_folder.isValid());
        m_theme = std::make_unique<Theme>();
        m_theme->install();
        m_pdf = m_folder.filePath(QStringLiteral("paper.pdf"));
        QPdfWriter writer(m_pdf);
        writer.setPageSize(QPageSize(QPageSize::A5));
        QPainter painter(&writer);
        painter.setFont(QFont(QStringLiteral("DejaVu Sans"), 14));
        for (int page = 1; page <= kPages; ++page) {
            if (page > 1) {
                writer.newPage();
            }
            painter.drawText(400, 800, QStringLiteral("Page %1 speaks of hearths").arg(page));
            if (page == 3) {
                painter.drawText(400, 1600, QStringLiteral("Needle in the third page"));
            }
        }
    }

    void init() {
        m_panes = std::make_unique<SidePanes>(*m_theme);
        m_panes->resize(500, 600);
    }
    void cleanup() { m_panes.reset(); }

    void pdfOpensInATabOfItsOwn() {
        QVERIFY(m_panes->isHidden());
        openPdf();
        QVERIFY(m_panes->has(SidePanes::Pane::Document));
        QCOMPARE(m_panes->documentPane().view().pageCount(), kPages);
        QCOMPARE(m_panes->findChild<QTabBar*>()->tabText(0), QStringLiteral("paper.pdf"));
    }

    void pagesArePainted() {
        openPdf();
        PdfView& view = m_panes->documentPane().view();
        const auto hasInk = [&] {
            const QImage shown = view.viewport()->grab().toImage().convertToFormat(QImage::Format_Grayscale8);
            int dark = 0;
            for (int y = 0; y < shown.height(); ++y) {
                for (int x = 0; x < shown.width(); ++x) {
                    dark += qGray(shown.pixel(x, y)) < 100 ? 1 : 0;
                }
            }
            return dark > 100;
        };
        QTRY_VERIFY(hasInk());
    }

    void pageNumberFollowsScrollingAndLeads() {
        openPdf();
        auto* page = m_panes->findChild<QSpinBox*>(QStringLiteral("documentPage"));
        PdfView& view = m_panes->documentPane().view();
        QCOMPARE(page->value(), 1);
        page->setValue(4);
        QCOMPARE(view.currentPage(), 3);
        view.verticalScrollBar()->setValue(0);
        QCOMPARE(page->value(), 1);
        QTest::keyClick(&view, Qt::Key_End);
        QCOMPARE(page->value(), kPages);
    }

    void zoomKeepsThePage() {
        openPdf();
        PdfView& view = m_panes->documentPane().view();
        view.goToPage(2);
        const double before = view.zoom();
        QTest::keyClick(&view, Qt::Key_Plus);
        QVERIFY(view.zoom() > before);
        QCOMPARE(view.currentPage(), 2);
        QVERIFY(!view.fitsWidth());
        QTest::keyClick(&view, Qt::Key_0);
        QVERIFY(view.fitsWidth());
        QCOMPARE(view.currentPage(), 2);
        QVERIFY(qAbs(view.zoom() - before) < 1e-9);
    }

    void findShowsEveryMatchInTurn() {
        openPdf();
        DocumentPane& pane = m_panes->documentPane();
        pane.openFind();
        auto* field = m_panes->findChild<QLineEdit*>(QStringLiteral("documentFindField"));
        auto* count = m_panes->findChild<QLabel*>(QStringLiteral("documentFindCount"));
        field->setText(QStringLiteral("NEEDLE"));
        QTRY_COMPARE(count->text(), QStringLiteral("1 of 1"));
        QTRY_COMPARE(pane.view().currentPage(), 2);
        field->setText(QStringLiteral("hearths"));
        QTRY_COMPARE(count->text(), QStringLiteral("1 of %1").arg(kPages));
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_COMPARE(count->text(), QStringLiteral("2 of %1").arg(kPages));
        QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
        QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
        QTRY_COMPARE(count->text(), QStringLiteral("%1 of %1").arg(kPages));
        field->setText(QStringLiteral("nowhere to be found"));
        QTRY_COMPARE(count->text(), QStringLiteral("Nothing found"));
    }

    void brokenPdfIsRefusedWithItsName_data() {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("not a PDF") << QByteArray("hello");
        QTest::newRow("header only") << QByteArray("%PDF-1.7\n");
        QFile file(m_pdf);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QTest::newRow("cut in the middle") << file.read(200);
    }
    void brokenPdfIsRefusedWithItsName() {
        QFETCH(QByteArray, content);
        const QString path = m_folder.filePath(QStringLiteral("broken.pdf"));
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        PdfReader reader;
        QSignalSpy failed(&reader, &PdfReader::failed);
        reader.open(path);
        QTRY_COMPARE(failed.count(), 1);
        const auto error = failed.first().at(1).value<Error>();
        QVERIFY2(error.message.find("broken.pdf") != std::string::npos, error.message.c_str());
    }

    void aNewerFileWinsOverAnOlderOne() {
        PdfReader reader;
        QSignalSpy opened(&reader, &PdfReader::opened);
        QSignalSpy failed(&reader, &PdfReader::failed);
        reader.open(m_folder.filePath(QStringLiteral("absent.pdf")));
        reader.open(m_pdf);
        QTRY_COMPARE(opened.count(), 1);
        QCOMPARE(failed.count(), 0);
        QCOMPARE(reader.pageSizes().size(), kPages);
    }

    void closingTheLastTabHidesThePanes() {
        openPdf();
        m_panes->showImage(QStringLiteral("/a/photo.png"), makePyramid(QImage(20, 10, QImage::Format_RGB32)));
        QCOMPARE(m_panes->currentPane(), SidePanes::Pane::Image);
        QSignalSpy emptied(m_panes.get(), &SidePanes::emptied);
        auto* close = m_panes->findChild<QAbstractButton*>(QStringLiteral("paneClose"));
        QTest::mouseClick(close, Qt::LeftButton);
        QCOMPARE(m_panes->currentPane(), SidePanes::Pane::Document);
        QVERIFY(!m_panes->isHidden());
        QTest::mouseClick(close, Qt::LeftButton);
        QCOMPARE(emptied.count(), 1);
        QVERIFY(m_panes->isHidden());
    }

    void pyramidHalvesDownToWindowSize() {
        const ImagePyramid pyramid = makePyramid(QImage(5001, 3000, QImage::Format_RGB32));
        QCOMPARE(pyramid.levels.size(), 4);
        QCOMPARE(pyramid.levels[1].size(), QSize(2501, 1500));
        QCOMPARE(pyramid.levels[3].size(), QSize(626, 375));
        QCOMPARE(pyramid.levelFor(1.0), 0);
        QCOMPARE(pyramid.levelFor(0.51), 0);
        QCOMPARE(pyramid.levelFor(0.5), 1);
        QCOMPARE(pyramid.levelFor(0.2), 2);
        QCOMPARE(pyramid.levelFor(0.001), 3);
        QVERIFY(makePyramid(QImage()).isNull());
    }

    void imageFitsThenZoomsAboutThePointer() {
        ImageView view(*m_theme);
        view.resize(400, 300);
        view.show();
        QImage image(4000, 2000, QImage::Format_RGB32);
        image.fill(Qt::blue);
        view.setImage(makePyramid(image), QStringLiteral("blue"));
        QVERIFY(view.isFitted());
        QVERIFY(qAbs(view.zoom() - 0.1) < 0.01);
        QTest::keyClick(&view, Qt::Key_1);
        QCOMPARE(view.zoom(), 1.0);
        QVERIFY(view.horizontalScrollBar()->maximum() > 3000);
        // The middle stays the middle.
        QVERIFY(qAbs(view.horizontalScrollBar()->value() - view.horizontalScrollBar()->maximum() / 2) < 20);
        QTest::keyClick(&view, Qt::Key_0);
        QVERIFY(view.isFitted());
        for (int step = 0; step < 100; ++step) {
            QTest::keyClick(&view, Qt::Key_Plus);
        }
        QCOMPARE(view.zoom(), ImageView::kLargestZoom);
    }

    void draggingPans() {
        ImageView view(*m_theme);
        view.resize(400, 300);
        view.show();
        view.setImage(makePyramid(QImage(2000, 2000, QImage::Format_RGB32)), QStringLiteral("image"));
        view.zoomTo(1.0);
        const int before = view.horizontalScrollBar()->value();
        QTest::mousePress(view.viewport(), Qt::LeftButton, {}, QPoint(200, 150));
        QTest::mouseMove(view.viewport(), QPoint(150, 150));
        QTest::mouseRelease(view.viewport(), Qt::LeftButton, {}, QPoint(150, 150));
        QCOMPARE(view.horizontalScrollBar()->value(), before + 50);
    }

    void fileKinds_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<FileKind>("kind");
        QTest::newRow("pdf") << "a.pdf" << QByteArray("%PDF-1.7") << FileKind::Document;
        QTest::newRow("pdf without suffix") << "scan" << QByteArray("%PDF-1.7\n1 0 obj") << FileKind::Document;
        QTest::newRow("png") << "a.PNG" << QByteArray() << FileKind::Image;
        QTest::newRow("model") << "a.gguf" << QByteArray() << FileKind::Model;
        QTest::newRow("model without suffix") << "blob" << QByteArray("GGUF\3\0\0\0", 8) << FileKind::Model;
        QTest::newRow("source") << "a.cpp" << QByteArray("int main() {}\n") << FileKind::Text;
        QTest::newRow("latin 1") << "b" << QByteArray("caf\xe9 cr\xe8me\n") << FileKind::Text;
        QTest::newRow("XML is text") << "c.xml" << QByteArray("<?xml version=\"1.0\"?><a/>") << FileKind::Text;
        QTest::newRow("PNG without suffix")
            << "picture" << QByteArray("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16) << FileKind::Image;
        QTest::newRow("empty") << "c" << QByteArray() << FileKind::Text;
        QTest::newRow("binary") << "d.bin" << QByteArray("\0\1\2\3\4\5\6\7", 8) << FileKind::Unsupported;
    }
    void fileKinds() {
        QFETCH(QString, name);
        QFETCH(QByteArray, content);
        QFETCH(FileKind, kind);
        const QString path = m_folder.filePath(name);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        QCOMPARE(fileKind(path), kind);
        QVERIFY(file.remove());
    }

    void foldersAndWebAddressesAreUnsupported() {
        QCOMPARE(fileKind(m_folder.path()), FileKind::Unsupported);
        QCOMPARE(fileKind(QStringLiteral("/dev/zero")), FileKind::Unsupported);
        const QList<FileToOpen> files = filesToOpen({QUrl(QStringLiteral("https://example.org/a.pdf"))});
        QCOMPARE(files.size(), 1);
        QCOMPARE(files.first().kind, FileKind::Unsupported);
    }

private:
    void openPdf() {
        QSignalSpy opened(&m_panes->documentPane(), &DocumentPane::opened);
        m_panes->openDocument(m_pdf);
        QTRY_COMPARE(opened.count(), 1);
        QVERIFY(QTest::qWaitForWindowExposed(m_panes.get()));
    }

    static constexpr int kPages = 6;
    QTemporaryDir m_folder;
    QString m_pdf;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<SidePanes> m_panes;
};

} // namespace hearth::ui

QTEST_MAIN(hearth::ui::TestSidePanes)
#include "tst_side_panes.moc"
