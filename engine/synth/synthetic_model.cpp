#include "engine/synth/synthetic_model.h"

#include "engine/synth/random_blocks.h"
#include "engine/synth/synthetic_shapes.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace hearth {

namespace {

// Spreads that keep activations of a random model in the range of a real one's.
constexpr float kMatrixSpread = 0.02F;
constexpr float kRouterSpread = 0.05F;
constexpr float kBiasSpread = 0.01F;

constexpr std::string_view kMixQ4KM = "Q4_K_M";
constexpr std::string_view kMixMxfp4 = "MXFP4";

/// general.file_type of a quantisation, and the type of its matrices where it is no mix.
struct FileType {
    std::string_view name;
    std::uint32_t number;
    DType dtype;
};
constexpr std::array kFileTypes{
    FileType{kMixQ4KM, 15, DType::Q4_K}, FileType{kMixMxfp4, 38, DType::MXFP4}, FileType{"F32", 0, DType::F32},
    FileType{"F16", 1, DType::F16},      FileType{"BF16", 32, DType::BF16},     FileType{"Q4_0", 2, DType::Q4_0},
    FileType{"Q4_1", 3, DType::Q4_1},    FileType{"Q5_0", 8, DType::Q5_0},      FileType{"Q5_1", 9, DType::Q5_1},
    FileType{"Q8_0", 7, DType::Q8_0},    FileType{"Q2_K", 10, DType::Q2_K},     FileType{"Q4_K", 14, DType::Q4_K},
    FileType{"Q5_K", 16, DType::Q5_K},   FileType{"Q6_K", 18, DType::Q6_K},
};

std::string listOf(const std::vector<std::string_view>& names) {
    std::string list;
    for (const std::string_view name : names)
        list += (list.empty() ? "" : ", ") + std::string(name);
    return list;
}

/// Layers whose values and down projections get more bits in a Q4_K_M: the first and last eighth, and every third of
/// the others.
bool hasMoreBits(std::int32_t layer, std::int32_t layers) {
    return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}

/// What stands for a type of super-blocks where a row is no whole number of them.
DType fittingType(DType dtype, std::int64_t columns) {
    if (columns % dtypeInfo(dtype).blockValues == 0)
        return dtype;
    switch (dtype) {
    case DType::Q6_K:
        return DType::Q8_0;
    case DType::Q5_K:
        return DType::Q5_1;
    default:
        return DType::Q5_0;
    }
}

class TypeMix {
public:
    TypeMix(const SyntheticModel& model, const FileType& type)
        : m_type(type), m_layers(model.layers),
          m_isTied(
              std::ranges::none_of(model.tensors, [](const auto& tensor) { return tensor.name == "output.weight"; })) {}

    [[nodiscard]] DType typeOf(const SyntheticTensor& tensor) const {
        if (tensor.kind != SyntheticKind::Matrix)
            return DType::F32;
        return fittingType(wanted(tensor.name), tensor.extents[0]);
    }

private:
    [[nodiscard]] DType wanted(std::string_view name) const {
        if (m_type.name == kMixMxfp4)
            return name.find("_exps.") != std::string_view::npos ? DType::MXFP4 : DType::Q8_0;
        if (m_type.name != kMixQ4KM)
            return m_type.dtype;
        if (name == "output.weight" || (name == "token_embd.weight" && m_isTied))
            return DType::Q6_K;
        const bool gains =
            name.find(".attn_v.") != std::string_view::npos || name.find(".ffn_down") != std::string_view::npos;
        return gains && hasMoreBits(layerOf(name), m_layers) ? DType::Q6_K : DType::Q4_K;
    }
    /// Of "blk.12.ffn_down.weight".
    [[nodiscard]] static std::int32_t layerOf(std::string_view name) {
        std::int32_t layer = 0;
        for (std::size_t at = 4; at < name.size() && name[at] != '.'; ++at)
            layer = 10 * layer + (name[at] - '0');
        return layer;
    }

