#pragma once

#include "engine/memory/page_mapper.h"
#include "engine/memory/tensor_use.h"
#include "kernels/api/weight_pager.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace hearth {

/// Whether everything that decoding uses stays in memory once it was read.
enum class Fit : std::uint8_t { InMemory, BeyondMemory };

/// Brings mapped weights into memory. What every token reads is asked for at once; of routed experts nothing is read
/// ahead, so that those which no token chooses stay on the disk, and a chosen expert is asked for as a whole when the
/// router has chosen it: once if all fits into memory, else each time, for it may have been dropped. What is in memory
/// already is entered into the page tables meanwhile, if all fits.
/// Thread: as WeightPager.
class ExpertPager final : public WeightPager {
public:
    /// The file that the tensors lie in outlives the pager.
    ExpertPager(const std::vector<TensorUse>& uses, Fit fit);

    void willRead(const std::byte* data, std::size_t sizeBytes) override;

private:
    /// One tensor of experts, cut into pieces of one expert's size.
    struct Experts {
        const std::byte* data = nullptr;
        std::size_t sizeBytes = 0;
        std::size_t pieceBytes = 0;
        std::vector<bool> isAskedFor;
    };

    std::vector<Experts> m_experts; ///< by where they begin
    Fit m_fit;
    std::unique_ptr<PageMapper> m_mapper; ///< null where weights do not fit
};

} // namespace hearth
