#include "app/media/image_pyramid.h"

#include <algorithm>

namespace hearth {

namespace {

/// Below this, scaling at every paint is cheap enough.
constexpr int kSmallestSide = 1024;

} // namespace

int ImagePyramid::levelFor(double scale) const {
    int level = 0;
    for (double half = 0.5; level + 1 < levels.size() && scale <= half; half /= 2) {
        ++level;
    }
    return level;
}

ImagePyramid makePyramid(const QImage& image) {
    ImagePyramid pyramid;
    if (image.isNull()) {
        return pyramid;
    }
    // The formats that the raster painter copies without converting.
    pyramid.levels.append(
        image.convertToFormat(image.hasAlphaChannel() ? QImage::Format_ARGB32_Premultiplied : QImage::Format_RGB32));
    while (std::max(pyramid.levels.last().width(), pyramid.levels.last().height()) > kSmallestSide) {
        const QImage& last = pyramid.levels.last();
        QImage half = last.scaled((last.width() + 1) / 2, (last.height() + 1) / 2, Qt::IgnoreAspectRatio,
                                  Qt::SmoothTransformation);
        if (half.isNull()) {
            break; // no memory: painting gets slower, nothing else
        }
        pyramid.levels.append(std::move(half));
    }
    return pyramid;
}

} // namespace hearth
