#include "ui/markdown/block_builder.h"

#include "ui/markdown/entity.h"
#include "ui/markdown/link_policy.h"

#include <QRegularExpression>

#include <algorithm>
#include <utility>

namespace hearth::ui {
namespace {

// Deeper quotes and lists than anybody writes are shown at this depth; each block carries a copy of its containers.
constexpr std::size_t kDeepest = 12;

QString attributeText(const MD_ATTRIBUTE& attribute) {
    QString text;
    if (attribute.size == 0 || !attribute.text)
        return text;
    for (int part = 0; attribute.substr_offsets[part] < attribute.size; ++part) {
        const MD_OFFSET begin = attribute.substr_offsets[part];
        const QByteArrayView bytes(attribute.text + begin, attribute.substr_offsets[part + 1] - begin);
        text += attribute.substr_types[part] == MD_TEXT_ENTITY ? decodeEntity(bytes) : QString::fromUtf8(bytes);
    }
    return text;
}

ColumnAlign columnAlign(MD_ALIGN align) {
    switch (align) {
    case MD_ALIGN_LEFT:
        return ColumnAlign::Left;
    case MD_ALIGN_CENTER:
        return ColumnAlign::Center;
    case MD_ALIGN_RIGHT:
        return ColumnAlign::Right;
    case MD_ALIGN_DEFAULT:
        break;
    }
    return ColumnAlign::Default;
}

SpanStyles spanStyle(MD_SPANTYPE type) {
    switch (type) {
    case MD_SPAN_EM:
        return SpanStyle::Emphasis;
    case MD_SPAN_STRONG:
        return SpanStyle::Strong;
    case MD_SPAN_CODE:
        return SpanStyle::Code;
    case MD_SPAN_DEL:
        return SpanStyle::Strike;
    case MD_SPAN_LATEXMATH:
        return SpanStyle::Math;
    case MD_SPAN_LATEXMATH_DISPLAY:
        return SpanStyle::Math | SpanStyle::DisplayMath;
    case MD_SPAN_IMG:
        return SpanStyle::Image;
    case MD_SPAN_A:
    case MD_SPAN_WIKILINK:
    case MD_SPAN_U:
        break;
    }
    return {};
}

} // namespace

BlockBuilder::BlockBuilder(QByteArrayView source, ListContext before) : m_source(source), m_before(before) {}

int BlockBuilder::enterBlock(MD_BLOCKTYPE type, const void* detail) {
    switch (type) {
    case MD_BLOCK_QUOTE:
        closeLeaf();
        if (m_containers.size() < kDeepest)
            m_containers.push_back({ContainerKind::Quote, true, 0});
        else
            ++m_hiddenContainers;
        break;
    case MD_BLOCK_UL:
        closeLeaf();
        m_lists.push_back({});
        break;
    case MD_BLOCK_OL: {
        closeLeaf();
        const auto* list = static_cast<const MD_BLOCK_OL_DETAIL*>(detail);
        int first = static_cast<int>(list->start);
        const bool goesOn = m_blocks.empty() && m_lists.empty() && m_containers.empty() && m_before.delimiter != 0
                            && m_before.delimiter == list->mark_delimiter;
        if (goesOn)
            first = m_before.lastNumber + 1;
        m_lists.push_back({list->mark_delimiter, first});
        break;
    }
    case MD_BLOCK_LI:
        openItem(*static_cast<const MD_BLOCK_LI_DETAIL*>(detail));
        break;
    case MD_BLOCK_HR:
        openLeaf(BlockKind::Rule);
        break;
    case MD_BLOCK_H:
        openLeaf(BlockKind::Heading);
        m_blocks.back().level = static_cast<int>(static_cast<const MD_BLOCK_H_DETAIL*>(detail)->level);
        break;
    case MD_BLOCK_CODE:
        openLeaf(BlockKind::Code);
        m_blocks.back().language = attributeText(static_cast<const MD_BLOCK_CODE_DETAIL*>(detail)->lang);
        break;
    case MD_BLOCK_P:
    case MD_BLOCK_HTML:
        openLeaf(BlockKind::Paragraph);
        break;
    case MD_BLOCK_TABLE:
        openLeaf(BlockKind::Table);
        break;
    case MD_BLOCK_TR:
        m_blocks.back().table.rows.emplace_back();
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        return addCell(*static_cast<const MD_BLOCK_TD_DETAIL*>(detail), type);
    case MD_BLOCK_DOC:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
        break;
    }
    return 0;
}

int BlockBuilder::leaveBlock(MD_BLOCKTYPE type) {
    switch (type) {
    case MD_BLOCK_QUOTE:
        closeLeaf();
        if (m_hiddenContainers > 0)
            --m_hiddenContainers;
        else
            m_containers.pop_back();
        break;
    case MD_BLOCK_UL:
    case MD_BLOCK_OL:
        if (m_lists.size() == 1 && m_containers.empty())
            m_openList = {m_lists.back().delimiter, m_lists.back().nextNumber - 1};
        m_lists.pop_back();
        break;
    case MD_BLOCK_LI:
        closeItem();
        break;
    case MD_BLOCK_TH:
    case MD_BLOCK_TD:
        m_cellOpen = false;
        break;
    case MD_BLOCK_HR:
    case MD_BLOCK_H:
    case MD_BLOCK_CODE:
    case MD_BLOCK_P:
    case MD_BLOCK_HTML:
    case MD_BLOCK_TABLE:
        closeLeaf();
        break;
    case MD_BLOCK_DOC:
    case MD_BLOCK_THEAD:
    case MD_BLOCK_TBODY:
    case MD_BLOCK_TR:
        break;
    }
    return 0;
}

int BlockBuilder::enterSpan(MD_SPANTYPE type, const void* detail) {
    OpenSpan span = m_spans.empty() ? OpenSpan{} : m_spans.back();
    span.styles |= spanStyle(type);
    QString address;
    if (type == MD_SPAN_A)
        address = attributeText(static_cast<const MD_SPAN_A_DETAIL*>(detail)->href);
    else if (type == MD_SPAN_IMG)
        address = attributeText(static_cast<const MD_SPAN_IMG_DETAIL*>(detail)->src);
    // Inside a link the outer address wins: an image in a link leads where the link leads.
    if (span.link < 0 && isSafeLink(address)) {
        RichText* text = target();
        span.styles |= SpanStyle::Link;
        span.link = static_cast<int>(text->links.size());
        text->links += address;
    }
    m_spans.push_back(span);
    if (type == MD_SPAN_LATEXMATH || type == MD_SPAN_LATEXMATH_DISPLAY) {
        m_math.clear();
        m_mathEnd = 0;
    }
    return 0;
}

int BlockBuilder::leaveSpan(MD_SPANTYPE type) {
    if (type == MD_SPAN_LATEXMATH || type == MD_SPAN_LATEXMATH_DISPLAY)
        closeMath();
    m_spans.pop_back();
    return 0;
}

int BlockBuilder::addText(MD_TEXTTYPE type, QByteArrayView text) {
    switch (type) {
    case MD_TEXT_NULLCHAR:
        append(QString(QChar(QChar::ReplacementCharacter)));
        break;
    case MD_TEXT_BR:
    case MD_TEXT_SOFTBR:
        // Models end verses and addresses with a bare line feed, and seldom wrap prose by hand.
        append(QString(QChar(QChar::LineSeparator)));
        break;
    case MD_TEXT_ENTITY:
        append(decodeEntity(text));
        break;
    case MD_TEXT_LATEXMATH:
        m_math += QString::fromUtf8(text);
        if (isSource(text))
            m_mathEnd = text.data() + text.size() - m_source.data();
        break;
    case MD_TEXT_CODE:
        addCode(text);
        break;
    case MD_TEXT_NORMAL:
    case MD_TEXT_HTML:
        addNormalText(text);
        break;
    }
    if (isSource(text))
        m_textEnd = text.data() + text.size() - m_source.data();
    return 0;
}

bool BlockBuilder::isSource(QByteArrayView text) const {
    return text.data() >= m_source.data() && text.data() < m_source.data() + m_source.size();
}

/// Whether the text is one letter whose backslash md4c took away.
bool BlockBuilder::isEscaped(QByteArrayView text) const {
    if (text.size() != 1 || !isSource(text))
        return false;
    const qsizetype at = text.data() - m_source.data();
    return at > m_textEnd && m_source[at - 1] == '\\';
}

void BlockBuilder::addNormalText(QByteArrayView text) {
    static const QRegularExpression lineBreak(QStringLiteral("<br\\s*/?>"), QRegularExpression::CaseInsensitiveOption);
    if (isEscaped(text)) {
        // TeX in brackets: Markdown takes the backslashes away, but models mean "\(x\)" and "\[x\]" as formulas.
        const qsizetype at = text.data() - m_source.data();
        const char letter = text[0];
        if (letter == '(' || letter == '[') {
            m_bracket = {letter, static_cast<int>(target()->text.size()), at + 1};
        } else if ((letter == ')' && m_bracket.open == '(') || (letter == ']' && m_bracket.open == '[')) {
            closeBracket(at - 1);
            return;
        }
    }
    QString plain = QString::fromUtf8(text);
    // The only way to break a line in a cell, and harmless: it becomes a line break, not HTML.
    if (m_cellOpen && plain.contains(u'<'))
        plain.replace(lineBreak, QString(QChar(QChar::LineSeparator)));
    append(plain);
}

/// Puts the formula, as written, in the place of what it was taken for.
void BlockBuilder::closeBracket(qsizetype sourceEnd) {
    RichText* rich = target();
    const OpenBracket bracket = std::exchange(m_bracket, {});
    const QByteArrayView source = m_source.sliced(bracket.sourceBegin, sourceEnd - bracket.sourceBegin);
    const QString formula = QString::fromUtf8(source).simplified();
    rich->text.truncate(bracket.textBegin);
    std::erase_if(rich->spans, [&](const TextSpan& span) { return span.start >= bracket.textBegin; });
    if (!rich->spans.empty()) {
        TextSpan& last = rich->spans.back();
        last.length = std::min(last.length, bracket.textBegin - last.start);
    }
    if (formula.isEmpty())
        return;
    const SpanStyles display = bracket.open == '[' ? SpanStyles(SpanStyle::DisplayMath) : SpanStyles();
    rich->spans.push_back({bracket.textBegin, static_cast<int>(formula.size()), SpanStyle::Math | display, -1});
    rich->text += formula;
}

void BlockBuilder::openLeaf(BlockKind kind) {
    closeLeaf();
    m_openList = {};
    Block block;
    block.kind = kind;
    block.containers = m_containers;
    for (Container& container : m_containers)
        container.opensHere = false;
    m_blocks.push_back(std::move(block));
    m_leafOpen = true;
}

void BlockBuilder::closeLeaf() {
    m_bracket = {};
    if (!m_leafOpen)
        return;
    m_leafOpen = false;
    TableContent& table = m_blocks.back().table;
    for (auto& row : table.rows)
        row.resize(table.columns.size());
    QString& text = m_blocks.back().content.text;
    if (m_blocks.back().kind == BlockKind::Code && text.endsWith(u'\n'))
        text.chop(1);
}

void BlockBuilder::openItem(const MD_BLOCK_LI_DETAIL& detail) {
    closeLeaf();
    OpenList& list = m_lists.back();
    Container item{list.delimiter ? ContainerKind::OrderedItem : ContainerKind::BulletItem, true, list.nextNumber};
    if (list.delimiter)
        ++list.nextNumber;
    if (detail.is_task)
        item.kind = detail.task_mark == ' ' ? ContainerKind::OpenTask : ContainerKind::DoneTask;
    if (item.kind != ContainerKind::OrderedItem)
        item.number = 0;
    if (m_containers.size() < kDeepest)
        m_containers.push_back(item);
    else
        ++m_hiddenContainers;
}

void BlockBuilder::closeItem() {
    closeLeaf();
    if (m_hiddenContainers > 0) {
        --m_hiddenContainers;
        return;
    }
    // An item with nothing in it still shows its bullet.
    if (m_containers.back().opensHere) {
        openLeaf(BlockKind::Paragraph);
        closeLeaf();
    }
    m_containers.pop_back();
}

int BlockBuilder::addCell(const MD_BLOCK_TD_DETAIL& detail, MD_BLOCKTYPE type) {
    // Short rows are filled up to the width of the header: a few thousand columns and rows of one byte each would
    // make millions of cells. A table that people can read has at least half a byte of source for each cell.
    if (++m_cellCount > 2 * m_source.size() + 1000)
        return 1;
    TableContent& table = m_blocks.back().table;
    if (type == MD_BLOCK_TH)
        table.columns.push_back(columnAlign(detail.align));
    table.rows.back().emplace_back();
    m_bracket = {};
    m_cellOpen = true;
    return 0;
}

RichText* BlockBuilder::target() {
    if (m_cellOpen)
        return &m_blocks.back().table.rows.back().back();
    // The items of a tight list hold text without a paragraph around it.
    if (!m_leafOpen)
        openLeaf(BlockKind::Paragraph);
    return &m_blocks.back().content;
}

void BlockBuilder::append(QStringView text) {
    RichText* rich = target();
    const auto start = static_cast<int>(rich->text.size());
    const auto length = static_cast<int>(text.size());
    rich->text += text;
    if (m_spans.empty() || length == 0)
        return;
    const OpenSpan& style = m_spans.back();
    if (!style.styles && style.link < 0)
        return;
    if (!rich->spans.empty()) {
        TextSpan& last = rich->spans.back();
        if (last.start + last.length == start && last.styles == style.styles && last.link == style.link) {
            last.length += length;
            return;
        }
    }
    rich->spans.push_back({start, length, style.styles, style.link});
}

/// md4c gives the indentation of a line of code as so many blanks; a makefile needs the tab that was written.
void BlockBuilder::addCode(QByteArrayView text) {
    if (!m_leafOpen || m_blocks.back().kind != BlockKind::Code) {
        QString span = QString::fromUtf8(text);
        // GitHub's tables take the backslash before a pipe away in code too; md4c leaves it there.
        if (m_cellOpen)
            span.replace(QStringLiteral("\\|"), QStringLiteral("|"));
        append(span);
        return;
    }
    const bool written = isSource(text);
    if (!written && text != QByteArrayView("\n")) {
        m_codeIndent += static_cast<int>(text.size());
        return;
    }
    if (m_codeIndent > 0)
        append(
            QString::fromUtf8(written ? writtenIndent(text.data() - m_source.data()) : QByteArray(m_codeIndent, ' ')));
    m_codeIndent = 0;
    append(QString::fromUtf8(text));
}

/// The last m_codeIndent columns of the blanks before a line's text, as they stand in the source.
QByteArray BlockBuilder::writtenIndent(qsizetype textBegin) const {
    constexpr int kTabStop = 4;
    qsizetype lineBegin = textBegin;
    while (lineBegin > 0 && m_source[lineBegin - 1] != '\n')
        --lineBegin;
    std::vector<int> columns{0}; // at which each byte of the line stands
    for (qsizetype at = lineBegin; at < textBegin; ++at)
        columns.push_back(m_source[at] == '\t' ? columns.back() + kTabStop - columns.back() % kTabStop
                                               : columns.back() + 1);
    const int wanted = columns.back() - m_codeIndent;
    const auto begin = std::lower_bound(columns.begin(), columns.end(), wanted);
    // Where the block's own indentation ends inside a tab, the rest of that tab is blanks.
    const QByteArray rest(*begin - wanted, ' ');
    const qsizetype from = lineBegin + (begin - columns.begin());
    return rest + m_source.sliced(from, textBegin - from).toByteArray();
}

void BlockBuilder::closeMath() {
    const bool display = m_spans.back().styles.testFlag(SpanStyle::DisplayMath);
    const QString fence = display ? QStringLiteral("$$") : QStringLiteral("$");
    // "$5 and $10" are prices: as in Pandoc, a formula does not begin or end with a blank, and no digit follows it.
    const qsizetype behind = m_mathEnd + fence.size();
    const bool digitFollows = behind < m_source.size() && m_source[behind] >= '0' && m_source[behind] <= '9';
    const bool padded = m_math.isEmpty() || m_math.front().isSpace() || m_math.back().isSpace();
    if (!display && (padded || digitFollows)) {
        const OpenSpan math = m_spans.back();
        m_spans.back().styles = m_spans.size() > 1 ? m_spans[m_spans.size() - 2].styles : SpanStyles{};
        append(fence + m_math + fence);
        m_spans.back() = math;
        return;
    }
    append(display ? m_math.trimmed() : m_math);
}

} // namespace hearth::ui
