-- +goose NO TRANSACTION
-- +goose Up
-- Each object of each activity: the main one, and the others of data.objects.
CREATE OR REPLACE VIEW {{objects}} AS
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    object_type, object_id, object_name, true AS is_main, service_name, trace_id
FROM {{table}}
WHERE object_type IS NOT NULL OR object_id IS NOT NULL
UNION ALL
SELECT event_id, action_time, actor_id, actor_name, action_type, action_name, status,
    nullIf(if(JSONType(object, 'type') IN ('Int64', 'UInt64', 'Double'), JSONExtractRaw(object, 'type'), JSONExtractString(object, 'type')), '') AS object_type,
    nullIf(if(JSONType(object, 'id') IN ('Int64', 'UInt64', 'Double'), JSONExtractRaw(object, 'id'), JSONExtractString(object, 'id')), '') AS object_id,
    nullIf(if(JSONType(object, 'name') IN ('Int64', 'UInt64', 'Double'), JSONExtractRaw(object, 'name'), JSONExtractString(object, 'name')), '') AS object_name,
    false AS is_main, service_name, trace_id
FROM {{table}}
ARRAY JOIN JSONExtractArrayRaw(data, 'objects') AS object
WHERE position(data, '"objects":[') > 0 AND startsWith(object, '{');
