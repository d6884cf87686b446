#include "ui/models/model_chooser.h"

#include "app/models/model_library.h"
#include "ui/theme/hearth_style.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QEvent>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QPainter>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QVBoxLayout>

#include <algorithm>

namespace hearth::ui {

namespace {

constexpr int kWidth = 380;
constexpr int kMostRows = 7;
constexpr int kPathRole = Qt::UserRole;
constexpr int kDetailRole = Qt::UserRole + 1;
constexpr int kProblemRole = Qt::UserRole + 2;

/// Name above, figures or the problem below, a mark at the one in use.
class ModelDelegate : public QStyledItemDelegate {
public:
    ModelDelegate(const Theme& theme, QObject* parent) : QStyledItemDelegate(parent), m_theme(theme) {}

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        return {0, QFontMetrics(m_theme.font(FontRole::Interface)).height()
                       + QFontMetrics(m_theme.font(FontRole::Small)).height() + Metrics::kSpace4};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        const Colors& colors = m_theme.colors();
        const bool broken = index.data(kProblemRole).toBool();
        painter->save();
        if (option.state.testFlag(QStyle::State_Selected) || option.state.testFlag(QStyle::State_MouseOver)) {
            painter->setRenderHint(QPainter::Antialiasing);
            painter->setPen(Qt::NoPen);
            painter->setBrush(option.state.testFlag(QStyle::State_Selected) ? colors.selected : colors.hover);
            painter->drawRoundedRect(option.rect, Metrics::kRadius, Metrics::kRadius);
        }
        QRect rect = option.rect.adjusted(Metrics::kSpace3, Metrics::kSpace2, -Metrics::kSpace3, -Metrics::kSpace2);
        if (index.data(Qt::CheckStateRole).toBool()) {
            themedIcon(m_theme, QStringLiteral("check"), IconTone::Accent)
                .paint(painter, QRect(rect.right() - Metrics::kIcon, rect.center().y() - Metrics::kIcon / 2,
                                      Metrics::kIcon, Metrics::kIcon));
            rect.setRight(rect.right() - Metrics::kSpace6);
        }
        painter->setFont(m_theme.font(FontRole::Interface));
        painter->setPen(broken ? colors.textMuted : colors.text);
        painter->drawText(rect, Qt::AlignLeft | Qt::AlignTop | Qt::TextSingleLine,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, rect.width()));
        painter->setFont(m_theme.font(FontRole::Small));
        painter->setPen(broken ? colors.danger : colors.textMuted);
        painter->drawText(
            rect, Qt::AlignLeft | Qt::AlignBottom | Qt::TextSingleLine,
            painter->fontMetrics().elidedText(index.data(kDetailRole).toString(), Qt::ElideRight, rect.width()));
        painter->restore();
    }

private:
    const Theme& m_theme;
};

QString countText(quint64 count) {
    const QLocale locale;
    if (count >= 1'000'000'000) {
        return QCoreApplication::translate("hearth::ui::ModelChooser", "%1 B parameters", "billions")
            .arg(locale.toString(static_cast<double>(count) / 1e9, 'f', 1));
    }
    return QCoreApplication::translate("hearth::ui::ModelChooser", "%1 M parameters", "millions")
        .arg(locale.toString(static_cast<double>(count) / 1e6, 'f', 0));
}

} // namespace

QString describeModel(const ModelFile& model) {
    QStringList parts;
    if (!model.quantisation.isEmpty()) {
        parts.append(model.quantisation);
    }
    if (model.parameterCount > 0) {
        parts.append(countText(model.parameterCount));
    }
    parts.append(
        QLocale().formattedDataSize(static_cast<qint64>(model.sizeBytes), 1, QLocale::DataSizeTraditionalFormat));
    return parts.join(QStringLiteral(" · "));
}

