// Command feed is a shop of two organisations, acme and globex, each of whose people see
// what was done in their organisation, and nothing of the other one: see newServer.
//
//	make collector && cd examples
//	ACTIVITYLOG_DSN=file:/tmp/activity.db ../bin/otelcol-activitylog --config ../collector-config.yaml &
//	go run ./feed -activities /tmp/activity.db
//	curl -u alice:secret -X POST http://127.0.0.1:8080/orders
//	curl -u alice:secret http://127.0.0.1:8080/activity/
//	curl -u bob:secret -H 'Accept-Language: de' http://127.0.0.1:8080/account
//	curl -u carol:secret 'http://127.0.0.1:8080/activity/?format=csv'
//
// alice and bob are of acme, carol is of globex. The collector writes the rows, and the shop
// reads them, with package reader/feed.
package main

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"sync/atomic"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/instrument"
	"github.com/otelactivity/activitylog/instrument/setup"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/feed"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "`address` to listen on")
	file := flag.String("activities", cmp.Or(os.Getenv("FEED_ACTIVITIES"), "activity.db"), "SQLite `file` that the collector writes to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *addr, *file); err != nil {
		log.Fatal(err)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, addr, file string) error {
	telemetry, err := setup.Start(ctx, "shop")
	if err != nil {
		return err
	}
	defer func() { _ = telemetry.Shutdown(context.WithoutCancel(ctx)) }()
	rows, err := open(ctx, file)
	if err != nil {
		return err
	}
	defer rows.Close()
	handler, err := newServer(rows)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: handler, ReadHeaderTimeout: time.Second}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	fmt.Printf("listening on http://%s\n", listener.Addr())
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(err, srv.Shutdown(end))
}

// open opens the collector's database for reading. The table may not be there yet, if both
// were started together.
func open(ctx context.Context, file string) (*reader.Reader, error) {
	db, err := sql.Open("sqlite", "file:"+file+"?mode=ro&_pragma=busy_timeout(10000)&_pragma=query_only(1)")
	if err != nil {
		return nil, err
	}
	for attempt := 0; ; attempt++ {
		rows, err := reader.New(ctx, db, reader.SQLite)
		if err == nil {
			return rows, nil
		}
		if attempt == 20 || ctx.Err() != nil {
			return nil, errors.Join(fmt.Errorf("open the activities in %s: %w", file, err), db.Close())
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// tenants are the organisations of the accounts.
var tenants = map[string]string{"alice": "acme", "bob": "acme", "carol": "globex"}

// newServer returns the shop. /activity/ is the feed for programs, and /account a page with
// it.
func newServer(rows *reader.Reader) (http.Handler, error) {
	german := feed.German()
	german.Objects["order"] = "Bestellung"
	history, err := feed.NewHandler(rows,
		feed.WithScope(scope),
		feed.WithData(activity.ChangesKey),
		feed.WithLanguage(feed.AcceptLanguage(feed.English(), german)),
		feed.WithLocation(func(*http.Request) *time.Location { return time.Local }), // that of the customer, if you know it
	)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", order)
	mux.Handle("/activity/", http.StripPrefix("/activity", history))
	mux.HandleFunc("GET /account", account(history))
	return instrument.NewHandler(authenticate(instrument.CaptureRoute(mux)), "shop",
		instrument.WithFilter(func(r *http.Request) bool { return r.Method != http.MethodGet })), nil
}

// scope says whose activities somebody sees: those of their organisation. It goes by who was
// authenticated, and by nothing else of the request.
func scope(r *http.Request) (feed.Scope, error) {
	actor := activity.ActorFromContext(r.Context())
	if actor.IsZero() {
		return feed.Scope{}, feed.ErrUnauthenticated
	}
	return feed.TenantScope(actor.TenantID), nil // of no organisation: an error, not all rows
}

// authenticate stands for the authentication of a real service. Here each password is
// "secret".
func authenticate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		tenant, ok := tenants[name]
		if !ok || password != "secret" {
			w.Header().Set("WWW-Authenticate", `Basic realm="shop"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		ctx := activity.ContextWithActor(r.Context(), activity.Actor{ID: name, Name: name, TenantID: tenant})
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

var orders atomic.Int64

// order takes an order.
func order(w http.ResponseWriter, r *http.Request) {
	id := strconv.FormatInt(orders.Add(1), 10)
	instrument.FromContext(r.Context()).SetObject(activity.Object{Type: "order", ID: id})
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprintf(w, "order %s\n", id)
}

var page = template.Must(template.New("account").Parse(`<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>Your account</title>
<style>.activity-feed-failed { color: firebrick } .activity-feed-time { color: gray }</style></head>
<body><h1>Your account</h1>
{{.}}</body></html>
`))

// account is a page of the shop with the list in it.
func account(history http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		// Only the place in the list is for the list. The page may have other parameters.
		inner := r.Clone(r.Context())
		inner.URL.RawQuery = ""
		if cursor := r.URL.Query().Get("cursor"); cursor != "" {
			inner.URL.RawQuery = url.Values{"cursor": {cursor}}.Encode()
		}
		list, err := feed.Fragment(history, inner)
		if err != nil {
			http.Error(w, "your activities cannot be shown", http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Cache-Control", "private, no-store")
		_ = page.Execute(w, list)
	}
}
