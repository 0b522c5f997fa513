package drivers

import (
	"database/sql"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// connectTimeout is for each host, so that one that does not answer leaves time for the
// next one.
const connectTimeout = 5 * time.Second

// openPostgres opens a URL, or keywords and values.
func openPostgres(dsn string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(dsn)
	if err != nil { // not pgx's error, which may have parts of the password
		return nil, errors.New(`must be a PostgreSQL connection string: a URL, "postgres://user:password@host:5432/database", ` +
			`with special characters of the password percent-encoded, or keywords and values, "host=... port=5432 dbname=..."`)
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
	}
	if !strings.Contains(dsn, "default_query_exec_mode") {
		cfg.DefaultQueryExecMode = pgx.QueryExecModeExec // a pooler may give the next statement to another session
	}
	if wantsWriter(dsn) { // which pgx would look for by the setting below
		cfg.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
	}
	cfg.RuntimeParams["default_transaction_read_only"] = "on"
	for name, value := range postgresDefaults {
		if cfg.RuntimeParams[name] == "" {
			cfg.RuntimeParams[name] = value
		}
	}
	return stdlib.OpenDB(*cfg), nil
}

// wantsWriter reports whether a connection string, or the environment, asks for the host that
// accepts writes, as that of a collector does.
func wantsWriter(dsn string) bool {
	_, rest, named := strings.Cut(dsn, "target_session_attrs")
	if !named {
		return os.Getenv("PGTARGETSESSIONATTRS") == "read-write"
	}
	return strings.HasPrefix(strings.TrimLeft(rest, " ='"), "read-write")
}

// postgresDefaults are settings that the data source name can override.
var postgresDefaults = map[string]string{
	"application_name": "activitylog reader",
	"client_encoding":  "UTF8",
	// That of an SSD. With the server's default, 4, the planner reads the table backwards
	// in the order of time for an actor with many rows, who may have none for a long time.
	"random_page_cost": "1.1",
}
