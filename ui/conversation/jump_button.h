#pragma once

#include <QAbstractButton>

namespace hearth::ui {

class Theme;

/// The round button that floats above the end of the conversation. Thread: UI.
class JumpButton : public QAbstractButton {
    Q_OBJECT

public:
    /// `theme` must outlive the button.
    explicit JumpButton(const Theme& theme, QWidget* parent = nullptr);

protected:
    void paintEvent(QPaintEvent* event) override;
    void enterEvent(QEnterEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    const Theme& m_theme;
};

} // namespace hearth::ui
