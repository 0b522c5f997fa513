package dialecttest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

// countedRules are the rules that are also checked on a table with counts: whatever
// happens to the rows, the counts are true in the end. countedAlways are those of a short
// run.
var countedRules = append(slices.Clone(countedAlways), []string{
	"a row that is there is neither doubled nor changed",
	"a row that is refused does not hold up its neighbours",
	"many refused rows are dead letters at once",
	"another row of the same id is kept apart",
	"dead letters can be put back",
	"a connection that is cut leaves nothing half done",
	"a batch of any size is written whole",
	"the right to insert is enough",
}...)

var countedAlways = []string{
	"writers of the same rows leave each once",
	"a process that is killed leaves nothing half done",
	"what is older than the retention goes",
	"partitions are made ahead and dropped whole",
	"counts are those of the rows, whatever happens",
	"counts can be built while others write",
	"counts can be built by several at once",
	"counts are not used unless they are true",
	"without the right to the counts triggers count",
}

// RunCounted runs rules about rows on tables with counts, and those about counts. With
// ACTIVITYLOG_SCALE=full it runs all that apply.
func RunCounted(t *testing.T, h Harness) {
	h.Counts = true
	names := countedAlways
	if os.Getenv("ACTIVITYLOG_SCALE") == "full" {
		names = countedRules
	}
	for _, name := range names {
		RunRule(t, h, name)
	}
}

// counts compares the counts with the rows, and returns how many rows are counted.
func (o *opened) counts() (rows int) {
	o.t.Helper()
	counter := o.h.Dialect.(dialect.Counter)
	fields := strings.Join(dialect.CountedColumns(), ", ")
	texts := func(query string) []string { // one text for each key
		part := []string{"hour"}
		if counter.Goose() == "postgres" {
			part[0] = "extract(epoch FROM hour)::bigint"
		}
		for _, column := range dialect.CountedColumns() {
			part = append(part, "coalesce("+column+", '(none)')")
		}
		text := strings.Join(append(part, "n"), " || '|' || ")
		if counter.Goose() == "mysql" {
			text = "CONCAT_WS('|', CAST(hour AS DATETIME), " + strings.Join(append(part[1:], "n"), ", ") + ")"
		}
		all := o.strings("SELECT " + text + " FROM (" + query + ") AS k")
		slices.Sort(all)
		return all
	}
	of := texts(counter.CountAll("activity_log"))
	kept := texts("SELECT hour, " + fields + ", " + counter.SumOf("n") + " AS n FROM activity_log_counts GROUP BY hour, " + fields + " HAVING sum(n) <> 0")
	if !slices.Equal(of, kept) {
		for _, pair := range []struct {
			what string
			a, b []string
		}{{"in the rows only", of, kept}, {"in the counts only", kept, of}} {
			for _, text := range pair.a {
				if !slices.Contains(pair.b, text) {
					o.t.Errorf("%s: %s", pair.what, text)
				}
			}
		}
	}
	return o.number("SELECT count(*) FROM activity_log")
}

func (o *opened) countsState() string {
	o.t.Helper()
	state, err := o.CountsState(o.ctx())
	if err != nil {
		o.t.Fatal(err)
	}
	return state.State
}

// checkCounts is called at the end of a rule.
func (o *opened) checkCounts() {
	o.t.Helper()
	if state := o.countsState(); state != dialect.CountsUsable {
		o.t.Errorf("the state of the counts is %q in the end, want usable", state)
	}
	o.counts()
}

// mixed returns rows of several hours, services, tenants, actions and statuses, some
// without, and words that nobody knows.
func mixed(n int) []row.Row {
	rows := Rows(n)
	pick := func(of ...string) string { return of[rand.IntN(len(of))] }
	for i := range rows {
		text := &rows[i].Text
		rows[i].ID = activity.NewIDAt(time.Now().Add(-time.Duration(rand.IntN(5*3600)) * time.Second))
		text[row.ServiceName] = pick("", "blog", "shop", "Blog", "blog ", "日本")
		text[row.TenantID] = pick("", "acme", strings.Repeat("long", 500))
		text[row.ActionType] = pick("Create", "Read", "Approve", "Login Failed")
		text[row.Status] = pick("Success", "Failed")
	}
	return rows
}

// someRefused makes some rows ones that the table refuses.
func someRefused(rows []row.Row) (refused int) {
	for i := range rows {
		if rand.IntN(50) == 0 {
			rows[i].Text[row.ActorID] = "refused"
			refused++
		}
	}
	return refused
}

