#include "ui/images/image_pane.h"

#include "ui/images/image_view.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QToolButton>

namespace hearth::ui {

namespace {

constexpr double kButtonStep = 1.25;

} // namespace

ImagePane::ImagePane(const Theme& theme, QWidget* parent)
    : QWidget(parent), m_theme(theme), m_view(new ImageView(theme, this)), m_info(new QLabel(this)),
      m_zoomOut(new QToolButton(this)), m_zoomIn(new QToolButton(this)), m_fit(new QToolButton(this)) {
    setObjectName(QStringLiteral("imagePane"));
    const auto prepare = [&](QToolButton* button, const char* name, const QString& icon) {
        button->setObjectName(QLatin1String(name));
        button->setIcon(themedIcon(theme, icon, IconTone::Muted));
        button->setAutoRaise(true);
        button->setFocusPolicy(Qt::StrongFocus);
        button->setFixedSize(Metrics::kControl, Metrics::kControl);
    };
    prepare(m_zoomOut, "imageZoomOut", QStringLiteral("zoom-out"));
    prepare(m_zoomIn, "imageZoomIn", QStringLiteral("zoom-in"));
    prepare(m_fit, "imageFit", QStringLiteral("fit"));
    m_info->setObjectName(QStringLiteral("imageInfo"));
    m_info->setTextFormat(Qt::PlainText);
    m_info->setForegroundRole(QPalette::PlaceholderText);
    m_info->setMinimumWidth(1); // the text may be cut, the buttons may not

    auto* bar = new QHBoxLayout;
    bar->setContentsMargins(Metrics::kSpace3, Metrics::kSpace1, Metrics::kSpace2, Metrics::kSpace1);
    bar->setSpacing(Metrics::kSpace1);
    bar->addWidget(m_info, 1);
    bar->addWidget(m_zoomOut);
    bar->addWidget(m_zoomIn);
    bar->addWidget(m_fit);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(bar);
    column->addWidget(m_view, 1);
    setFocusProxy(m_view);

    connect(m_zoomOut, &QToolButton::clicked, this, [this] { m_view->zoomBy(1 / kButtonStep); });
    connect(m_zoomIn, &QToolButton::clicked, this, [this] { m_view->zoomBy(kButtonStep); });
    connect(m_fit, &QToolButton::clicked, m_view, &ImageView::fit);
    connect(m_view, &ImageView::zoomChanged, this, &ImagePane::updateInfo);
    retranslate();
}

void ImagePane::showLoading(const QString& fileName) {
    m_fileName = fileName;
    m_imageSize = {};
    m_view->clear();
    updateInfo();
}

void ImagePane::showImage(const QString& fileName, const ImagePyramid& image) {
    m_fileName = fileName;
    m_imageSize = image.size();
    m_view->setImage(image, tr("Image %1").arg(fileName));
    updateInfo();
}

void ImagePane::updateInfo() {
    m_info->setFont(m_theme.font(FontRole::Small));
    if (m_imageSize.isEmpty()) {
        m_info->setText(m_fileName.isEmpty() ? QString() : tr("Opening…"));
    } else {
        const QLocale locale;
        m_info->setText(tr("%1 × %2 · %3 %", "width, height, zoom")
                            .arg(locale.toString(m_imageSize.width()), locale.toString(m_imageSize.height()),
                                 locale.toString(m_view->zoom() * 100.0, 'f', 0)));
    }
    for (QToolButton* button : {m_zoomOut, m_zoomIn, m_fit}) {
        button->setEnabled(!m_imageSize.isEmpty());
    }
}

void ImagePane::retranslate() {
    setAccessibleName(tr("Image"));
    m_zoomOut->setToolTip(tr("Zoom out (-)"));
    m_zoomOut->setAccessibleName(tr("Zoom out"));
    m_zoomIn->setToolTip(tr("Zoom in (+)"));
    m_zoomIn->setAccessibleName(tr("Zoom in"));
    m_fit->setToolTip(tr("Fit to the pane (0)"));
    m_fit->setAccessibleName(tr("Fit to the pane"));
    updateInfo();
}

void ImagePane::changeEvent(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) {
        retranslate();
    }
    QWidget::changeEvent(event);
}

} // namespace hearth::ui
