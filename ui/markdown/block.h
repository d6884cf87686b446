#pragma once

#include <QFlags>
#include <QString>
#include <QStringList>

#include <vector>

namespace hearth::ui {

/// How a run of text is set. Several may hold at once. Code and Math exclude the others inside.
enum class SpanStyle : quint16 {
    Strong = 0x01,
    Emphasis = 0x02,
    Strike = 0x04,
    Code = 0x08,
    Math = 0x10,
    DisplayMath = 0x20,
    Link = 0x40,
    Image = 0x80,
};
Q_DECLARE_FLAGS(SpanStyles, SpanStyle)
Q_DECLARE_OPERATORS_FOR_FLAGS(SpanStyles)

/// A styled run: `start` and `length` in UTF-16 units of RichText::text, `link` an index into RichText::links or -1.
struct TextSpan {
    int start = 0;
    int length = 0;
    SpanStyles styles;
    int link = -1;

    friend bool operator==(const TextSpan&, const TextSpan&) = default;
};

/// Text with styled runs, sorted by start and without overlap. Line breaks are QChar::LineSeparator.
/// Links hold only addresses that isSafeLink() accepts; others are shown as their text alone.
struct RichText {
    QString text;
    std::vector<TextSpan> spans;
    QStringList links;

    friend bool operator==(const RichText&, const RichText&) = default;
};

enum class ContainerKind : quint8 { Quote, BulletItem, OrderedItem, OpenTask, DoneTask };

/// One quote or list item around a block, outermost first in Block::containers.
struct Container {
    ContainerKind kind = ContainerKind::Quote;
    /// True for the first block inside: there the bullet or number is drawn, or a new quote begins.
    bool opensHere = true;
    /// The number of an OrderedItem.
    int number = 0;

    friend bool operator==(const Container&, const Container&) = default;
};

enum class ColumnAlign : quint8 { Default, Left, Center, Right };

/// rows[0] is the header (unless the table goes on from another block); every row has columns.size() cells.
struct TableContent {
    std::vector<ColumnAlign> columns;
    std::vector<std::vector<RichText>> rows;

    friend bool operator==(const TableContent&, const TableContent&) = default;
};

/// In UTF-16 units.
inline constexpr qsizetype kLongestParagraph = 4096;
inline constexpr std::size_t kMostTableRows = 128;

enum class BlockKind : quint8 { Paragraph, Heading, Code, Table, Rule };

/// A leaf of the document in reading order. Quotes and lists are not blocks of their own: each leaf carries the
/// containers around it, so that a view lays out and drops leaves one by one, however deep they stand.
struct Block {
    BlockKind kind = BlockKind::Paragraph;
    /// 1 to 6 for a Heading.
    int level = 0;
    /// First word after the fence of a Code block, as written.
    QString language;
    /// Text of a Paragraph, Heading or Code block (there with '\n' between lines, none after the last, and no spans).
    RichText content;
    TableContent table;
    std::vector<Container> containers;
    /// The block before goes on here: a paragraph beyond kLongestParagraph or a table beyond kMostTableRows comes in
    /// several blocks, so that no view has to lay out a megabyte at once. A paragraph goes on in the same line; a table
    /// with its next row, without a header.
    bool goesOn = false;

    friend bool operator==(const Block&, const Block&) = default;
};

} // namespace hearth::ui
