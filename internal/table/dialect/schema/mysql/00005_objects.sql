-- +goose Up
-- Each object of each activity: the main one, and the others of data.objects, up to a hundred. No index serves the
-- others, because one that only rows with objects pay for does not exist here: docs/adr/0023-several-objects.md.
CREATE OR REPLACE VIEW {{objects}} AS
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    object_type, object_id, object_name, TRUE AS is_main, service_name, trace_id
FROM {{table}}
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
FROM {{table}} a
STRAIGHT_JOIN (SELECT 10 * tens.d + ones.d AS position
    FROM (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
        UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) tens
    JOIN (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
        UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) ones) n
    ON n.position < JSON_LENGTH(a.data, '$.objects')
WHERE LOCATE('"objects"', a.data) > 0 AND JSON_TYPE(JSON_EXTRACT(a.data, '$.objects')) = 'ARRAY'
    AND JSON_TYPE(JSON_EXTRACT(a.data, CONCAT('$.objects[', n.position, ']'))) = 'OBJECT';
