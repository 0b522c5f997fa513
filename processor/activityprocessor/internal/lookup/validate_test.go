package lookup

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

func TestDefaults(t *testing.T) {
	cfgs := parse(t, `
lookups:
  - name: users
    key: activity.actor.id
    set: {activity.actor.name: name}
    file: {path: users.csv, key_columns: id}
  - name: accounts
    key: [activity.tenant.id, activity.actor.id]
    set: {activity.actor.name: name}
    sql: {driver: postgres, dsn: "postgres://u:p@db/x", query: "SELECT name FROM a WHERE tenant = $1 AND id = $2", timeout: 1s}
    cache: {ttl: 1h}
`)
	require.NoError(t, confmap.Validate(Configs(cfgs)))
	require.Len(t, cfgs, 2)
	assert.Equal(t, Key{"activity.actor.id"}, cfgs[0].Key)
	assert.EqualValues(t, 30*time.Second, cfgs[0].File.ReloadInterval)
	assert.EqualValues(t, 512<<20, cfgs[0].File.MaxBytes)
	assert.Nil(t, cfgs[0].SQL)
	assert.Equal(t, Key{"activity.tenant.id", "activity.actor.id"}, cfgs[1].Key)
	sql := cfgs[1].SQL
	assert.EqualValues(t, time.Second, sql.Timeout)
	assert.EqualValues(t, 5*time.Second, sql.QueryTimeout)
	assert.EqualValues(t, 4, sql.MaxOpenConns)
	assert.EqualValues(t, 5*time.Minute, sql.ConnMaxLifetime)
	assert.EqualValues(t, 10_000, sql.MaxPending)
	assert.Equal(t, CacheConfig{MaxEntries: 100_000, TTL: confcheck.PositiveDuration(time.Hour), NegativeTTL: confcheck.Duration(time.Minute), MaxStale: confcheck.Duration(time.Hour)}, cfgs[1].Cache)
	assert.False(t, cfgs[1].Overwrite)
}

