#pragma once

#include "kernels/api/backend.h"
#include "kernels/base/aligned_buffer.h"

#include <vector>

namespace hearth {

/// Pages in main memory, laid out as CacheSpec says. Thread: any one at a time.
class ReferenceCachePool final : public CachePool {
public:
    /// Errors: InvalidInput (a layout that makes no sense, or no pages), Unsupported (a type that cannot be written),
    /// OutOfMemory.
    [[nodiscard]] static Result<std::unique_ptr<ReferenceCachePool>> create(std::span<const CacheSpec> caches,
                                                                            std::int32_t pages);

    [[nodiscard]] std::int32_t pageCount() const override { return m_pages; }
    void copyPage(std::int32_t from, std::int32_t to) override;
    [[nodiscard]] Status readPage(CacheId cache, std::int32_t page, std::span<std::byte> out) const override;
    [[nodiscard]] Status writePage(CacheId cache, std::int32_t page, std::span<const std::byte> in) override;

    /// Whether a program's caches lie in these pages as it expects.
    [[nodiscard]] bool holds(std::span<const CacheSpec> caches) const;

    /// The stored row of one head at token 0 .. kPageTokens - 1 of a page.
    [[nodiscard]] std::byte* keyRow(CacheId cache, std::int32_t page, std::int32_t head, std::int32_t token);
    [[nodiscard]] std::byte* valueRow(CacheId cache, std::int32_t page, std::int32_t head, std::int32_t token);

private:
    ReferenceCachePool(std::vector<CacheSpec> specs, std::int32_t pages) : m_specs(std::move(specs)), m_pages(pages) {}
    [[nodiscard]] Status checkPage(CacheId cache, std::int32_t page, std::size_t sizeBytes) const;
    [[nodiscard]] std::byte* pageData(CacheId cache, std::int32_t page);

    std::vector<CacheSpec> m_specs;
    std::vector<AlignedBuffer> m_memory; ///< one a cache: all its pages
    std::int32_t m_pages = 0;
};

} // namespace hearth
