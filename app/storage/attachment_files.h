#pragma once

#include "app/chat/message.h"
#include "kernels/base/result.h"

#include <QByteArray>
#include <QString>

namespace hearth {

/// Where the bytes with this SHA-256 lie: <folder>/<first two digits>/<all digits>.
[[nodiscard]] QString attachmentPath(const QString& folder, const QByteArray& sha256);

/// Copies a text file (UTF-8, or UTF-16/32 with a byte order mark) into the folder, under its hash.
/// Errors: NotFound, Io, InvalidInput (larger than kMaxAttachmentBytes, with both sizes; not text).
[[nodiscard]] Result<Attachment> importAttachment(const QString& folder, const QString& path);

/// The same for a text that has no file; `name` is what it is shown as.
[[nodiscard]] Result<Attachment> importText(const QString& folder, const QString& name, const QString& text);

/// Reads the text of an attachment; marks it as missing if its file is gone or has other content.
void loadAttachmentText(const QString& folder, Attachment& attachment);

} // namespace hearth
