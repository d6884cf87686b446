#include "ui/theme/icons.h"

#include "ui/theme/theme.h"

#include <QFile>
#include <QIconEngine>
#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

// Q_INIT_RESOURCE declares a function of the global namespace, so it cannot stand in one of ours.
static void initResources() {
    Q_INIT_RESOURCE(hearth);
    Q_INIT_RESOURCE(hearth_i18n);
}

namespace hearth::ui {

namespace {

QColor toneColor(const Colors& colors, IconTone tone) {
    switch (tone) {
    case IconTone::Text:
        return colors.text;
    case IconTone::Muted:
        return colors.textMuted;
    case IconTone::Accent:
        return colors.link;
    case IconTone::OnAccent:
        return colors.accentText;
    case IconTone::Danger:
        return colors.danger;
    case IconTone::Warning:
        return colors.warning;
    case IconTone::Success:
        return colors.success;
    }
    return colors.text;
}

class ThemedIconEngine : public QIconEngine {
public:
    ThemedIconEngine(const Theme& theme, QString name, QByteArray svg, IconTone tone)
        : m_theme(theme), m_name(std::move(name)), m_svg(std::move(svg)), m_tone(tone) {}

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
        const double scale = painter->device() == nullptr ? 1.0 : painter->device()->devicePixelRatio();
        painter->drawPixmap(rect, rendered(rect.size() * scale, color(mode)));
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State) override { return rendered(size, color(mode)); }

    QPixmap scaledPixmap(const QSize& size, QIcon::Mode mode, QIcon::State, qreal) override {
        return rendered(size, color(mode));
    }

    [[nodiscard]] QIconEngine* clone() const override { return new ThemedIconEngine(*this); }
    [[nodiscard]] QString key() const override { return QStringLiteral("hearth"); }

private:
    [[nodiscard]] QColor color(QIcon::Mode mode) const {
        return mode == QIcon::Disabled ? m_theme.colors().textDisabled : toneColor(m_theme.colors(), m_tone);
    }

    [[nodiscard]] QPixmap rendered(const QSize& size, const QColor& color) const {
        const QString key =
            QStringLiteral("hearth-icon/%1/%2x%3/%4")
                .arg(m_name, QString::number(size.width()), QString::number(size.height()), color.name());
        QPixmap pixmap;
        if (!QPixmapCache::find(key, &pixmap)) {
            QByteArray svg = m_svg;
            svg.replace("currentColor", color.name().toLatin1());
            pixmap = QPixmap(size);
            pixmap.fill(Qt::transparent);
            QPainter painter(&pixmap);
            QSvgRenderer(svg).render(&painter);
            painter.end();
            QPixmapCache::insert(key, pixmap);
        }
        return pixmap;
    }

    const Theme& m_theme;
    QString m_name;
    QByteArray m_svg;
    IconTone m_tone;
};

} // namespace

QIcon themedIcon(const Theme& theme, const QString& name, IconTone tone) {
    QFile file(QStringLiteral(":/hearth/icons/%1.svg").arg(name));
    if (!file.open(QIODevice::ReadOnly)) {
        return {};
    }
    return QIcon(new ThemedIconEngine(theme, name, file.readAll(), tone));
}

QIcon applicationIcon() {
    return QIcon(QStringLiteral(":/hearth/icons/io.github.hearth.Hearth.svg"));
}

void loadResources() {
    initResources();
}

} // namespace hearth::ui
