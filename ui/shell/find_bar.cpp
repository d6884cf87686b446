#include "ui/shell/find_bar.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QToolButton>

namespace hearth::ui {

FindBar::FindBar(const Theme& theme, const QString& name, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_field(new QLineEdit(this)), m_count(new QLabel(this)),
      m_previous(new QToolButton(this)), m_next(new QToolButton(this)), m_close(new QToolButton(this)) {
    setObjectName(name);
    m_field->setObjectName(name + QStringLiteral("Field"));
    m_field->setClearButtonEnabled(false);
    m_count->setObjectName(name + QStringLiteral("Count"));
    m_count->setForegroundRole(QPalette::PlaceholderText);
    const auto prepare = [&](QToolButton* button, const QString& part, const QString& icon) {
        button->setObjectName(name + part);
        button->setIcon(themedIcon(theme, icon, IconTone::Muted));
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::StrongFocus);
        button->setFixedSize(Metrics::kControl, Metrics::kControl);
    };
    prepare(m_previous, QStringLiteral("Previous"), QStringLiteral("chevron-up"));
    prepare(m_next, QStringLiteral("Next"), QStringLiteral("chevron-down"));
    prepare(m_close, QStringLiteral("Close"), QStringLiteral("close"));
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(Metrics::kSpace3, Metrics::kSpace1, Metrics::kSpace2, Metrics::kSpace1);
    row->setSpacing(Metrics::kSpace1);
    row->addWidget(m_field, 1);
    row->addWidget(m_count);
    row->addWidget(m_previous);
    row->addWidget(m_next);
    row->addWidget(m_close);
    setFocusProxy(m_field);
    connect(m_field, &QLineEdit::textChanged, this, &FindBar::textChanged);
    connect(m_next, &QToolButton::clicked, this, &FindBar::nextRequested);
    connect(m_previous, &QToolButton::clicked, this, &FindBar::previousRequested);
    connect(m_close, &QToolButton::clicked, this, &FindBar::close);
    retranslate();
    hide();
}

void FindBar::open() {
    show();
    m_field->setFocus(Qt::ShortcutFocusReason);
    m_field->selectAll();
    Q_EMIT textChanged(m_field->text());
}

void FindBar::close() {
    if (isHidden()) {
        return;
    }
    hide();
    Q_EMIT closed();
}

QString FindBar::text() const {
    return m_field->text();
}

void FindBar::setCount(int current, int total) {
    m_current = current;
    m_total = total;
    m_count->setFont(m_theme.font(FontRole::Small));
    if (m_field->text().isEmpty()) {
        m_count->clear();
    } else if (total == 0) {
        m_count->setText(tr("Nothing found"));
    } else {
        const QLocale locale;
        m_count->setText(
            tr("%1 of %2", "the shown match, all matches").arg(locale.toString(current), locale.toString(total)));
    }
    m_previous->setEnabled(total > 0);
    m_next->setEnabled(total > 0);
}

void FindBar::keyPressEvent(QKeyEvent* event) {
    const bool back = event->modifiers().testFlag(Qt::ShiftModifier);
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_F3:
        if (back) {
            Q_EMIT previousRequested();
        } else {
            Q_EMIT nextRequested();
        }
        return;
    case Qt::Key_Escape:
        close();
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

void FindBar::retranslate() {
    m_field->setPlaceholderText(tr("Find"));
    m_field->setAccessibleName(tr("Find"));
    m_count->setAccessibleName(tr("Matches"));
    m_previous->setToolTip(tr("Previous match (Shift+Enter)"));
    m_previous->setAccessibleName(tr("Previous match"));
    m_next->setToolTip(tr("Next match (Enter)"));
    m_next->setAccessibleName(tr("Next match"));
    m_close->setToolTip(tr("Close (Esc)"));
    m_close->setAccessibleName(tr("Close the search"));
    setCount(m_current, m_total);
}

void FindBar::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
    QWidget::changeEvent(event);
}

} // namespace hearth::ui
