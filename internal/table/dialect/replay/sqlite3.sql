INSERT INTO {{table}} (
    event_id, action_time, actor_id, actor_type, actor_name, impersonator_id, tenant_id, action_type,
    action_name, status, error_type, object_type, object_id, object_name, remarks, data, client_address,
    user_agent, session_id, service_name, trace_id, span_id, source)
SELECT
    event_id, action_time, record ->> '$.actor_id', record ->> '$.actor_type', record ->> '$.actor_name',
    record ->> '$.impersonator_id', record ->> '$.tenant_id', record ->> '$.action_type',
    record ->> '$.action_name', record ->> '$.status', record ->> '$.error_type', record ->> '$.object_type',
    record ->> '$.object_id', record ->> '$.object_name', record ->> '$.remarks', record -> '$.data',
    record ->> '$.client_address', record ->> '$.user_agent', record ->> '$.session_id',
    record ->> '$.service_name', record ->> '$.trace_id', record ->> '$.span_id', record ->> '$.source'
FROM {{dead_letter}} WHERE reason <> 'id exists with other content'
ON CONFLICT DO NOTHING;

DELETE FROM {{dead_letter}} WHERE event_id IN (SELECT event_id FROM {{table}})
    AND reason <> 'id exists with other content';
