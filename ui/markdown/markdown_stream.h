#pragma once

#include "ui/markdown/block.h"
#include "ui/markdown/segment_parser.h"
#include "ui/markdown/segment_scanner.h"

#include <QByteArray>
#include <QStringView>

#include <vector>

namespace hearth::ui {

/// Markdown that arrives in pieces, as blocks. Top-level blocks that no later text can change are frozen; only the open
/// tail is parsed again, and an open code block not even that. What blocks() holds after finish() depends on the text
/// alone, not on how it was cut into pieces, and equals one parse of the whole.
/// While text arrives an unclosed fence is a code block, the header of an unfinished table a paragraph, and bold text
/// that is still open is bold (see completeLine()); a tail beyond
/// 32 KB is parsed again only when it grew by a part, so that one endless paragraph or table stays affordable.
/// Thread: any, one at a time.
class MarkdownStream {
public:
    /// Adds text; a surrogate pair or a CR LF may be cut in two. Returns the index of the first block that is new or
    /// different, blocks().size() if none is.
    std::size_t append(QStringView delta);
    /// Shows what was held back until its line is complete. Returns as append(); a link definition that stood behind
    /// its use may change any block. More text may follow: an answer that is continued.
    std::size_t finish();
    /// Forgets everything.
    void clear();

    [[nodiscard]] const std::vector<Block>& blocks() const { return m_blocks; }
    /// blocks()[0 .. frozenCount) change no more before finish().
    [[nodiscard]] std::size_t frozenCount() const { return m_frozenCount; }
    /// Bytes handed to the parser so far: what the streaming cost.
    [[nodiscard]] qsizetype parsedBytes() const { return m_parsedBytes; }

private:
    struct Segment {
        qsizetype begin = 0; ///< offset in m_source
        std::size_t firstBlock = 0;
        bool continuesList = false;
    };

    void takeIn(QStringView delta);
    void scanLines();
    void closeSegment(qsizetype end, bool nextContinuesList);
    void showTail(qsizetype end);
    void parseTail(qsizetype end);
    void extendFence();
    [[nodiscard]] qsizetype settledEnd() const;
    void collectDefinitions(QByteArrayView segment);
    [[nodiscard]] std::vector<Block> parse(QByteArrayView segment, ListContext before, ListContext* after);
    void replaceTail(std::vector<Block> tail);
    void resolveReferences();
    [[nodiscard]] QByteArrayView source(qsizetype begin, qsizetype end) const;

    QByteArray m_source; ///< UTF-8, '\n' line ends, no NUL
    QChar m_pending;     ///< a high surrogate or CR at the end of the last piece
    SegmentScanner m_scanner;
    qsizetype m_scanned = 0; ///< offset of the first line not yet scanned
    Segment m_tail;
    std::vector<Segment> m_segments; ///< frozen ones
    std::vector<Block> m_blocks;
    std::size_t m_frozenCount = 0;
    std::size_t m_firstChanged = 0;
    ListContext m_list;          ///< open at the end of the last frozen segment
    QByteArray m_definitions;    ///< link definitions seen in frozen segments
    qsizetype m_parsedTo = 0;    ///< offset in m_source that the tail's blocks show
    qsizetype m_fenceShown = -1; ///< offset up to which the open fence's block holds the text, -1 without one
    qsizetype m_parsedBytes = 0;
};

/// Blocks of a complete text.
[[nodiscard]] std::vector<Block> parseMarkdown(QStringView text);

} // namespace hearth::ui
