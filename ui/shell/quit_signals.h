#pragma once

#include <QObject>

#include <memory>

class QSocketNotifier;

namespace hearth::ui {

/// Turns SIGTERM, SIGINT and SIGHUP into a Qt signal on the UI thread, so that the program saves before it ends. One
/// object in a process. Thread: UI.
class QuitSignals : public QObject {
    Q_OBJECT

public:
    explicit QuitSignals(QObject* parent = nullptr);
    ~QuitSignals() override;

Q_SIGNALS:
    void quitRequested();

private:
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace hearth::ui
