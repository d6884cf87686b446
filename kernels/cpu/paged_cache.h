#pragma once

#include "kernels/api/backend.h"
#include "kernels/base/aligned_buffer.h"

#include <vector>

namespace hearth {

/// Cache pages in ordinary memory: each cache is one run of pages, each page starts on a cache line.
class PagedCache final : public CachePool {
public:
    /// Errors: InvalidInput (no pages, columns that are no multiple of the type's block), OutOfMemory.
    [[nodiscard]] static Result<std::unique_ptr<PagedCache>> create(std::span<const CacheSpec> caches,
                                                                    std::int32_t pages);

    [[nodiscard]] std::int32_t pageCount() const override { return m_pages; }
    void copyPage(std::int32_t from, std::int32_t to) override;
    [[nodiscard]] Status readPage(CacheId cache, std::int32_t page, std::span<std::byte> out) const override;
    [[nodiscard]] Status writePage(CacheId cache, std::int32_t page, std::span<const std::byte> in) override;

    /// Whether a program's caches lie in these pages as it expects.
    [[nodiscard]] bool holds(std::span<const CacheSpec> caches) const;
    /// Keys (heads, kPageTokens, keyColumns), then values. cache and page are in range.
    [[nodiscard]] std::byte* page(CacheId cache, std::int32_t page) {
        Store& store = m_stores[static_cast<std::size_t>(cache)];
        return store.memory.data() + static_cast<std::size_t>(page) * store.pageStride;
    }

private:
    struct Store {
        AlignedBuffer memory;
        std::size_t pageStride = 0;
    };
    PagedCache() = default;
    [[nodiscard]] Status checkAccess(CacheId cache, std::int32_t page, std::size_t sizeBytes) const;

    std::vector<CacheSpec> m_specs;
    std::vector<Store> m_stores;
    std::int32_t m_pages = 0;
};

} // namespace hearth
