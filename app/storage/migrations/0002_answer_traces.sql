-- How answers came about: tokens, probabilities, experts. Pieces in the order of their ids, as they were written while
-- the answer was made; app/trace/trace_format.h says what is in them.

CREATE TABLE answer_traces (
    id      INTEGER PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    data    BLOB NOT NULL
) STRICT;

CREATE INDEX answer_traces_by_message ON answer_traces (message, id);
