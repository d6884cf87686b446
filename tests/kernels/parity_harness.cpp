#include "tests/kernels/parity_harness.h"

#include "tests/kernels/random_rows.h"

#include "kernels/quant/dequantise.h"
#include "kernels/quant/quantise.h"
#include "kernels/reference/reference_backend.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <optional>

namespace hearth {

namespace {

using Page = std::vector<std::byte>;
using Pages = std::vector<std::vector<Page>>; // by cache, then by physical page

/// Everything that one backend gave for one case.
struct Seen {
    std::vector<std::string> names;
    std::vector<std::vector<std::vector<float>>> buffers; ///< by name, then by step
    Pages pages;
};

std::size_t index(std::int64_t value) {
    return static_cast<std::size_t>(value);
}

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof(text), "%.9g", value);
    return text;
}

/// Where the stored row of one head and token lies in a page.
struct RowPlace {
    std::size_t offset;
    std::int32_t columns;
};

RowPlace keyPlace(const CacheSpec& cache, std::int32_t head, std::int32_t token) {
    return {index(head * kPageTokens + token) * rowBytes(cache.dtype, cache.keyColumns), cache.keyColumns};
}

RowPlace valuePlace(const CacheSpec& cache, std::int32_t head, std::int32_t token) {
    return {cache.keyBytesPerPage() + index(head * kPageTokens + token) * rowBytes(cache.dtype, cache.valueColumns),
            cache.valueColumns};
}

/// Pages full of NaN but for the first `tokens` of the sequence, which are random.
Pages preparedPages(const Program& program, std::int32_t pages, std::int32_t tokens, const StepInput& first,
                    std::uint32_t seed) {
    std::mt19937 random(seed ^ 0x5EEDU);
    Pages prepared;
    for (const CacheSpec& cache : program.caches) {
        const auto write = [&](Page& page, RowPlace place, const std::vector<float>& row) {
            quantiseRow(cache.dtype, row.data(), place.columns, page.data() + place.offset);
        };
        const auto fill = [&](Page& page, std::int32_t token, bool valid) {
            for (std::int32_t head = 0; head < cache.heads; ++head) {
                for (const RowPlace place : {keyPlace(cache, head, token), valuePlace(cache, head, token)}) {
                    const std::vector<float> poison(index(place.columns), std::numeric_limits<float>::quiet_NaN());
                    write(page, place, valid ? randomFloats(index(place.columns), 1.0, random) : poison);
                }
            }
        };
        std::vector<Page> own(index(pages), Page(cache.pageSizeBytes()));
        for (Page& page : own)
            for (std::int32_t token = 0; token < kPageTokens; ++token)
                fill(page, token, false);
        for (std::int32_t slot = 0; slot < tokens; ++slot)
            if (const std::int32_t page = first.tableOf(cache)[index(slot / kPageTokens)]; page >= 0)
                fill(own[index(page)], slot % kPageTokens, true);
        prepared.push_back(std::move(own));
    }
    return prepared;
}

Result<std::unique_ptr<CachePool>> filledPool(Backend& backend, const Program& program, const Pages& pages) {
    if (program.caches.empty())
        return std::unique_ptr<CachePool>();
    const auto count = static_cast<std::int32_t>(pages.front().size());
    const std::vector<std::int32_t> windowPages(program.windows.size(), count);
    HEARTH_TRY(std::unique_ptr<CachePool> pool, backend.allocateCache({program.caches, count, {}, 0, windowPages}));
    for (std::size_t cache = 0; cache < pages.size(); ++cache)
        for (std::int32_t page = 0; page < count; ++page)
            HEARTH_CHECK(pool->writePage(static_cast<CacheId>(cache), page, pages[cache][index(page)]));
    return pool;
}

/// Runs one variant of the program and adds what it shows.
Status addSeen(Backend& backend, const Program& program, const std::vector<StepInput>& steps, const Pages& prepared,
               Seen& seen) {
    HEARTH_TRY(const std::unique_ptr<CachePool> pool, filledPool(backend, program, prepared));
    HEARTH_TRY(auto outputs, runSteps(backend, program, pool.get(), steps));
    seen.names.push_back(program.buffers[index(program.output)].name);
    seen.buffers.push_back(std::move(outputs));
    seen.pages = prepared;
    for (std::size_t cache = 0; cache < prepared.size(); ++cache)
        for (std::size_t page = 0; page < prepared[cache].size(); ++page)
            HEARTH_CHECK(
                pool->readPage(static_cast<CacheId>(cache), static_cast<std::int32_t>(page), seen.pages[cache][page]));
    return {};
}

