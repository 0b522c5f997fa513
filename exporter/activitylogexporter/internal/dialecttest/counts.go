package dialecttest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
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

// checkFold compares the counts before and after they are put together, by several at once.
func (o *opened) checkFold(rows []row.Row) {
	o.t.Helper()
	if n := o.counts(); n < len(rows)/4 {
		o.t.Errorf("%d rows are there, want most of %d", n, len(rows))
	}
	before := o.number("SELECT count(*) FROM activity_log_counts")
	var saved atomic.Int64
	fold := func() error {
		n, err := o.FoldCounts(o.t.Context())
		saved.Add(int64(n))
		return err
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := fold(); err != nil && o.h.Dialect.Classify(err).Kind != dialect.Contention {
				o.t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := fold(); err != nil {
		o.t.Fatal(err)
	}
	o.counts()
	if after, saved := o.number("SELECT count(*) FROM activity_log_counts"), int(saved.Load()); after != before-saved || saved == 0 {
		o.t.Errorf("%d counts, %d of them saved, are %d", before, saved, after)
	}
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
