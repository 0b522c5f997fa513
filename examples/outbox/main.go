// Command outbox is a shop that records its sales in the transaction of each sale, by
// package instrument/outbox. Its database is SQLite.
//
//	go run ./outbox -db shop.db book umbrella
//
// There are books in stock, and no umbrellas: the sale of the umbrella is rolled back,
// and so is its activity. Activities wait in the database until a collector at
// http://localhost:4318 has acknowledged them, also over the end of this program.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"log"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument/outbox"
	"github.com/otelactivity/activitylog/instrument/setup"
)

func main() {
	file := flag.String("db", "shop.db", "the file of the database")
	wait := flag.Duration("wait", 2*time.Second, "how long to wait for the collector at the end")
	flag.Parse()
	if err := run(context.Background(), *file, *wait, flag.Args()); err != nil {
		log.Fatal(err)
	}
}

// shop is what a sale needs.
type shop struct {
	db  *sql.DB
	box *outbox.Outbox
}

func run(ctx context.Context, file string, wait time.Duration, things []string) error {
	// Without _txlock=immediate, a transaction that reads first can fail when it writes.
	db, err := sql.Open("sqlite", "file:"+file+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_txlock=immediate")
	if err != nil {
		return err
	}
	defer db.Close()
	s := &shop{db: db, box: outbox.New(outbox.SQLite, outbox.WithServiceName("shop"))}
	for _, statement := range []string{
		s.box.Schema(),
		"CREATE TABLE IF NOT EXISTS stock (thing TEXT PRIMARY KEY, left INTEGER NOT NULL)",
		"INSERT INTO stock VALUES ('book', 1000000) ON CONFLICT DO NOTHING",
	} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("create tables: %w", err)
		}
	}

	exporter, err := setup.NewLogExporter(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = exporter.Shutdown(ctx) }()
	relaying, stop := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		outbox.NewRelay(s.box, db, exporter).Run(relaying)
	}()
	defer func() { stop(); <-stopped }()

	for _, thing := range things {
		if err := s.sell(ctx, thing); err != nil {
			fmt.Printf("%s: not sold, nothing is recorded: %v\n", thing, err)
		} else {
			fmt.Printf("%s: sold and recorded\n", thing)
		}
	}
	return s.report(ctx, wait)
}

var errOutOfStock = errors.New("out of stock")

// sell takes a thing out of the stock. Either the sale and its activity are in the
// database afterwards, or neither of them.
func (s *shop) sell(ctx context.Context, thing string) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	// Nothing is known of the stock when the activity is recorded.
	if _, err := s.box.Record(ctx, tx, activity.Activity{
		ActionType: activity.ActionUpdate,
		ActionName: "stock.sell",
		Actor:      activity.Actor{ID: "7", Name: "alice"},
		Object:     activity.Object{Type: "thing", ID: thing},
	}); err != nil {
		return err
	}
	result, err := tx.ExecContext(ctx, "UPDATE stock SET left = left - 1 WHERE thing = ? AND left > 0", thing)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return errors.Join(errOutOfStock, err)
	}
	return tx.Commit()
}

// report waits until everything is sent, and says what is left.
func (s *shop) report(ctx context.Context, wait time.Duration) error {
	for deadline := time.Now().Add(wait); ; time.Sleep(50 * time.Millisecond) {
		stats, err := s.box.Stats(ctx, s.db)
		if err != nil {
			return err
		}
		if stats.Waiting == 0 {
			fmt.Println("everything is sent")
			return nil
		}
		if time.Now().After(deadline) {
			fmt.Printf("%d activities wait for the collector\n", stats.Waiting)
			return nil
		}
	}
}
