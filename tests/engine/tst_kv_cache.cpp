#include "engine/memory/kv_cache.h"

#include <QTest>

#include <array>
#include <numeric>
#include <vector>

using namespace hearth;

namespace {

/// Remembers which pages were copied; holds no numbers.
class RecordingPool final : public CachePool {
public:
    explicit RecordingPool(std::int32_t pages, std::int32_t stateSlots = 0) : m_pages(pages), m_slots(stateSlots) {}
    std::int32_t pageCount(std::int32_t pageClass) const override { return pageClass == 0 ? m_pages : 0; }
    void copyPage(std::int32_t, std::int32_t from, std::int32_t to) override { copies.push_back({from, to}); }
    Status readPage(CacheId, std::int32_t, std::span<std::byte>) const override { return {}; }
    Status writePage(CacheId, std::int32_t, std::span<const std::byte>) override { return {}; }
    std::int32_t stateSlotCount() const override { return m_slots; }
    void copyState(std::int32_t from, std::int32_t to) override { stateCopies.push_back({from, to}); }
    Status readState(StateId, std::int32_t, std::span<float>) const override { return {}; }
    Status writeState(StateId, std::int32_t, std::span<const float>) override { return {}; }

    std::vector<std::pair<std::int32_t, std::int32_t>> copies;
    std::vector<std::pair<std::int32_t, std::int32_t>> stateCopies;

private:
    std::int32_t m_pages;
    std::int32_t m_slots;
};

/// Holds in each slot of each page a number that stands for the tokens up to there, as keys and values do.
class ContentPool final : public CachePool {
public:
    explicit ContentPool(std::vector<std::int32_t> pages) {
        for (const std::int32_t count : pages)
            m_pages.emplace_back(static_cast<std::size_t>(count));
    }
    std::int32_t pageCount(std::int32_t pageClass) const override {
        return static_cast<std::int32_t>(m_pages[static_cast<std::size_t>(pageClass)].size());
    }
    void copyPage(std::int32_t pageClass, std::int32_t from, std::int32_t to) override {
        page(pageClass, to) = page(pageClass, from);
    }
    Status readPage(CacheId, std::int32_t, std::span<std::byte>) const override { return {}; }
    Status writePage(CacheId, std::int32_t, std::span<const std::byte>) override { return {}; }
    std::int32_t stateSlotCount() const override { return 0; }
    void copyState(std::int32_t, std::int32_t) override {}
    Status readState(StateId, std::int32_t, std::span<float>) const override { return {}; }
    Status writeState(StateId, std::int32_t, std::span<const float>) override { return {}; }

    using Page = std::array<std::uint64_t, kPageTokens>;
    Page& page(std::int32_t pageClass, std::int32_t index) {
        return m_pages[static_cast<std::size_t>(pageClass)].at(static_cast<std::size_t>(index));
    }

private:
    std::vector<std::vector<Page>> m_pages;
};

/// Numbers in the tables' slots first .. end - 1 of a page class that are not those of the tokens.
std::int32_t wrongSlots(ContentPool& pool, std::int32_t pageClass, std::span<const std::int32_t> table,
                        const std::vector<std::uint64_t>& content, std::int32_t first, std::int32_t end) {
    std::int32_t wrong = 0;
    for (std::int32_t slot = first; slot < end; ++slot) {
        const std::int32_t page = table[static_cast<std::size_t>(slot / kPageTokens)];
        const bool isThere = page >= 0 && page < pool.pageCount(pageClass);
        if (!isThere
            || pool.page(pageClass, page)[static_cast<std::size_t>(slot % kPageTokens)]
                   != content[static_cast<std::size_t>(slot)])
            ++wrong;
    }
    return wrong;
}

/// One number for each beginning of `tokens`.
std::vector<std::uint64_t> contentOf(const std::vector<std::int32_t>& tokens) {
    std::vector<std::uint64_t> content;
    std::uint64_t hash = 1;
    for (const std::int32_t token : tokens) {
        hash = hash * 6364136223846793005U + static_cast<std::uint64_t>(token) + 1442695040888963407U;
        content.push_back(hash);
    }
    return content;
}

std::vector<std::int32_t> range(std::int32_t first, std::int32_t count) {
    std::vector<std::int32_t> values(static_cast<std::size_t>(count));
    std::iota(values.begin(), values.end(), first);
    return values;
}

std::vector<std::int32_t> join(std::vector<std::int32_t> a, const std::vector<std::int32_t>& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

/// Opens a sequence and commits what was not found; returns what was.
std::int32_t run(KvCache& cache, const std::vector<std::int32_t>& tokens) {
    const std::int32_t reused = cache.open(tokens, KvCache::Reuse::Yes);
    const auto rest = std::span(tokens).subspan(static_cast<std::size_t>(reused));
    if (!cache.reserve(static_cast<std::int32_t>(rest.size())))
        return -1;
    cache.commit(rest);
    return reused;
}

} // namespace

class TestKvCache : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void firstSequenceReusesNothing() {
        RecordingPool pool(8);
        KvCache cache(pool);
        QCOMPARE(run(cache, range(0, 100)), 0);
        QCOMPARE(cache.length(), 100);
        QCOMPARE(cache.pageTable().size(), std::size_t{2});
    }

