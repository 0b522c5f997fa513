package activitylogexporter

import (
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"
	"go.opentelemetry.io/collector/exporter/exportertest"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadata"
	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

func load(t *testing.T, name string) *Config {
	t.Helper()
	all, err := confmaptest.LoadConf(filepath.Join("testdata", "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	sub, err := all.Sub(component.NewIDWithName(metadata.Type, name).String())
	if err != nil {
		t.Fatal(err)
	}
	cfg := NewFactory().CreateDefaultConfig().(*Config)
	if err := sub.Unmarshal(cfg); err != nil {
		t.Fatal(err)
	}
	if err := confmap.Validate(cfg); err != nil {
		t.Fatal(err)
	}
	return cfg
}

func TestConfigDefaultsLoseNothing(t *testing.T) {
	cfg := load(t, "minimal")
	want := QueueConfig{Directory: "storage", MaxBytes: 2 << 30, FullTimeout: confcheck.Duration(5 * time.Second), Consumers: 4,
		FlushTimeout: confcheck.Duration(200 * time.Millisecond), MinRows: 5000, MaxRows: 10_000, CacheBytes: 16 << 20}
	if cfg.Queue != want || cfg.ShutdownTimeout != confcheck.Duration(20*time.Second) {
		t.Errorf("by default: queue %+v, shutdown_timeout %v", cfg.Queue, cfg.ShutdownTimeout)
	}
	if cfg.Table != "activity_log" || !cfg.CreateSchema {
		t.Errorf("by default: table %q, create_schema %v", cfg.Table, cfg.CreateSchema)
	}
}

func TestConfigReadsEveryKey(t *testing.T) {
	cfg := load(t, "all")
	want := Config{
		Driver: "postgres", DSN: "postgres://activity:secret@db.example.com:5432/audit", Table: "audit.activity_log",
		DataAttributes: []string{"http.route", "deployment.environment.name"},
		MaxOpenConns:   4, MaxIdleConns: 2, ConnMaxLifetime: confcheck.Duration(30 * time.Minute),
	}
	if cfg.Driver != want.Driver || cfg.DSN != want.DSN || cfg.Table != want.Table || cfg.CreateSchema ||
		strings.Join(cfg.DataAttributes, " ") != strings.Join(want.DataAttributes, " ") || cfg.MaxOpenConns != 4 ||
		cfg.MaxIdleConns != 2 || cfg.ConnMaxLifetime != want.ConnMaxLifetime || cfg.Timeout != confcheck.Duration(10*time.Second) {
		t.Errorf("got %+v", cfg)
	}
	if cfg.Bulk != bulkInsert || cfg.OnRefused != refusedBlock {
		t.Errorf("bulk: %q, on_refused: %q", cfg.Bulk, cfg.OnRefused)
	}
	if kept := load(t, "kept"); kept.Partition != "month" || time.Duration(kept.Retention) != 400*24*time.Hour {
		t.Errorf("partition: %q, retention: %v", kept.Partition, kept.Retention)
	} else if want := (dialect.Postgres{Partition: "month", LateIndexes: true}); kept.dialect() != want {
		t.Errorf("got %+v, want late indexes", kept.dialect())
	}
	generic := GenericConfig{Driver: "pgx", Placeholder: "$1", From: "RDB$DATABASE", TypedParameters: true, Refused: []ErrorPattern{"^547$", "truncat"}}
	if got := load(t, "generic").Generic; !reflect.DeepEqual(got, generic) {
		t.Errorf("generic: got %+v, want %+v", got, generic)
	}
	queue := QueueConfig{Directory: "/var/lib/queue", MaxBytes: 1 << 20, FullTimeout: confcheck.Duration(time.Second), Consumers: 2,
		FlushTimeout: confcheck.Duration(50 * time.Millisecond), MinRows: 100, MaxRows: 5000, CacheBytes: 0, Keep: confcheck.Duration(time.Minute)}
	if cfg.Queue != queue || cfg.ShutdownTimeout != confcheck.Duration(5*time.Second) {
		t.Errorf("queue: %+v, shutdown_timeout: %v", cfg.Queue, cfg.ShutdownTimeout)
	}
}

func TestWrongConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   string // lines in alphabetical order
	}{
		"no driver":                   {func(c *Config) { c.Driver, c.DSN = "", "localhost:1521" }, `driver must be set, because the dsn does not show it; must be one of "clickhouse", "generic", "mariadb", "mysql", "postgres", "sqlite"`},
		"unknown driver":              {func(c *Config) { c.Driver = "mongodb" }, `driver: must be one of "clickhouse", "generic", "mariadb", "mysql", "postgres", "sqlite"; got "mongodb"`},
		"empty DSN":                   {func(c *Config) { c.DSN = " " }, `dsn must not be empty; for driver sqlite it looks like "file:activity.db"`},
		"no file":                     {func(c *Config) { c.DSN = "file:?mode=rw" }, `dsn must name a file, such as "file:activity.db"`},
		"bad URL":                     {func(c *Config) { c.Driver = "postgres"; c.DSN = "postgres://u:" + secret + "@h:port/db" }, `dsn must be a PostgreSQL connection string: a URL, "postgres://user:password@host:5432/database", with special characters of the password percent-encoded, or keywords and values, "host=... port=5432 dbname=..."`},
		"bad keywords":                {func(c *Config) { c.Driver = "postgres"; c.DSN = "password=" + secret + " host" }, `dsn must be a PostgreSQL connection string: a URL, "postgres://user:password@host:5432/database", with special characters of the password percent-encoded, or keywords and values, "host=... port=5432 dbname=..."`},
		"a path for postgres":         {func(c *Config) { c.Driver = "postgres"; c.DSN = "file:" + secret }, `dsn must be a PostgreSQL connection string: a URL, "postgres://user:password@host:5432/database", with special characters of the password percent-encoded, or keywords and values, "host=... port=5432 dbname=..."`},
		"a URL for mysql":             {func(c *Config) { c.Driver = "mysql"; c.DSN = "mysql://u:" + secret + "@h:3306/db" }, `dsn must be a data source name of MySQL or MariaDB, "user:password@tcp(host:3306)/database" or "user:password@unix(/path/to/socket)/database"; parameters follow a question mark, such as "?tls=true"; nothing in the password is encoded`},
		"no database for mysql":       {func(c *Config) { c.Driver = "mariadb"; c.DSN = "u:" + secret + "@tcp(h:3306)/" }, `dsn must be a data source name of MySQL or MariaDB, "user:password@tcp(host:3306)/database" or "user:password@unix(/path/to/socket)/database"; parameters follow a question mark, such as "?tls=true"; nothing in the password is encoded`},
		"no slash for mysql":          {func(c *Config) { c.Driver = "mysql"; c.DSN = "u:" + secret + "@tcp(h:3306)" }, `dsn must be a data source name of MySQL or MariaDB, "user:password@tcp(host:3306)/database" or "user:password@unix(/path/to/socket)/database"; parameters follow a question mark, such as "?tls=true"; nothing in the password is encoded`},
		"bad parameter for mysql":     {func(c *Config) { c.Driver = "mysql"; c.DSN = "u:p@tcp(h)/db?timeout=" + secret }, `dsn must be a data source name of MySQL or MariaDB, "user:password@tcp(host:3306)/database" or "user:password@unix(/path/to/socket)/database"; parameters follow a question mark, such as "?tls=true"; nothing in the password is encoded`},
		"a parameter that is no more": {func(c *Config) { c.Driver = "mysql"; c.DSN = "u:" + secret + "@tcp(h)/db?strict=true" }, `dsn must be a data source name of MySQL or MariaDB, "user:password@tcp(host:3306)/database" or "user:password@unix(/path/to/socket)/database"; parameters follow a question mark, such as "?tls=true"; nothing in the password is encoded`},
		"empty DSN for mysql":         {func(c *Config) { c.Driver = "mysql"; c.DSN = "" }, `dsn must not be empty; for driver mysql it looks like "user:password@tcp(host:3306)/database"`},
		"partitions for mysql":        {func(c *Config) { c.Driver = "mysql"; c.DSN = "u:p@tcp(h)/db"; c.Partition = "day" }, `partition must be none with driver mysql; got "day"`},
		"cluster of another":          {func(c *Config) { c.Cluster = "main" }, `cluster is only for driver clickhouse; driver is sqlite`},
		"bad cluster":                 {func(c *Config) { c.Driver, c.DSN, c.Cluster = "clickhouse", "clickhouse://h:9000/db", "a'b" }, `cluster: must have letters, digits, _ and - only, and begin with a letter or _; got "a'b"`},
		"no settings for that":        {func(c *Config) { c.Driver, c.DSN = "clickhouse", "clickhouse://h:9000/db?wait_for_async_insert=0" }, `dsn must not change the setting wait_for_async_insert from 1, so that rows are written when they are acknowledged`},
		"retention of ClickHouse": {func(c *Config) {
			c.Driver, c.DSN, c.Retention = "clickhouse", "clickhouse://h:9000/db", Retention(48*time.Hour)
		}, `retention must be 0 with driver clickhouse, where a TTL of the table or dropped months do this: docs/databases/clickhouse.md`},
		"counts of ClickHouse": {func(c *Config) {
			c.Driver, c.DSN, c.Counts = "clickhouse", "clickhouse://h:9000/db", true
		}, `counts must be false with driver clickhouse, which counts the rows themselves fast enough: docs/databases/clickhouse.md`},
		"counts of generic": {func(c *Config) {
			c.Driver, c.DSN, c.Counts, c.CreateSchema, c.Generic.Driver = "generic", "x", true, false, "sqlite"
		}, `counts must be false with driver generic; only sqlite, postgres, mysql and mariadb have counts`},
		"bad table":        {func(c *Config) { c.Table = "activity log; --" }, `table: must have lower-case letters, digits and _ only, and not begin with a digit; a schema and a dot may come first; got "activity log; --"`},
		"empty table":      {func(c *Config) { c.Table = "" }, `table: must have lower-case letters, digits and _ only, and not begin with a digit; a schema and a dot may come first; got ""`},
		"long table":       {func(c *Config) { c.Table = Table(strings.Repeat("a", 47)) }, `table: must have at most 46 characters; got 47`},
		"schema in SQLite": {func(c *Config) { c.Table = "audit.log" }, `table must not have a schema, because SQLite has none; got "audit.log"`},
		"negative pool": {func(c *Config) { c.MaxOpenConns, c.MaxIdleConns = -1, -2 }, `max_idle_conns: must be at least 0; got -2` + "\n" +
			`max_open_conns: must be at least 0; got -1`},
		"negative lifetime":      {func(c *Config) { c.ConnMaxLifetime = -confcheck.Duration(time.Second) }, `conn_max_lifetime: must be 0 or more; got -1s`},
		"unknown partition":      {func(c *Config) { c.Partition = "week" }, `partition: must be one of "none", "month", "day"; got "week"`},
		"partition in SQLite":    {func(c *Config) { c.Partition = "month" }, `partition must be none with driver sqlite; got "month"`},
		"late indexes of SQLite": {func(c *Config) { c.LateIndexes = true }, `late_indexes must be false with driver sqlite; it is for PostgreSQL with partitions`},
		"late indexes of MySQL": {func(c *Config) { c.Driver, c.DSN, c.LateIndexes = "mysql", "u:p@tcp(h)/db", true },
			`late_indexes must be false with driver mysql; it is for PostgreSQL with partitions`},
		"late indexes without partitions": {func(c *Config) { c.Driver, c.DSN, c.LateIndexes = "postgres", "postgres://h/db", true },
			`late_indexes needs partition month or day; partition is "none"`},
		"late indexes without rights": {func(c *Config) {
			c.Driver, c.DSN, c.Partition, c.LateIndexes, c.CreateSchema = "postgres", "postgres://h/db", "day", true, false
		}, `late_indexes needs create_schema: true; without it the exporter only inserts, and the owner of the table turns them on with "activitylog schema apply --late-indexes on"`},
		"retention without rights":   {func(c *Config) { c.CreateSchema, c.Retention = false, Retention(day) }, `retention needs create_schema: true; without it the exporter only inserts`},
		"short retention":            {func(c *Config) { c.Retention = Retention(time.Minute) }, `retention: must be at least 1h0m0s; got 1m0s`},
		"unknown bulk":               {func(c *Config) { c.Bulk = "copy" }, `bulk: must be one of "load", "insert"; got "copy"`},
		"unknown refusal":            {func(c *Config) { c.OnRefused = "drop" }, `on_refused: must be one of "dead_letter", "block"; got "drop"`},
		"negative timeout":           {func(c *Config) { c.Timeout = -confcheck.Duration(time.Second) }, `timeout: must be 0 or more; got -1s`},
		"generic that makes tables":  {generic(func(c *Config) { c.CreateSchema = true }), `create_schema must be false with driver generic; docs/databases/generic.md has the SQL for the tables`},
		"generic without a key":      {generic(func(c *Config) { c.Generic.Driver = "" }), `generic must have the key driver, which must be one of "clickhouse", "mysql", "pgx", "pgx/v5", "sqlite"`},
		"generic without a driver":   {generic(func(c *Config) { c.Generic.Driver, c.Generic.From = "", "DUAL" }), `generic must have the key driver, which must be one of "clickhouse", "mysql", "pgx", "pgx/v5", "sqlite"`},
		"a driver that is not there": {generic(func(c *Config) { c.Generic.Driver = "oracle" }), `generic::driver: must be one of "clickhouse", "mysql", "pgx", "pgx/v5", "sqlite"; got "oracle"; docs/databases/generic.md says how to build a collector with another driver`},
		"bad placeholder":            {generic(func(c *Config) { c.Generic.Placeholder = "%s" }), `generic::placeholder: must be one of "?", "$1", ":1", "@p1"; got "%s"`},
		"bad from":                   {generic(func(c *Config) { c.Generic.From = "a b" }), `generic::from: must have letters, digits, _ and $ only, and not begin with a digit or $; a schema and a dot may come first; got "a b"`},
		"bad refused":                {generic(func(c *Config) { c.Generic.Refused = []ErrorPattern{"a", "("} }), `generic::refused::1: must be a regular expression as on https://golang.org/s/re2syntax; got "("`},
		"empty refused":              {generic(func(c *Config) { c.Generic.Refused = []ErrorPattern{""} }), `generic::refused::0: must be a regular expression as on https://golang.org/s/re2syntax; got ""`},
		"generic for SQLite":         {func(c *Config) { c.Generic.From = "DUAL" }, `generic is only for driver generic; driver is sqlite`},
		"generic and no DSN":         {generic(func(c *Config) { c.DSN = "" }), `dsn must not be empty; for driver generic it looks like what the database/sql driver wants`},
		"partitions and others":      {generic(func(c *Config) { c.Partition = "day" }), `partition must be none with driver generic; got "day"`},
		"no queue directory":         {func(c *Config) { c.Queue.Directory = " " }, `queue::directory: must be a folder; for a queue that need not outlive the machine, a folder in a tmpfs`},
		"tiny queue":                 {func(c *Config) { c.Queue.MaxBytes = 1000 }, `queue::max_bytes: must be at least 1048576; got 1000`},
		"no consumers":               {func(c *Config) { c.Queue.Consumers = 0 }, `queue::consumers: must be at least 1; got 0`},
		"negative min_rows":          {func(c *Config) { c.Queue.MinRows = -1 }, `queue::min_rows: must be at least 0; got -1`},
		"max_rows below min":         {func(c *Config) { c.Queue.MaxRows = 10 }, `queue: max_rows must be at least min_rows, 5000; got 10`},
		"negative cache":             {func(c *Config) { c.Queue.CacheBytes = -1 }, `queue::cache_bytes: must be at least 0; got -1`},
		"negative keep":              {func(c *Config) { c.Queue.Keep = -confcheck.Duration(time.Second) }, `queue::keep: must be 0 or more; got -1s`},
		"keep without a failover":    {func(c *Config) { c.Queue.Keep = confcheck.Duration(time.Second) }, `queue::keep must be 0 with driver sqlite; it is for PostgreSQL, MySQL and MariaDB`},
		"negative full_timeout":      {func(c *Config) { c.Queue.FullTimeout = -confcheck.Duration(time.Second) }, `queue::full_timeout: must be 0 or more; got -1s`},
		"negative flush":             {func(c *Config) { c.Queue.FlushTimeout = -confcheck.Duration(time.Second) }, `queue::flush_timeout: must be 0 or more; got -1s`},
		"negative shutdown":          {func(c *Config) { c.ShutdownTimeout = -confcheck.Duration(time.Second) }, `shutdown_timeout: must be 0 or more; got -1s`},
		"empty attribute":            {func(c *Config) { c.DataAttributes = []string{"a", ""} }, `data_attributes: must be a list of texts that are not empty; entry 1 is empty`},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := NewFactory().CreateDefaultConfig().(*Config)
			cfg.Driver, cfg.DSN = "sqlite", "file:activity.db"
			c.change(cfg)
			checkErrors(t, cfg, c.want)
		})
	}
}

