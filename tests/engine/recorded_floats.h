#pragma once

#include <QFile>
#include <QString>

#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

namespace hearth {

/// A file of raw little-endian floats, as the reference data and hearth-cli have them; empty if it cannot be read.
inline std::vector<float> readFloats(const QString& path) {
    QFile file(path);
    const QByteArray bytes = file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    std::vector<float> values(static_cast<std::size_t>(bytes.size()) / sizeof(float));
    std::memcpy(values.data(), bytes.constData(), values.size() * sizeof(float));
    return values;
}

/// rms(got - reference) / rms(reference - centre); infinite if the sizes differ.
inline double relativeErrorAbout(double centre, std::span<const float> reference, std::span<const float> got) {
    if (reference.size() != got.size() || reference.empty())
        return std::numeric_limits<double>::infinity();
    double square = 0;
    double error = 0;
    for (std::size_t i = 0; i < reference.size(); ++i) {
        square += (reference[i] - centre) * (reference[i] - centre);
        error += (static_cast<double>(got[i]) - reference[i]) * (static_cast<double>(got[i]) - reference[i]);
    }
    return std::sqrt(error / square);
}

/// rms(got - reference) / std(reference), the measure of the reference data; infinite if the sizes differ.
inline double relativeError(std::span<const float> reference, std::span<const float> got) {
    const double sum = std::accumulate(reference.begin(), reference.end(), 0.0);
    return relativeErrorAbout(sum / static_cast<double>(reference.size()), reference, got);
}

/// rms(got - reference) / rms(reference), for vectors; infinite if the sizes differ.
inline double relativeVectorError(std::span<const float> reference, std::span<const float> got) {
    return relativeErrorAbout(0.0, reference, got);
}

} // namespace hearth