    void lastTokenIsAlwaysComputedAgain() {
        RecordingPool pool(8);
        KvCache cache(pool);
        run(cache, range(0, 128));
        QCOMPARE(cache.open(range(0, 128), KvCache::Reuse::Yes), 127);
    }

    void longerSequenceGoesOnInItsLastPageWithoutACopy() {
        RecordingPool pool(8);
        KvCache cache(pool);
        run(cache, range(0, 100));
        QCOMPARE(run(cache, range(0, 150)), 100);
        QVERIFY(pool.copies.empty());
    }

    void branchSharesWholePagesAndCopiesThePartialOne() {
        RecordingPool pool(8);
        KvCache cache(pool);
        run(cache, range(0, 100));
        const std::vector<std::int32_t> trunk(cache.pageTable().begin(), cache.pageTable().end());
        QCOMPARE(run(cache, join(range(0, 80), range(1000, 50))), 80);
        QCOMPARE(cache.pageTable()[0], trunk[0]);
        QVERIFY(cache.pageTable()[1] != trunk[1]);
        QCOMPARE(pool.copies.size(), std::size_t{1});
        QCOMPARE(pool.copies[0].first, trunk[1]);
    }

    void branchedSequenceIsStillFoundWhole() {
        RecordingPool pool(8);
        KvCache cache(pool);
        run(cache, range(0, 100));
        run(cache, join(range(0, 80), range(1000, 50)));
        QCOMPARE(cache.open(range(0, 101), KvCache::Reuse::Yes), 100);
    }

    void sameTokensBehindAnotherBeginningAreNotReused() {
        RecordingPool pool(8);
        KvCache cache(pool);
        run(cache, join(range(0, 64), range(500, 64)));
        QCOMPARE(run(cache, join(range(100, 64), range(500, 64))), 0);
    }

    void reuseCanBeDeclined() {
        RecordingPool pool(8);
        KvCache cache(pool);
        run(cache, range(0, 100));
        QCOMPARE(cache.open(range(0, 100), KvCache::Reuse::No), 0);
    }

    void fullPoolForgetsTheLeastRecentlyUsed() {
        RecordingPool pool(4);
        KvCache cache(pool);
        run(cache, range(0, 128));
        run(cache, range(1000, 64));
        run(cache, range(0, 128)); // used again
        run(cache, range(2000, 64));
        run(cache, range(3000, 64)); // needs a page: that of 1000.. goes
        QCOMPARE(cache.open(range(1000, 64), KvCache::Reuse::Yes), 0);
        QCOMPARE(cache.open(range(0, 128), KvCache::Reuse::Yes), 127);
    }

    void parentsAreKeptWhileChildrenAre() {
        RecordingPool pool(3);
        KvCache cache(pool);
        run(cache, range(0, 192));   // a chain of three
        run(cache, range(5000, 10)); // takes the chain's end
        QCOMPARE(cache.open(range(0, 192), KvCache::Reuse::Yes), 128);
    }

