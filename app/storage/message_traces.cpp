// The SQL of ChatRepository that concerns the recordings of answers.
#include "app/storage/chat_repository.h"

namespace hearth {

Status ChatRepository::saveTrace(const TracePiece& piece) {
    HEARTH_TRY(Statement insert, Statement::prepare(m_database, "INSERT INTO answer_traces (id, message, data) "
                                                                "VALUES (?1, ?2, ?3) ON CONFLICT (id) DO NOTHING"));
    return insert.bind(1, piece.id).bind(2, piece.message).bind(3, piece.data).run();
}

Result<AnswerTrace> ChatRepository::run(const LoadTrace& request) {
    HEARTH_TRY(Statement statement,
               Statement::prepare(m_database, "SELECT data FROM answer_traces WHERE message = ?1 ORDER BY id"));
    statement.bind(1, request.message);
    AnswerTrace trace;
    while (true) {
        HEARTH_TRY(const bool found, statement.step());
        if (!found)
            return trace;
        HEARTH_CHECK(trace.append(statement.blob(0)));
    }
}

} // namespace hearth
