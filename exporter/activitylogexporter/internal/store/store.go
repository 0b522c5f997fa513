// Package store writes rows into a database. It does all the I/O, for every
// dialect, and decides what happens to a row that is refused.
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

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/bulk"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dialect"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/row"
)

// Limits of one transaction. A batch beyond them is written in several: each
// row is safe to write again, so a batch need not be one transaction.
const (
	maxRows  = 10_000
	maxBytes = 32 << 20
)

// Config says where rows go.
type Config struct {
	Dialect      dialect.Dialect
	DSN          string // as the user wrote it
	Table        string // may have a schema before it: "audit.activity_log"
	CreateSchema bool

	// Timeout is for one transaction; 0: none.
	Timeout time.Duration

	// InsertOnly leaves the bulk protocol of the database alone, if it has one.
	InsertOnly bool

	// BlockOnRefused makes a refused row an error, instead of a dead letter.
	BlockOnRefused bool

	// Retention is the age at which [Store.Maintain] removes rows; 0: never.
	Retention time.Duration

	// RetentionForce also removes more at once than is usual, RetentionNotice
	// after that was told; 0 is an hour.
	RetentionForce  bool
	RetentionNotice time.Duration

	// Limits of the connection pool, as in database/sql; a dialect's own
	// limit wins.
	MaxOpenConns    int
	MaxIdleConns    int
	ConnMaxLifetime time.Duration
}

// Observer is told what a store did. Its methods are called by many goroutines.
type Observer interface {
	// Wrote reports a committed transaction: how many rows were new, how many
	// were there already, and how long it took.
	Wrote(ctx context.Context, written, duplicate int, took time.Duration)
	// Accepted reports a committed transaction of a database that does not say
	// how many of the rows were new ([dialect.Uncounted]).
	Accepted(ctx context.Context, rows int, took time.Duration)
	// DeadLettered reports rows that the database refused, and that are in the dead
	// letter table now. If the database does not report which rows are new, rows that
	// come again are reported again.
	DeadLettered(ctx context.Context, refused []Rejection)
	// Conflicting reports rows whose id was there with other content. They are in
	// the dead letter table now. It is called each time that they come.
	Conflicting(ctx context.Context, rows []*row.Row)
	// Unsupported reports that the database takes no bulk loads, and that rows
	// are inserted by statements from now on.
	Unsupported(ctx context.Context, reason error)
	// Noted reports something that an operator should know, in a sentence. The
	// error may be nil.
	Noted(ctx context.Context, sentence string, err error)
	// Expired reports rows that were deleted since they are older than the
	// retention.
	Expired(ctx context.Context, rows int)
	// Dropped reports a partition that was dropped for the same reason.
	Dropped(ctx context.Context, partition string)
}

// Store is a table in a database. Its methods may be called by many goroutines.
type Store struct {
	cfg      Config
	observer Observer
	loader   bulk.Loader // nil if the database has no bulk protocol
	db       *sql.DB
	dsn      string // complete

	connector driver.Connector // of db

	life context.Context // ends with Stop
	stop context.CancelFunc

	preparing chan struct{} // has one element while the schema is made or checked
	ready     atomic.Bool   // the schema is there, as far as we were to make it

	limit limit // of rows in one transaction

	noLoad      atomic.Bool  // the database takes no bulk loads
	noRead      atomic.Bool  // the account may not read rows, so that none are compared
	lookupsLeft atomic.Int32 // for how many more batches rows may be there already

	warned atomic.Int64 // when it was told that much is old, in nanoseconds of Unix time

	taken      atomic.Pointer[row.Row] // a row that the table took
	remembered atomic.Int64            // when, in nanoseconds of Unix time
}

// errStopped is why statements end that are running when a store is stopped.
var errStopped = errors.New("the exporter is stopping")

// Open returns the store of cfg. It does not connect: the database may come
// later.
func Open(cfg Config, observer Observer) (*Store, error) {
	dsn, err := cfg.Dialect.DSN(cfg.DSN)
	if err != nil {
		return nil, fmt.Errorf("dsn: %w", err)
	}
	made, err := connectorOf(cfg.Dialect.Driver(), dsn)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", withoutDSN(err, dsn))
	}
	connector := impatient{made}
	db := sql.OpenDB(connector)
	open, idle := cfg.MaxOpenConns, cfg.MaxIdleConns
	if limit := cfg.Dialect.MaxConns(); limit > 0 {
		open, idle = limit, limit
	}
	db.SetMaxOpenConns(open)
	db.SetMaxIdleConns(idle)
	db.SetConnMaxLifetime(cfg.ConnMaxLifetime)
	s := &Store{cfg: cfg, observer: observer, loader: bulk.LoaderOf(cfg.Dialect), db: db, dsn: dsn, connector: connector, preparing: make(chan struct{}, 1)}
	s.life, s.stop = context.WithCancel(context.Background())
	return s, nil
}

// Drivers are the database/sql drivers that are compiled in.
func Drivers() []string { return sql.Drivers() }

// withoutDSN keeps a DSN, and the password in it, out of the error of a driver
// that could not read it: those of net/url repeat it, in whole and in part.
func withoutDSN(err error, dsn string) error {
	if parse := new(url.Error); errors.As(err, &parse) && parse.Op == "parse" || dsn != "" && strings.Contains(err.Error(), dsn) {
		return errors.New("the driver cannot read the dsn, or repeats it in its error, which is left out here; " +
			"where it is a URL, special characters of the password must be percent-encoded")
	}
	return err
}

// Stop ends all that is running on the database, and fails what is begun after
// it. What a transaction was writing is written later, by whoever has it.
func (s *Store) Stop() { s.stop() }

// Close stops what is running and closes the connections.
func (s *Store) Close() error {
	s.stop()
	return s.db.Close()
}

// Write makes sure that each of rows is in the table, or, when the database
// refuses it, in the dead letter table. Rows that are there already stay as
// they are. After an error, which is about the database and not about a row,
// some rows may be written; Write is to be called again with all of them.
func (s *Store) Write(ctx context.Context, rows []row.Row) error {
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	// In one order everywhere, so that two writers of the same rows wait for
	// each other rather than deadlock; and one after the other, the same rows
	// of one batch.
	if byID := func(a, b row.Row) int { return slices.Compare(a.ID[:], b.ID[:]) }; !slices.IsSortedFunc(rows, byID) {
		slices.SortStableFunc(rows, byID)
	}
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
	return s.deadLetterConflicts(ctx, conflicts)
}

// chunk returns how many of rows, most at most, go into one transaction, at least
// one.
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
