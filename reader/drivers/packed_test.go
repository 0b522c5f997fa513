package drivers_test

import (
	"testing"
	"time"

	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/drivers"
)

// TestScanOfAnyText: SQLite's rows are read as one text each, with a control character between
// the columns. A value that has this character is read as it is.
func TestScanOfAnyText(t *testing.T) {
	db := sqlite(t)
	db.create(t)
	rows := make([]reader.Row, 1200)
	for i := range rows {
		rows[i] = row(begin.Add(time.Duration(i) * time.Second))
		rows[i].ActorName = "\x1eBob\tGrößer\n"
	}
	rows[700].Remarks, rows[700].ActorName = "one\x1ftwo\x1f", "\x1f"
	rows[1199].ObjectID = "\x1f\x1f\x1f"
	db.write(t, rows...)
	r, err := drivers.Open(t.Context(), "sqlite", db.dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for _, order := range []reader.Order{reader.NewestFirst, reader.OldestFirst} {
		var got []reader.Row
		for row, err := range r.Scan(t.Context(), reader.Query{}, order) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, row)
		}
		same(t, "all rows", got, sorted(rows, order))
	}
}
