#include "engine/run/decoder.h"

#include "kernels/base/assert.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

namespace hearth {

namespace {

/// What part of a list of ascending rows lies in first .. first + count, counted from first.
std::vector<std::int32_t> rowsWithin(std::span<const std::int32_t> rows, std::int32_t first, std::int32_t count) {
    std::vector<std::int32_t> within;
    for (const std::int32_t row : rows)
        if (row >= first && row < first + count)
            within.push_back(row - first);
    return within;
}

/// The sizes of the steps that cover `count` rows: the pieces, none beyond `most`, then steps of `most`.
std::vector<std::int32_t> stepSizes(std::span<const std::int32_t> pieces, std::int32_t count, std::int32_t most) {
    std::vector<std::int32_t> sizes;
    const auto split = [&](std::int32_t rows) {
        for (count -= rows; rows > 0; rows -= sizes.back())
            sizes.push_back(std::min(rows, most));
    };
    std::ranges::for_each(pieces, split);
    split(count);
    return sizes;
}

std::int32_t mostShown(std::span<const std::int32_t> sizes, std::span<const std::int32_t> shown) {
    std::int32_t first = 0;
    std::size_t most = 1;
    for (const std::int32_t size : sizes) {
        most = std::max(most, rowsWithin(shown, first, size).size());
        first += size;
    }
    return static_cast<std::int32_t>(most);
}

/// log softmax(logits)[token], summed in double.
double logProbability(std::span<const float> logits, TokenId token) {
    const float highest = *std::ranges::max_element(logits);
    double sum = 0;
    for (const float logit : logits)
        sum += std::exp(static_cast<double>(logit) - static_cast<double>(highest));
    return static_cast<double>(logits[static_cast<std::size_t>(token)]) - static_cast<double>(highest) - std::log(sum);
}

/// Empties a cache when the scope ends, whatever happened: what was scored is nobody's conversation.
class ClearedAfterwards {
public:
    explicit ClearedAfterwards(KvCache& cache) : m_cache(cache) { m_cache.clear(); }
    ~ClearedAfterwards() { m_cache.clear(); }
    ClearedAfterwards(const ClearedAfterwards&) = delete;
    ClearedAfterwards& operator=(const ClearedAfterwards&) = delete;

private:
    KvCache& m_cache;
};

} // namespace

Result<std::vector<float>> Decoder::score(std::span<const TokenId> tokens, std::int32_t rows, std::int32_t decoded,
                                          std::stop_token stop) {
    const auto count = static_cast<std::int32_t>(tokens.size());
    if (count == 0 || rows < 1 || rows > count || decoded < 0 || decoded > rows || count > m_options.contextTokens)
        return Error{ErrorCode::InvalidInput, "cannot score the last " + std::to_string(rows) + " ("
                                                  + std::to_string(decoded) + " one at a time) of "
                                                  + std::to_string(count) + " tokens in a context of "
                                                  + std::to_string(m_options.contextTokens)};
    std::vector<std::int32_t> pieces(static_cast<std::size_t>(decoded), 1);
    if (count > decoded)
        pieces.insert(pieces.begin(), count - decoded);
    std::vector<std::int32_t> shown(static_cast<std::size_t>(rows));
    std::iota(shown.begin(), shown.end(), count - rows);
    return score({tokens, {}, {}, pieces, shown}, std::move(stop));
}

Status Decoder::checkScore(const ScoreRequest& request) const {
    const auto invalid = [](std::string message) { return Error{ErrorCode::InvalidInput, std::move(message)}; };
    const auto count = static_cast<std::int64_t>(request.tokens.size());
    if (count == 0 || count > m_options.contextTokens)
        return invalid("cannot score " + std::to_string(count) + " rows in a context of "
                       + std::to_string(m_options.contextTokens));
    if (request.embeddings.size() % request.tokens.size() != 0)
        return invalid(std::to_string(request.embeddings.size()) + " embedding values for " + std::to_string(count)
                       + " rows");
    constexpr std::size_t kAxes = 4;
    if (!request.positions.empty() && request.positions.size() != kAxes * request.tokens.size())
        return invalid(std::to_string(request.positions.size()) + " positions for " + std::to_string(count)
                       + " rows of four axes");
    std::int64_t pieces = 0;
    for (const std::int32_t piece : request.pieces) {
        pieces += piece;
        if (piece < 1 || pieces > count)
            return invalid("a piece of " + std::to_string(piece) + " of " + std::to_string(count) + " rows");
    }
    std::int32_t previous = -1;
    for (const std::int32_t row : request.shown) {
        if (row <= previous || row >= count)
            return invalid("row " + std::to_string(row) + " after " + std::to_string(previous) + " of "
                           + std::to_string(count));
        previous = row;
    }
    return {};
}

Result<std::vector<float>> Decoder::score(const ScoreRequest& request, std::stop_token stop) {
    HEARTH_CHECK(checkScore(request));
    const auto count = static_cast<std::int32_t>(request.tokens.size());
    const std::int32_t chunkRows = std::min(m_options.prefillRows, count);
    const std::vector<std::int32_t> sizes = stepSizes(request.pieces, count, chunkRows);
    HEARTH_TRY(const Compiled compiled, compile(chunkRows, std::min(mostShown(sizes, request.shown), chunkRows)));
    const ClearedAfterwards cleared(m_cache);
    static_cast<void>(m_cache.open({}, KvCache::Reuse::No));

    const std::size_t width = request.embeddings.size() / request.tokens.size();
    std::vector<float> result;
    Status status;
    std::size_t first = 0;
    for (const std::int32_t size : sizes) {
        const auto rows = static_cast<std::size_t>(size);
        const std::vector<std::int32_t> shown = rowsWithin(request.shown, static_cast<std::int32_t>(first), size);
        const Compiled& runner = size == 1 ? m_decode : compiled;
        const auto positions =
            request.positions.empty() ? request.positions : request.positions.subspan(4 * first, 4 * rows);
        status = runChunk(
            runner,
            {request.tokens.subspan(first, rows), request.embeddings.subspan(width * first, width * rows), positions},
            shown, stop);
        if (!status)
            break;
        const std::span<const float> output = runner.executable->output();
        result.insert(result.end(), output.begin(), output.end());
        first += rows;
    }
    forgetResults();
    if (!status)
        return status.error();
    return result;
}

Result<std::vector<double>> Decoder::logProbabilities(std::span<const TokenId> tokens, std::int32_t rows,
                                                      std::stop_token stop) {
    const auto count = static_cast<std::int64_t>(tokens.size());
    const bool areKnown =
        std::ranges::all_of(tokens, [this](TokenId token) { return token >= 0 && token < m_spec.vocabulary; });
    if (rows < 1 || rows >= count || count - 1 > m_options.contextTokens || !areKnown)
        return Error{ErrorCode::InvalidInput, "cannot tell the likelihood of the last " + std::to_string(rows) + " of "
                                                  + std::to_string(count) + " tokens in a context of "
                                                  + std::to_string(m_options.contextTokens) + " and a vocabulary of "
                                                  + std::to_string(m_spec.vocabulary)};
    // Logits of a whole vocabulary are kept for one chunk at a time.
    constexpr std::int32_t kMostRows = 128;
    const std::int32_t chunkRows = std::min(m_options.prefillRows, kMostRows);
    HEARTH_TRY(const Compiled compiled, compile(chunkRows, chunkRows));
    const ClearedAfterwards cleared(m_cache);
    static_cast<void>(m_cache.open({}, KvCache::Reuse::No));
    const auto vocabulary = static_cast<std::size_t>(m_spec.vocabulary);
    const auto firstWanted = tokens.size() - static_cast<std::size_t>(rows); // counted by the token that is told
    std::vector<double> result;
    for (std::size_t first = 0; first + 1 < tokens.size(); first += static_cast<std::size_t>(chunkRows)) {
        const auto chunk = tokens.subspan(first, std::min<std::size_t>(tokens.size() - 1 - first, chunkRows));
        const std::size_t known = firstWanted > first + 1 ? std::min(firstWanted - first - 1, chunk.size()) : 0;
        const std::size_t shown = chunk.size() - known;
        const Status status = runLastRows(compiled, chunk, static_cast<std::int32_t>(shown), stop);
        if (!status)
            forgetResults();
        HEARTH_CHECK(status);
        for (std::size_t row = 0; row < shown; ++row)
            result.push_back(logProbability(compiled.executable->output().subspan(row * vocabulary, vocabulary),
                                            tokens[first + known + row + 1]));
    }
    forgetResults();
    return result;
}

Result<std::vector<float>> Decoder::finalStatesOf(std::span<const TokenId> tokens, std::stop_token stop) {
    std::vector<float> states;
    while (!tokens.empty()) {
        const auto chunk = tokens.first(std::min(tokens.size(), static_cast<std::size_t>(m_options.prefillRows)));
        HEARTH_CHECK(runChunk(m_prefill, {chunk}, {}, stop));
        const std::span<const float> rows = m_prefill.executable->values(m_prefill.states);
        states.insert(states.end(), rows.begin(), rows.end());
        tokens = tokens.subspan(chunk.size());
    }
    return states;
}

Result<PredictionScore> Decoder::scorePrediction(std::span<const TokenId> tokens, std::int32_t rows,
                                                 std::span<const float> given, std::stop_token stop) {
    const auto count = static_cast<std::int32_t>(tokens.size());
    const auto hidden = static_cast<std::size_t>(m_spec.hidden);
    const std::size_t givenRows = given.size() / hidden;
    if (!canPredict() || rows < 1 || rows >= count || count > m_options.contextTokens || given.size() % hidden != 0
        || givenRows >= tokens.size())
        return Error{ErrorCode::InvalidInput,
                     "cannot predict from the last " + std::to_string(rows) + " of " + std::to_string(count)
                         + " tokens with " + std::to_string(given.size()) + " values of given states"
                         + (canPredict() ? "" : ": this model has no head that predicts further tokens")};
    const std::int32_t headRows = count - 1;
    const std::int32_t chunkRows = std::min(m_options.prefillRows, headRows);
    HEARTH_TRY(const Compiled head, compileHead(chunkRows, std::min(rows, chunkRows)));
    const ClearedAfterwards cleared(m_cache);
    static_cast<void>(m_cache.open({}, KvCache::Reuse::No));
    auto computed = finalStatesOf(tokens, stop);
    forgetResults();
    HEARTH_TRY(std::vector<float> states, std::move(computed));
    states.resize(static_cast<std::size_t>(headRows) * hidden); // nothing follows the last
    std::ranges::copy(given, states.end() - static_cast<std::ptrdiff_t>(given.size()));

    PredictionScore score;
    std::vector<std::int32_t> wanted(static_cast<std::size_t>(rows));
    std::iota(wanted.begin(), wanted.end(), headRows - rows);
    for (std::int32_t first = 0; first < headRows; first += chunkRows) {
        const std::int32_t size = std::min(chunkRows, headRows - first);
        const auto offset = static_cast<std::size_t>(first);
        const auto length = static_cast<std::size_t>(size);
        const std::vector<std::int32_t> shown = rowsWithin(wanted, first, size);
        HEARTH_CHECK(runHead(head, tokens.subspan(offset + 1, length),
                             std::span<const float>(states).subspan(offset * hidden, length * hidden), first + 1, shown,
                             stop));
        const std::span<const float> output = head.executable->output();
        score.logits.insert(score.logits.end(), output.begin(), output.end());
    }
    score.states.assign(states.end() - static_cast<std::ptrdiff_t>(static_cast<std::size_t>(rows) * hidden),
                        states.end());
    return score;
}

} // namespace hearth
