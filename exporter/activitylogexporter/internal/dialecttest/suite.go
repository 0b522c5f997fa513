// Package dialecttest is the conformance suite of the dialects: what the store
// promises, checked on a real database. Each failure names the promise that was
// broken.
package dialecttest

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
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

// Harness is what the suite needs to know of a database. What is nil makes the
// rules that need it be skipped, in the open.
type Harness struct {
	Dialect dialect.Dialect

	// Config changes the configuration of each store, if it is not nil.
	Config func(*store.Config)

	// Schema makes the tables, if they are not there, for a dialect that does not.
	Schema func(t *testing.T, dsn, table string)

	// Unquoted: the dialect does not quote names, so no table has a reserved word
	// for a name.
	Unquoted bool

	// Resolution is that of action_time, if it is coarser than a microsecond.
	Resolution time.Duration

	// New returns the DSN of a database that is empty.
	New func(t *testing.T) string

	// Refuse is SQL that makes the table activity_log refuse rows whose
	// actor_id is "refused", by whatever means the database has; Repair undoes
	// that.
	Refuse, Repair string

	// RefuseAll makes the table activity_log, which has no rows yet, refuse each
	// row, and RepairAll undoes that.
	RefuseAll, RepairAll string

	// InsertOnly returns the DSN of an account of the same database that may do
	// no more than the documentation says is needed with create_schema: false.
	InsertOnly func(t *testing.T, dsn string) string

	// Server is where the database listens, and Through returns dsn with another
	// address in place of that one.
	Server  string
	Through func(dsn, address string) string

	// Counts turns counts on, and compares them with the rows at the end of a rule.
	Counts bool

	// Restart stops the server at once, as a crash does, and starts it again.
	Restart func()
}

// Run runs the whole suite.
func Run(t *testing.T, h Harness) {
	for name := range rules {
		RunRule(t, h, name)
	}
}

// RunRule runs one rule of the suite.
func RunRule(t *testing.T, h Harness, name string) {
	t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) { rules[name](t, h) })
}

// rules are what the store promises.
var rules = map[string]func(*testing.T, Harness){
	"every column comes back as it was written":             columns,
	"numbers in data keep each digit":                       numbers,
	"the order of ids is the order of time":                 order,
	"a time that the database cannot hold is not lost":      times,
	"a row that is there is neither doubled nor changed":    repeated,
	"a row that is refused does not hold up its neighbours": refused,
	"many refused rows are dead letters at once":            manyRefused,
	"when the table is wrong rows wait":                     wrongTable,
	"another row of the same id is kept apart":              conflicting,
	"a refused row can be made to wait":                     blocked,
	"dead letters can be put back":                          replayed,
	"writers of the same rows leave each once":              concurrent,
	"a process that is killed leaves nothing half done":     killed,
	"a connection that is cut leaves nothing half done":     cut,
	"a database that says nothing holds nobody up":          silent,
	"on a slow line smaller parts get through":              slow,
	"a server that crashes has what it acknowledged":        restarted,
	"a batch of any size is written whole":                  large,
	"the schema may be made by many at once":                schemas,
	"the schema is brought on from each older version":      versions,
	"without a table nothing is refused and nothing lost":   missingTable,
	"what is older than the retention goes":                 expired,
	"what a wrong clock would remove stays":                 surprise,
	"partitions are made ahead and dropped whole":           partitions,
	"the right to insert is enough":                         insertOnly,
	"tables of one database are apart":                      tables,
	"the twenty questions have their answers":               questions,
	"each act on an object is found":                        objects,
	"the acts of a batch are found":                         batches,
	"counts are those of the rows, whatever happens":        ifCounted(trueCounts),
	"counts can be built while others write":                ifCounted(builtCounts),
	"counts can be built by several at once":                ifCounted(builtTogether),
	"counts are not used unless they are true":              ifCounted(unusableCounts),
	"without the right to the counts triggers count":        ifCounted(countedByTriggers),
}

// opened is a store with its table and a connection to look at it.
type opened struct {
	*store.Store
	t   *testing.T
	h   Harness
	db  *sql.DB
	log *log

	unchecked bool // the counts need not be true in the end
}

