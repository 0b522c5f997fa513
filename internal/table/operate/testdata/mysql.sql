-- The schema of activity_log for mysql, from version 0 to 8, by "activitylog schema print".
-- Each statement leaves what is there already.

SET SESSION sql_mode = CONCAT(@@SESSION.sql_mode, ',ANSI_QUOTES');

-- 00001_activity_log.sql
(its statements)

-- 00002_views.sql
(its statements)

-- 00003_login_attempts.sql
(its statements)

-- 00004_folded_logins.sql
(its statements)

-- 00005_objects.sql
(its statements)

-- 00006_tenant_index.sql
(its statements)

-- 00007_session_indexes.sql
(its statements)

-- 00008_counts.sql
(its statements)

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
