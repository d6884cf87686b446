#include "engine/convert/model_folder.h"

#include <array>
#include <system_error>

namespace hearth {

namespace {

bool isFile(const std::filesystem::path& path) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(path, ignored);
}

/// The folder of the module that pools; the usual one where modules.json is absent or does not name it.
Result<std::filesystem::path> poolingFolder(const std::filesystem::path& folder) {
    const std::filesystem::path usual = folder / "1_Pooling";
    if (!isFile(folder / "modules.json"))
        return usual;
    HEARTH_TRY(const JsonDocument document, JsonDocument::open(folder / "modules.json"));
    for (const nlohmann::json& module : document.root()) {
        if (!module.is_object() || !module.contains("type") || !module["type"].is_string()
            || !module["type"].get<std::string>().ends_with(".Pooling"))
            continue;
        if (!module.contains("path") || !module["path"].is_string())
            return document.wrong("path", "a text");
        const std::filesystem::path relative = module["path"].get<std::string>();
        // A folder beside the model and nothing else, whatever a downloaded file says.
        if (relative.empty() || relative.has_parent_path() || relative == ".." || relative == ".")
            return document.wrong("path", "the name of a folder");
        return folder / relative;
    }
    return usual;
}

Result<std::optional<FolderPooling>> readPooling(const std::filesystem::path& folder) {
    HEARTH_TRY(const std::filesystem::path pooling, poolingFolder(folder));
    if (!isFile(pooling / "config.json"))
        return std::optional<FolderPooling>();
    HEARTH_TRY(const JsonDocument config, JsonDocument::open(pooling / "config.json"));
    struct Mode {
        const char* key;
        std::optional<FolderPooling> pooling;
    };
    constexpr std::array kModes{Mode{"pooling_mode_mean_tokens", FolderPooling::Mean},
                                Mode{"pooling_mode_cls_token", FolderPooling::First},
                                Mode{"pooling_mode_lasttoken", FolderPooling::Last},
                                Mode{"pooling_mode_max_tokens", std::nullopt},
                                Mode{"pooling_mode_mean_sqrt_len_tokens", std::nullopt},
                                Mode{"pooling_mode_weightedmean_tokens", std::nullopt}};
    std::optional<FolderPooling> found;
    for (const Mode& mode : kModes) {
        HEARTH_TRY(const std::optional<bool> isOn, config.optionalBool(mode.key));
        if (!isOn.value_or(false))
            continue;
        if (!mode.pooling || found)
            return Error{ErrorCode::Unsupported, config.name() + ": '" + mode.key
                                                     + "' is on; the mean, the first or the last token alone is known"};
        found = mode.pooling;
    }
    return found;
}

} // namespace

Result<ModelFolder> ModelFolder::open(const std::filesystem::path& path) {
    HEARTH_TRY(JsonDocument config, JsonDocument::open(path / "config.json"));
    HEARTH_TRY(auto weights, SafetensorsFile::open(path / "model.safetensors"));
    HEARTH_TRY(const std::optional<FolderPooling> pooling, readPooling(path));
    return ModelFolder{path, std::move(config), std::move(weights), pooling};
}

} // namespace hearth