    const FileType& m_type;
    std::int32_t m_layers;
    bool m_isTied;
};

/// FNV-1a: each tensor has random numbers of its own.
std::uint64_t seedOf(std::string_view name) {
    std::uint64_t hash = 0xCBF29CE484222325U;
    for (const char letter : name)
        hash = (hash ^ static_cast<std::uint8_t>(letter)) * 0x100000001B3U;
    return hash;
}

std::uint64_t bytesOf(const SyntheticTensor& tensor) {
    const std::int64_t rows =
        std::accumulate(tensor.extents.begin() + 1, tensor.extents.end(), std::int64_t{1}, std::multiplies{});
    return static_cast<std::uint64_t>(rows) * rowBytes(tensor.dtype, tensor.extents[0]);
}

void fillPiece(const SyntheticTensor& tensor, std::uint64_t offset, std::span<std::byte> piece) {
    if (tensor.kind == SyntheticKind::Norm) {
        std::fill_n(reinterpret_cast<float*>(piece.data()), piece.size() / sizeof(float), 1.0F);
        return;
    }
    const float spread = tensor.kind == SyntheticKind::Router ? kRouterSpread
                         : tensor.kind == SyntheticKind::Bias ? kBiasSpread
                                                              : kMatrixSpread;
    const auto blockBytes = static_cast<std::uint64_t>(dtypeInfo(tensor.dtype).blockBytes);
    fillRandomBlocks(tensor.dtype, seedOf(tensor.name), offset / blockBytes, spread, piece);
}

Status makeSmaller(const SyntheticChoice& choice, SyntheticNumbers& numbers) {
    struct Limit {
        const char* what;
        std::int32_t wanted;
        std::int32_t least;
        std::int32_t* number;
    };
    const Limit limits[] = {{"layers", choice.layers, 1, &numbers.layers},
                            {"experts", choice.experts, std::max(numbers.expertsUsed, 1), &numbers.experts},
                            {"vocabulary entries", choice.vocabulary, 1, &numbers.vocabulary}};
    for (const Limit& limit : limits) {
        if (limit.wanted == 0)
            continue;
        if (limit.wanted < limit.least || limit.wanted > *limit.number)
            return Error{ErrorCode::InvalidInput, std::to_string(limit.wanted) + " " + limit.what + " were asked for; "
                                                      + std::string(numbers.name) + " can have "
                                                      + std::to_string(limit.least) + " to "
                                                      + std::to_string(*limit.number)};
        *limit.number = limit.wanted;
    }
    return {};
}

} // namespace

std::uint64_t SyntheticModel::sizeBytes() const {
    return std::accumulate(tensors.begin(), tensors.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const SyntheticTensor& tensor) { return sum + bytesOf(tensor); });
}

std::vector<std::string_view> syntheticShapes() {
    std::vector<std::string_view> names;
    for (const SyntheticNumbers& numbers : syntheticNumbers())
        names.push_back(numbers.name);
    return names;
}

std::vector<std::string_view> syntheticTypes() {
    std::vector<std::string_view> names;
    for (const FileType& type : kFileTypes)
        names.push_back(type.name);
    return names;
}

Result<SyntheticModel> describeSynthetic(const SyntheticChoice& choice) {
    const auto shapes = syntheticNumbers();
    const auto shape = std::ranges::find(shapes, choice.shape, &SyntheticNumbers::name);
    if (shape == shapes.end())
        return Error{ErrorCode::NotFound,
                     "there is no shape '" + choice.shape + "', only " + listOf(syntheticShapes())};
    const auto type = std::ranges::find(kFileTypes, choice.types, &FileType::name);
    if (type == kFileTypes.end())
        return Error{ErrorCode::NotFound,
                     "there is no quantisation '" + choice.types + "', only " + listOf(syntheticTypes())};
    SyntheticNumbers numbers = *shape;
    HEARTH_CHECK(makeSmaller(choice, numbers));
    SyntheticModel model = syntheticLayout(numbers);
    model.fileType = type->number;
    const TypeMix mix(model, *type);
    for (SyntheticTensor& tensor : model.tensors)
        tensor.dtype = mix.typeOf(tensor);
    return model;
}

Status writeSynthetic(const SyntheticModel& model, const std::filesystem::path& path, std::stop_token stop,
                      const std::function<void(std::uint64_t)>& progress) {
    GgufWriter writer;
    HEARTH_CHECK(writer.set("general.architecture", model.architecture));
    HEARTH_CHECK(writer.set("general.name", model.name + " random"));
    HEARTH_CHECK(writer.set("general.file_type", model.fileType));
    HEARTH_CHECK(writer.set("general.quantization_version", std::uint32_t{2}));
    HEARTH_CHECK(writer.set("tokenizer.ggml.model", std::string("no_vocab")));
    for (const auto& [key, value] : model.metadata)
        HEARTH_CHECK(writer.set(key, value));
    std::uint64_t done = 0;
    for (const SyntheticTensor& tensor : model.tensors)
        HEARTH_CHECK(writer.addTensor(tensor.name, tensor.dtype, tensor.extents,
                                      [&](std::uint64_t offset, std::span<std::byte> piece) -> Status {
                                          if (stop.stop_requested())
                                              return Error{ErrorCode::Cancelled, path.string() + ": stopped"};
                                          fillPiece(tensor, offset, piece);
                                          done += piece.size();
                                          if (progress)
                                              progress(done);
                                          return {};
                                      }));
    return writer.write(path);
}

} // namespace hearth
