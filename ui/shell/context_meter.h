#pragma once

#include <QWidget>

namespace hearth::ui {

class Theme;

/// How full the model's context is: a ring with the share, and a tooltip with the numbers. Hidden while nothing is
/// known. Turns to the warning colour at 80 % and to the danger colour when messages fell out. Thread: UI.
class ContextMeterRing : public QWidget {
    Q_OBJECT

public:
    explicit ContextMeterRing(const Theme& theme, QWidget* parent = nullptr);

    /// All in tokens. total 0: no model. droppedMessages: oldest messages that the model no longer reads.
    void setUsage(int used, int draft, int total, int droppedMessages);

    [[nodiscard]] QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void retranslate();

    const Theme& m_theme;
    int m_used = 0;
    int m_draft = 0;
    int m_total = 0;
    int m_dropped = 0;
};

} // namespace hearth::ui
