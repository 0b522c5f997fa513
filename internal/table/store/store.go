// Package store writes rows into a database. It does all the I/O, for every
// dialect, and decides what happens to a row that the database rejects.
package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/otelactivity/activitylog/internal/table/bulk"
	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
)

// Limits of one transaction. A larger batch is written in several transactions:
// every row can be written again, so a batch need not be atomic.
const (
	maxRows  = 10_000
	maxBytes = 32 << 20
)

// Config is where and how rows are written.
type Config struct {
	Dialect      dialect.Dialect
	DSN          string // as the user wrote it
	Table        string // may have a schema as prefix: "audit.activity_log"
	CreateSchema bool

	// Counts turns counts on for a table without rows: see [dialect.Counter]. A store whose
	// table has counts keeps them in any case.
	Counts bool

	// Timeout is the deadline of one transaction; 0: no deadline.
	Timeout time.Duration

	// InsertOnly turns off the bulk protocol of the database.
	InsertOnly bool

	// BlockOnRefused returns an error for a rejected row, instead of writing it to
	// the dead letter table.
	BlockOnRefused bool

	// Retention is the age at which [Store.Maintain] removes rows; 0: never.
	Retention time.Duration

	// RetentionForce allows to remove more rows at once than usual, RetentionNotice
	// after this was logged (default: an hour).
	RetentionForce  bool
	RetentionNotice time.Duration

	// Moved is called when rows are about to be written to another server than the last
	// ones: one that this store has not written to within Recently. Each transaction asks
	// for that ([dialect.Identifier]). nil: nobody asks.
	Moved    func(from, to string)
	Recently time.Duration

	// Limits of the connection pool, as in database/sql. [dialect.Dialect.MaxConns]
	// overrides them.
	MaxOpenConns    int
	MaxIdleConns    int
	ConnMaxLifetime time.Duration
}

// Observer is called when a store has done something, for metrics and logs. Its
// methods are called by many goroutines.
type Observer interface {
	// Wrote reports a committed transaction: how many rows were new, how many existed
	// already, and how long it took.
	Wrote(ctx context.Context, written, duplicate int, took time.Duration)
	// Accepted reports a committed transaction of a database that does not say
	// how many of the rows were new ([dialect.Uncounted]).
	Accepted(ctx context.Context, rows int, took time.Duration)
	// DeadLettered reports rows that the database rejected and that are in the dead
	// letter table now. If the database does not report which rows are new, rows that
	// are received again are reported again.
	DeadLettered(ctx context.Context, rejected []Rejection)
	// Conflicting reports rows whose id existed with other content. They are in the
	// dead letter table now. They are reported each time that they are received.
	Conflicting(ctx context.Context, rows []*row.Row)
	// Unsupported reports that the database does not support bulk loads, and that
	// rows are inserted by statements from now on.
	Unsupported(ctx context.Context, reason error)
	// Did reports routine work, as a log message.
	Did(ctx context.Context, message string)
	// Noted reports something that an operator should look at, as a log message. The
	// error may be nil.
	Noted(ctx context.Context, message string, err error)
	// Expired reports rows that were deleted because they are older than the
	// retention.
	Expired(ctx context.Context, rows int)
	// Dropped reports a partition that was dropped because it is older than the
	// retention.
	Dropped(ctx context.Context, partition string)
}

// Store is a table in a database. Its methods may be called by many goroutines.
type Store struct {
	cfg      Config
	observer Observer
	loader   bulk.Loader // nil if the database has no bulk protocol within database/sql
	blocks   *blocks     // nil if it takes no blocks
	db       *sql.DB
	dsn      string // complete

	connector driver.Connector // of db

	life context.Context // ends with Stop
	stop context.CancelFunc

	preparing chan struct{} // has one element while the schema is made or checked
	ready     atomic.Bool   // Prepare has succeeded

	limit   limit   // of rows in one transaction
	servers servers // that rows were written to

	noLoad      atomic.Bool  // the database does not support bulk loads
	noRead      atomic.Bool  // the account may not read rows, so they are not compared
	lookupsLeft atomic.Int32 // for how many more batches existing rows are looked up

	counting atomic.Bool  // rows that are written are counted
	counted  atomic.Bool  // they were, since the start
	looked   atomic.Int64 // when it was last looked for counts, in nanoseconds of Unix time
	unfolded unfolded

	lateAfter atomic.Int64 // no late indexes are made before, in nanoseconds of Unix time

	warned atomic.Int64 // when an unusual removal was logged, in nanoseconds of Unix time

	accepted   atomic.Pointer[row.Row] // a row that the table has accepted
	remembered atomic.Int64            // when, in nanoseconds of Unix time
}

