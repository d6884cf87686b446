#pragma once

#include <QWidget>

#include <functional>

class QLabel;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace hearth::ui {

class Theme;

/// What a banner is about, and so its colour and icon.
enum class BannerKind { Information, Warning, Error };

/// A message that stays in the window above what it concerns: one sentence, a next step, at most one button for it, and
/// a close button. Never modal; a newer message takes the place of the older one. Thread: UI.
class Banner : public QWidget {
    Q_OBJECT

public:
    explicit Banner(const Theme& theme, QWidget* parent = nullptr);

    /// Empty `actionText`: no button. The action is run once at most; the banner closes first.
    void showMessage(BannerKind kind, const QString& sentence, const QString& nextStep, const QString& actionText = {},
                     std::function<void()> action = {});
    /// A job with a bar: fraction 0 to 1, below 0 for unknown; closing it is cancelling it.
    void showProgress(const QString& text, double fraction, const QString& cancelText, std::function<void()> cancel);
    /// Takes a progress banner away; leaves messages alone.
    void endProgress();
    void dismiss();

    [[nodiscard]] bool isProgress() const { return m_progressShown; }
    [[nodiscard]] QString sentence() const;

Q_SIGNALS:
    void dismissed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void setKind(BannerKind kind);
    void setAction(const QString& text, std::function<void()> action);
    void runAction();

    const Theme& m_theme;
    BannerKind m_kind = BannerKind::Information;
    bool m_progressShown = false;
    std::function<void()> m_action;
    QLabel* m_icon;
    QLabel* m_sentence;
    QLabel* m_nextStep;
    QProgressBar* m_progress;
    QPushButton* m_actionButton;
    QToolButton* m_close;
};

} // namespace hearth::ui
