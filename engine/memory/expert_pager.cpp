#include "engine/memory/expert_pager.h"

#include <algorithm>

#include <sys/mman.h>
#include <unistd.h>

namespace hearth {

namespace {

/// Advice is a hint: where the system does not take it, pages come one by one as they are read.
void advise(const std::byte* data, std::size_t sizeBytes, int advice) {
    static const auto pageBytes = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto address = reinterpret_cast<std::uintptr_t>(data);
    const std::uintptr_t first = address / pageBytes * pageBytes;
    static_cast<void>(::madvise(reinterpret_cast<void*>(first), sizeBytes + (address - first), advice));
}

} // namespace

ExpertPager::ExpertPager(const std::vector<TensorUse>& uses, Fit fit) : m_fit(fit) {
    for (const TensorUse& use : uses) {
        const GgufTensor& tensor = *use.tensor;
        if (use.tensorClass == TensorClass::RoutedExperts && use.chosenParts > 0) {
            const auto parts = static_cast<std::size_t>(std::max<std::int64_t>(tensor.extents[2], 1));
            m_experts.push_back({tensor.data, tensor.sizeBytes, std::max<std::size_t>(tensor.sizeBytes / parts, 1),
                                 std::vector<bool>(parts, false)});
            advise(tensor.data, tensor.sizeBytes, MADV_RANDOM);
        } else if (use.bytesPerToken >= static_cast<double>(tensor.sizeBytes) && fit == Fit::InMemory) {
            advise(tensor.data, tensor.sizeBytes, MADV_WILLNEED);
        }
    }
    std::ranges::sort(m_experts, {}, &Experts::data);
    if (fit == Fit::BeyondMemory)
        return;
    std::vector<std::span<const std::byte>> ranges;
    for (const TensorUse& use : uses)
        if (use.bytesPerToken > 0)
            ranges.emplace_back(use.tensor->data, use.tensor->sizeBytes);
    m_mapper = std::make_unique<PageMapper>(std::move(ranges));
}

void ExpertPager::willRead(const std::byte* data, std::size_t sizeBytes) {
    if (m_mapper != nullptr && m_mapper->isComplete())
        return; // asking costs more than it could bring
    const auto above = std::ranges::upper_bound(m_experts, data, {}, &Experts::data);
    if (above == m_experts.begin())
        return;
    Experts& experts = *std::prev(above);
    const auto offset = static_cast<std::size_t>(data - experts.data);
    if (offset >= experts.sizeBytes)
        return;
    if (m_fit == Fit::InMemory) {
        // A fused tensor is read in two parts of one expert; asking for the whole expert serves both.
        const std::size_t piece = std::min(offset / experts.pieceBytes, experts.isAskedFor.size() - 1);
        if (experts.isAskedFor[piece])
            return;
        experts.isAskedFor[piece] = true;
        data = experts.data + piece * experts.pieceBytes;
        sizeBytes = experts.pieceBytes;
    }
    advise(data, sizeBytes, MADV_WILLNEED);
}

} // namespace hearth
