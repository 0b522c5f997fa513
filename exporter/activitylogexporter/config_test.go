package activitylogexporter

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/confmap/confmaptest"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/metadata"
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
	want := QueueConfig{Directory: "storage", MaxBytes: 2 << 30, FullTimeout: 5 * time.Second, Consumers: 4,
		FlushTimeout: 200 * time.Millisecond, MinRows: 5000, MaxRows: 10_000, CacheBytes: 16 << 20}
	if cfg.Queue != want || cfg.ShutdownTimeout != 20*time.Second {
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
		MaxOpenConns:   4, MaxIdleConns: 2, ConnMaxLifetime: 30 * time.Minute,
	}
	if cfg.Driver != want.Driver || cfg.DSN != want.DSN || cfg.Table != want.Table || cfg.CreateSchema ||
		strings.Join(cfg.DataAttributes, " ") != strings.Join(want.DataAttributes, " ") || cfg.MaxOpenConns != 4 ||
		cfg.MaxIdleConns != 2 || cfg.ConnMaxLifetime != want.ConnMaxLifetime || cfg.Timeout != 10*time.Second {
		t.Errorf("got %+v", cfg)
	}
	if cfg.Bulk != bulkInsert || cfg.OnRefused != refusedBlock {
		t.Errorf("bulk: %q, on_refused: %q", cfg.Bulk, cfg.OnRefused)
	}
	if kept := load(t, "kept"); kept.Partition != "month" || time.Duration(kept.Retention) != 400*24*time.Hour {
		t.Errorf("partition: %q, retention: %v", kept.Partition, kept.Retention)
	}
	generic := GenericConfig{Driver: "pgx", Placeholder: "$1", From: "RDB$DATABASE", TypedParameters: true, Refused: []string{"^547$", "truncat"}}
	if got := load(t, "generic").Generic; !reflect.DeepEqual(got, generic) {
		t.Errorf("generic: got %+v, want %+v", got, generic)
	}
	queue := QueueConfig{Directory: "/var/lib/queue", MaxBytes: 1 << 20, FullTimeout: time.Second, Consumers: 2,
		FlushTimeout: 50 * time.Millisecond, MinRows: 100, MaxRows: 5000, CacheBytes: 0}
	if cfg.Queue != queue || cfg.ShutdownTimeout != 5*time.Second {
		t.Errorf("queue: %+v, shutdown_timeout: %v", cfg.Queue, cfg.ShutdownTimeout)
	}
}

