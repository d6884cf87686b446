#include "ui/markdown/segment_parser.h"

#include "ui/markdown/block_builder.h"
#include "ui/markdown/block_splitter.h"

#include <md4c.h>

namespace hearth::ui {
namespace {

constexpr unsigned kDialect = MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS | MD_FLAG_PERMISSIVEAUTOLINKS
                              | MD_FLAG_LATEXMATHSPANS | MD_FLAG_NOHTML;

BlockBuilder& builder(void* userData) {
    return *static_cast<BlockBuilder*>(userData);
}

int enterBlock(MD_BLOCKTYPE type, void* detail, void* userData) {
    return builder(userData).enterBlock(type, detail);
}
int leaveBlock(MD_BLOCKTYPE type, void*, void* userData) {
    return builder(userData).leaveBlock(type);
}
int enterSpan(MD_SPANTYPE type, void* detail, void* userData) {
    return builder(userData).enterSpan(type, detail);
}
int leaveSpan(MD_SPANTYPE type, void*, void* userData) {
    return builder(userData).leaveSpan(type);
}
int addText(MD_TEXTTYPE type, const MD_CHAR* text, MD_SIZE size, void* userData) {
    return builder(userData).addText(type, QByteArrayView(text, size));
}

Block paragraph(QStringList* lines) {
    Block block;
    block.content.text = lines->join(QChar(QChar::LineSeparator));
    lines->clear();
    return block;
}

/// Length of a run of three or more '`' or '~' at the start of the line, else 0.
qsizetype fenceLength(QStringView line) {
    if (line.isEmpty() || (line[0] != u'`' && line[0] != u'~'))
        return 0;
    qsizetype length = 1;
    while (length < line.size() && line[length] == line[0])
        ++length;
    return length >= 3 ? length : 0;
}

} // namespace

std::vector<Block> parseSegment(QByteArrayView utf8, ListContext before, ListContext* after) {
    BlockBuilder blocks(utf8, before);
    MD_PARSER parser = {};
    parser.flags = kDialect;
    parser.enter_block = enterBlock;
    parser.leave_block = leaveBlock;
    parser.enter_span = enterSpan;
    parser.leave_span = leaveSpan;
    parser.text = addText;
    if (after)
        *after = {};
    if (md_parse(utf8.data(), static_cast<MD_SIZE>(utf8.size()), &parser, &blocks) != 0)
        return parsePlainText(QString::fromUtf8(utf8));
    if (after)
        *after = blocks.openList();
    return splitLongBlocks(blocks.takeBlocks());
}

std::vector<Block> parsePlainText(QStringView text) {
    // A pasted log is cut into pieces of this many lines, so that a view need not lay it out whole.
    constexpr qsizetype kLinesPerBlock = 64;
    std::vector<Block> blocks;
    QStringList lines;
    QChar fence;
    qsizetype fenceSize = 0;
    for (const QStringView line : text.split(u'\n')) {
        const qsizetype run = fenceLength(line);
        const bool closes =
            fenceSize > 0 && run >= fenceSize && line[0] == fence && line.sliced(run).trimmed().isEmpty();
        const bool opens = fenceSize == 0 && run > 0 && !line.sliced(run).contains(u'`');
        const bool blank = line.trimmed().isEmpty();
        if (fenceSize > 0 && !closes) {
            lines += line.toString();
            continue;
        }
        if (closes) {
            blocks.back().content.text = lines.join(u'\n');
            lines.clear();
            fenceSize = 0;
            continue;
        }
        if ((opens || blank || lines.size() >= kLinesPerBlock) && !lines.isEmpty())
            blocks.push_back(paragraph(&lines));
        if (opens) {
            fence = line[0];
            fenceSize = run;
            Block code;
            code.kind = BlockKind::Code;
            code.language = line.sliced(run).trimmed().toString().section(u' ', 0, 0);
            blocks.push_back(std::move(code));
        } else if (!blank) {
            lines += line.toString();
        }
    }
    if (fenceSize > 0)
        blocks.back().content.text = lines.join(u'\n');
    else if (!lines.isEmpty())
        blocks.push_back(paragraph(&lines));
    return splitLongBlocks(std::move(blocks));
}

} // namespace hearth::ui
