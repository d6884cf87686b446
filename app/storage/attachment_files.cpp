#include "app/storage/attachment_files.h"

#include "app/settings/paths.h"
#include "app/storage/requests.h"

#include <QCryptographicHash>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>
#include <QStringDecoder>

#include <optional>

namespace hearth {

namespace {

std::string quoted(const QString& path) {
    return "'" + path.toStdString() + "'";
}

/// Nothing if the bytes are no text: a NUL, or invalid in their encoding.
std::optional<QString> decodeText(const QByteArray& bytes) {
    const auto encoding = QStringConverter::encodingForData(bytes).value_or(QStringConverter::Utf8);
    QStringDecoder decoder(encoding);
    QString text = decoder.decode(bytes);
    if (decoder.hasError() || text.contains(QChar::Null))
        return std::nullopt;
    return text;
}

Status storeBytes(const QString& path, const QByteArray& bytes) {
    if (QFileInfo(path).size() == bytes.size() && QFileInfo::exists(path))
        return {};
    HEARTH_CHECK(makeFolder(QFileInfo(path).path()));
    QSaveFile file(path);
    const bool written = file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit();
    if (!written)
        return Error{ErrorCode::Io, "cannot write " + quoted(path) + ": " + file.errorString().toStdString()};
    return {};
}

Status checkSize(qint64 bytes, qint64 shownBytes, const QString& name) {
    if (bytes <= kMaxAttachmentBytes)
        return {};
    return Error{ErrorCode::InvalidInput, quoted(name) + " has " + std::to_string(shownBytes / 1024)
                                              + " KiB; a question takes text files of at most "
                                              + std::to_string(kMaxAttachmentBytes / 1024) + " KiB"};
}

Result<Attachment> keep(const QString& folder, const QString& fileName, const QByteArray& bytes, const QString& text) {
    Attachment attachment;
    attachment.id = nextId();
    attachment.fileName = fileName;
    attachment.sha256 = QCryptographicHash::hash(bytes, QCryptographicHash::Sha256);
    attachment.sizeBytes = bytes.size();
    attachment.text = text;
    HEARTH_CHECK(storeBytes(attachmentPath(folder, attachment.sha256), bytes));
    return attachment;
}

} // namespace

QString attachmentPath(const QString& folder, const QByteArray& sha256) {
    const QString digits = QString::fromLatin1(sha256.toHex());
    return folder + u'/' + digits.left(2) + u'/' + digits;
}

Result<Attachment> importAttachment(const QString& folder, const QString& path) {
    QFile file(path);
    if (!QFileInfo::exists(path))
        return Error{ErrorCode::NotFound, "file " + quoted(path) + " does not exist"};
    if (!QFileInfo(path).isFile())
        return Error{ErrorCode::InvalidInput, quoted(path) + " is not a file"};
    if (!file.open(QIODevice::ReadOnly))
        return Error{ErrorCode::Io, "cannot read " + quoted(path) + ": " + file.errorString().toStdString()};
    // One byte more than allowed: sizes of special files cannot be trusted.
    const QByteArray bytes = file.read(kMaxAttachmentBytes + 1);
    HEARTH_CHECK(checkSize(bytes.size(), file.size(), path));
    const std::optional<QString> text = decodeText(bytes);
    if (!text)
        return Error{ErrorCode::InvalidInput, "file " + quoted(path) + " is not a text file"};
    return keep(folder, QFileInfo(path).fileName(), bytes, *text);
}

Result<Attachment> importText(const QString& folder, const QString& name, const QString& text) {
    const QByteArray bytes = text.toUtf8();
    HEARTH_CHECK(checkSize(bytes.size(), bytes.size(), name));
    // Read back as it will be after a restart: lone surrogates and NULs are not what they were.
    const std::optional<QString> decoded = decodeText(bytes);
    if (!decoded)
        return Error{ErrorCode::InvalidInput, quoted(name) + " is not a text"};
    return keep(folder, name, bytes, *decoded);
}

void loadAttachmentText(const QString& folder, Attachment& attachment) {
    QFile file(attachmentPath(folder, attachment.sha256));
    attachment.missing = true;
    if (!file.open(QIODevice::ReadOnly))
        return;
    const QByteArray bytes = file.read(kMaxAttachmentBytes + 1);
    if (QCryptographicHash::hash(bytes, QCryptographicHash::Sha256) != attachment.sha256)
        return;
    attachment.text = decodeText(bytes).value_or(QString());
    attachment.missing = false;
}

} // namespace hearth
