#pragma once

#include <QWidget>

class QLabel;
class QToolButton;

namespace hearth::ui {

class Theme;

/// One file that goes with the question: icon, name, size, and a button that removes it. Thread: UI.
class AttachmentChip : public QWidget {
    Q_OBJECT

public:
    AttachmentChip(const Theme& theme, const QString& fileName, qint64 sizeBytes, QWidget* parent = nullptr);

Q_SIGNALS:
    void removeRequested();

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void retranslate();

    const Theme& m_theme;
    QString m_fileName;
    qint64 m_sizeBytes;
    QLabel* m_label;
    QToolButton* m_remove;
};

} // namespace hearth::ui
