#pragma once

#include "app/cli/arguments.h"
#include "kernels/base/result.h"

#include <span>
#include <string>
#include <vector>

namespace hearth::cli {

/// One word after `hearth-cli`. Every command also takes --json and --help.
struct Command {
    std::string name;
    std::string positionals; ///< as help shows them: "[MODEL]"
    std::size_t mostPositionals = 0;
    std::string summary; ///< one line
    std::vector<Option> options;
    /// Prints its result; an error is printed by the caller.
    Status (*run)(const Arguments& arguments) = nullptr;
};

[[nodiscard]] Command chatCommand();
[[nodiscard]] Command tokenizeCommand();
[[nodiscard]] Command templateCommand();
[[nodiscard]] Command logitsCommand();
[[nodiscard]] Command embedCommand();
[[nodiscard]] Command rerankCommand();
[[nodiscard]] Command convertCommand();
[[nodiscard]] Command benchCommand();
[[nodiscard]] Command perplexityCommand();
[[nodiscard]] Command inspectCommand();
[[nodiscard]] Command synthCommand();
[[nodiscard]] Command planCommand();

} // namespace hearth::cli
