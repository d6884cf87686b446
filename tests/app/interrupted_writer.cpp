// Chats with a scripted engine until it is killed: for tst_interruption. Prints a line whenever text is shown.
//   interrupted_writer FOLDER

#include "app/chat/chat_controller.h"
#include "app/chat/conversation_store.h"
#include "app/services.h"
#include "tests/app/fake_engine.h"

#include <QCoreApplication>
#include <QStringList>

#include <cstdio>

int main(int argc, char** argv) {
    using namespace hearth;
    QCoreApplication application(argc, argv);
    FakeEngineScript script;
    script.answers = {std::vector<std::string>(1000000, "word ")};
    script.pieceDelay = std::chrono::milliseconds(5);
    Services services(Paths::under(application.arguments().value(1)), script.factory());
    ChatController& chat = services.chat();
    QObject::connect(&chat.model(), &ConversationModel::textAppended, &application, [&chat] {
        const Message& answer = chat.model().messageAt(chat.model().rowCount() - 1);
        std::printf("shown %lld\n", static_cast<long long>(answer.text.size()));
        std::fflush(stdout);
    });
    services.loadModel(QStringLiteral("/models/fake.gguf"));
    QObject::connect(&services.engine(), &EngineService::modelLoaded, &application,
                     [&chat] { chat.send(QStringLiteral("Talk until you are killed")); });
    return application.exec();
}
