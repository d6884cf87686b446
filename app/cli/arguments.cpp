#include "app/cli/arguments.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace hearth::cli {
namespace {

/// The whole of `text` as a number; nothing if a character is left over or it does not fit.
template <typename T>
std::optional<T> parsed(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

bool isChoice(std::string_view choices, std::string_view word) {
    while (!choices.empty()) {
        const std::size_t bar = std::min(choices.find('|'), choices.size());
        if (choices.substr(0, bar) == word)
            return true;
        choices.remove_prefix(std::min(bar + 1, choices.size()));
    }
    return false;
}

/// A bound as people write it: no ".000000" behind whole numbers.
std::string boundText(double bound) {
    const auto whole = static_cast<std::int64_t>(bound);
    return static_cast<double>(whole) == bound ? std::to_string(whole) : std::to_string(bound);
}

Status checkValue(const Option& option, std::string_view word) {
    const std::string quoted = "'" + std::string(word) + "'";
    switch (option.kind) {
    case ValueKind::Flag:
    case ValueKind::Text:
        return {};
    case ValueKind::Choice:
        if (!isChoice(option.value, word))
            return Error{ErrorCode::InvalidInput, option.name + " is " + option.value + ", not " + quoted};
        return {};
    case ValueKind::Integer:
    case ValueKind::Number:
        break;
    }
    const bool whole = option.kind == ValueKind::Integer;
    const std::optional<std::int64_t> integer = whole ? parsed<std::int64_t>(word) : std::nullopt;
    const std::optional<double> number = parsed<double>(word);
    if (!number || (whole && !integer))
        return Error{ErrorCode::InvalidInput,
                     option.name + " takes " + (whole ? "a whole number" : "a number") + ", not " + quoted};
    if (!(*number >= option.low && *number <= option.high))
        return Error{ErrorCode::InvalidInput, option.name + " is between " + boundText(option.low) + " and "
                                                  + boundText(option.high) + ", not " + std::string(word)};
    return {};
}

const Option* findOption(std::span<const Option> options, std::string_view name) {
    const auto found = std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.name == name; });
    return found == options.end() ? nullptr : &*found;
}

} // namespace

Option flag(std::string name, std::string help) {
    Option option;
    option.name = std::move(name);
    option.help = std::move(help);
    return option;
}

Result<Arguments> Arguments::parse(std::span<const Option> options, std::span<const std::string_view> words) {
    Arguments arguments;
    for (const Option& option : options)
        arguments.m_values[option.name] = option.fallback;
    bool onlyPositionals = false;
    for (std::size_t index = 0; index < words.size(); ++index) {
        const std::string_view word = words[index];
        if (!onlyPositionals && word == "--") {
            onlyPositionals = true;
            continue;
        }
        if (onlyPositionals || word.size() < 2 || !word.starts_with("--")) {
            arguments.m_positionals.emplace_back(word);
            continue;
        }
        const std::size_t equals = std::min(word.find('='), word.size());
        const std::string_view name = word.substr(0, equals);
        const Option* option = findOption(options, name);
        if (option == nullptr)
            return Error{ErrorCode::InvalidInput, "unknown option " + std::string(name)};
        std::vector<std::string>& given = arguments.m_given[option->name];
        std::string_view value;
        if (equals < word.size()) {
            if (option->kind == ValueKind::Flag)
                return Error{ErrorCode::InvalidInput, option->name + " takes no value"};
            value = word.substr(equals + 1);
        } else if (option->kind != ValueKind::Flag) {
            if (index + 1 == words.size())
                return Error{ErrorCode::InvalidInput, option->name + " needs a value: " + option->value};
            value = words[++index];
        }
        HEARTH_CHECK(checkValue(*option, value));
        arguments.m_values[option->name] = value;
        given.emplace_back(value);
    }
    for (const Option& option : options) {
        if (option.presence == Presence::Required && !arguments.has(option.name))
            return Error{ErrorCode::InvalidInput, option.name + " " + option.value + " is missing"};
    }
    return arguments;
}

bool Arguments::has(std::string_view name) const {
    HEARTH_ASSERT(m_values.find(name) != m_values.end());
    return m_given.find(name) != m_given.end();
}

const std::string& Arguments::value(std::string_view name) const {
    const auto found = m_values.find(name);
    HEARTH_ASSERT(found != m_values.end());
    return found->second;
}

std::string Arguments::text(std::string_view name) const {
    return value(name);
}

std::vector<std::string> Arguments::texts(std::string_view name) const {
    HEARTH_ASSERT(m_values.find(name) != m_values.end());
    const auto found = m_given.find(name);
    return found == m_given.end() ? std::vector<std::string>() : found->second;
}

std::int64_t Arguments::integer(std::string_view name) const {
    return parsed<std::int64_t>(value(name)).value_or(0);
}

std::int32_t Arguments::int32(std::string_view name) const {
    return static_cast<std::int32_t>(integer(name));
}

float Arguments::number(std::string_view name) const {
    return static_cast<float>(parsed<double>(value(name)).value_or(0));
}

std::string describeOptions(std::span<const Option> options) {
    std::size_t width = 0;
    const auto left = [](const Option& option) {
        return option.value.empty() ? option.name : option.name + " " + option.value;
    };
    for (const Option& option : options)
        width = std::max(width, left(option).size());
    std::string lines;
    for (const Option& option : options) {
        const std::string name = left(option);
        lines += "  " + name + std::string(width - name.size() + 2, ' ') + option.help;
        if (!option.fallback.empty())
            lines += " (" + option.fallback + ")";
        lines += '\n';
    }
    return lines;
}

} // namespace hearth::cli
