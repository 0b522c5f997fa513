package outbox

// The tables have the same columns. docs/adr/0022-outbox-table.md says why these.
// Removing rows is most of what happens to them, so PostgreSQL is told to vacuum by
// number of rows and not by their share.
const (
	postgresSchema = `CREATE TABLE IF NOT EXISTS %s (
    seq         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id    uuid        NOT NULL, -- of the activity
    recorded_at timestamptz NOT NULL DEFAULT now(),
    attempts    integer     NOT NULL DEFAULT 0, -- that failed because of this row
    retry_at    timestamptz, -- it is not sent before
    error       text, -- of the last attempt
    record      text        NOT NULL -- the row of activity_log, a JSON object of its columns
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)`

	mysqlSchema = `CREATE TABLE IF NOT EXISTS %s (
    seq         BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    event_id    CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL, -- of the activity
    recorded_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    attempts    INT         NOT NULL DEFAULT 0, -- that failed because of this row
    retry_at    DATETIME(6), -- it is not sent before, in UTC
    error       LONGTEXT, -- of the last attempt
    record      LONGTEXT    NOT NULL -- the row of activity_log, a JSON object of its columns
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4`

	sqliteSchema = `CREATE TABLE IF NOT EXISTS %s (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT, -- never used twice
    event_id    TEXT    NOT NULL, -- of the activity
    recorded_at TEXT    NOT NULL DEFAULT (strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')), -- UTC
    attempts    INTEGER NOT NULL DEFAULT 0, -- that failed because of this row
    retry_at    TEXT, -- it is not sent before, also the end of a relay's claim
    error       TEXT, -- of the last attempt
    record      TEXT    NOT NULL -- the row of activity_log, a JSON object of its columns
)`
)
