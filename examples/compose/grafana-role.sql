-- For Grafana: an account that reads the tables that the collector is about to
-- make, and nothing else.
CREATE ROLE grafana LOGIN PASSWORD 'grafana';
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO grafana;
