#include "kernels/api/dtype.h"

#include "kernels/base/assert.h"

#include <array>

namespace hearth {

namespace {

constexpr std::array kTypes{
    DTypeInfo{DType::F32, "F32", 0, 1, 4},
    DTypeInfo{DType::F16, "F16", 1, 1, 2},
    DTypeInfo{DType::BF16, "BF16", 30, 1, 2},
    DTypeInfo{DType::I32, "I32", 26, 1, 4},
    DTypeInfo{DType::Q4_0, "Q4_0", 2, 32, 18},
    DTypeInfo{DType::Q4_1, "Q4_1", 3, 32, 20},
    DTypeInfo{DType::Q5_0, "Q5_0", 6, 32, 22},
    DTypeInfo{DType::Q5_1, "Q5_1", 7, 32, 24},
    DTypeInfo{DType::Q8_0, "Q8_0", 8, 32, 34},
    DTypeInfo{DType::Q2_K, "Q2_K", 10, 256, 84},
    DTypeInfo{DType::Q3_K, "Q3_K", 11, 256, 110},
    DTypeInfo{DType::Q4_K, "Q4_K", 12, 256, 144},
    DTypeInfo{DType::Q5_K, "Q5_K", 13, 256, 176},
    DTypeInfo{DType::Q6_K, "Q6_K", 14, 256, 210},
    DTypeInfo{DType::IQ4_NL, "IQ4_NL", 20, 32, 18},
    DTypeInfo{DType::IQ4_XS, "IQ4_XS", 23, 256, 136},
    DTypeInfo{DType::MXFP4, "MXFP4", 39, 32, 17},
    DTypeInfo{DType::IQ1_S, "IQ1_S", 19, 256, 50},
    DTypeInfo{DType::IQ1_M, "IQ1_M", 29, 256, 56},
    DTypeInfo{DType::IQ2_XXS, "IQ2_XXS", 16, 256, 66},
    DTypeInfo{DType::IQ2_XS, "IQ2_XS", 17, 256, 74},
    DTypeInfo{DType::IQ2_S, "IQ2_S", 22, 256, 82},
    DTypeInfo{DType::IQ3_XXS, "IQ3_XXS", 18, 256, 98},
    DTypeInfo{DType::IQ3_S, "IQ3_S", 21, 256, 110},
    DTypeInfo{DType::TQ1_0, "TQ1_0", 34, 256, 54},
    DTypeInfo{DType::TQ2_0, "TQ2_0", 35, 256, 66},
};

constexpr bool inEnumerationOrder() {
    for (std::size_t index = 0; index < kTypes.size(); ++index)
        if (static_cast<std::size_t>(kTypes[index].dtype) != index)
            return false;
    return true;
}
static_assert(inEnumerationOrder(), "dtypeInfo() indexes the table by the enumeration");

} // namespace

std::span<const DTypeInfo> allDTypes() {
    return kTypes;
}

const DTypeInfo& dtypeInfo(DType dtype) {
    return kTypes[static_cast<std::size_t>(dtype)];
}

std::optional<DType> dtypeFromGgml(std::uint32_t ggmlId) {
    for (const DTypeInfo& info : kTypes)
        if (info.ggmlId == ggmlId)
            return info.dtype;
    return std::nullopt;
}

std::size_t rowBytes(DType dtype, std::int64_t columns) {
    const DTypeInfo& info = dtypeInfo(dtype);
    HEARTH_ASSERT(columns >= 0 && columns % info.blockValues == 0);
    return static_cast<std::size_t>(columns / info.blockValues) * static_cast<std::size_t>(info.blockBytes);
}

} // namespace hearth
