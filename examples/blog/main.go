// Command blog is a small blog service that records what its users do. It is
// an example of package instrument: see internal/web.
//
// Where its telemetry goes, the standard OTEL_* environment variables say, for
// instance OTEL_EXPORTER_OTLP_ENDPOINT; by default it is a Collector at
// http://localhost:4318. ACTIVITYLOG_SPOOL_DIR keeps activities on disk until
// the collector has them; see package setup. It has three accounts with public passwords, so it
// listens on the loopback address by default.
package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/bcrypt"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/examples/blog/internal/store"
	"github.com/otelactivity/activitylog/examples/blog/internal/web"
	"github.com/otelactivity/activitylog/instrument/setup"
)

type options struct {
	addr, db   string
	activities string // "" for none
	web        web.Config
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	opts, err := parseFlags(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		err = run(ctx, opts)
	}
	if err != nil {
		slog.Error("blog stopped", "error", err)
		os.Exit(1)
	}
}

func parseFlags(args []string) (options, error) {
	var opts options
	flags := flag.NewFlagSet("blog", flag.ContinueOnError)
	flags.StringVar(&opts.addr, "addr", cmp.Or(os.Getenv("BLOG_ADDR"), "127.0.0.1:8080"),
		"`address` to listen on; port 0 takes a free one (environment BLOG_ADDR)")
	flags.StringVar(&opts.db, "db", cmp.Or(os.Getenv("BLOG_DB"), "blog.db"),
		"SQLite `file` of the blog's own data (environment BLOG_DB)")
	flags.StringVar(&opts.activities, "activities", os.Getenv("BLOG_ACTIVITIES"),
		"SQLite `file` that the collector writes to: users see their own activities at /activity/ (environment BLOG_ACTIVITIES)")
	flags.Func("trusted-proxies", "comma-separated `prefixes` of proxies whose X-Forwarded-For is believed",
		func(s string) (err error) {
			opts.web.TrustedProxies, err = parsePrefixes(s)
			return err
		})
	flags.Func("strict", "comma-separated `types` of activities that are on disk before their request is answered, such as Create,Delete; needs ACTIVITYLOG_SPOOL_DIR (environment BLOG_STRICT)",
		func(s string) error {
			for name := range strings.SplitSeq(s, ",") {
				known, ok := activity.ParseActionType(name)
				if !ok {
					return fmt.Errorf("%q is not a known action type", name)
				}
				opts.web.Strict = append(opts.web.Strict, known)
			}
			return nil
		})
	flags.BoolVar(&opts.web.Debug, "debug", false, "add GET /api/panic")
	if types := os.Getenv("BLOG_STRICT"); types != "" {
		args = append([]string{"-strict=" + types}, args...)
	}
	return opts, flags.Parse(args)
}

func parsePrefixes(list string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for s := range strings.SplitSeq(list, ",") {
		p, err := netip.ParsePrefix(strings.TrimSpace(s))
		if err != nil {
			return nil, err
		}
		prefixes = append(prefixes, p)
	}
	return prefixes, nil
}

// run serves until ctx is done. Then requests and telemetry have [setup.ShutdownTime] to finish.
func run(ctx context.Context, opts options) (err error) {
	data, err := store.Open(ctx, opts.db, bcrypt.DefaultCost)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, data.Close()) }()

	if opts.activities != "" {
		opts.web.Activities, err = sql.Open("sqlite", "file:"+opts.activities+"?mode=ro&_pragma=busy_timeout(5000)&_pragma=query_only(1)")
		if err != nil {
			return fmt.Errorf("open the activities: %w", err)
		}
		defer opts.web.Activities.Close()
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", opts.addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	defer listener.Close()
	telemetry, err := setup.Start(ctx, "blog")
	if err != nil {
		return err
	}
	fmt.Printf("listening on http://%s\n", listener.Addr())

	srv := &http.Server{
		Handler:           web.NewServer(data, opts.web),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		ErrorLog:          slog.NewLogLogger(slog.Default().Handler(), slog.LevelError),
	}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	return errors.Join(err, telemetry.Shutdown(context.Background(), srv))
}
