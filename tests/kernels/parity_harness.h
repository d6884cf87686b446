#pragma once

#include "tests/kernels/program_fixture.h"

#include "kernels/api/backend.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace hearth {

// Parity of a backend with the reference: the same program with the same steps on both, compared buffer by buffer and
// cache page by cache page. Sizes are odd, weights misaligned and exactly as long as they are, buffers stand between
// guard buffers, pages are out of order, and the cache holds NaN wherever the sequence has no tokens.

/// What the backend under test rounds inside its ops. Decides how far a result may be off.
enum class Precision : std::uint8_t {
    Float,   ///< all arithmetic in float
    EightBit ///< activations meet quantised weights, and queries quantised caches, as 8 bits per block
};

/// How far `got` may be from the reference; rms is that of the reference's values.
struct Tolerance {
    double nmse = 0;     ///< sum of squared differences over sum of squares
    double largest = 0;  ///< the largest difference over rms
    double leastRms = 0; ///< an rms below this counts as this: few values can all be near zero by chance
};

/// A program, what is seen of it, and how close it must be.
struct ParityProgram {
    explicit ParityProgram(std::int32_t maxRows) : fixture(maxRows) {}

    ProgramFixture fixture;
    std::vector<BufferId> observed; ///< guards, inputs and results
    BufferId shown = kNoBuffer;     ///< also seen: what the last op, Logits, writes
    std::vector<StepInput> steps;
    /// Tokens that lie in the caches before the first step: random ones, the same on both sides.
    std::int32_t cachedTokens = 0;
    std::int32_t pages = 0;
    /// How far off numbers may be when they reach a cache, beyond float rounding; they have an rms near 1.
    double storedError = 0;
    Tolerance tolerance;
};

/// One case of the suite. `build` makes the same program for the same seed.
struct ParityCase {
    std::string name; ///< "GateUp Q4_K 40 x 512, 5 rows, Silu"
    std::function<ParityProgram(std::uint32_t seed, Precision precision)> build;
};

/// The suite: every op, every weight type, every cache type, with odd sizes and each option of the op. A backend's test
/// makes one data row of each:
///     for (const ParityCase& parityCase : parityCases()) QTest::newRow(parityCase.name.c_str()) << ...
[[nodiscard]] std::vector<ParityCase> parityCases();

enum class Verdict : std::uint8_t { Agrees, Differs, Unsupported };

struct ParityOutcome {
    Verdict verdict = Verdict::Agrees;
    std::string text; ///< what differs, where and by how much (with the seed), or why the op is not supported
};

/// Runs one case on the reference and on `backend`: twice there, which must give the same bits.
[[nodiscard]] ParityOutcome runParity(Backend& backend, const ParityCase& parityCase, Precision precision,
                                      std::uint32_t seed = 1);

} // namespace hearth
