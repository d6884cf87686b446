#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace hearth {

/// Hands out the items of a phase so that each worker walks through neighbouring ones, which keeps its memory stream
/// unbroken; who has none left takes those of the others. take() may be called as often as there are items, from any
/// thread; reset() when nobody takes.
class WorkerShares {
public:
    explicit WorkerShares(std::int32_t workers)
        : m_workers(workers), m_shares(std::make_unique<Share[]>(static_cast<std::size_t>(workers))) {}

    void reset(std::int32_t items) {
        for (std::int32_t worker = 0; worker < m_workers; ++worker) {
            Share& share = m_shares[static_cast<std::size_t>(worker)];
            share.next.store(firstOf(worker, items), std::memory_order_relaxed);
            share.end = firstOf(worker + 1, items);
        }
    }

    [[nodiscard]] std::int32_t take(std::int32_t worker) {
        // Relaxed: the pool orders phases; here only the counts matter. If every share is found empty, as many items
        // were taken as there are, so a caller entitled to one always finds it.
        for (std::int32_t step = 0;; ++step) {
            Share& share = m_shares[static_cast<std::size_t>((worker + step) % m_workers)];
            const std::int32_t item = share.next.fetch_add(1, std::memory_order_relaxed);
            if (item < share.end)
                return item;
        }
    }

private:
    struct alignas(64) Share {
        std::atomic<std::int32_t> next{0};
        std::int32_t end = 0;
    };
    [[nodiscard]] std::int32_t firstOf(std::int32_t worker, std::int32_t items) const {
        return static_cast<std::int32_t>(std::int64_t{items} * worker / m_workers);
    }

    std::int32_t m_workers;
    std::unique_ptr<Share[]> m_shares;
};

} // namespace hearth
