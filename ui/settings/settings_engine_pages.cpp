// The pages of SettingsDialog that concern the engine: loading a model, and how answers are drawn.
#include "ui/settings/settings_dialog.h"

#include "app/engine_service/engine_service.h"
#include "app/models/model_library.h"
#include "app/services.h"
#include "app/settings/settings.h"
#include "kernels/base/cores.h"
#include "ui/settings/settings_form.h"
#include "ui/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QRegularExpressionValidator>
#include <QStackedWidget>

#include <optional>

namespace hearth::ui {

namespace {

QDoubleSpinBox* makeNumber(const char* name, double value, double from, double to, double step, int decimals) {
    auto* field = new QDoubleSpinBox;
    field->setObjectName(QLatin1String(name));
    field->setDecimals(decimals);
    field->setRange(from, to);
    field->setSingleStep(step);
    field->setValue(value);
    return field;
}

QSpinBox* makeInteger(const char* name, int value, int from, int to, int step) {
    auto* field = new QSpinBox;
    field->setObjectName(QLatin1String(name));
    field->setRange(from, to);
    field->setSingleStep(step);
    field->setGroupSeparatorShown(true);
    field->setValue(value);
    return field;
}

/// Calls `change` on the settings' sampler with every new value of `field`.
template <typename Field, typename Change>
void bindSampler(Field* field, Settings& settings, QObject* context, Change change) {
    QObject::connect(field, &Field::valueChanged, context, [&settings, change](auto value) {
        SamplerSettings sampler = settings.sampler();
        change(sampler, value);
        settings.setSampler(sampler);
    });
}

} // namespace

SettingsForm* SettingsDialog::makeModelPage() {
    auto* form = new SettingsForm(m_theme, tr("Model"), m_stack);
    Settings& settings = this->settings();

    auto* device = new QComboBox;
    device->setObjectName(QStringLiteral("settingDevice"));
    device->addItem(tr("Automatic"), QString());
    device->addItem(tr("Processor"), QStringLiteral("cpu"));
    device->addItem(tr("Reference (slow, exact)"), QStringLiteral("reference"));
    if (device->findData(settings.device()) < 0) {
        device->addItem(settings.device(), settings.device());
    }
    device->setCurrentIndex(device->findData(settings.device()));
    connect(device, &QComboBox::activated, this,
            [&settings, device](int index) { settings.setDevice(device->itemData(index).toString()); });
    form->addRow(tr("Device"), tr("What computes the answers."), device);

    QSpinBox* threads = makeInteger("settingThreads", settings.threads(), 0, 256, 1);
    threads->setSpecialValueText(tr("Automatic"));
    connect(threads, &QSpinBox::valueChanged, this, [&settings](int value) { settings.setThreads(value); });
    form->addRow(tr("Threads"), tr("This computer has %n core(s).", nullptr, usableCores()), threads);

    QSpinBox* context = makeInteger("settingContext", settings.contextTokens(), 0, 1'048'576, 1024);
    context->setSpecialValueText(tr("Automatic"));
    context->setKeyboardTracking(false); // a half typed number below the smallest would read as automatic
    connect(context, &QSpinBox::valueChanged, this, [&settings](int value) { settings.setContextTokens(value); });
    form->addRow(tr("Context"), tr("How many tokens the model can keep in view. More takes more memory."), context);

    addCacheTypeRow(*form);
    auto* reload = new QPushButton(tr("Load the model again"));
    reload->setObjectName(QStringLiteral("settingReload"));
    reload->setEnabled(!m_services.engine().modelPath().isEmpty());
    connect(reload, &QPushButton::clicked, this, [this] { m_services.loadModel(m_services.engine().modelPath()); });
    form->addRow(tr("Apply"), tr("What stands above works from the next time a model is loaded."), reload);
    addKeepConversationsRow(*form);
    addFolderRows(*form);
    return form;
}

void SettingsDialog::addCacheTypeRow(SettingsForm& form) {
    Settings& settings = this->settings();
    auto* type = new QComboBox;
    type->setObjectName(QStringLiteral("settingCacheType"));
    type->addItem(tr("Half precision"), QString());
    type->addItem(tr("8 bits"), QStringLiteral("q8_0"));
    type->addItem(tr("4 bits"), QStringLiteral("q4_0"));
    type->addItem(tr("Full precision"), QStringLiteral("f32"));
    type->setCurrentIndex(type->findData(settings.cacheType()));
    connect(type, &QComboBox::activated, this,
            [&settings, type](int index) { settings.setCacheType(type->itemData(index).toString()); });
    form.addRow(tr("Stored as"), tr("Fewer bits take less memory for the context, and cost some exactness."), type);
}

void SettingsDialog::addKeepConversationsRow(SettingsForm& form) {
    Settings& settings = this->settings();
    auto* keep = new QCheckBox;
    keep->setObjectName(QStringLiteral("settingKeepConversations"));
    keep->setChecked(settings.keepsConversations());
    connect(keep, &QCheckBox::toggled, this, [&settings](bool on) { settings.setKeepsConversations(on); });
    form.addRow(tr("Old conversations go on at once"),
                tr("Keeps on disk what a model has read of them, so that it need not read them again. Takes at most "
                   "4 GB; turning it off removes what is kept."),
                keep);
}

void SettingsDialog::addFolderRows(SettingsForm& form) {
    form.addHeading(tr("Folders"));
    form.addText(tr("Imported models are kept in %1").arg(m_services.models().modelsFolder()));
    auto* folders = new QListWidget;
    folders->setObjectName(QStringLiteral("settingFolders"));
    folders->addItems(settings().modelFolders());
    folders->setMaximumHeight(120);
    auto* add = new QPushButton(tr("Add…"));
    add->setObjectName(QStringLiteral("settingFolderAdd"));
    auto* remove = new QPushButton(tr("Remove"));
    remove->setObjectName(QStringLiteral("settingFolderRemove"));
    remove->setEnabled(false);
    const auto store = [this, folders] {
        QStringList paths;
        for (int row = 0; row < folders->count(); ++row) {
            paths.append(folders->item(row)->text());
        }
        settings().setModelFolders(paths);
    };
    connect(folders, &QListWidget::currentRowChanged, remove, [remove](int row) { remove->setEnabled(row >= 0); });
    connect(add, &QPushButton::clicked, this, [this, folders, store] {
        auto* dialog = new QFileDialog(this, tr("Add a folder with models"));
        dialog->setAttribute(Qt::WA_DeleteOnClose);
        dialog->setFileMode(QFileDialog::Directory);
        connect(dialog, &QFileDialog::fileSelected, folders, [folders, store](const QString& path) {
            if (folders->findItems(path, Qt::MatchExactly).isEmpty()) {
                folders->addItem(path);
                store();
            }
        });
        dialog->open();
    });
    connect(remove, &QPushButton::clicked, folders, [folders, store] {
        delete folders->takeItem(folders->currentRow());
        store();
    });
    form.addWideRow(tr("Further folders"), tr("Model files in these are listed too; they stay where they are."),
                    folders);
    auto* buttons = new QWidget;
    auto* row = new QHBoxLayout(buttons);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(add);
    row->addWidget(remove);
    row->addStretch(1);
    form.addControls(buttons);
}

SettingsForm* SettingsDialog::makeAnswersPage() {
    auto* form = new SettingsForm(m_theme, tr("Answers"), m_stack);
    addSamplerRows(*form);
    addLengthAndSeedRows(*form);
    addPenaltyRows(*form);
    auto* reset = new QPushButton(tr("Restore defaults"));
    reset->setObjectName(QStringLiteral("settingSamplerReset"));
    connect(reset, &QPushButton::clicked, this, [this] {
        settings().setSampler(Settings::defaultSampler());
        settings().setFixedSeed(std::nullopt);
        settings().setMaxAnswerTokens(-1);
        build();
    });
    form->addRow(tr("Defaults"), tr("Sets everything on this page back."), reset);
    return form;
}

void SettingsDialog::addSamplerRows(SettingsForm& form) {
    Settings& settings = this->settings();
    const SamplerSettings sampler = settings.sampler();
    QDoubleSpinBox* temperature = makeNumber("settingTemperature", sampler.temperature, 0, 5, 0.05, 2);
    bindSampler(temperature, settings, this,
                [](SamplerSettings& s, double v) { s.temperature = static_cast<float>(v); });
    form.addRow(tr("Temperature"), tr("0 always takes the likeliest word; higher is freer."), temperature);

    QSpinBox* topK = makeInteger("settingTopK", sampler.topK, 0, 1000, 5);
    topK->setSpecialValueText(tr("Off"));
    bindSampler(topK, settings, this, [](SamplerSettings& s, int v) { s.topK = v; });
    form.addRow(tr("Top K"), tr("Chooses among this many of the likeliest tokens."), topK);

    QDoubleSpinBox* topP = makeNumber("settingTopP", sampler.topP, 0, 1, 0.05, 2);
    bindSampler(topP, settings, this, [](SamplerSettings& s, double v) { s.topP = static_cast<float>(v); });
    form.addRow(tr("Top P"), tr("Chooses among the likeliest tokens that together reach this share; 1 is off."), topP);

    QDoubleSpinBox* minP = makeNumber("settingMinP", sampler.minP, 0, 1, 0.01, 2);
    bindSampler(minP, settings, this, [](SamplerSettings& s, double v) { s.minP = static_cast<float>(v); });
    form.addRow(tr("Min P"), tr("Drops tokens less likely than this share of the best one; 0 is off."), minP);

    QDoubleSpinBox* typical = makeNumber("settingTypicalP", sampler.typicalP, 0, 1, 0.05, 2);
    bindSampler(typical, settings, this, [](SamplerSettings& s, double v) { s.typicalP = static_cast<float>(v); });
    form.addRow(tr("Typical P"), tr("Prefers tokens of ordinary surprise; 1 is off."), typical);
}

void SettingsDialog::addPenaltyRows(SettingsForm& form) {
    Settings& settings = this->settings();
    const SamplerSettings sampler = settings.sampler();
    form.addHeading(tr("Repetition"));
    QDoubleSpinBox* repetition = makeNumber("settingRepetition", sampler.repetitionPenalty, 1, 2, 0.05, 2);
    bindSampler(repetition, settings, this,
                [](SamplerSettings& s, double v) { s.repetitionPenalty = static_cast<float>(v); });
    form.addRow(tr("Repetition penalty"), tr("1 is off."), repetition);
    QDoubleSpinBox* frequency = makeNumber("settingFrequency", sampler.frequencyPenalty, -2, 2, 0.1, 2);
    bindSampler(frequency, settings, this,
                [](SamplerSettings& s, double v) { s.frequencyPenalty = static_cast<float>(v); });
    form.addRow(tr("Frequency penalty"), tr("Grows with each use of a token."), frequency);
    QDoubleSpinBox* presence = makeNumber("settingPresence", sampler.presencePenalty, -2, 2, 0.1, 2);
    bindSampler(presence, settings, this,
                [](SamplerSettings& s, double v) { s.presencePenalty = static_cast<float>(v); });
    form.addRow(tr("Presence penalty"), tr("Once for every token that was used."), presence);
    QSpinBox* window = makeInteger("settingPenaltyWindow", sampler.penaltyWindow, -1, 65'536, 64);
    window->setSpecialValueText(tr("All"));
    bindSampler(window, settings, this, [](SamplerSettings& s, int v) { s.penaltyWindow = v; });
    form.addRow(tr("Looks back"), tr("Tokens that the penalties above consider."), window);
    QDoubleSpinBox* dry = makeNumber("settingDry", sampler.dryMultiplier, 0, 5, 0.1, 2);
    bindSampler(dry, settings, this, [](SamplerSettings& s, double v) { s.dryMultiplier = static_cast<float>(v); });
    form.addRow(tr("DRY"), tr("Keeps whole phrases from coming again; 0 is off, 0.8 is usual."), dry);
}

void SettingsDialog::addLengthAndSeedRows(SettingsForm& form) {
    Settings& settings = this->settings();
    QSpinBox* length = makeInteger("settingMaxTokens", settings.maxAnswerTokens(), -1, 1'048'576, 128);
    length->setSpecialValueText(tr("Until the context is full"));
    connect(length, &QSpinBox::valueChanged, this,
            [&settings](int value) { settings.setMaxAnswerTokens(value == 0 ? -1 : value); });
    form.addRow(tr("Longest answer"), tr("In tokens."), length);

    auto* seed = new QLineEdit;
    seed->setObjectName(QStringLiteral("settingSeed"));
    seed->setFixedWidth(200);
    seed->setPlaceholderText(tr("New for each answer"));
    seed->setValidator(new QRegularExpressionValidator(QRegularExpression(QStringLiteral("[0-9]{0,19}")), seed));
    if (const std::optional<quint64> fixed = settings.fixedSeed()) {
        seed->setText(QString::number(*fixed));
    }
    connect(seed, &QLineEdit::textChanged, this, [&settings](const QString& text) {
        bool isNumber = false;
        const quint64 value = text.toULongLong(&isNumber);
        settings.setFixedSeed(isNumber ? std::optional(value) : std::nullopt);
    });
    auto* record = new QCheckBox;
    record->setObjectName(QStringLiteral("settingRecord"));
    record->setChecked(settings.recordAnswers());
    connect(record, &QCheckBox::toggled, this, [&settings](bool on) { settings.setRecordAnswers(on); });
    form.addRow(tr("Record how answers come about"),
                tr("Probabilities and experts of each token, for the mixture pane. About 1 KB a token."), record);
    auto* guess = new QCheckBox;
    guess->setObjectName(QStringLiteral("settingGuess"));
    guess->setChecked(settings.guessesAhead());
    connect(guess, &QCheckBox::toggled, this, [&settings](bool on) { settings.setGuessesAhead(on); });
    form.addRow(tr("Guess ahead"),
                tr("What repeats earlier text, such as quotes and edits, comes sooner. Answers stay the same."), guess);
    form.addRow(tr("Seed"), tr("The same seed gives the same answer to the same question."), seed);
}

} // namespace hearth::ui
