#include "engine/convert/convert.h"
#include "engine/gguf/gguf_file.h"
#include "engine/run/embedder.h"
#include "tests/engine/bert_folder.h"

#include <QTemporaryDir>
#include <QTest>

#include <functional>
#include <random>

using namespace hearth;

namespace {

using Change = std::function<void(BertFolder&)>;

/// The upper halves of floats: what BF16 keeps of them.
std::string asBf16(const std::string& floats) {
    std::string halves;
    for (std::size_t at = 0; at < floats.size(); at += 4)
        halves += floats.substr(at + 2, 2);
    return halves;
}

} // namespace

Q_DECLARE_METATYPE(Change)

/// Folders of published BERT models to GGUF files.
class TestConversion : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() {
        QVERIFY(m_temporary.isValid());
        m_folder = (m_temporary.path() + QStringLiteral("/model")).toStdString();
        m_file = (m_temporary.path() + QStringLiteral("/tiny.gguf")).toStdString();
    }
    void init() { std::filesystem::remove(m_file); }

    void writesKeysAndTensorsOfTheArchitecture() {
        const BertFolder folder = BertFolder::wellFormed();
        const auto file = converted(folder);
        QVERIFY(file != nullptr);
        QCOMPARE(*file->string("general.architecture"), std::string("bert"));
        QCOMPARE(*file->string("general.name"), std::string("tiny"));
        QCOMPARE(*file->int32("bert.block_count", 0, 99), 2);
        QCOMPARE(*file->int32("bert.context_length", 0, 99), 16);
        QCOMPARE(*file->int32("bert.pooling_type", 0, 99), 1);
        QCOMPARE(*file->float32("bert.attention.layer_norm_epsilon"), 1e-12F);
        QCOMPARE(*file->boolOr("bert.attention.causal", true), false);
        const auto tokens = file->strings("tokenizer.ggml.tokens");
        QVERIFY(tokens.ok());
        QCOMPARE(tokens->at(2), std::string_view("[CLS]"));
        QCOMPARE(tokens->at(6), std::string_view("\u2581cat"));
        QCOMPARE(tokens->at(7), std::string_view("s"));
        QCOMPARE(file->tensors().size(), std::size_t{5 + 16 * 2});
        const GgufTensor* down = file->tensor("blk.1.ffn_down.weight");
        QVERIFY(down != nullptr);
        QCOMPARE(down->extents[0], std::int64_t{12});
        QCOMPARE(down->extents[1], std::int64_t{8});
        const std::string& stored = folder.tensors.at("encoder.layer.1.output.dense.weight").bytes;
        QCOMPARE(std::memcmp(down->data, stored.data(), stored.size()), 0);
    }

    void whatItWritesEmbedsTexts() {
        QVERIFY(converted(BertFolder::wellFormed()) != nullptr);
        const auto embedder = Embedder::load(m_file, {"reference", 1, 0}, {});
        QVERIFY2(embedder.ok(), embedder.ok() ? "" : embedder.error().message.c_str());
        const auto ids = (*embedder)->tokenizer().encode("The cats SAT, x.", AddSpecial::Yes, ParseSpecial::No);
        QVERIFY((ids == std::vector<TokenId>{2, 5, 6, 7, 8, 1, 1, 11, 3}));
        const auto vector = (*embedder)->embedText("The cats sat.", UnitLength::Yes, Overlong::Refuse, {});
        QVERIFY2(vector.ok(), vector.ok() ? "" : vector.error().message.c_str());
        QCOMPARE(vector->size(), std::size_t{8});
    }

    void theSameModelInOtherFormsGivesTheSameFile_data() {
        QTest::addColumn<Change>("change");
        QTest::newRow("names of older files") << Change([](BertFolder& folder) {
            std::map<std::string, BertFolder::Tensor> renamed;
            for (auto& [name, tensor] : folder.tensors) {
                std::string older = "bert." + name;
                if (const auto at = older.find("LayerNorm."); at != std::string::npos)
                    older = older.substr(0, at + 10) + (older.ends_with("weight") ? "gamma" : "beta");
                renamed[older] = std::move(tensor);
            }
            folder.tensors = std::move(renamed);
        });
        QTest::newRow("lines that end as on Windows") << Change([](BertFolder& folder) {
            std::string lines;
            for (const char letter : folder.files["vocab.txt"])
                lines += letter == '\n' ? std::string("\r\n") : std::string(1, letter);
            folder.files["vocab.txt"] = lines;
        });
        QTest::newRow("tokenizer.json") << Change([](BertFolder& folder) {
            nlohmann::json ids = nlohmann::json::object();
            std::size_t start = 0;
            const std::string text = folder.files["vocab.txt"];
            for (std::size_t id = 0; start < text.size(); ++id) {
                const std::size_t end = text.find('\n', start);
                ids[text.substr(start, end - start)] = id;
                start = end + 1;
            }
            nlohmann::json tokenizer{{"model", {{"type", "WordPiece"}, {"vocab", ids}}},
                                     {"normalizer", {{"lowercase", true}, {"strip_accents", nullptr}}},
                                     {"added_tokens", {{{"content", "[CLS]"}}, {{"content", "[MASK]"}}}}};
            folder.files["tokenizer.json"] = tokenizer.dump();
            folder.files.erase("vocab.txt");
            folder.files.erase("tokenizer_config.json");
        });
        QTest::newRow("position ids and no pooler") << Change([](BertFolder& folder) {
            folder.tensors["embeddings.position_ids"] = {"I64", {1, 2}, std::string(16, '\0')};
            folder.tensors.erase("pooler.dense.weight");
            folder.tensors.erase("pooler.dense.bias");
        });
        QTest::newRow("no list of modules") << Change([](BertFolder& folder) { folder.files.erase("modules.json"); });
    }

    void theSameModelInOtherFormsGivesTheSameFile() {
        QFETCH(const Change, change);
        BertFolder folder = BertFolder::wellFormed();
        QVERIFY(converted(folder) != nullptr);
        const auto wanted = readAll();
        change(folder);
        QVERIFY(converted(folder) != nullptr);
        QVERIFY(readAll() == wanted);
    }

    void keepsTheTypeOfMatricesAndWidensVectors() {
        BertFolder folder = BertFolder::wellFormed();
        std::map<std::string, std::string> floats;
        for (auto& [name, tensor] : folder.tensors) {
            floats[name] = tensor.bytes;
            tensor.dtype = "BF16";
            tensor.bytes = asBf16(tensor.bytes);
        }
        const auto file = converted(folder);
        QVERIFY(file != nullptr);
        QVERIFY(file->tensor("blk.0.attn_q.weight")->dtype == DType::BF16);
        QVERIFY(file->tensor("token_embd.weight")->dtype == DType::BF16);
        for (const char* name :
             {"position_embd.weight", "token_types.weight", "blk.0.attn_q.bias", "blk.1.layer_output_norm.weight"})
            QVERIFY2(file->tensor(name)->dtype == DType::F32, name);
        float widened = 0;
        std::memcpy(&widened, file->tensor("position_embd.weight")->data, sizeof(widened));
        float original = 0;
        std::memcpy(&original, floats["embeddings.position_embeddings.weight"].data(), sizeof(original));
        QVERIFY(std::abs(widened - original) <= std::abs(original) / 128);
    }

    void fillsUpWhatATableHasMoreThanTheTokenizer() {
        BertFolder folder = BertFolder::wellFormed();
        folder.files["vocab.txt"] = folder.files["vocab.txt"].substr(0, folder.files["vocab.txt"].size() - 2);
        const auto file = converted(folder);
        QVERIFY(file != nullptr);
        QCOMPARE(file->strings("tokenizer.ggml.tokens")->at(11), std::string_view("[PAD11]"));
    }

    void namesWhatIsWrong_data() {
        QTest::addColumn<Change>("change");
        QTest::addColumn<QString>("named"); ///< a part of the message
        const auto row = [](const char* title, const char* named, Change change) {
            QTest::newRow(title) << std::move(change) << QString::fromLatin1(named);
        };
        const auto config = [row](const char* key, const nlohmann::json& value, const char* named) {
            row((std::string(key) + " " + value.dump()).c_str(), named, [key, value](BertFolder& folder) {
                nlohmann::json changed = folder.config();
                changed[key] = value;
                folder.setConfig(changed);
            });
        };
        config("model_type", "t5", "the model type 't5' is not known");
        config("hidden_act", "relu", "'hidden_act' is 'relu'");
        config("position_embedding_type", "relative_key", "relative_key");
        config("hidden_size", 16, "measures 12 x 8, expected 12 x 16");
        config("hidden_size", "8", "'hidden_size' is not a whole number");
        config("hidden_size", -8, "'hidden_size' is not a whole number");
        config("hidden_size", std::uint64_t{1} << 63, "'hidden_size' is not a whole number");
        config("num_hidden_layers", 3, "'encoder.layer.2.attention.self.query.weight' is missing");
        config("num_hidden_layers", 1, "no part of a BERT encoder of 1 layers");
        config("num_attention_heads", 3, "a divisor of hidden_size");
        config("layer_norm_eps", -1, "a number from 0 to 1");
        config("vocab_size", 11, "the tokenizer has 12 tokens, the model 11");
        row("no weights", "model.safetensors", [](BertFolder& folder) { folder.tensors.clear(); });
        row("a config that is a list", "the model type ''",
            [](BertFolder& folder) { folder.files["config.json"] = "[]"; });
        row("a config that breaks off", "no JSON", [](BertFolder& folder) { folder.files["config.json"] = "{\"a\""; });
        row("no config", "config.json", [](BertFolder& folder) { folder.files.erase("config.json"); });
        row("no tokenizer", "neither tokenizer.json", [](BertFolder& folder) { folder.files.erase("vocab.txt"); });
        row("a tensor that is missing", "'encoder.layer.1.output.dense.bias' is missing",
            [](BertFolder& folder) { folder.tensors.erase("encoder.layer.1.output.dense.bias"); });
        row("a tensor of integers", "of type I32",
            [](BertFolder& folder) { folder.tensors["encoder.layer.0.output.dense.weight"].dtype = "I32"; });
        row("a classifier", "'classifier.weight' is no part", [](BertFolder& folder) {
            folder.tensors["classifier.weight"] = {"F32", {1}, std::string(4, '\0')};
        });
        row("another kind of tokenizer", "no WordPiece", [](BertFolder& folder) {
            folder.files["tokenizer.json"] = R"({"model": {"type": "BPE", "vocab": {"a": 0}}})";
        });
        row("two tokens with one id", "no id of its own", [](BertFolder& folder) {
            folder.files["tokenizer.json"] = R"({"model": {"type": "WordPiece", "vocab": {"a": 0, "b": 0}}})";
        });
        row("a token without an id", "no id of its own", [](BertFolder& folder) {
            folder.files["tokenizer.json"] = R"({"model": {"type": "WordPiece", "vocab": {"a": 0, "b": 7}}})";
        });
        row("no separator", "no token '[SEP]'", [](BertFolder& folder) {
            folder.files["vocab.txt"].replace(folder.files["vocab.txt"].find("[SEP]"), 5, "[SEQ]");
        });
        row("tokens that are no UTF-8", "token 6 is not UTF-8", [](BertFolder& folder) {
            folder.files["vocab.txt"].replace(folder.files["vocab.txt"].find("cat"), 3, "c\xff\xfe");
        });
        row("pooling by the largest", "pooling_mode_max_tokens",
            [](BertFolder& folder) { folder.files["1_Pooling/config.json"] = R"({"pooling_mode_max_tokens": true})"; });
        row("two ways of pooling", "pooling_mode_cls_token", [](BertFolder& folder) {
            folder.files["1_Pooling/config.json"] =
                R"({"pooling_mode_mean_tokens": true, "pooling_mode_cls_token": true})";
        });
        row("a module elsewhere", "the name of a folder", [](BertFolder& folder) {
            folder.files["modules.json"] = R"([{"type": "x.Pooling", "path": "../../secret"}])";
        });
    }

    void namesWhatIsWrong() {
        QFETCH(const Change, change);
        QFETCH(const QString, named);
        BertFolder folder = BertFolder::wellFormed();
        change(folder);
        folder.write(m_folder);
        const auto report = convertToGguf(m_folder, m_file);
        QVERIFY(!report.ok());
        const QString message = QString::fromStdString(report.error().message);
        QVERIFY2(message.contains(named), qPrintable(message));
        QVERIFY2(!std::filesystem::exists(m_file), "a refused model must leave no file");
    }

    void brokenFoldersGiveAModelOrAnError() {
        std::mt19937 random(5);
        const BertFolder whole = BertFolder::wellFormed();
        int written = 0;
        for (int round = 0; round < 200; ++round) {
            BertFolder folder = whole;
            auto file = std::next(folder.files.begin(), static_cast<std::ptrdiff_t>(random() % folder.files.size()));
            std::string& text = file->second;
            for (unsigned change = 0; change < 1 + random() % 2; ++change) {
                const std::size_t place = random() % std::max<std::size_t>(text.size(), 1);
                if (random() % 2 == 0)
                    text.erase(std::min(place, text.size()), 1 + random() % 5);
                else
                    text.insert(std::min(place, text.size()), 1,
                                static_cast<char>(random() % 2 ? random() : '0' + random() % 10));
            }
            folder.write(m_folder);
            const auto report = convertToGguf(m_folder, m_file);
            if (!report.ok()) {
                QVERIFY(!report.error().message.empty());
                continue;
            }
            ++written;
            const auto opened = GgufFile::open(m_file);
            QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().message.c_str());
        }
        QVERIFY2(written > 0 && written < 200, qPrintable(QString::number(written)));
    }

private:
    /// Null, with the reason printed, if the folder is refused.
    std::unique_ptr<GgufFile> converted(const BertFolder& folder) const {
        folder.write(m_folder);
        const auto report = convertToGguf(m_folder, m_file);
        if (!report.ok()) {
            qWarning("%s", report.error().message.c_str());
            return nullptr;
        }
        auto file = GgufFile::open(m_file);
        return file.ok() ? std::move(file).value() : nullptr;
    }
    QByteArray readAll() const {
        QFile file(QString::fromStdString(m_file.string()));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    QTemporaryDir m_temporary;
    std::filesystem::path m_folder;
    std::filesystem::path m_file;
};

QTEST_GUILESS_MAIN(TestConversion)
#include "tst_conversion.moc"
