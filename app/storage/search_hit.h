#pragma once

#include "app/chat/message.h"

#include <QList>
#include <QPair>
#include <QString>

namespace hearth {

/// The best place of one conversation where a search text was found.
struct SearchHit {
    ConversationId conversation = kNoId;
    MessageId message = kNoId;
    QString snippet;                ///< one line around the first match
    QList<QPair<int, int>> matches; ///< start and length in the snippet, in UTF-16 units
    friend bool operator==(const SearchHit&, const SearchHit&) = default;
};

} // namespace hearth
