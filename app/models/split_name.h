#pragma once

#include <QString>

#include <optional>

namespace hearth {

/// The name of one part of a model that is split into several files: "base-00001-of-00003.gguf".
struct SplitName {
    QString base;
    int part = 1; ///< from 1
    int parts = 1;

    /// Nothing if the name is not of this form.
    [[nodiscard]] static std::optional<SplitName> parse(const QString& fileName);
    [[nodiscard]] QString fileName() const;
};

} // namespace hearth
