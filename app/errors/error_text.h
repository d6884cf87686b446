#pragma once

#include "kernels/base/error.h"

#include <QString>

namespace hearth {

/// What was being done when an error came: the same code needs another next step when loading than when saving.
enum class Activity : quint8 {
    LoadingModel,
    ImportingModel,
    Answering,
    OpeningDatabase,
    Saving,
    Reading,
    AttachingFile,
    OpeningImage,
    OpeningDocument,
};

/// An error as a person reads it: a sentence with what and why, and what to do next. Both translated; the detail (file,
/// numbers) is the error's own.
struct ErrorText {
    QString sentence;
    QString nextStep; ///< may be empty
    ErrorCode code = ErrorCode::Internal;
    friend bool operator==(const ErrorText&, const ErrorText&) = default;
};

/// The one place where errors become text. Thread: UI (uses the installed translators).
[[nodiscard]] ErrorText presentError(const Error& error, Activity activity);

} // namespace hearth
