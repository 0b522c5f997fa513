-- The schema of activity_log for mysql, from version 0 to 8, by "activitylog schema print".
-- Each statement leaves what is there already.

SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',ANSI_QUOTES');

-- 00001_activity_log.sql
-- A commit follows each statement on its own, so each can run twice.
-- Text compares byte by byte, trailing spaces and all, which takes a collation that MySQL and MariaDB name differently:
-- each reads its own kind of comment.
CREATE TABLE IF NOT EXISTS "activity_log" (
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
    KEY "activity_log_action_time_idx" (action_time),
    KEY "activity_log_actor_idx" (actor_id, action_time),
    KEY "activity_log_object_idx" (object_type, object_id, action_time),
    KEY "activity_log_trace_idx" (trace_id),
    KEY "activity_log_action_type_idx" (action_type, action_time) -- failed logins: there are no indexes of some rows only
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M! COLLATE utf8mb4_nopad_bin */;

CREATE TABLE IF NOT EXISTS "activity_log_dead_letter" (
    event_id    CHAR(36)    CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    action_time DATETIME(6),          -- UTC; NULL after the year 9999, where DATETIME ends
    reason      LONGTEXT    NOT NULL, -- what the database said
    record      LONGTEXT    NOT NULL, -- the row, a JSON object of its columns
    recorded_at DATETIME(6) NOT NULL DEFAULT (UTC_TIMESTAMP(6))
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M! COLLATE utf8mb4_nopad_bin */;

-- 00002_views.sql
-- Views whose names and columns stay the same: docs/audit/queries.md.

-- The view "activity_log_logins" is in 00004_folded_logins.sql.

-- What was done to an object, and what it changed: {"field": ["before", "after"]}.
CREATE OR REPLACE VIEW "activity_log_object_history" AS
SELECT event_id, object_type, object_id, object_name, action_time, action_type, action_name, status, error_type,
    actor_id, actor_name, impersonator_id, JSON_EXTRACT(data, '$.changes') AS changes, remarks, service_name, trace_id
FROM "activity_log"
WHERE object_type IS NOT NULL AND object_id IS NOT NULL;

-- Activities of each day, in UTC. Each sampled read counts with its weight.
CREATE OR REPLACE VIEW "activity_log_daily" AS
SELECT CAST(action_time AS DATE) AS day, service_name, source, action_type, status,
    COUNT(*) AS records,
    SUM(CASE WHEN JSON_TYPE(JSON_EXTRACT(data, '$.sample_weight')) IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL')
        THEN CAST(JSON_EXTRACT(data, '$.sample_weight') AS DECIMAL(30, 10)) ELSE 1 END) AS activities,
    COUNT(DISTINCT actor_id) AS actors
FROM "activity_log"
GROUP BY 1, 2, 3, 4, 5;

-- 00003_login_attempts.sql
-- The view "activity_log_logins" is in 00004_folded_logins.sql.

-- 00004_folded_logins.sql
-- Logins, logouts, failed logins, and logins whose outcome nobody knows. claimed is the user name entered, and times
-- how many the row stands for: the processor folds those that nobody known repeats.
CREATE OR REPLACE VIEW "activity_log_logins" AS
SELECT event_id, action_time, action_type, status, error_type, actor_id, actor_name,
    JSON_UNQUOTE(JSON_EXTRACT(data, '$.claimed')) AS claimed,
    client_address, user_agent, session_id, service_name, trace_id,
    CASE WHEN source = 'derived' AND JSON_TYPE(JSON_EXTRACT(data, '$.count')) IN ('INTEGER', 'UNSIGNED INTEGER') THEN CAST(JSON_EXTRACT(data, '$.count') AS SIGNED) ELSE 1 END AS times
FROM "activity_log"
WHERE action_type IN ('Login', 'Logout', 'Login Failed', 'Login Attempt');

-- 00005_objects.sql
-- Each object of each activity: the main one, and the others of data.objects, up to a hundred. No index serves the
-- others, because one that only rows with objects pay for does not exist here: docs/adr/0023-several-objects.md.
CREATE OR REPLACE VIEW "activity_log_objects" AS
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    object_type, object_id, object_name, TRUE AS is_main, service_name, trace_id
FROM "activity_log"
WHERE object_type IS NOT NULL OR object_id IS NOT NULL
UNION ALL
SELECT a.event_id, a.action_time, a.actor_id, a.actor_name, a.action_type, a.action_name, a.status,
    IF(JSON_TYPE(JSON_EXTRACT(a.data, CONCAT('$.objects[', n.position, '].type'))) = 'NULL', NULL,
        LEFT(JSON_UNQUOTE(JSON_EXTRACT(a.data, CONCAT('$.objects[', n.position, '].type'))), 255)),
    IF(JSON_TYPE(JSON_EXTRACT(a.data, CONCAT('$.objects[', n.position, '].id'))) = 'NULL', NULL,
        LEFT(JSON_UNQUOTE(JSON_EXTRACT(a.data, CONCAT('$.objects[', n.position, '].id'))), 255)),
    IF(JSON_TYPE(JSON_EXTRACT(a.data, CONCAT('$.objects[', n.position, '].name'))) = 'NULL', NULL,
        JSON_UNQUOTE(JSON_EXTRACT(a.data, CONCAT('$.objects[', n.position, '].name')))),
    FALSE, a.service_name, a.trace_id
FROM "activity_log" a
STRAIGHT_JOIN (SELECT 10 * tens.d + ones.d AS position
    FROM (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
        UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) tens
    JOIN (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
        UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) ones) n
    ON n.position < JSON_LENGTH(a.data, '$.objects')
WHERE LOCATE('"objects"', a.data) > 0 AND JSON_TYPE(JSON_EXTRACT(a.data, '$.objects')) = 'ARRAY'
    AND JSON_TYPE(JSON_EXTRACT(a.data, CONCAT('$.objects[', n.position, ']'))) = 'OBJECT';

-- 00006_tenant_index.sql
-- Other databases get an index of tenants here. MySQL and MariaDB have no indexes of some rows only, so rows without a
-- tenant would pay for it. docs/databases/mysql.md has the statement.
SELECT 1;

-- 00007_session_indexes.sql
-- Other databases get indexes of sessions and impersonators here. MySQL and MariaDB have no indexes of some rows only, so
-- rows without them would pay. docs/databases/mysql.md has the statements.
SELECT 1;

-- 00008_counts.sql
-- How many rows there are of each hour, by what is counted most: docs/adr/0029-counts.md. Both tables are empty until
-- counts are turned on. A key may be there many times: its count is the sum of n.
CREATE TABLE IF NOT EXISTS "activity_log_counts" (
    id           BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    hour         DATETIME(6)  NOT NULL, -- its beginning, UTC
    service_name LONGTEXT,
    tenant_id    LONGTEXT,
    action_type  VARCHAR(255) NOT NULL,
    status       VARCHAR(255) NOT NULL,
    n            BIGINT       NOT NULL,
    KEY "activity_log_counts_hour_idx" (hour)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M! COLLATE utf8mb4_nopad_bin */;

-- Whether the counts are true: one row with the state "usable".
CREATE TABLE IF NOT EXISTS "activity_log_counts_state" (
    id         INT          NOT NULL PRIMARY KEY, -- 1
    state      VARCHAR(255) NOT NULL, -- building, usable or broken
    build      VARCHAR(255) NOT NULL, -- another one for each time that the counts were built
    changed_at DATETIME(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6))
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M! COLLATE utf8mb4_nopad_bin */;

-- The versions that were applied. One that is noted twice counts once.
CREATE TABLE IF NOT EXISTS activity_log_schema (
		id bigint(20) unsigned NOT NULL AUTO_INCREMENT,
		version_id bigint NOT NULL,
		is_applied boolean NOT NULL,
		tstamp timestamp NULL default now(),
		PRIMARY KEY(id)
	);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (0, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (1, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (2, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (3, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (4, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (5, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (6, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (7, true);
INSERT INTO activity_log_schema (version_id, is_applied) VALUES (8, true);