/// Runs the program once for each buffer that is seen, each time from the same caches.
Result<Seen> seenOn(Backend& backend, ParityProgram& parity, const Pages& prepared) {
    Seen seen;
    for (const BufferId buffer : parity.observed)
        HEARTH_CHECK(addSeen(backend, parity.fixture.observing(buffer), parity.steps, prepared, seen));
    if (parity.shown != kNoBuffer)
        HEARTH_CHECK(addSeen(backend, parity.fixture.showing(parity.shown), parity.steps, prepared, seen));
    return seen;
}

bool sameBits(const std::vector<float>& one, const std::vector<float>& other) {
    return one.size() == other.size()
           && (one.empty() || std::memcmp(one.data(), other.data(), one.size() * sizeof(float)) == 0);
}

bool sameBits(const Seen& one, const Seen& other) {
    for (std::size_t buffer = 0; buffer < one.buffers.size(); ++buffer)
        for (std::size_t step = 0; step < one.buffers[buffer].size(); ++step)
            if (!sameBits(one.buffers[buffer][step], other.buffers[buffer][step]))
                return false;
    return one.pages == other.pages;
}

bool isFinite(const Seen& seen) {
    for (const auto& steps : seen.buffers)
        for (const std::vector<float>& values : steps)
            if (!std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); }))
                return false;
    return true;
}

std::optional<std::string> difference(const std::vector<float>& want, const std::vector<float>& got,
                                      Tolerance tolerance) {
    if (want.size() != got.size())
        return std::to_string(got.size()) + " values instead of " + std::to_string(want.size());
    double squares = 0;
    double errors = 0;
    double largest = 0;
    std::size_t worst = 0;
    for (std::size_t at = 0; at < want.size(); ++at) {
        const double error = std::fabs(static_cast<double>(want[at]) - got[at]);
        squares += static_cast<double>(want[at]) * want[at];
        errors += error * error;
        if (!(error <= largest)) { // a NaN is the worst
            largest = error;
            worst = at;
        }
    }
    const double count = static_cast<double>(std::max<std::size_t>(want.size(), 1));
    const double rms = std::max(std::sqrt(squares / count), tolerance.leastRms);
    const double nmse = errors / (count * rms * rms);
    // The mean of `count` squared errors lies above its expectation by sqrt(2 / count) of it; four times that is
    // allowed.
    const double most = tolerance.nmse * (1.0 + 4.0 * std::sqrt(2.0 / count));
    if (errors == 0.0 || (nmse <= most && largest <= tolerance.largest * rms))
        return std::nullopt;
    return "value " + std::to_string(worst) + " is " + number(got[worst]) + " instead of " + number(want[worst])
           + "; NMSE " + number(nmse) + " (at most " + number(most) + "), largest error " + number(largest / rms)
           + " of rms " + number(rms) + " (at most " + number(tolerance.largest) + ")";
}

/// A stored row: equal but for values that lie so near the middle of two levels that float rounding decides.
/// At most `flips` of all rows' values may differ, each by no more than a level.
class RowComparison {
public:
    RowComparison(DType dtype, double storedError) : m_dtype(dtype), m_storedError(static_cast<float>(storedError)) {}

    bool add(const std::byte* want, const std::byte* got, std::int32_t columns) {
        std::vector<float> wanted(index(columns));
        std::vector<float> gotten(index(columns));
        dequantiseRow(m_dtype, want, columns, wanted.data());
        dequantiseRow(m_dtype, got, columns, gotten.data());
        float largest = 0;
        for (const float value : wanted)
            largest = std::max(largest, std::fabs(value));
        for (std::size_t column = 0; column < wanted.size(); ++column) {
            const float error = std::fabs(wanted[column] - gotten[column]);
            ++m_values;
            if (!(error <= 1e-5F * largest + m_storedError))
                ++m_flips;
            if (!(error <= levelOf(std::fabs(wanted[column]), largest) + m_storedError))
                return false;
        }
        return true;
    }

    [[nodiscard]] bool fewFlips() const { return m_flips <= 2 + m_values / 100; }

private:
    /// The distance of neighbouring levels, with room for a scale that is rounded the other way (2^-10).
    [[nodiscard]] float levelOf(float value, float largest) const {
        switch (m_dtype) {
        case DType::Q4_0:
            return largest / 8 * 1.2F; // the extreme value is level -8; all others are at most 7/8 of the row's range
        case DType::Q8_0:
            return largest / 127 * 1.2F;
        case DType::BF16:
            return value * 0x1p-7F;
        case DType::F16:
            return std::max(value * 0x1p-10F, 0x1p-24F);
        default:
            return largest * 1e-5F;
        }
    }

