-- +goose Up
-- A commit follows each statement on its own, so each can run twice.
-- Text compares byte by byte, trailing spaces and all, which takes a collation that MySQL and MariaDB name differently:
-- each reads its own kind of comment.
CREATE TABLE IF NOT EXISTS {{table}} (
    event_id        CHAR(36)     CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY, -- UUIDv7: its order is the order of action_time
    action_time     DATETIME(6)  NOT NULL, -- UTC
    actor_id        VARCHAR(255),
    actor_type      VARCHAR(255),
    actor_name      LONGTEXT,
    impersonator_id LONGTEXT,
    tenant_id       LONGTEXT,
    action_type     VARCHAR(255) NOT NULL,
    action_name     LONGTEXT,
    status          VARCHAR(255) NOT NULL,
    error_type      LONGTEXT,
    object_type     VARCHAR(255),
    object_id       VARCHAR(255),
    object_name     LONGTEXT,
    remarks         LONGTEXT,
    data            JSON         NOT NULL DEFAULT ('{}'),
    client_address  LONGTEXT,
    user_agent      LONGTEXT,
    session_id      LONGTEXT,
    service_name    LONGTEXT,
    trace_id        VARCHAR(255),
    span_id         VARCHAR(255),
    source          VARCHAR(255) NOT NULL,
    recorded_at     DATETIME(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6)),
    KEY "{{index}}_action_time_idx" (action_time),
    KEY "{{index}}_actor_idx" (actor_id, action_time),
    KEY "{{index}}_object_idx" (object_type, object_id, action_time),
    KEY "{{index}}_trace_idx" (trace_id),
    KEY "{{index}}_action_type_idx" (action_type, action_time) -- failed logins: there are no indexes of some rows only
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M! COLLATE utf8mb4_nopad_bin */;

CREATE TABLE IF NOT EXISTS {{dead_letter}} (
    event_id    CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    action_time DATETIME(6),          -- UTC; NULL after the year 9999, where DATETIME ends
    reason      LONGTEXT    NOT NULL, -- what the database said
    record      LONGTEXT    NOT NULL, -- the row, a JSON object of its columns
    recorded_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6))
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M! COLLATE utf8mb4_nopad_bin */;
