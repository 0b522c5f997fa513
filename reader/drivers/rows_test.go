package drivers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/reader"
)

// begin is the time of the first rows.
var begin = time.Date(2026, 10, 30, 22, 0, 0, 0, time.UTC)

// row returns a row with nothing but what must be there.
func row(at time.Time) reader.Row {
	id := activity.NewIDAt(at)
	return reader.Row{EventID: id, ActionTime: id.Time(), ActionType: "Read", Status: "Success", Data: json.RawMessage(`{}`), Source: "declared"}
}

// values are what text columns may have: NULL, and what SQL could stumble over.
var values = []string{"", "alice", "Alice", "al%ice", "al_ice", `a\'; DROP TABLE activity_log; --`, "größer 😀 𝔘", " alice ", "?", "$1", "{x:String}", "a!b"}

// random returns rows of all kinds: a third of them has the time of another one, and
// each column is NULL in some.
func random(n int) []reader.Row {
	rng := rand.New(rand.NewPCG(1, 2))
	pick := func() string { return values[rng.IntN(len(values))] }
	rows := make([]reader.Row, n)
	for i := range rows {
		at := begin.Add(time.Duration(rng.IntN(n*2/3)) * 37 * time.Minute).Add(time.Duration(rng.IntN(3)) * time.Microsecond)
		r := row(at)
		r.ActorID, r.ActorName, r.ImpersonatorID, r.TenantID = pick(), pick(), pick(), pick()
		r.ActorType = []activity.ActorType{"", "user", "service"}[rng.IntN(3)]
		r.ActionType = activity.ActionTypes()[rng.IntN(8)]
		r.ActionName, r.ErrorType, r.Remarks = pick(), pick(), pick()
		r.Status = []activity.Status{"Success", "Failed"}[rng.IntN(2)]
		r.ObjectType = []string{"", "article", "user"}[rng.IntN(3)]
		r.ObjectID = []string{"", "1", "17", "hello-world"}[rng.IntN(4)]
		r.ObjectName, r.ClientAddress, r.UserAgent, r.SessionID, r.ServiceName = pick(), pick(), pick(), pick(), pick()
		if rng.IntN(2) == 0 {
			r.TraceID, r.SpanID = fmt.Sprintf("%032x", rng.IntN(20)), fmt.Sprintf("%016x", rng.IntN(20))
		}
		r.Source = []activity.Source{"declared", "derived"}[rng.IntN(2)]
		r.Data = json.RawMessage([]string{
			`{}`, `{"claimed":"alice"}`, `{"parent":{"id":"17","type":"article"}}`, `{"parent":{"id":"2","parent":{"id":17,"type":"article"},"type":"page"}}`,
			`{"changes":{"title":["alt","größer 😀"],"a.b":[null,{"x":1}]},"n":42,"ok":true,"off":false,"none":null,"list":[1,2],"a key":"?"}`,
		}[rng.IntN(5)])
		rows[i] = r
	}
	return rows
}

// write writes rows, a hundred in a statement.
func (db *database) write(t *testing.T, rows ...reader.Row) {
	t.Helper()
	if err := db.insert(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
}

func (db *database) insert(ctx context.Context, rows []reader.Row) error {
	names := columnNames()
	if db.driver == "clickhouse" {
		return db.insertBlock(ctx, names, rows)
	}
	for part := range slices.Chunk(rows, 100) {
		var text strings.Builder
		var args []any
		for i, r := range part {
			text.WriteString(map[bool]string{true: "(", false: ", ("}[i == 0])
			for j, value := range db.args(names, r) {
				args = append(args, value)
				parameter := "?"
				if db.driver == "postgres" {
					parameter = fmt.Sprintf("$%d", len(args))
				}
				text.WriteString(map[bool]string{true: "", false: ", "}[j == 0] + parameter)
			}
			text.WriteString(")")
		}
		if _, err := db.writer.ExecContext(ctx, "INSERT INTO "+db.table+" ("+strings.Join(names, ", ")+") VALUES "+text.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

func (db *database) insertBlock(ctx context.Context, names []string, rows []reader.Row) error {
	tx, err := db.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	insert, err := tx.PrepareContext(ctx, "INSERT INTO "+db.table+" ("+strings.Join(names, ", ")+")")
	if err != nil {
		return err
	}
	for _, r := range rows {
		if _, err := insert.ExecContext(ctx, db.args(names, r)...); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// columnNames are the columns that the exporter writes.
func columnNames() (names []string) {
	for _, c := range activity.Columns() {
		if c.Name != "recorded_at" {
			names = append(names, c.Name)
		}
	}
	return names
}

// args are the values of columns, by way of the names in JSON.
func (db *database) args(names []string, r reader.Row) []any {
	text, _ := json.Marshal(r)
	var fields map[string]any
	_ = json.Unmarshal(text, &fields)
	args := make([]any, len(names))
	for i, name := range names {
		switch args[i] = fields[name]; name {
		case "event_id":
			if db.driver == "clickhouse" {
				args[i] = uuid.UUID(r.EventID)
			}
		case "action_time":
			args[i] = r.ActionTime.Format("2006-01-02 15:04:05.000000")
			if db.driver == "clickhouse" || db.driver == "postgres" {
				args[i] = r.ActionTime
			}
		case "data":
			args[i] = string(r.Data)
		}
	}
	return args
}

// plain is what a row is for the comparison: JSON, with the keys of data in order, and
// without the time when it was recorded.
func plain(t *testing.T, rows []reader.Row) []string {
	t.Helper()
	all := make([]string, len(rows))
	for i, r := range rows {
		var data any
		if err := json.Unmarshal(r.Data, &data); err != nil {
			t.Fatalf("data of %s: %v", r.EventID, err)
		}
		r.Data, _ = json.Marshal(data)
		r.RecordedAt = time.Time{}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = string(text)
	}
	return all
}

// same compares rows.
func same(t *testing.T, what string, got, want []reader.Row) {
	t.Helper()
	g, w := plain(t, got), plain(t, want)
	if len(g) != len(w) {
		t.Errorf("%s: got %d rows, want %d", what, len(g), len(w))
		return
	}
	for i := range g {
		if g[i] != w[i] {
			t.Errorf("%s: row %d is\n%s, want\n%s", what, i, g[i], w[i])
			return
		}
	}
}

// sorted returns rows in an order.
func sorted(rows []reader.Row, order reader.Order) []reader.Row {
	rows = slices.Clone(rows)
	slices.SortFunc(rows, func(a, b reader.Row) int {
		c := a.ActionTime.Compare(b.ActionTime)
		if c == 0 {
			c = strings.Compare(a.EventID.String(), b.EventID.String())
		}
		if order == reader.NewestFirst {
			return -c
		}
		return c
	})
	return rows
}
