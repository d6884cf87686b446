#pragma once

#include "engine/memory/tensor_use.h"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace hearth {

enum class PlaceKind : std::uint8_t { Gpu, Ram, Disk };

/// Somewhere weights can be read from while a token is computed.
struct MemoryPlace {
    PlaceKind kind = PlaceKind::Ram;
    std::string name;          ///< "gpu0", "RAM", "disk"
    std::uint64_t bytes = 0;   ///< that weights and cache may take; of the disk: any number
    double bytesPerSecond = 0; ///< at which it is read
};

/// What a model is to be spread over.
struct ResidencyRequest {
    std::vector<MemoryPlace> gpus; ///< best first; may be empty
    MemoryPlace ram;
    MemoryPlace disk;
    std::uint64_t workBytes = 0;  ///< cache and activations, which stand before all weights on the first place
    double workBytesPerToken = 0; ///< what attention reads of them
};

/// Where one class of tensors lives.
struct ClassResidency {
    TensorClass tensorClass = TensorClass::Other;
    std::uint64_t bytes = 0;
    double bytesPerToken = 0;
    std::vector<double> placedBytes;    ///< one number a place, as ResidencyPlan::places
    std::vector<double> placedPerToken; ///< bytes that a token reads there
};

/// Which tensors live where, and what that makes of a token. Weights are a mapped file, so the parts that are said to
/// be on disk are those that the system cannot keep in memory.
struct ResidencyPlan {
    std::vector<MemoryPlace> places; ///< the GPUs, RAM, disk
    std::vector<double> usedBytes;   ///< one a place
    std::vector<double> bytesPerToken;
    std::vector<ClassResidency> classes; ///< those that the model has
    std::uint64_t weightBytes = 0;       ///< that decoding uses
    std::uint64_t missingBytes = 0;      ///< that cache and activations alone have too little of

    /// As fast as reading allows, one place after the other.
    [[nodiscard]] double tokensPerSecond() const;
    [[nodiscard]] bool needsDisk() const { return !bytesPerToken.empty() && bytesPerToken.back() > 0; }
    /// The last sentences of explain(): whether it fits, how fast it will be, and what would help.
    [[nodiscard]] std::string summary() const;
    /// The plan in sentences: what lives where and why, how fast, and what would help.
    [[nodiscard]] std::string explain() const;
};

/// What is read most often for its size comes first: norms, attention, dense and shared weights, the output; routed
/// experts by the share of them that a token chooses, layer by layer; what is not used at all goes nowhere. A GPU takes
/// whole tensors (of a layer's experts all or none), RAM also a part of one.
[[nodiscard]] ResidencyPlan planResidency(std::span<const TensorUse> uses, const ResidencyRequest& request);

/// "1.9 GB": decimal units, as disks and memory speeds are given.
[[nodiscard]] std::string byteText(double bytes);

} // namespace hearth
