#include "engine/memory/checksum.h"
#include "engine/memory/sequence_file.h"
#include "engine/run/decoder.h"

#include <algorithm>

// Sequences that are saved to files and taken up again.

namespace hearth {

SequenceLayout Decoder::savedLayout() const {
    const std::uint64_t model = checksum(std::as_bytes(std::span(m_adapterScales)), m_identity);
    return {model, m_caches, m_windows, m_stateSpecs};
}

Result<SavedSequence> Decoder::save(const std::filesystem::path& path, std::uint64_t mostBytes,
                                    std::stop_token stop) const {
    return writeSequence(path, savedLayout(), m_cache, *m_pool, mostBytes, std::move(stop));
}

Result<std::int32_t> Decoder::restore(const std::filesystem::path& path, std::span<const TokenId> tokens) {
    HEARTH_TRY(const auto file, SequenceFile::open(path, savedLayout()));
    const std::span<const TokenId> saved = file->tokens();
    const auto end = std::mismatch(saved.begin(), saved.end(), tokens.begin(), tokens.end()).first;
    const auto common = static_cast<std::int32_t>(end - saved.begin());
    const std::int32_t known = m_cache.open(tokens, KvCache::Reuse::Yes);
    forgetResults();
    if (common <= known)
        return known;
    static_cast<void>(file->restore(common, m_cache, *m_pool));
    return m_cache.open(tokens, KvCache::Reuse::Yes);
}

} // namespace hearth
