package operate_test

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/operate"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// TestSpeed measures an import, and putting dead letters back. ACTIVITYLOG_SPEED is the
// number of rows.
func TestSpeed(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("ACTIVITYLOG_SPEED"))
	if err != nil {
		t.Skip("a measurement: set ACTIVITYLOG_SPEED to a number of rows")
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			db := start(t).open(t)
			table := db.created(t)
			rows := makeRows(n)
			text := jsonLines(rows)
			for _, round := range []string{"import", "import again"} {
				begin := time.Now()
				counts, err := table.Import(context.Background(), strings.NewReader(text), false, func(_ int, _ activity.ID, o operate.Outcome, why string) { t.Error(o, why) }, func(operate.Imported) {})
				took := time.Since(begin)
				t.Logf("%s: %v, %v, %.0f rows/s", round, counts, took.Round(time.Millisecond), float64(n)/took.Seconds())
				if err != nil {
					t.Fatal(err)
				}
			}
			letters := make([]row.Row, n/10)
			for i := range letters {
				letters[i] = rowAt(time.Now().Add(-time.Duration(i)*time.Second), fmt.Sprint(i))
				letters[i].Text[row.ActorID] = "refused"
			}
			db.exec(t, db.refuse)
			db.exporter(t, letters...)
			db.exec(t, db.repair)
			begin := time.Now()
			counts, err := table.Retry(context.Background(), operate.Letters{}, false, func(l operate.Letter, o operate.Outcome, why string) { t.Error(l.ID, o, why) })
			took := time.Since(begin)
			t.Logf("retry: %v, %v, %.0f rows/s", counts, took.Round(time.Millisecond), float64(len(letters))/took.Seconds())
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
