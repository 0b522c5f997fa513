// Package exampletest is what the tests of our examples share.
package exampletest

import (
	"database/sql"
	"encoding/json"
	"net/http"
	"slices"
	"testing"
	"time"

	_ "modernc.org/sqlite"
)

// patience is how long a service may take to start, and a row to arrive.
const patience = 20 * time.Second

// AsCarol sends a request as carol, once the service answers, and checks the response code.
func AsCarol(t *testing.T, method, url string, code int) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		r, err := http.NewRequestWithContext(t.Context(), method, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("carol", "secret")
		res, err := http.DefaultClient.Do(r)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode != code {
				t.Fatalf("the service answered %s", res.Status)
			}
			return
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

// Feed waits for the summaries in what a feed shows to somebody, and compares them. look asks the
// feed for its first page, in JSON.
func Feed(t *testing.T, who string, look func() (status int, body string), want []string) {
	t.Helper()
	var got []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if got = summaries(t, who, look); len(got) >= len(want) {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s sees %q, want %q", who, got, want)
	}
}

func summaries(t *testing.T, who string, look func() (int, string)) (all []string) {
	t.Helper()
	status, body := look()
	var page struct{ Activities []struct{ Summary string } }
	if err := json.Unmarshal([]byte(body), &page); status != http.StatusOK || err != nil {
		t.Fatalf("%s: %d %s", who, status, body)
	}
	for _, a := range page.Activities {
		all = append(all, a.Summary)
	}
	return all
}

// Rows waits for the rows in a SQLite database, and compares them. query returns one text for
// each.
func Rows(t *testing.T, dsn, query string, want []string) {
	t.Helper()
	var got []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		if got = rows(t, dsn, query); len(got) >= len(want) {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
}

func rows(t *testing.T, dsn, query string) (list []string) {
	t.Helper()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	found, err := db.QueryContext(t.Context(), query)
	if err != nil {
		return nil // the table is not there yet
	}
	defer found.Close()
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
