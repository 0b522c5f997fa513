package lookup

import (
	"time"

	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/config/configoptional"
	"go.opentelemetry.io/collector/confmap"
)

// Config is one lookup; docs/develop/enrichment.md shows it as YAML.
type Config struct {
	// Name identifies the lookup in metrics, logs and errors. Required.
	Name string `mapstructure:"name"`

	// Key are the attributes whose values are looked up, together. Required.
	Key []string `mapstructure:"key"`

	// Set are the attributes to set, each with the column that has its value.
	// Required.
	Set map[string]string `mapstructure:"set"`

	// Overwrite also sets attributes that have a value. Default false.
	Overwrite bool `mapstructure:"overwrite"`

	// File is a table in a file; either it or SQL is required.
	File configoptional.Optional[FileConfig] `mapstructure:"file"`

	// SQL is a query to a database.
	SQL configoptional.Optional[SQLConfig] `mapstructure:"sql"`

	// Cache limits how many answers to SQL are kept, and for how long.
	Cache CacheConfig `mapstructure:"cache"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// FileConfig is a table in a CSV or JSON file.
type FileConfig struct {
	// Path of the file. Required.
	Path string `mapstructure:"path"`

	// Format is csv, json (an array of objects) or jsonl (an object a line). By
	// default the path's extension decides.
	Format string `mapstructure:"format"`

	// KeyColumns are the columns that hold the values of key, in its order.
	// Required.
	KeyColumns []string `mapstructure:"key_columns"`

	// ReloadInterval is how often the file is checked for changes; 0 is never.
	// Default 30 s.
	ReloadInterval time.Duration `mapstructure:"reload_interval"`

	// MaxBytes is the largest file that is read. Default 512 MiB.
	MaxBytes int64 `mapstructure:"max_bytes"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// SQLConfig is a query that returns the row of a key.
type SQLConfig struct {
	// Driver is postgres, mysql (also for MariaDB) or sqlite. Required.
	Driver string `mapstructure:"driver"`

	// DSN is the data source name, as the exporter takes it. Required.
	DSN configopaque.String `mapstructure:"dsn"`

	// Query is a SELECT with one placeholder for each attribute of key: $1, $2
	// on PostgreSQL, ? on the others. Required.
	Query string `mapstructure:"query"`

	// Timeout is how long a batch waits for answers; 0 does not wait. Default
	// 200 ms.
	Timeout time.Duration `mapstructure:"timeout"`

	// QueryTimeout limits one query, which continues after Timeout. Default 5 s.
	QueryTimeout time.Duration `mapstructure:"query_timeout"`

	// MaxOpenConns limits the connections, and so the queries at a time. Default 4.
	MaxOpenConns int `mapstructure:"max_open_conns"`

	// ConnMaxLifetime is how long a connection is used; 0 is without limit.
	// Default 5 minutes.
	ConnMaxLifetime time.Duration `mapstructure:"conn_max_lifetime"`

	// MaxPending limits the keys that wait for their query. Default 10,000.
	MaxPending int `mapstructure:"max_pending"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// CacheConfig limits the cache of a SQL lookup.
type CacheConfig struct {
	// MaxEntries limits the keys; the least recently used one is removed first.
	// Default 100,000.
	MaxEntries int `mapstructure:"max_entries"`

	// TTL is the age at which a row is queried again, in the background. Until the
	// answer comes the old row is used. Default 10 minutes.
	TTL time.Duration `mapstructure:"ttl"`

	// NegativeTTL is how long a key without a row is not queried again. Default
	// 1 minute.
	NegativeTTL time.Duration `mapstructure:"negative_ttl"`

	// MaxStale is how long after TTL the old row is used while the database cannot
	// be reached. Default 1 hour.
	MaxStale time.Duration `mapstructure:"max_stale"`

	// prevent unkeyed literal initialization
	_ struct{}
}

// DefaultConfig returns the defaults of a lookup.
func DefaultConfig() Config {
	return Config{
		File: configoptional.Default(FileConfig{ReloadInterval: 30 * time.Second, MaxBytes: 512 << 20}),
		SQL: configoptional.Default(SQLConfig{
			Timeout:         200 * time.Millisecond,
			QueryTimeout:    5 * time.Second,
			MaxOpenConns:    4,
			ConnMaxLifetime: 5 * time.Minute,
			MaxPending:      10_000,
		}),
		Cache: CacheConfig{
			MaxEntries: 100_000, TTL: 10 * time.Minute, NegativeTTL: time.Minute, MaxStale: time.Hour,
		},
	}
}

var _ confmap.Unmarshaler = (*Config)(nil)

// Unmarshal gives the elements of a list their defaults. The Collector does so only
// for the configuration of a component as a whole.
func (c *Config) Unmarshal(conf *confmap.Conf) error {
	*c = DefaultConfig()
	return conf.Unmarshal(c)
}
