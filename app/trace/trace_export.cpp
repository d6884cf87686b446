#include "app/trace/trace_export.h"

#include <QBuffer>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>

#include <algorithm>
#include <cmath>

using namespace Qt::Literals::StringLiterals;

namespace hearth {

namespace {

QByteArray quoted(const QByteArray& text) {
    QByteArray field = QString::fromUtf8(text).toUtf8(); // bytes that are no text become U+FFFD
    field.replace('"', "\"\"");
    return '"' + field + '"';
}

QByteArray number(float value) {
    return QByteArray::number(static_cast<double>(value), 'g', 6);
}

double shareOf(quint8 share) {
    return std::round(share / 255.0 * 1000.0) / 1000.0;
}

std::size_t mostRunnersUp(const AnswerTrace& trace, TokenRange range) {
    std::size_t most = 0;
    for (int token = range.first; token < range.end; ++token)
        most = std::max(most, trace.runnersUp(token).size());
    return most;
}

bool isLikeliest(const AnswerTrace& trace, int token) {
    const auto others = trace.runnersUp(token);
    return others.empty() || others.front().probability <= trace.chosen(token).probability;
}

QByteArray choicesOf(const AnswerTrace& trace, int token, int layer) {
    const auto experts = trace.experts(token, layer);
    const auto shares = trace.shares(token, layer);
    QByteArray text;
    for (std::size_t choice = 0; choice < experts.size(); ++choice) {
        if (experts[choice] == AnswerTrace::kDropped)
            continue;
        text += text.isEmpty() ? "" : " ";
        text += QByteArray::number(experts[choice]) + ':' + QByteArray::number(shareOf(shares[choice]));
    }
    return text;
}

QJsonObject toJson(const AnswerTrace::Chance& chance) {
    return {{u"id"_s, chance.id},
            {u"text"_s, QString::fromUtf8(chance.text)},
            {u"probability"_s, static_cast<double>(chance.probability)}};
}

QJsonObject toJson(const AnswerTrace& trace, int token) {
    QJsonObject object = toJson(trace.chosen(token));
    QJsonArray others;
    for (const AnswerTrace::Chance& other : trace.runnersUp(token))
        others.append(toJson(other));
    object.insert(u"runnersUp"_s, others);
    if (!trace.hasExperts(token))
        return object;
    QJsonArray layers;
    for (int layer = 0; layer < static_cast<int>(trace.shape().layers.size()); ++layer) {
        const auto experts = trace.experts(token, layer);
        const auto shares = trace.shares(token, layer);
        QJsonArray choices;
        for (std::size_t choice = 0; choice < experts.size(); ++choice)
            if (experts[choice] != AnswerTrace::kDropped)
                choices.append(QJsonArray{experts[choice], shareOf(shares[choice])});
        layers.append(choices);
    }
    object.insert(u"experts"_s, layers);
    return object;
}

Status writeWhole(const QString& path, const QByteArray& bytes) {
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return Error{ErrorCode::Io, path.toStdString() + " cannot be written: " + file.errorString().toStdString()};
    return {};
}

QByteArray toText(const AnswerTrace& trace, TokenRange range, TraceFormat format) {
    return format == TraceFormat::Csv ? traceToCsv(trace, range) : traceToJson(trace, range);
}

} // namespace

QByteArray traceToCsv(const AnswerTrace& trace, TokenRange range) {
    range.end = std::min(range.end, trace.tokenCount());
    const std::size_t others = mostRunnersUp(trace, range);
    const int layers = static_cast<int>(trace.shape().layers.size());
    QByteArray csv = "token,id,text,probability,likeliest";
    for (std::size_t other = 1; other <= others; ++other)
        csv += ",runner_up_" + QByteArray::number(other) + ",probability_" + QByteArray::number(other);
    for (const TracedLayer& layer : trace.shape().layers)
        csv += ",layer_" + QByteArray::number(layer.layer);
    csv += "\r\n";
    for (int token = range.first; token < range.end; ++token) {
        const AnswerTrace::Chance& chosen = trace.chosen(token);
        csv += QByteArray::number(token + 1) + ',' + QByteArray::number(chosen.id) + ',' + quoted(chosen.text) + ','
               + number(chosen.probability) + (isLikeliest(trace, token) ? ",yes" : ",no");
        const auto runnersUp = trace.runnersUp(token);
        for (std::size_t other = 0; other < others; ++other) {
            if (other < runnersUp.size())
                csv += ',' + quoted(runnersUp[other].text) + ',' + number(runnersUp[other].probability);
            else
                csv += ",,";
        }
        for (int layer = 0; layer < layers; ++layer)
            csv += ',' + choicesOf(trace, token, layer);
        csv += "\r\n";
    }
    return csv;
}

QByteArray traceToJson(const AnswerTrace& trace, TokenRange range) {
    QJsonArray layers;
    for (const TracedLayer& layer : trace.shape().layers)
        layers.append(QJsonObject{{u"layer"_s, layer.layer},
                                  {u"experts"_s, layer.experts},
                                  {u"used"_s, layer.used},
                                  {u"expertBytes"_s, static_cast<double>(layer.expertBytes)}});
    QJsonArray tokens;
    const int end = std::min(range.end, trace.tokenCount());
    for (int token = range.first; token < end; ++token)
        tokens.append(toJson(trace, token));
    const QJsonObject object{{u"weightBytes"_s, static_cast<double>(trace.shape().weightBytes)},
                             {u"commonBytes"_s, static_cast<double>(trace.shape().commonBytes)},
                             {u"layers"_s, layers},
                             {u"firstToken"_s, range.first + 1},
                             {u"tokens"_s, tokens}};
    return QJsonDocument(object).toJson(QJsonDocument::Compact);
}

TraceExporter::TraceExporter(QObject* parent) : QObject(parent), m_thread(TaskThread::Pending::Run) {}

void TraceExporter::makeText(const AnswerTrace& trace, TokenRange range, TraceFormat format) {
    m_thread.post([this, trace, range, format](std::stop_token) {
        const QString text = QString::fromUtf8(toText(trace, range, format));
        QMetaObject::invokeMethod(
            this, [this, text] { Q_EMIT textMade(text); }, Qt::QueuedConnection);
    });
}

void TraceExporter::save(const AnswerTrace& trace, TokenRange range, TraceFormat format, const QString& path) {
    m_thread.post([this, trace, range, format, path](std::stop_token) {
        finishSave(path, writeWhole(path, toText(trace, range, format)));
    });
}

void TraceExporter::save(const QImage& picture, const QString& path) {
    m_thread.post([this, picture, path](std::stop_token) {
        QByteArray bytes;
        QBuffer buffer(&bytes);
        if (!picture.save(&buffer, "PNG"))
            finishSave(path, Error{ErrorCode::Internal, path.toStdString() + ": the picture cannot be packed"});
        else
            finishSave(path, writeWhole(path, bytes));
    });
}

void TraceExporter::finishSave(const QString& path, const Status& status) {
    QMetaObject::invokeMethod(
        this,
        [this, path, status] {
            if (status.ok())
                Q_EMIT saved(path);
            else
                Q_EMIT failed(path, status.error());
        },
        Qt::QueuedConnection);
}

bool TraceExporter::shutdown(std::chrono::milliseconds limit) {
    m_thread.stop();
    return m_thread.waitFor(limit);
}

} // namespace hearth
