#pragma once

#include "app/trace/trace_export.h"
#include "ui/mixture/trace_cursor.h"

#include <QWidget>

#include <functional>
#include <memory>

class QLabel;
class QPushButton;
class QScrollArea;
class QSplitter;
class QStackedWidget;
class QToolButton;

namespace hearth::ui {

class HeatMap;
class SummaryStrip;
class Theme;
class TokenDetail;
class TokenView;

/// How one answer came about: its tokens with their probabilities and runners-up, and the way through the experts. It
/// shows what it is given. Thread: UI.
class MixturePane : public QWidget {
    Q_OBJECT

public:
    /// Why there is nothing to show.
    enum class Nothing {
        NoAnswer,     ///< the chat has none
        Loading,      ///< soon
        NotRecorded,  ///< this one was not, others will be
        RecordingOff, ///< nor will others
        Broken,       ///< what is on disk cannot be read
        NotYet,       ///< an answer begins
    };

    explicit MixturePane(const Theme& theme, QWidget* parent = nullptr);

    /// `model`: its name; may be empty.
    void showTrace(std::shared_ptr<const AnswerTrace> trace, const QString& model);
    /// The trace that is shown has more tokens.
    void grow();
    /// The answer is still being written.
    void setWritten(bool isBeingWritten);
    void showNothing(Nothing why);
    /// Whether new answers are recorded, for the menu.
    void setRecording(bool isOn);

    [[nodiscard]] TraceCursor& cursor() { return m_cursor; }
    [[nodiscard]] TokenView& tokens() { return *m_tokens; }
    [[nodiscard]] HeatMap& map() { return *m_map; }
    /// The map as it is shown, with its title.
    [[nodiscard]] QImage picture();
    void saveAs(TraceFormat format, const QString& path);
    void savePicture(const QString& path);
    [[nodiscard]] bool shutdown(std::chrono::milliseconds limit) { return m_exporter.shutdown(limit); }

Q_SIGNALS:
    void recordingWanted(bool isOn);
    /// Something for a passing message: copied, saved.
    void noticed(const QString& sentence);
    void saveFailed(const QString& path, const hearth::Error& error);

protected:
    void changeEvent(QEvent* event) override;

private:
    void build();
    QWidget* buildContent();
    QWidget* buildEmptyPage();
    void applyTheme();
    void updateHeadings();
    void retranslate();
    void openMenu(const QPoint& globalPoint);
    void chooseFile(const QString& title, const QString& filter, const QString& suffix,
                    std::function<void(const QString& path)> save);

    const Theme& m_theme;
    TraceCursor m_cursor;
    TraceExporter m_exporter;
    QString m_model;
    Nothing m_nothing = Nothing::NoAnswer;
    bool m_isWritten = false;
    bool m_isRecording = true;
    QLabel* m_title;
    QToolButton* m_menuButton;
    QStackedWidget* m_stack;
    QScrollArea* m_content;
    QSplitter* m_splitter;
    SummaryStrip* m_summary;
    TokenView* m_tokens;
    QWidget* m_below; ///< what stands below the text
    TokenDetail* m_detail;
    QLabel* m_mapTitle;
    QLabel* m_mapRange;
    HeatMap* m_map;
    QLabel* m_dense;
    QWidget* m_emptyPage;
    QLabel* m_emptyTitle;
    QLabel* m_emptyText;
    QPushButton* m_emptyButton;
};

} // namespace hearth::ui
