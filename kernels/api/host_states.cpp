#include "kernels/api/host_states.h"

#include "kernels/api/check.h"

#include "kernels/base/assert.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>

namespace hearth {

Result<HostStates> HostStates::create(std::span<const StateSpec> states, std::int32_t slots) {
    if (slots < 0 || (slots == 0 && !states.empty()))
        return Error{ErrorCode::InvalidInput, "a pool of " + std::to_string(slots) + " state slots"};
    HostStates pool;
    pool.m_slots = slots;
    pool.m_specs.assign(states.begin(), states.end());
    for (const StateSpec& state : states) {
        constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max() / sizeof(float);
        if (state.values <= 0 || static_cast<std::size_t>(state.values) > kMost / static_cast<std::size_t>(slots))
            return Error{ErrorCode::InvalidInput,
                         "state '" + state.name + "' of " + std::to_string(state.values) + " numbers"};
        const std::size_t bytes = static_cast<std::size_t>(state.values) * sizeof(float);
        HEARTH_TRY(AlignedBuffer memory, AlignedBuffer::create(bytes * static_cast<std::size_t>(slots)));
        pool.m_memory.push_back(std::move(memory));
    }
    return pool;
}

std::span<float> HostStates::values(StateId state, std::int32_t slot) {
    const auto id = static_cast<std::size_t>(state);
    const auto count = static_cast<std::size_t>(m_specs[id].values);
    return m_memory[id].as<float>().subspan(static_cast<std::size_t>(slot) * count, count);
}

void HostStates::copy(std::int32_t fromSlot, std::int32_t toSlot) {
    HEARTH_ASSERT(fromSlot >= 0 && fromSlot < m_slots && toSlot >= 0 && toSlot < m_slots);
    for (std::size_t id = 0; fromSlot != toSlot && id < m_specs.size(); ++id)
        std::ranges::copy(values(static_cast<StateId>(id), fromSlot), values(static_cast<StateId>(id), toSlot).begin());
}

Status HostStates::read(StateId state, std::int32_t slot, std::span<float> out) const {
    HEARTH_CHECK(checkState(m_specs, m_slots, state, slot, out.size()));
    const std::byte* start = m_memory[static_cast<std::size_t>(state)].data();
    std::memcpy(out.data(), start + static_cast<std::size_t>(slot) * out.size_bytes(), out.size_bytes());
    return {};
}

Status HostStates::write(StateId state, std::int32_t slot, std::span<const float> in) {
    HEARTH_CHECK(checkState(m_specs, m_slots, state, slot, in.size()));
    std::ranges::copy(in, values(state, slot).begin());
    return {};
}

bool HostStates::holds(std::span<const StateSpec> states) const {
    return sameLayout(m_specs, states);
}

} // namespace hearth
