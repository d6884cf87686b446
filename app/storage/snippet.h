#pragma once

#include "app/storage/search_hit.h"

#include <QString>
#include <QStringList>

namespace hearth {

/// The words of a search text: split at white space.
[[nodiscard]] QStringList searchWords(const QString& text);

/// Sets hit.snippet to one line of about 120 characters around the first place where one of `words` occurs in `text` in
/// any case, and hit.matches to all places in that line.
void makeSnippet(const QString& text, const QStringList& words, SearchHit& hit);

} // namespace hearth
