-- +goose Up
-- Each object of each activity: the main one, and the others of data.objects.
DROP VIEW IF EXISTS {{objects}};
CREATE VIEW IF NOT EXISTS {{objects}} AS
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    object_type, object_id, object_name, 1 AS is_main, service_name, trace_id
FROM {{table}}
WHERE object_type IS NOT NULL OR object_id IS NOT NULL
UNION ALL
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    CAST(json_extract(object.value, '$.type') AS TEXT), CAST(json_extract(object.value, '$.id') AS TEXT),
    CAST(json_extract(object.value, '$.name') AS TEXT), 0, service_name, trace_id
FROM {{table}} AS activity
CROSS JOIN json_each(activity.data, '$.objects') AS object
WHERE instr(activity.data, '"objects":[') > 0 AND json_type(activity.data, '$.objects') = 'array' AND object.type = 'object';

-- Only rows that may have such objects are in it, so that the view reads no others.
CREATE INDEX IF NOT EXISTS "{{index}}_with_objects_idx" ON {{table}} (action_time) WHERE instr(data, '"objects":[') > 0;
