#pragma once

#include "engine/text/answer/answer_format.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace hearth {

/// Reads what stands between the markers of calls. Nothing if any of it cannot be read: then it is text.
[[nodiscard]] std::optional<std::vector<ToolCall>> readToolCalls(CallSyntax syntax, std::string_view text);

// The syntaxes; used by readToolCalls().

/// JSON that nests no deeper than a program can walk. Discarded if it is none.
[[nodiscard]] nlohmann::ordered_json readCallJson(std::string_view text);
/// One call from an object of any of the customary forms.
[[nodiscard]] std::optional<ToolCall> callFromJson(const nlohmann::ordered_json& json);
[[nodiscard]] std::optional<std::vector<ToolCall>> readJsonCalls(std::string_view text);
[[nodiscard]] std::optional<std::vector<ToolCall>> readMistralCalls(std::string_view text);
[[nodiscard]] std::optional<std::vector<ToolCall>> readDeepSeekCalls(std::string_view text);
[[nodiscard]] std::optional<std::vector<ToolCall>> readKimiCalls(std::string_view text);
[[nodiscard]] std::optional<std::vector<ToolCall>> readLlamaCalls(std::string_view text);
[[nodiscard]] std::optional<std::vector<ToolCall>> readTaggedCalls(std::string_view text);
[[nodiscard]] std::optional<std::vector<ToolCall>> readInvokeCalls(std::string_view text);
[[nodiscard]] std::optional<std::vector<ToolCall>> readPythonicCalls(std::string_view text);
[[nodiscard]] std::optional<std::vector<ToolCall>> readGemmaCalls(std::string_view text);

/// The end of the first JSON value that `text` begins with, as far as brackets and strings tell; npos if it is open.
[[nodiscard]] std::size_t endOfJson(std::string_view text);
/// A value written without quotes: JSON if it is a number, a truth value, null, a list or an object; else a string.
[[nodiscard]] nlohmann::ordered_json looseValue(std::string_view text);
[[nodiscard]] std::string_view trimmed(std::string_view text);

} // namespace hearth
