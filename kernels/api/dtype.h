#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace hearth {

/// How numbers are stored. The block types are those of GGUF files (ggml.h, enum ggml_type).
// clang-format off
enum class DType : std::uint8_t {
    F32, F16, BF16, I32,
    Q4_0, Q4_1, Q5_0, Q5_1, Q8_0,
    Q2_K, Q3_K, Q4_K, Q5_K, Q6_K,
    IQ4_NL, IQ4_XS, MXFP4,
    IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S,
    TQ1_0, TQ2_0,
};
// clang-format on

/// One storage type: `blockValues` numbers take `blockBytes` bytes; ggmlId is its number in GGUF files.
struct DTypeInfo {
    DType dtype;
    std::string_view name;
    std::uint32_t ggmlId;
    std::int32_t blockValues;
    std::int32_t blockBytes;
};

/// Every type there is, in the order of the enumeration.
[[nodiscard]] std::span<const DTypeInfo> allDTypes();
[[nodiscard]] const DTypeInfo& dtypeInfo(DType dtype);
/// The type that GGUF files number `ggmlId`, or nothing if this program does not know it.
[[nodiscard]] std::optional<DType> dtypeFromGgml(std::uint32_t ggmlId);

/// Bytes of one row of `columns` numbers; columns is a multiple of the type's blockValues.
[[nodiscard]] std::size_t rowBytes(DType dtype, std::int64_t columns);

} // namespace hearth
