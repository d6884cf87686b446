#pragma once

#include "ui/composer/draft_edit.h"

#include <QList>
#include <QWidget>

class QLabel;
class QPushButton;
class QToolButton;

namespace hearth {
struct Attachment;
}

namespace hearth::ui {

class Theme;

/// What the round button does.
enum class ComposerMode {
    Ready,       ///< sends
    Busy,        ///< stops
    Unavailable, ///< no model: typing is possible, sending is not
};

/// Where questions are written: a growing field, the files that go with the question, and one button that sends or
/// stops. Shows and reports; ChatController decides. Thread: UI.
class Composer : public QWidget {
    Q_OBJECT

public:
    explicit Composer(const Theme& theme, QWidget* parent = nullptr);

    [[nodiscard]] QString text() const;
    /// Replaces the draft without draftEdited().
    void setText(const QString& text);
    void setMode(ComposerMode mode);
    [[nodiscard]] ComposerMode mode() const { return m_mode; }
    void setAttachments(const QList<hearth::Attachment>& attachments);
    /// 0: nothing is shown.
    void setDraftTokens(int tokens);
    void setSendKey(SendKey key);
    void focusText();

    /// Shows an old question to be written anew; the draft is kept aside until that is sent or given up.
    void startEdit(const QString& text);
    void endEdit();
    [[nodiscard]] bool isEditing() const { return m_editing; }

Q_SIGNALS:
    void sendRequested(const QString& text);
    void editSubmitted(const QString& text);
    void stopRequested();
    void attachRequested();
    void attachmentRemoveRequested(int index);
    void draftEdited(const QString& text);
    void editLastRequested();
    void escapePressed(); ///< nothing was there to stop
    void longTextPasted(const QString& text);
    void imagePasted(const QImage& image);
    void filesPasted(const QList<QUrl>& urls);

protected:
    void paintEvent(QPaintEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void build();
    void replaceText(const QString& text);
    void send();
    void updateButton();
    void updateFonts();
    void retranslate();

    const Theme& m_theme;
    ComposerMode m_mode = ComposerMode::Ready;
    SendKey m_sendKey = SendKey::Enter;
    int m_draftTokens = 0;
    bool m_hasAttachments = false;
    bool m_editing = false;
    QString m_keptDraft;
    QWidget* m_editBar;
    QLabel* m_editLabel;
    QToolButton* m_editCancel;
    QWidget* m_chips;
    DraftEdit* m_edit;
    QToolButton* m_attach;
    QLabel* m_hint;
    QPushButton* m_button;
};

} // namespace hearth::ui
