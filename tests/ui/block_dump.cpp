#include "tests/ui/block_dump.h"

namespace hearth::ui {
namespace {

QString quoted(QString text) {
    text.replace(u'\\', QStringLiteral("\\\\"));
    text.replace(u'\n', QStringLiteral("\\n"));
    text.replace(u'\t', QStringLiteral("\\t"));
    text.replace(QChar(QChar::LineSeparator), QStringLiteral("\\l"));
    text.replace(QChar(QChar::Nbsp), QStringLiteral("\\s"));
    return u'"' + text + u'"';
}

QString kindName(const Block& block) {
    switch (block.kind) {
    case BlockKind::Paragraph:
        return QStringLiteral("paragraph");
    case BlockKind::Heading:
        return QStringLiteral("heading %1").arg(block.level);
    case BlockKind::Code:
        return block.language.isEmpty() ? QStringLiteral("code") : QStringLiteral("code [%1]").arg(block.language);
    case BlockKind::Table:
        return QStringLiteral("table");
    case BlockKind::Rule:
        return QStringLiteral("rule");
    }
    return {};
}

/// The container's sign, in brackets where an earlier block has opened it.
QString containerName(const Container& container) {
    QString sign;
    switch (container.kind) {
    case ContainerKind::Quote:
        sign = QStringLiteral(">");
        break;
    case ContainerKind::BulletItem:
        sign = QStringLiteral("-");
        break;
    case ContainerKind::OrderedItem:
        sign = QStringLiteral("%1.").arg(container.number);
        break;
    case ContainerKind::OpenTask:
        sign = QStringLiteral("[ ]");
        break;
    case ContainerKind::DoneTask:
        sign = QStringLiteral("[x]");
        break;
    }
    return container.opensHere ? sign : u'(' + sign + u')';
}

QString styleNames(SpanStyles styles) {
    static constexpr std::pair<SpanStyle, const char*> kNames[] = {
        {SpanStyle::Strong, "strong"}, {SpanStyle::Emphasis, "emphasis"}, {SpanStyle::Strike, "strike"},
        {SpanStyle::Code, "code"},     {SpanStyle::Math, "math"},         {SpanStyle::DisplayMath, "display"},
        {SpanStyle::Link, "link"},     {SpanStyle::Image, "image"},
    };
    QStringList names;
    for (const auto& [style, name] : kNames)
        if (styles.testFlag(style))
            names += QString::fromLatin1(name);
    return names.join(u'+');
}

QString richText(const RichText& rich, const QString& indent) {
    QString out = quoted(rich.text) + u'\n';
    for (const TextSpan& span : rich.spans) {
        out += indent + styleNames(span.styles) + u' ' + quoted(rich.text.mid(span.start, span.length));
        if (span.link >= 0)
            out += QStringLiteral(" -> ") + rich.links[span.link];
        out += u'\n';
    }
    return out;
}

QString tableText(const TableContent& table) {
    QString out = QStringLiteral("  columns");
    for (const ColumnAlign align : table.columns)
        out += u' ' + QString(QStringView(u"-lcr")[static_cast<int>(align)]);
    out += u'\n';
    for (const auto& row : table.rows) {
        out += QStringLiteral("  row\n");
        for (const RichText& cell : row)
            out += QStringLiteral("    ") + richText(cell, QStringLiteral("      "));
    }
    return out;
}

} // namespace

QString dumpBlocks(const std::vector<Block>& blocks) {
    QString out;
    for (const Block& block : blocks) {
        for (const Container& container : block.containers)
            out += containerName(container) + u' ';
        out += (block.goesOn ? QStringLiteral("more of ") : QString()) + kindName(block);
        if (block.kind == BlockKind::Table)
            out += u'\n' + tableText(block.table);
        else if (block.kind == BlockKind::Rule)
            out += u'\n';
        else
            out += u' ' + richText(block.content, QStringLiteral("  "));
    }
    return out;
}

} // namespace hearth::ui
