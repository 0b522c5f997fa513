package dashboardtest_test

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/chdbtest"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dashboardtest"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

func TestMain(m *testing.M) {
	chdbtest.Serve()
	m.Run()
}

// TestPanels asks what each panel asks, and compares.
func TestPanels(t *testing.T) {
	rows := dashboardtest.Rows(4000, 40, 25)
	inRange := evidence(rows).where(func(r row.Row) bool { return !at(r).Before(view.From) })
	for name, start := range dashboardtest.Databases {
		t.Run(name, func(t *testing.T) {
			panels, err := dashboardtest.Panels(name)
			if err != nil {
				t.Fatal(err)
			}
			database := start(t)
			database.Write(t, rows)
			if _, err := database.Store.BuildCounts(t.Context()); err != nil && !errors.Is(err, store.ErrNoCounts) {
				t.Fatal(err)
			}
			compared := 0
			for _, p := range panels {
				if lateOrRefused[p.Name()] {
					continue
				}
				t.Run(p.Name(), func(t *testing.T) {
					answer := answers[p.Name()]
					if answer == nil {
						t.Fatal("nobody knows the answer")
					}
					want := answer(inRange, rows)
					if len(want) == 0 {
						t.Error("the rows have nothing for this panel to show")
					}
					columns, got := ask(t, database.DB, name, view, p.SQL())
					named(t, p, columns)
					compare(t, got, want)
					if strings.Contains(p.SQL(), "_counts_state") {
						counted(t, database, name, p)
					}
				})
				compared++
			}
			if compared != len(answers) {
				t.Errorf("%d panels, but answers for %d", compared, len(answers))
			}
		})
	}
}

// counted asks a panel that may use counts for other ranges and bars, with true counts,
// with false ones that are not used, and with false ones that are.
func counted(t *testing.T, database dashboardtest.Database, name string, p dashboardtest.Panel) {
	t.Helper()
	odd := view
	odd.From, odd.To = view.From.Add(17*time.Minute+3*time.Second), view.To.Add(-31*time.Minute)
	short := view
	short.From, short.To = view.To.Add(-50*time.Minute), view.To.Add(-10*time.Minute)
	narrow := view
	narrow.Interval = 30 * time.Minute
	for i, v := range []dashboardtest.View{view, odd, short, narrow} {
		_, want := ask(t, database.DB, name, v, p.SQL())
		database.Exec(t, "UPDATE activity_log_counts SET n = 7 * n")
		_, wrong := ask(t, database.DB, name, v, p.SQL())
		database.Exec(t, "UPDATE activity_log_counts_state SET state = 'broken'")
		_, got := ask(t, database.DB, name, v, p.SQL())
		compare(t, got, want)
		used := i < 2 || i == 3 && p.Type != "timeseries" // no full hour, and bars of half hours
		if used == reflect.DeepEqual(wrong, want) {
			t.Errorf("the counts were used is %t, want %t", !used, used)
		}
		database.Exec(t, "UPDATE activity_log_counts_state SET state = 'usable'")
		database.Exec(t, "UPDATE activity_log_counts SET n = n / 7")
	}
}

// named checks the names of an answer's columns, by which Grafana knows what to
// draw, and where times and links are.
func named(t *testing.T, p dashboardtest.Panel, columns []string) {
	t.Helper()
	if p.Type == "timeseries" && (len(columns) != 3 || columns[0] != "time" || columns[1] != "series") {
		t.Errorf("a graph of the columns %v", columns)
	}
	var shown []string
	for _, o := range p.FieldConfig.Overrides {
		if o.Matcher.ID != "byName" { // colours of series
			continue
		}
		shown = append(shown, o.Matcher.Options)
		if !slices.Contains(columns, o.Matcher.Options) {
			t.Errorf("there is no column %s to show in a way of its own", o.Matcher.Options)
		}
	}
	for _, c := range []string{"time", "first_time", "last_time", "actor_id", "object_id", "trace_id"} {
		if p.Type == "table" && slices.Contains(columns, c) && !slices.Contains(shown, c) {
			t.Errorf("%s is shown like any text", c)
		}
	}
}

// lateOrRefused are panels about when and whether rows were written, which has
// nothing to do with what is in them: TestDelivery asks them.
var lateOrRefused = map[string]bool{"overview: How late rows come": true, "overview: Dead letters": true}