// trueCounts: random batches with duplicates and refused rows by two collectors at once,
// and rows that others add, change and delete by hand.
func trueCounts(t *testing.T, h Harness) {
	dsn := h.New(t)
	stores := []*opened{h.open(t, dsn, nil), h.open(t, dsn, nil)}
	if err := stores[0].Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	if state := stores[0].countsState(); state != dialect.CountsUsable {
		t.Fatalf("the state of the counts is %q, want usable: %q", state, stores[0].log.notes)
	}
	stores[0].exec(h.Refuse)
	rows := mixed(4000)
	someRefused(rows)
	var wg sync.WaitGroup
	for worker := range 4 {
		wg.Go(func() {
			for range 12 {
				batch := make([]row.Row, 300)
				for i := range batch {
					batch[i] = rows[rand.IntN(len(rows))]
				}
				stores[worker%2].writeUntil(batch...)
			}
		})
	}
	wg.Go(func() { stores[0].byHand() })
	wg.Wait()
	last := mixed(1)
	last[0].ID = activity.NewIDAt(time.UnixMilli(1<<48 - 1)) // the year 10889, which MySQL refuses
	stores[1].writeUntil(append(last, rows...)...)
	stores[0].checkFold(rows)
	if _, err := stores[0].BuildCounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	stores[0].counts()
}

// byHand deletes and changes rows, and adds some as another program does.
func (o *opened) byHand() {
	for i := range 20 {
		own := mixed(2)
		args := o.h.Dialect.Args(nil, &own[0])
		if _, err := o.db.ExecContext(o.t.Context(), o.h.Dialect.Insert("activity_log"), args...); err != nil {
			o.t.Errorf("insert by hand: %v", err)
		}
		// Text without characters is another key than NULL.
		o.execUntil(fmt.Sprintf("UPDATE activity_log SET tenant_id = '', action_type = '' WHERE object_id LIKE '%d5%%'", i%10))
		o.execUntil(fmt.Sprintf("DELETE FROM activity_log WHERE object_id LIKE '%d7%%'", i%10))
		o.execUntil(fmt.Sprintf("UPDATE activity_log SET tenant_id = 'moved', status = 'Failed' WHERE object_id LIKE '%d3%%'", i%10))
	}
}

// execUntil runs a statement until no other transaction is in its way.
func (o *opened) execUntil(statement string) {
	var err error
	for range 50 {
		if _, err = o.db.ExecContext(o.t.Context(), statement); err == nil {
			return
		}
	}
	o.t.Errorf("%s: %v", statement, err)
}

// checkFold compares the counts before and after they are put together.
func (o *opened) checkFold(rows []row.Row) {
	o.t.Helper()
	if n := o.counts(); n < len(rows)/4 {
		o.t.Errorf("%d rows are there, want most of %d", n, len(rows))
	}
	before := o.number("SELECT count(*) FROM activity_log_counts")
	saved, err := o.FoldCounts(o.t.Context())
	if err != nil {
		o.t.Fatal(err)
	}
	o.counts()
	if after := o.number("SELECT count(*) FROM activity_log_counts"); after != before-saved || saved == 0 {
		o.t.Errorf("%d counts, %d of them saved, are %d", before, saved, after)
	}
}

// builtCounts: the counts are turned on for a table with rows while others write to it,
// one of which does not know of it.
func builtCounts(t *testing.T, h Harness) {
	h.Counts = false
	dsn := h.New(t)
	plain := h.open(t, dsn, nil)
	plain.write(mixed(5000)...)
	h.Counts = true
	o := h.open(t, dsn, nil)
	o.write(mixed(100)...)
	if state := o.countsState(); state != "" || !strings.Contains(strings.Join(o.log.notes, ""), "counts --rebuild") {
		t.Errorf("the state of the counts is %q, and the notes are %q", state, o.log.notes)
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for _, s := range []*opened{plain, o, h.open(t, dsn, nil)} {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					s.writeUntil(mixed(200)...)
				}
			}
		})
	}
	for range 3 {
		time.Sleep(200 * time.Millisecond)
		n, err := o.BuildCounts(t.Context())
		if err != nil || n < 5100 {
			t.Errorf("counted %d rows: %v", n, err)
		}
		if o.countsState() != dialect.CountsUsable {
			t.Errorf("the state of the counts is %q", o.countsState())
		}
	}
	if err := o.Maintain(t.Context()); err != nil { // from now on it counts
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	close(stop)
	wg.Wait()
	if n := o.counts(); n < 6000 {
		t.Errorf("%d rows, want more", n)
	}
}