func TestValidate(t *testing.T) {
	const file = "file: {path: users.csv, key_columns: id}"
	sql := func(s string) string { // s may have dsn and query itself
		rest := ""
		if !strings.Contains(s, "dsn:") {
			rest += `, dsn: "file:x"`
		}
		if !strings.Contains(s, "query:") {
			rest += `, query: "SELECT ?"`
		}
		return `lookups: [{name: a, key: k, set: {x: y}, sql: {driver: sqlite` + rest + `, ` + s + `}}]`
	}
	for _, test := range []struct{ yaml, want string }{
		{`lookups: [{key: k, set: {x: y}, ` + file + `}]`, `0::name: must not be empty`},
		{`lookups: [{name: a, key: k, set: {x: y}, ` + file + `}, {name: a, key: k, set: {x: y}, ` + file + `}]`, `must have a different name in each entry; entries 0 and 1 are both "a"`},
		{`lookups: [{name: a, set: {x: y}, ` + file + `}]`, "0::key: must be an attribute, such as activity.actor.id, or a list of attributes"},
		{`lookups: [{name: a, key: k, ` + file + `}]`, "0::set: must have an attribute and its column, such as activity.actor.name: name"},
		{`lookups: [{name: a, key: k, set: {x: ""}, ` + file + `}]`, `0::set: must have an attribute and a column in each entry; got "x": ""`},
		{`lookups: [{name: a, key: k, set: {x: y}}]`, "0: file or sql must be set"},
		{`lookups: [{name: a, key: k, set: {x: y}, sql: {driver: sqlite, dsn: "file:x", query: "SELECT ?"}, ` + file + `}]`, "0: file and sql are mutually exclusive"},
		{`lookups: [{name: a, key: k, set: {x: y}, file: {key_columns: id}}]`, "0::file::path: must not be empty"},
		{`lookups: [{name: a, key: k, set: {x: y}, file: {path: users.txt, key_columns: id}}]`, "0::file: format must be set, because path does not end in csv, json or jsonl"},
		{`lookups: [{name: a, key: [k, l], set: {x: y}, ` + file + `}]`, "0: file must have as many key_columns as key has attributes, 2; got 1"},
		{`lookups: [{name: a, key: k, set: {x: y}, file: {path: a.csv, key_columns: id, max_bytes: 0}}]`, fmt.Sprintf("0::file::max_bytes: must be from 1 to %d; got 0", int64(maxTableBytes))},
		{`lookups: [{name: a, key: k, set: {x: y}, file: {path: a.csv, key_columns: id, reload_interval: -1s}}]`, "0::file::reload_interval: must be 0 or more; got -1s"},
		{`lookups: [{name: a, key: k, set: {x: y}, sql: {driver: oracle, query: x}}]`, `0::sql::driver: must be one of "postgres", "mysql", "sqlite"; got "oracle"`},
		{sql(`dsn: ""`), `0::sql: dsn must not be empty; it looks like "postgres://user:password@host:5432/database", "user:password@tcp(host:3306)/database" or "file:accounts.db"`},
		{sql(`dsn: "file:"`), `0::sql: dsn must name a file, such as "file:activity.db"`},
		{sql(`query: "SELECT 1"`), "0: sql must have as many placeholders (?) in its query as key has attributes, 1; got 0"},
		{sql(`query: "SELECT '?' -- ?"`), "0: sql must have as many placeholders (?) in its query as key has attributes, 1; got 0"},
		{sql(`timeout: -1s`), "0::sql::timeout: must be 0 or more; got -1s"},
		{sql(`query_timeout: 0s`), `0::sql::query_timeout: must be more than 0, such as "30s"; got 0s`},
		{sql(`conn_max_lifetime: -1s`), "0::sql::conn_max_lifetime: must be 0 or more; got -1s"},
		{sql(`max_open_conns: 0`), "0::sql::max_open_conns: must be at least 1; got 0"},
		{sql(`max_pending: 0`), "0::sql::max_pending: must be at least 1; got 0"},
		{sql(`max_pending: 1}, cache: {max_entries: 0`), "0::cache::max_entries: must be at least 1; got 0"},
		{sql(`max_pending: 1}, cache: {ttl: 0s`), `0::cache::ttl: must be more than 0, such as "30s"; got 0s`},
		{sql(`max_pending: 1}, cache: {negative_ttl: -1s`), "0::cache::negative_ttl: must be 0 or more; got -1s"},
		{sql(`max_pending: 1}, cache: {max_stale: -1s`), "0::cache::max_stale: must be 0 or more; got -1s"},
		{`lookups: [{nam: a, name: a, key: k, set: {x: y}, fille: 1, ` + file + `}]`, `0: unknown fields: "fille" (did you mean "file"?), "nam" (did you mean "name"?)`},
		{sql(`timeout: 30`), `0::sql::timeout: must have a unit, such as "30s"; got 30`},
		{sql(`max_pending: 1}, cache: {ttl: 30`), `0::cache::ttl: must have a unit, such as "30s"; got 30`},
		{`lookups: [{name: a, key: {k: l}, set: [x], ` + file + `}]`, "0: key must be a list; got a map; also set must be a map; got a list\n" +
			"0::key: must be an attribute, such as activity.actor.id, or a list of attributes\n0::set: must have an attribute and its column, such as activity.actor.name: name"},
	} {
		t.Run(test.want, func(t *testing.T) {
			require.EqualError(t, confmap.Validate(Configs(parse(t, test.yaml))), test.want)
		})
	}
}

func TestPlaceholders(t *testing.T) {
	for _, test := range []struct {
		driver, query string
		want          int
	}{
		{driverPostgres, "SELECT a FROM b WHERE c = $1 AND d = $2 OR e = $1", 2},
		{driverPostgres, "SELECT a->'$3' FROM b WHERE c ? 'x' AND d = $1 /* $2 */", 1},
		{driverMySQL, "SELECT `a?` FROM b WHERE c = ? AND d = ?", 2},
		{driverSQLite, "SELECT a FROM b WHERE c = ?1 OR d = ?1", 1},
	} {
		assert.Equal(t, test.want, placeholders(test.driver, test.query), test.query)
	}
}

// TestBadDSN has data source names whose password drivers repeat in their errors.
func TestBadDSN(t *testing.T) {
	for driver, dsn := range map[string]string{
		driverPostgres: "postgres://u:s3cret%zz@host:port/db",
		driverMySQL:    "u:s3cret@tcp(host:3306",
		driverSQLite:   "file:?s3cret=%zz",
	} {
		cfg := DefaultConfig()
		sql := DefaultSQLConfig()
		cfg.Name, cfg.Key, cfg.Set, cfg.SQL = "a", Key{"k"}, Columns{"x": "y"}, &sql
		sql.Driver, sql.DSN, sql.Query = Driver(driver), configopaque.String(dsn), "SELECT ?"
		err := confmap.Validate(&cfg)
		require.ErrorContains(t, err, "sql: dsn must ")
		assert.NotContains(t, err.Error(), "s3cret")
	}
	_, err := connectMySQL("u:p@tcp(h:1)/d?strict=true")
	require.Error(t, err)
}
