#include "ui/markdown/link_policy.h"

#include <algorithm>

namespace hearth::ui {

bool isSafeLink(QStringView address) {
    constexpr qsizetype kLongest = 4096;
    if (address.size() > kLongest)
        return false;
    // Bidirectional marks and other format characters can disguise where an address leads.
    const bool hidden = std::any_of(address.begin(), address.end(), [](QChar c) {
        return c.isSpace() || c.category() == QChar::Other_Control || c.category() == QChar::Other_Format;
    });
    if (hidden)
        return false;
    for (const QStringView prefix : {QStringView(u"http://"), QStringView(u"https://"), QStringView(u"mailto:")})
        if (address.startsWith(prefix, Qt::CaseInsensitive))
            return address.size() > prefix.size();
    return false;
}

} // namespace hearth::ui