// checkErrors compares what the Collector would print, and looks for the secret.
func checkErrors(t *testing.T, cfg *Config, want string) {
	t.Helper()
	err := confmap.Validate(cfg)
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	slices.Sort(lines)
	if got := strings.Join(lines, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if strings.Contains(err.Error(), secret) {
		t.Errorf("the error shows the password: %v", err)
	}
	_, err = NewFactory().CreateLogs(t.Context(), exportertest.NewNopSettings(metadata.Type), cfg)
	if err == nil || !strings.Contains(err.Error(), lines[0]) {
		t.Errorf("the factory: got %v, want the same errors", err)
	}
}

// TestWrongYAML reads YAML as the Collector does.
func TestWrongYAML(t *testing.T) {
	for yaml, want := range map[string]string{
		"sending_queue: {storage: file_storage}": `unknown field "sending_queue"; the exporter has its own queue: write "queue:" with "directory: ./storage" (and max_bytes, consumers, min_rows, max_rows). It is always on disk, so the extension file_storage is not needed`,
		"retry_on_failure: {enabled: true}":      `unknown field "retry_on_failure"; delete it: a batch that fails is retried without end`,
		"timeout: 30":                            `timeout: must have a unit, such as "30s"; got 30`,
		"timeout: 1.5":                           `timeout: must have a unit, such as "30s"; got 1.5`,
		"conn_max_lifetime: 1800":                `conn_max_lifetime: must have a unit, such as "30s"; got 1800`,
		"shutdown_timeout: 20":                   `shutdown_timeout: must have a unit, such as "30s"; got 20`,
		"retention: 400":                         `retention: must have a unit, such as "400d"; got 400`,
		"retention: [400]":                       `retention: must be a duration, such as "400d"; got a list`,
		"retention: -1.5":                        `retention: must have a unit, such as "400d"; got -1.5`,
		"retention: a year":                      `retention: must be days such as "400d", up to "36500d", or a duration such as "36h"; got "a year"`,
		"queue: {full_timeout: 5}":               `queue::full_timeout: must have a unit, such as "30s"; got 5`,
		"queue: {flush_timeout: 200}":            `queue::flush_timeout: must have a unit, such as "30s"; got 200`,
		"{timeout: 30, queue: {flush_timeout: 2}}": `queue::flush_timeout: must have a unit, such as "30s"; got 2` + "\n" +
			`timeout: must have a unit, such as "30s"; got 30`,
		"queue: {directoryy: x}": `queue: unknown field "directoryy"; did you mean "directory"?`,
		"queue: {max_bytes: 2GiB, consumers: 0}": `queue::consumers: must be at least 1; got 0` + "\n" +
			`queue::max_bytes: must be a whole number; got "2GiB"`,
		"queue: {max_rows: 1, min_row: 1}": `queue: unknown field "min_row"; did you mean "min_rows"?; also max_rows must be at least min_rows, 5000; got 1`,
		"queue: storage":                   `queue must be a map; got "storage"`,
		"data_attributes: {a: b}":          `data_attributes must be a list; got a map`,
		"{create_schema: maybe, dns: x}":   `unknown field "dns"; did you mean "dsn"?; also create_schema must be true or false; got "maybe"`,
		"dsn: {password: " + secret + "}":  `dsn must be text; got a map`,
		"dsn: [" + secret + "]":            `dsn must be text; got a list`,
		"{driver: generic, create_schema: false, generic: {driver: sqlite, placeholder: x, refused: ['(', a, ''], form: DUAL}}": `generic: unknown field "form"; did you mean "from"?` + "\n" +
			`generic::placeholder: must be one of "?", "$1", ":1", "@p1"; got "x"` + "\n" +
			`generic::refused::0: must be a regular expression as on https://golang.org/s/re2syntax; got "("` + "\n" +
			`generic::refused::2: must be a regular expression as on https://golang.org/s/re2syntax; got ""`,
	} {
		retrieved, err := confmap.NewRetrievedFromYAML([]byte(yaml))
		if err != nil {
			t.Fatal(err)
		}
		conf, err := retrieved.AsConf()
		if err != nil {
			t.Fatal(err)
		}
		cfg := createDefaultConfig().(*Config)
		cfg.DSN = "file:activity.db"
		if err := conf.Unmarshal(cfg); err != nil {
			t.Fatal(err)
		}
		t.Run(yaml, func(t *testing.T) { checkErrors(t, cfg, want) })
	}
	conf := confmap.NewFromStringMap(map[string]any{"timeout": 0, "conn_max_lifetime": "30m", "retention": "400d", "dsn": "file:a.db"})
	cfg := createDefaultConfig()
	if err := errors.Join(conf.Unmarshal(cfg), confmap.Validate(cfg)); err != nil {
		t.Errorf("0, and durations with a unit: %v", err)
	}
}

func TestRetention(t *testing.T) {
	for text, want := range map[string]time.Duration{"400d": 400 * day, "36h": 36 * time.Hour, "0": 0, "0d": 0} {
		var r Retention
		if err := r.UnmarshalText([]byte(text)); err != nil || time.Duration(r) != want {
			t.Errorf("%q: got %v, %v; want %v", text, r, err, want)
		}
	}
	for _, text := range []string{"", "d", "1.5d", "-3d", "99999999d", "1y", "400", "-1h"} {
		var r Retention
		if err := r.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "400d") {
			t.Errorf("%q: got %v, %v; want an error that says what is allowed", text, r, err)
		}
	}
}

// generic is a configuration of driver generic, changed.
func generic(change func(*Config)) func(*Config) {
	return func(c *Config) {
		c.Driver, c.CreateSchema, c.Generic = "generic", false, GenericConfig{Driver: "sqlite"}
		change(c)
	}
}

const secret = "hunter2-the-secret"
