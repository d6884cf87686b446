#pragma once

#include <QStringView>

#include <vector>

namespace hearth::ui {

/// What a piece of code is, for its colour. Plain text has no token.
enum class CodeToken : quint8 { Keyword, Type, String, Number, Comment, Function, Inserted, Deleted, Meta };

/// A run of one line, in UTF-16 units from the start of that line.
struct CodeSpan {
    int start = 0;
    int length = 0;
    CodeToken token = CodeToken::Keyword;

    friend bool operator==(const CodeSpan&, const CodeSpan&) = default;
};

/// What is open at the end of a line. 0: nothing. The meaning of other values is the highlighter's own.
using HighlightState = quint16;

struct CodeLanguage;

/// The language of a code block by the word behind its fence ("cpp", "C++", "py", ...), whatever its case; null if it
/// is not known. The returned object lives as long as the program.
[[nodiscard]] const CodeLanguage* findCodeLanguage(QStringView name);

/// Colours one line. state: what is open before it, and after the call what is open behind it. The spans are sorted
/// and do not overlap. Looks at each character a bounded number of times. Thread: any.
[[nodiscard]] std::vector<CodeSpan> highlightLine(const CodeLanguage& language, QStringView line,
                                                  HighlightState* state);

} // namespace hearth::ui
