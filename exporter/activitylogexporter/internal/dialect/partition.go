package dialect

import "time"

// Partition is the size of a partition.
type Partition string

// The values of the configuration key partition.
const (
	PartitionNone  Partition = "none"
	PartitionMonth Partition = "month"
	PartitionDay   Partition = "day"
)

// Floor returns the begin of the month or day of t, in UTC.
func (p Partition) Floor(t time.Time) time.Time {
	year, month, day := t.UTC().Date()
	if p == PartitionMonth {
		day = 1
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// Add returns the begin of the nth month or day after that of t.
func (p Partition) Add(t time.Time, n int) time.Time {
	if p == PartitionMonth {
		return p.Floor(t).AddDate(0, n, 0)
	}
	return p.Floor(t).AddDate(0, 0, n)
}

// Partitioner is the ability to keep a table in partitions by time.
type Partitioner interface {
	// Interval is what one partition holds; [PartitionNone] if there are none.
	Interval() Partition

	// IsPartitioned is a query that answers with one boolean.
	IsPartitioned(table string) string

	// Partitions is a query for the name of each partition, and for its begin and
	// its end in microseconds of Unix time; rows of no other partition have one
	// without.
	Partitions(table string) string

	// AddPartition is what makes the partition for the time from begin until
	// before end, in one transaction; nothing if the database does that itself.
	AddPartition(table string, begin, end time.Time) []string

	// DropPartition is what drops the partition of that name, with its rows. Those
	// that were recorded at or after a time are kept, in the partition of all
	// other rows.
	DropPartition(table, name string, recorded time.Time) []string
}

// Expirer is the ability to delete old rows a few at a time, so that writers
// are never blocked for long. A row is old when it is of before a time and was
// recorded before it: what claims to be long past is kept as long as what is not.
type Expirer interface {
	// Now is a query for the database's clock, in microseconds of Unix time.
	Now() string

	// Expire returns a statement, and its arguments, that deletes up to limit
	// rows that are old. table is that of the rows, or of the dead letters.
	Expire(table string, before time.Time, limit int) (query string, args []any)

	// CountOld returns a query, and its arguments, for how many rows there are
	// that Expire deletes with the same table and time, up to limit, and that are
	// of before another time. CountAny is how many rows there are at all, up to
	// limit.
	CountOld(table string, of, before time.Time, limit int) (query string, args []any)
	CountAny(table string, limit int) string
}
