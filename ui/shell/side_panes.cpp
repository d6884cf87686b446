#include "ui/shell/side_panes.h"

#include "ui/documents/document_pane.h"
#include "ui/images/image_pane.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QPaintEvent>
#include <QPainter>
#include <QStackedWidget>
#include <QTabBar>
#include <QToolButton>

namespace hearth::ui {

SidePanes::SidePanes(const Theme& theme, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_tabs(new QTabBar(this)), m_close(new QToolButton(this)),
      m_stack(new QStackedWidget(this)), m_document(new DocumentPane(theme, m_stack)),
      m_image(new ImagePane(theme, m_stack)) {
    setObjectName(QStringLiteral("sidePanes"));
    m_tabs->setObjectName(QStringLiteral("paneTabs"));
    m_tabs->setDrawBase(false);
    m_tabs->setElideMode(Qt::ElideMiddle);
    m_tabs->setExpanding(false);
    m_tabs->setUsesScrollButtons(false);
    m_close->setObjectName(QStringLiteral("paneClose"));
    m_close->setIcon(themedIcon(theme, QStringLiteral("close"), IconTone::Muted));
    m_close->setAutoRaise(true);
    m_close->setFocusPolicy(Qt::StrongFocus);
    m_close->setFixedSize(Metrics::kControl, Metrics::kControl);
    m_stack->addWidget(m_document);
    m_stack->addWidget(m_image);
    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(Metrics::kSpace2, Metrics::kSpace2, Metrics::kSpace2, 0);
    bar->addWidget(m_tabs, 1);
    bar->addWidget(m_close);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_stack, 1);
    setMinimumWidth(Metrics::kPaneMinimum);

    connect(m_tabs, &QTabBar::currentChanged, this, &SidePanes::showCurrent);
    connect(m_close, &QToolButton::clicked, this, [this] { closeTab(m_tabs->currentIndex()); });
    connect(m_document, &DocumentPane::opened, this, [this](const QString& path) {
        showTab(Pane::Document, path);
        activate(Pane::Document);
    });
    connect(m_document, &DocumentPane::failed, this, [this](const QString& path, const Error& error) {
        closeTab(tabOf(Pane::Document)); // what was open before is closed already
        Q_EMIT documentFailed(path, error);
    });
    retranslate();
    hide();
}

void SidePanes::openDocument(const QString& path) {
    m_document->open(path);
}

void SidePanes::showImageLoading(const QString& path) {
    m_imageShown = false;
    m_image->showLoading(QFileInfo(path).fileName());
    showTab(Pane::Image, path);
    m_tabs->setCurrentIndex(tabOf(Pane::Image));
}

void SidePanes::showImage(const QString& path, const ImagePyramid& image) {
    m_imageShown = true;
    showTab(Pane::Image, path);
    m_image->showImage(QFileInfo(path).fileName(), image);
    activate(Pane::Image);
}

void SidePanes::imageFailed() {
    if (!m_imageShown) {
        closeTab(tabOf(Pane::Image));
    }
}

int SidePanes::tabOf(Pane pane) const {
    for (int tab = 0; tab < m_tabs->count(); ++tab) {
        if (static_cast<Pane>(m_tabs->tabData(tab).toInt()) == pane) {
            return tab;
        }
    }
    return -1;
}

bool SidePanes::has(Pane pane) const {
    return tabOf(pane) >= 0;
}

SidePanes::Pane SidePanes::currentPane() const {
    return static_cast<Pane>(m_tabs->tabData(m_tabs->currentIndex()).toInt());
}

bool SidePanes::activate(Pane pane) {
    const int tab = tabOf(pane);
    if (tab < 0) {
        return false;
    }
    m_tabs->setCurrentIndex(tab);
    show();
    m_stack->currentWidget()->setFocus(Qt::ShortcutFocusReason);
    return true;
}

void SidePanes::showTab(Pane pane, const QString& path) {
    int tab = tabOf(pane);
    if (tab < 0) {
        const QString icon = pane == Pane::Document ? QStringLiteral("document") : QStringLiteral("image");
        // The document stands first, as Ctrl+2 comes before Ctrl+3.
        tab = m_tabs->insertTab(pane == Pane::Document ? 0 : m_tabs->count(),
                                themedIcon(m_theme, icon, IconTone::Muted), QString());
        m_tabs->setTabData(tab, static_cast<int>(pane));
    }
    QString name = QFileInfo(path).fileName();
    m_tabs->setTabText(tab, name.replace(QLatin1Char('&'), QLatin1String("&&")));
    m_tabs->setTabToolTip(tab, path);
    m_tabs->setCurrentIndex(tab);
    const bool wasHidden = isHidden();
    showCurrent(); // a tab is current before it knows what it shows, where it is the first one
    show();
    if (wasHidden) {
        Q_EMIT appeared();
    }
}

void SidePanes::showCurrent() {
    if (m_tabs->currentIndex() >= 0) {
        m_stack->setCurrentWidget(currentPane() == Pane::Document ? static_cast<QWidget*>(m_document) : m_image);
    }
}

void SidePanes::closeTab(int tab) {
    if (tab < 0) {
        return;
    }
    if (static_cast<Pane>(m_tabs->tabData(tab).toInt()) == Pane::Document) {
        m_document->closeFile();
    } else {
        m_image->showLoading({});
        m_imageShown = false;
    }
    m_tabs->removeTab(tab);
    if (m_tabs->count() == 0) {
        hide();
        Q_EMIT emptied();
    }
}

void SidePanes::retranslate() {
    setAccessibleName(tr("Opened files"));
    m_tabs->setAccessibleName(tr("Opened files"));
    m_close->setToolTip(tr("Close this file"));
    m_close->setAccessibleName(tr("Close this file"));
}

void SidePanes::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
    QWidget::changeEvent(event);
}

void SidePanes::paintEvent(QPaintEvent* event) {
    QPainter(this).fillRect(event->rect(), m_theme.colors().base);
}

} // namespace hearth::ui
