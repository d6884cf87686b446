#pragma once

#include "kernels/api/backend.h"
#include "kernels/api/op.h"
#include "kernels/api/program.h"
#include "kernels/api/step_state.h"
#include "kernels/base/result.h"

#include <optional>
#include <span>
#include <string>

namespace hearth {

// What every backend may rely on once these have passed: no id, shape or step of a program can lead outside its tables.

/// Why `op` does not fit the tables of `program` (ids, widths, head counts, types), as a sentence; nothing if it does.
/// Says nothing about what one device supports. The tables themselves are checkProgram()'s. Thread: any.
[[nodiscard]] std::optional<std::string> whyMalformed(const Program& program, const Op& op);

/// Checks row limits, weights, buffers, caches, the activation plan, the output and every op.
/// Errors: InvalidInput, which names the table entry or the op (by its place in the list) and the numbers.
[[nodiscard]] Status checkProgram(const Program& program);

/// The integers in StepState::positions for each row that `program` needs: 4 with multi-axis rope, 1 with other rope,
/// 0 without.
[[nodiscard]] std::int32_t positionsPerRow(const Program& program);

/// Checks a step against a program that passed checkProgram(): rows, token ids, embeddings, positions, output rows, and
/// that the page tables cover what the step reads and writes with pages that `pool` has (null: none).
/// Errors: InvalidInput with the numbers. Does not allocate if all is well.
[[nodiscard]] Status checkStep(const Program& program, const StepState& state, const CachePool* pool);

/// Checks one cache on its own. Errors: InvalidInput.
[[nodiscard]] Status checkCache(const CacheSpec& cache);

/// Checks what a pool shall be made of: every cache, its page class, and that each class has pages.
/// Errors: InvalidInput.
[[nodiscard]] Status checkLayout(const CacheLayout& layout);

/// Checks that bytes of this size are one page of one of a pool's caches. For reading and writing pages.
/// Errors: InvalidInput.
[[nodiscard]] Status checkPage(std::span<const CacheSpec> caches, const CachePool& pool, CacheId cache,
                               std::int32_t page, std::size_t sizeBytes);

/// Checks that so many numbers are one state in one of a pool's slots. Errors: InvalidInput.
[[nodiscard]] Status checkState(std::span<const StateSpec> states, std::int32_t slots, StateId state, std::int32_t slot,
                                std::size_t count);

/// Whether pages and states made for the one lie as the other expects.
[[nodiscard]] bool sameLayout(std::span<const CacheSpec> one, std::span<const CacheSpec> other);
[[nodiscard]] bool sameLayout(std::span<const StateSpec> one, std::span<const StateSpec> other);

} // namespace hearth
