#pragma once

#include "kernels/base/result.h"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::cli {

enum class ValueKind : std::uint8_t { Flag, Text, Choice, Integer, Number };
enum class Presence : std::uint8_t { Optional, Required };

/// One `--name` of a command: what it takes, its range, and what help says of it.
struct Option {
    std::string name; ///< with its dashes
    ValueKind kind = ValueKind::Flag;
    std::string value{}; ///< what help calls the value; for a Choice the words themselves: "f32|f16"
    std::string help{};
    std::string fallback{}; ///< the value when it is not given; text of the same form
    double low = 0;         ///< of Integer and Number, inclusive
    double high = 0;
    Presence presence = Presence::Optional;
};

/// An option that is there or not.
[[nodiscard]] Option flag(std::string name, std::string help);

/// What was typed after a command's name, checked against its options: every value parses and lies in its range.
/// Reading an option that the command did not declare is a bug and asserts.
class Arguments {
public:
    /// Errors: InvalidInput that names the option, for the caller to print with the usage.
    [[nodiscard]] static Result<Arguments> parse(std::span<const Option> options,
                                                 std::span<const std::string_view> words);

    [[nodiscard]] bool has(std::string_view name) const;
    [[nodiscard]] std::string text(std::string_view name) const;
    /// Every value that was given, in order; text() and its like read the last one.
    [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;
    [[nodiscard]] std::int64_t integer(std::string_view name) const;
    [[nodiscard]] std::int32_t int32(std::string_view name) const;
    [[nodiscard]] float number(std::string_view name) const;
    [[nodiscard]] const std::vector<std::string>& positionals() const { return m_positionals; }

private:
    [[nodiscard]] const std::string& value(std::string_view name) const;

    std::map<std::string, std::string, std::less<>> m_values; ///< given ones and fallbacks
    std::map<std::string, std::vector<std::string>, std::less<>> m_given;
    std::vector<std::string> m_positionals;
};

/// The lines of help for `options`, one each, aligned.
[[nodiscard]] std::string describeOptions(std::span<const Option> options);

} // namespace hearth::cli
