package lookup

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"
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
	require.NoError(t, Validate(cfgs))
	require.Len(t, cfgs, 2)
	assert.Equal(t, []string{"activity.actor.id"}, cfgs[0].Key)
	assert.Equal(t, 30*time.Second, cfgs[0].File.Get().ReloadInterval)
	assert.EqualValues(t, 512<<20, cfgs[0].File.Get().MaxBytes)
	assert.False(t, cfgs[0].SQL.HasValue())
	assert.Equal(t, []string{"activity.tenant.id", "activity.actor.id"}, cfgs[1].Key)
	sql := cfgs[1].SQL.Get()
	assert.Equal(t, time.Second, sql.Timeout)
	assert.Equal(t, 5*time.Second, sql.QueryTimeout)
	assert.Equal(t, 4, sql.MaxOpenConns)
	assert.Equal(t, 5*time.Minute, sql.ConnMaxLifetime)
	assert.Equal(t, 10_000, sql.MaxPending)
	assert.Equal(t, CacheConfig{MaxEntries: 100_000, TTL: time.Hour, NegativeTTL: time.Minute, MaxStale: time.Hour}, cfgs[1].Cache)
	assert.False(t, cfgs[1].Overwrite)
}

func TestUnknownKey(t *testing.T) {
	var cfg Config
	err := confmap.NewFromStringMap(map[string]any{"name": "users", "fille": 1}).Unmarshal(&cfg)
	require.ErrorContains(t, err, "fille")
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
		{`lookups: [{key: k, set: {x: y}, ` + file + `}]`, "lookups[0].name: must be set"},
		{`lookups: [{name: a, key: k, set: {x: y}, ` + file + `}, {name: a, key: k, set: {x: y}, ` + file + `}]`, `lookups[1].name: "a" is the name of lookups[0] already`},
		{`lookups: [{name: a, set: {x: y}, ` + file + `}]`, "lookups[0].key: must be an attribute"},
		{`lookups: [{name: a, key: k, ` + file + `}]`, "lookups[0].set: must have an attribute"},
		{`lookups: [{name: a, key: k, set: {x: ""}, ` + file + `}]`, `lookups[0].set: attribute "x" has column ""`},
		{`lookups: [{name: a, key: k, set: {x: y}}]`, "lookups[0].file: neither file nor sql"},
		{`lookups: [{name: a, key: k, set: {x: y}, sql: {driver: sqlite}, ` + file + `}]`, "lookups[0].file: is there together with sql"},
		{`lookups: [{name: a, key: k, set: {x: y}, file: {key_columns: id}}]`, "lookups[0].file.path: must be set"},
		{`lookups: [{name: a, key: k, set: {x: y}, file: {path: users.txt, key_columns: id}}]`, "lookups[0].file.format: \"\" is unknown"},
		{`lookups: [{name: a, key: [k, l], set: {x: y}, ` + file + `}]`, "lookups[0].file.key_columns: must name the columns of the key, as many as key has (2), has 1"},
		{`lookups: [{name: a, key: k, set: {x: y}, file: {path: a.csv, key_columns: id, max_bytes: 0}}]`, "lookups[0].file.max_bytes: must be between 1 and"},
		{`lookups: [{name: a, key: k, set: {x: y}, file: {path: a.csv, key_columns: id, reload_interval: -1s}}]`, "lookups[0].file.reload_interval: must not be negative"},
		{`lookups: [{name: a, key: k, set: {x: y}, sql: {driver: oracle}}]`, `lookups[0].sql.driver: unknown driver "oracle"; allowed are: postgres, mysql, sqlite`},
		{sql(`dsn: ""`), "lookups[0].sql.dsn: must not be empty"},
		{sql(`dsn: "file:"`), `lookups[0].sql.dsn: must name a file`},
		{sql(`query: "SELECT 1"`), "lookups[0].sql.query: has 0 placeholders and key has 1 attributes; a placeholder is ?"},
		{sql(`query: "SELECT '?' -- ?"`), "lookups[0].sql.query: has 0 placeholders"},
		{sql(`timeout: -1s`), "lookups[0].sql.timeout: must not be negative"},
		{sql(`query_timeout: 0s`), "lookups[0].sql.query_timeout: must be more than 0"},
		{sql(`conn_max_lifetime: -1s`), "lookups[0].sql.conn_max_lifetime: must not be negative"},
		{sql(`max_open_conns: 0`), "lookups[0].sql.max_open_conns: must be 1 at least"},
		{sql(`max_pending: 0`), "lookups[0].sql.max_pending: must be 1 at least"},
		{sql(`max_pending: 1}, cache: {max_entries: 0`), "lookups[0].cache.max_entries: must be 1 at least"},
		{sql(`max_pending: 1}, cache: {ttl: 0s`), "lookups[0].cache.ttl: must be more than 0"},
		{sql(`max_pending: 1}, cache: {negative_ttl: -1s`), "lookups[0].cache.negative_ttl: must not be negative"},
		{sql(`max_pending: 1}, cache: {max_stale: -1s`), "lookups[0].cache.max_stale: must not be negative"},
	} {
		t.Run(test.want, func(t *testing.T) {
			require.ErrorContains(t, Validate(parse(t, test.yaml)), test.want)
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
		cfg.Name, cfg.Key, cfg.Set = "a", []string{"k"}, map[string]string{"x": "y"}
		sql := cfg.SQL.GetOrInsertDefault()
		sql.Driver, sql.DSN, sql.Query = driver, configopaque.String(dsn), "SELECT ?"
		err := Validate([]Config{cfg})
		require.ErrorContains(t, err, "lookups[0].sql.dsn: ")
		assert.NotContains(t, err.Error(), "s3cret")
	}
	_, err := connectMySQL("u:p@tcp(h:1)/d?strict=true")
	require.Error(t, err)
}
