#include "engine/text/jinja/formatting.h"
#include "engine/text/jinja/unicode.h"

#include <algorithm>
#include <cstring>

namespace hearth::jinja {

std::size_t findText(std::string_view text, std::string_view part, std::size_t start) {
    if (start > text.size())
        return std::string_view::npos;
    if (part.empty())
        return start;
    const void* found = memmem(text.data() + start, text.size() - start, part.data(), part.size());
    return found == nullptr ? std::string_view::npos
                            : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

Result<std::string> padText(Runtime& runtime, std::string_view text, Integer width, char32_t fill, Align align) {
    const auto length = static_cast<Integer>(codePointCount(text));
    if (width <= length)
        return std::string(text);
    constexpr Integer kWidest = Integer{1} << 40; // beyond what any budget affords
    const auto padding = static_cast<std::size_t>(std::min(width, kWidest) - length);
    HEARTH_CHECK(runtime.afford(padding + text.size(), 4));
    std::size_t left = 0;
    if (align == Align::Right)
        left = padding;
    else if (align != Align::Left)
        left = padding / 2 + (align == Align::Center ? padding & static_cast<std::size_t>(width) & 1U : 0);
    std::string result;
    for (std::size_t index = 0; index < left; ++index)
        appendUtf8(result, fill);
    result += text;
    for (std::size_t index = left; index < padding; ++index)
        appendUtf8(result, fill);
    return result;
}

Result<std::string> replaceAll(Runtime& runtime, std::string_view text, std::string_view from, std::string_view to,
                               Integer count) {
    std::string result;
    std::size_t copied = 0;
    std::size_t search = 0;
    HEARTH_CHECK(runtime.step(text.size() / 1024));
    for (Integer done = 0; count < 0 || done < count; ++done) {
        const std::size_t found = findText(text, from, search);
        if (found == std::string_view::npos)
            break;
        result += text.substr(copied, found - copied);
        result += to;
        copied = found + from.size();
        search = from.empty() ? found + (found < text.size() ? characterBytes(text[found]) : 1) : copied;
        if (done % 64 == 0) {
            HEARTH_CHECK(runtime.step());
            HEARTH_CHECK(runtime.afford(result.size() + 64 * to.size()));
        }
    }
    result += text.substr(copied);
    return result;
}

std::vector<std::string_view> splitLines(std::string_view text, bool keepEnds) {
    std::vector<std::string_view> lines;
    std::size_t lineStart = 0;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t lineEnd = offset;
        const char32_t codePoint = decodeAt(text, offset);
        if (!isLineBreak(codePoint))
            continue;
        if (codePoint == '\r' && offset < text.size() && text[offset] == '\n')
            ++offset;
        lines.push_back(text.substr(lineStart, (keepEnds ? offset : lineEnd) - lineStart));
        lineStart = offset;
    }
    if (lineStart < text.size())
        lines.push_back(text.substr(lineStart));
    return lines;
}

std::vector<std::string_view> splitSpaces(std::string_view text) {
    std::vector<std::string_view> words;
    std::string_view rest = stripStart(text, nullptr);
    while (!rest.empty()) {
        std::size_t length = 0;
        for (std::size_t offset = 0; offset < rest.size() && !isSpace(decodeAt(rest, offset));)
            length = offset;
        words.push_back(rest.substr(0, length));
        rest = stripStart(rest.substr(length), nullptr);
    }
    return words;
}

} // namespace hearth::jinja
