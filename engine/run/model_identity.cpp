#include "engine/run/model_identity.h"

#include "engine/memory/checksum.h"

#include <algorithm>
#include <string_view>
#include <type_traits>
#include <variant>

namespace hearth {

namespace {

/// Weights that a few bytes of are looked at, and how many bytes.
constexpr std::size_t kSampledWeights = 200;
constexpr std::size_t kSampleBytes = 64;

/// The sum so far, of everything that was added in its order.
class Identity {
public:
    [[nodiscard]] std::uint64_t value() const { return m_value; }

    void add(std::span<const std::byte> bytes) { m_value = checksum(bytes, m_value); }
    void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
    template <typename Number>
    requires std::is_arithmetic_v<Number> || std::is_enum_v<Number>
    void add(Number number) { add(std::as_bytes(std::span(&number, 1))); }
    template <typename Element>
    void add(const std::vector<Element>& elements) {
        add(elements.size());
        for (const auto& element : elements)
            add(static_cast<const Element&>(element));
    }
    void add(const std::vector<bool>& flags) {
        for (const bool flag : flags)
            add(flag);
    }
    void add(const Program& program, const Rope& rope) {
        for (const float number :
             {rope.base, rope.frequencyScale, rope.extrapolationFactor, rope.betaFast, rope.betaSlow, rope.magnitude})
            add(number);
        for (const std::int32_t number : {rope.dimensions, rope.originalContext})
            add(number);
        for (const std::int32_t section : rope.sections)
            add(section);
        add(rope.layout);
        if (const WeightView* factors = program.weight(rope.factors))
            add(factors->name);
    }

private:
    std::uint64_t m_value = 0;
};

void addMetadata(Identity& identity, const GgufFile& file) {
    const auto architecture = file.string("general.architecture");
    const std::string prefix = (architecture ? *architecture : std::string()) + ".";
    for (const std::string& key : file.keys()) {
        if (!key.starts_with(prefix))
            continue;
        identity.add(std::string_view(key));
        std::visit([&](const auto& value) { identity.add(value); }, *file.find(key));
    }
}

void addWeights(Identity& identity, const Program& program) {
    const std::size_t step = std::max<std::size_t>(program.weights.size() / kSampledWeights, 1);
    for (std::size_t index = 0; index < program.weights.size(); ++index) {
        const WeightView& weight = program.weights[index];
        identity.add(std::string_view(weight.name));
        for (const std::int32_t number : {weight.columns, weight.rows, weight.matrices})
            identity.add(number);
        identity.add(weight.dtype);
        if (index % step != 0)
            continue;
        const std::size_t size = weight.matrixSizeBytes();
        const std::size_t sample = std::min(size, kSampleBytes);
        identity.add(std::span(weight.data + (size - sample) / 2, sample));
    }
}

} // namespace

std::uint64_t modelIdentity(const GgufFile& file, const Program& program, float expertShare) {
    Identity identity;
    identity.add(file.sizeBytes());
    identity.add(expertShare);
    addMetadata(identity, file);
    addWeights(identity, program);
    for (const Op& op : program.ops) {
        if (const auto* store = std::get_if<RopeStore>(&op))
            identity.add(program, store->rope);
        if (const auto* latent = std::get_if<LatentStore>(&op))
            identity.add(program, latent->rope);
    }
    return identity.value();
}

} // namespace hearth