ModelChooser::ModelChooser(const Theme& theme, ModelLibrary& library, QWidget& window)
    : PopupPanel(theme, window), m_library(library), m_list(new QListWidget(this)), m_empty(new QLabel(this)),
      m_import(new QPushButton(this)) {
    setObjectName(QStringLiteral("modelChooser"));
    m_list->setObjectName(QStringLiteral("modelList"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setItemDelegate(new ModelDelegate(theme, this));
    m_list->setMouseTracking(true);
    m_list->viewport()->setAutoFillBackground(false);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_empty->setObjectName(QStringLiteral("modelListEmpty"));
    m_empty->setWordWrap(true);
    m_empty->setForegroundRole(QPalette::PlaceholderText);
    m_empty->setMargin(Metrics::kSpace3);
    m_import->setObjectName(QStringLiteral("modelImport"));
    m_import->setIcon(themedIcon(theme, QStringLiteral("import")));
    m_import->setAutoDefault(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(kShadow + Metrics::kSpace2, kShadow + Metrics::kSpace2, kShadow + Metrics::kSpace2,
                               kShadow + Metrics::kSpace2);
    column->setSpacing(Metrics::kSpace2);
    column->addWidget(m_list, 1);
    column->addWidget(m_empty);
    column->addWidget(m_import);
    connect(m_list, &QListWidget::itemClicked, this, &ModelChooser::chooseCurrent);
    connect(m_list, &QListWidget::itemActivated, this, &ModelChooser::chooseCurrent);
    connect(m_import, &QPushButton::clicked, this, [this] {
        close();
        Q_EMIT importRequested();
    });
    connect(&library, &ModelLibrary::refreshed, this, [this] {
        if (isVisible()) {
            fill();
            place();
        }
    });
    retranslate();
}

void ModelChooser::openBelow(const QWidget& anchor, const QString& currentPath) {
    m_currentPath = currentPath;
    m_anchor = anchor.mapTo(parentWidget(), QPoint(anchor.width(), anchor.height() + Metrics::kSpace1));
    fill();
    place();
    m_library.refresh();
}

void ModelChooser::fill() {
    const QString selected =
        m_list->currentItem() == nullptr ? m_currentPath : m_list->currentItem()->data(kPathRole).toString();
    m_list->clear();
    for (const ModelFile& model : m_library.models()) {
        const bool broken = !model.problem.isEmpty();
        // The row has its file's name already, and no room for the folders above it.
        const QString problem = QString(model.problem).replace(model.path, model.fileName);
        auto* item = new QListWidgetItem(model.name, m_list);
        item->setData(kPathRole, model.path);
        item->setData(kProblemRole, broken);
        item->setData(kDetailRole, broken ? problem : describeModel(model));
        item->setData(Qt::CheckStateRole, model.path == m_currentPath);
        item->setToolTip(broken ? model.problem : model.path);
        item->setData(Qt::AccessibleDescriptionRole, item->data(kDetailRole));
        if (model.path == selected) {
            m_list->setCurrentItem(item);
        }
    }
    if (m_list->currentRow() < 0) {
        m_list->setCurrentRow(0);
    }
    m_list->setVisible(m_list->count() > 0);
    m_empty->setVisible(m_list->count() == 0);
}

void ModelChooser::place() {
    const int rows = std::min(m_list->count(), kMostRows);
    const int listHeight = rows > 0 ? rows * m_list->sizeHintForRow(0) + 2 : m_empty->heightForWidth(kWidth);
    m_list->setFixedHeight(rows > 0 ? listHeight : 0);
    const int height = listHeight + m_import->sizeHint().height() + 3 * Metrics::kSpace2;
    QWidget* focus = rows > 0 ? static_cast<QWidget*>(m_list) : m_import;
    openAt(QRect(m_anchor.x() - kWidth, m_anchor.y(), kWidth, height), *focus);
}

void ModelChooser::chooseCurrent() {
    const QListWidgetItem* item = m_list->currentItem();
    if (item == nullptr || item->data(kProblemRole).toBool() || isHidden()) {
        return;
    }
    const QString path = item->data(kPathRole).toString();
    close();
    if (path != m_currentPath) {
        Q_EMIT modelChosen(path);
    }
}

void ModelChooser::retranslate() {
    setAccessibleName(tr("Choose a model"));
    m_list->setAccessibleName(tr("Models"));
    m_empty->setText(tr("There is no model yet. Import a model file in the GGUF format."));
    m_import->setText(tr("Import a model file…"));
    m_import->setAccessibleName(tr("Import a model file"));
}

void ModelChooser::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
    PopupPanel::changeEvent(event);
}

} // namespace hearth::ui
