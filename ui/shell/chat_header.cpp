#include "ui/shell/chat_header.h"

#include "ui/shell/actions.h"
#include "ui/shell/context_meter.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QToolButton>

#include <algorithm>

namespace hearth::ui {

namespace {

constexpr int kWidestModelName = 240;

} // namespace

ChatHeader::ChatHeader(const Theme& theme, Actions& actions, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_actions(actions), m_showSideBar(new QToolButton(this)),
      m_newChat(new QToolButton(this)), m_titleLabel(new QLabel(this)), m_model(new QToolButton(this)),
      m_meter(new ContextMeterRing(theme, this)) {
    setObjectName(QStringLiteral("chatHeader"));
    const auto prepare = [&](QToolButton* button, const char* name, ActionId id) {
        button->setObjectName(QLatin1String(name));
        button->setIcon(actions[id].icon());
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::StrongFocus);
        button->setFixedSize(Metrics::kControl, Metrics::kControl);
        connect(button, &QToolButton::clicked, &actions[id], &QAction::trigger);
    };
    prepare(m_showSideBar, "showSideBar", ActionId::ToggleSideBar);
    prepare(m_newChat, "headerNewChat", ActionId::NewChat);
    m_titleLabel->setObjectName(QStringLiteral("chatTitle"));
    m_titleLabel->setTextFormat(Qt::PlainText);
    m_titleLabel->setMinimumWidth(1);
    m_model->setObjectName(QStringLiteral("modelButton"));
    m_model->setAutoRaise(true);
    m_model->setFocusPolicy(Qt::StrongFocus);
    m_model->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_model->setIcon(themedIcon(theme, QStringLiteral("model"), IconTone::Muted));
    m_model->setMinimumHeight(Metrics::kControl);
    connect(m_model, &QToolButton::clicked, &actions[ActionId::ChooseModel], &QAction::trigger);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(Metrics::kSpace4, Metrics::kSpace2, Metrics::kSpace3, Metrics::kSpace2);
    row->setSpacing(Metrics::kSpace1);
    row->addWidget(m_showSideBar);
    row->addWidget(m_newChat);
    row->addWidget(m_titleLabel, 1);
    row->addWidget(m_meter);
    row->addWidget(m_model);
    setSideBarShown(true);
    retranslate();
}

QWidget& ChatHeader::modelButton() {
    return *m_model;
}

void ChatHeader::setTitle(const QString& title) {
    m_title = title;
    fitTexts();
}

void ChatHeader::setSideBarShown(bool shown) {
    m_showSideBar->setVisible(!shown);
    m_newChat->setVisible(!shown);
}

void ChatHeader::setLined(bool lined) {
    m_lined = lined;
    update();
}

void ChatHeader::paintEvent(QPaintEvent*) {
    if (m_lined) {
        QPainter(this).fillRect(QRect(0, height() - 1, width(), 1), m_theme.colors().border);
    }
}

void ChatHeader::setModel(const QString& name, const QString& detail) {
    m_modelName = name;
    m_modelDetail = detail;
    m_loading = -1;
    fitTexts();
}

void ChatHeader::setLoading(const QString& name, double fraction) {
    m_modelName = name;
    m_modelDetail.clear();
    m_loading = std::max(0.0, fraction);
    fitTexts();
}

void ChatHeader::fitTexts() {
    const QString title = m_title.isEmpty() ? tr("New chat") : m_title;
    m_titleLabel->setFont(m_theme.font(FontRole::InterfaceStrong));
    m_titleLabel->setText(
        m_titleLabel->fontMetrics().elidedText(title, Qt::ElideRight, std::max(1, m_titleLabel->width())));
    m_titleLabel->setAccessibleName(tr("Chat: %1").arg(title));

    const int room = std::clamp(width() / 3, 80, kWidestModelName);
    QString name = m_modelName.isEmpty() ? tr("Choose a model") : m_modelName;
    name = m_model->fontMetrics().elidedText(name, Qt::ElideMiddle, room);
    QString tip = m_actions.toolTip(ActionId::ChooseModel);
    if (m_loading >= 0) {
        name = tr("%1 · %2 %", "model that is loading, percent").arg(name, QLocale().toString(m_loading * 100, 'f', 0));
        tip = tr("Loading %1").arg(m_modelName);
    } else if (!m_modelDetail.isEmpty()) {
        tip = m_modelName + QLatin1Char('\n') + m_modelDetail + QStringLiteral("\n\n") + tip;
    }
    m_model->setText(QLatin1Char(' ') + name);
    m_model->setToolTip(tip);
    m_model->setAccessibleName(m_modelName.isEmpty() ? tr("Choose a model") : tr("Model: %1").arg(m_modelName));
}

void ChatHeader::resizeEvent(QResizeEvent* event) {
    QWidget::resizeEvent(event);
    fitTexts();
}

void ChatHeader::retranslate() {
    m_showSideBar->setToolTip(m_actions.toolTip(ActionId::ToggleSideBar));
    m_showSideBar->setAccessibleName(tr("Show the side bar"));
    m_newChat->setToolTip(m_actions.toolTip(ActionId::NewChat));
    m_newChat->setAccessibleName(m_actions[ActionId::NewChat].text());
    fitTexts();
}

void ChatHeader::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    } else if (event->type() == QEvent::FontChange) {
        fitTexts();
    }
    QWidget::changeEvent(event);
}

} // namespace hearth::ui
