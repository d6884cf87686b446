#pragma once

#include "kernels/base/result.h"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace hearth::cli {

/// Prints one JSON value as a line; bytes that are no UTF-8 become U+FFFD.
void printJson(const nlohmann::ordered_json& value);
/// Prints text as it is, at once.
void printText(std::string_view text);
/// `text` without the control characters that could steer a terminal; line feeds and tabs stay.
[[nodiscard]] std::string withoutControls(std::string_view text);
/// `text` as one line between quotes, everything unprintable escaped.
[[nodiscard]] std::string quoted(std::string_view text);

/// The whole file; "-" is standard input.
/// Errors: NotFound, Io, InvalidInput for more than 64 MiB or bytes that are no UTF-8 (with their place); all name the
/// file.
[[nodiscard]] Result<std::string> readTextFile(const std::string& path);
/// Errors: those of readTextFile, and InvalidInput with the place where the JSON breaks off.
[[nodiscard]] Result<nlohmann::ordered_json> readJsonFile(const std::string& path);
/// Fails with InvalidInput that names `what` and the first byte that is no UTF-8.
[[nodiscard]] Status checkUtf8(std::string_view text, std::string_view what);

} // namespace hearth::cli
