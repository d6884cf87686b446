#include "ui/shell/drop_overlay.h"

#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QFontMetrics>
#include <QPainter>

#include <algorithm>

namespace hearth::ui {

DropOverlay::DropOverlay(const Theme& theme, QWidget& host) : QWidget(&host), m_theme(theme) {
    setObjectName(QStringLiteral("dropOverlay"));
    setAttribute(Qt::WA_TransparentForMouseEvents);
    host.installEventFilter(this);
    hide();
}

void DropOverlay::showFor(const QList<FileToOpen>& files) {
    const auto count = [&](FileKind kind) {
        return static_cast<int>(
            std::count_if(files.begin(), files.end(), [&](const FileToOpen& file) { return file.kind == kind; }));
    };
    m_lines.clear();
    m_icons.clear();
    const auto add = [&](int number, const QString& icon, const QString& line) {
        if (number > 0) {
            m_icons.append(icon);
            m_lines.append(line);
        }
    };
    const int documents = count(FileKind::Document);
    const int images = count(FileKind::Image);
    const int texts = count(FileKind::Text);
    const int models = count(FileKind::Model);
    add(documents, QStringLiteral("document"), tr("Open %n PDF file(s) beside the chat", nullptr, documents));
    add(images, QStringLiteral("image"), tr("Open %n image(s) beside the chat", nullptr, images));
    add(texts, QStringLiteral("attach"), tr("Attach %n text file(s) to your message", nullptr, texts));
    add(models, QStringLiteral("model"), tr("Import %n model file(s)", nullptr, models));
    const int unsupported = count(FileKind::Unsupported);
    add(unsupported, QStringLiteral("error"), tr("%n item(s) cannot be opened here", nullptr, unsupported));
    setAccessibleName(m_lines.join(QStringLiteral(". ")));
    setGeometry(parentWidget()->rect());
    show();
    raise();
    update();
}

void DropOverlay::paintEvent(QPaintEvent*) {
    const Colors& colors = m_theme.colors();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(rect(), colors.scrim);
    painter.setPen(QPen(colors.accent, 2, Qt::DashLine));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(12, 12, -12, -12), Metrics::kRadiusLarge, Metrics::kRadiusLarge);

    painter.setFont(m_theme.font(FontRole::Title));
    const QFontMetrics metrics = painter.fontMetrics();
    const int lineHeight = std::max(metrics.height(), Metrics::kSpace6) + Metrics::kSpace3;
    int widest = 0;
    for (const QString& line : m_lines) {
        widest = std::max(widest, metrics.horizontalAdvance(line));
    }
    const int textWidth = std::min(widest, width() - 120);
    const int left = (width() - textWidth - Metrics::kSpace8) / 2;
    int top = (height() - lineHeight * static_cast<int>(m_lines.size())) / 2;
    for (qsizetype line = 0; line < m_lines.size(); ++line) {
        themedIcon(m_theme, m_icons[line], IconTone::Accent)
            .paint(&painter,
                   QRect(left, top + (lineHeight - Metrics::kIconLarge) / 2, Metrics::kIconLarge, Metrics::kIconLarge));
        painter.setPen(colors.text);
        painter.drawText(QRect(left + Metrics::kSpace8, top, textWidth, lineHeight), Qt::AlignVCenter | Qt::AlignLeft,
                         metrics.elidedText(m_lines[line], Qt::ElideRight, textWidth));
        top += lineHeight;
    }
}

bool DropOverlay::eventFilter(QObject* watched, QEvent* event) {
    if (event->type() == QEvent::Resize && isVisible()) {
        setGeometry(parentWidget()->rect());
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace hearth::ui
