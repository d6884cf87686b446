#include "app/errors/error_text.h"

#include <QSet>
#include <QtTest>

#include <array>

namespace hearth {

using namespace Qt::Literals::StringLiterals;

namespace {

constexpr std::array kActivities{Activity::LoadingModel,    Activity::ImportingModel, Activity::Answering,
                                 Activity::OpeningDatabase, Activity::Saving,         Activity::Reading,
                                 Activity::AttachingFile,   Activity::OpeningImage,   Activity::OpeningDocument};
constexpr std::array kCodes{ErrorCode::InvalidInput, ErrorCode::NotFound, ErrorCode::Corrupt, ErrorCode::Unsupported,
                            ErrorCode::OutOfMemory,  ErrorCode::Io,       ErrorCode::Device,  ErrorCode::Internal};

} // namespace

class TestErrorText : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyErrorIsASentenceThatKeepsTheDetail() {
        QSet<QString> beginnings;
        for (const Activity activity : kActivities) {
            for (const ErrorCode code : kCodes) {
                const ErrorText text =
                    presentError(Error{code, "file 'a %1 b.gguf' ends at 812 of 800 bytes"}, activity);
                QVERIFY2(text.sentence.endsWith(u"file 'a %1 b.gguf' ends at 812 of 800 bytes."_s),
                         qPrintable(text.sentence));
                QVERIFY(text.sentence.at(0).isUpper());
                QVERIFY(text.nextStep.isEmpty() || text.nextStep.endsWith(u'.'));
                QCOMPARE(text.code, code);
                beginnings.insert(text.sentence.section(u':', 0, 0));
            }
        }
        QCOMPARE(beginnings.size(), qsizetype(kActivities.size()));
    }

    void usualFailuresHaveANextStep_data() {
        QTest::addColumn<Activity>("activity");
        QTest::addColumn<ErrorCode>("code");
        QTest::newRow("full disk") << Activity::Saving << ErrorCode::Io;
        QTest::newRow("newer database") << Activity::OpeningDatabase << ErrorCode::Unsupported;
        QTest::newRow("damaged database") << Activity::OpeningDatabase << ErrorCode::Corrupt;
        QTest::newRow("damaged model") << Activity::LoadingModel << ErrorCode::Corrupt;
        QTest::newRow("unknown architecture") << Activity::LoadingModel << ErrorCode::Unsupported;
        QTest::newRow("too large a model") << Activity::LoadingModel << ErrorCode::OutOfMemory;
        QTest::newRow("no model") << Activity::Answering << ErrorCode::NotFound;
        QTest::newRow("too long a question") << Activity::Answering << ErrorCode::InvalidInput;
    }
    void usualFailuresHaveANextStep() {
        QFETCH(Activity, activity);
        QFETCH(ErrorCode, code);
        QVERIFY(!presentError(Error{code, "x"}, activity).nextStep.isEmpty());
    }

    void cancellingIsNoFailure() {
        const ErrorText text = presentError(Error{ErrorCode::Cancelled, "whatever"}, Activity::LoadingModel);
        QCOMPARE(text.sentence, u"Cancelled."_s);
        QVERIFY(text.nextStep.isEmpty());
    }
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestErrorText)
#include "tst_error_text.moc"
