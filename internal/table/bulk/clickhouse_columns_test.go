package bulk

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// block is a batch that is not sent.
type block struct {
	driver.Batch
	of proto.Block
}

// newBlock returns an empty block with the types of our schema, except those that
// changes has by name.
func newBlock(t testing.TB, changes map[string]string) *block {
	t.Helper()
	b := &block{of: proto.Block{ServerContext: &column.ServerContext{Timezone: time.UTC}}}
	for _, name := range dialect.Columns() {
		kind := map[string]string{
			"event_id": "UUID", "action_time": "DateTime64(6, 'UTC')", "data": "String",
			"action_type": "LowCardinality(String)", "status": "LowCardinality(String)", "source": "LowCardinality(String)",
		}[name]
		if kind == "" {
			kind = "Nullable(String)"
		}
		if changes[name] != "" {
			kind = changes[name]
		}
		if err := b.of.AddColumn(name, column.Type(kind)); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b *block) Columns() []column.Interface { return b.of.Columns }

func (b *block) Column(i int) driver.BatchColumn { return blockColumn{b.of.Columns[i]} }

type blockColumn struct{ column.Interface }

func (c blockColumn) Append(v any) error { _, err := c.Interface.Append(v); return err }

// received is the block as the server reads it.
func (b *block) received(t *testing.T) *received {
	t.Helper()
	var buffer chproto.Buffer
	if err := b.of.Encode(&buffer, 0); err != nil { // an error if the columns are not of one length
		t.Fatalf("encode: %v", err)
	}
	got := &received{proto.Block{ServerContext: b.of.ServerContext}}
	if err := got.Decode(buffer.Reader(), 0); err != nil {
		t.Fatalf("decode: %v", err)
	}
	return got
}

type received struct{ proto.Block }

// text returns a value of the block as text, "<nil>" for NULL.
func (b *received) text(name string, i int) string {
	for _, each := range b.Columns {
		if each.Name() != name {
			continue
		}
		switch value := each.Row(i, false).(type) {
		case *string:
			return *value
		case time.Time:
			return value.UTC().Format("2006-01-02 15:04:05.000000")
		default:
			return fmt.Sprint(value)
		}
	}
	return "no column " + name
}

// some returns n rows; every third has only what each row has.
func some(n int, word string) []row.Row {
	rows := make([]row.Row, n)
	for i := range rows {
		rows[i].ID = activity.NewIDAt(time.Date(2026, 3, 1, 12, 0, 0, i*1000, time.UTC))
		for j := range rows[i].Text {
			if i%3 != 2 {
				rows[i].Text[j] = fmt.Sprint(word, " ", row.Names[j], " ", i%7)
			}
		}
		rows[i].Text[row.ActionType], rows[i].Text[row.Status] = "Update", []string{"Success", "Failed"}[i%2]
		rows[i].Text[row.Source], rows[i].Text[row.Data] = "declared", `{"n":1}`
	}
	return rows
}

var last = dialect.ClickHouse{}.LastTime()

// check compares each value of a block with the rows.
func check(t *testing.T, b *received, rows []row.Row) {
	t.Helper()
	if b.Rows() != len(rows) {
		t.Fatalf("the block has %d rows, want %d", b.Rows(), len(rows))
	}
	for i, r := range rows {
		if got := b.text("event_id", i); got != r.ID.String() {
			t.Fatalf("event_id of row %d: got %s, want %s", i, got, r.ID)
		}
		if got, want := b.text("action_time", i), r.ID.Time().UTC().Format("2006-01-02 15:04:05.000000"); got != want {
			t.Fatalf("action_time of row %d: got %s, want %s", i, got, want)
		}
		for j, name := range row.Names {
			want := r.Text[j]
			if want == "" {
				want = "<nil>"
			}
			if got := b.text(name, i); got != want {
				t.Fatalf("%s of row %d: got %q, want %q", name, i, got, want)
			}
		}
	}
}

// TestFill fills blocks of different sizes one after the other, whose memory is that of
// the one before.
func TestFill(t *testing.T) {
	c := &columns{}
	for i, n := range []int{5, 1000, 1, 30, 2000} {
		rows := some(n, strings.Repeat("größer ", i+1))
		b := newBlock(t, nil)
		if err := c.fill(b, rows, last); err != nil {
			t.Fatalf("fill %d rows: %v", n, err)
		}
		check(t, b.received(t), rows)
		if size := rows[0].Size(); c.size < size || c.size > n*2*size {
			t.Errorf("size of %d rows like one of %d: got %d", n, size, c.size)
		}
	}
	if got := c.types()[1].Type; got != "DateTime64(6, 'UTC')" {
		t.Errorf("type of action_time: got %s", got)
	}
}

// TestFillKeepsNothing of the rows, which belong to the caller again.
func TestFillKeepsNothing(t *testing.T) {
	c := &columns{}
	if err := c.fill(newBlock(t, nil), some(3, "a"), last); err != nil {
		t.Fatal(err)
	}
	for _, pointer := range c.pointers[:cap(c.pointers)] {
		if pointer != nil {
			t.Fatal("a row is kept")
		}
	}
	for _, text := range c.texts[:cap(c.texts)] {
		if text != "" {
			t.Fatal("a text is kept")
		}
	}
}

// TestFillOtherTypes: users may change the type of a column.
func TestFillOtherTypes(t *testing.T) {
	for name, c := range map[string]struct {
		column, kind string
		text         string // "" for the text that the row has
	}{
		"nothing is NULL":      {"actor_id", "String", ""},
		"low cardinality":      {"service_name", "LowCardinality(Nullable(String))", ""},
		"an enumeration":       {"status", "Enum8('Success' = 1, 'Failed' = 2)", ""},
		"one that may be NULL": {"status", "Nullable(Enum16('Success' = 1, 'Failed' = 2))", ""},
		"a fixed length":       {"source", "FixedString(8)", ""},
		"a time in seconds":    {"action_time", "DateTime('UTC')", "2026-03-01 12:00:00.000000"},
		"an id as text":        {"event_id", "String", ""},
	} {
		t.Run(name, func(t *testing.T) {
			filler := &columns{}
			changes := map[string]string{c.column: c.kind}
			rows := some(4, "b")
			for range 2 { // the second one with the memory of the first
				b := newBlock(t, changes)
				if err := filler.fill(b, rows, last); err != nil {
					t.Fatal(err)
				}
				want := c.text
				if want == "" {
					want = map[string]string{"actor_id": rows[1].Text[row.ActorID], "service_name": rows[1].Text[row.ServiceName],
						"status": "Failed", "source": "declared", "event_id": rows[1].ID.String()}[c.column]
				}
				if got := b.received(t).text(c.column, 1); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			}
		})
	}
}

// TestReuseAfterChange: a column whose type has changed does not get the memory of the
// old one.
func TestReuseAfterChange(t *testing.T) {
	c := &columns{}
	rows := some(4, "c")
	for _, kind := range []string{"Nullable(String)", "String", "LowCardinality(String)", "Nullable(String)", "Nullable(FixedString(30))"} {
		b := newBlock(t, map[string]string{"actor_id": kind})
		if err := c.fill(b, rows, last); err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if got := strings.TrimRight(b.received(t).text("actor_id", 1), "\x00"); got != rows[1].Text[row.ActorID] {
			t.Errorf("%s: got %q", kind, got)
		}
	}
}

// TestFillError: an error says which row is wrong, so that the others are written soon.
func TestFillError(t *testing.T) {
	tooLate := some(4, "d")
	tooLate[2].ID = activity.NewIDAt(time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC))
	unknown := some(4, "d")
	unknown[1].Text[row.Status] = "Perhaps"
	for name, c := range map[string]struct {
		rows    []row.Row
		changes map[string]string
		want    dialect.Verdict
		says    string
	}{
		"a time that cannot be sent": {tooLate, nil, dialect.Verdict{Kind: dialect.Rejected, Code: "AppendRow", Row: 3}, "action_time: 2300-01-01 00:00:00.000000 is after 2262-04-11"},
		"an unknown element": {unknown, map[string]string{"status": "Enum8('Success' = 1, 'Failed' = 2)"},
			dialect.Verdict{Kind: dialect.Rejected, Code: "AppendRow", Row: 2}, "column status: "},
		"too late for seconds": {some(1, "d"), map[string]string{"event_id": "Nullable(Int8)"},
			dialect.Verdict{Kind: dialect.Rejected, Code: "AppendRow", Row: 1}, "column event_id: "},
	} {
		t.Run(name, func(t *testing.T) {
			err := new(columns).fill(newBlock(t, c.changes), c.rows, last)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("got the error %v, want one with %q", err, c.says)
			}
			if got := (dialect.ClickHouse{}).Classify(fmt.Errorf("write: %w", err)); got != c.want {
				t.Errorf("verdict: got %+v, want %+v", got, c.want)
			}
			if errors.Unwrap(err) == nil {
				t.Error("the error has no cause")
			}
		})
	}
	short := newBlock(t, nil)
	short.of.Columns = short.of.Columns[:5]
	if err := new(columns).fill(short, some(1, "d"), last); err == nil || (dialect.ClickHouse{}).Classify(err).Kind != dialect.Database {
		t.Errorf("too few columns: got %v, want an error about the database", err)
	}
}

