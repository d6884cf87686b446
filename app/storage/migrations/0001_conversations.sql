-- Conversations and their messages, as a tree; text files that go with questions; search over the text.
-- Times are milliseconds since 1970 in UTC.

CREATE TABLE conversations (
    id            INTEGER PRIMARY KEY,
    title         TEXT NOT NULL DEFAULT '',
    created       INTEGER NOT NULL,
    updated       INTEGER NOT NULL,
    model_file    TEXT NOT NULL DEFAULT '',
    system_prompt TEXT NOT NULL DEFAULT '',
    settings      TEXT NOT NULL DEFAULT '{}',
    draft         TEXT NOT NULL DEFAULT '',
    pinned        INTEGER NOT NULL DEFAULT 0 CHECK (pinned IN (0, 1)),
    selected_root INTEGER, -- a message; a hint, not a reference
    removed       INTEGER  -- when it was deleted; it goes for good some time later
) STRICT;

-- `parent` is not deleted in a cascade: a long conversation would exceed SQLite's depth of triggers. Rows go with their
-- conversation; the deferred check sees to it that they go together.
CREATE TABLE messages (
    id             INTEGER PRIMARY KEY,
    conversation   INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    parent         INTEGER REFERENCES messages (id) DEFERRABLE INITIALLY DEFERRED,
    role           TEXT NOT NULL CHECK (role IN ('system', 'user', 'assistant')),
    state          TEXT NOT NULL CHECK (state IN ('streaming', 'complete', 'stopped', 'failed', 'interrupted')),
    text           TEXT NOT NULL,
    failure        TEXT NOT NULL DEFAULT '',
    created        INTEGER NOT NULL,
    stats          TEXT NOT NULL DEFAULT '{}',
    selected_child INTEGER -- a message; a hint, not a reference
) STRICT;

CREATE INDEX messages_by_conversation ON messages (conversation);
CREATE INDEX messages_by_parent ON messages (parent);
-- Tiny: at start it finds what the last run left unfinished.
CREATE INDEX messages_streaming ON messages (id) WHERE state = 'streaming';

CREATE TABLE attachments (
    id         INTEGER PRIMARY KEY,
    message    INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    position   INTEGER NOT NULL,
    file_name  TEXT NOT NULL,
    sha256     BLOB NOT NULL CHECK (length(sha256) = 32),
    size_bytes INTEGER NOT NULL
) STRICT;

CREATE INDEX attachments_by_message ON attachments (message, position);
CREATE INDEX attachments_by_sha256 ON attachments (sha256);

-- Trigrams find parts of words and text without spaces between words. A message is indexed when its text is final:
-- saving a streaming answer twice a second must not index it each time.
CREATE VIRTUAL TABLE message_search USING fts5(text, content = 'messages', content_rowid = 'id', tokenize = 'trigram');

CREATE TRIGGER message_search_insert AFTER INSERT ON messages WHEN new.state <> 'streaming' BEGIN
    INSERT INTO message_search (rowid, text) VALUES (new.id, new.text);
END;
CREATE TRIGGER message_search_delete AFTER DELETE ON messages WHEN old.state <> 'streaming' BEGIN
    INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER message_search_update_out BEFORE UPDATE OF text, state ON messages WHEN old.state <> 'streaming' BEGIN
    INSERT INTO message_search (message_search, rowid, text) VALUES ('delete', old.id, old.text);
END;
CREATE TRIGGER message_search_update_in AFTER UPDATE OF text, state ON messages WHEN new.state <> 'streaming' BEGIN
    INSERT INTO message_search (rowid, text) VALUES (new.id, new.text);
END;
