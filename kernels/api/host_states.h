#pragma once

#include "kernels/api/program.h"
#include "kernels/base/aligned_buffer.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <span>
#include <vector>

namespace hearth {

/// Recurrent states in main memory, for the pools of backends that compute there: every state in every slot.
/// Thread: any one at a time.
class HostStates {
public:
    /// Errors: InvalidInput (no slots, a state without numbers), OutOfMemory.
    [[nodiscard]] static Result<HostStates> create(std::span<const StateSpec> states, std::int32_t slots);

    [[nodiscard]] std::int32_t slotCount() const { return m_slots; }
    void copy(std::int32_t fromSlot, std::int32_t toSlot);
    /// Errors: InvalidInput (a state, slot or size that there is not).
    [[nodiscard]] Status read(StateId state, std::int32_t slot, std::span<float> out) const;
    [[nodiscard]] Status write(StateId state, std::int32_t slot, std::span<const float> in);
    /// One state of one slot; both are in range.
    [[nodiscard]] std::span<float> values(StateId state, std::int32_t slot);
    /// Whether a program's states are these.
    [[nodiscard]] bool holds(std::span<const StateSpec> states) const;

private:
    std::vector<StateSpec> m_specs;
    std::vector<AlignedBuffer> m_memory; ///< one a state: all its slots
    std::int32_t m_slots = 0;
};

} // namespace hearth
