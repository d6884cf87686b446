#include "app/cli/command.h"
#include "app/cli/console.h"
#include "app/cli/interrupt.h"
#include "engine/synth/synthetic_model.h"

#include <cinttypes>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <unistd.h>

namespace hearth::cli {
namespace {

std::string listOf(const std::vector<std::string_view>& names, const char* separator) {
    std::string list;
    for (const std::string_view name : names)
        list += (list.empty() ? "" : separator) + std::string(name);
    return list;
}

/// Says so before an hour of writing, not after.
Status checkRoom(const std::filesystem::path& path, std::uint64_t sizeBytes) {
    std::error_code error;
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
    const std::filesystem::space_info space = std::filesystem::space(folder, error);
    if (!error && space.available < sizeBytes)
        return Error{ErrorCode::Io, "'" + path.string() + "' needs " + std::to_string(sizeBytes)
                                        + " bytes; the disk has " + std::to_string(space.available) + " left"};
    return {};
}

Status run(const Arguments& arguments) {
    const auto& names = arguments.positionals();
    if (names.size() != 2)
        return Error{ErrorCode::InvalidInput, "synth takes a shape and a file: hearth-cli synth SHAPE OUT.gguf"};
    const SyntheticChoice choice{names[0], arguments.text("--type"), arguments.int32("--layers"),
                                 arguments.int32("--experts"), arguments.int32("--vocabulary")};
    HEARTH_TRY(const SyntheticModel model, describeSynthetic(choice));
    const std::filesystem::path path = names[1];
    const std::uint64_t sizeBytes = model.sizeBytes();
    HEARTH_CHECK(checkRoom(path, sizeBytes));
    Interrupt interrupt;
    const bool asJson = arguments.has("--json");
    const bool showsProgress = !asJson && ::isatty(STDERR_FILENO) != 0;
    std::uint64_t shown = 0;
    HEARTH_CHECK(writeSynthetic(model, path, interrupt.begin(), [&](std::uint64_t done) {
        const std::uint64_t percent = done * 100 / sizeBytes;
        if (showsProgress && percent != shown)
            std::fprintf(stderr, "\r%3" PRIu64 " %%", percent);
        shown = percent;
    }));
    if (asJson) {
        printJson({{"file", path.string()},
                   {"shape", model.name},
                   {"architecture", model.architecture},
                   {"type", choice.types},
                   {"tensors", model.tensors.size()},
                   {"tensor_bytes", sizeBytes}});
        return {};
    }
    if (showsProgress)
        std::fputs("\r", stderr);
    printText(path.string() + ": " + model.name + " as " + choice.types + ", " + std::to_string(model.tensors.size())
              + " tensors, " + std::to_string(sizeBytes) + " bytes\n");
    return {};
}

} // namespace

Command synthCommand() {
    const auto smaller = [](const char* name, const char* help) {
        return Option{name, ValueKind::Integer, "N", help, "0", 0, 1 << 20};
    };
    return {.name = "synth",
            .positionals = "SHAPE OUT.gguf",
            .mostPositionals = 2,
            .summary = "Write a model of a real shape with random weights, for measuring",
            .options = {{"--type", ValueKind::Choice, listOf(syntheticTypes(), "|"),
                         "types of the weights; SHAPE is one of " + listOf(syntheticShapes(), ", "), "Q4_K_M"},
                        smaller("--layers", "fewer layers than the real model"),
                        smaller("--experts", "fewer experts a layer"),
                        smaller("--vocabulary", "a smaller vocabulary")},
            .run = run};
}

} // namespace hearth::cli
