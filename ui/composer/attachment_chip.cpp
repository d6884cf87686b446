#include "ui/composer/attachment_chip.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QPainter>
#include <QToolButton>

namespace hearth::ui {

namespace {

constexpr int kWidestName = 220;

} // namespace

AttachmentChip::AttachmentChip(const Theme& theme, const QString& fileName, qint64 sizeBytes, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_fileName(fileName), m_sizeBytes(sizeBytes), m_label(new QLabel(this)),
      m_remove(new QToolButton(this)) {
    setObjectName(QStringLiteral("attachmentChip"));
    auto* icon = new QLabel(this);
    icon->setPixmap(themedIcon(theme, QStringLiteral("document"), IconTone::Muted)
                        .pixmap(QSize(Metrics::kIcon, Metrics::kIcon), devicePixelRatio()));
    m_label->setTextFormat(Qt::PlainText);
    m_remove->setObjectName(QStringLiteral("attachmentRemove"));
    m_remove->setIcon(themedIcon(theme, QStringLiteral("close"), IconTone::Muted));
    m_remove->setIconSize(QSize(12, 12));
    m_remove->setAutoRaise(true);
    m_remove->setFocusPolicy(Qt::StrongFocus);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(Metrics::kSpace2, 2, 2, 2);
    row->setSpacing(Metrics::kSpace1);
    row->addWidget(icon);
    row->addWidget(m_label);
    row->addWidget(m_remove);
    connect(m_remove, &QToolButton::clicked, this, &AttachmentChip::removeRequested);
    retranslate();
}

void AttachmentChip::retranslate() {
    m_label->setFont(m_theme.font(FontRole::Small));
    const QString name = m_label->fontMetrics().elidedText(m_fileName, Qt::ElideMiddle, kWidestName);
    const QString size = QLocale().formattedDataSize(m_sizeBytes, 1, QLocale::DataSizeTraditionalFormat);
    m_label->setText(tr("%1 · %2", "file name and size").arg(name, size));
    setToolTip(m_fileName);
    setAccessibleName(tr("Attached file %1, %2").arg(m_fileName, size));
    m_remove->setToolTip(tr("Remove"));
    m_remove->setAccessibleName(tr("Remove %1").arg(m_fileName));
}

void AttachmentChip::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(m_theme.colors().border);
    painter.setBrush(m_theme.colors().bubble);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), Metrics::kRadius, Metrics::kRadius);
}

void AttachmentChip::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
    QWidget::changeEvent(event);
}

void AttachmentChip::keyPressEvent(QKeyEvent* event) {
    if (event->key() == Qt::Key_Delete || event->key() == Qt::Key_Backspace) {
        Q_EMIT removeRequested();
        return;
    }
    QWidget::keyPressEvent(event);
}

} // namespace hearth::ui