// errStopped is the error of statements that are running when a store is stopped.
var errStopped = errors.New("the exporter is stopping")

// Open returns the store of cfg. It does not connect: the database may be
// unreachable.
func Open(cfg Config, observer Observer) (*Store, error) {
	connector, dsn, err := connect(cfg.Dialect, cfg.DSN)
	if err != nil {
		return nil, err
	}
	blocks, err := openBlocks(cfg, dsn)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", withoutDSN(err, dsn))
	}
	db := sql.OpenDB(connector)
	open, idle := cfg.MaxOpenConns, cfg.MaxIdleConns
	if limit := cfg.Dialect.MaxConns(); limit > 0 {
		open, idle = limit, limit
	}
	db.SetMaxOpenConns(open)
	db.SetMaxIdleConns(idle)
	db.SetConnMaxLifetime(cfg.ConnMaxLifetime)
	s := &Store{cfg: cfg, observer: observer, loader: bulk.LoaderOf(cfg.Dialect), blocks: blocks, db: db, dsn: dsn, connector: connector, preparing: make(chan struct{}, 1)}
	s.life, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Drivers returns the names of the database/sql drivers that are compiled in.
func Drivers() []string { return sql.Drivers() }

// withoutDSN replaces the error of a driver that could not parse the DSN, because
// the error may contain the DSN, or a part of it, and with it the password.
func withoutDSN(err error, dsn string) error {
	if parse := new(url.Error); errors.As(err, &parse) && parse.Op == "parse" || dsn != "" && strings.Contains(err.Error(), dsn) {
		return errors.New("the driver cannot parse the dsn, or its error contains the dsn and is omitted; " +
			"in a URL, special characters of the password must be percent-encoded")
	}
	return err
}

// Stop cancels all running statements; later ones fail. Rows whose transaction was
// canceled must be written again.
func (s *Store) Stop() { s.stop() }

// Close cancels running statements and closes the connections.
func (s *Store) Close() error {
	s.stop()
	return errors.Join(s.db.Close(), s.blocks.close())
}

// Write makes sure that each row is in the table, or, if the database rejects it, in
// the dead letter table. Rows that exist already are not changed. An error is about
// the database, not about a row; some rows may be written then, and Write must be
// called again with all of them. Write sorts rows.
func (s *Store) Write(ctx context.Context, rows []row.Row) error {
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	// All writers use the same order, so that two writers of the same rows wait for
	// each other instead of a deadlock. It also puts rows of the same id together.
	if byID := func(a, b row.Row) int { return slices.Compare(a.ID[:], b.ID[:]) }; !slices.IsSortedFunc(rows, byID) {
		slices.SortStableFunc(rows, byID)
	}
	s.lookAgain(ctx)
	rest, conflicts, again := unique(rows)
	for len(rest) > 0 {
		n := chunk(rest, s.limit.get())
		if err := s.write(ctx, rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	if again > 0 {
		s.observer.Wrote(ctx, 0, again, 0)
	}
	s.fold(ctx)
	return s.deadLetterConflicts(ctx, conflicts)
}

// chunk returns how many of the rows go into one transaction: at least one, at most
// most.
func chunk(rows []row.Row, most int) int {
	size := 0
	for i := range rows {
		size += rows[i].Size()
		if i > 0 && (i >= most || size > maxBytes) {
			return i
		}
	}
	return len(rows)
}
