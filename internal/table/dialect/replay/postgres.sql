INSERT INTO {{table}} (
    event_id, action_time, actor_id, actor_type, actor_name, impersonator_id, tenant_id, action_type,
    action_name, status, error_type, object_type, object_id, object_name, remarks, data, client_address,
    user_agent, session_id, service_name, trace_id, span_id, source)
SELECT
    event_id, action_time, r ->> 'actor_id', r ->> 'actor_type', r ->> 'actor_name', r ->> 'impersonator_id',
    r ->> 'tenant_id', r ->> 'action_type', r ->> 'action_name', r ->> 'status', r ->> 'error_type',
    r ->> 'object_type', r ->> 'object_id', r ->> 'object_name', r ->> 'remarks', r -> 'data',
    r ->> 'client_address', r ->> 'user_agent', r ->> 'session_id', r ->> 'service_name', r ->> 'trace_id',
    r ->> 'span_id', r ->> 'source'
FROM (SELECT event_id, action_time, record::jsonb AS r FROM {{dead_letter}}
    WHERE reason <> 'id exists with other content') AS dead
ON CONFLICT DO NOTHING;

DELETE FROM {{dead_letter}} WHERE event_id IN (SELECT event_id FROM {{table}})
    AND reason <> 'id exists with other content';
