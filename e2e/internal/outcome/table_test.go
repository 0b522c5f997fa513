package outcome

import (
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
)

// TestTable checks each kind of line, and their order.
func TestTable(t *testing.T) {
	t.Setenv("OUTCOME_TEST", "full")
	table := &Table{Target: "test-faults", Variable: "OUTCOME_TEST", Head: []string{"where", "fault"}, Places: []string{"door", "queue"}, Short: []string{}}
	t.Run("words", func(t *testing.T) { table.Begin(t, "queue", "full").Say("answered %d", 503) })
	t.Run("two", func(t *testing.T) {
		table.Begin(t, "queue", "lost").Say("gone")
		table.Begin(t, "queue", "lost, and read again").Say("back")
	})
	t.Run("skipped", func(t *testing.T) { table.Begin(t, "door", "no server"); t.Skip("no server here") })
	t.Run("late", func(t *testing.T) {
		table.Begin(t, "door", "slow").Count(load.Result{Acknowledged: 5, Rows: 4, Distinct: 3, Lost: 2, Doubled: 1, Latest: 1500 * time.Millisecond})
	})
	t.Run("recovered", func(t *testing.T) {
		line := table.Begin(t, "door", "killed")
		line.Over()
		line.Count(load.Result{Acknowledged: 50, Rows: 50, Distinct: 50, Complete: line.ended.Add(2 * time.Second)})
		line.Say("and well")
	})
	t.Run("never", func(t *testing.T) {
		line := table.Begin(t, "queue", "removed")
		line.Over()
		line.Count(load.Result{Acknowledged: 7, Lost: 7, Complete: line.ended})
		if line.Recovered() != "0.0 s" {
			t.Errorf("recovered after %q", line.Recovered())
		}
		line.NotRecovered()
	})
	const want = `
| where | fault | acknowledged | rows | lost | doubled | recovered after | test |
|---|---|---|---|---|---|---|---|
| door | slow | 5 | 4 | 2 | 1 | latest row 1.5 s | ` + "`TestTable/late`" + ` |
| door | killed | 50 | 50 | 0 | 0 | 2.0 s; and well | ` + "`TestTable/recovered`" + ` |
| door | no server | – | – | – | – | not run: what it needs is not installed | ` + "`TestTable/skipped`" + ` |
| queue | removed | 7 | 0 | 7 | 0 |  | ` + "`TestTable/never`" + ` |
| queue | lost | – | – | – | – | gone | ` + "`TestTable/two`" + ` |
| queue | lost, and read again | – | – | – | – | back | ` + "`TestTable/two`" + ` |
| queue | full | – | – | – | – | answered 503 | ` + "`TestTable/words`" + ` |
`
	got := table.text(time.Now())
	if !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant at its end\n%s", got, want)
	}
	if !strings.HasPrefix(got, "`make test-faults` on 2") || !strings.Contains(got, ": 7 lines in ") {
		t.Errorf("the first line is %q", strings.SplitN(got, "\n", 2)[0])
	}
	table.Distinct = true
	got = table.text(time.Now())
	for _, want := range []string{" | rows | distinct | lost | ", "| door | slow | 5 | 4 | 3 | 2 | 1 | ", "| queue | full | – | – | – | – | – | "} {
		if !strings.Contains(got, want) {
			t.Errorf("with distinct ids the table has no %q:\n%s", want, got)
		}
	}
}

// TestBegin checks which tests run.
func TestBegin(t *testing.T) {
	for name, tt := range map[string]struct {
		value string
		short []string
		runs  bool
	}{
		"all":       {"full", []string{}, true},
		"not short": {"", []string{"TestBegin/short"}, false},
		"short":     {"", []string{"TestBegin/short"}, true},
		"no list":   {"", nil, true},
	} {
		runs := false
		t.Run(name, func(t *testing.T) {
			t.Setenv("OUTCOME_TEST", tt.value)
			(&Table{Variable: "OUTCOME_TEST", Short: tt.short}).Begin(t, "", "")
			runs = true
		})
		if runs != tt.runs {
			t.Errorf("%s: runs is %v, want %v", name, runs, tt.runs)
		}
	}
}
