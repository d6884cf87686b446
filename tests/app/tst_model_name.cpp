#include "app/models/model_name.h"

#include <QtTest>

namespace hearth {

class TestModelName : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void fileNamesThatStateASizeCount_data() {
        QTest::addColumn<QString>("fileName");
        QTest::addColumn<QString>("inside");
        QTest::addColumn<QString>("shown");
        QTest::newRow("a training run inside") << "SmolLM2-135M-Instruct.Q4_1.gguf"
                                               << "Smollm2 135M 8k Lc100K Mix1 Ep2"
                                               << "SmolLM2-135M-Instruct";
        QTest::newRow("K quantisation") << "Qwen2.5-0.5B-Instruct-Q4_K_M.gguf"
                                        << "x"
                                        << "Qwen2.5-0.5B-Instruct";
        QTest::newRow("dynamic") << "gemma-3-4b-it-UD-IQ2_XXS.gguf"
                                 << "x"
                                 << "gemma-3-4b-it";
        QTest::newRow("experts") << "Mixtral-8x7B-v0.1.BF16.gguf"
                                 << "x"
                                 << "Mixtral-8x7B-v0.1";
        QTest::newRow("first of several parts") << "Llama-3.3-70B-Instruct-Q8_0-00001-of-00002.gguf"
                                                << "x"
                                                << "Llama-3.3-70B-Instruct";
        QTest::newRow("no size") << "model.gguf"
                                 << "Phi 4 Mini"
                                 << "Phi 4 Mini";
        QTest::newRow("a letter is no size") << "b.gguf"
                                             << "Phi 4 Mini"
                                             << "Phi 4 Mini";
        QTest::newRow("nothing inside") << "notes-f16.gguf"
                                        << " "
                                        << "notes";
        QTest::newRow("nothing but a suffix") << ".gguf"
                                              << "Inside"
                                              << "Inside";
    }
    void fileNamesThatStateASizeCount() {
        QFETCH(QString, fileName);
        QFETCH(QString, inside);
        QFETCH(QString, shown);
        QCOMPARE(modelDisplayName(fileName, inside), shown);
    }
};

} // namespace hearth

QTEST_GUILESS_MAIN(hearth::TestModelName)
#include "tst_model_name.moc"
