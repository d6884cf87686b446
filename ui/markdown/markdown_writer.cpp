#include "ui/markdown/markdown_writer.h"

#include <algorithm>

namespace hearth::ui {
namespace {

enum class Format { Plain, Markdown };

bool isItem(const Container& container) {
    return container.kind != ContainerKind::Quote;
}

QString tableText(const TableContent& table) {
    QString all;
    for (const auto& row : table.rows)
        for (std::size_t column = 0; column < row.size(); ++column)
            all += row[column].text + (column + 1 < row.size() ? u'\t' : u'\n');
    all.chop(1);
    return all;
}

/// Backslashes before what Markdown would take for markup in running text.
QString escaped(QStringView text) {
    QString out;
    for (const QChar c : text) {
        if (QStringView(u"\\`*_[]<$~").contains(c))
            out += u'\\';
        out += c;
    }
    return out;
}

/// A code span's fence is longer than any run of backticks inside.
QString codeSpan(const QString& text) {
    int longest = 0;
    int run = 0;
    for (const QChar c : text) {
        run = c == u'`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const QString fence(longest + 1, u'`');
    const QString space = longest > 0 ? QStringLiteral(" ") : QString();
    return fence + space + text + space + fence;
}

QString spanMarkdown(const TextSpan& span, const QString& text, const RichText& rich) {
    QString out;
    if (span.styles.testFlag(SpanStyle::Code))
        out = codeSpan(text);
    else if (span.styles.testFlag(SpanStyle::DisplayMath))
        out = QStringLiteral("$$") + text + QStringLiteral("$$");
    else if (span.styles.testFlag(SpanStyle::Math))
        out = u'$' + text + u'$';
    else
        out = escaped(text);
    // Marks stand close to the letters: blanks at the ends move outside.
    const QString core = out.trimmed();
    if (core.isEmpty())
        return out;
    const qsizetype lead = out.indexOf(core);
    const QString before = out.left(lead);
    const QString behind = out.mid(lead + core.size());
    QString marked = core;
    if (span.styles.testFlag(SpanStyle::Emphasis))
        marked = u'*' + marked + u'*';
    if (span.styles.testFlag(SpanStyle::Strong))
        marked = QStringLiteral("**") + marked + QStringLiteral("**");
    if (span.styles.testFlag(SpanStyle::Strike))
        marked = QStringLiteral("~~") + marked + QStringLiteral("~~");
    if (span.link >= 0) {
        const QString image = span.styles.testFlag(SpanStyle::Image) ? QStringLiteral("!") : QString();
        marked = image + u'[' + marked + QStringLiteral("](") + rich.links[span.link] + u')';
    }
    return before + marked + behind;
}

QString richMarkdown(const RichText& rich) {
    QString out;
    int at = 0;
    for (const TextSpan& span : rich.spans) {
        out += escaped(QStringView(rich.text).sliced(at, span.start - at));
        out += spanMarkdown(span, rich.text.sliced(span.start, span.length), rich);
        at = span.start + span.length;
    }
    out += escaped(QStringView(rich.text).sliced(at));
    return out.replace(QChar(QChar::LineSeparator), u'\n');
}

QString tableMarkdown(const Block& block) {
    const TableContent& table = block.table;
    QString out;
    for (std::size_t row = 0; row < table.rows.size(); ++row) {
        out += u'|';
        for (const RichText& cell : table.rows[row])
            out += u' ' + richMarkdown(cell).replace(u'|', QStringLiteral("\\|")).replace(u'\n', QStringLiteral("<br>"))
                   + QStringLiteral(" |");
        out += u'\n';
        if (row > 0 || block.goesOn)
            continue;
        static constexpr const char16_t* kMarks[] = {u" --- |", u" :-- |", u" :-: |", u" --: |"};
        out += u'|';
        for (const ColumnAlign align : table.columns)
            out += QStringView(kMarks[static_cast<int>(align)]);
        out += u'\n';
    }
    out.chop(1);
    return out;
}

QString codeMarkdown(const Block& block) {
    int longest = 2;
    int run = 0;
    for (const QChar c : block.content.text) {
        run = c == u'`' ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    const QString fence(longest + 1, u'`');
    return fence + block.language + u'\n' + block.content.text + u'\n' + fence;
}

QString body(const Block& block, Format format) {
    const bool markdown = format == Format::Markdown;
    switch (block.kind) {
    case BlockKind::Paragraph:
        break;
    case BlockKind::Heading:
        if (markdown)
            return QString(block.level, u'#') + u' ' + richMarkdown(block.content).replace(u'\n', u' ');
        break;
    case BlockKind::Code:
        return markdown ? codeMarkdown(block) : block.content.text;
    case BlockKind::Table:
        return markdown ? tableMarkdown(block) : tableText(block.table);
    case BlockKind::Rule:
        return QStringLiteral("---");
    }
    if (markdown)
        return richMarkdown(block.content);
    return QString(block.content.text).replace(QChar(QChar::LineSeparator), u'\n');
}

QString marker(const Container& container, Format format) {
    switch (container.kind) {
    case ContainerKind::Quote:
        return QStringLiteral("> ");
    case ContainerKind::BulletItem:
        return format == Format::Markdown ? QStringLiteral("- ") : QStringLiteral("• ");
    case ContainerKind::OrderedItem:
        return QStringLiteral("%1. ").arg(container.number);
    case ContainerKind::OpenTask:
        return format == Format::Markdown ? QStringLiteral("- [ ] ") : QStringLiteral("☐ ");
    case ContainerKind::DoneTask:
        return format == Format::Markdown ? QStringLiteral("- [x] ") : QStringLiteral("☑ ");
    }
    return {};
}

/// What stands before the first and the other lines of a block.
struct Prefix {
    QString first;
    QString others;
    QString gap; ///< before the empty line above the block: the quotes that go on
};

Prefix prefixOf(const Block& block, Format format) {
    Prefix prefix;
    bool goesOn = true;
    for (const Container& container : block.containers) {
        const QString mark = marker(container, format);
        const bool quote = container.kind == ContainerKind::Quote;
        // The content of a task stands below its bullet, not below its box.
        const qsizetype indent = format == Format::Markdown && mark.startsWith(QStringLiteral("- [")) ? 2 : mark.size();
        const QString rest = quote ? mark : QString(indent, u' ');
        prefix.first += container.opensHere || quote ? mark : rest;
        prefix.others += rest;
        goesOn = goesOn && !container.opensHere;
        if (goesOn)
            prefix.gap = prefix.others;
    }
    return prefix;
}

QString write(const std::vector<Block>& blocks, Format format) {
    QString out;
    for (std::size_t index = 0; index < blocks.size(); ++index) {
        const Block& block = blocks[index];
        const Prefix prefix = prefixOf(block, format);
        const bool item = std::any_of(block.containers.begin(), block.containers.end(), isItem);
        if (index > 0 && !block.goesOn) {
            const auto& before = blocks[index - 1].containers;
            const bool sameList = item && std::any_of(before.begin(), before.end(), isItem) && !block.containers.empty()
                                  && block.containers.back().opensHere && isItem(block.containers.back());
            out += u'\n';
            if (!sameList)
                out += (prefix.gap.trimmed().isEmpty() ? QString() : prefix.gap.trimmed()) + u'\n';
        }
        if (block.goesOn && block.kind == BlockKind::Table)
            out += u'\n' + prefix.others;
        QStringList lines = body(block, format).split(u'\n');
        for (qsizetype line = 0; line < lines.size(); ++line)
            lines[line].prepend(line == 0 ? (block.goesOn ? QString() : prefix.first) : prefix.others);
        out += lines.join(u'\n');
    }
    return out;
}

} // namespace

Block sliceBlock(const Block& block, int begin, int end) {
    if (block.kind == BlockKind::Table) {
        const QString text = tableText(block.table);
        if (begin == 0 && end == text.size())
            return block;
        Block part;
        part.containers = block.containers;
        part.content.text = text.mid(begin, end - begin);
        return part;
    }
    Block part = block;
    part.content.text = block.content.text.mid(begin, end - begin);
    part.content.spans.clear();
    for (TextSpan span : block.content.spans) {
        const int spanBegin = std::max(span.start, begin);
        const int spanEnd = std::min(span.start + span.length, end);
        if (spanBegin >= spanEnd)
            continue;
        span.start = spanBegin - begin;
        span.length = spanEnd - spanBegin;
        part.content.spans.push_back(span);
    }
    // Half a line of code in running text needs no fence.
    if (block.kind == BlockKind::Code && !part.content.text.contains(u'\n')
        && part.content.text != block.content.text) {
        part.kind = BlockKind::Paragraph;
        part.content.spans = {{0, static_cast<int>(part.content.text.size()), SpanStyle::Code, -1}};
    }
    return part;
}

QString writePlainText(const std::vector<Block>& blocks) {
    return write(blocks, Format::Plain);
}

QString writeMarkdown(const std::vector<Block>& blocks) {
    return write(blocks, Format::Markdown);
}

} // namespace hearth::ui
