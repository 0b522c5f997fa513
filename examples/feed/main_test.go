package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/examples/internal/exampletest"
	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
)

// TestFeed plays two organisations: each sees its own orders, which went through a
// collector, and nothing of the other.
func TestFeed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: file})
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://"+c.HTTP)
	addr := testserver.FreeAddr(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, addr, file) }()
	url := "http://" + addr
	testserver.Eventually(t, 30*time.Second, func() bool {
		res, err := http.Get(url + "/activity/")
		if err == nil {
			_ = res.Body.Close()
		}
		return err == nil && res.StatusCode == http.StatusUnauthorized
	})
	for _, who := range []string{"alice", "carol", "bob", "mallory"} {
		want := http.StatusCreated
		if who == "mallory" { // who has no account
			want = http.StatusUnauthorized
		}
		if status, body := as(t, who, "POST", url+"/orders"); status != want {
			t.Fatalf("%s: %d %s", who, status, body)
		}
	}
	for who, want := range map[string][]string{
		"alice": {"bob created order “3”", "alice created order “1”"}, "bob": {"bob created order “3”", "alice created order “1”"}, "carol": {"carol created order “2”"},
	} {
		exampletest.Feed(t, who, func() (int, string) { return as(t, who, "GET", url+"/activity/") }, want)
	}
	attack(t, url)
	accountPage(t, url)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// attack asks, as carol, for what is alice's.
func attack(t *testing.T, url string) {
	t.Helper()
	_, body := as(t, "alice", "GET", url+"/activity/?actor_id=alice")
	var page struct {
		Activities []struct {
			ID string `json:"event_id"`
		}
	}
	if err := json.Unmarshal([]byte(body), &page); err != nil || len(page.Activities) != 1 {
		t.Fatalf("%v: %s", err, body)
	}
	id := page.Activities[0].ID
	for target, want := range map[string]int{
		"/activity/" + id: 404, "/activity/?tenant_id=acme": 400, "/activity/?actor_id=alice": 200, "/activity/history?object_type=order&object_id=1": 200, "/activity/../activity/" + id: 404,
	} {
		if status, body := as(t, "carol", "GET", url+target); status != want || strings.Contains(body, id) || strings.Contains(body, "alice created") {
			t.Errorf("carol, %s: %d %s", target, status, body)
		}
		if status, body := as(t, "alice", "GET", url+target); want != 400 && (status != 200 || !strings.Contains(body, id)) {
			t.Errorf("alice, %s: %d %s", target, status, body)
		}
	}
	if status, body := as(t, "mallory", "GET", url+"/activity/"+id); status != 401 || strings.Contains(body, id) {
		t.Errorf("mallory: %d %s", status, body)
	}
}

// accountPage looks at the page with the list in it.
func accountPage(t *testing.T, url string) {
	t.Helper()
	status, body := as(t, "carol", "GET", url+"/account?utm_source=mail")
	if status != 200 || !strings.Contains(body, "<h1>Your account</h1>\n<section class=\"activity-feed\" lang=\"de\"") ||
		!strings.Contains(body, "carol hat Bestellung „2“ angelegt") || strings.Contains(body, "alice") {
		t.Errorf("%d %s", status, body)
	}
	if status, body := as(t, "carol", "GET", url+"/account?cursor=x"); status != 500 || strings.Contains(body, "section") {
		t.Errorf("a bad cursor: %d %s", status, body)
	}
}

// as sends a request of somebody. Pages are in German.
func as(t *testing.T, who, method, url string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.SetBasicAuth(who, "secret")
	if strings.Contains(url, "/account") {
		r.Header.Set("Accept-Language", "de")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}
