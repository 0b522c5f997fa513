package lookup

import (
	"time"

	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// Config is one lookup; docs/develop/enrichment.md shows it as YAML.
type Config struct {
	// Name identifies the lookup in metrics, logs and errors. Required.
	Name confcheck.Name `mapstructure:"name"`

	// Key are the attributes whose values are looked up, together. Required.
	Key Key `mapstructure:"key"`

	// Set are the attributes to set, each with the column that has its value.
	// Required.
	Set Columns `mapstructure:"set"`

	// Overwrite also sets attributes that have a value. Default false.
	Overwrite bool `mapstructure:"overwrite"`

	// File is a table in a file; either it or SQL is required.
	File *FileConfig `mapstructure:"file"`

	// SQL is a query to a database.
	SQL *SQLConfig `mapstructure:"sql"`

	// Cache limits how many answers to SQL are kept, and for how long.
	Cache CacheConfig `mapstructure:"cache"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// FileConfig is a table in a CSV or JSON file.
type FileConfig struct {
	// Path of the file. Required.
	Path confcheck.Name `mapstructure:"path"`

	// Format is csv, json (an array of objects) or jsonl (an object a line). By
	// default the path's extension decides.
	Format Format `mapstructure:"format"`

	// KeyColumns are the columns that hold the values of key, in its order.
	// Required.
	KeyColumns confcheck.Texts `mapstructure:"key_columns"`

	// ReloadInterval is how often the file is checked for changes; 0 is never.
	// Default 30 s.
	ReloadInterval confcheck.Duration `mapstructure:"reload_interval"`

	// MaxBytes is the largest file that is read. Default 512 MiB.
	MaxBytes MaxBytes `mapstructure:"max_bytes"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// SQLConfig is a query that returns the row of a key.
type SQLConfig struct {
	// Driver is postgres, mysql (also for MariaDB) or sqlite. Required.
	Driver Driver `mapstructure:"driver"`

	// DSN is the data source name, as the exporter takes it. Required.
	DSN configopaque.String `mapstructure:"dsn"`

	// Query is a SELECT with one placeholder for each attribute of key: $1, $2
	// on PostgreSQL, ? on the others. Required.
	Query confcheck.Name `mapstructure:"query"`

	// Timeout is how long a batch waits for answers; 0 does not wait. Default
	// 200 ms.
	Timeout confcheck.Duration `mapstructure:"timeout"`

	// QueryTimeout limits one query, which continues after Timeout. Default 5 s.
	QueryTimeout confcheck.PositiveDuration `mapstructure:"query_timeout"`

	// MaxOpenConns limits the connections, and so the queries at a time. Default 4.
	MaxOpenConns confcheck.PositiveCount `mapstructure:"max_open_conns"`

	// ConnMaxLifetime is how long a connection is used; 0 is without limit.
	// Default 5 minutes.
	ConnMaxLifetime confcheck.Duration `mapstructure:"conn_max_lifetime"`

	// MaxPending limits the keys that wait for their query. Default 10,000.
	MaxPending confcheck.PositiveCount `mapstructure:"max_pending"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// CacheConfig limits the cache of a SQL lookup.
type CacheConfig struct {
	// MaxEntries limits the keys; the least recently used one is removed first.
	// Default 100,000.
	MaxEntries confcheck.PositiveCount `mapstructure:"max_entries"`

	// TTL is the age at which a row is queried again, in the background. Until the
	// answer comes the old row is used. Default 10 minutes.
	TTL confcheck.PositiveDuration `mapstructure:"ttl"`

	// NegativeTTL is how long a key without a row is not queried again. Default
	// 1 minute.
	NegativeTTL confcheck.Duration `mapstructure:"negative_ttl"`

	// MaxStale is how long after TTL the old row is used while the database cannot
	// be reached. Default 1 hour.
	MaxStale confcheck.Duration `mapstructure:"max_stale"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

// DefaultConfig returns the defaults of a lookup, without a source.
func DefaultConfig() Config {
	return Config{Cache: CacheConfig{
		MaxEntries: 100_000, TTL: confcheck.PositiveDuration(10 * time.Minute),
		NegativeTTL: confcheck.Duration(time.Minute), MaxStale: confcheck.Duration(time.Hour),
	}}
}

// DefaultFileConfig returns the defaults of a file.
func DefaultFileConfig() FileConfig {
	return FileConfig{ReloadInterval: confcheck.Duration(30 * time.Second), MaxBytes: 512 << 20}
}

// DefaultSQLConfig returns the defaults of a query.
func DefaultSQLConfig() SQLConfig {
	return SQLConfig{
		Timeout:         confcheck.Duration(200 * time.Millisecond),
		QueryTimeout:    confcheck.PositiveDuration(5 * time.Second),
		MaxOpenConns:    4,
		ConnMaxLifetime: confcheck.Duration(5 * time.Minute),
		MaxPending:      10_000,
	}
}

// The Collector gives defaults only to the configuration of a component as a whole.
// Each Unmarshal here begins with the defaults, because lookups are elements of a list.

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *Config) Unmarshal(conf *confmap.Conf) (err error) {
	*c = DefaultConfig()
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *FileConfig) Unmarshal(conf *confmap.Conf) (err error) {
	*c = DefaultFileConfig()
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *SQLConfig) Unmarshal(conf *confmap.Conf) (err error) {
	*c = DefaultSQLConfig()
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *CacheConfig) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, nil)
	return err
}
