#include "ui/conversation/find_session.h"

#include <QElapsedTimer>

#include <algorithm>
#include <iterator>

namespace hearth::ui {
namespace {

// Half a frame: a frame of 60 per second can still be painted in between.
constexpr qint64 kSliceMs = 8;

} // namespace

FindSession::FindSession(ConversationLayout& layout, QObject* parent) : QObject(parent), m_layout(layout) {
    m_timer.setInterval(0);
    connect(&m_timer, &QTimer::timeout, this, &FindSession::searchSome);
}

void FindSession::start(const QString& text, int nearMessage) {
    m_text = text;
    m_words = text.split(u' ', Qt::SkipEmptyParts);
    m_next = 0;
    m_near = std::max(nearMessage, 0);
    m_chooses = true;
    m_total = 0;
    m_matches.clear();
    m_currentMessage = -1;
    m_currentIndex = 0;
    if (isSearching())
        m_timer.start();
    else
        m_timer.stop();
    searchSome();
}

void FindSession::invalidateFrom(int first) {
    if (!isActive())
        return;
    for (auto stale = m_matches.lower_bound(first); stale != m_matches.end(); stale = m_matches.erase(stale))
        m_total -= static_cast<int>(stale->second.size());
    // The current match stays the current one, by its place in its message, if it is found again.
    if (m_currentMessage >= m_layout.count())
        m_currentMessage = -1;
    m_next = std::min(m_next, first);
    m_timer.start();
}

void FindSession::searchSome() {
    QElapsedTimer clock;
    clock.start();
    while (isSearching() && clock.elapsed() < kSliceMs)
        searchMessage(m_next++);
    if (!isSearching())
        m_timer.stop();
    bool found = false;
    const bool passedStart = m_next > m_near || !isSearching();
    if (m_chooses && !m_matches.empty() && passedStart) {
        auto first = m_matches.lower_bound(m_near);
        // Above the place of reading only when everything below was searched in vain.
        if (first == m_matches.end() && !isSearching())
            first = m_matches.begin();
        if (first != m_matches.end()) {
            m_currentMessage = first->first;
            m_currentIndex = 0;
            found = true;
            m_chooses = false;
        }
    }
    Q_EMIT progressed();
    if (found)
        Q_EMIT currentFound();
}

void FindSession::searchMessage(int index) {
    const MessageLayout& message = m_layout.message(index);
    // Markup can stand between words but seldom in one: most messages need no parse to be ruled out.
    const QString& source = message.shown().message.text;
    const bool possible = std::all_of(m_words.begin(), m_words.end(), [&source](const QString& word) {
        return source.contains(word, Qt::CaseInsensitive) || source.contains(u'&') || source.contains(u'\\');
    });
    if (!possible)
        return;
    std::vector<TextMatch> found;
    const std::vector<Block> blocks = message.readBlocks();
    for (std::size_t block = 0; block < blocks.size(); ++block) {
        const QString text = blockText(blocks[block]);
        for (qsizetype at = text.indexOf(m_text, 0, Qt::CaseInsensitive); at >= 0;
             at = text.indexOf(m_text, at + m_text.size(), Qt::CaseInsensitive)) {
            const auto begin = static_cast<int>(at);
            found.push_back({static_cast<int>(block), {begin, begin + static_cast<int>(m_text.size())}});
        }
    }
    m_total += static_cast<int>(found.size());
    if (!found.empty())
        m_matches[index] = std::move(found);
}

int FindSession::currentNumber() const {
    if (!currentMatch())
        return 0;
    int number = static_cast<int>(m_currentIndex) + 1;
    for (auto entry = m_matches.begin(); entry != m_matches.end() && entry->first < m_currentMessage; ++entry)
        number += static_cast<int>(entry->second.size());
    return number;
}

std::optional<TextMatch> FindSession::currentMatch() const {
    const auto* matches = m_currentMessage < 0 ? nullptr : matchesOf(m_currentMessage);
    if (!matches || m_currentIndex >= matches->size())
        return std::nullopt;
    return (*matches)[m_currentIndex];
}

const std::vector<TextMatch>* FindSession::matchesOf(int message) const {
    const auto found = m_matches.find(message);
    return found == m_matches.end() ? nullptr : &found->second;
}

bool FindSession::next() {
    if (m_matches.empty())
        return false;
    auto here = m_matches.find(m_currentMessage);
    if (here != m_matches.end() && m_currentIndex + 1 < here->second.size()) {
        ++m_currentIndex;
        return true;
    }
    here = m_matches.upper_bound(m_currentMessage);
    if (here == m_matches.end())
        here = m_matches.begin();
    m_currentMessage = here->first;
    m_currentIndex = 0;
    return true;
}

bool FindSession::previous() {
    if (m_matches.empty())
        return false;
    auto here = m_matches.find(m_currentMessage);
    if (here != m_matches.end() && m_currentIndex > 0) {
        --m_currentIndex;
        return true;
    }
    here = m_matches.lower_bound(m_currentMessage);
    here = here == m_matches.begin() ? std::prev(m_matches.end()) : std::prev(here);
    m_currentMessage = here->first;
    m_currentIndex = here->second.size() - 1;
    return true;
}

} // namespace hearth::ui
