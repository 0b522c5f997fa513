package drivers_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/reader"
)

func history(t *testing.T, _ *database, r *reader.Reader, rows []reader.Row) {
	object := reader.Object{Type: "article", ID: "17"}
	own := func(r reader.Row) bool { return r.Object() == object }
	part := func(r reader.Row) bool {
		path := []string{}
		for range 3 {
			path = append(path, "parent")
			if dataHas(r, append(slices.Clone(path), "type"), "article") && dataHas(r, append(slices.Clone(path), "id"), "17") {
				return true
			}
		}
		return own(r)
	}
	for _, order := range []reader.Order{reader.NewestFirst, reader.OldestFirst} {
		for _, parts := range []bool{false, true} {
			want := match(rows, order, own)
			if parts {
				want = match(rows, order, part)
			}
			o := reader.HistoryOptions{Paging: reader.Paging{Order: order, Limit: 17}, Parts: parts}
			var got []reader.Row
			for n := 0; ; n++ {
				bound(t, n)
				acts, err := r.History(t.Context(), object, o)
				if err != nil {
					t.Fatal(err)
				}
				for _, act := range acts.Acts {
					got = append(got, act.Row)
					checkChanges(t, act)
				}
				if o.Cursor = acts.Next; o.Cursor == "" {
					break
				}
			}
			same(t, fmt.Sprint("history, parts ", parts), got, want)
		}
	}
	o := reader.HistoryOptions{Query: reader.Query{Status: "Failed", Object: reader.Object{Type: "x"}}, Paging: reader.Paging{Limit: reader.MaxLimit}}
	acts, err := r.History(t.Context(), object, o)
	if want := match(rows, reader.NewestFirst, func(r reader.Row) bool { return own(r) && r.Status == "Failed" }); err != nil || len(acts.Acts) != len(want) {
		t.Errorf("failed acts: got %d, %v, want %d", len(acts.Acts), err, len(want))
	}
	if _, err := r.History(t.Context(), reader.Object{Type: "article"}, o); err == nil {
		t.Error("an object without id: no error")
	}
}

func checkChanges(t *testing.T, act reader.Act) {
	t.Helper()
	var text []string
	for _, c := range act.Changes {
		var before, after any
		if json.Unmarshal(c.Before, &before) != nil || json.Unmarshal(c.After, &after) != nil {
			t.Errorf("%s: %s, %s are not JSON", c.Field, c.Before, c.After)
		}
		text = append(text, fmt.Sprint(c.Field, before, after))
	}
	want := ""
	if strings.Contains(string(act.Data), "changes") {
		want = "a.b<nil> map[x:1] titlealtgrößer 😀"
	}
	if got := strings.Join(text, " "); got != want {
		t.Errorf("changes: got %q, want %q", got, want)
	}
}

// intervals are the beginnings of intervals in plain Go.
var intervals = map[reader.Interval]func(time.Time) time.Time{
	reader.None: func(time.Time) time.Time { return time.Time{} },
	reader.Hour: func(at time.Time) time.Time { return at.Truncate(time.Hour) },
	reader.Day:  func(at time.Time) time.Time { return at.Truncate(24 * time.Hour) },
	reader.Week: func(at time.Time) time.Time { // the zero time was a Monday
		return at.Truncate(7 * 24 * time.Hour)
	},
	reader.Month: func(at time.Time) time.Time { return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC) },
}

func count(t *testing.T, _ *database, r *reader.Reader, rows []reader.Row) {
	for interval, first := range intervals {
		for _, names := range [][]string{nil, {"actor_id"}, {"status", "actor_name"}} {
			want := map[string]int64{}
			for _, row := range rows {
				if row.Source == "derived" {
					all := []string{string(row.Status), row.ActorName}
					if len(names) < 2 {
						all = []string{row.ActorID}[:len(names)]
					}
					want[fmt.Sprintf("%v %q", first(row.ActionTime), all)]++
				}
			}
			counts, err := r.Count(t.Context(), reader.Query{Source: "derived"}, reader.By{Interval: interval, Columns: names})
			if err != nil {
				t.Errorf("by %d and %v: %v", interval, names, err)
				continue
			}
			got := map[string]int64{}
			for _, g := range counts.Groups {
				got[fmt.Sprintf("%v %q", g.Time, g.Values)] = g.Rows
			}
			if fmt.Sprint(got) != fmt.Sprint(want) || counts.More {
				t.Errorf("by %d and %v: got\n%v, want\n%v", interval, names, got, want)
			}
			if !slices.IsSortedFunc(counts.Groups, func(a, b reader.Group) int {
				return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(b.Rows, a.Rows))
			}) {
				t.Errorf("by %d and %v: not in order: %v", interval, names, counts.Groups)
			}
		}
	}
	counts, err := r.Count(t.Context(), reader.Query{}, reader.By{Columns: []string{"action_type"}, Limit: 2})
	if err != nil || len(counts.Groups) != 2 || !counts.More {
		t.Errorf("two groups: got %+v, %v", counts, err)
	}
	counts, err = r.Count(t.Context(), reader.Query{Actor: "nobody"}, reader.By{})
	if err != nil || len(counts.Groups) != 1 || counts.Groups[0].Rows != 0 {
		t.Errorf("no rows: got %+v, %v", counts, err)
	}
	for _, by := range []reader.By{{Columns: []string{"data"}}, {Columns: []string{"remarks"}}, {Columns: []string{"1; DROP TABLE activity_log"}}, {Interval: 9}, {Limit: -1}} {
		if _, err := r.Count(t.Context(), reader.Query{}, by); err == nil {
			t.Errorf("%+v: no error", by)
		}
	}
}
