package outcome

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
)

// Line is a line of a table: what happened in one test, and what became of the records.
type Line struct {
	t            testing.TB
	place, event string
	counts       *load.Result
	ended        time.Time // when the fault was over
	recovered    string
	words        string // instead of counts
}

// Over says that the fault is over now.
func (l *Line) Over() { l.ended = time.Now() }

// Count gives the counts. Without a time at which the fault was over, recovered after is by how
// much the latest row was late.
func (l *Line) Count(r load.Result) {
	l.counts = &r
	switch {
	case !l.ended.IsZero():
		l.recovered = Seconds(r.Complete.Sub(l.ended))
	case r.Latest > 0:
		l.recovered = "latest row " + Seconds(r.Latest)
	}
}

// Recovered is how long after [Line.Over] all rows were there, as the table says it.
func (l *Line) Recovered() string { return l.recovered }

// NotRecovered leaves out when all rows were there, since they never are.
func (l *Line) NotRecovered() { l.recovered = "" }

// Say gives words beside the counts, or instead of them, for what loses no records: a message,
// a refusal.
func (l *Line) Say(format string, args ...any) { l.words = fmt.Sprintf(format, args...) }

// Seconds is a duration as the table writes it.
func Seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func (l *Line) text(distinct bool) string {
	words := l.words
	switch {
	case l.t.Skipped():
		words = "not run: what it needs is not installed"
	case l.t.Failed():
		words = strings.TrimSpace("**FAILED** " + words)
	}
	var counts []string
	if c := l.counts; c != nil {
		counts = []string{fmt.Sprint(c.Acknowledged), fmt.Sprint(c.Rows), fmt.Sprint(c.Distinct), fmt.Sprint(c.Lost), fmt.Sprint(c.Doubled)}
	} else {
		counts = []string{"–", "–", "–", "–", "–"}
	}
	if !distinct {
		counts = append(counts[:2], counts[3:]...)
	}
	last := strings.Trim(l.recovered+"; "+words, "; ")
	return fmt.Sprintf("| %s | %s | %s | %s | `%s` |", l.place, l.event, strings.Join(counts, " | "), last, l.t.Name())
}
