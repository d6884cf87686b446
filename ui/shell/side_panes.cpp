#include "ui/shell/side_panes.h"

#include "ui/documents/document_pane.h"
#include "ui/images/image_pane.h"
#include "ui/mixture/mixture_pane.h"
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

#include <array>

namespace hearth::ui {

SidePanes::SidePanes(const Theme& theme, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_tabs(new QTabBar(this)), m_close(new QToolButton(this)),
      m_stack(new QStackedWidget(this)), m_document(new DocumentPane(theme, m_stack)),
      m_image(new ImagePane(theme, m_stack)), m_mixture(new MixturePane(theme, m_stack)) {
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
    m_stack->addWidget(m_mixture);
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
        showFile(Pane::Document, path);
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
    showFile(Pane::Image, path);
    m_tabs->setCurrentIndex(tabOf(Pane::Image));
}

void SidePanes::showImage(const QString& path, const ImagePyramid& image) {
    m_imageShown = true;
    showFile(Pane::Image, path);
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

void SidePanes::showMixture() {
    showTab(Pane::Mixture, tr("Mixture"), tr("How the answer came about"));
    activate(Pane::Mixture);
}

void SidePanes::showFile(Pane pane, const QString& path) {
    QString name = QFileInfo(path).fileName();
    showTab(pane, name.replace(QLatin1Char('&'), QLatin1String("&&")), path);
}

void SidePanes::showTab(Pane pane, const QString& title, const QString& toolTip) {
    static const std::array kIcons{QStringLiteral("document"), QStringLiteral("image"), QStringLiteral("mixture")};
    int tab = tabOf(pane);
    if (tab < 0) {
        // They stand in the order of their keys.
        int place = 0;
        while (place < m_tabs->count() && m_tabs->tabData(place).toInt() < static_cast<int>(pane)) {
            ++place;
        }
        tab = m_tabs->insertTab(place, themedIcon(m_theme, kIcons[static_cast<std::size_t>(pane)], IconTone::Muted),
                                QString());
        m_tabs->setTabData(tab, static_cast<int>(pane));
    }
    m_tabs->setTabText(tab, title);
    m_tabs->setTabToolTip(tab, toolTip);
    m_tabs->setCurrentIndex(tab);
    const bool wasHidden = isHidden();
    showCurrent(); // a tab is current before it knows what it shows, where it is the first one
    show();
    if (wasHidden) {
        Q_EMIT appeared();
    }
}

QWidget* SidePanes::widgetOf(Pane pane) const {
    switch (pane) {
    case Pane::Document:
        return m_document;
    case Pane::Image:
        return m_image;
    case Pane::Mixture:
        return m_mixture;
    }
    return m_document;
}

void SidePanes::showCurrent() {
    if (m_tabs->currentIndex() >= 0) {
        m_stack->setCurrentWidget(widgetOf(currentPane()));
    }
}

void SidePanes::closeTab(int tab) {
    if (tab < 0) {
        return;
    }
    const auto pane = static_cast<Pane>(m_tabs->tabData(tab).toInt());
    if (pane == Pane::Document) {
        m_document->closeFile();
    } else if (pane == Pane::Image) {
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
    if (const int tab = tabOf(Pane::Mixture); tab >= 0) {
        m_tabs->setTabText(tab, tr("Mixture"));
        m_tabs->setTabToolTip(tab, tr("How the answer came about"));
    }
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
