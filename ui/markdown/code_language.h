#pragma once

#include <QFlags>
#include <QStringView>

#include <vector>

namespace hearth::ui {

/// How a language departs from "words, numbers, strings and comments".
enum class CodeTrait : quint16 {
    IgnoresCase = 0x01,
    HashDirectives = 0x02,  ///< '#' as the first letter of a line begins a directive
    Decorators = 0x04,      ///< '@name'
    DollarNames = 0x08,     ///< '$name' and '${name}'
    StringKeys = 0x10,      ///< a string before ':' is a key
    BareKeys = 0x20,        ///< words before ':' are a key
    Markup = 0x40,          ///< tags with attributes; the rest is text
    LineMarks = 0x80,       ///< a diff: the first letter tells
    CapitalTypes = 0x100,   ///< a name with a capital letter first is a type
    Lifetimes = 0x200,      ///< 'name without a closing quote is no string
    NoCalls = 0x400,        ///< a name before '(' is nothing special
    HashNeedsBlank = 0x800, ///< '#' begins a comment only at the start of a word
};
Q_DECLARE_FLAGS(CodeTraits, CodeTrait)
Q_DECLARE_OPERATORS_FOR_FLAGS(CodeTraits)

/// A kind of string. escape: the letter that takes the next one's meaning, or null.
struct StringRule {
    QStringView open;
    QStringView close;
    QChar escape;
    bool manyLines = false;
};

/// A language as data. Words are separated by blanks in the source tables and sorted here.
struct CodeLanguage {
    std::vector<QStringView> names;
    std::vector<QStringView> keywords;
    std::vector<QStringView> types;
    std::vector<QStringView> lineComments;
    QStringView blockOpen;
    QStringView blockClose;
    /// Longer openings first.
    std::vector<StringRule> strings;
    CodeTraits traits;
};

/// All languages. Built once; lives as long as the program.
[[nodiscard]] const std::vector<CodeLanguage>& codeLanguages();

} // namespace hearth::ui
