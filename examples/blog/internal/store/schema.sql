CREATE TABLE IF NOT EXISTS users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT, -- never given twice: activities name it for ever
    name          TEXT    NOT NULL UNIQUE,
    password_hash BLOB    NOT NULL,
    admin         INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS sessions (
    token_hash BLOB    PRIMARY KEY, -- SHA-256: who reads this table cannot use a session
    public_id  TEXT    NOT NULL UNIQUE, -- names the session in activities, opens nothing
    user_id    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL -- seconds since 1970
);

CREATE TABLE IF NOT EXISTS posts (
    slug  TEXT PRIMARY KEY,
    title TEXT NOT NULL,
    body  TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS articles (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    author_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    title     TEXT NOT NULL,
    body      TEXT NOT NULL
);