func TestConfigErrorsNameKeyAndWhatIsAllowed(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Config)
		want   []string
	}{
		"no driver":      {func(c *Config) { c.Driver, c.DSN = "", "localhost:1521" }, []string{"driver:", "sqlite", "postgres"}},
		"unknown driver": {func(c *Config) { c.Driver = "mongodb" }, []string{"driver:", "mongodb", "sqlite", "postgres"}},
		"empty DSN":      {func(c *Config) { c.DSN = " " }, []string{"dsn:", "empty", "file:activity.db"}},
		"no file":        {func(c *Config) { c.DSN = "file:?mode=rw" }, []string{"dsn:", "file:activity.db"}},
		"bad URL": {func(c *Config) { c.Driver = "postgres"; c.DSN = "postgres://u:" + secret + "@h:port/db" },
			[]string{"dsn:", "percent-encoded"}},
		"bad keywords": {func(c *Config) { c.Driver = "postgres"; c.DSN = "password=" + secret + " host" },
			[]string{"dsn:", "host=..."}},
		"a path for postgres": {func(c *Config) { c.Driver = "postgres"; c.DSN = "file:" + secret }, []string{"dsn:", "postgres://"}},
		"a URL for mysql": {func(c *Config) { c.Driver = "mysql"; c.DSN = "mysql://u:" + secret + "@h:3306/db" },
			[]string{"dsn:", "user:password@tcp(host:3306)/database"}},
		"no database for mysql": {func(c *Config) { c.Driver = "mariadb"; c.DSN = "u:" + secret + "@tcp(h:3306)/" }, []string{"dsn:", "/database"}},
		"no slash for mysql":    {func(c *Config) { c.Driver = "mysql"; c.DSN = "u:" + secret + "@tcp(h:3306)" }, []string{"dsn:", "/database"}},
		"bad parameter for mysql": {func(c *Config) { c.Driver = "mysql"; c.DSN = "u:p@tcp(h)/db?timeout=" + secret },
			[]string{"dsn:", "?tls=true"}},
		"a parameter that is no more": {func(c *Config) { c.Driver = "mysql"; c.DSN = "u:" + secret + "@tcp(h)/db?strict=true" }, []string{"dsn:"}},
		"empty DSN for mysql":         {func(c *Config) { c.Driver = "mysql"; c.DSN = "" }, []string{"dsn:", "tcp(host:3306)"}},
		"partitions for mysql": {func(c *Config) { c.Driver = "mysql"; c.DSN = "u:p@tcp(h)/db"; c.Partition = "day" },
			[]string{"partition:", "mysql", "none"}},
		"cluster of another": {func(c *Config) { c.Cluster = "main" }, []string{"cluster:", "main", "clickhouse"}},
		"bad cluster": {func(c *Config) { c.Driver, c.DSN, c.Cluster = "clickhouse", "clickhouse://h:9000/db", "a'b" },
			[]string{"cluster:", "a'b", "letters"}},
		"no settings for that": {func(c *Config) { c.Driver, c.DSN = "clickhouse", "clickhouse://h:9000/db?wait_for_async_insert=0" },
			[]string{"dsn:", "wait_for_async_insert"}},
		"retention of ClickHouse": {func(c *Config) {
			c.Driver, c.DSN, c.Retention = "clickhouse", "clickhouse://h:9000/db", Retention(48*time.Hour)
		},
			[]string{"retention:", "TTL"}},
		"bad table":           {func(c *Config) { c.Table = "activity log; --" }, []string{"table:", "activity log; --", "lower-case letters"}},
		"empty table":         {func(c *Config) { c.Table = "" }, []string{"table:"}},
		"long table":          {func(c *Config) { c.Table = strings.Repeat("a", 47) }, []string{"table:", "47", "46"}},
		"schema in SQLite":    {func(c *Config) { c.Table = "audit.log" }, []string{"table:", "audit.log", "SQLite"}},
		"negative pool":       {func(c *Config) { c.MaxOpenConns, c.MaxIdleConns = -1, -2 }, []string{"max_open_conns:", "-1", "max_idle_conns:", "-2"}},
		"negative lifetime":   {func(c *Config) { c.ConnMaxLifetime = -time.Second }, []string{"conn_max_lifetime:", "-1s"}},
		"unknown partition":   {func(c *Config) { c.Partition = "week" }, []string{"partition:", "week", "none, month, day"}},
		"partition in SQLite": {func(c *Config) { c.Partition = "month" }, []string{"partition:", "month", "sqlite", "none"}},
		"retention without rights": {func(c *Config) { c.CreateSchema, c.Retention = false, Retention(day) },
			[]string{"retention:", "create_schema: true"}},
		"short retention":           {func(c *Config) { c.Retention = Retention(time.Minute) }, []string{"retention:", "1m0s"}},
		"unknown bulk":              {func(c *Config) { c.Bulk = "copy" }, []string{"bulk:", "copy", "load, insert"}},
		"unknown refusal":           {func(c *Config) { c.OnRefused = "drop" }, []string{"on_refused:", "drop", "dead_letter, block"}},
		"negative timeout":          {func(c *Config) { c.Timeout = -time.Second }, []string{"timeout:", "-1s"}},
		"generic that makes tables": {generic(func(c *Config) { c.CreateSchema = true }), []string{"create_schema:", "false", "docs/databases/generic.md"}},
		"generic without a key":     {generic(func(c *Config) { c.Generic.Driver = "" }), []string{"generic: must be set", "pgx", "sqlite"}},
		"generic without a driver":  {generic(func(c *Config) { c.Generic.Driver, c.Generic.From = "", "DUAL" }), []string{"generic: driver:", "pgx", "sqlite"}},
		"a driver that is not there": {generic(func(c *Config) { c.Generic.Driver = "oracle" }),
			[]string{"generic: driver:", `"oracle"`, "pgx", "sqlite", "docs/databases/generic.md"}},
		"bad placeholder":       {generic(func(c *Config) { c.Generic.Placeholder = "%s" }), []string{"generic: placeholder:", `"%s"`, "?, $1, :1, @p1"}},
		"bad from":              {generic(func(c *Config) { c.Generic.From = "a b" }), []string{"generic: from:", `"a b"`, "letters"}},
		"bad refused":           {generic(func(c *Config) { c.Generic.Refused = []string{"a", "("} }), []string{"generic: refused::1:", `"("`, "regular expression"}},
		"empty refused":         {generic(func(c *Config) { c.Generic.Refused = []string{""} }), []string{"generic: refused::0:"}},
		"generic for SQLite":    {func(c *Config) { c.Generic.From = "DUAL" }, []string{"generic:", "driver generic alone", "sqlite"}},
		"generic and no DSN":    {generic(func(c *Config) { c.DSN = "" }), []string{"dsn:", "empty"}},
		"partitions and others": {generic(func(c *Config) { c.Partition = "day" }), []string{"partition:", "generic"}},
		"no queue directory":    {func(c *Config) { c.Queue.Directory = " " }, []string{"queue: directory:", "folder", "tmpfs"}},
		"tiny queue":            {func(c *Config) { c.Queue.MaxBytes = 1000 }, []string{"queue: max_bytes:", "1048576", "1000"}},
		"no consumers":          {func(c *Config) { c.Queue.Consumers = 0 }, []string{"queue: consumers:", "at least 1", "got 0"}},
		"negative min_rows":     {func(c *Config) { c.Queue.MinRows = -1 }, []string{"queue: min_rows:", "at least 0", "got -1"}},
		"max_rows below min":    {func(c *Config) { c.Queue.MaxRows = 10 }, []string{"queue: max_rows:", "at least 5000", "got 10"}},
		"negative cache":        {func(c *Config) { c.Queue.CacheBytes = -1 }, []string{"queue: cache_bytes:", "at least 0"}},
		"negative full_timeout": {func(c *Config) { c.Queue.FullTimeout = -time.Second }, []string{"queue: full_timeout:", "-1s"}},
		"negative flush":        {func(c *Config) { c.Queue.FlushTimeout = -time.Second }, []string{"queue: flush_timeout:", "-1s"}},
		"negative shutdown":     {func(c *Config) { c.ShutdownTimeout = -time.Second }, []string{"shutdown_timeout:", "-1s"}},
		"empty attribute":       {func(c *Config) { c.DataAttributes = []string{"a", ""} }, []string{"data_attributes::1:"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := NewFactory().CreateDefaultConfig().(*Config)
			cfg.Driver, cfg.DSN = "sqlite", "file:activity.db"
			c.change(cfg)
			err := confmap.Validate(cfg)
			if err == nil {
				t.Fatal("no error")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the error shows the password: %v", err)
			}
		})
	}
}

