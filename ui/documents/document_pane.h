#pragma once

#include "app/documents/pdf_reader.h"

#include <QWidget>

class QLabel;
class QSpinBox;
class QToolButton;

namespace hearth::ui {

class FindBar;
class PdfView;
class Theme;

/// The opened PDF beside the chat: pages, page number, zoom, find. Thread: UI.
class DocumentPane : public QWidget {
    Q_OBJECT

public:
    explicit DocumentPane(const Theme& theme, QWidget* parent = nullptr);

    void open(const QString& path);
    void closeFile();
    [[nodiscard]] bool shutdown(std::chrono::milliseconds limit) { return m_reader.shutdown(limit); }
    [[nodiscard]] PdfView& view() { return *m_view; }
    [[nodiscard]] QString path() const { return m_reader.path(); }
    void openFind();
    /// Goes to the next (1) or previous (-1) match.
    void stepMatch(int direction);

Q_SIGNALS:
    void opened(const QString& path);
    void failed(const QString& path, const hearth::Error& error);

protected:
    void changeEvent(QEvent* event) override;

private:
    void build();
    void find(const QString& text);
    void showMatch(int index);
    void updatePageNumber();
    void retranslate();

    const Theme& m_theme;
    PdfReader m_reader;
    QList<PdfMatch> m_matches;
    int m_currentMatch = -1;
    PdfView* m_view;
    FindBar* m_findBar;
    QSpinBox* m_page;
    QLabel* m_pageCount;
    QToolButton* m_find;
    QToolButton* m_zoomOut;
    QToolButton* m_zoomIn;
    QToolButton* m_fit;
};

} // namespace hearth::ui
