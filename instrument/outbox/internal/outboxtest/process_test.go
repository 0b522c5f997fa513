package outboxtest

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	osexec "os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument/outbox"
	"github.com/otelactivity/activitylog/instrument/setup"
	"github.com/otelactivity/activitylog/internal/testserver/process"
)

// serviceVariable makes the test binary a service: it changes articles in transactions of
// which it rolls half back, and relays, until its standard input ends. The value is
// dialect, driver and DSN, with | between them.
const serviceVariable = "OUTBOXTEST_SERVICE"

// serviceTimeout is short, because SQLite's claims of a killed relay last as long.
const serviceTimeout = time.Second

func serviceProcess() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "service:", err)
		os.Exit(1)
	}
}

func serve() error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	part := strings.SplitN(os.Getenv(serviceVariable), "|", 3)
	db, err := sql.Open(part[1], part[2])
	if err != nil {
		return err
	}
	defer db.Close()
	exporter, err := setup.NewLogExporter(ctx)
	if err != nil {
		return err
	}
	box := outbox.New(outbox.Dialect(part[0]), outbox.WithServiceName("shop"))
	var wg sync.WaitGroup
	wg.Go(func() {
		outbox.NewRelay(box, db, exporter, outbox.WithTimeout(serviceTimeout), outbox.WithBatch(50), outbox.WithInterval(100*time.Millisecond),
			outbox.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, nil)))).Run(ctx)
	})
	working, done := context.WithCancel(ctx)
	for range 2 {
		wg.Go(func() {
			for working.Err() == nil {
				if err := publish(working, part[0], db, box); err != nil && working.Err() == nil {
					fmt.Fprintln(os.Stderr, "publish:", err)
				}
			}
		})
	}
	input := bufio.NewScanner(os.Stdin)
	input.Scan() // no more changes
	done()
	input.Scan() // or the end
	cancel()
	wg.Wait()
	return exporter.Shutdown(context.Background())
}

// publish inserts an article and records it. Of two transactions one is rolled back, and
// only the number of it is kept.
func publish(ctx context.Context, dialect string, db *sql.DB, box *outbox.Outbox) error {
	commit := rand.N(2) == 0
	article := activity.NewID().String()
	mark := "?"
	if dialect == string(outbox.PostgreSQL) {
		mark = "$1"
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "INSERT INTO articles (id) VALUES ("+mark+")", article); err != nil {
		return err
	}
	if _, err := box.Record(ctx, tx, activity.Activity{ActionType: activity.ActionCreate, Actor: activity.Actor{ID: "7"},
		Object: activity.Object{Type: "article", ID: article}}); err != nil {
		return err
	}
	if commit {
		return tx.Commit()
	}
	if err := tx.Rollback(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "INSERT INTO undone (id) VALUES ("+mark+")", article)
	return err
}

// service is a process that a test has started.
type service struct {
	*process.Process
	input io.WriteCloser
	log   process.Log
}

func startService(t *testing.T, d database, env ...string) *service {
	t.Helper()
	cmd := osexec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), serviceVariable+"="+string(d.dialect)+"|"+d.driver+"|"+d.dsn), env...)
	s := &service{}
	var err error
	if s.input, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if s.Process, err = process.Start(cmd, &s.log); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}

// rest ends the changes. The relay goes on.
func (s *service) rest() { _, _ = io.WriteString(s.input, "\n") }
