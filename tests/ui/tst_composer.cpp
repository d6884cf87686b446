#include "ui/composer/composer.h"

#include "app/chat/message.h"
#include "ui/composer/attachment_chip.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QImage>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QToolButton>
#include <QtTest>

#include <memory>

namespace hearth::ui {

namespace {

Attachment attachment(const QString& name, qint64 size) {
    Attachment result;
    result.fileName = name;
    result.sizeBytes = size;
    return result;
}

} // namespace

class TestComposer : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { loadResources(); }

    void init() {
        m_theme = std::make_unique<Theme>();
        m_theme->install();
        m_composer = std::make_unique<Composer>(*m_theme);
        m_composer->resize(600, 120);
        m_composer->show();
        QVERIFY(QTest::qWaitForWindowActive(m_composer.get()));
        m_edit = m_composer->findChild<DraftEdit*>(QStringLiteral("draftEdit"));
        m_button = m_composer->findChild<QPushButton*>(QStringLiteral("sendButton"));
        m_composer->focusText();
    }

    void cleanup() {
        m_composer.reset();
        QGuiApplication::clipboard()->clear();
    }

    void enterSendsAndShiftEnterBreaksTheLine() {
        QSignalSpy sent(m_composer.get(), &Composer::sendRequested);
        QTest::keyClicks(m_edit, QStringLiteral("one"));
        QTest::keyClick(m_edit, Qt::Key_Return, Qt::ShiftModifier);
        QTest::keyClicks(m_edit, QStringLiteral("two"));
        QCOMPARE(sent.count(), 0);
        QTest::keyClick(m_edit, Qt::Key_Return);
        QCOMPARE(sent.count(), 1);
        QCOMPARE(sent.first().first().toString(), QStringLiteral("one\ntwo"));
    }

    void enterAndShiftEnterCanBeSwapped() {
        m_composer->setSendKey(SendKey::ShiftEnter);
        QSignalSpy sent(m_composer.get(), &Composer::sendRequested);
        QTest::keyClicks(m_edit, QStringLiteral("one"));
        QTest::keyClick(m_edit, Qt::Key_Return);
        QCOMPARE(sent.count(), 0);
        QTest::keyClick(m_edit, Qt::Key_Return, Qt::ShiftModifier);
        QCOMPARE(sent.count(), 1);
    }

    void buttonIsOnlyEnabledWithSomethingToSend() {
        QVERIFY(!m_button->isEnabled());
        QTest::keyClicks(m_edit, QStringLiteral("  "));
        QVERIFY(!m_button->isEnabled());
        QTest::keyClicks(m_edit, QStringLiteral("x"));
        QVERIFY(m_button->isEnabled());
        m_composer->setText({});
        m_composer->setAttachments({attachment(QStringLiteral("a.txt"), 10)});
        QVERIFY(m_button->isEnabled());
        m_composer->setMode(ComposerMode::Unavailable);
        QVERIFY(!m_button->isEnabled());
    }

    void busyButtonAndEscapeStop() {
        m_composer->setMode(ComposerMode::Busy);
        QSignalSpy stopped(m_composer.get(), &Composer::stopRequested);
        QSignalSpy sent(m_composer.get(), &Composer::sendRequested);
        QCOMPARE(m_button->accessibleName(), QStringLiteral("Stop"));
        QTest::mouseClick(m_button, Qt::LeftButton);
        QTest::keyClick(m_edit, Qt::Key_Escape);
        QCOMPARE(stopped.count(), 2);
        QTest::keyClicks(m_edit, QStringLiteral("next question"));
        QTest::keyClick(m_edit, Qt::Key_Return);
        QCOMPARE(sent.count(), 0);
        QCOMPARE(m_composer->text(), QStringLiteral("next question"));
    }

    void growsToEightLinesThenScrolls() {
        const int one = m_edit->sizeHint().height();
        QString text;
        for (int line = 0; line < 4; ++line) {
            text += QStringLiteral("line\n");
        }
        m_composer->setText(text);
        const int five = m_edit->sizeHint().height();
        QVERIFY(five > one);
        m_composer->setText(text + text + text);
        const int most = m_edit->sizeHint().height();
        m_composer->setText(text + text + text + text + text);
        QCOMPARE(m_edit->sizeHint().height(), most);
        QCOMPARE((most - one) / m_edit->fontMetrics().lineSpacing(), 7);
        m_composer->setText({});
        QCOMPARE(m_edit->sizeHint().height(), one);
    }

    void upInAnEmptyFieldAsksForTheLastMessage() {
        QSignalSpy edit(m_composer.get(), &Composer::editLastRequested);
        QTest::keyClicks(m_edit, QStringLiteral("x"));
        QTest::keyClick(m_edit, Qt::Key_Up);
        QCOMPARE(edit.count(), 0);
        QTest::keyClick(m_edit, Qt::Key_Backspace);
        QTest::keyClick(m_edit, Qt::Key_Up);
        QCOMPARE(edit.count(), 1);
    }

