package dialecttest

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

func columns(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	rows := Rows(3)
	for column := range row.Columns {
		if column != row.Data {
			rows[1].Text[column] = "größer 'than' \"this\" \\ 日本 🙂\t\n; -- " + row.Names[column]
			rows[2].Text[column] = ""
		}
	}
	rows[2].Text[row.ActionType], rows[2].Text[row.Status], rows[2].Text[row.Source] = "Read", "Success", "declared"
	rows[2].Text[row.Remarks] = strings.Repeat("0123456789", 1_000_000) // 10 MB
	rows[1].Text[row.Data] = `{"n":[1,2.5,null,true,"ü\"\\"],"o":{"k":"v"}}`
	rows[2].Text[row.Data] = `{}`
	o.write(slices.Clone(rows)...)
	for i := range rows {
		o.compare(&rows[i])
	}
	o.log.expect(t, 3, 0, 0)
}

// compare reads the row back and compares each column.
func (o *opened) compare(want *row.Row) {
	o.t.Helper()
	var id string
	var at, recorded any
	texts := make([]sql.NullString, row.Columns)
	targets := []any{&id, &at}
	for i := range texts {
		targets = append(targets, &texts[i])
	}
	query := fmt.Sprintf("SELECT %s, recorded_at FROM activity_log WHERE event_id = '%s'",
		strings.Join(dialect.Columns(), ", "), want.ID)
	if err := o.db.QueryRowContext(o.t.Context(), query).Scan(append(targets, &recorded)...); err != nil {
		o.t.Fatalf("%s: %v", query, err)
	}
	if id != want.ID.String() {
		o.t.Errorf("event_id: got %s, want %s", id, want.ID)
	}
	if got := o.time(at); !got.Equal(want.ID.Time().Truncate(max(o.h.Resolution, 1))) {
		o.t.Errorf("action_time: got %v, want %v", got, want.ID.Time())
	}
	if age := time.Since(o.time(recorded)); age < -time.Minute || age > time.Minute {
		o.t.Errorf("recorded_at: is %v old", age)
	}
	for i, got := range texts {
		switch {
		case i == row.Data:
			o.sameJSON(got.String, want.Text[i])
		case got.String != want.Text[i] || got.Valid != (want.Text[i] != ""):
			o.t.Errorf("%s: got %.100q (NULL: %v), want %.100q", row.Names[i], got.String, !got.Valid, want.Text[i])
		}
	}
}

func (o *opened) time(v any) time.Time {
	o.t.Helper()
	switch v := v.(type) {
	case time.Time:
		return v
	case string:
		for _, layout := range []string{"2006-01-02 15:04:05.999999", "2006-01-02 15:04:05.999999-07:00", time.RFC3339Nano} {
			if at, err := time.ParseInLocation(layout, v, time.UTC); err == nil {
				return at
			}
		}
	}
	o.t.Fatalf("no time: %T %v", v, v)
	return time.Time{}
}

func (o *opened) sameJSON(got, want string) {
	o.t.Helper()
	g, w := o.parse("got", got), o.parse("want", want)
	if !reflect.DeepEqual(g, w) {
		o.t.Errorf("data: got %s, want %s", got, want)
	}
}

// parse reads JSON with numbers as what they are worth, to the last digit.
func (o *opened) parse(what, text string) any {
	o.t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		o.t.Fatalf("%s: %v in %q", what, err, text)
	}
	return exact(v)
}

func exact(v any) any {
	switch v := v.(type) {
	case json.Number:
		r, _ := new(big.Rat).SetString(v.String())
		return r.String()
	case map[string]any:
		for key := range v {
			v[key] = exact(v[key])
		}
	case []any:
		for i := range v {
			v[i] = exact(v[i])
		}
	}
	return v
}

// numbers that OTLP can carry: 64-bit integers and doubles.
func numbers(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	rows := Rows(1)
	rows[0].Text[row.Data] = `{"int":[9223372036854775807,-9223372036854775808,9007199254740993],` +
		`"double":[0.1,1.7976931348623157e308,5e-324,-2.5e-10,123456789.123456789],"zero":0,"deep":[[[[[{"a":[]}]]]]],"":""}`
	o.write(slices.Clone(rows)...)
	var got string
	query := fmt.Sprintf("SELECT data FROM activity_log WHERE event_id = '%s'", rows[0].ID)
	if err := o.db.QueryRowContext(t.Context(), query).Scan(&got); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	o.sameJSON(got, rows[0].Text[row.Data])
}

