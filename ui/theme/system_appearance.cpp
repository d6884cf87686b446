#include "ui/theme/system_appearance.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>
#include <QFileInfo>

namespace hearth::ui {

namespace {

// Names and values: https://flatpak.github.io/xdg-desktop-portal (org.freedesktop.portal.Settings).
const QString kService = QStringLiteral("org.freedesktop.portal.Desktop");
const QString kPath = QStringLiteral("/org/freedesktop/portal/desktop");
const QString kInterface = QStringLiteral("org.freedesktop.portal.Settings");
const QString kGroup = QStringLiteral("org.freedesktop.appearance");
const QString kScheme = QStringLiteral("color-scheme");
const QString kContrast = QStringLiteral("contrast");
constexpr uint kPrefersDark = 1;
constexpr uint kHigherContrast = 1;

/// Connecting to a bus that is not there may start one; that takes seconds, and nobody would answer on it.
bool hasSessionBus() {
    return !qEnvironmentVariableIsEmpty("DBUS_SESSION_BUS_ADDRESS")
           || QFileInfo::exists(qEnvironmentVariable("XDG_RUNTIME_DIR") + QStringLiteral("/bus"));
}

/// The old Read method wraps its value twice.
QVariant unwrapped(QVariant value) {
    while (value.canConvert<QDBusVariant>()) {
        value = value.value<QDBusVariant>().variant();
    }
    return value;
}

} // namespace

SystemAppearance::SystemAppearance(Theme& theme, QObject* parent) : QObject(parent), m_theme(theme) {}

void SystemAppearance::start() {
    if (!hasSessionBus()) {
        return;
    }
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) {
        return;
    }
    bus.connect(kService, kPath, kInterface, QStringLiteral("SettingChanged"), this,
                SLOT(settingChanged(QString, QString, QDBusVariant)));
    read(kScheme);
    read(kContrast);
}

void SystemAppearance::read(const QString& key) {
    QDBusMessage call = QDBusMessage::createMethodCall(kService, kPath, kInterface, QStringLiteral("Read"));
    call.setArguments({kGroup, key});
    auto* watcher = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, key](QDBusPendingCallWatcher* finished) {
        const QDBusPendingReply<QDBusVariant> reply = *finished;
        if (!reply.isError()) {
            apply(key, reply.value().variant());
        }
        finished->deleteLater();
    });
}

void SystemAppearance::settingChanged(const QString& group, const QString& key, const QDBusVariant& value) {
    if (group == kGroup) {
        apply(key, value.variant());
    }
}

void SystemAppearance::apply(const QString& key, const QVariant& value) {
    const uint number = unwrapped(value).toUInt();
    if (key == kScheme) {
        m_theme.setSystemScheme(number == kPrefersDark ? ColorScheme::Dark : ColorScheme::Light);
    } else if (key == kContrast) {
        m_theme.setContrast(number == kHigherContrast ? Contrast::High : Contrast::Normal);
    }
}

} // namespace hearth::ui
