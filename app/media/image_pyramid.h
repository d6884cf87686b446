#pragma once

#include <QImage>
#include <QList>

namespace hearth {

/// A picture and its halves down to what a window shows at once, so that painting it small costs what the window has in
/// pixels, not what the picture has. A value; copying is cheap. Thread: any.
struct ImagePyramid {
    QList<QImage> levels; ///< levels[0] is the picture; each next has half the width and height, rounded up

    [[nodiscard]] bool isNull() const { return levels.isEmpty(); }
    [[nodiscard]] QSize size() const { return levels.isEmpty() ? QSize() : levels.first().size(); }
    /// The smallest level that still has a pixel for each one shown at `scale` (shown pixels for one of the picture).
    [[nodiscard]] int levelFor(double scale) const;
};

/// Takes about as long as reading the picture: not on the UI thread. Memory: a third more than the picture.
[[nodiscard]] ImagePyramid makePyramid(const QImage& image);

} // namespace hearth
