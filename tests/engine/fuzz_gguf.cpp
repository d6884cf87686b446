#include "engine/gguf/gguf_parser.h"

#include <cstddef>
#include <cstdint>
#include <span>

/// libFuzzer: any bytes either parse or are refused; what parses can be read.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto parsed = hearth::gguf::parse(std::as_bytes(std::span(data, size)));
    if (!parsed.ok())
        return 0;
    volatile std::size_t touched = 0;
    for (const hearth::gguf::Entry& entry : parsed->entries)
        touched = touched + hearth::gguf::readValue(entry).index();
    for (const hearth::GgufTensor& tensor : parsed->tensors)
        touched = touched + static_cast<std::size_t>(tensor.data[tensor.sizeBytes - 1]);
    return 0;
}