func (h Harness) open(t *testing.T, dsn string, change func(*store.Config)) *opened {
	t.Helper()
	cfg := store.Config{Dialect: h.Dialect, DSN: dsn, Table: "activity_log", CreateSchema: true, MaxIdleConns: 4, Counts: h.Counts}
	for _, change := range []func(*store.Config){h.Config, change} {
		if change != nil {
			change(&cfg)
		}
	}
	if h.Schema != nil && cfg.CreateSchema {
		h.Schema(t, dsn, cfg.Table)
		cfg.CreateSchema = false
	}
	o := &opened{t: t, h: h, log: &log{}}
	_, o.log.uncounted = h.Dialect.(dialect.Uncounted)
	var err error
	if o.Store, err = store.Open(cfg, o.log); err != nil {
		t.Fatalf("open store: %v", err)
	}
	full, err := h.Dialect.DSN(dsn)
	if err != nil {
		t.Fatalf("complete DSN: %v", err)
	}
	if o.db, err = sql.Open(h.Dialect.Driver(), full); err != nil {
		t.Fatalf("open database: %v", err)
	}
	t.Cleanup(func() {
		if h.Counts && cfg.CreateSchema && !o.unchecked && !t.Failed() {
			o.checkCounts()
		}
		if err := o.db.Close(); err != nil {
			t.Errorf("close database: %v", err)
		}
		if err := o.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return o
}

// ctx is that of the test, also while the test cleans up.
func (o *opened) ctx() context.Context { return context.WithoutCancel(o.t.Context()) }

func (o *opened) write(rows ...row.Row) {
	o.t.Helper()
	if err := o.Write(o.t.Context(), rows); err != nil {
		o.t.Fatalf("write %d rows: %v", len(rows), err)
	}
}

// writeUntil writes rows again and again until that works, as the sending queue
// does.
func (o *opened) writeUntil(rows ...row.Row) {
	o.t.Helper()
	var err error
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if err = o.Write(o.t.Context(), slices.Clone(rows)); err == nil {
			return
		}
	}
	o.t.Fatalf("write %d rows, for a minute: %v", len(rows), err)
}

func (o *opened) exec(statements string) {
	o.t.Helper()
	for statement := range strings.SplitSeq(statements, ";\n") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		if _, err := o.db.ExecContext(o.t.Context(), statement); err != nil {
			o.t.Fatalf("%s: %v", statement, err)
		}
	}
}

func (o *opened) number(query string) (n int) {
	o.t.Helper()
	if err := o.db.QueryRowContext(o.ctx(), query).Scan(&n); err != nil {
		o.t.Fatalf("%s: %v", query, err)
	}
	return n
}

func (o *opened) expect(want int, query string) {
	o.t.Helper()
	if got := o.number(query); got != want {
		o.t.Errorf("%s: got %d, want %d", query, got, want)
	}
}

// log counts what a store reports.
type log struct {
	uncounted                                  bool // see [dialect.Uncounted]
	mu                                         sync.Mutex
	written, duplicate, deadLettered, accepted int
	conflicting                                int
	notes                                      []string
	codes                                      []string
	unsupported                                error
	expired                                    int
	dropped                                    []string
}

func (l *log) Wrote(_ context.Context, written, duplicate int, _ time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.written += written
	l.duplicate += duplicate
}

func (l *log) Accepted(_ context.Context, rows int, _ time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.accepted += rows
}

func (l *log) DeadLettered(_ context.Context, refused []store.Rejection) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deadLettered += len(refused)
	for _, r := range refused {
		if !slices.Contains(l.codes, r.Code) {
			l.codes = append(l.codes, r.Code)
		}
	}
}

func (l *log) Conflicting(_ context.Context, rows []*row.Row) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conflicting += len(rows)
}

func (*log) Did(context.Context, string) {}

func (l *log) Noted(_ context.Context, sentence string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes = append(l.notes, fmt.Sprint(sentence, err))
}

func (l *log) Unsupported(_ context.Context, reason error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unsupported = reason
}

func (l *log) Expired(_ context.Context, rows int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expired += rows
}

func (l *log) Dropped(_ context.Context, partition string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dropped = append(l.dropped, partition)
}

func (l *log) expect(t *testing.T, written, duplicate, deadLettered int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.uncounted { // each row is accounted for, but not whether it was new
		if l.written != 0 || l.accepted+l.duplicate != written+duplicate || l.deadLettered < deadLettered {
			t.Errorf("the store reported %d written, %d accepted, %d duplicate, %d refused (%q); want 0, %d of the next two, %d or more",
				l.written, l.accepted, l.duplicate, l.deadLettered, l.codes, written+duplicate, deadLettered)
		}
		return
	}
	if l.written != written || l.duplicate != duplicate || l.deadLettered != deadLettered {
		t.Errorf("the store reported %d written, %d duplicate, %d refused (%q); want %d, %d, %d",
			l.written, l.duplicate, l.deadLettered, l.codes, written, duplicate, deadLettered)
	}
}

// Rows returns n rows as activities of a service are: about 450 bytes each,
// in the order of their times.
func Rows(n int) []row.Row {
	rows := make([]row.Row, n)
	start := time.Now().Add(-time.Hour)
	for i := range rows {
		rows[i].ID = activity.NewIDAt(start.Add(time.Duration(i) * time.Microsecond))
		text := &rows[i].Text
		text[row.ActorID] = fmt.Sprint(rand.IntN(10_000))
		text[row.ActorType] = string(activity.ActorUser)
		text[row.ActorName] = "user" + text[row.ActorID] + "@example.com"
		text[row.TenantID] = "acme"
		text[row.ActionType] = string(activity.ActionUpdate)
		text[row.ActionName] = "PATCH /api/articles/{id}"
		text[row.Status] = string(activity.StatusSuccess)
		text[row.ObjectType] = "article"
		text[row.ObjectID] = fmt.Sprint(rand.IntN(100_000))
		text[row.Remarks] = text[row.ActorName] + " updated /api/articles/" + text[row.ObjectID]
		text[row.Data] = `{"changes":{"title":["An old title","A new title"]}}`
		text[row.ClientAddress] = "192.0.2.7"
		text[row.UserAgent] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
		text[row.ServiceName] = "blog"
		text[row.TraceID] = fmt.Sprintf("%016x%016x", rand.Uint64(), rand.Uint64())
		text[row.SpanID] = fmt.Sprintf("%016x", rand.Uint64())
		text[row.Source] = string(activity.SourceDeclared)
	}
	return rows
}
