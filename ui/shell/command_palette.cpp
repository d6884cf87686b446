#include "ui/shell/command_palette.h"

#include "ui/theme/theme.h"

#include <QEvent>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <utility>

namespace hearth::ui {

namespace {

constexpr int kWidth = 560;
constexpr int kHeight = 420;
constexpr int kMostShown = 200; ///< more rows than anybody reads; a longer list wants another word
constexpr int kEntryRole = Qt::UserRole;
constexpr int kDetailRole = Qt::UserRole + 1;

/// Icon, title, and the detail in grey on the right.
class EntryDelegate : public QStyledItemDelegate {
public:
    EntryDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), m_theme(theme) {}

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
        return {0, option.fontMetrics.height() + Metrics::kSpace4};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const Colors& colors = m_theme.colors();
        painter->save();
        if (option.state.testFlag(QStyle::State_Selected)) {
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(colors.selected);
            painter->drawRoundedRect(option.rect, Metrics::kRadius, Metrics::kRadius);
        }
        QRect rect = option.rect.adjusted(Metrics::kSpace3, 0, -Metrics::kSpace3, 0);
        qvariant_cast<QIcon>(index.data(Qt::DecorationRole))
            .paint(painter, QRect(rect.left(), rect.center().y() - Metrics::kIcon / 2, Metrics::kIcon, Metrics::kIcon));
        rect.setLeft(rect.left() + Metrics::kIcon + Metrics::kSpace3);
        const QString detail = index.data(kDetailRole).toString();
        painter->setFont(m_theme.font(FontRole::Small));
        painter->setPen(colors.textMuted);
        painter->drawText(rect, Qt::AlignRight | Qt::AlignVCenter, detail);
        if (!detail.isEmpty()) {
            rect.setRight(rect.right() - painter->fontMetrics().horizontalAdvance(detail) - Metrics::kSpace3);
        }
        painter->setFont(option.font);
        painter->setPen(colors.text);
        painter->drawText(rect, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, rect.width()));
        painter->restore();
    }

private:
    const Theme& m_theme;
};

} // namespace

QList<int> matchingEntries(const QStringList& titles, const QString& query) {
    const QStringList words = query.simplified().split(QLatin1Char(' '), Qt::SkipEmptyParts);
    std::array<QList<int>, 3> ranks;
    for (int entry = 0; entry < titles.size(); ++entry) {
        const QString& title = titles[entry];
        const bool all = std::all_of(words.begin(), words.end(),
                                     [&](const QString& word) { return title.contains(word, Qt::CaseInsensitive); });
        if (!all) {
            continue;
        }
        std::size_t rank = 2;
        if (!words.isEmpty() && title.startsWith(query.simplified(), Qt::CaseInsensitive)) {
            rank = 0;
        } else if (!words.isEmpty() && title.contains(QLatin1Char(' ') + words.first(), Qt::CaseInsensitive)) {
            rank = 1;
        }
        ranks[rank].append(entry);
    }
    return ranks[0] + ranks[1] + ranks[2];
}

CommandPalette::CommandPalette(const Theme& theme, QWidget& window)
    : PopupPanel(theme, window), m_field(new QLineEdit(this)), m_list(new QListWidget(this)) {
    setObjectName(QStringLiteral("commandPalette"));
    m_field->setObjectName(QStringLiteral("paletteField"));
    m_field->installEventFilter(this);
    m_list->setObjectName(QStringLiteral("paletteList"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setFocusPolicy(Qt::NoFocus); // the field keeps the focus and passes the arrows on
    m_list->setItemDelegate(new EntryDelegate(theme, this));
    m_list->viewport()->setAutoFillBackground(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(kShadow + Metrics::kSpace3, kShadow + Metrics::kSpace3, kShadow + Metrics::kSpace3,
                               kShadow + Metrics::kSpace3);
    column->setSpacing(Metrics::kSpace2);
    column->addWidget(m_field);
    column->addWidget(m_list, 1);
    connect(m_field, &QLineEdit::textChanged, this, &CommandPalette::filter);
    connect(m_field, &QLineEdit::returnPressed, this, &CommandPalette::runCurrent);
    connect(m_field, &QLineEdit::textChanged, m_list, &QListWidget::scrollToTop);
    connect(m_list, &QListWidget::itemClicked, this, &CommandPalette::runCurrent);
    retranslate();
}

void CommandPalette::openWith(const QList<PaletteEntry>& entries) {
    m_entries = entries;
    m_titles.clear();
    for (const PaletteEntry& entry : entries) {
        m_titles.append(entry.title);
    }
    m_field->clear();
    filter();
    const QWidget& window = *parentWidget();
    openAt(QRect((window.width() - kWidth) / 2, Metrics::kSpace12, kWidth, kHeight), *m_field);
}

void CommandPalette::filter() {
    m_list->clear();
    for (const int index : matchingEntries(m_titles, m_field->text()).mid(0, kMostShown)) {
        const PaletteEntry& entry = m_entries[index];
        auto* item = new QListWidgetItem(entry.icon, entry.title, m_list);
        item->setData(kEntryRole, index);
        item->setData(kDetailRole, entry.detail);
    }
    m_list->setCurrentRow(0);
}

void CommandPalette::runCurrent() {
    const QListWidgetItem* item = m_list->currentItem();
    if (item == nullptr) {
        return;
    }
    const std::function<void()> run = m_entries[item->data(kEntryRole).toInt()].run;
    close(); // before the command, which may open a window of its own
    if (run) {
        run();
    }
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_field && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const int rows = m_list->count();
        int step = 0;
        switch (key->key()) {
        case Qt::Key_Down:
            step = 1;
            break;
        case Qt::Key_Up:
            step = -1;
            break;
        case Qt::Key_PageDown:
            step = 8;
            break;
        case Qt::Key_PageUp:
            step = -8;
            break;
        default:
            return false;
        }
        m_list->setCurrentRow(std::clamp(m_list->currentRow() + step, 0, std::max(0, rows - 1)));
        return true;
    }
    return PopupPanel::eventFilter(watched, event);
}

void CommandPalette::retranslate() {
    setAccessibleName(tr("Go to chat or command"));
    m_field->setPlaceholderText(tr("Type a chat title or a command"));
    m_field->setAccessibleName(tr("Chat title or command"));
    m_list->setAccessibleName(tr("Matches"));
}

void CommandPalette::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
    PopupPanel::changeEvent(event);
}

} // namespace hearth::ui
