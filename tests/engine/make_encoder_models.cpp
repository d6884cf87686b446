// Writes the models of tiny_encoder.h into a folder, for data/make_encoder_data.py.

#include "tests/engine/tiny_encoder.h"

#include <cstdio>
#include <filesystem>

int main(int count, char** words) {
    if (count != 2) {
        std::fputs("Usage: make_encoder_models FOLDER\n", stderr);
        return 2;
    }
    for (const hearth::TinyEncoder& encoder : hearth::tinyEncoders()) {
        const std::filesystem::path path = std::filesystem::path(words[1]) / (std::string(encoder.name) + ".gguf");
        const hearth::Status status = encoder.build().write(path);
        if (!status) {
            std::fprintf(stderr, "%s\n", status.error().message.c_str());
            return 1;
        }
    }
    return 0;
}
