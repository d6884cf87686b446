#include "app/chat/chat_controller.h"
#include "app/chat/conversation_list_model.h"
#include "app/engine_service/engine_service.h"
#include "app/models/model_library.h"
#include "app/services.h"
#include "app/settings/settings.h"
#include "tests/ui/window_fixture.h"
#include "ui/composer/attachment_chip.h"
#include "ui/composer/composer.h"
#include "ui/images/image_pane.h"
#include "ui/images/image_view.h"
#include "ui/models/first_run_page.h"
#include "ui/settings/settings_dialog.h"
#include "ui/shell/banner.h"
#include "ui/shell/command_palette.h"
#include "ui/shell/drop_overlay.h"
#include "ui/shell/main_window.h"
#include "ui/shell/shortcuts_dialog.h"
#include "ui/shell/side_bar.h"
#include "ui/shell/side_panes.h"
#include "ui/shell/toast.h"
#include "ui/theme/theme.h"

#include <QAbstractButton>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QListWidget>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QSignalSpy>
#include <QSpinBox>
#include <QToolButton>
#include <QtTest>

#include <memory>

namespace hearth::ui {

/// The real window beyond the chat itself: chats, files, settings, languages, panes.
class TestWindow : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_fixture = std::make_unique<WindowFixture>(); }
    void cleanup() { m_fixture.reset(); }

    void searchNarrowsTheListToWhatContainsTheWords() {
        m_fixture->script.answers = {{"about flames"}, {"about water"}};
        startWithModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("First")));
        key(Qt::Key_N, Qt::ControlModifier);
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Second")));
        QCOMPARE(chats().rowCount(), 2);
        key(Qt::Key_F, Qt::ControlModifier | Qt::ShiftModifier);
        auto* search = m_fixture->find<QLineEdit>("chatSearch");
        QVERIFY(search->hasFocus());
        QTest::keyClicks(search, QStringLiteral("flames"));
        // The last words of an answer reach the disk, where they are searched, a moment after they are shown.
        for (int tries = 0; tries < 20 && chats().rowCount() != 1; ++tries) {
            QSignalSpy finished(&chats(), &ConversationListModel::searchFinished);
            chats().setSearchText({});
            chats().setSearchText(QStringLiteral("flames"));
            QVERIFY(finished.wait());
        }
        QCOMPARE(chats().rowCount(), 1);
        QTRY_COMPARE(chats().index(0).data().toString(), QStringLiteral("First"));
        QTest::keyClick(search, Qt::Key_Down);
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QTRY_COMPARE(m_fixture->shownTexts().value(1), QStringLiteral("about flames"));
        search->setFocus();
        QTest::keyClick(search, Qt::Key_Escape);
        QTRY_COMPARE(chats().rowCount(), 2);
    }

    void searchWithoutAHitSaysSo() {
        startWithModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("First")));
        m_fixture->find<QLineEdit>("chatSearch")->setText(QStringLiteral("zebra"));
        auto* empty = m_fixture->find<QLabel>("chatListEmpty");
        QTRY_VERIFY(empty->isVisible());
        QCOMPARE(empty->text(), QStringLiteral("No chat contains this."));
    }

    void deletingCanBeUndone_data() {
        QTest::addColumn<bool>("byKey");
        QTest::newRow("the toast's button") << false;
        QTest::newRow("Ctrl+Z") << true;
    }
    void deletingCanBeUndone() {
        QFETCH(bool, byKey);
        startWithModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Precious")));
        auto* list = m_fixture->find<QListView>("chatList");
        list->setFocus();
        QTest::keyClick(list, Qt::Key_Delete);
        QCOMPARE(chats().rowCount(), 0);
        QCOMPARE(m_fixture->shownTexts(), QStringList());
        auto* toast = m_fixture->find<Toast>("toast");
        QVERIFY(toast->isVisible());
        QVERIFY(toast->accessibleName().contains(QStringLiteral("Precious")));
        if (byKey) {
            list->setFocus();
            key(Qt::Key_Z, Qt::ControlModifier);
        } else {
            QTest::mouseClick(m_fixture->find<QAbstractButton>("toastAction"), Qt::LeftButton);
        }
        QTRY_COMPARE(chats().rowCount(), 1);
        QTRY_COMPARE(m_fixture->shownTexts().value(0), QStringLiteral("Precious"));
        m_fixture->quit();
        m_fixture->start();
        QTRY_COMPARE(chats().rowCount(), 1);
    }

    void aChatIsRenamedInPlace() {
        startWithModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Old name")));
        auto* list = m_fixture->find<QListView>("chatList");
        list->setFocus();
        QTest::keyClick(list, Qt::Key_F2);
        auto* field = m_fixture->find<QLineEdit>("renameField");
        QVERIFY(field->isVisible());
        QTest::keyClicks(field, QStringLiteral("New name"));
        QTest::keyClick(field, Qt::Key_Return);
        QCOMPARE(chats().index(0).data().toString(), QStringLiteral("New name"));
        QCOMPARE(m_fixture->find<QLabel>("chatTitle")->text(), QStringLiteral("New name"));
        QTest::keyClick(list, Qt::Key_F2);
        QTest::keyClicks(field, QStringLiteral("never"));
        QTest::keyClick(field, Qt::Key_Escape);
        QCOMPARE(chats().index(0).data().toString(), QStringLiteral("New name"));
    }

    void clickingARowOpensItAndAPinMovesItUp() {
        startWithModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("First")));
        key(Qt::Key_N, Qt::ControlModifier);
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Second")));
        QCOMPARE(chats().index(0).data().toString(), QStringLiteral("Second"));
        auto* list = m_fixture->find<QListView>("chatList");
        const QRect row = list->visualRect(chats().index(1));
        QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, row.bottomLeft() + QPoint(30, -10));
        QTRY_COMPARE(m_fixture->shownTexts().value(0), QStringLiteral("First"));
        m_fixture->window->actions()[ActionId::PinChat].trigger();
        QTRY_COMPARE(chats().index(0).data().toString(), QStringLiteral("First"));
        QCOMPARE(chats().index(0).data(ConversationListModel::PinnedRole).toBool(), true);
        key(Qt::Key_Tab, Qt::ControlModifier);
        QTRY_COMPARE(m_fixture->shownTexts().value(0), QStringLiteral("Second"));
    }

    void paletteGoesToChatsAndRunsCommands() {
        startWithModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("About mountains")));
        key(Qt::Key_N, Qt::ControlModifier);
        QCOMPARE(m_fixture->shownTexts(), QStringList());
        key(Qt::Key_K, Qt::ControlModifier);
        auto* palette = m_fixture->window->findChild<CommandPalette*>();
        QVERIFY(palette->isVisible());
        auto* field = palette->findChild<QLineEdit*>();
        QTest::keyClicks(field, QStringLiteral("mount"));
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(palette->isHidden());
        QTRY_COMPARE(m_fixture->shownTexts().value(0), QStringLiteral("About mountains"));
        key(Qt::Key_K, Qt::ControlModifier);
        QVERIFY(palette->isVisible());
        QTest::keyClicks(field, QStringLiteral("side bar"));
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(!m_fixture->window->findChild<SideBar*>()->isVisible());
    }

    void paletteRanksBeginningsFirst() {
        const QStringList titles{QStringLiteral("Open a model"), QStringLiteral("My model notes"),
                                 QStringLiteral("Model choice"), QStringLiteral("Remodel the house")};
        QCOMPARE(matchingEntries(titles, QStringLiteral("model")), QList<int>({2, 0, 1, 3}));
        QCOMPARE(matchingEntries(titles, QStringLiteral("notes MODEL")), QList<int>({1}));
        QCOMPARE(matchingEntries(titles, QString()), QList<int>({0, 1, 2, 3}));
        QCOMPARE(matchingEntries(titles, QStringLiteral("zebra")), QList<int>());
    }

    void draggingFilesSaysWhatWillHappen() {
        m_fixture->start();
        const QString text = m_fixture->writeFile(QStringLiteral("notes.md"), "# Notes");
        const QString model = m_fixture->writeFile(QStringLiteral("m.gguf"), "GGUF");
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(text), QUrl::fromLocalFile(model)});
        QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_fixture->window.get(), &enter);
        QVERIFY(enter.isAccepted());
        auto* overlay = m_fixture->find<DropOverlay>("dropOverlay");
        QVERIFY(overlay->isVisible());
        QCOMPARE(overlay->lines(), QStringList({QStringLiteral("Attach 1 text file to your message"),
                                                QStringLiteral("Import 1 model file")}));
        QDragLeaveEvent leave;
        QApplication::sendEvent(m_fixture->window.get(), &leave);
        QVERIFY(overlay->isHidden());
    }

    void aDroppedTextFileGoesWithTheQuestion() {
        startWithModel();
        drop(m_fixture->writeFile(QStringLiteral("notes.md"), "the secret word is plum"));
        QTRY_COMPARE(m_fixture->composer().findChildren<AttachmentChip*>().size(), 1);
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Which word?")));
        const std::string prompt = m_fixture->script.prompts().at(0);
        QVERIFY2(prompt.find("the secret word is plum") != std::string::npos, prompt.c_str());
        QTRY_COMPARE(m_fixture->composer().findChildren<AttachmentChip*>().size(), 0);
    }

    void aDroppedImageOpensInItsPane() {
        m_fixture->start();
        QImage image(300, 200, QImage::Format_RGB32);
        image.fill(Qt::darkGreen);
        QVERIFY(image.save(m_fixture->path(QStringLiteral("leaf.png"))));
        drop(m_fixture->path(QStringLiteral("leaf.png")));
        auto* panes = m_fixture->find<SidePanes>("sidePanes");
        QTRY_VERIFY(panes->isVisible() && panes->imagePane().view().hasImage());
        QVERIFY(panes->imagePane().view().hasFocus());
        key(Qt::Key_1, Qt::ControlModifier);
        QVERIFY(m_fixture->composer().isAncestorOf(QApplication::focusWidget()));
        key(Qt::Key_3, Qt::ControlModifier);
        QVERIFY(panes->imagePane().view().hasFocus());
        key(Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(m_fixture->find<Toast>("toast")->accessibleName(), QStringLiteral("No document is open"));
    }

    void aDamagedImageIsABannerNotADialog() {
        m_fixture->start();
        drop(m_fixture->writeFile(QStringLiteral("broken.png"), "\x89PNG\r\n\x1a\nrubbish"));
        QTRY_VERIFY(banner().isVisible());
        QVERIFY2(banner().sentence().contains(QStringLiteral("broken.png")), qPrintable(banner().sentence()));
        QVERIFY(!m_fixture->find<SidePanes>("sidePanes")->isVisible());
        QCOMPARE(QApplication::activeModalWidget(), nullptr);
    }

    void importingABrokenModelNamesFileAndReason() {
        m_fixture->start();
        drop(m_fixture->writeFile(QStringLiteral("broken.gguf"), "this is no model"));
        QTRY_VERIFY(banner().isVisible());
        QVERIFY2(banner().sentence().contains(QStringLiteral("broken.gguf")), qPrintable(banner().sentence()));
        QVERIFY(!m_fixture->find<QLabel>("bannerNextStep")->text().isEmpty());
        QCOMPARE(QApplication::activeModalWidget(), nullptr);
        QCOMPARE(m_fixture->services->engine().state(), EngineState::Empty);
    }

    void withoutAModelTheFirstRunPageTellsWhatToDo() {
        m_fixture->start();
        auto* page = m_fixture->window->findChild<FirstRunPage*>();
        QTRY_VERIFY(page->isVisible());
        QVERIFY(page->findChild<QLabel*>(QStringLiteral("firstRunFolder"))
                    ->text()
                    .contains(m_fixture->services->models().modelsFolder()));
        QVERIFY(page->findChild<QAbstractButton*>(QStringLiteral("firstRunImport"))->isVisible());
        m_fixture->loadFakeModel();
        QTRY_VERIFY(!page->isVisible());
    }

    void aModelThatDoesNotLoadIsABannerWithAWayOn() {
        m_fixture->script.loadError = Error{ErrorCode::OutOfMemory, "3 GB are missing"};
        m_fixture->start();
        m_fixture->services->loadModel(QStringLiteral("/models/fake.gguf"));
        QTRY_VERIFY(banner().isVisible());
        QVERIFY2(banner().sentence().contains(QStringLiteral("3 GB are missing")), qPrintable(banner().sentence()));
        QVERIFY(m_fixture->find<QAbstractButton>("bannerAction")->isVisible());
    }

    void aSlowLoadShowsProgressAndCanBeCancelled() {
        m_fixture->script.loadStall = FakeEngineScript::Stall::Stoppable;
        m_fixture->start();
        m_fixture->services->loadModel(QStringLiteral("/models/fake.gguf"));
        QTRY_VERIFY(banner().isVisible());
        QVERIFY(banner().isProgress());
        QVERIFY(m_fixture->find<QToolButton>("modelButton")->text().contains(QLatin1Char('%')));
        QTest::mouseClick(m_fixture->find<QAbstractButton>("bannerAction"), Qt::LeftButton);
        QTRY_COMPARE(m_fixture->services->engine().state(), EngineState::Empty);
        QVERIFY(banner().isHidden());
    }

    void themeSwitchRepaintsTheWindow() {
        m_fixture->start();
        m_fixture->services->settings().setTheme(ThemeSetting::Light);
        const auto corner = [&] {
            return m_fixture->window->grab().toImage().pixelColor(3, m_fixture->window->height() - 3);
        };
        QTRY_COMPARE(corner(), m_fixture->theme->colors().window);
        QVERIFY(!m_fixture->theme->isDark());
        key(Qt::Key_Comma, Qt::ControlModifier);
        auto* dialog = m_fixture->window->findChild<SettingsDialog*>();
        QVERIFY(dialog != nullptr);
        auto* choice = dialog->findChild<QComboBox*>(QStringLiteral("settingTheme"));
        choice->setFocus();
        QTest::keyClick(choice, Qt::Key_Down);
        QVERIFY(m_fixture->theme->isDark());
        QTRY_COMPARE(corner(), m_fixture->theme->colors().window);
        m_fixture->quit();
        m_fixture->start();
        QVERIFY(m_fixture->theme->isDark());
    }

    void languageSwitchesAtOnce() {
        if (!Language::available().contains(QStringLiteral("zh_CN"))) {
            QSKIP("this build has no translations (Qt's LinguistTools were missing)");
        }
        m_fixture->start();
        auto* newChat = m_fixture->find<QAbstractButton>("newChatButton");
        QCOMPARE(newChat->text(), QStringLiteral("New chat"));
        m_fixture->services->settings().setLanguage(QStringLiteral("zh_CN"));
        QTRY_COMPARE(newChat->text(), QStringLiteral("新对话"));
        QCOMPARE(m_fixture->find<QLineEdit>("chatSearch")->placeholderText(), QStringLiteral("搜索对话"));
        m_fixture->services->settings().setLanguage(QStringLiteral("en"));
        QTRY_COMPARE(newChat->text(), QStringLiteral("New chat"));
    }

    void settingsReachTheEngineAndStay() {
        m_fixture->start();
        key(Qt::Key_Comma, Qt::ControlModifier);
        auto* dialog = m_fixture->window->findChild<SettingsDialog*>();
        dialog->findChild<QDoubleSpinBox*>(QStringLiteral("settingTemperature"))->setValue(0.0);
        dialog->findChild<QLineEdit*>(QStringLiteral("settingSeed"))->setText(QStringLiteral("42"));
        dialog->findChild<QPlainTextEdit*>(QStringLiteral("settingSystemPrompt"))
            ->setPlainText(QStringLiteral("Be brief."));
        dialog->findChild<QSpinBox*>(QStringLiteral("settingThreads"))->setValue(3);
        dialog->findChild<QCheckBox*>(QStringLiteral("settingKeepConversations"))->setChecked(false);
        dialog->close();
        m_fixture->quit();
        m_fixture->start();
        m_fixture->loadFakeModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("Hi")));
        QCOMPARE(m_fixture->script.requests().at(0).sampler.temperature, 0.0F);
        QCOMPARE(m_fixture->script.requests().at(0).sampler.seed, std::uint64_t{42});
        QVERIFY(m_fixture->script.prompts().at(0).find("Be brief.") != std::string::npos);
        QCOMPARE(m_fixture->services->settings().threads(), 3);
        QVERIFY(!m_fixture->services->settings().keepsConversations());
    }

    void textSizeKeysScaleTheWindow() {
        m_fixture->start();
        key(Qt::Key_Plus, Qt::ControlModifier);
        QVERIFY(m_fixture->services->settings().fontScale() > 1.0);
        QVERIFY(m_fixture->theme->fontScale() > 1.0);
        key(Qt::Key_0, Qt::ControlModifier);
        QCOMPARE(m_fixture->theme->fontScale(), 1.0);
        for (int step = 0; step < 20; ++step) {
            key(Qt::Key_Minus, Qt::ControlModifier);
        }
        QCOMPARE(m_fixture->theme->fontScale(), 0.8);
    }

    void sideBarHidesAndIsRemembered() {
        m_fixture->start();
        auto* sideBar = m_fixture->find<SideBar>("sideBar");
        key(Qt::Key_B, Qt::ControlModifier);
        QVERIFY(!sideBar->isVisible());
        QVERIFY(m_fixture->find<QAbstractButton>("showSideBar")->isVisible());
        m_fixture->quit();
        m_fixture->start();
        sideBar = m_fixture->find<SideBar>("sideBar");
        QVERIFY(!sideBar->isVisible());
        key(Qt::Key_F9);
        QVERIFY(sideBar->isVisible());
    }

    void f6WalksRoundThePanes() {
        startWithModel();
        QVERIFY(m_fixture->askAndWait(QStringLiteral("First")));
        m_fixture->composer().focusText();
        QStringList names;
        for (int step = 0; step < 4; ++step) {
            QTest::keyClick(QApplication::focusWidget(), Qt::Key_F6);
            names.append(QApplication::focusWidget()->objectName());
        }
        QCOMPARE(names.value(0), QStringLiteral("chatList"));
        QCOMPARE(names.value(2), QStringLiteral("draftEdit"));
        QCOMPARE(names.value(3), names.value(0));
        QVERIFY(names.value(1) != names.value(0) && names.value(1) != names.value(2));
    }

    void everyShortcutIsListed() {
        m_fixture->start();
        key(Qt::Key_F1);
        auto* dialog = m_fixture->window->findChild<ShortcutsDialog*>();
        QVERIFY(dialog != nullptr);
        QStringList texts;
        for (const QLabel* label : dialog->findChildren<QLabel*>()) {
            texts.append(label->text());
        }
        for (int index = 0; index < kActionCount; ++index) {
            const QAction& action = m_fixture->window->actions()[static_cast<ActionId>(index)];
            if (!action.shortcut().isEmpty()) {
                QVERIFY2(texts.contains(action.text()), qPrintable(action.text()));
            }
        }
    }

    void noTwoActionsShareAKey() {
        m_fixture->start();
        QHash<QString, QString> owners;
        for (int index = 0; index < kActionCount; ++index) {
            const QAction& action = m_fixture->window->actions()[static_cast<ActionId>(index)];
            for (const QKeySequence& keys : action.shortcuts()) {
                QVERIFY2(!owners.contains(keys.toString()), qPrintable(keys.toString() + action.text()));
                owners.insert(keys.toString(), action.text());
            }
        }
        QVERIFY(owners.size() > 20);
    }

    void everyFocusableWidgetHasANameAndAnAccessibleName() {
        m_fixture->start();
        QTRY_VERIFY(m_fixture->window->findChild<FirstRunPage*>()->isVisible());
        m_fixture->find<Banner>("banner")->showMessage(BannerKind::Error, QStringLiteral("What"), QStringLiteral("How"),
                                                       QStringLiteral("Do"), [] {});
        m_fixture->find<Toast>("toast")->showMessage(QStringLiteral("What"), QStringLiteral("Undo"), [] {});
        m_fixture->find<SidePanes>("sidePanes")
            ->showImage(QStringLiteral("/a/leaf.png"), makePyramid(QImage(8, 8, QImage::Format_RGB32)));
        for (const QWidget* widget : m_fixture->window->findChildren<QWidget*>()) {
            const bool ours = !widget->objectName().startsWith(QLatin1String("qt_"))
                              && qobject_cast<const QAbstractScrollArea*>(widget->parentWidget()) == nullptr
                              && !widget->inherits("QLineEditIconButton");
            // A label's text is its name.
            const bool isLabel = qobject_cast<const QLabel*>(widget) != nullptr;
            if (widget->focusPolicy() == Qt::NoFocus || !ours || widget->isWindow() || isLabel) {
                continue;
            }
            QVERIFY2(!widget->objectName().isEmpty(), widget->metaObject()->className());
            QVERIFY2(!widget->accessibleName().isEmpty(), qPrintable(widget->objectName()));
        }
    }

private:
    void startWithModel() {
        m_fixture->start();
        m_fixture->loadFakeModel();
    }
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
        QTest::keyClick(&m_fixture->windowWidget(), key, modifiers);
    }
    [[nodiscard]] ConversationListModel& chats() { return m_fixture->services->conversationList(); }
    [[nodiscard]] Banner& banner() { return *m_fixture->find<Banner>("banner"); }
    void drop(const QString& path) {
        QMimeData data;
        data.setUrls({QUrl::fromLocalFile(path)});
        QDragEnterEvent enter(QPoint(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_fixture->window.get(), &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent event(QPointF(100, 100), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QApplication::sendEvent(m_fixture->window.get(), &event);
        QVERIFY(event.isAccepted());
    }

    std::unique_ptr<WindowFixture> m_fixture;
};

} // namespace hearth::ui

QTEST_MAIN(hearth::ui::TestWindow)
#include "tst_window.moc"