    void tooLongASequenceIsRefusedWithNumbers() {
        RecordingPool pool(2);
        KvCache cache(pool);
        static_cast<void>(cache.open(range(0, 200), KvCache::Reuse::Yes));
        const Status status = cache.reserve(200);
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::OutOfMemory);
        QVERIFY(status.error().message.find("2 pages") != std::string::npos);
    }

    void recurrentModelGoesOnOnlyWhereAStateWasKept() {
        RecordingPool pool(8, 4);
        KvCache cache(pool);
        run(cache, range(0, 70));
        cache.keepState();
        QCOMPARE(run(cache, range(0, 90)), 70);
        QCOMPARE(cache.open(range(0, 100), KvCache::Reuse::Yes), 70); // 90 are there, but no state for them
        QVERIFY((pool.stateCopies.back() == std::pair<std::int32_t, std::int32_t>{1, 0}));
    }

    void keptStateOfAnotherBeginningIsNotUsed() {
        RecordingPool pool(8, 4);
        KvCache cache(pool);
        run(cache, range(0, 70));
        cache.keepState();
        QCOMPARE(cache.open(join(range(0, 69), range(500, 20)), KvCache::Reuse::Yes), 0);
    }

    void longestKeptStateIsTaken() {
        RecordingPool pool(8, 4);
        KvCache cache(pool);
        run(cache, range(0, 30));
        cache.keepState();
        run(cache, range(0, 100));
        cache.keepState();
        QCOMPARE(cache.open(range(0, 120), KvCache::Reuse::Yes), 100);
        QCOMPARE(cache.open(join(range(0, 40), range(700, 40)), KvCache::Reuse::Yes), 30);
    }

    void uncommittedPagesAreGivenBack() {
        RecordingPool pool(2);
        KvCache cache(pool);
        static_cast<void>(cache.open(range(0, 128), KvCache::Reuse::Yes));
        QVERIFY(cache.reserve(128).ok());
        QCOMPARE(run(cache, range(7, 128)), 0); // a cancelled prompt left nothing behind
        QCOMPARE(cache.length(), 128);
    }

    void windowedPagesAreFewerThanTheTree() {
        ContentPool pool({16, 4});
        KvCache cache(pool, std::vector{10});
        static_cast<void>(cache.open({}, KvCache::Reuse::Yes));
        for (std::int32_t start = 0; start < 960; start += 40) {
            QVERIFY(cache.reserve(40).ok());
            const auto first = static_cast<std::size_t>(std::max(0, start - 9) / kPageTokens);
            for (std::size_t logical = first; logical < cache.pageTable().size(); ++logical)
                QVERIFY(cache.windowTables()[0][logical] >= 0);
            cache.commit(range(start, 40));
        }
        QCOMPARE(cache.length(), 960);
    }

    void stepTooLongForTheWindowIsRefusedWithNumbers() {
        ContentPool pool({16, 4});
        KvCache cache(pool, std::vector{10});
        static_cast<void>(cache.open({}, KvCache::Reuse::Yes));
        const Status status = cache.reserve(300);
        QVERIFY(!status);
        QCOMPARE(status.error().code, ErrorCode::OutOfMemory);
        QVERIFY(status.error().message.find("a window of 10 tokens") != std::string::npos);
        QVERIFY(cache.reserve(30).ok());
    }

    void recomputedPagesTakeTheirTwinsPlace() {
        RecordingPool pool(4);
        KvCache cache(pool);
        run(cache, range(0, 150)); // three pages
        static_cast<void>(cache.open(range(0, 128), KvCache::Reuse::No));
        QVERIFY(cache.reserve(64).ok());
        cache.commit(range(0, 64)); // the fourth page; the first one's children follow it
        QCOMPARE(cache.open(range(0, 151), KvCache::Reuse::Yes), 150);
        QCOMPARE(run(cache, range(500, 64)), 0);
        QCOMPARE(cache.open(range(0, 151), KvCache::Reuse::Yes), 150); // there was a free page again
    }

    /// Whatever was opened before, the pages of an opened sequence hold what its tokens say, as far as each page class
    /// looks back.
    void pagesHoldWhatTheirTokensSay_data() {
        QTest::addColumn<int>("treePages");
        QTest::addColumn<int>("narrowPages");
        QTest::addColumn<int>("widePages");
        QTest::newRow("hardly enough") << 6 << 5 << 6;
        QTest::newRow("room for ends") << 12 << 9 << 12;
        QTest::newRow("room for all") << 40 << 40 << 40;
    }
    void pagesHoldWhatTheirTokensSay() {
        QFETCH(const int, treePages);
        QFETCH(const int, narrowPages);
        QFETCH(const int, widePages);
        constexpr std::int32_t kRows = 30;
        const std::array<std::int32_t, 3> windows{0, 7, 100};
        ContentPool pool({treePages, narrowPages, widePages});
        KvCache cache(pool, std::span(windows).subspan(1));
        std::vector<std::vector<std::int32_t>> seen;
        std::uint32_t state = 99;
        const auto random = [&state](std::size_t below) {
            state = state * 1664525U + 1013904223U;
            return static_cast<std::size_t>(state >> 8U) % below;
        };
        std::int64_t known = 0;
        for (int round = 0; round < 1500; ++round) {
            std::vector<std::int32_t> tokens;
            if (!seen.empty() && random(5) != 0) {
                const auto& old = seen[seen.size() - 1 - random(std::min<std::size_t>(seen.size(), 6))];
                tokens.assign(old.begin(), old.begin() + static_cast<std::ptrdiff_t>(random(old.size() + 1)));
            }
            for (std::size_t more = 1 + random(150); more > 0 && tokens.size() < 330; --more)
                tokens.push_back(static_cast<std::int32_t>(random(50)));
            const std::vector<std::uint64_t> content = contentOf(tokens);
            std::int32_t start = cache.open(tokens, KvCache::Reuse::Yes);
            known += start;
            const auto count = static_cast<std::int32_t>(tokens.size());
            QVERIFY(start < count);
            for (std::int32_t rows = 0; start < count; start += rows) {
                rows = std::min(count - start, 1 + static_cast<std::int32_t>(random(kRows)));
                QVERIFY(cache.reserve(rows).ok());
                for (std::int32_t pageClass = 0; pageClass < 3; ++pageClass) {
                    const auto index = static_cast<std::size_t>(pageClass);
                    const auto table = pageClass == 0 ? cache.pageTable() : cache.windowTables()[index - 1];
                    const std::int32_t first = pageClass == 0 ? 0 : oldestSlot(start, windows[index]);
                    QCOMPARE(wrongSlots(pool, pageClass, table, content, first, start), 0);
                    for (std::int32_t slot = start; slot < start + rows; ++slot)
                        pool.page(pageClass, table[static_cast<std::size_t>(slot / kPageTokens)])
                            .at(static_cast<std::size_t>(slot % kPageTokens)) = content[static_cast<std::size_t>(slot)];
                }
                if (random(20) == 0)
                    break; // cancelled: what was written is not committed
                cache.commit(
                    std::span(tokens).subspan(static_cast<std::size_t>(start), static_cast<std::size_t>(rows)));
            }
            if (random(2) == 0)
                cache.keepState();
            seen.push_back(std::move(tokens));
        }
        QVERIFY2(known > 1500 * 10, "hardly anything was shared");
    }

    /// Against a plain model: every sequence ever committed, searched for the longest common beginning.
    void neverReusesMoreThanWasComputed() {
        RecordingPool pool(6);
        KvCache cache(pool);
        std::vector<std::vector<std::int32_t>> seen;
        std::uint32_t state = 12345;
        const auto random = [&state](std::uint32_t below) {
            state = state * 1664525U + 1013904223U;
            return static_cast<std::int32_t>((state >> 8U) % below);
        };
        for (int round = 0; round < 2000; ++round) {
            std::vector<std::int32_t> tokens;
            if (!seen.empty() && random(4) != 0) {
                const auto& old = seen[static_cast<std::size_t>(random(static_cast<std::uint32_t>(seen.size())))];
                tokens.assign(old.begin(), old.begin() + random(static_cast<std::uint32_t>(old.size() + 1)));
            }
            const std::int32_t more = 1 + random(100);
            for (std::int32_t i = 0; i < more && tokens.size() < 250; ++i)
                tokens.push_back(random(3));
            std::int32_t longest = 0;
            for (const auto& old : seen) {
                const auto end = std::mismatch(old.begin(), old.end(), tokens.begin(), tokens.end()).first;
                longest = std::max(longest, static_cast<std::int32_t>(end - old.begin()));
            }
            const std::int32_t reused = run(cache, tokens);
            QVERIFY(reused >= 0);
            QVERIFY2(reused <= longest, "tokens were reused that nobody computed");
            QVERIFY(reused < static_cast<std::int32_t>(tokens.size()));
            seen.push_back(tokens);
        }
    }
};

QTEST_GUILESS_MAIN(TestKvCache)
#include "tst_kv_cache.moc"