// TestDelivery writes rows of the last minutes, and a dead letter.
func TestDelivery(t *testing.T) {
	for name, start := range dashboardtest.Databases {
		t.Run(name, func(t *testing.T) {
			panels, err := dashboardtest.Panels(name)
			if err != nil {
				t.Fatal(err)
			}
			database := start(t)
			now := time.Now().UTC()
			bar := now.Add(-30 * time.Minute).Truncate(time.Minute)
			rows := dashboardtest.Rows(2, 1, 1)
			rows[0].ID, rows[1].ID = activity.NewIDAt(bar), activity.NewIDAt(bar.Add(10*time.Second))
			database.Write(t, rows)
			deadLetter(t, database.DB, name)
			seen := view
			seen.From, seen.To, seen.Interval = now.Add(-time.Hour), now.Add(time.Minute), time.Minute
			asked := map[string][][]string{}
			for _, p := range panels {
				if lateOrRefused[p.Name()] {
					_, asked[p.Title] = ask(t, database.DB, name, seen, p.SQL())
				}
			}
			late := asked["How late rows come"]
			if len(late) != 1 || late[0][0] != shown(bar) {
				t.Fatalf("got %v, want one line of %v", late, shown(bar))
			}
			average, longest := number(t, late[0][1]), number(t, late[0][2])
			waited := now.Sub(bar).Seconds()
			if longest < waited-1 || longest > waited+20 || longest-average < 4.9 || longest-average > 5.1 {
				t.Errorf("rows came late by %v, at most %v; want 5 less than, and a little more than, %v", average, longest, waited)
			}
			dead := asked["Dead letters"]
			if len(dead) != 1 || dead[0][0] != "too long" || dead[0][1] != "2" {
				t.Errorf("dead letters: %v", dead)
			}
		})
	}
}

func deadLetter(t *testing.T, db *sql.DB, name string) {
	t.Helper()
	table := "activity_log_dead_letter"
	if name == "clickhouse" {
		table = "activity_log_dead_letter_store"
	}
	for i := range 2 {
		statement := fmt.Sprintf("INSERT INTO %s (event_id, action_time, reason, record) VALUES "+
			"('019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e7%d', '2026-11-20 08:00:00', 'too long', '{}')", table, i)
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// ask runs a panel's query.
func ask(t testing.TB, db *sql.DB, name string, v dashboardtest.View, query string) (columns []string, lines [][]string) {
	t.Helper()
	expanded, err := v.Expand(name, query)
	if err != nil {
		t.Fatal(err)
	}
	result, err := db.QueryContext(t.Context(), expanded)
	if err != nil {
		t.Fatalf("%s\n%v", expanded, err)
	}
	defer result.Close()
	if columns, err = result.Columns(); err != nil {
		t.Fatal(err)
	}
	for result.Next() {
		values := make([]any, len(columns))
		pointers := make([]any, len(columns))
		for i := range values {
			pointers[i] = &values[i]
		}
		if err := result.Scan(pointers...); err != nil {
			t.Fatal(err)
		}
		line := make([]string, len(columns))
		for i, v := range values {
			line[i] = cell(columns[i], v)
		}
		lines = append(lines, line)
	}
	if err := result.Err(); err != nil {
		t.Fatalf("%s\n%v", expanded, err)
	}
	return columns, lines
}

// cell makes one spelling of what drivers return in several, and of columns with
// times what Grafana takes for one: a time, RFC 3339 or seconds.
func cell(column string, v any) string {
	switch typed := v.(type) {
	case nil:
		return null
	case *string:
		if typed == nil {
			return null
		}
		v = *typed
	case []byte:
		v = string(typed)
	case time.Time:
		return shown(typed)
	case fmt.Stringer:
		v = typed.String()
	}
	text := fmt.Sprint(v)
	if isTime(column) {
		if t, err := time.Parse(time.RFC3339, text); err == nil {
			return shown(t)
		}
		if seconds, err := strconv.ParseFloat(text, 64); err == nil {
			return shown(time.Unix(int64(seconds), 0))
		}
	}
	if column == "details" { // PostgreSQL writes JSON in a way of its own
		var decoded any
		if err := json.Unmarshal([]byte(text), &decoded); err != nil {
			return err.Error()
		}
		compact, _ := json.Marshal(decoded)
		return string(compact)
	}
	return text
}

func isTime(column string) bool { return column == "time" || strings.HasSuffix(column, "_time") }

func compare(t *testing.T, got, want [][]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d lines, want %d", len(got), len(want))
	}
	different := 0
	for i := range min(len(got), len(want)) {
		if !slices.Equal(got[i], want[i]) && different < 3 {
			t.Errorf("line %d:\n%q\nwant:\n%q", i, got[i], want[i])
			different++
		}
	}
}