// TestConfigRefusesOldKeysAndNumbersWithoutUnit reads YAML as the Collector does.
func TestConfigRefusesOldKeysAndNumbersWithoutUnit(t *testing.T) {
	for yaml, want := range map[string][]string{
		"sending_queue: {storage: file_storage}":   {"sending_queue:", "queue:", "directory:"},
		"retry_on_failure: {enabled: true}":        {"retry_on_failure:", "Delete it"},
		"timeout: 30":                              {"timeout:", `"30s"`, "got 30"},
		"timeout: 1.5":                             {"timeout:", `"1.5s"`},
		"conn_max_lifetime: 1800":                  {"conn_max_lifetime:", `"1800s"`},
		"shutdown_timeout: 20":                     {"shutdown_timeout:", `"20s"`},
		"retention: 400":                           {"retention:", "400"},
		"queue: {full_timeout: 5}":                 {"queue::full_timeout:", `"5s"`},
		"queue: {flush_timeout: 200}":              {"queue::flush_timeout:", `"200s"`},
		"{timeout: 30, queue: {flush_timeout: 2}}": {"timeout:", "queue::flush_timeout:"},
		"queue: {directoryy: x}":                   {"directoryy"},
	} {
		retrieved, err := confmap.NewRetrievedFromYAML([]byte(yaml))
		if err != nil {
			t.Fatal(err)
		}
		conf, err := retrieved.AsConf()
		if err != nil {
			t.Fatal(err)
		}
		err = conf.Unmarshal(createDefaultConfig())
		if err == nil {
			t.Errorf("%s: no error", yaml)
			continue
		}
		for _, want := range want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q does not say %q", yaml, err, want)
			}
		}
	}
	conf := confmap.NewFromStringMap(map[string]any{"timeout": 0, "conn_max_lifetime": "30m", "retention": "400d"})
	if err := conf.Unmarshal(createDefaultConfig()); err != nil {
		t.Errorf("0, and durations with a unit: %v", err)
	}
}

// TestEveryDurationIsChecked finds a duration that is not checked.
func TestEveryDurationIsChecked(t *testing.T) {
	for _, c := range []struct {
		key    string
		config any
	}{{"", Config{}}, {"queue", QueueConfig{}}} {
		for field := range reflect.TypeOf(c.config).Fields() {
			if field.Type != reflect.TypeFor[time.Duration]() && field.Type != reflect.TypeFor[Retention]() {
				continue
			}
			values := map[string]any{field.Tag.Get("mapstructure"): 30}
			if c.key != "" {
				values = map[string]any{c.key: values}
			}
			if err := confmap.NewFromStringMap(values).Unmarshal(createDefaultConfig()); err == nil || !strings.Contains(err.Error(), "30s") {
				t.Errorf("%v: got %v, want an error that says what to write", values, err)
			}
		}
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
