#pragma once

#include "engine/text/tokenizer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace hearth {

/// A piece of a text while neighbours are merged.
struct TextSymbol {
    static constexpr std::int32_t kNone = -1;

    std::uint32_t offset = 0;
    /// 0 once the symbol is part of the one before it.
    std::uint32_t sizeBytes = 0;
    std::int32_t previous = kNone;
    std::int32_t next = kNone;
    /// What the symbol is to the kind of tokenizer; kNone if it is nothing.
    std::int32_t id = kNone;
};

/// Merges neighbouring symbols, best pair first and of equal ones the leftmost, until no pair is left: the core of
/// byte-pair encoding. n symbols take n log n steps. Thread: one.
class SymbolMerger {
public:
    /// A pair that may be merged: lower numbers come first.
    struct Merge {
        std::uint32_t order;
        std::int32_t id;
    };

    void clear() { m_symbols.clear(); }
    void add(std::uint32_t offset, std::uint32_t sizeBytes, std::int32_t id) {
        const auto index = static_cast<std::int32_t>(m_symbols.size());
        if (index > 0)
            m_symbols.back().next = index;
        m_symbols.push_back({offset, sizeBytes, index - 1, TextSymbol::kNone, id});
    }

    /// `findMerge(left, right)` gives an optional Merge for two neighbouring TextSymbols, always the same for the same.
    template <typename FindMerge>
    void merge(const FindMerge& findMerge) {
        m_queue.clear();
        for (std::size_t right = 1; right < m_symbols.size(); ++right)
            if (const auto candidate = candidateOf(static_cast<std::int32_t>(right) - 1, findMerge))
                m_queue.push_back(*candidate);
        std::make_heap(m_queue.begin(), m_queue.end(), isLater);
        while (!m_queue.empty()) {
            std::pop_heap(m_queue.begin(), m_queue.end(), isLater);
            const Candidate best = m_queue.back();
            m_queue.pop_back();
            if (!apply(best))
                continue;
            push(m_symbols[static_cast<std::size_t>(best.left)].previous, findMerge);
            push(best.left, findMerge);
        }
    }

    /// Calls `visit` with each symbol that is left, in order.
    template <typename Visit>
    void forEach(const Visit& visit) const {
        for (const TextSymbol& symbol : m_symbols)
            if (symbol.sizeBytes > 0)
                visit(symbol);
    }

private:
    struct Candidate {
        std::uint32_t order;
        std::int32_t left;
        /// Of both together: tells whether either has changed since.
        std::uint32_t sizeBytes;
        std::int32_t id;
    };

    static bool isLater(const Candidate& left, const Candidate& right) {
        return left.order != right.order ? left.order > right.order : left.left > right.left;
    }

    template <typename FindMerge>
    [[nodiscard]] std::optional<Candidate> candidateOf(std::int32_t left, const FindMerge& findMerge) const {
        const TextSymbol& first = m_symbols[static_cast<std::size_t>(left)];
        if (first.next == TextSymbol::kNone)
            return std::nullopt;
        const TextSymbol& second = m_symbols[static_cast<std::size_t>(first.next)];
        const std::optional<Merge> merge = findMerge(first, second);
        if (!merge)
            return std::nullopt;
        return Candidate{merge->order, left, first.sizeBytes + second.sizeBytes, merge->id};
    }

    template <typename FindMerge>
    void push(std::int32_t left, const FindMerge& findMerge) {
        if (left == TextSymbol::kNone)
            return;
        if (const auto candidate = candidateOf(left, findMerge)) {
            m_queue.push_back(*candidate);
            std::push_heap(m_queue.begin(), m_queue.end(), isLater);
        }
    }

    /// False if one of the two symbols has been merged with another meanwhile.
    [[nodiscard]] bool apply(const Candidate& candidate) {
        TextSymbol& first = m_symbols[static_cast<std::size_t>(candidate.left)];
        if (first.sizeBytes == 0 || first.next == TextSymbol::kNone)
            return false;
        TextSymbol& second = m_symbols[static_cast<std::size_t>(first.next)];
        if (first.sizeBytes + second.sizeBytes != candidate.sizeBytes)
            return false;
        first.sizeBytes = candidate.sizeBytes;
        first.id = candidate.id;
        first.next = second.next;
        second.sizeBytes = 0;
        if (first.next != TextSymbol::kNone)
            m_symbols[static_cast<std::size_t>(first.next)].previous = candidate.left;
        return true;
    }

    std::vector<TextSymbol> m_symbols;
    std::vector<Candidate> m_queue;
};

/// Remembers where in the output the tokens of earlier words of one text are, since words repeat. Thread: one.
class WordCache {
public:
    /// For a text of `textBytes`; a short one is not worth a cache.
    explicit WordCache(std::size_t textBytes) : m_slots(textBytes < kShortBytes ? 0 : kSlots) {}

    /// Appends the tokens of `word` if it was seen before. Words are views into one text, or into memory that lives
    /// as long.
    [[nodiscard]] bool append(std::string_view word, std::uint64_t hash, std::vector<TokenId>& output) const {
        if (m_slots.empty())
            return false;
        const Slot& slot = m_slots[hash % kSlots];
        if (slot.word != word)
            return false;
        // Growing the output may move what is copied.
        for (std::uint32_t index = 0; index < slot.count; ++index)
            output.push_back(output[slot.start + index]);
        return true;
    }

    /// The tokens from `start` to the end of the output are those of `word`.
    void remember(std::string_view word, std::uint64_t hash, std::size_t start, const std::vector<TokenId>& output) {
        if (m_slots.empty() || word.size() > kLongBytes)
            return;
        m_slots[hash % kSlots] = {word, start, static_cast<std::uint32_t>(output.size() - start)};
    }

private:
    static constexpr std::size_t kShortBytes = 256;
    static constexpr std::size_t kLongBytes = 64;
    static constexpr std::size_t kSlots = 4096;

    struct Slot {
        std::string_view word;
        std::size_t start = 0;
        std::uint32_t count = 0;
    };
    std::vector<Slot> m_slots;
};

} // namespace hearth