    DType m_dtype;
    float m_storedError;
    std::size_t m_values = 0;
    std::size_t m_flips = 0;
};

/// Tokens of the sequence agree; every other byte is still poison.
std::optional<std::string> pageDifference(const CacheSpec& cache, double storedError, const std::vector<Page>& want,
                                          const std::vector<Page>& got, const std::vector<Page>& prepared,
                                          const std::vector<std::int32_t>& pageTable, std::int32_t tokens) {
    std::vector<std::int32_t> used(want.size(), 0); // tokens of the sequence in each physical page
    for (std::int32_t slot = 0; slot < tokens; ++slot)
        if (const std::int32_t page = pageTable[index(slot / kPageTokens)]; page >= 0)
            ++used[index(page)];
    RowComparison rows(cache.dtype, storedError);
    for (std::size_t page = 0; page < want.size(); ++page) {
        for (std::int32_t token = 0; token < kPageTokens; ++token) {
            for (std::int32_t head = 0; head < cache.heads; ++head) {
                for (const RowPlace place : {keyPlace(cache, head, token), valuePlace(cache, head, token)}) {
                    const std::byte* stored = got[page].data() + place.offset;
                    const std::string where = "cache '" + cache.name + "', page " + std::to_string(page) + ", token "
                                              + std::to_string(token) + ", head " + std::to_string(head);
                    const std::size_t bytes = rowBytes(cache.dtype, place.columns);
                    if (token >= used[page]) {
                        if (std::memcmp(stored, prepared[page].data() + place.offset, bytes) != 0)
                            return where + " lies beyond the sequence and was written";
                    } else if (!rows.add(want[page].data() + place.offset, stored, place.columns)) {
                        return where + " holds other numbers";
                    }
                }
            }
        }
    }
    return rows.fewFlips() ? std::nullopt : std::optional<std::string>("cache '" + cache.name + "' rounds differently");
}

std::optional<std::string> differenceOf(ParityProgram& parity, const Seen& want, const Seen& got,
                                        const Pages& prepared) {
    const Program program = parity.fixture.program();
    for (std::size_t buffer = 0; buffer < want.buffers.size(); ++buffer) {
        for (std::size_t step = 0; step < want.buffers[buffer].size(); ++step)
            if (auto text = difference(want.buffers[buffer][step], got.buffers[buffer][step], parity.tolerance))
                return "buffer '" + want.names[buffer] + "' in step " + std::to_string(step) + ": " + *text;
    }
    const StepInput& last = parity.steps.back();
    const std::int32_t appended = last.cacheStart + static_cast<std::int32_t>(last.tokens.size());
    for (std::size_t cache = 0; cache < program.caches.size(); ++cache)
        if (auto text = pageDifference(program.caches[cache], parity.storedError, want.pages[cache], got.pages[cache],
                                       prepared[cache], last.tableOf(program.caches[cache]),
                                       std::max(appended, parity.cachedTokens)))
            return text;
    return std::nullopt;
}

} // namespace

ParityOutcome runParity(Backend& backend, const ParityCase& parityCase, Precision precision, std::uint32_t seed) {
    const auto outcome = [&](Verdict verdict, const std::string& text) {
        return ParityOutcome{verdict, text + " (seed " + std::to_string(seed) + ")"};
    };
    ParityProgram parity = parityCase.build(seed, precision);
    const Program program = parity.fixture.program();
    for (const Op& op : program.ops)
        if (const auto why = backend.whyUnsupported(program, op))
            return outcome(Verdict::Unsupported, *why);
    const Pages prepared = preparedPages(program, parity.pages, parity.cachedTokens, parity.steps.front(), seed);
    const std::unique_ptr<Backend> reference = createReferenceBackend();
    const Result<Seen> want = seenOn(*reference, parity, prepared);
    if (!want)
        return outcome(Verdict::Differs, "the reference refuses the case: " + want.error().message);
    if (!isFinite(*want))
        return outcome(Verdict::Differs, "the reference gives numbers that are not finite");
    const Result<Seen> got = seenOn(backend, parity, prepared);
    if (!got)
        return outcome(Verdict::Differs, "fails: " + got.error().message);
    const Result<Seen> again = seenOn(backend, parity, prepared);
    if (!again || !sameBits(*got, *again))
        return outcome(Verdict::Differs, "a second run gives other bits");
    if (const auto text = differenceOf(parity, *want, *got, prepared))
        return outcome(Verdict::Differs, *text);
    return {};
}

} // namespace hearth
