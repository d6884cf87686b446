#pragma once

#include <string>
#include <string_view>

namespace hearth {

/// Joins bytes that come in pieces into whole UTF-8 characters. Bytes that belong to no character become U+FFFD, one
/// for each maximal part of a broken character. Thread: one. Source: The Unicode Standard 15, section 3.9.
class Utf8Stream {
public:
    /// Appends to `output` every character that `bytes` complete; an unfinished one waits.
    void push(std::string_view bytes, std::string& output);
    /// Appends U+FFFD if a character was left unfinished.
    void flush(std::string& output);

private:
    std::string m_waiting; ///< the beginning of a character, at most 3 bytes
};

} // namespace hearth