// builtTogether: of several who count all rows at the same time, some fail, and the counts
// are those of one of them.
func builtTogether(t *testing.T, h Harness) {
	o := h.open(t, h.New(t), nil)
	o.write(mixed(4000)...)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 4 {
				if _, err := o.BuildCounts(t.Context()); err != nil && o.h.Dialect.Goose() == "sqlite3" {
					t.Error(err) // there, one waits for the other
				}
			}
		})
	}
	wg.Wait()
	o.counts()
}

// unusableCounts: a count that did not end is not used, nor is one that was turned off.
func unusableCounts(t *testing.T, h Harness) {
	dsn := h.New(t)
	o := h.open(t, dsn, nil)
	o.write(mixed(1000)...)
	o.exec("UPDATE activity_log_counts_state SET state = 'building'")
	next := h.open(t, dsn, nil)
	o.unchecked, next.unchecked = true, true
	next.write(mixed(10)...)
	if state := next.countsState(); state != dialect.CountsBuilding {
		t.Errorf("the state is %q", state)
	}
	if err := o.RemoveCounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.write(mixed(10)...) // still counts
	next.exec("DELETE FROM activity_log WHERE object_id LIKE '1%'")
	if _, err := next.BuildCounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.write(mixed(10)...)
	next.exec("DELETE FROM activity_log WHERE object_id LIKE '2%'")
	o.counts()
	if o.h.Dialect.Goose() == "postgres" {
		o.exec("TRUNCATE activity_log")
		if state := o.countsState(); state != dialect.CountsBroken {
			t.Errorf("the state after TRUNCATE is %q", state)
		}
	}
	o.exec("DELETE FROM activity_log_counts_state;\nDROP TABLE activity_log_counts_state")
	if state := o.countsState(); state != "" {
		t.Errorf("the state without a table is %q", state)
	}
}

// DropsWithoutCounts drops a partition of a table whose counts are off, with a count that a
// rebuild could have put there at that moment, and a row that is kept.
func DropsWithoutCounts(t *testing.T, h Harness) {
	dsn := h.New(t)
	o := h.open(t, dsn, nil)
	rows := mixed(2)
	for i := range rows {
		rows[i].ID = activity.NewIDAt(time.Now().AddDate(0, -1, -i))
	}
	if err := o.Maintain(t.Context()); err != nil { // makes the partition of the last month
		t.Fatal(err)
	}
	o.write(rows...)
	o.exec("INSERT INTO activity_log_counts (hour, action_type, status, n) SELECT date_trunc('hour', action_time), action_type, status, 1 FROM activity_log;" +
		"UPDATE activity_log SET recorded_at = now() + interval '1 day' WHERE event_id = (SELECT min(event_id::text) FROM activity_log)::uuid")
	other := h.open(t, dsn, func(cfg *store.Config) { cfg.Retention, cfg.RetentionForce, cfg.RetentionNotice = 1, true, 1 })
	for range 2 {
		other.maintain()
	}
	if len(other.log.dropped) == 0 {
		t.Fatal("no partition was dropped")
	}
	o.expect(1, "SELECT count(*) FROM activity_log")
	o.expect(0, "SELECT count(*) FROM activity_log_counts")
	if _, err := o.BuildCounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	o.counts()
}

// countedByTriggers: an account that knows of the counts, and may not add to them, leaves
// that to the triggers from the first transaction on that fails.
func countedByTriggers(t *testing.T, h Harness) {
	if h.InsertOnly == nil {
		t.Log("does not apply: this database has no accounts with fewer rights")
		return
	}
	dsn := h.New(t)
	owner := h.open(t, dsn, nil)
	owner.write(mixed(10)...)
	limited := h.InsertOnly(t, dsn)
	account, _, _ := strings.Cut(strings.TrimPrefix(limited, "postgres://"), ":")
	if h.Dialect.Goose() == "mysql" {
		account += "@'127.0.0.1'"
	}
	owner.exec("GRANT SELECT ON activity_log_counts_state TO " + account)
	o := h.open(t, limited, func(cfg *store.Config) { cfg.CreateSchema, cfg.MaxOpenConns = false, 1 })
	for range 3 {
		o.write(mixed(100)...)
	}
	if notes := strings.Join(o.log.notes, "\n"); strings.Count(notes, "the database counts by triggers") != 1 {
		t.Errorf("the notes are %q, want one about triggers", notes)
	}
	if n := owner.counts(); n != 310 {
		t.Errorf("%d rows, want 310", n)
	}
}

// ifCounted is a rule for tables with counts.
func ifCounted(rule func(*testing.T, Harness)) func(*testing.T, Harness) {
	return func(t *testing.T, h Harness) {
		if !h.Counts {
			t.Log("does not apply: this table has no counts")
			return
		}
		rule(t, h)
	}
}
