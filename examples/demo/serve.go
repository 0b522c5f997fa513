package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/web"
)

// serve shows the rows in a browser, until ctx is done. It has no login, and listens on the
// loopback address only.
func serve(ctx context.Context, database, addr string) error {
	db, err := open(database)
	if err != nil {
		return err
	}
	defer db.Close()
	rows, err := reader.New(ctx, db, reader.SQLite)
	if err != nil {
		return err
	}
	page, err := web.NewHandler(rows)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if err != nil {
		return fmt.Errorf("serve the rows: %w", err)
	}
	srv := &http.Server{Handler: page, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	fmt.Printf("\nThe rows in a browser, until you press Ctrl-C:\n\n  http://%s/\n\n", listener.Addr())
	select {
	case err = <-failed:
		return fmt.Errorf("serve the rows: %w", err)
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return srv.Shutdown(end)
}
