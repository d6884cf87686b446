#include "kernels/api/check.h"

#include <algorithm>

namespace hearth {

Status checkPage(std::span<const CacheSpec> caches, const CachePool& pool, CacheId cache, std::int32_t page,
                 std::size_t sizeBytes) {
    const auto index = static_cast<std::size_t>(cache);
    const bool isCache = cache >= 0 && index < caches.size();
    const std::int32_t pages = isCache ? pool.pageCount(caches[index].pageClass) : 0;
    if (page < 0 || page >= pages)
        return Error{ErrorCode::InvalidInput, "page " + std::to_string(page) + " of " + std::to_string(pages)
                                                  + " in cache " + std::to_string(cache) + " of "
                                                  + std::to_string(caches.size())};
    const std::size_t wanted = caches[index].pageSizeBytes();
    if (sizeBytes != wanted)
        return Error{ErrorCode::InvalidInput,
                     "a page of " + std::to_string(sizeBytes) + " bytes instead of " + std::to_string(wanted)};
    return {};
}

Status checkState(std::span<const StateSpec> states, std::int32_t slots, StateId state, std::int32_t slot,
                  std::size_t count) {
    const auto index = static_cast<std::size_t>(state);
    if (state < 0 || index >= states.size() || slot < 0 || slot >= slots)
        return Error{ErrorCode::InvalidInput, "slot " + std::to_string(slot) + " of " + std::to_string(slots)
                                                  + " of state " + std::to_string(state) + " of "
                                                  + std::to_string(states.size())};
    const auto wanted = static_cast<std::size_t>(states[index].values);
    if (count != wanted)
        return Error{ErrorCode::InvalidInput,
                     "a state of " + std::to_string(count) + " numbers instead of " + std::to_string(wanted)};
    return {};
}

bool sameLayout(std::span<const CacheSpec> one, std::span<const CacheSpec> other) {
    return std::ranges::equal(one, other, [](const CacheSpec& a, const CacheSpec& b) {
        return a.heads == b.heads && a.keyColumns == b.keyColumns && a.valueColumns == b.valueColumns
               && a.dtype == b.dtype && a.pageClass == b.pageClass;
    });
}

bool sameLayout(std::span<const StateSpec> one, std::span<const StateSpec> other) {
    return std::ranges::equal(one, other, {}, &StateSpec::values, &StateSpec::values);
}

} // namespace hearth
