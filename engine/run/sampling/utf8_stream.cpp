#include "engine/run/sampling/utf8_stream.h"

#include <cstddef>

namespace hearth {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

struct Scan {
    std::size_t length = 0; ///< bytes that belong together
    enum class Outcome { Whole, Unfinished, Broken } outcome = Outcome::Broken;
};

// Looks at the character that begins `bytes` (not empty). The second byte's range depends on the first: so overlong
// forms, surrogates and values beyond U+10FFFF are broken at once.
Scan scanCharacter(std::string_view bytes) {
    const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(bytes[index]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80)
        return {1, Scan::Outcome::Whole};
    std::size_t length = 0;
    if (lead >= 0xC2 && lead <= 0xDF)
        length = 2;
    else if (lead >= 0xE0 && lead <= 0xEF)
        length = 3;
    else if (lead >= 0xF0 && lead <= 0xF4)
        length = 4;
    else
        return {1, Scan::Outcome::Broken};
    const unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    for (std::size_t index = 1; index < length; ++index) {
        if (index >= bytes.size())
            return {index, Scan::Outcome::Unfinished};
        const bool inside = index == 1 ? byte(1) >= low && byte(1) <= high : (byte(index) & 0xC0U) == 0x80;
        if (!inside)
            return {index, Scan::Outcome::Broken};
    }
    return {length, Scan::Outcome::Whole};
}

} // namespace

void Utf8Stream::push(std::string_view bytes, std::string& output) {
    m_waiting += bytes;
    std::string_view rest = m_waiting;
    while (!rest.empty()) {
        const Scan scan = scanCharacter(rest);
        if (scan.outcome == Scan::Outcome::Unfinished)
            break;
        output += scan.outcome == Scan::Outcome::Whole ? rest.substr(0, scan.length) : kReplacement;
        rest.remove_prefix(scan.length);
    }
    m_waiting.erase(0, m_waiting.size() - rest.size());
}

void Utf8Stream::flush(std::string& output) {
    if (!m_waiting.empty())
        output += kReplacement;
    m_waiting.clear();
}

} // namespace hearth
