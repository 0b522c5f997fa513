-- +goose Up
-- Each object of each activity: the main one, and the others of data.objects.
CREATE OR REPLACE VIEW {{objects}} AS
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    object_type, object_id, object_name, true AS is_main, service_name, trace_id
FROM {{table}}
WHERE object_type IS NOT NULL OR object_id IS NOT NULL
UNION ALL
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    object.value ->> 'type', object.value ->> 'id', object.value ->> 'name', false, service_name, trace_id
FROM {{table}}
CROSS JOIN LATERAL jsonb_array_elements(CASE WHEN jsonb_typeof(data -> 'objects') = 'array' THEN data -> 'objects' END) AS object (value)
WHERE data ? 'objects' AND jsonb_typeof(object.value) = 'object';

-- Only rows with such objects are in these. The first serves data -> 'objects' @> …, the second the view:
-- docs/adr/0023-several-objects.md.
CREATE INDEX IF NOT EXISTS "{{index}}_objects_idx" ON {{table}} USING gin ((data -> 'objects') jsonb_path_ops) WHERE data ? 'objects';
CREATE INDEX IF NOT EXISTS "{{index}}_with_objects_idx" ON {{table}} (action_time) WHERE data ? 'objects';
