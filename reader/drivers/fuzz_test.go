package drivers_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

// FuzzFilter writes a row with a text in it to SQLite, beside others, and finds exactly
// those that have it.
func FuzzFilter(f *testing.F) {
	for _, value := range values[1:] {
		f.Add(value)
	}
	path := filepath.Join(f.TempDir(), "fuzz.db")
	writer, err := create(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = writer.Close() })
	db := &database{driver: "sqlite", table: "activity_log", writer: writer}
	others := random(50)
	if err := db.insert(f.Context(), others); err != nil {
		f.Fatal(err)
	}
	r, err := drivers.Open(f.Context(), "sqlite", path)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = r.Close() })
	f.Fuzz(func(t *testing.T, value string) {
		if value == "" || !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			return
		}
		own := row(begin)
		own.ActorID, own.Remarks = value, "before "+value+" after"
		own.Data, _ = json.Marshal(map[string]any{"claimed": value})
		db.write(t, own)
		defer func() { db.exec(t, "DELETE FROM activity_log WHERE event_id = ?", own.EventID.String()) }()
		rows := append(others[:len(others):len(others)], own)
		for name, f := range map[string]struct {
			query reader.Query
			want  func(reader.Row) bool
		}{
			"actor": {reader.Query{Actor: value}, func(r reader.Row) bool { return r.ActorID == value }},
			"text":  {reader.Query{Text: value}, func(r reader.Row) bool { return has(r, value) }},
			"data":  data(value, "claimed"),
		} {
			page, err := r.List(t.Context(), f.query, reader.Paging{Limit: reader.MaxLimit})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			same(t, name, page.Rows, match(rows, reader.NewestFirst, f.want))
		}
	})
}

// TestAnyID: rows that others wrote with ids of another version are read, too.
func TestAnyID(t *testing.T) {
	db := sqlite(t)
	db.create(t)
	old := row(begin)
	old.EventID = activity.ID{6: 0x40, 8: 0x80}
	db.write(t, old)
	got, err := db.reader(t).Get(t.Context(), old.EventID)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "Get", []reader.Row{got}, []reader.Row{old})
	if _, err := os.Stat(strings.TrimPrefix(db.dsn, "file:") + "-journal"); err == nil {
		t.Error("reading made a journal")
	}
}
