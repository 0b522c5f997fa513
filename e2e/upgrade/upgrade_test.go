package upgrade_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// inFull reports whether all databases are tried, with more records: make release-test-upgrade.
func inFull() bool { return os.Getenv("ACTIVITYLOG_UPGRADE") == "full" }

// TestUpgrade goes from each baseline to the present version, in the order of
// docs/operate/upgrade.md, while a load goes on. Then the schema becomes one version newer than
// the programs, which is what a collector finds that was not upgraded yet, or was rolled back.
func TestUpgrade(t *testing.T) {
	built(t, "blog") // before the load, which would be over otherwise
	for _, b := range baselines(t) {
		for name, start := range databases {
			if (name == "MariaDB" || name == "ClickHouse") && !inFull() {
				continue
			}
			t.Run(b.Version+"/"+name, func(t *testing.T) {
				if !inFull() {
					t.Parallel() // they mostly wait
				}
				u := &upgrade{T: t, baseline: &b, db: start(t), others: map[string]bool{}}
				u.forth()
				u.back()
			})
		}
	}
}

// upgrade is one upgrade.
type upgrade struct {
	*testing.T
	baseline  *baseline
	db        *database
	collector *collectortest.Collector
	others    map[string]bool // ids of rows that are not of the load that runs
	next      int             // the load's next record
}

// load starts senders that go on for so many seconds, longer on a slow machine.
func (u *upgrade) load(seconds int) *load.Bulk {
	rate := 2000
	if inFull() {
		rate = 8000
	}
	l := &load.Bulk{Records: seconds * rate, Request: 200, Senders: 4, Rate: rate, Send: load.HTTP(u.collector.HTTP), First: u.next, Others: u.others}
	u.next += l.Records
	l.Start()
	l.WaitFor(u.T, rate/4)
	return l
}

// restart stops the collector under load, and starts it again.
func (u *upgrade) restart(l *load.Bulk) {
	u.Helper()
	u.collector.Stop()
	if l.Acknowledged() == l.Records {
		u.Error("the load was over before the collector was stopped: let it go on for longer")
	}
	u.collector.Restart()
}

// settle waits until the load is over, and expects each of its records once. Its rows are
// others' from then on.
func (u *upgrade) settle(l *load.Bulk) {
	u.Helper()
	l.Expect(u.T, u.db.DB)
	known := map[string]bool{}
	for id := range u.others {
		known[id] = true
	}
	for n := l.First; n < l.First+l.Records; n++ {
		_, id := load.Moment(n)
		known[id] = true
	}
	u.others = known
}

// know adds the rows of a file of the baseline to those that are not of the load.
func (u *upgrade) know(names ...string) {
	for _, name := range names {
		for id := range rows(u.T, u.baseline, name) {
			u.others[id] = true
		}
	}
}

// copied returns a copy of a folder of the baseline: the queue or the spool.
func (u *upgrade) copied(name string) string {
	u.Helper()
	folder := filepath.Join(u.TempDir(), name)
	if err := os.CopyFS(folder, os.DirFS(filepath.Join(u.baseline.folder, name))); err != nil {
		u.Fatal(err)
	}
	return folder
}

// forth upgrades the schema, the collector, and a service, in this order.
func (u *upgrade) forth() {
	u.db.create(u.T, u.baseline)
	u.db.expect(u.T, "before", rows(u.T, u.baseline, tableRows), true)
	u.know(tableRows, queueRows, spoolRows)
	letters := lines(u.T, u.baseline, deadLetters)
	for _, letter := range letters {
		u.others[strings.Trim(string(letter["event_id"]), `"`)] = true
	}
	u.collector = collector(u.T, u.db, u.copied("queue"), createSchema("false"))
	l := u.load(8)

	activitylog(u.T, u.db, "schema", "apply")
	activitylog(u.T, u.db, "schema", "check")
	u.restart(l)
	s := startService(u.T, u.copied("spool"), u.collector.OTLPEnv()...)
	if out := activitylog(u.T, u.db, "dead-letters", "retry", "--all"); u.db.number(u.T, "SELECT count(*) FROM activity_log_dead_letter") != 0 {
		u.Errorf("dead letters stay:\n%s", out)
	}
	u.settle(l)
	s.stop(u.T)

	u.db.expect(u.T, "rows of the old table", rows(u.T, u.baseline, tableRows), true)
	u.db.expect(u.T, "the old queue", rows(u.T, u.baseline, queueRows), false)
	u.db.expect(u.T, "the old spool", rows(u.T, u.baseline, spoolRows), false)
	for _, name := range []string{tableRows, queueRows, spoolRows} { // old exports, of rows that are there
		activitylog(u.T, u.db, "import", filepath.Join(u.baseline.folder, name))
	}
	if n := u.db.number(u.T, "SELECT count(*) FROM activity_log"); n != len(u.others) {
		u.Errorf("there are %d rows, want %d", n, len(u.others))
	}
}

// back makes the schema one version newer than the collector, under load: by columns and an
// index that were added, as docs/reference/compatibility.md allows. The collector runs meanwhile,
// and is started again, with both settings of create_schema.
func (u *upgrade) back() {
	version := u.db.number(u.T, "SELECT max(version_id) FROM activity_log_schema")
	l := u.load(5)
	for _, statement := range u.db.next {
		u.db.exec(u.T, statement)
	}
	u.db.exec(u.T, fmt.Sprintf("INSERT INTO activity_log_schema (version_id, is_applied) VALUES (%d, true)", version+1))
	u.restart(l)
	says := fmt.Sprintf("is version %d and this collector knows version %d: a newer collector changed it. Rows are written.", version+1, version)
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(u.collector.Log(), says); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			u.Fatalf("the log does not say %q", says)
		}
	}
	u.settle(l)
	u.collector.Stop()

	u.collector = collector(u.T, u.db, u.TempDir(), createSchema("true"))
	u.settle(u.load(1))
	if got := u.db.number(u.T, "SELECT max(version_id) FROM activity_log_schema"); got != version+1 {
		u.Errorf("the older collector made the schema version %d of %d", got, version+1)
	}
	if n := u.db.number(u.T, "SELECT count(*) FROM activity_log"+u.db.store+" WHERE next_state <> 'new' OR next_note IS NOT NULL"); n != 0 {
		u.Errorf("%d rows have other values in the new columns than their defaults", n)
	}
	u.db.expect(u.T, "rows of the old table, in a newer schema", rows(u.T, u.baseline, tableRows), true)
	u.olderCommand(version)
}

// olderCommand runs the command of the version before: it changes nothing, warns, and works.
func (u *upgrade) olderCommand(version int) {
	u.Helper()
	activitylog(u.T, u.db, "schema", "apply")
	if got := u.db.number(u.T, "SELECT max(version_id) FROM activity_log_schema"); got != version+1 {
		u.Errorf("the older command made the schema version %d of %d", got, version+1)
	}
	warning := fmt.Sprintf("warn  version  version %d, and this program has version %d", version+1, version)
	if out, err := tryActivitylog(u.T, u.db, "schema", "check"); err == nil || !strings.Contains(out, warning) || !strings.Contains(out, "0 failures") {
		u.Errorf("schema check in a newer schema: %v\n%s", err, out)
	}
	if out := activitylog(u.T, u.db, "list", "-n", "3", "-o", "jsonl"); strings.Count(out, `{"event_id"`) != 3 {
		u.Errorf("list in a newer schema:\n%s", out)
	}
}
