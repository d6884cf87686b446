-- What a model thought before it answered. Apart from the text: it is not searched, and not part of what is copied.
ALTER TABLE messages ADD COLUMN reasoning TEXT NOT NULL DEFAULT '';
