#pragma once

#include "engine/run/score_request.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hearth::cli {

/// What a tokens file asks for in one case, with the memory that a ScoreRequest borrows.
struct LogitsCase {
    std::vector<TokenId> tokens;
    std::vector<float> embeddings;
    std::vector<std::int32_t> positions;
    std::vector<std::int32_t> pieces;
    std::vector<std::int32_t> shown;
    std::vector<float> states; ///< of the case mtp: what stands for the model's own final states before the last rows
    std::int32_t contextTokens = 0; ///< 0: the file does not say

    [[nodiscard]] ScoreRequest request() const { return {tokens, embeddings, positions, pieces, shown}; }
};

/// Reads a JSON file with "tokens" (and "n_ctx", "logits_shape", "decode_shape", "mtp_shape", "mtp_h_file"),
/// "chunked_tokens", "chunked_sizes" and "chunked_positions", or "mrope_input_file", "mrope_input_shape",
/// "mrope_positions" (a list an axis) and "mrope_shape". Files are looked for beside it.
/// caseName: prefill, decode, chunked, mrope or mtp.
/// Errors: NotFound, Io; InvalidInput naming the key.
[[nodiscard]] Result<LogitsCase> readLogitsCase(const std::string& path, const std::string& caseName);

} // namespace hearth::cli
