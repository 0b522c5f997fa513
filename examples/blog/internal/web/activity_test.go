package web

import (
	"database/sql"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
)

// TestActivitiesAreAway: a database that is not there yet is no reason for the blog not to
// start, and without one there is no such page.
func TestActivitiesAreAway(t *testing.T) {
	record(t)
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "none.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	url := serve(t, Config{Activities: db})
	if status, body := do(t, http.DefaultClient, "GET", url+"/activity/", "", nil); status != http.StatusServiceUnavailable || strings.Contains(body, "none.db") {
		t.Errorf("got %d %s, want 503", status, body)
	}
	if status, _ := do(t, http.DefaultClient, "GET", url+"/ping", "", nil); status != 200 {
		t.Errorf("ping: %d", status)
	}
	if status, _ := do(t, http.DefaultClient, "GET", serve(t, Config{})+"/activity/", "", nil); status != 404 {
		t.Errorf("without a database: %d, want 404", status)
	}
}