// TestBox remembers a bounded number of values.
func TestBox(t *testing.T) {
	c := &columns{}
	for i := range 3 * maxBoxed {
		if got := c.box(fmt.Sprint(i)); got != fmt.Sprint(i) {
			t.Fatalf("got %v, want %d", got, i)
		}
	}
	if len(c.boxed) > maxBoxed {
		t.Errorf("%d values are remembered, want at most %d", len(c.boxed), maxBoxed)
	}
	long := strings.Repeat("x", maxBoxedText+1)
	if got := c.box(long); got != long || c.boxed[long] != nil {
		t.Errorf("got %v, which is remembered: %v", got, c.boxed[long] != nil)
	}
}

// TestFillAllocates little for a block after the first one.
func TestFillAllocates(t *testing.T) {
	const n = 2000
	c := &columns{}
	rows := some(n, "e")
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			b.StopTimer()
			empty := newBlock(b, nil)
			b.StartTimer()
			if err := c.fill(empty, rows, last); err != nil {
				b.Fatal(err)
			}
		}
	})
	if perRow := float64(result.AllocsPerOp()) / n; perRow > 0.2 {
		t.Errorf("%.2f allocations a row, want at most 0.2", perRow)
	}
	if perRow := result.AllocedBytesPerOp() / n; perRow > 300 { // rows have 900 bytes
		t.Errorf("%d bytes are allocated for a row, want at most 300", perRow)
	}
}

// BenchmarkFill is what the columns of a block of 10,000 rows cost before they are sent.
func BenchmarkFill(b *testing.B) {
	c := &columns{}
	rows := some(10_000, "f")
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		empty := newBlock(b, nil)
		b.StartTimer()
		if err := c.fill(empty, rows, last); err != nil {
			b.Fatal(err)
		}
	}
}
