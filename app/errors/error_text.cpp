#include "app/errors/error_text.h"

#include <QCoreApplication>

namespace hearth {

namespace {

QString translated(const char* text) {
    return QCoreApplication::translate("hearth::ErrorText", text);
}

const char* whatFailed(Activity activity) {
    switch (activity) {
    case Activity::LoadingModel:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "The model could not be loaded: %1");
    case Activity::ImportingModel:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "The model file could not be added: %1");
    case Activity::Answering:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "No answer could be given: %1");
    case Activity::OpeningDatabase:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "Your conversations could not be opened: %1");
    case Activity::Saving:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "Your conversation is not being saved: %1");
    case Activity::Reading:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "The conversation could not be read: %1");
    case Activity::AttachingFile:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "The file could not be attached: %1");
    case Activity::OpeningImage:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "The picture could not be opened: %1");
    case Activity::OpeningDocument:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "The document could not be opened: %1");
    }
    return "%1";
}

const char* nextStepForModels(ErrorCode code) {
    switch (code) {
    case ErrorCode::NotFound:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "Choose another model, or add a model file.");
    case ErrorCode::Corrupt:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "The file is damaged or not complete: get it again.");
    case ErrorCode::Unsupported:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "Choose a model of a kind that this version knows.");
    case ErrorCode::OutOfMemory:
        return QT_TRANSLATE_NOOP("hearth::ErrorText",
                                 "Choose a smaller model or a shorter context, or close other programs.");
    case ErrorCode::Io:
        return QT_TRANSLATE_NOOP("hearth::ErrorText",
                                 "Check that the file can be read and that the disk has free space.");
    case ErrorCode::Device:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "Choose the processor as device in the settings.");
    default:
        return "";
    }
}

const char* nextStepForStorage(ErrorCode code) {
    switch (code) {
    case ErrorCode::Unsupported:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "Update Hearth. Until then you can chat, but nothing is saved.");
    case ErrorCode::Corrupt:
        return QT_TRANSLATE_NOOP("hearth::ErrorText",
                                 "Move the file away, or put a copy from the backups folder in its place. Until then "
                                 "you can chat, but nothing is saved.");
    case ErrorCode::NotFound:
    case ErrorCode::Io:
        return QT_TRANSLATE_NOOP("hearth::ErrorText",
                                 "Free some space on the disk, or check that the folder can be written to. You can go "
                                 "on; saving is tried again.");
    default:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "You can go on; saving is tried again.");
    }
}

const char* nextStepForAnswers(ErrorCode code) {
    switch (code) {
    case ErrorCode::NotFound:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "Load a model first.");
    case ErrorCode::InvalidInput:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "Shorten the question, or load the model with a longer context.");
    case ErrorCode::OutOfMemory:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "Load a smaller model, or the same with a shorter context.");
    default:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "Try again; if it fails again, load the model anew.");
    }
}

const char* nextStepForFiles(ErrorCode code) {
    switch (code) {
    case ErrorCode::NotFound:
    case ErrorCode::Io:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "Check that the file is still there and can be read.");
    case ErrorCode::Corrupt:
        return QT_TRANSLATE_NOOP("hearth::ErrorText", "The file is damaged: get it again.");
    default:
        return "";
    }
}

const char* nextStepFor(Activity activity, ErrorCode code) {
    switch (activity) {
    case Activity::LoadingModel:
    case Activity::ImportingModel:
        return nextStepForModels(code);
    case Activity::OpeningDatabase:
    case Activity::Saving:
        return nextStepForStorage(code);
    case Activity::Reading:
        return code == ErrorCode::NotFound ? "" : nextStepForStorage(code);
    case Activity::Answering:
        return nextStepForAnswers(code);
    case Activity::AttachingFile:
    case Activity::OpeningImage:
    case Activity::OpeningDocument:
        return nextStepForFiles(code);
    }
    return "";
}

} // namespace

ErrorText presentError(const Error& error, Activity activity) {
    ErrorText text;
    text.code = error.code;
    if (error.code == ErrorCode::Cancelled) {
        text.sentence = translated(QT_TRANSLATE_NOOP("hearth::ErrorText", "Cancelled."));
        return text;
    }
    QString detail = QString::fromStdString(error.message);
    if (!detail.isEmpty() && !detail.endsWith(u'.'))
        detail += u'.';
    text.sentence = translated(whatFailed(activity)).arg(detail);
    const char* const nextStep = nextStepFor(activity, error.code);
    if (*nextStep != '\0')
        text.nextStep = translated(nextStep);
    return text;
}

} // namespace hearth
