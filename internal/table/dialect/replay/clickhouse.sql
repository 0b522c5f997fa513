INSERT INTO {{store}} (
    event_id, action_time, actor_id, actor_type, actor_name, impersonator_id, tenant_id, action_type,
    action_name, status, error_type, object_type, object_id, object_name, remarks, data, client_address,
    user_agent, session_id, service_name, trace_id, span_id, source)
SELECT
    toUUID(event_id), assumeNotNull(action_time), JSONExtract(record, 'actor_id', 'Nullable(String)'),
    JSONExtract(record, 'actor_type', 'Nullable(String)'), JSONExtract(record, 'actor_name', 'Nullable(String)'),
    JSONExtract(record, 'impersonator_id', 'Nullable(String)'), JSONExtract(record, 'tenant_id', 'Nullable(String)'),
    JSONExtractString(record, 'action_type'), JSONExtract(record, 'action_name', 'Nullable(String)'),
    JSONExtractString(record, 'status'), JSONExtract(record, 'error_type', 'Nullable(String)'),
    JSONExtract(record, 'object_type', 'Nullable(String)'), JSONExtract(record, 'object_id', 'Nullable(String)'),
    JSONExtract(record, 'object_name', 'Nullable(String)'), JSONExtract(record, 'remarks', 'Nullable(String)'),
    JSONExtractRaw(record, 'data'), JSONExtract(record, 'client_address', 'Nullable(String)'),
    JSONExtract(record, 'user_agent', 'Nullable(String)'), JSONExtract(record, 'session_id', 'Nullable(String)'),
    JSONExtract(record, 'service_name', 'Nullable(String)'), JSONExtract(record, 'trace_id', 'Nullable(String)'),
    JSONExtract(record, 'span_id', 'Nullable(String)'), JSONExtractString(record, 'source')
FROM {{dead_letter}} WHERE action_time IS NOT NULL AND reason <> 'id exists with other content';

DELETE FROM {{dead_letter_store}} WHERE toString(event_id) IN (SELECT event_id FROM {{table}})
    AND reason <> 'id exists with other content';