func order(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	rows := Rows(500)
	want := make([]string, len(rows))
	for i := range rows {
		want[i] = rows[i].ID.String()
	}
	rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	o.write(rows...)
	for _, by := range []string{"event_id", "action_time", "action_time, event_id"} {
		if by == "action_time" && h.Resolution > time.Microsecond {
			t.Logf("does not apply: action_time has a resolution of %v, so that it takes event_id to order rows", h.Resolution)
			continue
		}
		got := o.strings("SELECT event_id FROM activity_log ORDER BY " + by)
		if !slices.Equal(got, want) {
			t.Errorf("ORDER BY %s is not the order in which it happened", by)
		}
	}
}

func (o *opened) strings(query string) (all []string) {
	o.t.Helper()
	result, err := o.db.QueryContext(o.ctx(), query)
	if err != nil {
		o.t.Fatalf("%s: %v", query, err)
	}
	defer result.Close()
	for result.Next() {
		var s string
		if err := result.Scan(&s); err != nil {
			o.t.Fatalf("%s: %v", query, err)
		}
		all = append(all, s)
	}
	if err := result.Err(); err != nil {
		o.t.Fatalf("%s: %v", query, err)
	}
	return all
}

// times are those that an id can have, from 1970 to the year 10889.
func times(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	rows := Rows(5)
	for i, at := range []time.Time{
		time.UnixMilli(0), time.Date(1999, 12, 31, 23, 59, 59, 999_999_000, time.UTC),
		time.Date(2199, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.UnixMilli(1<<48 - 1),
	} {
		rows[i].ID = activity.NewIDAt(at)
	}
	slices.SortFunc(rows, func(a, b row.Row) int { return slices.Compare(a.ID[:], b.ID[:]) })
	o.write(slices.Clone(rows)...)
	for _, held := range []int{1, 2, 3} { // 1999, now, 2199: every database must
		o.compare(&rows[held])
	}
	table, dead := o.number("SELECT count(*) FROM activity_log"), o.number("SELECT count(*) FROM activity_log_dead_letter")
	if table+dead != len(rows) {
		t.Errorf("%d rows in the table and %d dead letters, want %d in all", table, dead, len(rows))
	}
	if o.number(fmt.Sprintf("SELECT count(*) FROM activity_log WHERE event_id = '%s'", rows[0].ID)) == 1 {
		o.compare(&rows[0])
	}
}

func repeated(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	rows := Rows(100)
	o.write(slices.Clone(rows)...)
	changed := slices.Clone(rows)
	for i := range changed {
		changed[i].Text[row.Remarks] = "changed"
	}
	o.write(changed...)
	more := Rows(100)
	mixed := slices.Concat(rows, more, more) // old, new, and new twice in one batch
	rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	o.write(mixed...)
	o.expect(200, "SELECT count(*) FROM activity_log")
	o.expect(0, "SELECT count(*) FROM activity_log WHERE remarks = 'changed'")
	o.log.expect(t, 200, 300, 0)
	// A few old ones of many, far apart in time, and with new ones among them.
	sparse := Rows(40)
	for i := range sparse {
		sparse[i].ID = activity.NewIDAt(time.Now().Add(time.Duration(i-100) * time.Hour))
	}
	o.write(slices.Clone(sparse[:20])...)
	o.write(slices.Concat(sparse, []row.Row{rows[0], rows[50], rows[99], more[99]}, Rows(1))...)
	o.write(slices.Concat([]row.Row{rows[0], rows[99]}, Rows(1))...)
	o.expect(242, "SELECT count(*) FROM activity_log")
	o.log.expect(t, 242, 326, 0)
}

func concurrent(t *testing.T, h Harness) {
	dsn := h.New(t)
	stores := []*opened{h.open(t, dsn, nil), h.open(t, dsn, nil)}
	rows := Rows(5000)
	var wg sync.WaitGroup
	for worker := range 6 {
		wg.Go(func() {
			own := slices.Clone(rows)
			rand.Shuffle(len(own), func(i, j int) { own[i], own[j] = own[j], own[i] })
			for batch := range slices.Chunk(own, 500) {
				for try := 0; ; try++ { // as the sending queue does
					err := stores[worker%2].Write(t.Context(), batch)
					if err == nil {
						break
					}
					if try == 20 {
						t.Errorf("write: %v", err)
						return
					}
					time.Sleep(10 * time.Millisecond)
				}
			}
		})
	}
	wg.Wait()
	stores[0].expect(5000, "SELECT count(*) FROM activity_log")
	stores[0].expect(0, "SELECT count(*) FROM activity_log_dead_letter")
	if a, b := stores[0].log, stores[1].log; a.uncounted {
		if got := a.accepted + b.accepted; got < 6*5000 {
			t.Errorf("the stores reported %d rows accepted, want %d or more", got, 6*5000)
		}
		return
	}
	if got := stores[0].log.written + stores[1].log.written; got != 5000 {
		t.Errorf("the stores reported %d rows written, want 5000", got)
	}
}

// Contend checks that writers of the same rows, of whose transactions one fails
// on account of the other, need no help.
func Contend(t *testing.T, h Harness) {
	dsn := h.New(t)
	rows := Rows(4000)
	h.open(t, dsn, nil).write(slices.Clone(rows[:1])...)
	var wg sync.WaitGroup
	for range 4 {
		o := h.open(t, dsn, nil)
		wg.Go(func() {
			for batch := range slices.Chunk(slices.Clone(rows), 200) {
				if err := o.Write(t.Context(), batch); err != nil {
					t.Errorf("write: %v", err)
				}
			}
		})
	}
	wg.Wait()
	h.open(t, dsn, nil).expect(4000, "SELECT count(*) FROM activity_log")
}

func large(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	rows := Rows(23_456)
	rows[20_000].Text[row.Remarks] = strings.Repeat("x", 40<<20) // more than a transaction takes
	o.write(rows...)
	o.expect(23_456, "SELECT count(*) FROM activity_log")
	o.log.expect(t, 23_456, 0, 0)
}

func schemas(t *testing.T, h Harness) {
	if h.Dialect.Goose() == "" {
		t.Log("does not apply: this dialect makes no schema")
		return
	}
	dsn := h.New(t)
	var wg sync.WaitGroup
	for range 4 {
		o := h.open(t, dsn, nil)
		wg.Go(func() {
			var err error
			for range 20 { // as the exporter does
				if err = o.Write(t.Context(), Rows(1)); err == nil {
					return
				}
				time.Sleep(50 * time.Millisecond)
			}
			t.Errorf("write: %v", err)
		})
	}
	wg.Wait()
	o := h.open(t, dsn, nil)
	o.expect(4, "SELECT count(*) FROM activity_log")
	o.expect(len(migrations(t, h)), "SELECT max(version_id) FROM activity_log_schema")
}

func missingTable(t *testing.T, h Harness) {
	dsn := h.New(t)
	rows := Rows(10)
	o := h.open(t, dsn, func(cfg *store.Config) { cfg.CreateSchema = false })
	if err := o.Write(t.Context(), slices.Clone(rows)); err == nil || !strings.Contains(err.Error(), "activity_log") {
		t.Fatalf("write without a table: got %v, want an error that names the table", err)
	}
	h.open(t, dsn, nil).write(Rows(1)...) // somebody else makes the table
	o.write(rows...)
	o.expect(11, "SELECT count(*) FROM activity_log")
	o.log.expect(t, 10, 0, 0)
}

func tables(t *testing.T, h Harness) {
	dsn := h.New(t)
	rows := Rows(10)
	h.open(t, dsn, nil).write(slices.Clone(rows)...)
	table, quoted := "user", `"user"` // a reserved word
	if h.Unquoted {
		t.Log("does not apply: a reserved word as the name of the table; it is another word")
		table, quoted = "users", "users"
	}
	o := h.open(t, dsn, func(cfg *store.Config) { cfg.Table = table })
	o.write(slices.Clone(rows)...)
	o.write(slices.Clone(rows[:5])...)
	o.expect(10, `SELECT count(*) FROM `+quoted)
	o.expect(10, "SELECT count(*) FROM activity_log")
	o.expect(0, "SELECT count(*) FROM "+table+"_dead_letter")
}
