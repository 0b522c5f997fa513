package dialect_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

func counted(at string, texts ...string) (r row.Row) {
	moment, err := time.Parse(time.RFC3339, at)
	if err != nil {
		panic(err)
	}
	r.ID = activity.NewIDAt(moment)
	r.Text[row.ServiceName], r.Text[row.TenantID], r.Text[row.ActionType], r.Text[row.Status] = texts[0], texts[1], texts[2], texts[3]
	r.Text[row.ActorID] = at
	return r
}

// The key is the hour in UTC and four columns, byte for byte.
func TestCounts(t *testing.T) {
	parts := [][]row.Row{{
		counted("2026-11-27T08:00:00Z", "blog", "", "Read", "Success"),
		counted("2026-11-27T08:59:59.999999Z", "blog", "", "Read", "Success"),
		counted("2026-11-27T09:00:00Z", "blog", "", "Read", "Success"),
	}, nil, {
		counted("2026-11-27T10:30:00+02:00", "blog", "", "Read", "Success"),
		counted("2026-11-27T08:30:00Z", "", "blog", "Read", "Success"),
		counted("2026-11-27T08:30:00Z", "blog ", "", "Read", "Success"),
		counted("2026-11-27T08:30:00Z", "blog", "", "Read", "Failed"),
		counted("2026-11-27T08:30:00Z", "blog", "", "read", "Success"),
	}}
	var got []string
	for _, count := range dialect.Counts(parts) {
		got = append(got, fmt.Sprintf("%s %q %d", count.Hour.Format("15:04:05.000 MST"), count.Text, count.N))
	}
	want := []string{
		`08:00:00.000 UTC ["blog" "" "Read" "Success"] 3`,
		`09:00:00.000 UTC ["blog" "" "Read" "Success"] 1`,
		`08:00:00.000 UTC ["" "blog" "Read" "Success"] 1`,
		`08:00:00.000 UTC ["blog " "" "Read" "Success"] 1`,
		`08:00:00.000 UTC ["blog" "" "Read" "Failed"] 1`,
		`08:00:00.000 UTC ["blog" "" "read" "Success"] 1`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := dialect.Counts(nil); got != nil {
		t.Errorf("the counts of no rows are %v", got)
	}
}

func BenchmarkCounts(b *testing.B) {
	rows := make([]row.Row, 10_000)
	for i := range rows {
		rows[i] = counted("2026-11-27T08:00:00Z", []string{"blog", "shop", "users"}[i%3], "acme", []string{"Read", "Create"}[i/3%2], "Success")
	}
	for b.Loop() {
		dialect.Counts([][]row.Row{rows})
	}
}
