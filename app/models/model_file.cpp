#include "app/models/model_file.h"

#include "app/models/model_name.h"
#include "app/models/split_name.h"
#include "engine/gguf/gguf_file.h"

#include <QDirIterator>
#include <QFileInfo>
#include <QSet>

#include <algorithm>
#include <limits>
#include <map>

namespace hearth {

namespace {

// LM Studio and others keep publisher/model/file.gguf.
constexpr int kMaxDepth = 3;

std::filesystem::path toPath(const QString& path) {
    const QByteArray utf8 = path.toUtf8();
    return std::filesystem::path(std::u8string(utf8.begin(), utf8.end()));
}

ModelFile unread(const QString& path) {
    const QFileInfo info(path);
    ModelFile model;
    model.path = info.absoluteFilePath();
    model.fileName = info.fileName();
    model.name = info.completeBaseName();
    model.sizeBytes = static_cast<quint64>(info.size());
    model.isStarter = model.fileName == QStringLiteral(HEARTH_STARTER_FILE);
    return model;
}

void countWeights(const GgufFile& file, ModelFile& model) {
    std::map<DType, std::uint64_t> bytesByType;
    for (const GgufTensor& tensor : file.tensors()) {
        bytesByType[tensor.dtype] += tensor.sizeBytes;
        std::uint64_t numbers = 1;
        for (const std::int64_t extent : tensor.extents)
            numbers *= static_cast<std::uint64_t>(extent);
        model.parameterCount += numbers;
    }
    const auto most = std::max_element(bytesByType.begin(), bytesByType.end(),
                                       [](const auto& left, const auto& right) { return left.second < right.second; });
    if (most != bytesByType.end()) {
        const std::string_view name = dtypeInfo(most->first).name;
        model.quantisation = QString::fromLatin1(name.data(), static_cast<qsizetype>(name.size()));
    }
}

bool comesBefore(const ModelFile& left, const ModelFile& right) {
    if (left.problem.isEmpty() != right.problem.isEmpty())
        return left.problem.isEmpty();
    const int order = left.name.compare(right.name, Qt::CaseInsensitive);
    return order != 0 ? order < 0 : left.path < right.path;
}

} // namespace

Result<ModelFile> readModelFile(const QString& path) {
    HEARTH_TRY(const std::unique_ptr<GgufFile> file, GgufFile::open(toPath(path)));
    ModelFile model = unread(path);
    model.sizeBytes = file->sizeBytes();
    HEARTH_TRY(const std::string architecture, file->string("general.architecture"));
    HEARTH_TRY(const std::string name, file->stringOr("general.name", ""));
    HEARTH_TRY(model.trainedContext,
               file->int32Or(architecture + ".context_length", 0, 0, std::numeric_limits<std::int32_t>::max()));
    model.architecture = QString::fromStdString(architecture);
    HEARTH_TRY(const std::int32_t pooling, file->int32Or(architecture + ".pooling_type", 0, 0, 255));
    HEARTH_TRY(const bool isCausal, file->boolOr(architecture + ".attention.causal", true));
    model.writesText = architecture != "clip" && pooling == 0 && isCausal;
    model.name = modelDisplayName(model.fileName, QString::fromStdString(name));
    countWeights(*file, model);
    return model;
}

QList<ModelFile> listModelFiles(const QStringList& folders, std::stop_token stop) {
    QList<ModelFile> models;
    QSet<QString> seen;
    for (const QString& folder : folders) {
        QDirIterator entries(folder, {QStringLiteral("*.gguf")}, QDir::Files | QDir::Readable,
                             QDirIterator::Subdirectories);
        while (entries.hasNext() && !stop.stop_requested()) {
            const QString path = entries.next();
            const QString canonical = QFileInfo(path).canonicalFilePath();
            const auto split = SplitName::parse(QFileInfo(path).fileName());
            if (path.mid(folder.size()).count(u'/') > kMaxDepth || seen.contains(canonical)
                || (split && split->part != 1))
                continue;
            seen.insert(canonical);
            auto model = readModelFile(path);
            if (!model.ok()) {
                models.append(unread(path));
                models.last().problem = QString::fromStdString(model.error().message);
            } else if (model->writesText) {
                models.append(std::move(*model));
            }
        }
    }
    std::sort(models.begin(), models.end(), comesBefore);
    return models;
}

} // namespace hearth
