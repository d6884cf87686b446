#pragma once

#include "app/errors/error_text.h"

#include <QTimer>
#include <QWidget>

class QHBoxLayout;
class QStackedWidget;

namespace hearth {
class Services;
struct ContextUse;
} // namespace hearth

namespace hearth::ui {

class Actions;
class Banner;
class ChatHeader;
class Composer;
class ConversationPresenter;
class ConversationView;
class FindBar;
class FirstRunPage;
class Theme;

/// The middle of the window: header, messages (or what stands in their place), banner and composer, joined to the
/// services. Thread: UI.
class ChatPane : public QWidget {
    Q_OBJECT

public:
    /// All outlive the pane.
    ChatPane(const Theme& theme, Actions& actions, Services& services, QWidget* parent = nullptr);

    [[nodiscard]] ChatHeader& header() { return *m_header; }
    [[nodiscard]] Composer& composer() { return *m_composer; }
    [[nodiscard]] ConversationView& view() { return *m_view; }
    [[nodiscard]] Banner& banner() { return *m_banner; }

    /// What stands below the messages: banner and composer.
    [[nodiscard]] const QWidget& dock() const { return *m_dock; }
    void focusComposer();
    /// F6 stops at the messages, then at the composer.
    [[nodiscard]] QList<QWidget*> focusStops();
    void showError(const ErrorText& error);
    void regenerateLast();
    void editLast();
    void openFind();
    void stepMatch(int direction);
    /// Puts it on the clipboard; false if there is none.
    bool copyLastAnswer();
    bool copyLastCodeBlock();
    /// The answer that the keys are at, else the newest; 0 if there is none.
    [[nodiscard]] qint64 chosenAnswer() const;

Q_SIGNALS:
    void attachRequested();
    void importRequested();
    void chooseModelRequested();
    void filesPasted(const QList<QUrl>& urls);
    void imagePasted(const QImage& image);
    /// How an answer came about.
    void mixtureRequested(qint64 answer);

protected:
    void changeEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void build();
    void alignDock();
    void connectComposer();
    void connectView();
    void startEdit(qint64 message, const QString& text);
    void connectController();
    void connectEngine();
    void send(const QString& text);
    void attachPastedText(const QString& text);
    void showContextMeter(const ContextUse& use);
    void showLoadProgress(double fraction);
    void showImportProgress(quint64 done, quint64 total);
    void showLoadedModel();
    void updatePage();
    void updateComposerMode();
    void updateTitle();

    const Theme& m_theme;
    Actions& m_actions;
    Services& m_services;
    bool m_librarySeen = false;
    qint64 m_editedMessage = 0;
    bool m_storageTroubleShown = false;
    QTimer m_loadBannerDelay;
    double m_loadFraction = 0;
    ChatHeader* m_header;
    FindBar* m_findBar;
    QWidget* m_dock; ///< banner and composer
    QHBoxLayout* m_dockRow;
    QStackedWidget* m_stack;
    QWidget* m_blank;
    FirstRunPage* m_firstRun;
    ConversationView* m_view;
    ConversationPresenter* m_presenter;
    Banner* m_banner;
    Composer* m_composer;
};

} // namespace hearth::ui
