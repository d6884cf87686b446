#pragma once

#include <QByteArrayView>
#include <QtGlobal>

namespace hearth::ui {

/// Finds, line by line, the places where Markdown text may be cut so that the parts parsed one by one give the blocks
/// of the whole. It reads block structure only, one line once, and cuts only where CommonMark leaves no doubt about
/// what is open: a place that it misses costs time, a wrong one would change the answer.
/// Source: CommonMark 0.30, sections 3 to 5. Thread: any.
class SegmentScanner {
public:
    struct Cut {
        bool before = false; ///< a new segment begins with this line
        bool after = false;  ///< a new segment begins behind this line
        /// With `before`: the segment goes on with the list of the one before (numbers run on).
        bool continuesList = false;
    };

    /// line: complete, without its line feed.
    Cut addLine(QByteArrayView line);
    /// Begins anew, as at the start of a text.
    void reset();

    /// Inside a fenced block whose opening line is the first line of the segment and stands at column 0.
    [[nodiscard]] bool inPlainFence() const { return m_state == State::Fence && m_fenceIndent == 0; }
    /// Whether the next line is surely running text, not code.
    [[nodiscard]] bool expectsText() const;
    /// Whether `line` may still become, or is, the closing line of the open fence.
    [[nodiscard]] bool mayCloseFence(QByteArrayView line) const;

private:
    enum class State {
        Fresh,     ///< nothing is open
        Paragraph, ///< a paragraph, or one that turns out to be a heading or link definition
        Leaf,      ///< a quote or a table: may hold something that ends at the next line
        Indented,  ///< an indented code block
        Fence,
        List,
        DoubtfulList, ///< a paragraph is open that may be inside the last item or behind the list
        Unknown,      ///< no further cut
    };
    struct Line;

    [[nodiscard]] static Line examine(QByteArrayView line);
    [[nodiscard]] bool closesFence(QByteArrayView line) const;
    void begin(const Line& line);
    void beginItem(const Line& line);
    void goOnInItem(const Line& line, int depth);
    [[nodiscard]] bool takenByItemFence(QByteArrayView line, const Line& examined);
    Cut cutBefore(const Line& line);
    Cut inParagraph(const Line& line);
    Cut inLeaf(const Line& line);
    Cut inList(const Line& line);
    Cut inDoubtfulList(const Line& line);

    State m_state = State::Fresh;
    bool m_afterBlank = false;
    char m_fenceChar = 0;
    qsizetype m_fenceSize = 0;
    int m_fenceIndent = 0;
    /// List: column at which the last item's content stands; a line indented as far belongs to it.
    int m_contentColumn = 0;
    bool m_itemEmpty = false;
    /// List: the last line left a paragraph open, so that plain text on the next line goes on with it wherever it
    /// stands.
    bool m_itemParagraph = false;
    /// List: the item holds what may be a fence or a table, where a line of text need not be a paragraph.
    bool m_itemDoubtful = false;
    /// List: the fence (m_fenceChar, m_fenceSize) of a code block right inside the item is open.
    bool m_itemFence = false;
    /// List: a closing fence further out has ended the list with the code block.
    bool m_listEnded = false;
    /// List, Leaf: a fence stands somewhere deeper, and a fence further out may be its end.
    bool m_hiddenFence = false;
};

} // namespace hearth::ui
