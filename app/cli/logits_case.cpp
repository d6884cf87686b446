#include "app/cli/logits_case.h"

#include "app/cli/console.h"

#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <numeric>
#include <optional>
#include <system_error>

namespace hearth::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Rows that a dump holds if the tokens file does not say: the last positions of a prefill, and of decoding.
constexpr std::int32_t kPrefillRows = 8;
constexpr std::int32_t kDecodeRows = 4;
constexpr std::size_t kAxes = 4;

/// One tokens file, read key by key.
class CaseReader {
public:
    CaseReader(std::string path, Json document) : m_path(std::move(path)), m_document(std::move(document)) {}

    Result<LogitsCase> prefill() {
        LogitsCase result;
        HEARTH_TRY(result.tokens, numbers("tokens", 0));
        HEARTH_TRY(const std::int32_t rows, extent("logits_shape", 0, kPrefillRows));
        HEARTH_CHECK(showLast(rows, result));
        return result;
    }

    Result<LogitsCase> decode() {
        LogitsCase result;
        HEARTH_TRY(result.tokens, numbers("tokens", 0));
        HEARTH_TRY(const std::int32_t rows, extent("decode_shape", 0, kDecodeRows));
        HEARTH_CHECK(showLast(rows, result));
        if (result.shown.front() > 0)
            result.pieces.push_back(result.shown.front());
        result.pieces.insert(result.pieces.end(), result.shown.size(), 1);
        return result;
    }

    Result<LogitsCase> chunked() {
        LogitsCase result;
        HEARTH_TRY(result.tokens, numbers("chunked_tokens", 0));
        HEARTH_TRY(result.pieces, numbers("chunked_sizes", 1));
        HEARTH_TRY(result.shown, numbers("chunked_positions", 0));
        return result;
    }

    Result<LogitsCase> mrope() {
        LogitsCase result;
        HEARTH_TRY(result.positions, axes("mrope_positions"));
        result.tokens.assign(result.positions.size() / kAxes, -1);
        HEARTH_TRY(result.embeddings, floats("mrope_input_file"));
        HEARTH_TRY(const std::int32_t rows, extent("mrope_shape", 0, kPrefillRows));
        HEARTH_CHECK(showLast(rows, result));
        return result;
    }

    Result<LogitsCase> mtp() {
        LogitsCase result;
        HEARTH_TRY(result.tokens, numbers("tokens", 0));
        HEARTH_TRY(const std::int32_t rows, extent("mtp_shape", 0, kPrefillRows));
        HEARTH_CHECK(showLast(rows, result));
        if (m_document.contains("mtp_h_file")) {
            HEARTH_TRY(result.states, floats("mtp_h_file"));
        }
        return result;
    }

    Result<std::int32_t> contextTokens() const {
        if (!m_document.contains("n_ctx"))
            return 0;
        const auto context = asInt32(m_document["n_ctx"], 1);
        if (!context)
            return malformed("\"n_ctx\" is no number of tokens");
        return *context;
    }

private:
    [[nodiscard]] Error malformed(const std::string& reason) const {
        return {ErrorCode::InvalidInput, "'" + m_path + "': " + reason};
    }

    /// A number that JSON holds exactly, at least `low` and at most an int32; nothing for anything else.
    static std::optional<std::int32_t> asInt32(const Json& value, std::int32_t low) {
        if (!value.is_number_integer())
            return std::nullopt;
        const auto number = value.get<std::int64_t>();
        if (number < low || number > std::numeric_limits<std::int32_t>::max())
            return std::nullopt;
        return static_cast<std::int32_t>(number);
    }

    Result<std::vector<std::int32_t>> numbersOf(const Json& list, const char* key, std::int32_t low) const {
        if (!list.is_array() || list.empty())
            return malformed(std::string("it holds no list \"") + key + "\"");
        std::vector<std::int32_t> result;
        for (const Json& value : list) {
            const auto number = asInt32(value, low);
            if (!number)
                return malformed("entry " + std::to_string(result.size()) + " of \"" + key
                                 + "\" is no whole number from " + std::to_string(low));
            result.push_back(*number);
        }
        return result;
    }

