#include "engine/text/jinja/unicode.h"

#include <unicode/uchar.h>
#include <unicode/ustring.h>

#include <algorithm>

namespace hearth::jinja {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char byte) { return static_cast<unsigned char>(byte) < 0x80; });
}

// Length of the well-formed character at the start of `bytes`, or 0; `bad` then says how many bytes one U+FFFD stands
// for (Unicode 15, table 3-7 and "maximal subpart").
std::size_t wellFormedLength(std::string_view bytes, std::size_t& bad) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
    const unsigned char lead = byte(0);
    bad = 1;
    if (lead < 0x80)
        return 1;
    const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                               : (lead & 0xF0U) == 0xE0       ? 3
                               : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                              : 0;
    if (length == 0)
        return 0;
    const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    for (std::size_t index = 1; index < length; ++index) {
        const bool inside =
            index < bytes.size() && (index == 1 ? byte(1) >= low && byte(1) <= high : (byte(index) & 0xC0U) == 0x80);
        if (!inside) {
            bad = index;
            return 0;
        }
    }
    return length;
}

std::u16string toUtf16(std::string_view text) {
    std::u16string wide(text.size(), u'\0');
    std::int32_t length = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(wide.data(), static_cast<std::int32_t>(wide.size()), &length, text.data(),
                  static_cast<std::int32_t>(text.size()), &status);
    wide.resize(U_SUCCESS(status) ? static_cast<std::size_t>(length) : 0);
    return wide;
}

std::string toUtf8(const std::u16string& wide) {
    std::string text(wide.size() * 3, '\0');
    std::int32_t length = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8(text.data(), static_cast<std::int32_t>(text.size()), &length, wide.data(),
                static_cast<std::int32_t>(wide.size()), &status);
    text.resize(U_SUCCESS(status) ? static_cast<std::size_t>(length) : 0);
    return text;
}

using CaseMapping = std::int32_t (*)(char16_t* target, std::int32_t capacity, const char16_t* source,
                                     std::int32_t length, UErrorCode* status);

std::string mapCase(std::string_view text, CaseMapping mapping) {
    const std::u16string source = toUtf16(text);
    std::u16string target(source.size() * 3 + 1, u'\0'); // no character grows by more than a factor of three
    UErrorCode status = U_ZERO_ERROR;
    const std::int32_t length = mapping(target.data(), static_cast<std::int32_t>(target.size()), source.data(),
                                        static_cast<std::int32_t>(source.size()), &status);
    if (U_FAILURE(status))
        return std::string(text);
    target.resize(static_cast<std::size_t>(length));
    return toUtf8(target);
}

// The title case of one character, which may be several ("ß" gives "Ss").
std::string titleOf(std::string_view character) {
    if (character.size() == 1)
        return toUpper(character);
    return mapCase(character, [](char16_t* target, std::int32_t capacity, const char16_t* source, std::int32_t length,
                                 UErrorCode* status) {
        return u_strToTitle(target, capacity, source, length, nullptr, "", status);
    });
}

bool isCased(char32_t codePoint) {
    return u_hasBinaryProperty(static_cast<UChar32>(codePoint), UCHAR_CASED) != 0;
}

std::uint32_t categoryMask(char32_t codePoint) {
    return U_MASK(u_charType(static_cast<UChar32>(codePoint)));
}

} // namespace

std::string sanitizeUtf8(std::string_view bytes) {
    std::string text;
    text.reserve(bytes.size());
    while (!bytes.empty()) {
        std::size_t bad = 0;
        const std::size_t good = wellFormedLength(bytes, bad);
        if (good != 0)
            text.append(bytes.substr(0, good));
        else
            appendUtf8(text, kReplacement);
        bytes.remove_prefix(good != 0 ? good : bad);
    }
    return text;
}

std::size_t codePointCount(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80; }));
}

std::size_t byteOffset(std::string_view text, std::size_t index) {
    std::size_t offset = 0;
    for (; index > 0 && offset < text.size(); --index)
        offset += characterBytes(text[offset]);
    return std::min(offset, text.size());
}

