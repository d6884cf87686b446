#include "engine/text/pre_tokenizer.h"

namespace hearth {

namespace {

/// Takes the ends of the pieces that one step makes of one piece.
class PieceEnds {
public:
    PieceEnds(std::vector<std::uint32_t>& ends, std::size_t start) : m_ends(ends), m_start(start), m_last(start) {}
    /// `position` is counted from the start of the piece; where a piece ends already nothing happens.
    void cutAt(std::size_t position) {
        if (m_start + position <= m_last)
            return;
        m_last = m_start + position;
        m_ends.push_back(static_cast<std::uint32_t>(m_last));
    }

private:
    std::vector<std::uint32_t>& m_ends;
    std::size_t m_start;
    std::size_t m_last;
};

using Text = std::span<const char32_t>;

constexpr std::size_t kDigitGroup = 3;

void cutPiece(const SplitPattern& pattern, Text text, SplitPattern::Scratch& scratch, PieceEnds& ends) {
    for (std::size_t position = 0; position < text.size();) {
        const std::size_t end = pattern.match(text, position, scratch);
        if (end == SplitPattern::kNoMatch) {
            ++position;
            continue;
        }
        // What lies between two matches is a piece of its own.
        ends.cutAt(position);
        ends.cutAt(end);
        position = end;
    }
}

/// Calls `visit` with the start and end of each longest run of code points that `belongs` accepts.
template <typename Belongs, typename Visit>
void forEachRun(Text text, Belongs belongs, Visit visit) {
    for (std::size_t position = 0; position < text.size();) {
        std::size_t end = position;
        while (end < text.size() && belongs(text[end]))
            ++end;
        if (end > position)
            visit(position, end);
        position = end == position ? end + 1 : end;
    }
}

void cutPiece(const PreTokenizer::DigitThrees&, Text text, SplitPattern::Scratch&, PieceEnds& ends) {
    const auto isNumber = [](char32_t codePoint) { return classOf(codePoint) == UnicodeClass::Number; };
    forEachRun(text, isNumber, [&ends](std::size_t first, std::size_t last) {
        for (std::size_t cut = first + (last - first - 1) % kDigitGroup + 1; cut <= last; cut += kDigitGroup)
            ends.cutAt(cut);
    });
}

void cutPiece(const PreTokenizer::BeforeDigitThrees&, Text text, SplitPattern::Scratch&, PieceEnds& ends) {
    const auto isDigit = [](char32_t codePoint) { return codePoint >= U'0' && codePoint <= U'9'; };
    forEachRun(text, isDigit, [&ends](std::size_t first, std::size_t last) {
        for (std::size_t cut = first + (last - first) % kDigitGroup; cut < last; cut += kDigitGroup)
            ends.cutAt(cut);
    });
}

void cutPiece(const PreTokenizer::TrailingSpace&, Text text, SplitPattern::Scratch&, PieceEnds& ends) {
    std::size_t visible = text.size();
    while (visible > 0 && isWhiteSpace(text[visible - 1]))
        --visible;
    ends.cutAt(visible);
}

} // namespace

std::vector<std::uint32_t> PreTokenizer::split(std::span<const char32_t> text) const {
    SplitPattern::Scratch scratch;
    std::vector<std::uint32_t> ends{static_cast<std::uint32_t>(text.size())};
    std::vector<std::uint32_t> next;
    for (const Step& step : m_steps) {
        next.clear();
        next.reserve(ends.size());
        std::size_t start = 0;
        for (const std::uint32_t end : ends) {
            const Text piece = text.subspan(start, end - start);
            PieceEnds pieceEnds(next, start);
            std::visit([&](const auto& kind) { cutPiece(kind, piece, scratch, pieceEnds); }, step);
            pieceEnds.cutAt(piece.size());
            start = end;
        }
        ends.swap(next);
    }
    return ends;
}

} // namespace hearth
