#pragma once

#include "kernels/base/result.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace hearth {

/// A JSON object (or list) from a file or a part of one, read key by key with checks; every error names the document
/// and the key. Keys that hold null count as absent. Immutable. Thread: any.
class JsonDocument {
public:
    /// Errors: NotFound, Io; Corrupt (more than 64 MiB, no JSON with the place where it breaks off, neither an object
    /// nor a list).
    [[nodiscard]] static Result<JsonDocument> open(const std::filesystem::path& path);
    /// `name` stands for the document in errors. Errors: Corrupt, as open().
    [[nodiscard]] static Result<JsonDocument> parse(std::string_view text, std::string name);

    [[nodiscard]] const std::string& name() const { return m_name; }
    [[nodiscard]] const nlohmann::json& root() const { return m_root; }
    /// Null if there is no such key.
    [[nodiscard]] const nlohmann::json* find(const std::string& key) const;

    // The first kind fails with Corrupt where the key is absent; all do where its value is of another kind or range.
    [[nodiscard]] Result<std::int32_t> int32(const std::string& key, std::int32_t low, std::int32_t high) const;
    [[nodiscard]] Result<double> number(const std::string& key) const;
    [[nodiscard]] Result<std::int32_t> int32Or(const std::string& key, std::int32_t fallback, std::int32_t low,
                                               std::int32_t high) const;
    [[nodiscard]] Result<std::string> stringOr(const std::string& key, std::string_view fallback) const;
    [[nodiscard]] Result<std::optional<bool>> optionalBool(const std::string& key) const;

    [[nodiscard]] Error wrong(const std::string& key, std::string_view expected) const;

private:
    JsonDocument(std::string name, nlohmann::json root) : m_name(std::move(name)), m_root(std::move(root)) {}

    std::string m_name;
    nlohmann::json m_root;
};

/// The whole file. Errors: NotFound, Io, Corrupt (more than 64 MiB).
[[nodiscard]] Result<std::string> readWholeFile(const std::filesystem::path& path);

} // namespace hearth
