#include "app/cli/command.h"
#include "app/cli/console.h"
#include "engine/convert/convert.h"

namespace hearth::cli {
namespace {

Status run(const Arguments& arguments) {
    const auto& names = arguments.positionals();
    if (names.size() != 2)
        return Error{ErrorCode::InvalidInput, "a folder and the file to write are needed"};
    HEARTH_TRY(const ConversionReport report, convertToGguf(names[0], names[1]));
    if (arguments.has("--json"))
        printJson({{"architecture", report.architecture},
                   {"tensors", report.tensorCount},
                   {"bytes", report.tensorBytes},
                   {"file", names[1]}});
    else
        printText(report.architecture + ", " + std::to_string(report.tensorCount) + " tensors, "
                  + std::to_string(report.tensorBytes) + " bytes in " + names[1] + "\n");
    return {};
}

} // namespace

Command convertCommand() {
    return {.name = "convert",
            .positionals = "FOLDER OUT.gguf",
            .mostPositionals = 2,
            .summary = "Make a GGUF file of a published embedding model (safetensors, BERT)",
            .options = {},
            .run = run};
}

} // namespace hearth::cli
