#include "engine/text/unicode.h"

#include <algorithm>
#include <span>

namespace hearth {

namespace {

bool isContinuation(std::string_view text, std::size_t offset) {
    return offset < text.size() && (static_cast<unsigned char>(text[offset]) & 0xc0) == 0x80;
}

char32_t lookUp(std::span<const unicode::CodePointRange> ranges, char32_t codePoint) {
    const auto after =
        std::upper_bound(ranges.begin(), ranges.end(), codePoint,
                         [](char32_t wanted, const unicode::CodePointRange& range) { return wanted < range.first; });
    if (after == ranges.begin() || codePoint > std::prev(after)->last)
        return codePoint;
    const unicode::CodePointRange& range = *std::prev(after);
    return range.base + range.step * (codePoint - range.first);
}

} // namespace

DecodedCodePoint decodeUtf8(std::string_view text, std::size_t offset) {
    const auto lead = static_cast<unsigned char>(text[offset]);
    if (lead < 0x80)
        return {lead, 1, true};
    // 0x80 to 0xbf continue a sequence, 0xf8 and above begin none.
    if (lead < 0xc0 || lead >= 0xf8)
        return {};
    const std::size_t length = utf8Length(text[offset]);
    char32_t codePoint = lead & (0x7fU >> length);
    for (std::size_t index = 1; index < length; ++index) {
        if (!isContinuation(text, offset + index))
            return {};
        codePoint = codePoint << 6 | (static_cast<unsigned char>(text[offset + index]) & 0x3f);
    }
    return {codePoint, static_cast<std::uint8_t>(length), true};
}

std::vector<char32_t> codePointsOf(std::string_view text) {
    std::vector<char32_t> result;
    result.reserve(text.size());
    for (std::size_t offset = 0; offset < text.size();) {
        const DecodedCodePoint decoded = decodeUtf8(text, offset);
        result.push_back(decoded.codePoint);
        offset += decoded.sizeBytes;
    }
    return result;
}

void appendUtf8(std::string& text, char32_t codePoint) {
    const auto continuation = [codePoint](unsigned shift) {
        return static_cast<char>(0x80 | ((codePoint >> shift) & 0x3f));
    };
    if (codePoint < 0x80) {
        text += static_cast<char>(codePoint);
    } else if (codePoint < 0x800) {
        text += static_cast<char>(0xc0 | codePoint >> 6);
        text += continuation(0);
    } else if (codePoint < 0x10000) {
        text += static_cast<char>(0xe0 | codePoint >> 12);
        text += continuation(6);
        text += continuation(0);
    } else {
        text += static_cast<char>(0xf0 | codePoint >> 18);
        text += continuation(12);
        text += continuation(6);
        text += continuation(0);
    }
}

char32_t toLowercase(char32_t codePoint) {
    if (codePoint < 0x80)
        return codePoint >= U'A' && codePoint <= U'Z' ? codePoint + 32 : codePoint;
    return lookUp(unicode::kLowercase, codePoint);
}

char32_t firstOfDecomposition(char32_t codePoint) {
    return codePoint < 0x80 ? codePoint : lookUp(unicode::kFirstOfDecomposition, codePoint);
}

} // namespace hearth
