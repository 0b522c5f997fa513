package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/examples/internal/exampletest"
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

	exampletest.AsCarol(t, http.MethodPost, "http://"+shop+"/orders", http.StatusCreated)
	forge(t, stock)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	exampletest.Rows(t, dsn, "SELECT actor_id || ' ' || action_type || ' ' || object_type || coalesce(' ' || object_id, '') FROM activity_log ORDER BY event_id",
		[]string{"carol Create order", "carol Create reservation 17"})
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
