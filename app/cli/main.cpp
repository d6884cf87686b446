// hearth-cli: Hearth for terminals, scripts and machines without a display.

#include "app/cli/command.h"
#include "app/cli/console.h"

#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace hearth::cli {
namespace {

enum ExitCode : int { kDone = 0, kFailed = 1, kMisused = 2 };

std::vector<Command> allCommands() {
    return {chatCommand(),  tokenizeCommand(),   templateCommand(), logitsCommand(), embedCommand(), rerankCommand(),
            benchCommand(), perplexityCommand(), inspectCommand(),  synthCommand(),  planCommand(),  convertCommand()};
}

std::string overview() {
    std::string text = "Usage: hearth-cli COMMAND [ARGUMENTS]\n\n";
    for (const Command& command : allCommands())
        text += "  " + command.name + std::string(12 - command.name.size(), ' ') + command.summary + "\n";
    return text
           + "\nEvery command takes --json (one JSON value a line, errors too) and --help.\n"
             "MODEL is a file, or the name of one in the models folder; without it the starter model is used.\n"
             "Exit codes: 0 done, 1 failed, 2 wrong usage.\n";
}

std::string help(const Command& command) {
    return "Usage: hearth-cli " + command.name + " " + command.positionals + " [OPTIONS]\n" + command.summary + "\n\n"
           + describeOptions(command.options);
}

void printError(const Error& error, bool asJson) {
    if (asJson) {
        printJson({{"error", {{"code", errorCodeName(error.code)}, {"message", error.message}}}});
        return;
    }
    std::fprintf(stderr, "hearth-cli: %s\n", withoutControls(error.message).c_str());
}

int misuse(const Error& error, const std::string& usage, bool asJson) {
    printError(error, asJson);
    if (!asJson)
        std::fputs(usage.c_str(), stderr);
    return kMisused;
}

bool contains(const std::vector<std::string_view>& words, std::string_view word) {
    for (const std::string_view candidate : words) {
        if (candidate == word)
            return true;
    }
    return false;
}

int runCommand(Command command, const std::vector<std::string_view>& words) {
    command.options.push_back(flag("--json", "print JSON"));
    command.options.push_back(flag("--help", "this text"));
    const bool asJson = contains(words, "--json");
    const std::string usage = "Try: hearth-cli " + command.name + " --help\n";
    if (contains(words, "--help")) {
        printText(help(command));
        return kDone;
    }
    const Result<Arguments> arguments = Arguments::parse(command.options, words);
    if (!arguments)
        return misuse(arguments.error(), usage, asJson);
    if (arguments->positionals().size() > command.mostPositionals) {
        const std::string extra = arguments->positionals()[command.mostPositionals];
        return misuse({ErrorCode::InvalidInput, "'" + extra + "' is one argument too many"}, usage, asJson);
    }
    const Status status = command.run(*arguments);
    if (!status) {
        printError(status.error(), asJson);
        return kFailed;
    }
    if (std::ferror(stdout) != 0) {
        std::fputs("hearth-cli: the output could not be written\n", stderr);
        return kFailed;
    }
    return kDone;
}

int run(const std::vector<std::string_view>& words) {
    if (words.empty())
        return misuse({ErrorCode::InvalidInput, "no command was given"}, overview(), false);
    if (words[0] == "--help" || words[0] == "help") {
        printText(overview());
        return kDone;
    }
    if (words[0] == "--version") {
        printText("hearth-cli " HEARTH_VERSION "\n");
        return kDone;
    }
    const std::vector<std::string_view> rest(words.begin() + 1, words.end());
    for (const Command& command : allCommands()) {
        if (command.name == words[0])
            return runCommand(command, rest);
    }
    return misuse({ErrorCode::InvalidInput, "there is no command '" + std::string(words[0]) + "'"}, overview(),
                  contains(rest, "--json"));
}

} // namespace
} // namespace hearth::cli

int main(int count, char** words) {
    try {
        return hearth::cli::run({words + (count > 0 ? 1 : 0), words + count});
    } catch (const std::exception& problem) { // foreign code only: the standard library out of memory, JSON
        std::fprintf(stderr, "hearth-cli: %s\n", problem.what());
        return hearth::cli::kFailed;
    }
}
