// Command demo shows the whole way of an activity, from a click to a row: it
// starts the collector and the blog, uses the blog as three people would, and
// prints the rows that came of it.
//
// Everything that it writes is in a new folder below -dir, which it leaves
// there to look at.
package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/blogprocess"
	"github.com/otelactivity/activitylog/internal/rows"
	"github.com/otelactivity/activitylog/internal/testserver/collector"
)

// arrivalTime is how long the rows have to arrive.
const arrivalTime = 30 * time.Second

type options struct {
	collector, config, blog, dir string

	serve string // the address of a page with the rows; "" is none
}

func main() {
	var opts options
	flag.StringVar(&opts.collector, "collector", "bin/otelcol-activitylog", "the collector, a `program`")
	flag.StringVar(&opts.config, "config", "collector-config.yaml", "the collector's configuration, a `file`")
	flag.StringVar(&opts.blog, "blog", "bin/blog", "the blog service, a `program`")
	flag.StringVar(&opts.dir, "dir", "demo-data", "`folder` to make a new folder in, for all that is written")
	flag.StringVar(&opts.serve, "serve", "", "`address` of a page with the rows, until Ctrl-C; with DEMO_SERVE=1 in the environment it is 127.0.0.1:0, a free port")
	flag.Parse()
	if opts.serve == "" && os.Getenv("DEMO_SERVE") == "1" {
		opts.serve = "127.0.0.1:0"
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, opts)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, opts options) error {
	dir, err := newFolder(opts.dir)
	if err != nil {
		return err
	}
	database := filepath.Join(dir, "activity.db")

	progress("starting the collector, which writes to %s", database)
	col, err := collector.Start(ctx, collector.Config{
		Binary:     opts.collector,
		ConfigFile: opts.config,
		Driver:     "sqlite",
		DSN:        "file:" + database,
		Storage:    filepath.Join(dir, "storage"),
	})
	if err != nil {
		return err
	}
	defer col.Kill() // does nothing more after Stop
	progress("the collector is healthy: OTLP/gRPC %s, OTLP/HTTP %s", col.GRPC, col.HTTP)

	tracked, err := useBlog(ctx, opts, dir, col)
	if err == nil {
		progress("waiting for %d rows", tracked)
		err = await(ctx, database, tracked)
	}
	if err == nil {
		progress("stopping the collector")
		err = col.Stop()
	}
	if err == nil {
		err = show(ctx, database, tracked)
	}
	if err != nil {
		return fmt.Errorf("%w\nthe end of the collector's log:\n%s", err, col.LogTail(25))
	}
	if opts.serve == "" {
		return nil
	}
	return serve(ctx, database, opts.serve)
}

// newFolder makes a folder below dir whose name nobody has used.
func newFolder(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	folder, err := os.MkdirTemp(dir, time.Now().Format("20060102-150405-*"))
	if err != nil {
		return "", fmt.Errorf("make folder: %w", err)
	}
	return filepath.Abs(folder)
}

// useBlog plays the story and returns how many activities it made.
func useBlog(ctx context.Context, opts options, dir string, col *collector.Collector) (tracked int, err error) {
	progress("starting the blog")
	blog, err := blogprocess.Start(ctx, opts.blog, dir, col.OTLPEnv())
	if err != nil {
		return 0, err
	}
	defer blog.Kill() // does nothing more after Stop
	progress("the blog listens on %s", blog.URL)

	tracked, err = play(ctx, blog.URL)
	if err != nil {
		return 0, fmt.Errorf("%w\nthe end of the blog's log:\n%s", err, blog.LogTail(25))
	}
	progress("stopping the blog, which sends what it still holds")
	return tracked, blog.Stop()
}

// await waits until there are as many rows as wanted.
func await(ctx context.Context, database string, wanted int) error {
	db, err := open(database)
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, arrivalTime)
	defer cancel()
	for {
		n, err := rows.Count(ctx, db)
		if err == nil && n >= wanted {
			return nil
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("%d of %d rows arrived", n, wanted), err)
		}
	}
}

// show prints the rows, checks that they are the wanted ones, and says how to
// go on.
func show(ctx context.Context, database string, wanted int) error {
	db, err := open(database)
	if err != nil {
		return err
	}
	defer db.Close()
	all, err := rows.Read(ctx, db, "sqlite")
	if err != nil {
		return err
	}
	printRows(all)
	if err := check(all, wanted); err != nil {
		return err
	}
	printNext(database, all)
	return nil
}

func open(database string) (*sql.DB, error) {
	return sql.Open("sqlite", "file:"+database+"?mode=ro&_pragma=busy_timeout(5000)")
}

func progress(format string, args ...any) {
	fmt.Printf("%s  %s\n", time.Now().Format("15:04:05.000"), fmt.Sprintf(format, args...))
}
