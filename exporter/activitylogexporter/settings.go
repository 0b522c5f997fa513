package activitylogexporter

import (
	"fmt"
	"regexp"

	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/internal/table/dialect"
)

// Driver is the name of a kind of database, or empty.
type Driver string

// Validate implements [confmap.Validator].
func (d Driver) Validate() error {
	if d == "" {
		return nil
	}
	return confcheck.OneOf(string(d), dialect.Drivers()...)
}

// Cluster is the name of a ClickHouse cluster, or empty.
type Cluster string

// clusterName is strict because the name becomes part of statements.
var clusterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)

// Validate implements [confmap.Validator].
func (c Cluster) Validate() error {
	if c != "" && !clusterName.MatchString(string(c)) {
		return fmt.Errorf("must have letters, digits, _ and - only, and begin with a letter or _; got %q", string(c))
	}
	return nil
}

// Table is the name of a table, with a schema or without.
type Table string

const (
	defaultTable = "activity_log"
	// maxTable leaves room for the longest suffix, "_login_failed_idx", within
	// the 63 bytes of a PostgreSQL identifier.
	maxTable = 46
)

var tableName = regexp.MustCompile(`^([a-z_][a-z0-9_]*\.)?([a-z_][a-z0-9_]*)$`)

// Validate implements [confmap.Validator].
func (t Table) Validate() error {
	parts := tableName.FindStringSubmatch(string(t))
	switch {
	case parts == nil:
		return fmt.Errorf("must have lower-case letters, digits and _ only, and not begin with a digit; a schema and a dot may come first; got %q", string(t))
	case len(parts[2]) > maxTable:
		return fmt.Errorf("must have at most %d characters; got %d", maxTable, len(parts[2]))
	}
	return nil
}

// Partition is the size of a partition.
type Partition dialect.Partition

// Validate implements [confmap.Validator].
func (p Partition) Validate() error {
	return confcheck.OneOf(dialect.Partition(p), dialect.PartitionNone, dialect.PartitionMonth, dialect.PartitionDay)
}

// Bulk is how many rows are written at once.
type Bulk string

const (
	bulkLoad   Bulk = "load"
	bulkInsert Bulk = "insert"
)

// Validate implements [confmap.Validator].
func (b Bulk) Validate() error { return confcheck.OneOf(b, bulkLoad, bulkInsert) }

// OnRefused is what happens to a row that the database refuses.
type OnRefused string

const (
	refusedDeadLetter OnRefused = "dead_letter"
	refusedBlock      OnRefused = "block"
)

// Validate implements [confmap.Validator].
func (o OnRefused) Validate() error { return confcheck.OneOf(o, refusedDeadLetter, refusedBlock) }
