package dialect

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"strconv"
	"strings"
	"time"

	"github.com/otelactivity/activitylog/internal/table/row"
)

// Counter is a database that can keep a table of counts beside the table of rows.
// Triggers count each row that is added, changed or deleted, whoever does it. The
// exporter counts its own rows in the same transaction, many at once, and tells the
// triggers so, because they are slow.
type Counter interface {
	Dialect

	// CountTriggers returns the statements that create the triggers, which may be there
	// already, and DropCountTriggers those that remove them.
	CountTriggers(table string) []string
	DropCountTriggers(table string) []string

	// BeginCounted is the statement with which a transaction makes the triggers leave the
	// rows that it inserts to itself. EndCounted takes that back; "" if the end of the
	// transaction does.
	BeginCounted(table string) string
	EndCounted(table string) string

	// AddCounts returns a statement, and its arguments, that adds to the counts.
	AddCounts(table string, counts []Count) (query string, args []any)

	// DeleteCounts returns a statement, and its arguments, that deletes counts by their ids.
	DeleteCounts(table string, ids []int64) (query string, args []any)

	// CountHour returns the beginning of the hour of a row as the counts have it, in the
	// form of [Dialect.Args].
	CountHour(at time.Time) any

	// CountAll is a query for the count of each key: hour, then the columns of
	// [CountedColumns], then n.
	CountAll(table string) string

	// BuildCounts returns how a count of all rows begins.
	BuildCounts(table string) CountBuild

	// SumOf is an expression for the sum of a column of whole numbers, as a whole number.
	SumOf(column string) string
}

// CountsSwitch is a [Counter] whose statement EndCounted turns the trigger on. So counts
// that were turned off must stay off.
type CountsSwitch interface {
	// CountsOn is a query for one boolean.
	CountsOn(table string) string
}

// CountsSession is a [Counter] whose statement BeginCounted is about the connection.
type CountsSession interface {
	// EndCounted is that of [Counter], for a connection that was used before.
	EndCounted(table string) string
	// CountsSession does nothing; it marks the dialect.
	CountsSession()
}

// CountsAdviser is a [Counter] that knows why the triggers cannot be created or removed.
type CountsAdviser interface {
	// CountsAdvice returns what to do about an error, or "".
	CountsAdvice(err error) string
}

// CountBuild are the statements around the count of all rows. One connection locks the
// table, which waits for the transactions that write to it, and creates the triggers.
// Another one begins a transaction that sees the rows of that moment, and only these.
// Then the first one unlocks the table, and the second one counts.
type CountBuild struct {
	Lock     []string
	Snapshot []string // none: the first connection counts before it unlocks
	Unlock   string
	Back     string // like Unlock, when something has failed
}

// Count is a change of the count of a key.
type Count struct {
	Hour  time.Time // its beginning
	Text  [4]string // by [CountedColumns]; "" is NULL
	Empty [4]bool   // "" is text without characters, which the exporter never writes
	N     int64
}

// null reports whether a column is NULL.
func (c *Count) null(column int) bool { return c.Text[column] == "" && !c.Empty[column] }

// counted are the columns of a key, as indexes into [row.Row.Text].
var counted = [4]int{row.ServiceName, row.TenantID, row.ActionType, row.Status}

// CountedColumns are the columns that rows are counted by, besides the hour.
func CountedColumns() []string {
	names := make([]string, len(counted))
	for i, column := range counted {
		names[i] = row.Names[column]
	}
	return names
}

// Counts returns the counts of rows, which come in parts.
func Counts(parts [][]row.Row) []Count {
	t := countTable{places: map[uint64]int{}, seed: maphash.MakeSeed()}
	for _, rows := range parts {
		for i := range rows {
			t.add(&rows[i])
		}
	}
	return t.counts
}

// countTable are counts that are found by a hash of their keys. It takes a third of the
// time of a map with whole keys.
type countTable struct {
	counts []Count
	next   []int          // another one of the same hash, or -1
	places map[uint64]int // the latest one of each hash
	seed   maphash.Seed
}