    void editingKeepsTheDraftAside() {
        QSignalSpy drafts(m_composer.get(), &Composer::draftEdited);
        QSignalSpy submitted(m_composer.get(), &Composer::editSubmitted);
        QTest::keyClicks(m_edit, QStringLiteral("draft"));
        const auto draftsBefore = drafts.count();
        m_composer->startEdit(QStringLiteral("old question"));
        QCOMPARE(m_composer->text(), QStringLiteral("old question"));
        QTest::keyClicks(m_edit, QStringLiteral("!"));
        QTest::keyClick(m_edit, Qt::Key_Return);
        QCOMPARE(submitted.count(), 1);
        QCOMPARE(submitted.first().first().toString(), QStringLiteral("old question!"));
        QCOMPARE(drafts.count(), draftsBefore);
        QTest::keyClick(m_edit, Qt::Key_Escape);
        QVERIFY(!m_composer->isEditing());
        QCOMPARE(m_composer->text(), QStringLiteral("draft"));
    }

    void aLongPasteBecomesAnAttachment() {
        QSignalSpy pasted(m_composer.get(), &Composer::longTextPasted);
        QGuiApplication::clipboard()->setText(QString(DraftEdit::kLongPaste, QLatin1Char('a')));
        m_edit->paste();
        QCOMPARE(pasted.count(), 0);
        QCOMPARE(m_composer->text().size(), DraftEdit::kLongPaste);
        m_composer->setText({});
        QGuiApplication::clipboard()->setText(QString(1'000'000, QLatin1Char('b')));
        m_edit->paste();
        QCOMPARE(pasted.count(), 1);
        QCOMPARE(pasted.first().first().toString().size(), 1'000'000);
        QVERIFY(m_composer->text().isEmpty());
    }

    void anImageAndFilesAreHandedOn() {
        QSignalSpy images(m_composer.get(), &Composer::imagePasted);
        QSignalSpy files(m_composer.get(), &Composer::filesPasted);
        QImage image(4, 4, QImage::Format_RGB32);
        image.fill(Qt::red);
        QGuiApplication::clipboard()->setImage(image);
        m_edit->paste();
        QCOMPARE(images.count(), 1);
        auto* data = new QMimeData; // the clipboard takes it
        data->setUrls({QUrl::fromLocalFile(QStringLiteral("/tmp/a.txt"))});
        QGuiApplication::clipboard()->setMimeData(data);
        m_edit->paste();
        QCOMPARE(files.count(), 1);
        QVERIFY(m_composer->text().isEmpty());
    }

    void aWebAddressIsPastedAsText() {
        QSignalSpy files(m_composer.get(), &Composer::filesPasted);
        auto* data = new QMimeData; // the clipboard takes it
        data->setUrls({QUrl(QStringLiteral("https://example.org/a"))});
        data->setText(QStringLiteral("https://example.org/a"));
        QGuiApplication::clipboard()->setMimeData(data);
        m_edit->paste();
        QCOMPARE(files.count(), 0);
        QCOMPARE(m_composer->text(), QStringLiteral("https://example.org/a"));
    }

    void attachmentsCanBeRemovedByMouseAndKey() {
        m_composer->setAttachments({attachment(QStringLiteral("a.txt"), 10), attachment(QStringLiteral("b.txt"), 20)});
        const QList<AttachmentChip*> chips = m_composer->findChildren<AttachmentChip*>();
        QCOMPARE(chips.size(), 2);
        QSignalSpy removed(m_composer.get(), &Composer::attachmentRemoveRequested);
        QTest::mouseClick(chips[1]->findChild<QToolButton*>(), Qt::LeftButton);
        QTest::keyClick(chips[0]->findChild<QToolButton*>(), Qt::Key_Delete);
        QCOMPARE(removed.count(), 2);
        QCOMPARE(removed[0].first().toInt(), 1);
        QCOMPARE(removed[1].first().toInt(), 0);
    }

    void tabLeavesTheField() {
        QTest::keyClick(m_edit, Qt::Key_Tab);
        QVERIFY(m_composer->findChild<QToolButton*>(QStringLiteral("attachButton"))->hasFocus());
    }

    void everyControlHasANameForAssistiveTechnology() {
        for (const QWidget* widget : m_composer->findChildren<QWidget*>()) {
            if (widget->focusPolicy() != Qt::NoFocus && !widget->objectName().startsWith(QLatin1String("qt_"))) {
                QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
            }
        }
    }

private:
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<Composer> m_composer;
    DraftEdit* m_edit = nullptr;
    QPushButton* m_button = nullptr;
};

} // namespace hearth::ui

QTEST_MAIN(hearth::ui::TestComposer)
#include "tst_composer.moc"
