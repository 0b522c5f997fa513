package dialect

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
	"github.com/google/uuid"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/row"
)

//go:embed schema/clickhouse/*.sql schema/clickhouse_cluster/*.sql
var clickhouseSchema embed.FS

// ClickHouse is ClickHouse 24.3 and newer by github.com/ClickHouse/clickhouse-go.
// Rows are sent in blocks. The database does not check whether a row exists: it is
// written again, and the view with the table's name shows only the first copy.
type ClickHouse struct {
	// Cluster is the name of the cluster in the servers' configuration on which the
	// schema is created; "" for a single server.
	Cluster string
}

// Driver implements [Dialect].
func (ClickHouse) Driver() string { return "clickhouse" }

// Goose implements [Dialect].
func (ClickHouse) Goose() string { return "clickhouse" }

// MaxConns implements [Dialect].
func (ClickHouse) MaxConns() int { return 0 }

// Uncounted implements [Uncounted].
func (ClickHouse) Uncounted() {}

// DSN implements [Dialect]. It takes a URL, of the native protocol or of HTTP,
// and adds the settings of [ClickHouse.settings] that are not in it.
func (c ClickHouse) DSN(dsn string) (string, error) {
	scheme, _, _ := strings.Cut(dsn, "://")
	options, err := clickhouse.ParseDSN(dsn)
	if err != nil || !slices.Contains([]string{"clickhouse", "tcp", "http", "https"}, scheme) {
		// Not the driver's own error: it may repeat the string, and the password.
		return "", errors.New(`must be a ClickHouse URL, "clickhouse://user:password@host:9000/database" or "https://user:password@host:8443/database?secure=true", with special characters of the password percent-encoded`)
	}
	added := url.Values{}
	for _, setting := range c.settings() {
		switch value, ok := options.Settings[setting.name]; {
		case !ok:
			added.Set(setting.name, strconv.Itoa(setting.value))
		case setting.must && fmt.Sprint(value) != strconv.Itoa(setting.value):
			return "", fmt.Errorf("must not change the setting %s from %d, so that rows are written when they are acknowledged", setting.name, setting.value)
		}
	}
	for name, limit := range map[string]string{"dial_timeout": "5s", "read_timeout": "30s"} {
		if !strings.Contains(dsn, name+"=") { // the driver's own are 30 seconds and 5 minutes
			added.Set(name, limit)
		}
	}
	separator := "?"
	if strings.Contains(dsn, "?") {
		separator = "&"
	}
	return dsn + separator + added.Encode(), nil
}

// clickhouseSetting is a setting of each statement. A DSN may have another value
// for it, unless it must be this one.
type clickhouseSetting struct {
	name  string
	value int
	must  bool
}

// settings are explained at clickhouse.com/docs/operations/settings/settings.
func (c ClickHouse) settings() []clickhouseSetting {
	settings := []clickhouseSetting{
		// Rows come in large blocks already; newer servers collect them by default.
		{"async_insert", 0, false},
		{"wait_for_async_insert", 1, true},
		// A block that is sent again must be written again: see 00001_activity_log.sql.
		{"insert_deduplicate", 0, false},
		// The default forbids rows of more than a hundred months in one block.
		{"max_partitions_per_insert_block", 0, false},
	}
	if c.Cluster != "" {
		settings = append(settings, clickhouseSetting{"distributed_foreground_insert", 1, true})
	}
	return settings
}

// Schema implements [Dialect].
func (c ClickHouse) Schema(table string) fs.FS {
	dir, database := "schema/clickhouse", "currentDatabase()"
	if c.Cluster != "" {
		dir = "schema/clickhouse_cluster"
	}
	name := table
	if schema, after, ok := strings.Cut(table, "."); ok {
		database, name = "'"+schema+"'", after
	}
	dead := DeadLetterTable(table)
	return expand(clickhouseSchema, dir, table,
		"{{store}}", Quote(clickhouseStore(table)), "{{dead_letter_store}}", Quote(clickhouseStore(dead)),
		"{{local}}", Quote(table+"_local"), "{{dead_letter_local}}", Quote(dead+"_local"),
		"{{shard}}", Quote(table+"_shard"), "{{dead_letter_shard}}", Quote(dead+"_shard"),
		"{{cluster}}", c.Cluster, "{{database}}", database, "{{name}}", name)
}

// clickhouseStore returns the name of the table that is written to; table is a view.
func clickhouseStore(table string) string { return table + "_store" }