func (t *countTable) add(r *row.Row) {
	hour := int64(binary.BigEndian.Uint64(r.ID[:8])>>16) / hourMillis
	hash := uint64(hour)
	for _, column := range counted {
		hash = bits.RotateLeft64(hash, 17) ^ maphash.String(t.seed, r.Text[column])
	}
	first, ok := t.places[hash]
	if !ok {
		first = -1
	}
	for place := first; place >= 0; place = t.next[place] {
		if t.counts[place].is(hour, r) {
			t.counts[place].N++
			return
		}
	}
	count := Count{Hour: time.UnixMilli(hour * hourMillis).UTC(), N: 1}
	for i, column := range counted {
		count.Text[i] = r.Text[column]
	}
	t.places[hash] = len(t.counts)
	t.counts, t.next = append(t.counts, count), append(t.next, first)
}

const hourMillis = int64(time.Hour / time.Millisecond)

// is reports whether a count is that of a row of an hour of Unix time.
func (c *Count) is(hour int64, r *row.Row) bool {
	for i, column := range counted {
		if c.Text[i] != r.Text[column] {
			return false
		}
	}
	return c.Hour.UnixMilli() == hour*hourMillis
}

// CountsTable returns the name of the table of counts.
func CountsTable(table string) string { return table + "_counts" }

// CountsStateTable returns the name of the table that says whether the counts are true.
func CountsStateTable(table string) string { return table + "_counts_state" }

// States of the counts, in the table [CountsStateTable]. Without a row there are no
// triggers, and nothing is counted.
const (
	CountsBuilding = "building" // the triggers count; what was there before is not counted yet
	CountsUsable   = "usable"   // the counts are those of the rows
	CountsBroken   = "broken"   // something has changed that could not be counted
)

// MaxCounts is the most counts of [Counter.AddCounts] and of [Counter.DeleteCounts].
const MaxCounts = 1000

// countColumns are the columns of the counts that are written.
func countColumns() string { return "hour, " + strings.Join(CountedColumns(), ", ") + ", n" }

// addCounts is [Counter.AddCounts] of databases whose parameters are question marks.
func addCounts(c Counter, table string, counts []Count) (query string, args []any) {
	args = make([]any, 0, 6*len(counts))
	for i := range counts {
		args = append(args, c.CountHour(counts[i].Hour))
		for j, text := range counts[i].Text {
			if counts[i].null(j) {
				args = append(args, nil)
				continue
			}
			args = append(args, text)
		}
		args = append(args, counts[i].N)
	}
	return "INSERT INTO " + Quote(CountsTable(table)) + " (" + countColumns() + ") VALUES (?, ?, ?, ?, ?, ?)" +
		strings.Repeat(", (?, ?, ?, ?, ?, ?)", len(counts)-1), args
}

// deleteCounts is [Counter.DeleteCounts] of databases without arrays. The ids are numbers of
// the database itself, so they stand in the statement.
func deleteCounts(table string, ids []int64) (query string, args []any) {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return "DELETE FROM " + Quote(CountsTable(table)) + " WHERE id IN (" + strings.Join(texts, ", ") + ")", nil
}

// countAll is [Counter.CountAll] with an expression for the hour of action_time.
func countAll(table, hour string) string {
	columns := strings.Join(CountedColumns(), ", ")
	return "SELECT " + hour + " AS hour, " + columns + ", count(*) AS n FROM " + Quote(table) + " GROUP BY 1, " + columns
}

// change is a statement of a trigger that adds n to the count of the row old or new.
func change(table, row, hour, n string) string {
	values := []string{strings.ReplaceAll(hour, "action_time", row+".action_time")}
	for _, column := range CountedColumns() {
		values = append(values, row+"."+column)
	}
	return "INSERT INTO " + Quote(CountsTable(table)) + " (" + countColumns() + ") VALUES (" + strings.Join(values, ", ") + ", " + n + ");"
}

// countTrigger returns the name of a trigger, unquoted. It is in the schema of the table.
func countTrigger(table, event string) string { return CountsTable(table) + "_" + event }
