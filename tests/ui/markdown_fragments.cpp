#include "tests/ui/markdown_fragments.h"

#include <QRegularExpression>

#include <iterator>

namespace hearth::ui {

QString randomMarkdown(QRandomGenerator& random, int pieces, Fragments fragments) {
    static constexpr const char16_t* kFragments[] = {
        u"plain text",
        u"**bold** and `code`",
        u"\n",
        u"\n",
        u"\n\n",
        u"\n\n",
        u"\n\n",
        u"- item\n",
        u"- item\n\n",
        u"  goes on\n",
        u"1. first\n",
        u"2. second\n",
        u"3) third\n",
        u"   inner\n",
        u"    deep\n",
        u"\tdeep\n",
        u"```\n",
        u"~~~\n",
        u"````\n",
        u"  ```\n",
        u"# Heading\n",
        u"## Sub ##\n",
        u"---\n",
        u"***\n",
        u"===\n",
        u"> quote\n",
        u">\n",
        u"> - in quote\n",
        u"* star\n",
        u"+ plus\n",

        u"- > quoted\n",
        u"<div>\n",
        u"</div>\n",
        u"<!-- x\n",
        u"-->\n",
        u"$x^2$ ",
        u"$$\nE\n$$\n",
        u"&amp; &lt;",
        u"\\* escaped",
        u"[a](http://b.c) ",
        u"[ref] ",
        u"http://x.yz ",
        u"  \n",
        u"\\\n",
        u"\u00e9\u4e2d\U0001F600",
        u"\r\n",
        u" ",
        u"  ",
        u"    ",
        u"10. tenth\n",
        u"- ```\n",
        u"  - sub\n",
        u"     - far\n",
        u"| a | b |\n|---|:-:|\n| 1 | 2 |\n\n",
    };
    static constexpr const char16_t* kSlipping[] = {
        u"| a | b |\n",   u"|---|:-:|\n", u"| 1 | 2 |\n", u"a | b\n",  u"--|--\n",    u"- [ ] open\n", u"- [x] done\n",
        u"* [ ] other\n", u"-\n",         u"1.\n",        u"```cpp\n", u"   ```py\n", u"- - nested\n",
    };
    constexpr int kPlainCount = std::size(kFragments);
    const int count = kPlainCount + (fragments == Fragments::All ? static_cast<int>(std::size(kSlipping)) : 0);
    QString text;
    for (int piece = 0; piece < pieces; ++piece) {
        const int chosen = random.bounded(count);
        text += QStringView(chosen < kPlainCount ? kFragments[chosen] : kSlipping[chosen - kPlainCount]);
    }
    static const QRegularExpression twoBlankLines(QStringLiteral("\n([ \t\r]*\n){2,}"));
    if (fragments == Fragments::WithoutMd4cSlips)
        text.replace(twoBlankLines, QStringLiteral("\n\n"));
    return text;
}

} // namespace hearth::ui
