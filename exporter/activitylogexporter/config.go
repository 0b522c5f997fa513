package activitylogexporter

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/internal/sqldsn"
)

// Config is the configuration of the exporter; README.md shows it as YAML.
type Config struct {
	// Driver names the kind of database: sqlite, postgres, clickhouse, mysql for
	// MySQL and MariaDB, or generic. Default: the one that DSN is for, if that is
	// clear.
	Driver string `mapstructure:"driver"`

	// DSN is the data source name, as the database's driver wants it:
	// "file:activity.db", "postgres://user:secret@host:5432/db",
	// "user:secret@tcp(host:3306)/db", "clickhouse://user:secret@host:9000/db".
	// Required.
	DSN configopaque.String `mapstructure:"dsn"`

	// Cluster is the name of a ClickHouse cluster, as its servers know it: the
	// tables are made on all of them, replicated and sharded. Default: one server.
	Cluster string `mapstructure:"cluster"`

	// Table is the name of the table, activity_log by default; on PostgreSQL
	// there may be a schema before it, "audit.activity_log", on MySQL and
	// ClickHouse a database.
	Table string `mapstructure:"table"`

	// CreateSchema makes the exporter create and update the tables. With false
	// it only ever inserts. Default: true.
	CreateSchema bool `mapstructure:"create_schema"`

	// Partition is the size of a partition: month, day, or none, the default.
	// Only PostgreSQL has partitions. It cannot be changed once the table exists.
	Partition string `mapstructure:"partition"`

	// Retention is the age at which rows are removed, "400d": partitions whole,
	// and single rows where there are none, a few at a time. By default rows stay
	// for ever.
	Retention Retention `mapstructure:"retention"`

	// RetentionForce also removes rows when more of them are older than the
	// retention than is usual: more than a tenth, or more than one partition. Without it
	// they stay, since a clock may have been wrong. Default: false.
	RetentionForce bool `mapstructure:"retention_force"`

	// Generic is for driver generic alone: any database/sql driver that is
	// compiled in.
	Generic GenericConfig `mapstructure:"generic"`

	// Bulk is how many rows are written at once: load, the default, by the bulk
	// protocol of the database if it has one (COPY, LOAD DATA), or insert, by statements.
	Bulk string `mapstructure:"bulk"`

	// OnRefused is what happens to a row that the database refuses: dead_letter,
	// the default, keeps it in a table of its own; block tries it again until
	// the table takes it.
	OnRefused string `mapstructure:"on_refused"`

	// DataAttributes are the keys of further attributes of a record, its scope
	// or its resource that are copied into the column data.
	DataAttributes []string `mapstructure:"data_attributes"`

	// MaxOpenConns is the most connections to the database; 0 is no limit,
	// 10 the default. SQLite has one writer, whatever is set here.
	MaxOpenConns int `mapstructure:"max_open_conns"`

	// MaxIdleConns is the most connections that are kept open while idle.
	// Default: 10.
	MaxIdleConns int `mapstructure:"max_idle_conns"`

	// ConnMaxLifetime is how long a connection is used; 0 is for ever. Default:
	// 30 minutes.
	ConnMaxLifetime time.Duration `mapstructure:"conn_max_lifetime"`

	// Timeout is for one transaction; 0 is none. Default: 30 s.
	Timeout time.Duration `mapstructure:"timeout"`

	// Queue is where activities wait for the database.
	Queue QueueConfig `mapstructure:"queue"`

	// ShutdownTimeout is how long a shutdown may go on writing what is in the
	// queue. What is left stays on disk. Default: 20 s.
	ShutdownTimeout time.Duration `mapstructure:"shutdown_timeout"`

	// prevent unkeyed literal initialization
	_ struct{}
}

const (
	bulkLoad   = "load"
	bulkInsert = "insert"

	refusedDeadLetter = "dead_letter"
	refusedBlock      = "block"

	defaultTable = "activity_log"
	// maxTable leaves room for the longest suffix, "_login_failed_idx", within
	// the 63 bytes of a PostgreSQL identifier.
	maxTable = 46
)

// clusterName keeps a name from being more than that in the DDL.
var clusterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

var tableName = regexp.MustCompile(`^([a-z_][a-z0-9_]*\.)?([a-z_][a-z0-9_]*)$`)

var _ component.Config = (*Config)(nil)

// Validate reports everything that is wrong, each with its YAML key.
func (c *Config) Validate() error {
	return errors.Join(c.validateDatabase(), c.validateGeneric(), c.validateTable(), c.validatePartition(), c.validateWriting(), c.validatePool(), c.validateData())
}

func (c *Config) validateDatabase() error {
	if c.driver() == "" && strings.TrimSpace(string(c.DSN)) == "" {
		return fmt.Errorf("dsn: must not be empty; it looks like %s", exampleDSN["sqlite"])
	}
	if c.driver() == "" {
		return fmt.Errorf("driver: cannot be told from the dsn; must be one of: %s", strings.Join(dialect.Drivers(), ", "))
	}
	d := c.dialect()
	if d == nil {
		return fmt.Errorf("driver: unknown driver %q; allowed are: %s", c.driver(), strings.Join(dialect.Drivers(), ", "))
	}
	switch {
	case c.Cluster != "" && c.driver() != sqldsn.ClickHouse:
		return fmt.Errorf("cluster: is %q; it is for driver clickhouse alone", c.Cluster)
	case c.Cluster != "" && !clusterName.MatchString(c.Cluster):
		return fmt.Errorf("cluster: %q is no name of a cluster; allowed are letters, digits, _ and -, beginning with a letter or _", c.Cluster)
	}
	if strings.TrimSpace(string(c.DSN)) == "" {
		return fmt.Errorf(`dsn: must not be empty; for driver %s it looks like %s`, c.driver(), exampleDSN[c.driver()])
	}
	if c.driver() == sqldsn.SQLite {
		if err := sqldsn.CheckSQLite(strings.TrimSpace(string(c.DSN))); err != nil {
			return fmt.Errorf("dsn: %w", err)
		}
	}
	if _, err := d.DSN(string(c.DSN)); err != nil {
		return fmt.Errorf("dsn: %w", err)
	}
	return nil
}

