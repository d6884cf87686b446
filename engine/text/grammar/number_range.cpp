// Numbers between two bounds, as digits that are compared from the front.

#include "engine/text/grammar/json_values.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <vector>

namespace hearth {

namespace {

constexpr std::int32_t kMostDigits = 16;

/// A number without its sign, as digits before and behind the point; both without needless zeros.
struct Decimal {
    bool negative = false;
    std::string whole;    ///< at least "0"
    std::string fraction; ///< without trailing zeros
    [[nodiscard]] bool isZero() const { return whole == "0" && fraction.empty(); }
};

/// The digits of a JSON number, its exponent applied. The number is finite.
Decimal decimalOf(const nlohmann::ordered_json& number) {
    std::string text = number.dump();
    Decimal decimal;
    if (text.starts_with('-')) {
        decimal.negative = true;
        text.erase(0, 1);
    }
    int exponent = 0;
    if (const std::size_t mark = text.find_first_of("eE"); mark != std::string::npos) {
        exponent = std::atoi(text.c_str() + mark + 1);
        text.resize(mark);
    }
    const std::size_t point = text.find('.');
    std::string digits = text;
    int places = static_cast<int>(text.size());
    if (point != std::string::npos) {
        digits.erase(point, 1);
        places = static_cast<int>(point);
    }
    places += exponent;
    if (places <= 0) {
        digits.insert(0, static_cast<std::size_t>(1 - places), '0');
        places = 1;
    }
    if (static_cast<std::size_t>(places) > digits.size())
        digits.append(static_cast<std::size_t>(places) - digits.size(), '0');
    decimal.whole = digits.substr(0, static_cast<std::size_t>(places));
    decimal.fraction = digits.substr(static_cast<std::size_t>(places));
    decimal.whole.erase(0, std::min(decimal.whole.find_first_not_of('0'), decimal.whole.size() - 1));
    decimal.fraction.resize(decimal.fraction.find_last_not_of('0') + 1);
    if (decimal.isZero())
        decimal.negative = false;
    return decimal;
}

/// Compares two numbers without regard to their signs.
int compareSizes(const Decimal& left, const Decimal& right) {
    if (left.whole.size() != right.whole.size())
        return left.whole.size() < right.whole.size() ? -1 : 1;
    const int wholes = left.whole.compare(right.whole);
    return wholes != 0 ? wholes : left.fraction.compare(right.fraction);
}

/// The next integer away from zero.
Decimal nextAway(Decimal value) {
    value.fraction.clear();
    auto digit = value.whole.rbegin();
    for (; digit != value.whole.rend() && *digit == '9'; ++digit)
        *digit = '0';
    if (digit == value.whole.rend())
        value.whole.insert(0, 1, '1');
    else
        ++*digit;
    return value;
}

/// The next integer towards zero; the value is at least 1.
Decimal nextToZero(Decimal value) {
    value.fraction.clear();
    auto digit = value.whole.rbegin();
    for (; *digit == '0'; ++digit)
        *digit = '9';
    --*digit;
    value.whole.erase(0, std::min(value.whole.find_first_not_of('0'), value.whole.size() - 1));
    return value;
}

/// One end of a range of sizes.
struct End {
    Decimal value;
    bool excluded = false;
};

/// Makes the digits of sizes (numbers without signs) within a range.
class SizeRange {
public:
    using Node = GrammarRules::Node;

    SizeRange(GrammarRules& rules, bool fractions) : m_rules(rules), m_fractions(fractions) {}

    /// No end: up to kMostDigits digits.
    Node between(End least, std::optional<End> most) {
        if (!m_fractions) {
            if (!least.value.fraction.empty() || least.excluded)
                least = {nextAway(least.value), false};
            if (most && most->value.fraction.empty() && most->excluded) {
                if (most->value.isZero())
                    return m_rules.choice({});
                most = End{nextToZero(most->value), false};
            }
            if (most)
                most = End{{false, most->value.whole, {}}, false};
        }
        if (!most || most->value.whole.size() > static_cast<std::size_t>(kMostDigits))
            most = End{{false, std::string(kMostDigits, '9'), m_fractions ? std::string(kMostDigits, '9') : ""}, false};
        const int order = compareSizes(least.value, most->value);
        if (order > 0 || (order == 0 && (least.excluded || most->excluded)))
            return m_rules.choice({});
        std::vector<Node> options;
        for (std::size_t length = least.value.whole.size(); length <= most->value.whole.size(); ++length) {
            m_least = length == least.value.whole.size() ? &least : nullptr;
            m_most = length == most->value.whole.size() ? &*most : nullptr;
            options.push_back(digits(length, 0, m_least != nullptr, m_most != nullptr));
        }
        return m_rules.choice(options);
    }

private:
    Node set(char first, char last) {
        return m_rules.characters(CodePointRanges::of(static_cast<char32_t>(first), static_cast<char32_t>(last)));
    }
    Node anyDigits(std::int32_t least, std::int32_t most) { return m_rules.repeat(set('0', '9'), least, most); }
    Node nothing() { return m_rules.sequence({}); }

