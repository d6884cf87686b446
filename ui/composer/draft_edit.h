#pragma once

#include <QPlainTextEdit>

class QImage;

namespace hearth::ui {

/// Which key sends; Shift+Enter does the other thing.
enum class SendKey { Enter, ShiftEnter };

/// The text field of the composer: as high as its text up to eight lines, then it scrolls. Thread: UI.
class DraftEdit : public QPlainTextEdit {
    Q_OBJECT

public:
    /// A paste of more characters than this becomes an attachment: a prompt can hold it, a text field is no place to
    /// read it.
    static constexpr qsizetype kLongPaste = 4000;

    explicit DraftEdit(QWidget* parent = nullptr);

    void setSendKey(SendKey key) { m_sendKey = key; }

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    void sendPressed();
    void escapePressed();
    void editLastPressed(); ///< Up in an empty field
    void longTextPasted(const QString& text);
    void imagePasted(const QImage& image);
    void filesPasted(const QList<QUrl>& urls);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    [[nodiscard]] bool canInsertFromMimeData(const QMimeData* source) const override;
    void insertFromMimeData(const QMimeData* source) override;

private:
    [[nodiscard]] int heightOfLines(int lines) const;
    void fitHeight();

    SendKey m_sendKey = SendKey::Enter;
    int m_lines = 1;
};

} // namespace hearth::ui