std::size_t characterBytes(char lead) {
    const auto byte = static_cast<unsigned char>(lead);
    return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

char32_t decodeAt(std::string_view text, std::size_t& offset) {
    const std::size_t length = characterBytes(text[offset]);
    auto codePoint = static_cast<char32_t>(static_cast<unsigned char>(text[offset]));
    if (length > 1) {
        codePoint &= 0xFFU >> (length + 1);
        for (std::size_t index = 1; index < length; ++index)
            codePoint = (codePoint << 6U) | (static_cast<unsigned char>(text[offset + index]) & 0x3FU);
    }
    offset += length;
    return codePoint;
}

void appendUtf8(std::string& text, char32_t codePoint) {
    if (codePoint > 0x10FFFF || (codePoint >= 0xD800 && codePoint <= 0xDFFF))
        codePoint = kReplacement;
    const auto continuation = [&](unsigned shift) {
        text += static_cast<char>(0x80U | ((codePoint >> shift) & 0x3FU));
    };
    if (codePoint < 0x80) {
        text += static_cast<char>(codePoint);
    } else if (codePoint < 0x800) {
        text += static_cast<char>(0xC0U | (codePoint >> 6U));
        continuation(0);
    } else if (codePoint < 0x10000) {
        text += static_cast<char>(0xE0U | (codePoint >> 12U));
        continuation(6);
        continuation(0);
    } else {
        text += static_cast<char>(0xF0U | (codePoint >> 18U));
        continuation(12);
        continuation(6);
        continuation(0);
    }
}

bool isSpace(char32_t codePoint) {
    if (codePoint < 0x80)
        return codePoint == ' ' || (codePoint >= 0x09 && codePoint <= 0x0D) || (codePoint >= 0x1C && codePoint <= 0x1F);
    return codePoint == 0x85 || codePoint == 0xA0 || codePoint == 0x1680 || (codePoint >= 0x2000 && codePoint <= 0x200A)
           || codePoint == 0x2028 || codePoint == 0x2029 || codePoint == 0x202F || codePoint == 0x205F
           || codePoint == 0x3000;
}

bool isLineBreak(char32_t codePoint) {
    return (codePoint >= 0x0A && codePoint <= 0x0D) || (codePoint >= 0x1C && codePoint <= 0x1E) || codePoint == 0x85
           || codePoint == 0x2028 || codePoint == 0x2029;
}

bool isAlpha(char32_t codePoint) {
    return (categoryMask(codePoint) & U_GC_L_MASK) != 0;
}

bool isDecimal(char32_t codePoint) {
    return u_charType(static_cast<UChar32>(codePoint)) == U_DECIMAL_DIGIT_NUMBER;
}

bool isDigit(char32_t codePoint) {
    const int type = u_getIntPropertyValue(static_cast<UChar32>(codePoint), UCHAR_NUMERIC_TYPE);
    return type == U_NT_DECIMAL || type == U_NT_DIGIT;
}

bool isNumeric(char32_t codePoint) {
    return u_getIntPropertyValue(static_cast<UChar32>(codePoint), UCHAR_NUMERIC_TYPE) != U_NT_NONE;
}

bool isUpper(char32_t codePoint) {
    return u_hasBinaryProperty(static_cast<UChar32>(codePoint), UCHAR_UPPERCASE) != 0;
}

bool isLower(char32_t codePoint) {
    return u_hasBinaryProperty(static_cast<UChar32>(codePoint), UCHAR_LOWERCASE) != 0;
}

bool isTitle(char32_t codePoint) {
    return u_charType(static_cast<UChar32>(codePoint)) == U_TITLECASE_LETTER;
}

bool isPrintable(char32_t codePoint) {
    if (codePoint == ' ')
        return true;
    return (categoryMask(codePoint) & (U_GC_C_MASK | U_GC_Z_MASK)) == 0;
}

int decimalValue(char32_t codePoint) {
    return u_charDigitValue(static_cast<UChar32>(codePoint));
}

bool isWholly(std::string_view text, LetterCase letterCase) {
    bool any = false;
    for (std::size_t offset = 0; offset < text.size();) {
        const char32_t codePoint = decodeAt(text, offset);
        const bool lower = isLower(codePoint);
        const bool upper = isUpper(codePoint) || isTitle(codePoint);
        if (letterCase == LetterCase::Lower ? upper : lower || isTitle(codePoint))
            return false;
        any = any || lower || upper;
    }
    return any;
}

std::string toUpper(std::string_view text) {
    if (isAscii(text)) {
        std::string result(text);
        for (char& byte : result)
            byte = byte >= 'a' && byte <= 'z' ? static_cast<char>(byte - 32) : byte;
        return result;
    }
    return mapCase(text, [](char16_t* target, std::int32_t capacity, const char16_t* source, std::int32_t length,
                            UErrorCode* status) { return u_strToUpper(target, capacity, source, length, "", status); });
}

std::string toLower(std::string_view text) {
    if (isAscii(text)) {
        std::string result(text);
        for (char& byte : result)
            byte = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + 32) : byte;
        return result;
    }
    return mapCase(text, [](char16_t* target, std::int32_t capacity, const char16_t* source, std::int32_t length,
                            UErrorCode* status) { return u_strToLower(target, capacity, source, length, "", status); });
}

std::string toFolded(std::string_view text) {
    return mapCase(text, [](char16_t* target, std::int32_t capacity, const char16_t* source, std::int32_t length,
                            UErrorCode* status) {
        return u_strFoldCase(target, capacity, source, length, U_FOLD_CASE_DEFAULT, status);
    });
}

std::string toTitle(std::string_view text) {
    std::string result;
    bool previousIsCased = false;
    for (std::size_t offset = 0; offset < text.size();) {
        const std::size_t start = offset;
        const char32_t codePoint = decodeAt(text, offset);
        const std::string_view character = text.substr(start, offset - start);
        result += previousIsCased ? toLower(character) : titleOf(character);
        previousIsCased = isCased(codePoint);
    }
    return result;
}

std::string toCapitalized(std::string_view text) {
    if (text.empty())
        return {};
    const std::size_t first = characterBytes(text[0]);
    return titleOf(text.substr(0, first)) + toLower(text.substr(first));
}

std::string_view stripStart(std::string_view text, const std::string* characters) {
    while (!text.empty()) {
        std::size_t length = 0;
        const char32_t codePoint = decodeAt(text, length);
        const bool drop =
            characters != nullptr ? characters->find(text.substr(0, length)) != std::string::npos : isSpace(codePoint);
        if (!drop)
            break;
        text.remove_prefix(length);
    }
    return text;
}

std::string_view stripEnd(std::string_view text, const std::string* characters) {
    while (!text.empty()) {
        std::size_t start = text.size() - 1;
        while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0U) == 0x80)
            --start;
        std::size_t offset = start;
        const char32_t codePoint = decodeAt(text, offset);
        const bool drop =
            characters != nullptr ? characters->find(text.substr(start)) != std::string::npos : isSpace(codePoint);
        if (!drop)
            break;
        text = text.substr(0, start);
    }
    return text;
}

} // namespace hearth::jinja
