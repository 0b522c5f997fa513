package dialect_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/otelactivity/activitylog/internal/table/dialect"
)

func TestPostgresDSN(t *testing.T) {
	for dsn, want := range map[string]time.Duration{
		"postgres://a:b@one,two/db":                                   5 * time.Second,
		"postgresql://a:b@one/db?sslmode=disable":                     5 * time.Second,
		"postgres://a:b@one/db?connect_timeout=2":                     2 * time.Second,
		"host=one,two user=a dbname=db":                               5 * time.Second,
		"host=one connect_timeout=7 client_encoding=LATIN1":           7 * time.Second,
		"postgres://a:b@one/db?default_query_exec_mode=describe_exec": 5 * time.Second,
	} {
		full, err := dialect.Postgres{}.DSN(dsn)
		if err != nil {
			t.Errorf("%s: %v", dsn, err)
			continue
		}
		cfg, err := pgx.ParseConfig(full)
		if err != nil {
			t.Errorf("%s: %v", full, err)
			continue
		}
		if cfg.ConnectTimeout != want {
			t.Errorf("%s: connect_timeout is %v, want %v", dsn, cfg.ConnectTimeout, want)
		}
		if cfg.RuntimeParams["client_encoding"] == "" {
			t.Errorf("%s: no client_encoding in %s", dsn, full)
		}
		again, err := dialect.Postgres{}.DSN(full)
		if err != nil || again != full {
			t.Errorf("%s: completed twice: %s, %v", dsn, again, err)
		}
	}
}

func TestPostgresTimeoutOfTheEnvironment(t *testing.T) {
	t.Setenv("PGCONNECT_TIMEOUT", "9")
	full, err := dialect.Postgres{}.DSN("postgres://a:b@one/db")
	if err != nil {
		t.Fatal(err)
	}
	if cfg, err := pgx.ParseConfig(full); err != nil || cfg.ConnectTimeout != 9*time.Second {
		t.Errorf("%s: connect_timeout is %v (%v), want the 9s of PGCONNECT_TIMEOUT", full, cfg.ConnectTimeout, err)
	}
}
