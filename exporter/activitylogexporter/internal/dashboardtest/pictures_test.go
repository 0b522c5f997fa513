//go:build grafana

package dashboardtest_test

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/otelactivity/activitylog/activity"
	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/dashboardtest"
	"github.com/otelactivity/activitylog/internal/table/row"
)

var update = flag.Bool("update", false, "write the pictures into docs/images")

// inDocs are the pictures that docs/images has.
var inDocs = map[string]bool{"overview": true, "object": true, "security": true}

// people are who did what in the pictures.
var people = []string{"alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "mallory", "niaj"}

// titles are what they did it to.
var titles = []string{"A mad tea party", "Down the rabbit hole", "The pool of tears", "Advice from a caterpillar", "Pig and pepper",
	"The croquet ground", "The lobster quadrille", "Who stole the tarts?", "Alice's evidence", "A caucus-race"}

// pictured makes rows that end now, of people with names: fewer in the night.
func pictured(now time.Time) []row.Row {
	rows := dashboardtest.Rows(20000, 7, 25)
	kept := rows[:0]
	for i, r := range rows {
		at := r.ID.Time().Add(now.Sub(dashboardtest.End))
		if night := at.Hour() < 6 || at.Hour() > 21; night && i%5 != 0 {
			continue
		}
		r.ID = activity.NewIDAt(at)
		text := &r.Text
		if id := text[row.ActorID]; id != "" {
			who := people[len(id)*7%5+int(id[len(id)-1])%7]
			text[row.ActorID], text[row.ActorName] = fmt.Sprint(1017+slices.Index(people, who)), who
		}
		text[row.ActionName] = map[string]string{"Read": "GET", "Create": "POST", "Update": "PATCH", "Delete": "DELETE"}[text[row.ActionType]] + " /api/articles/{id}"
		if text[row.ActionType] == "Login" || text[row.ActionType] == "Logout" || text[row.ActionType] == "Login Failed" {
			text[row.ActionName] = "POST /api/" + strings.ToLower(strings.Fields(text[row.ActionType])[0])
		}
		if text[row.ObjectID] != "" {
			text[row.ObjectType] = "article"
			text[row.ObjectName] = titles[len(text[row.ObjectID])*3%4+int(text[row.ObjectID][0])%6]
			text[row.Remarks] = fmt.Sprintf("%s: %s /api/articles/%s", text[row.ActorName], text[row.ActionType], text[row.ObjectID])
		}
		if text[row.ActionType] == "Create" && text[row.ObjectID] != "" && i%3 == 0 {
			text[row.ObjectType], text[row.Data] = "comment", fmt.Sprintf(`{"parent":{"id":"%s","type":"article"}}`, text[row.ObjectID])
			text[row.ActionName] = "POST /api/articles/{id}/comments"
		}
		if text[row.ActionType] == "Update" {
			text[row.Data] = fmt.Sprintf(`{"changes":{"title":["%s","%s"]}}`, titles[i%len(titles)], text[row.ObjectName])
		}
		trace := sha256.Sum256([]byte(text[row.TraceID]))
		text[row.TraceID] = fmt.Sprintf("%x", trace[:16])
		if text[row.ServiceName] == "" {
			text[row.ServiceName] = "blog"
		}
		kept = append(kept, r)
	}
	return kept
}

// TestPictures opens each dashboard in a browser: each panel is drawn, with data
// and without an error.
func TestPictures(t *testing.T) {
	database := dashboardtest.Databases["postgres"](t)
	now := time.Now()
	rows := pictured(now)
	database.Write(t, rows)
	const quickly = "UPDATE activity_log SET recorded_at = action_time + (0.2 + 0.3 * random()) * interval '1 s'"
	if _, err := database.DB.ExecContext(t.Context(), quickly); err != nil { // or they would be all of now
		t.Fatal(err)
	}
	deadLetter(t, database.DB, "postgres")
	g := startGrafana(t, "postgres", access(t, "postgres", database.DSN)...)
	for _, board := range []struct {
		name, query string
		height      int64
	}{
		{"overview", "", 1770},
		{"actor", "var-actor=1021", 1500},
		{"object", "var-object_type=article&var-object_id=7", 1400},
		{"security", "", 1390},
		{"trace", "var-trace_id=" + rows[len(rows)-1].Text[row.TraceID], 700},
	} {
		t.Run(board.name, func(t *testing.T) {
			panels, err := dashboardtest.Panels("postgres")
			if err != nil {
				t.Fatal(err)
			}
			var titles []string
			for _, p := range panels {
				if p.Dashboard == board.name {
					titles = append(titles, p.Title)
				}
			}
			picture := g.open(t, "/d/activitylog-postgres-"+board.name+"?kiosk&theme=light&"+board.query, board.height, titles)
			if *update && inDocs[board.name] {
				file := filepath.Join(dashboardtest.Folder, "..", "docs", "images", "grafana-"+board.name+".png")
				if err := os.WriteFile(file, picture, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// open shows a page, checks its panels, and returns its picture.
func (g grafana) open(t *testing.T, path string, height int64, titles []string) (picture []byte) {
	t.Helper()
	browser, err := exec.LookPath("chromium")
	if err != nil {
		t.Fatal(err)
	}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(browser), chromedp.NoSandbox,
		chromedp.WindowSize(1400, 900), chromedp.Flag("disable-dev-shm-usage", true))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	address, err := url.Parse(g.url + path)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	err = chromedp.Run(ctx, chromedp.EmulateViewport(1400, height), chromedp.Navigate(address.String()),
		chromedp.Sleep(12*time.Second),
		chromedp.Text("body", &text, chromedp.ByQuery), chromedp.CaptureScreenshot(&picture))
	if err != nil {
		t.Fatal(err)
	}
	for _, title := range titles {
		if !strings.Contains(text, title) {
			t.Errorf("there is no panel %q", title)
		}
	}
	// An id is shown as text, not as "1.02 K".
	if strings.Contains(path, "overview") && !strings.Contains(text, "1021") {
		t.Errorf("there is no actor 1021:\n%s", text)
	}
	if strings.Contains(text, "No data") {
		t.Errorf("a panel has no data:\n%s", text)
	}
	return picture
}
