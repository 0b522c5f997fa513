INSERT INTO {{table}} (
    event_id, action_time, actor_id, actor_type, actor_name, impersonator_id, tenant_id, action_type,
    action_name, status, error_type, object_type, object_id, object_name, remarks, data, client_address,
    user_agent, session_id, service_name, trace_id, span_id, source)
SELECT
    dead.event_id, dead.action_time, JSON_UNQUOTE(JSON_EXTRACT(record, '$.actor_id')),
    JSON_UNQUOTE(JSON_EXTRACT(record, '$.actor_type')), JSON_UNQUOTE(JSON_EXTRACT(record, '$.actor_name')),
    JSON_UNQUOTE(JSON_EXTRACT(record, '$.impersonator_id')), JSON_UNQUOTE(JSON_EXTRACT(record, '$.tenant_id')),
    JSON_UNQUOTE(JSON_EXTRACT(record, '$.action_type')), JSON_UNQUOTE(JSON_EXTRACT(record, '$.action_name')),
    JSON_UNQUOTE(JSON_EXTRACT(record, '$.status')), JSON_UNQUOTE(JSON_EXTRACT(record, '$.error_type')),
    JSON_UNQUOTE(JSON_EXTRACT(record, '$.object_type')), JSON_UNQUOTE(JSON_EXTRACT(record, '$.object_id')),
    JSON_UNQUOTE(JSON_EXTRACT(record, '$.object_name')), JSON_UNQUOTE(JSON_EXTRACT(record, '$.remarks')),
    JSON_EXTRACT(record, '$.data'), JSON_UNQUOTE(JSON_EXTRACT(record, '$.client_address')),
    JSON_UNQUOTE(JSON_EXTRACT(record, '$.user_agent')), JSON_UNQUOTE(JSON_EXTRACT(record, '$.session_id')),
    JSON_UNQUOTE(JSON_EXTRACT(record, '$.service_name')), JSON_UNQUOTE(JSON_EXTRACT(record, '$.trace_id')),
    JSON_UNQUOTE(JSON_EXTRACT(record, '$.span_id')), JSON_UNQUOTE(JSON_EXTRACT(record, '$.source'))
FROM {{dead_letter}} AS dead LEFT JOIN {{table}} AS present ON present.event_id = dead.event_id
WHERE present.event_id IS NULL AND dead.action_time IS NOT NULL AND reason <> 'id exists with other content';

DELETE FROM {{dead_letter}} WHERE event_id IN (SELECT event_id FROM {{table}})
    AND reason <> 'id exists with other content';
