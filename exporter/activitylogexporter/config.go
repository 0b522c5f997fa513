package activitylogexporter

import (
	"errors"
	"fmt"
	"strings"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"

	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// Config is the configuration of the exporter; README.md shows it as YAML.
type Config struct {
	// Driver names the kind of database: sqlite, postgres, clickhouse, mysql for
	// MySQL and MariaDB, or generic. Default: the one that DSN is for, if that is
	// clear.
	Driver Driver `mapstructure:"driver"`

	// DSN is the data source name, as the database's driver wants it:
	// "file:activity.db", "postgres://user:secret@host:5432/db",
	// "user:secret@tcp(host:3306)/db", "clickhouse://user:secret@host:9000/db".
	// Required.
	DSN configopaque.String `mapstructure:"dsn"`

	// Cluster is the name of a ClickHouse cluster, as its servers know it: the
	// tables are created on all of them, replicated and sharded. Default: one server.
	Cluster Cluster `mapstructure:"cluster"`

	// Table is the name of the table, activity_log by default; on PostgreSQL
	// there may be a schema before it, "audit.activity_log", on MySQL and
	// ClickHouse a database.
	Table Table `mapstructure:"table"`

	// CreateSchema makes the exporter create and update the tables. With false
	// it only ever inserts. Default: true.
	CreateSchema bool `mapstructure:"create_schema"`

	// Counts turns on a table of counts for a table without rows, so that dashboards need
	// not read all rows: docs/operate/configure.md. Not for ClickHouse and generic.
	// Default: false.
	Counts bool `mapstructure:"counts"`

	// Partition is the size of a partition: month, day, or none, the default.
	// Only PostgreSQL has partitions. They cannot be added to a table that exists, or
	// taken away; the size may be changed, and is that of new partitions.
	Partition Partition `mapstructure:"partition"`

	// LateIndexes makes the indexes of actors and of traces when the time of a partition
	// is over, because they slow down writing most: docs/databases/postgres.md. It turns
	// them on; "activitylog schema apply --late-indexes off" turns them off. Only for
	// PostgreSQL with partitions. Default: false.
	LateIndexes bool `mapstructure:"late_indexes"`

	// Retention is the age at which rows are removed, "400d": whole partitions,
	// or single rows where there are no partitions. By default rows are kept for ever.
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
	Bulk Bulk `mapstructure:"bulk"`

	// OnRefused is what happens to a row that the database refuses: dead_letter,
	// the default, keeps it in a table of its own; block tries it again until
	// the table takes it.
	OnRefused OnRefused `mapstructure:"on_refused"`

	// DataAttributes are the keys of further attributes of a record, its scope
	// or its resource that are copied into the column data.
	DataAttributes confcheck.Texts `mapstructure:"data_attributes"`

	// MaxOpenConns is the most connections to the database; 0 means no limit,
	// 10 the default. SQLite has one writer, whatever is set here.
	MaxOpenConns confcheck.Count `mapstructure:"max_open_conns"`

	// MaxIdleConns is the most connections that are kept open while idle.
	// Default: 10.
	MaxIdleConns confcheck.Count `mapstructure:"max_idle_conns"`

	// ConnMaxLifetime is how long a connection is used; 0 is for ever. Default:
	// 30 minutes.
	ConnMaxLifetime confcheck.Duration `mapstructure:"conn_max_lifetime"`

	// Timeout limits one transaction; 0 means no limit. Default: 30 s.
	Timeout confcheck.Duration `mapstructure:"timeout"`

	// Queue is where activities wait for the database.
	Queue QueueConfig `mapstructure:"queue"`

	// ShutdownTimeout is how long a shutdown may go on writing what is in the
	// queue. What is left stays on disk. Default: 20 s.
	ShutdownTimeout confcheck.Duration `mapstructure:"shutdown_timeout"`

	problems confcheck.Problems

	// prevent unkeyed literal initialization
	_ struct{}
}

var _ component.Config = (*Config)(nil)

// replaced are keys of earlier versions, and what to write instead.
var replaced = map[string]string{
	"sending_queue": `the exporter has its own queue: write "queue:" with "directory: ./storage" ` +
		`(and max_bytes, consumers, min_rows, max_rows). It is always on disk, so the extension file_storage is not needed`,
	"retry_on_failure": `delete it: a batch that fails is retried without end`,
}

// Unmarshal implements [confmap.Unmarshaler]. What it cannot decode is for Validate.
func (c *Config) Unmarshal(conf *confmap.Conf) (err error) {
	c.problems, err = confcheck.Decode(conf, c, replaced)
	return err
}

// Validate implements [confmap.Validator]. It checks what depends on several fields;
// the types of the fields check the rest.
func (c *Config) Validate() error {
	return confcheck.Line(c.problems.Err(), c.checkDatabase(), c.checkGeneric(), c.checkPartition(), c.checkLate(), c.checkRetention(), c.checkKeep(), c.checkCounts())
}

func (c *Config) checkDatabase() error {
	dsn, driver := strings.TrimSpace(string(c.DSN)), c.driver()
	d := c.dialect()
	switch {
	case driver == "" && dsn == "":
		return fmt.Errorf("dsn must not be empty; it looks like %s", exampleDSN["sqlite"])
	case driver == "":
		return fmt.Errorf("driver must be set, because the dsn does not show it; must be one of %s", confcheck.List(dialect.Drivers()))
	case d == nil:
		return nil // reported by Driver
	case dsn == "":
		return fmt.Errorf("dsn must not be empty; for driver %s it looks like %s", driver, exampleDSN[driver])
	case c.Cluster != "" && driver != sqldsn.ClickHouse:
		return fmt.Errorf("cluster is only for driver clickhouse; driver is %s", driver)
	case strings.Contains(string(c.Table), ".") && driver == sqldsn.SQLite:
		return fmt.Errorf("table must not have a schema, because SQLite has none; got %q", string(c.Table))
	case driver == sqldsn.SQLite:
		if err := sqldsn.CheckSQLite(dsn); err != nil {
			return fmt.Errorf("dsn %w", err)
		}
	}
	if _, err := d.DSN(string(c.DSN)); err != nil {
		return fmt.Errorf("dsn %w", err)
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

// driver returns [Config.Driver], or the driver that DSN is for, or "" if that is
// not clear.
func (c *Config) driver() string {
	if c.Driver != "" {
		return string(c.Driver)
	}
	return sqldsn.Kind(strings.TrimSpace(string(c.DSN)))
}

// dialect returns the dialect of the database, or nil.
func (c *Config) dialect() dialect.Dialect {
	return dialect.For(c.driver(), dialect.Options{
		Partition: dialect.Partition(c.Partition), LateIndexes: c.LateIndexes, Cluster: string(c.Cluster), Generic: c.Generic.dialect(),
	})
}

func (c *Config) checkPartition() error {
	d := c.dialect()
	_, able := d.(dialect.Partitioner)
	switch partition := dialect.Partition(c.Partition); {
	case able, d == nil:
		return nil
	case partition != dialect.PartitionMonth && partition != dialect.PartitionDay:
		return nil // none, or a value that Partition itself reports
	}
	return fmt.Errorf("partition must be none with driver %s; got %q", c.driver(), string(c.Partition))
}

func (c *Config) checkLate() error {
	partition := dialect.Partition(c.Partition)
	_, able := c.dialect().(dialect.LateIndexer)
	switch {
	case !c.LateIndexes || c.dialect() == nil:
		return nil
	case !able:
		return fmt.Errorf("late_indexes must be false with driver %s; it is for PostgreSQL with partitions", c.driver())
	case partition != dialect.PartitionMonth && partition != dialect.PartitionDay:
		return fmt.Errorf("late_indexes needs partition month or day; partition is %q", string(c.Partition))
	case !c.CreateSchema:
		return errors.New("late_indexes needs create_schema: true; without it the exporter only inserts, " +
			"and the owner of the table turns them on with \"activitylog schema apply --late-indexes on\"")
	}
	return nil
}

func (c *Config) checkRetention() error {
	switch {
	case c.RetentionForce && c.Retention == 0:
		return errors.New("retention_force needs a retention; without one no rows are removed")
	case c.Retention <= 0:
		return nil
	case c.driver() == sqldsn.ClickHouse:
		return errors.New("retention must be 0 with driver clickhouse, where a TTL of the table or dropped months do this: docs/databases/clickhouse.md")
	case !c.CreateSchema:
		return errors.New("retention needs create_schema: true; without it the exporter only inserts")
	}
	return nil
}

// checkKeep checks that it can be known when the database has failed over.
func (c *Config) checkKeep() error {
	d := c.dialect()
	if _, able := d.(dialect.Identifier); able || d == nil || c.Queue.Keep <= 0 {
		return nil
	}
	return fmt.Errorf("queue::keep must be 0 with driver %s; it is for PostgreSQL, MySQL and MariaDB", c.driver())
}

func (c *Config) checkCounts() error {
	_, able := c.dialect().(dialect.Counter)
	switch {
	case !c.Counts || c.dialect() == nil || able:
		return nil
	case c.driver() == sqldsn.ClickHouse:
		return errors.New("counts must be false with driver clickhouse, which counts the rows themselves fast enough: docs/databases/clickhouse.md")
	}
	return fmt.Errorf("counts must be false with driver %s; only sqlite, postgres, mysql and mariadb have counts", c.driver())
}

// checkGeneric checks what depends on other keys.
func (c *Config) checkGeneric() error {
	switch {
	case c.driver() != driverGeneric && !c.Generic.isZero():
		return fmt.Errorf("generic is only for driver generic; driver is %s", c.driver())
	case c.driver() != driverGeneric:
		return nil
	}
	var errs []error
	if c.CreateSchema {
		errs = append(errs, errors.New("create_schema must be false with driver generic; docs/databases/generic.md has the SQL for the tables"))
	}
	if c.Generic.Driver == "" {
		errs = append(errs, fmt.Errorf("generic must have the key driver, which must be one of %s", confcheck.List(store.Drivers())))
	}
	return confcheck.Line(errs...)
}
