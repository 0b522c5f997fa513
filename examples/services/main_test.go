package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestServices orders something in the shop, and reads the rows of both services. Then somebody
// else calls the stock with forged baggage.
func TestServices(t *testing.T) {
	dsn := filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn})
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+c.HTTP)
	shop, stock := testserver.FreeAddr(t), testserver.FreeAddr(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, shop, stock) }()

	order(t, shop)
	forge(t, stock)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	want := []string{"carol Create order", "carol Create reservation 17"}
	var got []string
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if got = rows(t, dsn); len(got) >= len(want) {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
}

// order orders something as carol, once the shop answers.
func order(t *testing.T, shop string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+shop+"/orders", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("carol", "secret")
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode != http.StatusCreated {
				t.Fatalf("the shop answered %s", res.Status)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// forge calls the stock as if the shop did so for an administrator.
func forge(t *testing.T, stock string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://"+stock+"/reservations/18", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Baggage", fmt.Sprintf("activity.actor.id=admin,activity.signature=%d.AAAA", time.Now().Unix()))
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
}

func rows(t *testing.T, dsn string) []string {
	t.Helper()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found, err := db.QueryContext(t.Context(), "SELECT actor_id || ' ' || action_type || ' ' || object_type || coalesce(' ' || object_id, '') FROM activity_log ORDER BY event_id")
	if err != nil {
		return nil // the table is not there yet
	}
	defer found.Close()
	var list []string
	for found.Next() {
		var row string
		if err := found.Scan(&row); err != nil {
			t.Fatal(err)
		}
		list = append(list, row)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}