var exampleDSN = map[string]string{
	"clickhouse": `"clickhouse://user:password@host:9000/database"`,
	"generic":    `what the database/sql driver wants`,
	"mariadb":    `"user:password@tcp(host:3306)/database"`,
	"mysql":      `"user:password@tcp(host:3306)/database"`,
	"postgres":   `"postgres://user:password@host:5432/database"`,
	"sqlite":     `"file:activity.db"`,
}

func (c *Config) validateTable() error {
	parts := tableName.FindStringSubmatch(c.Table)
	switch {
	case parts == nil:
		return fmt.Errorf("table: %q is no table name; allowed are lower-case letters, digits and _, not beginning with a digit, and a schema with a dot before it", c.Table)
	case len(parts[2]) > maxTable:
		return fmt.Errorf("table: %q has %d characters; allowed are %d", parts[2], len(parts[2]), maxTable)
	case parts[1] != "" && c.driver() == sqldsn.SQLite:
		return fmt.Errorf("table: %q has a schema before the dot; SQLite has none", c.Table)
	}
	return nil
}

// driver returns [Config.Driver], or the driver that DSN is for, or "" if that is
// not clear.
func (c *Config) driver() string {
	if c.Driver != "" {
		return c.Driver
	}
	return sqldsn.Kind(strings.TrimSpace(string(c.DSN)))
}

// dialect returns the dialect of the database, or nil.
func (c *Config) dialect() dialect.Dialect {
	return dialect.For(c.driver(), dialect.Options{
		Partition: dialect.Partition(c.Partition), Cluster: c.Cluster, Generic: c.Generic.dialect(),
	})
}

func (c *Config) validatePartition() error {
	allowed := []string{string(dialect.PartitionNone), string(dialect.PartitionMonth), string(dialect.PartitionDay)}
	_, able := c.dialect().(dialect.Partitioner)
	switch {
	case !slices.Contains(allowed, c.Partition):
		return fmt.Errorf("partition: unknown value %q; allowed are: %s", c.Partition, strings.Join(allowed, ", "))
	case !able && c.driver() != "" && c.Partition != allowed[0]:
		return fmt.Errorf("partition: is %q, but the exporter makes no partitions with driver %s; allowed is none", c.Partition, c.driver())
	case c.Retention > 0 && c.driver() == sqldsn.ClickHouse:
		return errors.New("retention: is not for driver clickhouse, where the table has a TTL or months are dropped: docs/databases/clickhouse.md; allowed is 0")
	case c.Retention > 0 && !c.CreateSchema:
		return errors.New("retention: needs create_schema: true; without it the exporter only ever inserts")
	case c.RetentionForce && c.Retention == 0:
		return errors.New("retention_force: needs a retention; without one no rows are removed")
	case c.Retention > 0 && c.Retention < Retention(time.Hour):
		return fmt.Errorf("retention: must be an hour at least, is %s; 0 is for ever", c.Retention)
	}
	return nil
}

func (c *Config) validateWriting() error {
	var errs []error
	for _, choice := range []struct {
		key, value string
		allowed    []string
	}{
		{"bulk", c.Bulk, []string{bulkLoad, bulkInsert}},
		{"on_refused", c.OnRefused, []string{refusedDeadLetter, refusedBlock}},
	} {
		if !slices.Contains(choice.allowed, choice.value) {
			errs = append(errs, fmt.Errorf("%s: unknown value %q; allowed are: %s", choice.key, choice.value, strings.Join(choice.allowed, ", ")))
		}
	}
	if c.Timeout < 0 {
		errs = append(errs, fmt.Errorf("timeout: must not be negative, is %v; 0 is none", c.Timeout))
	}
	if c.ShutdownTimeout < 0 {
		errs = append(errs, fmt.Errorf("shutdown_timeout: must not be negative; got %v", c.ShutdownTimeout))
	}
	return errors.Join(errs...)
}

func (c *Config) validatePool() error {
	var errs []error
	for _, limit := range []struct {
		key   string
		value int
	}{{"max_open_conns", c.MaxOpenConns}, {"max_idle_conns", c.MaxIdleConns}} {
		if limit.value < 0 {
			errs = append(errs, fmt.Errorf("%s: must not be negative, is %d; 0 is no limit", limit.key, limit.value))
		}
	}
	if c.ConnMaxLifetime < 0 {
		errs = append(errs, fmt.Errorf("conn_max_lifetime: must not be negative, is %v; 0 is for ever", c.ConnMaxLifetime))
	}
	return errors.Join(errs...)
}

func (c *Config) validateData() error {
	for i, key := range c.DataAttributes {
		if key == "" {
			return fmt.Errorf("data_attributes::%d: must not be empty; it is the key of an attribute", i)
		}
	}
	return nil
}