    Result<std::vector<std::int32_t>> numbers(const char* key, std::int32_t low) const {
        return numbersOf(m_document.contains(key) ? m_document[key] : Json(), key, low);
    }

    /// Lists of one axis each, as rows of four axes; the fourth may be left out.
    Result<std::vector<std::int32_t>> axes(const char* key) const {
        const Json lists = m_document.contains(key) ? m_document[key] : Json();
        if (!lists.is_array() || lists.size() < kAxes - 1 || lists.size() > kAxes)
            return malformed(std::string("\"") + key + "\" is no list of three or four axes");
        std::vector<std::int32_t> rows;
        for (std::size_t axis = 0; axis < lists.size(); ++axis) {
            HEARTH_TRY(const std::vector<std::int32_t> places, numbersOf(lists[axis], key, 0));
            if (axis == 0)
                rows.resize(places.size() * kAxes);
            if (places.size() * kAxes != rows.size())
                return malformed(std::string("the axes in \"") + key + "\" differ in length");
            for (std::size_t row = 0; row < places.size(); ++row)
                rows[row * kAxes + axis] = places[row];
        }
        return rows;
    }

    /// One extent of the shape at `key`, or the fallback where there is no such key.
    Result<std::int32_t> extent(const char* key, std::size_t index, std::int32_t fallback) const {
        if (!m_document.contains(key))
            return fallback;
        const Json& shape = m_document[key];
        const auto rows = shape.is_array() && index < shape.size() ? asInt32(shape[index], 1) : std::nullopt;
        if (!rows)
            return malformed(std::string("\"") + key + "\" is no shape");
        return *rows;
    }

    /// The raw float32 of the file that `key` names.
    Result<std::vector<float>> floats(const char* key) const {
        static_assert(std::endian::native == std::endian::little);
        if (!m_document.contains(key) || !m_document[key].is_string())
            return malformed(std::string("it names no \"") + key + "\"");
        const auto path = std::filesystem::path(m_path).parent_path() / m_document[key].get<std::string>();
        std::error_code problem;
        const auto bytes = std::filesystem::file_size(path, problem);
        if (problem)
            return Error{ErrorCode::NotFound, "'" + path.string() + "': " + problem.message()};
        if (bytes % sizeof(float) != 0)
            return Error{ErrorCode::InvalidInput,
                         "'" + path.string() + "': " + std::to_string(bytes) + " bytes are no float32"};
        std::vector<float> values(bytes / sizeof(float));
        const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"), &std::fclose);
        if (file == nullptr || std::fread(values.data(), sizeof(float), values.size(), file.get()) != values.size())
            return Error{ErrorCode::Io, "'" + path.string() + "': " + std::strerror(errno)};
        return values;
    }

    Status showLast(std::int32_t rows, LogitsCase& result) const {
        const std::size_t count = result.tokens.size();
        if (count < static_cast<std::size_t>(rows))
            return malformed(std::to_string(count) + " tokens give no " + std::to_string(rows) + " rows");
        result.shown.resize(static_cast<std::size_t>(rows));
        std::iota(result.shown.begin(), result.shown.end(), static_cast<std::int32_t>(count) - rows);
        return {};
    }

    std::string m_path;
    Json m_document;
};

Result<LogitsCase> readByName(CaseReader& reader, const std::string& caseName) {
    if (caseName == "decode")
        return reader.decode();
    if (caseName == "chunked")
        return reader.chunked();
    if (caseName == "mrope")
        return reader.mrope();
    if (caseName == "mtp")
        return reader.mtp();
    return reader.prefill();
}

} // namespace

Result<LogitsCase> readLogitsCase(const std::string& path, const std::string& caseName) {
    HEARTH_TRY(Json document, readJsonFile(path));
    if (!document.is_object())
        return Error{ErrorCode::InvalidInput, "'" + path + "': it holds no object"};
    CaseReader reader(path, std::move(document));
    HEARTH_TRY(LogitsCase result, readByName(reader, caseName));
    HEARTH_TRY(result.contextTokens, reader.contextTokens());
    return result;
}

} // namespace hearth::cli
