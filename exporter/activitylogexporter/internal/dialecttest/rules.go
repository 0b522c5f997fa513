package dialecttest

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/store"
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
	if got := o.time(at); !got.Equal(want.ID.Time()) {
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
		for _, layout := range []string{"2006-01-02 15:04:05.999999", time.RFC3339Nano} {
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
	var g, w map[string]any
	if err := json.Unmarshal([]byte(got), &g); err != nil {
		o.t.Fatalf("data: %v in %q", err, got)
	}
	if err := json.Unmarshal([]byte(want), &w); err != nil {
		o.t.Fatalf("wanted data: %v", err)
	}
	if !reflect.DeepEqual(g, w) {
		o.t.Errorf("data: got %s, want %s", got, want)
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
}

func refused(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	if err := o.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := o.db.ExecContext(t.Context(), h.Refuse); err != nil {
		t.Fatal(err)
	}
	rows := Rows(1000)
	for _, bad := range []int{0, 499, 999} {
		rows[bad].Text[row.ActorID] = "refused"
	}
	o.write(slices.Clone(rows)...)
	o.write(slices.Clone(rows)...) // the same again: not two dead letters
	o.expect(997, "SELECT count(*) FROM activity_log")
	o.expect(3, "SELECT count(*) FROM activity_log_dead_letter")
	o.expect(3, "SELECT count(*) FROM activity_log_dead_letter WHERE reason <> '' AND record LIKE '%\"actor_id\":\"refused\"%'")
	o.log.expect(t, 997, 997, 3)
	var record string
	query := fmt.Sprintf("SELECT record FROM activity_log_dead_letter WHERE event_id = '%s'", rows[499].ID)
	if err := o.db.QueryRowContext(t.Context(), query).Scan(&record); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	o.sameJSON(record, rows[499].JSON())
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
	if got := stores[0].log.written + stores[1].log.written; got != 5000 {
		t.Errorf("the stores reported %d rows written, want 5000", got)
	}
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
	o.expect(1, "SELECT max(version_id) FROM activity_log_schema")
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
	o := h.open(t, dsn, func(cfg *store.Config) { cfg.Table = "user" }) // a reserved word
	o.write(slices.Clone(rows)...)
	o.write(slices.Clone(rows[:5])...)
	o.expect(10, `SELECT count(*) FROM "user"`)
	o.expect(10, "SELECT count(*) FROM activity_log")
	o.expect(0, "SELECT count(*) FROM user_dead_letter")
}
