#pragma once

#include "ui/markdown/block.h"
#include "ui/markdown/segment_parser.h"

#include <QByteArray>
#include <QByteArrayView>

#include <md4c.h>

#include <vector>

namespace hearth::ui {

/// Turns md4c's events into blocks. Each event returns 0, or 1 to give the parse up. Thread: any, one parse each.
class BlockBuilder {
public:
    BlockBuilder(QByteArrayView source, ListContext before);

    int enterBlock(MD_BLOCKTYPE type, const void* detail);
    int leaveBlock(MD_BLOCKTYPE type);
    int enterSpan(MD_SPANTYPE type, const void* detail);
    int leaveSpan(MD_SPANTYPE type);
    int addText(MD_TEXTTYPE type, QByteArrayView text);

    [[nodiscard]] std::vector<Block> takeBlocks() { return std::move(m_blocks); }
    /// The last list of the outermost level, if nothing followed it.
    [[nodiscard]] ListContext openList() const { return m_openList; }

private:
    struct OpenList {
        char delimiter = 0; ///< 0 for bullets
        int nextNumber = 0;
    };
    /// "\\(" or "\\[" that was seen in a leaf: TeX up to its counterpart.
    struct OpenBracket {
        char open = 0; ///< 0: none
        int textBegin = 0;
        qsizetype sourceBegin = 0;
    };
    struct OpenSpan {
        SpanStyles styles;
        int link = -1;
    };

    void openLeaf(BlockKind kind);
    void closeLeaf();
    void openItem(const MD_BLOCK_LI_DETAIL& detail);
    void closeItem();
    int addCell(const MD_BLOCK_TD_DETAIL& detail, MD_BLOCKTYPE type);
    [[nodiscard]] RichText* target();
    void append(QStringView text);
    void closeMath();
    void addNormalText(QByteArrayView text);
    [[nodiscard]] bool isSource(QByteArrayView text) const;
    [[nodiscard]] bool isEscaped(QByteArrayView text) const;
    void closeBracket(qsizetype sourceEnd);
    void addCode(QByteArrayView text);
    [[nodiscard]] QByteArray writtenIndent(qsizetype textBegin) const;

    QByteArrayView m_source;
    ListContext m_before;
    ListContext m_openList;
    std::vector<Block> m_blocks;
    std::vector<Container> m_containers;
    /// Containers beyond kDeepest that were entered and not stored.
    int m_hiddenContainers = 0;
    std::vector<OpenList> m_lists;
    std::vector<OpenSpan> m_spans;
    bool m_leafOpen = false;
    bool m_cellOpen = false;
    qsizetype m_cellCount = 0;
    /// Columns of indentation that md4c reported for the line of code to come.
    int m_codeIndent = 0;
    OpenBracket m_bracket;
    /// Offset in the source behind the last text that came from it.
    qsizetype m_textEnd = 0;
    /// The formula being read, and whether what stands right behind it forbids reading the dollars as math.
    QString m_math;
    qsizetype m_mathEnd = 0;
};

} // namespace hearth::ui
