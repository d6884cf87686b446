#include "ui/shell/shortcuts_dialog.h"

#include "ui/shell/actions.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollArea>
#include <QVBoxLayout>

#include <utility>

namespace hearth::ui {

namespace {

QString keysOf(const QAction& action) {
    QStringList keys;
    for (const QKeySequence& sequence : action.shortcuts()) {
        keys.append(sequence.toString(QKeySequence::NativeText));
    }
    return keys.mid(0, 2).join(QStringLiteral("  ·  "));
}

void addRow(QGridLayout& grid, const Theme& theme, const QString& text, const QString& keys) {
    const int row = grid.rowCount();
    auto* label = new QLabel(text);
    auto* keyLabel = new QLabel(keys);
    keyLabel->setFont(theme.font(FontRole::Code));
    keyLabel->setForegroundRole(QPalette::PlaceholderText);
    label->setBuddy(keyLabel);
    grid.addWidget(label, row, 0);
    grid.addWidget(keyLabel, row, 1, Qt::AlignRight);
}

void addHeading(QGridLayout& grid, const Theme& theme, const QString& text) {
    const int row = grid.rowCount();
    auto* heading = new QLabel(text);
    heading->setFont(theme.font(FontRole::InterfaceStrong));
    heading->setContentsMargins(0, row > 1 ? Metrics::kSpace4 : 0, 0, Metrics::kSpace1);
    grid.addWidget(heading, row, 0, 1, 2);
}

} // namespace

ShortcutsDialog::ShortcutsDialog(const Theme& theme, const Actions& actions, QWidget* parent) : QDialog(parent) {
    setObjectName(QStringLiteral("shortcutsDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Keyboard shortcuts"));
    setAccessibleName(windowTitle());
    auto* page = new QWidget;
    auto* grid = new QGridLayout(page);
    grid->setContentsMargins(Metrics::kSpace6, Metrics::kSpace4, Metrics::kSpace6, Metrics::kSpace4);
    grid->setHorizontalSpacing(Metrics::kSpace8);
    grid->setColumnStretch(0, 1);
    for (const ActionGroup group :
         {ActionGroup::Chats, ActionGroup::Answer, ActionGroup::Files, ActionGroup::View, ActionGroup::Program}) {
        addHeading(*grid, theme, Actions::groupTitle(group));
        for (int index = 0; index < kActionCount; ++index) {
            const auto id = static_cast<ActionId>(index);
            if (Actions::groupOf(id) == group && !actions[id].shortcut().isEmpty()) {
                addRow(*grid, theme, actions[id].text(), keysOf(actions[id]));
            }
        }
    }
    addHeading(*grid, theme, tr("While writing"));
    addRow(*grid, theme, tr("Send"), QKeySequence(Qt::Key_Return).toString(QKeySequence::NativeText));
    addRow(*grid, theme, tr("New line"), QKeySequence(Qt::SHIFT | Qt::Key_Return).toString(QKeySequence::NativeText));
    addRow(*grid, theme, tr("Edit your last message (empty field)"),
           QKeySequence(Qt::Key_Up).toString(QKeySequence::NativeText));
    addHeading(*grid, theme, tr("On a message"));
    addRow(*grid, theme, tr("Other version"),
           QKeySequence(Qt::ALT | Qt::Key_Left).toString(QKeySequence::NativeText) + QStringLiteral("  ·  ")
               + QKeySequence(Qt::ALT | Qt::Key_Right).toString(QKeySequence::NativeText));

    auto* scroll = new QScrollArea(this);
    scroll->setObjectName(QStringLiteral("shortcutList"));
    scroll->setAccessibleName(windowTitle());
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setWidget(page);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, Metrics::kSpace3);
    column->addWidget(scroll, 1);
    column->addWidget(buttons);
    buttons->setContentsMargins(Metrics::kSpace6, 0, Metrics::kSpace6, 0);
    resize(520, 620);
}

AboutDialog::AboutDialog(const Theme& theme, QWidget* parent) : QDialog(parent) {
    setObjectName(QStringLiteral("aboutDialog"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("About Hearth"));
    auto* icon = new QLabel(this);
    icon->setPixmap(applicationIcon().pixmap(QSize(72, 72), devicePixelRatio()));
    auto* name = new QLabel(QStringLiteral("Hearth"), this);
    name->setFont(theme.font(FontRole::Display));
    auto* version = new QLabel(tr("Version %1").arg(QCoreApplication::applicationVersion()), this);
    version->setForegroundRole(QPalette::PlaceholderText);
    auto* text = new QLabel(tr("A private assistant that never leaves your machine. Models, chats and files stay on "
                               "this computer."),
                            this);
    text->setWordWrap(true);
    auto* licence = new QLabel(
        tr("Apache License 2.0. Built with Qt %1 (LGPL 3), SQLite (public domain), md4c, nlohmann-json (MIT) and "
           "PDFium (BSD, Apache 2.0).")
            .arg(QLatin1String(qVersion())),
        this);
    licence->setObjectName(QStringLiteral("aboutLicence"));
    licence->setWordWrap(true);
    licence->setFont(theme.font(FontRole::Small));
    licence->setForegroundRole(QPalette::PlaceholderText);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(Metrics::kSpace8, Metrics::kSpace8, Metrics::kSpace8, Metrics::kSpace4);
    column->setSpacing(Metrics::kSpace2);
    column->addWidget(icon, 0, Qt::AlignHCenter);
    column->addWidget(name, 0, Qt::AlignHCenter);
    column->addWidget(version, 0, Qt::AlignHCenter);
    column->addSpacing(Metrics::kSpace3);
    column->addWidget(text);
    column->addWidget(licence);
    column->addSpacing(Metrics::kSpace3);
    column->addWidget(buttons);
    setFixedWidth(400);
}

} // namespace hearth::ui
