// Command jobs shows background jobs whose rows name who asked for them: a request puts a job
// into a queue of River, and a worker runs it later. The job's arguments carry the origin, so
// its span has a link to the request's, and its activity has the person as its actor.
//
//	go run ./jobs
//	curl -u carol:secret -X POST http://127.0.0.1:8080/reports
//
// The queue is in SQLite, so that the example needs no server. With PostgreSQL only the driver
// of River changes.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"go.opentelemetry.io/otel"
	_ "modernc.org/sqlite"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/setup"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "`address` to listen on")
	file := flag.String("db", "jobs.db", "SQLite `file` of the queue")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr, *file); err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, addr, file string) error {
	telemetry, err := setup.Start(ctx, "reports")
	if err != nil {
		return err
	}
	defer func() { _ = telemetry.Shutdown(context.WithoutCancel(ctx)) }()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	defer listener.Close()
	queue, db, err := startQueue(ctx, file)
	if err != nil {
		return err
	}
	defer db.Close()
	srv := &http.Server{Handler: newServer(queue), ReadHeaderTimeout: time.Second}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	fmt.Printf("listening on http://%s\n", listener.Addr())
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, srv.Shutdown(end), queue.Stop(end))
}

// reportArgs are the arguments of a job, which River keeps as JSON.
type reportArgs struct {
	Report string            `json:"report"`
	Origin instrument.Origin `json:"origin"`
}

// Kind implements [river.JobArgs].
func (reportArgs) Kind() string { return "report" }

// newServer returns the service: it takes orders for reports.
func newServer(queue *river.Client[*sql.Tx]) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /reports", func(w http.ResponseWriter, r *http.Request) {
		args := reportArgs{Report: "2026-11", Origin: instrument.OriginOf(r.Context())}
		if _, err := queue.Insert(r.Context(), args, nil); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	})
	return instrument.NewHandler(authenticate(instrument.CaptureRoute(mux)), "reports")
}

// authenticate stands for the authentication of a real service, which checks the password.
func authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, _, ok := r.BasicAuth()
		if !ok {
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		ctx := activity.ContextWithActor(r.Context(), activity.Actor{ID: name, Name: name})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// reporter makes reports.
type reporter struct {
	river.WorkerDefaults[reportArgs]
	recorder *instrument.Recorder
}

// Work implements [river.Worker]. The activity is that of whoever asked.
func (w *reporter) Work(ctx context.Context, job *river.Job[reportArgs]) error {
	ctx, span := job.Args.Origin.Start(ctx, otel.Tracer("reports"), "make report")
	defer span.End()
	return w.recorder.Do(ctx, activity.Activity{
		ActionType: activity.ActionCreate, ActionName: "report.make", Object: activity.Object{Type: "report", ID: job.Args.Report},
	}, func(context.Context) error {
		return nil // here the report is made
	})
}

// startQueue opens the queue and starts its worker.
func startQueue(ctx context.Context, file string) (*river.Client[*sql.Tx], *sql.DB, error) {
	db, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)")
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	driver := riversqlite.New(db)
	migrator, err := rivermigrate.New(driver, nil)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &reporter{recorder: instrument.NewRecorder()})
	client, err := river.NewClient(driver, &river.Config{
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}, Workers: workers,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return client, db, client.Start(context.WithoutCancel(ctx))
}
