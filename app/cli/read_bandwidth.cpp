#include "app/cli/read_bandwidth.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <new>
#include <thread>
#include <vector>

namespace hearth::cli {
namespace {

constexpr std::size_t kBytes = std::size_t{512} << 20; // several times the largest last-level cache of one socket
constexpr std::size_t kWords = kBytes / sizeof(std::uint64_t);
constexpr int kPasses = 4;

/// Four sums, so that additions do not wait for each other.
std::uint64_t sumWords(const std::uint64_t* words, std::size_t count) {
    std::uint64_t sums[4] = {};
    for (std::size_t at = 0; at + 4 <= count; at += 4) {
        for (std::size_t lane = 0; lane < 4; ++lane)
            sums[lane] += words[at + lane];
    }
    return sums[0] + sums[1] + sums[2] + sums[3];
}

double secondsOfOnePass(const std::uint64_t* words, std::size_t threads, std::vector<std::uint64_t>& sums) {
    const std::size_t share = kWords / threads;
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::jthread> readers;
    readers.reserve(threads);
    for (std::size_t thread = 0; thread < threads; ++thread)
        readers.emplace_back([=, &sums] { sums[thread] += sumWords(words + thread * share, share); });
    readers.clear(); // joins
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

Result<double> measureReadBandwidth(std::int32_t threads) {
    const std::unique_ptr<std::uint64_t[]> words(new (std::nothrow) std::uint64_t[kWords]);
    if (!words)
        return Error{ErrorCode::OutOfMemory, "measuring the memory's speed takes " + std::to_string(kBytes) + " bytes"};
    std::fill_n(words.get(), kWords, 1); // pages that were never written all read the same zeros
    const auto count = static_cast<std::size_t>(std::max(threads, 1));
    std::vector<std::uint64_t> sums(count);
    double best = secondsOfOnePass(words.get(), count, sums);
    for (int pass = 1; pass < kPasses; ++pass)
        best = std::min(best, secondsOfOnePass(words.get(), count, sums));
    // Looking at the sums keeps the compiler from leaving the reads out.
    std::uint64_t total = 0;
    for (const std::uint64_t sum : sums)
        total += sum;
    HEARTH_ASSERT(total == kPasses * (kWords / count / 4 * 4) * count);
    return static_cast<double>(kBytes) / best;
}

double weightBytesPerToken(const GgufFile& file) {
    const std::string architecture = file.stringOr("general.architecture", "").ok()
                                         ? file.stringOr("general.architecture", "").value()
                                         : std::string();
    const auto count = [&](const char* key) {
        const auto value = file.int32Or(architecture + key, 0, 0, 1 << 20);
        return value.ok() ? *value : 0;
    };
    const double experts = count(".expert_count");
    const double share = experts > 0 ? std::min(1.0, count(".expert_used_count") / experts) : 1;
    const bool tied = file.tensor("output.weight") == nullptr;
    double bytes = 0;
    for (const GgufTensor& tensor : file.tensors()) {
        if (tensor.name == "token_embd.weight" && !tied)
            continue;
        const bool routed = tensor.name.find("_exps.") != std::string::npos;
        bytes += static_cast<double>(tensor.sizeBytes) * (routed ? share : 1);
    }
    return bytes;
}

} // namespace hearth::cli
