#pragma once

#include "engine/gguf/mapped_file.h"
#include "engine/memory/kv_cache.h"
#include "engine/memory/saved_sequence.h"
#include "kernels/api/backend.h"
#include "kernels/base/result.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

namespace hearth {

// A sequence's pages and recurrent states in a file, so that a conversation goes on later without being computed again.
// Numbers are little-endian. The file begins with a header:
//
//   magic "HEARTHKV"                          8 bytes
//   version, tokens a page                    u32 each
//   model                                     u64: what the numbers were computed with (see SequenceLayout)
//   bytes of the header, of the file          u64 each
//   caches, windows, states, tokens, state copies, pages: how many   u32 each
//   checksum of the header with zeros here    u64
//   each cache: heads, key columns, value columns, type (GGUF's number), page class   u32 each
//   each window                               u32
//   each state: its numbers                   u64
//   each token                                i32
//   each state copy: tokens before it         u32, 0 (u32), offset, checksum (u64 each)
//   each page: page class, place in the sequence (u32 each), offset, checksum (u64 each)
//
// State copies hold every state's F32 numbers, pages every cache's page of their class; each begins at a multiple of 64
// bytes from the file's start.

/// What a saved sequence must fit: the model by a number that differs for others, and what its pool is made of.
struct SequenceLayout {
    std::uint64_t model = 0;
    std::span<const CacheSpec> caches;
    std::span<const std::int32_t> windows;
    std::span<const StateSpec> states;
};

/// Writes the open sequence of `cache`: its pages in `pool`, the windows that somebody may go on from, and the newest
/// copies of its states. The file takes its place when it is whole; only the user can read it.
/// Errors: InvalidInput (nothing is open, or it takes more than `mostBytes`), Io, Cancelled.
[[nodiscard]] Result<SavedSequence> writeSequence(const std::filesystem::path& path, const SequenceLayout& layout,
                                                  const KvCache& cache, const CachePool& pool, std::uint64_t mostBytes,
                                                  std::stop_token stop);

/// A saved sequence, mapped. What it says has been checked against the layout and the file's size; each page's numbers
/// are checked when they are used. Thread: one at a time.
class SequenceFile {
public:
    /// Errors: NotFound, Io; Corrupt; Unsupported (another version of the format, another model, another kind of
    /// cache).
    [[nodiscard]] static Result<std::unique_ptr<SequenceFile>> open(const std::filesystem::path& path,
                                                                    const SequenceLayout& layout);

    [[nodiscard]] std::span<const std::int32_t> tokens() const { return m_tokens; }

    /// Puts the first `count` tokens into `cache`, whose open sequence they become, and their numbers into `pool`, as
    /// far as they are not there yet. The result: how many are there now; fewer if the pool is full or the file
    /// damaged.
    [[nodiscard]] std::int32_t restore(std::int32_t count, KvCache& cache, CachePool& pool) const;

    struct StateRecord {
        std::int32_t tokens = 0;
        std::uint64_t offset = 0;
        std::uint64_t checksum = 0;
    };
    struct PageRecord {
        std::uint64_t offset = 0; ///< 0: the file does not hold the page
        std::uint64_t checksum = 0;
    };

private:
    friend class SequenceReader;
    explicit SequenceFile(std::unique_ptr<MappedFile> file) : m_file(std::move(file)) {}
    void restoreStates(KvCache& cache, CachePool& pool) const;

    std::unique_ptr<MappedFile> m_file;
    std::vector<CacheSpec> m_caches;
    std::vector<StateSpec> m_states;
    std::vector<std::int32_t> m_tokens;
    std::vector<StateRecord> m_stateRecords;
    std::vector<std::vector<PageRecord>> m_pages; ///< by page class, then by place in the sequence
};

} // namespace hearth
