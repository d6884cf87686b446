#pragma once

#include "app/trace/answer_trace.h"

#include <QByteArray>
#include <QString>

#include <vector>

namespace hearth::ui {

/// What is shown of one token.
struct TokenText {
    QString shown;             ///< with signs for line feeds, tabs and lone spaces
    bool endsLine = false;     ///< it has a line feed
    bool isPlain = true;       ///< the shown text is the token's own
    bool canStartLine = false; ///< a line may be broken before it
};

/// The text of a token by itself, for lists; bytes that are no text show as ⟨e4 bd⟩.
[[nodiscard]] TokenText shownText(const QByteArray& bytes);

/// The tokens of an answer as they read one behind another: a character that several tokens make up together stands at
/// the one that completes it.
class TokenTexts {
public:
    /// Takes in the tokens that are new.
    void extend(const AnswerTrace& trace);
    [[nodiscard]] int count() const { return static_cast<int>(m_texts.size()); }
    [[nodiscard]] const TokenText& at(int token) const { return m_texts[static_cast<std::size_t>(token)]; }
    /// The answer's own text of a range.
    [[nodiscard]] static QString plain(const AnswerTrace& trace, TokenRange range);

private:
    std::vector<TokenText> m_texts;
    QByteArray m_open;        ///< the beginning of a character
    bool m_afterSpace = true; ///< the last token ended with white space
};

} // namespace hearth::ui
