#include "app/cli/models_folder.h"

#include "app/settings/paths.h"

#include <algorithm>
#include <system_error>
#include <vector>

namespace hearth::cli {
namespace {

namespace fs = std::filesystem;

/// "a, b, c" of the models in the folder; empty if there are none.
std::string modelNames() {
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(modelsFolder(), error), end; !error && entry != end; entry.increment(error)) {
        if (entry->path().extension() == ".gguf")
            names.push_back(entry->path().stem().string());
    }
    std::sort(names.begin(), names.end());
    std::string list;
    for (const std::string& name : names)
        list += (list.empty() ? "" : ", ") + name;
    return list;
}

} // namespace

fs::path modelsFolder() {
    return Paths::standard().models().toStdString();
}

Result<fs::path> findModel(const std::string& name, Starter starter) {
    const std::string fallback = starter == Starter::Chat ? HEARTH_STARTER_FILE : HEARTH_STARTER_EMBEDDING_FILE;
    const std::string wanted = name.empty() ? fallback : name;
    std::vector<fs::path> candidates{modelsFolder() / wanted, modelsFolder() / (wanted + ".gguf")};
    if (!name.empty())
        candidates.insert(candidates.begin(), fs::path(name));
    for (const fs::path& candidate : candidates) {
        std::error_code error;
        if (fs::exists(candidate, error) && !fs::is_directory(candidate, error))
            return candidate;
    }
    const std::string there = modelNames();
    const std::string folder = modelsFolder().string() + (there.empty() ? " holds none" : " holds: " + there);
    if (name.empty())
        return Error{ErrorCode::NotFound, "no model was named, and the starter model is not there; " + folder};
    return Error{ErrorCode::NotFound, "there is no model '" + name + "': no such file, and " + folder};
}

} // namespace hearth::cli
