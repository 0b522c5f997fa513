package faults_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
)

// Where a fault is, in the order of the table.
const (
	atService  = "service"
	atDoor     = "door"
	inQueue    = "queue"
	inDatabase = "database"
	atStart    = "start"
)

var places = []string{atService, atDoor, inQueue, inDatabase, atStart}

// worstTen run in make test too: each of them lost, hid or falsified records, or
// ended the collector, before this project had the tests.
var worstTen = []string{
	"TestServiceToRow/HTTP_from_disk",
	"TestServiceToRow/gRPC_from_memory",
	"TestRefusedRowsHoldNobodyUp",
	"TestForgedIDs",
	"TestHostile/small_gzip_with_33_million_records",
	"TestHostile/a_million_levels",
	"TestQueueDiskFull",
	"TestQueueFileDamaged/eight_bits",
	"TestPostgresFailover/killed",
	"TestRetention/clock_that_was_ahead",
}

// full says whether all faults are made. The target test-faults sets
// ACTIVITYLOG_FAULTS=full.
func full() bool { return os.Getenv("ACTIVITYLOG_FAULTS") == "full" }

// outcome is a line of the table: one fault, and what became of the records.
type outcome struct {
	t            *testing.T
	place, fault string
	counts       *load.Result
	ended        time.Time // when the fault was over
	recovered    string
	words        string // instead of counts
}

var (
	outcomesMu sync.Mutex
	outcomes   []*outcome
)

// fault begins a test of one fault, and skips it unless all faults are made or it
// is one of the worst. The line of the table is written when the test ends.
func fault(t *testing.T, place, name string) *outcome {
	t.Helper()
	if !full() && !slices.Contains(worstTen, t.Name()) {
		t.Skip("runs in make test-faults")
	}
	o := &outcome{t: t, place: place, fault: name}
	t.Cleanup(func() {
		outcomesMu.Lock()
		defer outcomesMu.Unlock()
		outcomes = append(outcomes, o)
	})
	return o
}

// over says that the fault is over now.
func (o *outcome) over() { o.ended = time.Now() }

// count gives the counts. Without a time at which the fault was over, recovered
// after is by how much the latest row was late.
func (o *outcome) count(r load.Result) {
	o.counts = &r
	switch {
	case !o.ended.IsZero():
		o.recovered = seconds(r.Complete.Sub(o.ended))
	case r.Latest > 0:
		o.recovered = "latest row " + seconds(r.Latest)
	}
}

// say gives words instead of counts, for what loses no records: a message, a refusal.
func (o *outcome) say(format string, args ...any) { o.words = fmt.Sprintf(format, args...) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func (o *outcome) line() string {
	columns := "– | – | – | – | "
	switch {
	case o.t.Skipped():
		o.words = "not run: what it needs is not installed"
	case o.t.Failed():
		o.words = strings.TrimSpace("**FAILED** " + o.words)
	}
	if o.counts != nil {
		columns = fmt.Sprintf("%d | %d | %d | %d | ", o.counts.Acknowledged, o.counts.Rows, o.counts.Lost, o.counts.Doubled)
	}
	last := strings.Trim(o.recovered+"; "+o.words, "; ")
	return fmt.Sprintf("| %s | %s | %s%s | `%s` |", o.place, o.fault, columns, last, o.t.Name())
}

// TestMain writes the table to the file that ACTIVITYLOG_FAULTS_TABLE names.
func TestMain(m *testing.M) {
	began := time.Now()
	code := m.Run()
	if file := os.Getenv("ACTIVITYLOG_FAULTS_TABLE"); file != "" {
		if err := os.WriteFile(file, []byte(table(began)), 0o600); err != nil {
			fmt.Fprintln(os.Stderr, "write the table of faults:", err)
			code = 1
		}
	}
	os.Exit(code)
}

func table(began time.Time) string {
	commit, _ := exec.Command("git", "describe", "--always", "--dirty").Output()
	slices.SortFunc(outcomes, func(a, b *outcome) int {
		return cmp.Or(cmp.Compare(slices.Index(places, a.place), slices.Index(places, b.place)), cmp.Compare(a.t.Name(), b.t.Name()))
	})
	var text strings.Builder
	fmt.Fprintf(&text, "`make test-faults` on %s, commit %s, %d cores, %s/%s, %s: %d faults in %v.\n\n", began.Format(time.DateOnly), strings.TrimSpace(string(commit)),
		runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), len(outcomes), time.Since(began).Round(time.Second))
	text.WriteString("| where | fault | acknowledged | rows | lost | doubled | recovered after | test |\n|---|---|---|---|---|---|---|---|\n")
	for _, o := range outcomes {
		fmt.Fprintln(&text, o.line())
	}
	return text.String()
}
