-- +goose Up
CREATE TABLE activity_log (
    event_id        VARCHAR(36)  NOT NULL PRIMARY KEY, -- UUIDv7: its order is the order of action_time
    action_time     TIMESTAMP    NOT NULL,             -- UTC, to 1/10,000 s
    actor_id        VARCHAR(100),
    actor_type      VARCHAR(255),
    actor_name      VARCHAR(255),
    impersonator_id VARCHAR(255),
    tenant_id       VARCHAR(255),
    action_type     VARCHAR(255) NOT NULL,
    action_name     VARCHAR(255),
    status          VARCHAR(255) NOT NULL,
    error_type      VARCHAR(255),
    object_type     VARCHAR(64),
    object_id       VARCHAR(100),
    object_name     VARCHAR(255),
    remarks         BLOB SUB_TYPE TEXT,
    data            BLOB SUB_TYPE TEXT NOT NULL,       -- a JSON object
    client_address  VARCHAR(255),
    user_agent      BLOB SUB_TYPE TEXT,
    session_id      VARCHAR(255),
    service_name    VARCHAR(255),
    trace_id        VARCHAR(64),
    span_id         VARCHAR(64),
    source          VARCHAR(255) NOT NULL,
    recorded_at     TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL -- in the time zone of the server
);
CREATE INDEX activity_log_action_time_idx ON activity_log (action_time);
CREATE INDEX activity_log_actor_idx ON activity_log (actor_id, action_time);
CREATE INDEX activity_log_object_idx ON activity_log (object_type, object_id, action_time);
CREATE INDEX activity_log_trace_idx ON activity_log (trace_id);

CREATE TABLE activity_log_dead_letter (
    event_id    VARCHAR(36)        NOT NULL PRIMARY KEY,
    action_time TIMESTAMP          NOT NULL,
    reason      BLOB SUB_TYPE TEXT NOT NULL, -- what the database said
    record      BLOB SUB_TYPE TEXT NOT NULL, -- the row, a JSON object of its columns
    recorded_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
);