    /// Digits from `at` on of a whole part with `length` of them; `low`, `high`: equal to that end so far.
    Node digits(std::size_t length, std::size_t at, bool low, bool high) {
        if (at == length)
            return m_fractions ? fraction(low, high) : nothing();
        if (!low && !high && at > 0) {
            const auto left = static_cast<std::int32_t>(length - at);
            const Node rest = anyDigits(left, left);
            return m_fractions ? m_rules.sequence({rest, fraction(false, false)}) : rest;
        }
        const char lowest = low ? m_least->value.whole[at] : at == 0 && length > 1 ? '1' : '0';
        const char highest = high ? m_most->value.whole[at] : '9';
        return byDigit(lowest, highest, low, high,
                       [&](bool stillLow, bool stillHigh) { return digits(length, at + 1, stillLow, stillHigh); });
    }

    /// One digit between two, and what follows: it depends on whether the digit is one of the ends.
    template <typename Rest>
    Node byDigit(char lowest, char highest, bool low, bool high, Rest rest) {
        std::vector<Node> options;
        char first = lowest;
        char last = highest;
        if (low && high && lowest == highest)
            return m_rules.sequence({set(lowest, lowest), rest(true, true)});
        if (low)
            options.push_back(m_rules.sequence({set(first, first), rest(true, false)})), ++first;
        if (high)
            options.push_back(m_rules.sequence({set(last, last), rest(false, true)})), --last;
        if (first <= last)
            options.push_back(m_rules.sequence({set(first, last), rest(false, false)}));
        return m_rules.choice(options);
    }

    Node fraction(bool low, bool high) {
        std::vector<Node> options;
        // No fraction at all is the same as zeros.
        if (endsHere(0, low, high))
            options.push_back(nothing());
        options.push_back(m_rules.sequence({m_rules.text("."), fractionDigits(0, low, high)}));
        return m_rules.choice(options);
    }

    /// Whether the number may end before the fraction's digit `at`.
    [[nodiscard]] bool endsHere(std::size_t at, bool low, bool high) const {
        if (low && (at < m_least->value.fraction.size() || m_least->excluded))
            return false;
        return !high || at < m_most->value.fraction.size() || !m_most->excluded;
    }

    /// At least one more digit.
    Node fractionDigits(std::size_t at, bool low, bool high) {
        const auto left = kMostDigits - static_cast<std::int32_t>(at);
        if (left <= 0)
            return m_rules.choice({});
        if (!low && !high)
            return anyDigits(1, left);
        const auto digitAt = [at](const End& end) {
            return at < end.value.fraction.size() ? end.value.fraction[at] : '0';
        };
        return byDigit(low ? digitAt(*m_least) : '0', high ? digitAt(*m_most) : '9', low, high,
                       [&](bool stillLow, bool stillHigh) {
                           std::vector<Node> options;
                           if (endsHere(at + 1, stillLow, stillHigh))
                               options.push_back(nothing());
                           options.push_back(fractionDigits(at + 1, stillLow, stillHigh));
                           return m_rules.choice(options);
                       });
    }

    GrammarRules& m_rules;
    const bool m_fractions;
    const End* m_least = nullptr;
    const End* m_most = nullptr;
};

/// All numbers between two bounds: negative ones by their sizes, then the others.
GrammarRules::Node within(GrammarRules& rules, const JsonValues::Bounds& bounds, bool fractions) {
    const auto endOf = [](const std::optional<nlohmann::ordered_json>& bound, bool excluded) {
        return bound ? std::optional<End>({decimalOf(*bound), excluded}) : std::nullopt;
    };
    const std::optional<End> least = endOf(bounds.least, bounds.leastExcluded);
    const std::optional<End> most = endOf(bounds.most, bounds.mostExcluded);
    SizeRange range(rules, fractions);
    const auto sizeOf = [](End end) {
        end.value.negative = false;
        return end;
    };
    const End zero{{false, "0", {}}, false};
    std::vector<GrammarRules::Node> options;
    if (!least || least->value.negative) {
        // Negative numbers, without -0.
        End smallest{zero.value, true};
        if (most && most->value.negative)
            smallest = sizeOf(*most);
        const auto largest = least ? std::optional<End>(sizeOf(*least)) : std::nullopt;
        options.push_back(rules.sequence({rules.text("-"), range.between(smallest, largest)}));
    }
    if (!most || !most->value.negative)
        options.push_back(range.between(least && !least->value.negative ? *least : zero, most));
    return rules.choice(options);
}

} // namespace

JsonValues::Node JsonValues::integerWithin(const Bounds& bounds) {
    return bounds.least || bounds.most ? within(m_rules, bounds, false) : integer();
}

JsonValues::Node JsonValues::numberWithin(const Bounds& bounds) {
    return bounds.least || bounds.most ? within(m_rules, bounds, true) : number();
}

} // namespace hearth
