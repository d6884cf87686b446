#include "ui/settings/settings_form.h"

#include "ui/theme/theme.h"

#include <QAbstractSpinBox>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace hearth::ui {

namespace {

constexpr int kControlWidth = 200;

} // namespace

SettingsForm::SettingsForm(const Theme& theme, const QString& title, QWidget* parent)
    : QScrollArea(parent), m_theme(theme), m_column(nullptr) {
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(title);
    auto* page = new QWidget(this);
    m_column = new QVBoxLayout(page);
    m_column->setContentsMargins(Metrics::kSpace6, Metrics::kSpace6, Metrics::kSpace6, Metrics::kSpace6);
    m_column->setSpacing(Metrics::kSpace4);
    auto* heading = new QLabel(title, page);
    heading->setFont(theme.font(FontRole::Title));
    m_column->addWidget(heading);
    setWidget(page);
}

void SettingsForm::addHeading(const QString& text) {
    auto* heading = new QLabel(text, widget());
    heading->setFont(m_theme.font(FontRole::InterfaceStrong));
    heading->setContentsMargins(0, Metrics::kSpace2, 0, 0);
    m_column->addWidget(heading);
}

QWidget* SettingsForm::makeLabels(const QString& title, const QString& hint, QWidget* control) {
    auto* labels = new QWidget(widget());
    auto* column = new QVBoxLayout(labels);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(2);
    auto* name = new QLabel(title, labels);
    name->setBuddy(control);
    name->setWordWrap(true);
    column->addWidget(name);
    if (!hint.isEmpty()) {
        auto* explanation = new QLabel(hint, labels);
        explanation->setFont(m_theme.font(FontRole::Small));
        explanation->setForegroundRole(QPalette::PlaceholderText);
        explanation->setWordWrap(true);
        column->addWidget(explanation);
    }
    control->setAccessibleName(title);
    control->setAccessibleDescription(hint);
    return labels;
}

void SettingsForm::addRow(const QString& title, const QString& hint, QWidget* control) {
    control->setParent(widget());
    if (qobject_cast<QAbstractSpinBox*>(control) != nullptr || qobject_cast<QComboBox*>(control) != nullptr) {
        control->setFixedWidth(kControlWidth);
        control->setFocusPolicy(Qt::StrongFocus);
        control->installEventFilter(this);
    }
    auto* row = new QHBoxLayout;
    row->setSpacing(Metrics::kSpace6);
    row->addWidget(makeLabels(title, hint, control), 1, Qt::AlignVCenter);
    row->addWidget(control, 0, Qt::AlignRight | Qt::AlignVCenter);
    m_column->addLayout(row);
}

void SettingsForm::addWideRow(const QString& title, const QString& hint, QWidget* control) {
    control->setParent(widget());
    m_column->addWidget(makeLabels(title, hint, control));
    m_column->addWidget(control);
}

void SettingsForm::addControls(QWidget* controls) {
    controls->setParent(widget());
    m_column->addWidget(controls);
}

void SettingsForm::addText(const QString& text) {
    auto* label = new QLabel(text, widget());
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setForegroundRole(QPalette::PlaceholderText);
    label->setFont(m_theme.font(FontRole::Small));
    m_column->addWidget(label);
}

void SettingsForm::finish() {
    m_column->addStretch(1);
}

bool SettingsForm::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Wheel && !qobject_cast<QWidget*>(watched)->hasFocus()) {
        event->ignore();
        return true;
    }
    return QScrollArea::eventFilter(watched, event);
}

} // namespace hearth::ui
