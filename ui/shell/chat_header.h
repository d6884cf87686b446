#pragma once

#include <QWidget>

class QLabel;
class QToolButton;

namespace hearth::ui {

class Actions;
class ContextMeterRing;
class Theme;

/// The row above the chat: its title, the model button, how full the context is. Thread: UI.
class ChatHeader : public QWidget {
    Q_OBJECT

public:
    ChatHeader(const Theme& theme, Actions& actions, QWidget* parent = nullptr);

    void setTitle(const QString& title);
    /// The button that brings the side bar back is there only while that is hidden.
    void setSideBarShown(bool shown);
    /// A line below, where something scrolls under it.
    void setLined(bool lined);
    /// name empty: no model. detail goes into the tooltip.
    void setModel(const QString& name, const QString& detail);
    /// 0 to 1 while a model loads; below 0 for nothing.
    void setLoading(const QString& name, double fraction);
    [[nodiscard]] ContextMeterRing& contextMeter() { return *m_meter; }
    [[nodiscard]] QWidget& modelButton();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void fitTexts();
    void retranslate();

    const Theme& m_theme;
    Actions& m_actions;
    QString m_title;
    QString m_modelName;
    QString m_modelDetail;
    double m_loading = -1;
    bool m_lined = false;
    QToolButton* m_showSideBar;
    QToolButton* m_newChat;
    QLabel* m_titleLabel;
    QToolButton* m_model;
    ContextMeterRing* m_meter;
};

} // namespace hearth::ui
