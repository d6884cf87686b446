#include "engine/run/sampling/candidates.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace hearth {
namespace {

// Up to here a heap is quicker than selecting from a copy of the vocabulary: it stays in the first-level cache.
constexpr std::int32_t kHeapLimit = 1024;
// Buckets of keepMass: 1/64 wide, to where e^-x is nothing beside the largest weight (e^-96 < 1e-41).
constexpr float kBucketsPerUnit = 64;
constexpr float kFarthestKey = 96;
constexpr std::size_t kBuckets = 6145;
// So few are sorted without buckets.
constexpr std::size_t kUnbucketed = 1024;
// Items of a bucket sorted at once; a cut-off within a bucket seldom needs more.
constexpr std::size_t kFirstBatch = 128;
// Weights summed per block, so that a draw looks into one block only.
constexpr std::size_t kBlock = 512;

// Four chains hide the latency of the additions; their order is fixed, so the sum is the same everywhere.
double sumOf(std::span<const float> values) {
    double sums[4] = {0, 0, 0, 0};
    std::size_t index = 0;
    for (; index + 4 <= values.size(); index += 4)
        for (std::size_t lane = 0; lane < 4; ++lane)
            sums[lane] += static_cast<double>(values[index + lane]);
    for (; index < values.size(); ++index)
        sums[0] += static_cast<double>(values[index]);
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

float largestOf(std::span<const float> values) {
    // As above: eight chains of maxima.
    constexpr std::size_t kLanes = 8;
    float best[kLanes];
    std::fill(std::begin(best), std::end(best), -std::numeric_limits<float>::infinity());
    std::size_t index = 0;
    for (; index + kLanes <= values.size(); index += kLanes)
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            best[lane] = values[index + lane] > best[lane] ? values[index + lane] : best[lane];
    for (; index < values.size(); ++index)
        best[0] = values[index] > best[0] ? values[index] : best[0];
    return *std::max_element(std::begin(best), std::end(best));
}

// e^-x for x >= 0, correct to 2e-7 of itself and the same on every machine; 0 from 88 on. No branches and no comparison
// of floats (which may trap), so that the compiler turns loops over it into vector code: 4 times as fast.
inline float expOfMinus(float x) {
    constexpr float kFarthest = 88.0F;
    constexpr float kInverseLn2 = 1.44269504F;
    constexpr float kLn2High = 0.693359375F; // ln(2) in two parts, so that r below is exact to float precision
    constexpr float kLn2Low = -2.12194440e-4F;
    // Floats of one sign are ordered as their bits are.
    const float clamped =
        std::bit_cast<float>(std::min(std::bit_cast<std::int32_t>(x), std::bit_cast<std::int32_t>(kFarthest)));
    // e^-x = 2^-n e^r with |r| <= ln(2)/2.
    const auto n = static_cast<std::int32_t>(clamped * kInverseLn2 + 0.5F);
    const auto nReal = static_cast<float>(n);
    const float r = nReal * kLn2High - clamped + nReal * kLn2Low;
    // The Taylor series to r^7 / 7!, whose rest is below 6e-9 for such r.
    float series = 1.98412698e-4F;
    series = series * r + 1.38888889e-3F;
    series = series * r + 8.33333333e-3F;
    series = series * r + 4.16666667e-2F;
    series = series * r + 1.66666667e-1F;
    series = series * r + 0.5F;
    series = series * r + 1.0F;
    series = series * r + 1.0F;
    return series * std::bit_cast<float>((127 - n) << 23); // n is 127 at most: then this is 0
}

} // namespace

void Candidates::moveTo(std::size_t target, std::size_t source) {
    m_logits[target] = m_logits[source];
    m_tokens[target] = m_tokens[source];
}

void Candidates::shrink(std::size_t count) {
    m_logits.resize(count);
    m_tokens.resize(count);
}

float Candidates::largest() const {
    return largestOf(m_logits);
}

void Candidates::assign(std::span<const float> logits, std::int32_t count) {
    if (m_logits.capacity() < logits.size()) {
        for (auto* array : {&m_logits, &m_weights, &m_keys})
            array->reserve(logits.size());
        m_tokens.reserve(logits.size());
        m_items.reserve(logits.size());
        m_sums.reserve(std::max(kBuckets, logits.size() / kBlock + 1));
    }
    if (count > 0 && static_cast<std::size_t>(count) < logits.size()) {
        takeLikeliest(logits, count);
    } else {
        m_logits.assign(logits.begin(), logits.end());
        m_tokens.resize(logits.size());
        std::iota(m_tokens.begin(), m_tokens.end(), 0);
    }
    const float highest = largest();
    if (std::isinf(highest)) { // all are minus infinity: all are equally likely
        std::fill(m_logits.begin(), m_logits.end(), 0.0F);
        return;
    }
    for (float& logit : m_logits)
        logit -= highest;
}

void Candidates::takeLikeliest(std::span<const float> logits, std::int32_t count) {
    const auto size = static_cast<std::int32_t>(logits.size());
    const auto itemOf = [&](std::int32_t token) { return Item{0, logits[static_cast<std::size_t>(token)], 0, token}; };
    const auto likelier = [](const Item& left, const Item& right) {
        return left.weight != right.weight ? left.weight > right.weight : left.token < right.token;
    };
    m_items.clear();
    if (count <= kHeapLimit) {
        // The heap's front is the least likely of those kept; ids rise, so equals that come later stay out.
        for (std::int32_t token = 0; token < count; ++token)
            m_items.push_back(itemOf(token));
        std::make_heap(m_items.begin(), m_items.end(), likelier);
        for (std::int32_t token = count; token < size; ++token) {
            if (!(logits[static_cast<std::size_t>(token)] > m_items.front().weight))
                continue;
            std::pop_heap(m_items.begin(), m_items.end(), likelier);
            m_items.back() = itemOf(token);
            std::push_heap(m_items.begin(), m_items.end(), likelier);
        }
    } else {
        for (std::int32_t token = 0; token < size; ++token)
            m_items.push_back(itemOf(token));
        std::nth_element(m_items.begin(), m_items.begin() + count, m_items.end(), likelier);
        m_items.resize(static_cast<std::size_t>(count));
    }
    std::sort(m_items.begin(), m_items.end(), likelier);
    m_logits.clear();
    m_tokens.clear();
    for (const Item& item : m_items) {
        m_logits.push_back(item.weight);
        m_tokens.push_back(item.token);
    }
}

// m_weights becomes e^((logit - largest) * scale).
void Candidates::weigh(float scale) {
    const float highest = largest();
    const std::size_t count = m_logits.size();
    m_weights.resize(count);
    for (std::size_t index = 0; index < count; ++index)
        m_weights[index] = expOfMinus((highest - m_logits[index]) * scale);
}

std::size_t Candidates::bucketOf(float key) const {
    return static_cast<std::size_t>(std::min(key, kFarthestKey) * m_bucketsPerUnit);
}

// Sums the weights by buckets of keys, so that only the bucket in which the mass is reached has to be sorted.
void Candidates::keepMass(double mass) {
    const bool few = m_keys.size() <= kUnbucketed;
    m_bucketsPerUnit = few ? 0 : kBucketsPerUnit;
    m_sums.assign(few ? 1 : kBuckets, 0);
    for (std::size_t index = 0; index < m_keys.size(); ++index)
        m_sums[bucketOf(m_keys[index])] += static_cast<double>(m_weights[index]);
    const double wanted = mass * std::accumulate(m_sums.begin(), m_sums.end(), 0.0);
    std::size_t last = 0;
    double before = 0;
    for (std::size_t bucket = 0; bucket < m_sums.size(); ++bucket) {
        if (m_sums[bucket] <= 0)
            continue;
        last = bucket;
        if (before + m_sums[bucket] >= wanted)
            break;
        before += m_sums[bucket];
    }
    shrink(keepWithinBucket(last, before, wanted));
}

// Moves what is kept to the front: all of the buckets before `bucket`, whose weights are `sum`, and of it as much as
// `wanted` takes. The order stays. Returns how many they are.
std::size_t Candidates::keepWithinBucket(std::size_t bucket, double sum, double wanted) {
    m_items.clear();
    for (std::size_t index = 0; index < m_keys.size(); ++index)
        if (bucketOf(m_keys[index]) == bucket)
            m_items.push_back({m_keys[index], m_weights[index], static_cast<std::int32_t>(index), m_tokens[index]});
    const auto first = [](const Item& left, const Item& right) {
        return left.key != right.key ? left.key < right.key : left.token < right.token;
    };
    std::size_t kept = 0;
    std::size_t batch = kFirstBatch;
    for (bool enough = false; !enough && kept < m_items.size(); batch *= 4) {
        const auto start = m_items.begin() + static_cast<std::ptrdiff_t>(kept);
        const auto stop = m_items.begin() + static_cast<std::ptrdiff_t>(std::min(kept + batch, m_items.size()));
        if (stop != m_items.end())
            std::nth_element(start, stop, m_items.end(), first);
        std::sort(start, stop, first);
        const auto end = static_cast<std::size_t>(stop - m_items.begin());
        while (!enough && kept < end) {
            sum += static_cast<double>(m_items[kept++].weight);
            enough = sum >= wanted;
        }
    }
    for (std::size_t index = kept; index < m_items.size(); ++index)
        m_keys[static_cast<std::size_t>(m_items[index].index)] = std::numeric_limits<float>::infinity();
    std::size_t count = 0;
    for (std::size_t index = 0; index < m_keys.size(); ++index)
        if (!std::isinf(m_keys[index]) && bucketOf(m_keys[index]) <= bucket)
            moveTo(count++, index);
    return count;
}

void Candidates::keepTopP(float mass) {
    if (mass >= 1.0F)
        return;
    weigh(1);
    const float highest = largest();
    m_keys.resize(m_logits.size());
    for (std::size_t index = 0; index < m_keys.size(); ++index)
        m_keys[index] = highest - m_logits[index];
    keepMass(static_cast<double>(mass));
}

void Candidates::keepTypical(float mass) {
    if (mass >= 1.0F)
        return;
    weigh(1);
    // Surprise is log(total) - logit, and log(total) is in the expected surprise too: it cancels.
    double expected = 0;
    for (std::size_t index = 0; index < m_logits.size(); ++index)
        if (m_weights[index] > 0)
            expected += static_cast<double>(m_weights[index]) * static_cast<double>(m_logits[index]);
    const auto center = static_cast<float>(expected / sumOf(m_weights));
    m_keys.resize(m_logits.size());
    for (std::size_t index = 0; index < m_keys.size(); ++index)
        m_keys[index] = std::abs(m_logits[index] - center);
    keepMass(static_cast<double>(mass));
}

void Candidates::keepMinP(float fraction) {
    if (fraction <= 0.0F)
        return;
    const float highest = largest();
    // Far below the limit no exponential is needed to see it.
    const float hopeless = 0.01F - std::log(fraction);
    std::size_t count = 0;
    for (std::size_t index = 0; index < m_logits.size(); ++index) {
        const float distance = highest - m_logits[index];
        if (distance == 0.0F || (distance < hopeless && expOfMinus(distance) >= fraction))
            moveTo(count++, index);
    }
    shrink(count);
}

TokenId Candidates::draw(float temperature, double unit) {
    constexpr float kColdest = 1e-30F; // its inverse is still finite, and it draws as 0 would
    weigh(1 / std::max(temperature, kColdest));
    m_sums.clear();
    for (std::size_t start = 0; start < m_weights.size(); start += kBlock)
        m_sums.push_back(sumOf(std::span(m_weights).subspan(start, std::min(kBlock, m_weights.size() - start))));
    double left = unit * std::accumulate(m_sums.begin(), m_sums.end(), 0.0);
    std::size_t block = 0;
    while (block + 1 < m_sums.size() && left >= m_sums[block])
        left -= m_sums[block++];
    // Rounding may leave a little at a block's end, so the last token that can be drawn stands in.
    std::size_t drawn = 0;
    while (m_weights[drawn] <= 0)
        ++drawn;
    for (std::size_t index = block * kBlock; index < m_weights.size(); ++index) {
        if (m_weights[index] <= 0)
            continue;
        drawn = index;
        left -= static_cast<double>(m_weights[index]);
        if (left < 0)
            break;
    }
    return m_tokens[drawn];
}

} // namespace hearth
