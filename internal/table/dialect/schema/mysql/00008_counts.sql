-- +goose Up
-- How many rows there are of each hour, by what is counted most: docs/adr/0029-counts.md. Both tables are empty until
-- counts are turned on. A key may be there many times: its count is the sum of n.
CREATE TABLE IF NOT EXISTS {{counts}} (
    id           BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    hour         DATETIME(6)  NOT NULL, -- its beginning, UTC
    service_name LONGTEXT,
    tenant_id    LONGTEXT,
    action_type  VARCHAR(255) NOT NULL,
    status       VARCHAR(255) NOT NULL,
    n            BIGINT       NOT NULL,
    KEY "{{index}}_counts_hour_idx" (hour)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M! COLLATE utf8mb4_nopad_bin */;

-- Whether the counts are true: one row with the state "usable".
CREATE TABLE IF NOT EXISTS {{counts_state}} (
    id         INT          NOT NULL PRIMARY KEY, -- 1
    state      VARCHAR(255) NOT NULL, -- building, usable or broken
    build      VARCHAR(255) NOT NULL, -- another one for each time that the counts were built
    changed_at DATETIME(6)  NOT NULL DEFAULT (UTC_TIMESTAMP(6))
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 /*!80017 COLLATE utf8mb4_0900_bin */ /*M! COLLATE utf8mb4_nopad_bin */;
