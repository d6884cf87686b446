#pragma once

#include "engine/gguf/gguf_file.h"
#include "engine/gguf/gguf_writer.h"
#include "engine/text/tokenizer.h"

#include <QTemporaryDir>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearth::test {

/// A model file with nothing but a vocabulary, described in the test that needs it.
struct VocabularyFile {
    // The numbers that files use for the kinds of tokens.
    static constexpr std::int32_t kNormal = 1;
    static constexpr std::int32_t kUnknown = 2;
    static constexpr std::int32_t kControl = 3;
    static constexpr std::int32_t kUserDefined = 4;
    static constexpr std::int32_t kUnused = 5;
    static constexpr std::int32_t kByte = 6;

    std::string model = "gpt2";
    std::string rule = "gpt-2";
    std::vector<std::string> tokens;
    std::vector<std::int32_t> types;
    std::vector<float> scores;
    std::vector<std::string> merges;
    /// Further keys, or other values for those above.
    std::vector<std::pair<std::string, GgufField>> others;

    void add(const std::string& token, std::int32_t type = kNormal, float score = 0) {
        tokens.push_back(token);
        types.push_back(type);
        scores.push_back(score);
    }
    /// The 256 tokens "<0x00>" and following.
    void addBytes() {
        constexpr char kDigits[] = "0123456789ABCDEF";
        for (unsigned byte = 0; byte < 256; ++byte)
            add({'<', '0', 'x', kDigits[byte / 16], kDigits[byte % 16], '>'}, kByte);
    }

    [[nodiscard]] Result<std::unique_ptr<GgufFile>> open() const {
        GgufWriter writer;
        for (const auto& [key, value] : others)
            HEARTH_CHECK(writer.set(key, value));
        const auto setUnlessGiven = [&](const std::string& key, GgufField value) -> Status {
            for (const auto& [given, ignored] : others)
                if (given == key)
                    return {};
            return writer.set(key, std::move(value));
        };
        HEARTH_CHECK(setUnlessGiven("tokenizer.ggml.model", model));
        HEARTH_CHECK(setUnlessGiven("tokenizer.ggml.pre", rule));
        HEARTH_CHECK(setUnlessGiven("tokenizer.ggml.tokens", tokens));
        HEARTH_CHECK(setUnlessGiven("tokenizer.ggml.token_type", types));
        HEARTH_CHECK(setUnlessGiven("tokenizer.ggml.scores", scores));
        HEARTH_CHECK(setUnlessGiven("tokenizer.ggml.merges", merges));
        const QTemporaryDir folder;
        const std::string path = folder.filePath(QStringLiteral("vocabulary.gguf")).toStdString();
        HEARTH_CHECK(writer.write(path));
        // The mapping outlives the name.
        return GgufFile::open(path);
    }
    [[nodiscard]] Result<std::unique_ptr<Tokenizer>> load() const {
        HEARTH_TRY(const auto file, open());
        return Tokenizer::fromGguf(*file);
    }
};

} // namespace hearth::test
