#include "engine/run/sampling/stop_strings.h"

#include <algorithm>
#include <utility>

namespace hearth {

StopStringFilter::Pattern::Pattern(std::string stopString, std::size_t position)
    : text(std::move(stopString)), index(position), fallback(text.size() + 1) {
    for (std::size_t end = 1; end < text.size(); ++end) {
        std::size_t border = fallback[end];
        while (border > 0 && text[border] != text[end])
            border = fallback[border];
        fallback[end + 1] = text[border] == text[end] ? border + 1 : 0;
    }
}

bool StopStringFilter::Pattern::advance(char byte) {
    while (matchedBytes > 0 && text[matchedBytes] != byte)
        matchedBytes = fallback[matchedBytes];
    if (text[matchedBytes] == byte)
        ++matchedBytes;
    return matchedBytes == text.size();
}

StopStringFilter::StopStringFilter(const std::vector<std::string>& stopStrings) {
    for (std::size_t index = 0; index < stopStrings.size(); ++index)
        if (!stopStrings[index].empty())
            m_patterns.emplace_back(stopStrings[index], index);
}

std::string_view StopStringFilter::push(std::string_view bytes) {
    m_output.clear();
    if (stopped())
        return m_output;
    std::size_t stopBytes = 0;
    for (const char byte : bytes) {
        m_held += byte;
        for (Pattern& pattern : m_patterns) {
            if (!pattern.advance(byte) || pattern.text.size() <= stopBytes)
                continue;
            m_matched = pattern.index;
            stopBytes = pattern.text.size();
        }
        if (stopped())
            break;
    }
    std::size_t keep = stopBytes; // at the end of m_held: the stop string, or what may become one
    for (const Pattern& pattern : m_patterns)
        keep = stopped() ? keep : std::max(keep, pattern.matchedBytes);
    m_characters.push(std::string_view(m_held).substr(0, m_held.size() - keep), m_output);
    m_held.erase(0, stopped() ? m_held.size() : m_held.size() - keep);
    return m_output;
}

std::string_view StopStringFilter::flush() {
    m_output.clear();
    m_characters.push(m_held, m_output);
    m_characters.flush(m_output);
    m_held.clear();
    return m_output;
}

} // namespace hearth
