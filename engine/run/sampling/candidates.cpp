#include "engine/run/sampling/candidates.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace hearth {
namespace {

// Up to here a heap is quicker than selecting from a copy of the vocabulary: it lives in the first-level cache.
constexpr std::int32_t kHeapLimit = 1024;
// First batch that keepMass sorts; usual cut-offs keep fewer.
constexpr std::size_t kFirstBatch = 128;

} // namespace

float expOfNegative(float x) {
    if (!(x > -87.0F))
        return 0;
    // e^x = 2^n e^r with |r| <= ln(2)/2; ln(2) is subtracted in two parts, so that r is exact to float precision.
    constexpr float kInverseLn2 = 1.44269504F;
    constexpr float kLn2High = 0.693359375F;
    constexpr float kLn2Low = -2.12194440e-4F;
    const auto n = static_cast<std::int32_t>(x * kInverseLn2 - 0.5F);
    const auto nReal = static_cast<float>(n);
    const float r = x - nReal * kLn2High - nReal * kLn2Low;
    // The Taylor series to r^7 / 7!, whose rest is below 6e-9 for such r.
    float series = 1.98412698e-4F;
    series = series * r + 1.38888889e-3F;
    series = series * r + 8.33333333e-3F;
    series = series * r + 4.16666667e-2F;
    series = series * r + 1.66666667e-1F;
    series = series * r + 0.5F;
    series = series * r + 1.0F;
    series = series * r + 1.0F;
    return series * std::bit_cast<float>((n + 127) << 23);
}

bool Candidates::likelier(const Item& left, const Item& right) {
    return left.logit != right.logit ? left.logit > right.logit : left.token < right.token;
}

void Candidates::assign(std::span<const float> logits, std::int32_t count) {
    const auto size = static_cast<std::int32_t>(logits.size());
    const auto itemOf = [&](std::int32_t token) { return Item{logits[static_cast<std::size_t>(token)], 0, token}; };
    m_items.clear();
    if (m_items.capacity() < logits.size())
        m_items.reserve(logits.size());
    const bool all = count <= 0 || count >= size;
    if (!all && count <= kHeapLimit) {
        // The heap's front is the least likely of those kept; ids rise, so equals that come later stay out.
        for (std::int32_t token = 0; token < count; ++token)
            m_items.push_back(itemOf(token));
        std::make_heap(m_items.begin(), m_items.end(), likelier);
        for (std::int32_t token = count; token < size; ++token) {
            if (!(logits[static_cast<std::size_t>(token)] > m_items.front().logit))
                continue;
            std::pop_heap(m_items.begin(), m_items.end(), likelier);
            m_items.back() = itemOf(token);
            std::push_heap(m_items.begin(), m_items.end(), likelier);
        }
    } else {
        for (std::int32_t token = 0; token < size; ++token)
            m_items.push_back(itemOf(token));
        if (!all) {
            std::nth_element(m_items.begin(), m_items.begin() + count, m_items.end(), likelier);
            m_items.resize(static_cast<std::size_t>(count));
        }
    }
    if (!all)
        std::sort(m_items.begin(), m_items.end(), likelier);
    float largest = m_items.front().logit;
    for (const Item& item : m_items)
        largest = std::max(largest, item.logit);
    // If all are minus infinity, all are equally likely.
    for (Item& item : m_items)
        item.logit = item.logit == largest ? 0.0F : item.logit - largest;
}

double Candidates::totalWeight() const {
    double total = 0;
    for (const Item& item : m_items)
        total += static_cast<double>(expOfNegative(item.logit));
    return total;
}

// Keeps the first items in the order of `before` until their probabilities sum to `mass`. Sorts in growing batches, so
// that the long tail of a vocabulary is never sorted.
template <typename Before>
void Candidates::keepMass(double mass, Before before) {
    const double wanted = mass * totalWeight();
    double sum = 0;
    std::size_t batch = kFirstBatch;
    for (std::size_t done = 0; done < m_items.size(); batch *= 4) {
        const auto start = m_items.begin() + static_cast<std::ptrdiff_t>(done);
        const std::size_t end = std::min(done + batch, m_items.size());
        const auto stop = m_items.begin() + static_cast<std::ptrdiff_t>(end);
        if (end < m_items.size())
            std::nth_element(start, stop, m_items.end(), before);
        std::sort(start, stop, before);
        for (; done < end; ++done) {
            sum += static_cast<double>(expOfNegative(m_items[done].logit));
            if (sum >= wanted) {
                m_items.resize(done + 1);
                return;
            }
        }
    }
}

void Candidates::keepTopP(float mass) {
    if (mass < 1.0F)
        keepMass(static_cast<double>(mass), likelier);
}

void Candidates::keepTypical(float mass) {
    if (mass >= 1.0F)
        return;
    // Surprise is log(total) - logit, and log(total) is in the expected surprise too: it cancels.
    double expected = 0;
    double total = 0;
    for (const Item& item : m_items) {
        const auto weight = static_cast<double>(expOfNegative(item.logit));
        total += weight;
        if (weight > 0)
            expected += weight * static_cast<double>(item.logit);
    }
    expected /= total;
    for (Item& item : m_items)
        item.rank = static_cast<float>(std::abs(static_cast<double>(item.logit) - expected));
    keepMass(static_cast<double>(mass), [](const Item& left, const Item& right) {
        return left.rank != right.rank ? left.rank < right.rank : likelier(left, right);
    });
}

void Candidates::keepMinP(float fraction) {
    if (fraction <= 0.0F)
        return;
    // The largest logit of those left is not 0 if typical sampling has dropped the likeliest.
    float largest = m_items.front().logit;
    for (const Item& item : m_items)
        largest = std::max(largest, item.logit);
    std::erase_if(m_items, [&](const Item& item) {
        return item.logit != largest && expOfNegative(item.logit - largest) < fraction;
    });
}

TokenId Candidates::draw(float temperature, double unit) {
    float largest = m_items.front().logit;
    for (const Item& item : m_items)
        largest = std::max(largest, item.logit);
    double total = 0;
    for (Item& item : m_items) {
        item.rank = item.logit == largest ? 1.0F : expOfNegative((item.logit - largest) / temperature);
        total += static_cast<double>(item.rank);
    }
    double left = unit * total;
    const Item* last = &m_items.front();
    for (const Item& item : m_items) {
        if (item.rank <= 0)
            continue;
        last = &item;
        left -= static_cast<double>(item.rank);
        if (left < 0)
            break;
    }
    return last->token;
}

} // namespace hearth
