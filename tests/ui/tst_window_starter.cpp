#include "app/chat/chat_controller.h"
#include "app/engine_service/engine_service.h"
#include "app/models/model_library.h"
#include "app/services.h"
#include "app/settings/paths.h"
#include "app/settings/settings.h"
#include "tests/ui/window_fixture.h"
#include "ui/conversation/conversation_view.h"
#include "ui/shell/banner.h"

#include <QFile>
#include <QFileInfo>
#include <QtTest>

namespace hearth::ui {

/// The window, the services and the real engine together, with the starter model if it is there.
class TestWindowStarter : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        m_model = Paths::standard().models() + QStringLiteral("/SmolLM2-135M-Instruct.Q4_1.gguf");
        if (!QFileInfo::exists(m_model)) {
            QSKIP("the starter model is not in the models folder (./dev run fetches it)");
        }
    }

    void answersParisGreedily() {
        WindowFixture fixture;
        fixture.start(engineFactory());
        SamplerSettings sampler;
        sampler.temperature = 0;
        fixture.services->settings().setSampler(sampler);
        fixture.services->settings().setMaxAnswerTokens(32);
        fixture.services->loadModel(m_model);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.services->engine().state(), EngineState::Ready, 60'000);
        QVERIFY(fixture.askAndWait(QStringLiteral("What is the capital of France?")));
        const Message& answer = fixture.view().messageAt(1).message;
        QVERIFY2(answer.text.contains(QStringLiteral("Paris")), qPrintable(answer.text));
        QCOMPARE(answer.state, MessageState::Complete);
        QVERIFY(answer.stats.generatedTokens > 0);
        QVERIFY(answer.stats.tokensPerSecond() > 0);
    }

    /// As a user does it: the file is dropped on the window of a fresh profile.
    void importedByDroppingItIsLoadedAndAnswers() {
        WindowFixture fixture;
        fixture.start(engineFactory());
        fixture.services->settings().setMaxAnswerTokens(8);
        fixture.services->models().importFile(m_model, ImportMode::Link);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.services->engine().state(), EngineState::Ready, 60'000);
        QVERIFY(fixture.askAndWait(QStringLiteral("Hello")));
        QVERIFY(!fixture.shownTexts().value(1).isEmpty());
    }

    void aModelCutInTheMiddleIsRefusedWithItsName() {
        WindowFixture fixture;
        fixture.start(engineFactory());
        QFile whole(m_model);
        QVERIFY(whole.open(QIODevice::ReadOnly));
        const QString path = fixture.writeFile(QStringLiteral("cut.gguf"), whole.read(4'000'000));
        fixture.services->models().importFile(path, ImportMode::Copy);
        auto* banner = fixture.find<Banner>("banner");
        QTRY_VERIFY(banner->isVisible() && !banner->isProgress());
        QVERIFY2(banner->sentence().contains(QStringLiteral("cut.gguf")), qPrintable(banner->sentence()));
        QCOMPARE(fixture.services->engine().state(), EngineState::Empty);
    }

private:
    QString m_model;
};

} // namespace hearth::ui

QTEST_MAIN(hearth::ui::TestWindowStarter)
#include "tst_window_starter.moc"