// Insert implements [Dialect]. By database/sql, the driver sends the appended rows as
// one block at the commit.
func (c ClickHouse) Insert(table string) string { return c.InsertBlock(table) }

// InsertBlock implements [BlockInserter].
func (ClickHouse) InsertBlock(table string) string {
	return "INSERT INTO " + Quote(clickhouseStore(table)) + " (" + strings.Join(Columns(), ", ") + ")"
}

// LastTime implements [BlockInserter]: the driver counts nanoseconds in 64 bits, and
// sends a wrong time for a later one.
func (ClickHouse) LastTime() time.Time { return time.Unix(0, math.MaxInt64) }

// DeadLetter implements [Dialect]. The database computes action_time from event_id,
// because the driver rounds times in statements to seconds.
func (ClickHouse) DeadLetter(table string) string {
	return "INSERT INTO " + Quote(clickhouseStore(DeadLetterTable(table))) +
		" (event_id, reason, record) VALUES ($1, $3, $4)"
}

// MaxLetters implements [Letters].
func (ClickHouse) MaxLetters() int { return 1000 }

// DeadLetters implements [Letters].
func (c ClickHouse) DeadLetters(table string, letters []Letter) (query string, args []any) {
	into, _, _ := strings.Cut(c.DeadLetter(table), " VALUES ")
	values := make([]string, len(letters))
	for i, l := range letters {
		values[i] = fmt.Sprintf("($%d, $%d, $%d)", 3*i+1, 3*i+2, 3*i+3)
		args = append(args, l.ID.String(), l.Reason, l.Record)
	}
	return into + " VALUES " + strings.Join(values, ", "), args
}

// Args implements [Dialect], with pointers into r, which cost no allocation. The
// columns of type LowCardinality are values, because for the driver each pointer
// would be another value.
func (ClickHouse) Args(args []any, r *row.Row) []any {
	args = append(args, (*uuid.UUID)(&r.ID), clickhouseTime(r.ID))
	for i := range r.Text {
		switch {
		case r.Text[i] == "":
			args = append(args, nil)
		case i == row.ActionType || i == row.Status || i == row.Source:
			args = append(args, r.Text[i])
		default:
			args = append(args, &r.Text[i])
		}
	}
	return args
}

// clickhouseTime returns the argument for action_time. A time that the driver cannot
// send is passed as text, which the driver rejects with an error that contains it.
func clickhouseTime(id activity.ID) any {
	at := id.Time()
	if at.After(ClickHouse{}.LastTime()) {
		return at.Format("2006-01-02 15:04:05.000000") + " (after 2262-04-11)"
	}
	return at
}

// clickhouseRow is the number of the row in the message of VIOLATED_CONSTRAINT.
var clickhouseRow = regexp.MustCompile(`is violated at row (\d+)`)

// Classify implements [Dialect]. Source of the codes: src/Common/ErrorCodes.cpp
// of ClickHouse, and system.errors.
func (ClickHouse) Classify(err error) Verdict {
	// The driver cannot convert a value to the type of the column; nothing was sent.
	if value := (*ValueError)(nil); errors.As(err, &value) {
		return Verdict{Kind: Rejected, Code: "AppendRow", Row: value.Row}
	}
	if block := (*proto.BlockError)(nil); errors.As(err, &block) && block.Op == "AppendRow" {
		return Verdict{Kind: Rejected, Code: "AppendRow"}
	}
	var e *clickhouse.Exception
	if !errors.As(err, &e) {
		return Verdict{}
	}
	verdict := Verdict{Code: strconv.Itoa(int(e.Code))}
	switch e.Code {
	case 469, // VIOLATED_CONSTRAINT
		395, // FUNCTION_THROW_IF_VALUE_IS_NON_ZERO: of a materialized view
		131, // TOO_LARGE_STRING_SIZE: for a FixedString
		321, // VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
		349, // CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
		407, // DECIMAL_OVERFLOW
		691: // UNKNOWN_ELEMENT_OF_ENUM
		verdict.Kind = Rejected
	case 497: // ACCESS_DENIED
		verdict.Kind = Denied
	case 60, 16, 53: // UNKNOWN_TABLE, NO_SUCH_COLUMN_IN_TABLE, TYPE_MISMATCH
		verdict.Kind = Schema
	case 159: // TIMEOUT_EXCEEDED
		verdict.TooSlow = true
	}
	if match := clickhouseRow.FindStringSubmatch(e.Message); match != nil {
		verdict.Row, _ = strconv.Atoi(match[1])
	}
	return verdict
}
