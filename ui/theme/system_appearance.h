#pragma once

#include "ui/theme/theme.h"

#include <QObject>

class QDBusVariant;

namespace hearth::ui {

/// Tells the theme what the desktop prefers, now and whenever it changes: the settings portal of freedesktop.org
/// (org.freedesktop.appearance: color-scheme, contrast). Asks asynchronously; without a session bus nothing happens
/// and the theme keeps what it saw in the palette at start. Thread: UI.
class SystemAppearance : public QObject {
    Q_OBJECT

public:
    /// `theme` outlives this.
    explicit SystemAppearance(Theme& theme, QObject* parent = nullptr);

    /// Asks for the values and begins to listen.
    void start();

private Q_SLOTS:
    void settingChanged(const QString& group, const QString& key, const QDBusVariant& value);

private:
    void read(const QString& key);
    void apply(const QString& key, const QVariant& value);

    Theme& m_theme;
};

} // namespace hearth::ui
