#pragma once

#include "ui/conversation/conversation_layout.h"

#include <QObject>
#include <QTimer>

#include <map>
#include <optional>
#include <vector>

namespace hearth::ui {

/// A search through all messages, a few at a time so that the window stays awake. Thread: UI.
class FindSession : public QObject {
    Q_OBJECT

public:
    /// `layout` must outlive the session.
    explicit FindSession(ConversationLayout& layout, QObject* parent = nullptr);

    /// Begins anew. `nearMessage`: the first match at or below it becomes the current one.
    void start(const QString& text, int nearMessage);
    /// Looks again at messages from `first` on, whose text is another now.
    void invalidateFrom(int first);
    [[nodiscard]] const QString& text() const { return m_text; }
    [[nodiscard]] bool isActive() const { return !m_text.isEmpty(); }
    [[nodiscard]] bool isSearching() const { return isActive() && m_next < m_layout.count(); }

    [[nodiscard]] int total() const { return m_total; }
    /// From 1; 0 if there is no current match.
    [[nodiscard]] int currentNumber() const;
    [[nodiscard]] int currentMessage() const { return m_currentMessage; }
    [[nodiscard]] std::optional<TextMatch> currentMatch() const;
    [[nodiscard]] const std::vector<TextMatch>* matchesOf(int message) const;
    /// Moves to the next or previous match, around the ends. Returns false if there is none.
    bool next();
    bool previous();

Q_SIGNALS:
    /// More is known.
    void progressed();
    /// The search itself chose the current match.
    void currentFound();

private:
    void searchSome();
    void searchMessage(int index);

    ConversationLayout& m_layout;
    QString m_text;
    QStringList m_words;
    int m_next = 0; ///< the first message not yet looked at
    int m_near = 0;
    bool m_chooses = false; ///< no match was made the current one yet
    int m_total = 0;
    std::map<int, std::vector<TextMatch>> m_matches;
    int m_currentMessage = -1;
    std::size_t m_currentIndex = 0;
    QTimer m_timer;
};

} // namespace hearth::ui
