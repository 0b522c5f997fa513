package dialect

import "time"

// Partition is the size of a partition.
type Partition string

// The values of the setting partition.
const (
	PartitionNone  Partition = "none"
	PartitionMonth Partition = "month"
	PartitionDay   Partition = "day"
)

// Floor returns the start of the month or day of t, in UTC.
func (p Partition) Floor(t time.Time) time.Time {
	year, month, day := t.UTC().Date()
	if p == PartitionMonth {
		day = 1
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// Add returns the start of the nth month or day after that of t.
func (p Partition) Add(t time.Time, n int) time.Time {
	if p == PartitionMonth {
		return p.Floor(t).AddDate(0, n, 0)
	}
	return p.Floor(t).AddDate(0, 0, n)
}

// Partitioner is the ability to keep a table in partitions by time.
type Partitioner interface {
	// Interval is the size of a partition; [PartitionNone] for a table without.
	Interval() Partition

	// IsPartitioned is a query for one boolean.
	IsPartitioned(table string) string

	// Partitions is a query for the name of each partition, with its start and end in
	// microseconds of Unix time. Both are NULL for the default partition.
	Partitions(table string) string

	// PartitionName is the name of the partition that AddPartition creates, without that
	// of its schema.
	PartitionName(table string, begin time.Time) string

	// AddPartition returns the statements, for one transaction, that create the
	// partition from begin until before end; none if the database does so itself.
	AddPartition(table string, begin, end time.Time) []string

	// DropPartition returns the statements that drop the partition of that name with
	// its rows. Rows with a recorded_at of recorded or later are moved to the default
	// partition.
	DropPartition(table, name string, recorded time.Time) []string
}

// Expirer is the ability to delete old rows a few at a time, so that writers are
// never blocked for long. A row is old if both its action_time and its recorded_at
// are before a time: a row with a false, early action_time is not deleted sooner.
type Expirer interface {
	// Now is a query for the database's clock, in microseconds of Unix time.
	Now() string

	// Expire returns a statement, and its arguments, that deletes up to limit old
	// rows. table is the table of rows or of dead letters.
	Expire(table string, before time.Time, limit int) (query string, args []any)

	// CountOld returns a query, and its arguments, for the number of rows, up to
	// limit, that Expire deletes with the same table and time, and that are also from
	// before another time. CountAny counts all rows, up to limit.
	CountOld(table string, of, before time.Time, limit int) (query string, args []any)
	CountAny(table string, limit int) string
}
