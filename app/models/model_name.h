#pragma once

#include <QString>

namespace hearth {

/// What a model is called where people read it. Publishers name files with care ("SmolLM2-135M-Instruct.Q4_1.gguf"),
/// while the name inside is often that of a training run; so a file name that states a size counts, without its
/// quantisation, and else the name inside, and if that is empty the file's.
[[nodiscard]] QString modelDisplayName(const QString& fileName, const QString& nameInside);

} // namespace hearth
