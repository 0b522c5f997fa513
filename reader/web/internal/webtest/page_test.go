package webtest_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/reader"
	"github.com/otelactivity/activitylog/reader/web"
)

// TestPage does what an auditor does, in a browser.
func TestPage(t *testing.T) {
	db := sqlite(t)
	now := time.Now()
	rows := sorted(story(now, 300), true)
	db.write(t, rows...)
	b := browse(t, serve(t, db.reader(t), web.WithTraceURL("http://localhost:16686/trace/{trace_id}?x=1")))
	keep := func(meets func(reader.Row) bool) []string {
		return ids(slices.DeleteFunc(slices.Clone(rows), func(r reader.Row) bool { return !meets(r) }))
	}

	b.open("")
	b.shows("the first page", ids(rows)[:50])
	b.click(`a.step[rel=next]`)
	b.shows("the second page", ids(rows)[50:100])
	b.click(`a.step[rel=next]`)
	b.click(`a.step[rel=prev]`)
	b.shows("the second page again", ids(rows)[50:100])

	b.open("?action_type=Update&limit=20")
	b.do(chromedp.SendKeys("#f-actor_id", "42"), chromedp.SetValue("#f-last", "7d"))
	b.click("form.filters button")
	updates := keep(func(r reader.Row) bool {
		return r.ActionType == "Update" && r.ActorID == "42" && r.ActionTime.After(now.AddDate(0, 0, -7))
	})
	b.shows("filtered", updates[:min(20, len(updates))])
	if got := eval[string](b, "location.search"); strings.Contains(got, "=&") || strings.HasSuffix(got, "=") {
		t.Errorf("the address has empty parameters: %s", got)
	}
	if got := eval[[]string](b, `Array.from(document.querySelectorAll('.chips li span'), e => e.textContent)`); !slices.Equal(got, []string{"Period: 7d", "Actor id: 42", "Action: Update"}) {
		t.Errorf("the chips are %q", got)
	}
	b.click(`.chips a[aria-label="Remove the filter Actor id: 42"]`)
	b.do(chromedp.SetValue("#f-from", now.UTC().Add(-48*time.Hour).Format("2006-01-02T15:04")))
	b.click("form.filters button")
	since := now.UTC().Add(-48 * time.Hour).Truncate(time.Minute)
	b.shows("since a time that was typed", first(20, keep(func(r reader.Row) bool { return r.ActionType == "Update" && !r.ActionTime.Before(since) })))

	b.click("tr.act .c-time a")
	latest := slices.IndexFunc(rows, func(r reader.Row) bool { return r.ActionType == "Update" })
	if got := b.text("h1"); got != rows[latest].Remarks {
		t.Errorf("the activity is %q, want %q", got, rows[latest].Remarks)
	}
	if got := eval[[]string](b, `Array.from(document.querySelectorAll('.changes tbody th'), e => e.textContent)`); !slices.Equal(got, []string{"body", "status", "tags", "title", "words"}) {
		t.Errorf("the changes are of %q", got)
	}
	for element, want := range map[string]string{".before del": "draft", ".after ins": "published"} {
		if got := eval[[]string](b, `Array.from(document.querySelectorAll('`+element+`'), e => e.textContent)`); !slices.Contains(got, want) {
			t.Errorf("%s: what is marked is %q, want %q among it", element, got, want)
		}
	}
	if n := eval[int](b, `document.querySelectorAll('.before ins, .after del').length`); n != 0 {
		t.Errorf("%d words are marked as of the other side", n)
	}
	want := "http://localhost:16686/trace/" + rows[latest].TraceID + "?x=1"
	if got := eval[string](b, `document.querySelector('.around a[rel~=external]').href`); got != want {
		t.Errorf("the trace is at %s, want %s", got, want)
	}

	b.click(`.around a[href*="object?"]`)
	object := rows[latest].Object()
	b.shows("the history of the object", first(50, keep(func(r reader.Row) bool { return r.Object() == object })))
	b.click(`.head a[href*="parts=true"]`)
	b.shows("with its parts", first(50, keep(func(r reader.Row) bool {
		return r.Object() == object || strings.Contains(string(r.Data), `{"parent":{"type":"article","id":"`+object.ID+`"}}`)
	})))

	b.open("actor?actor_id=43")
	b.shows("the actor", first(50, keep(func(r reader.Row) bool { return r.ActorID == "43" })))
	if got := b.text("h1"); got != "carol 43" {
		t.Errorf("the heading is %q", got)
	}

	b.open("failed-logins")
	logins := keep(func(r reader.Row) bool {
		return r.ActionType == "Login Failed" && r.ActionTime.After(now.AddDate(0, 0, -7))
	})
	b.shows("failed logins", first(50, logins))
	b.figures("failed logins", int64(len(logins)))
	b.click(".top a")
	b.shows("failed logins of an address", first(50, logins))

	b.open("counts?last=30d")
	b.figures("counts", 300)
	b.do(chromedp.Click(".chart summary"))
	inDay := eval[int](b, `+document.querySelector('.figures tbody td').textContent`)
	b.click(".figures tbody a")
	if got := len(b.ids()); got != min(inDay, 50) {
		t.Errorf("the first day has %d activities, want %d", got, inDay)
	}
}

func first(n int, all []string) []string { return all[:min(n, len(all))] }

// shows checks which activities the page shows.
func (b browser) shows(what string, want []string) {
	b.t.Helper()
	if len(want) == 0 {
		b.t.Fatalf("%s: nothing is wanted", what)
	}
	if got := b.ids(); !slices.Equal(got, want) {
		b.t.Errorf("%s, %s: got %d activities, want %d:\n%v\n%v", what, eval[string](b, "location.href"), len(got), len(want), got, want)
	}
}

// figures checks the sum of a chart's figures.
func (b browser) figures(what string, want int64) {
	b.t.Helper()
	if got := eval[int64](b, `Array.from(document.querySelectorAll('.figures td:nth-child(2)'), e => +e.textContent).reduce((a, b) => a + b, 0)`); got != want {
		b.t.Errorf("%s: the figures are %d together, want %d", what, got, want)
	}
	if got := eval[float64](b, `Math.max(...Array.from(document.querySelectorAll('.chart svg rect'), e => e.getBoundingClientRect().height))`); got < 50 {
		b.t.Errorf("%s: the highest bar has %v pixels", what, got)
	}
}

// paths are all pages of a story.
func paths(rows []reader.Row) []string {
	changed := rows[slices.IndexFunc(rows, func(r reader.Row) bool { return r.ActionType == "Update" })].EventID.String()
	return []string{"", "?object_type=nothing", "activities/" + changed, "actor?actor_id=42", "object?object_type=article&object_id=17", "failed-logins", "counts", "?from=yesterday", "nothing"}
}

// All pages fit the width of a telephone and of a large screen, and have their colours.
func TestWidthAndColours(t *testing.T) {
	db := sqlite(t)
	rows := sorted(story(time.Now(), 200), true)
	rows[0].Remarks, rows[0].ActorName, rows[0].ActionType = strings.Repeat("x", 3000), strings.Repeat("W", 300), "Averyveryveryveryverylongword"
	rows[0].ObjectName, rows[0].ClientAddress, rows[0].ErrorType = strings.Repeat("ab ", 300), strings.Repeat("1", 60), strings.Repeat("e", 100)
	db.write(t, rows...)
	b := browse(t, serve(t, db.reader(t)))
	for _, path := range append(paths(rows), "activities/"+rows[0].EventID.String()) {
		for _, width := range []int64{390, 700, 1000, 1920} {
			b.window(width, 844, "light")
			b.open(path)
			if got := eval[int64](b, "document.documentElement.scrollWidth"); got > width {
				t.Errorf("%s is %d pixels wide, in a window of %d", path, got, width)
			}
		}
		light := eval[string](b, "getComputedStyle(document.body).backgroundColor")
		b.window(1000, 844, "dark")
		if dark := eval[string](b, "getComputedStyle(document.body).backgroundColor"); dark == light || dark != "rgb(18, 22, 28)" {
			t.Errorf("%s: the background is %s, and %s in the dark", path, light, dark)
		}
	}
}

// The page is of use with the keyboard alone.
func TestKeyboard(t *testing.T) {
	db := sqlite(t)
	rows := sorted(story(time.Now(), 60), true)
	db.write(t, rows...)
	b := browse(t, serve(t, db.reader(t)))
	b.open("")
	b.do(chromedp.KeyEvent(kb.Tab))
	if got := eval[string](b, "document.activeElement.className"); got != "skip" {
		t.Errorf("the first stop is %q, want the link that skips", got)
	}
	b.do(chromedp.KeyEvent(kb.Enter), chromedp.Sleep(100*time.Millisecond))
	if got := eval[string](b, "document.activeElement.id"); got != "main" {
		t.Errorf("it leads to %q, want main", got)
	}
	for range 100 {
		b.do(chromedp.KeyEvent(kb.Tab))
		if !eval[bool](b, `document.activeElement === document.body || getComputedStyle(document.activeElement).outlineStyle !== "none"`) {
			t.Errorf("nothing shows that %s has the focus", eval[string](b, "document.activeElement.outerHTML.slice(0, 200)"))
		}
		if eval[bool](b, `document.activeElement.closest("tr.act") !== null`) {
			break
		}
	}
	if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	if got := b.text("h1"); got != rows[0].Remarks {
		t.Errorf("the activity is %q, want %q", got, rows[0].Remarks)
	}
}

// TestAccessibility has axe-core look at all pages, light and dark, wide and narrow.
func TestAccessibility(t *testing.T) {
	axe, err := os.ReadFile("node_modules/axe-core/axe.min.js")
	if err != nil {
		testserver.Missing(t, "axe-core is not installed (sh scripts/axe.sh)")
	}
	db := sqlite(t)
	rows := sorted(story(time.Now(), 120), true)
	db.write(t, rows...)
	b := browse(t, serve(t, db.reader(t), web.WithTraceURL("https://traces.example.com/{trace_id}")))
	for _, path := range append(paths(rows), "?tenant_id=x&actor_id=42") {
		for _, scheme := range []string{"light", "dark"} {
			for _, width := range []int64{390, 1280} {
				b.window(width, 900, scheme)
				b.open(path)
				b.do(chromedp.Evaluate(string(axe), nil), chromedp.Evaluate("document.querySelectorAll('details').forEach(d => d.open = true)", nil))
				var found string
				b.do(chromedp.Evaluate(`axe.run({resultTypes: ["violations"]}).then(r => JSON.stringify([r.violations.map(v => ({id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 3).map(n => n.html + " " + n.failureSummary)})), r.passes.length]))`,
					&found, chromedp.EvalAsValue, awaitPromise))
				var result [2]json.RawMessage
				var faults []struct {
					ID, Impact string
					Nodes      []string
				}
				if json.Unmarshal([]byte(found), &result) != nil || json.Unmarshal(result[0], &faults) != nil || string(result[1]) == "0" {
					t.Fatalf("axe says %s", found)
				}
				for _, f := range faults {
					t.Errorf("%s, %s, %d pixels: %s: %s: %s", path, scheme, width, f.Impact, f.ID, strings.Join(f.Nodes, "\n"))
				}
			}
		}
	}
}

// Each view is observed once, with what it was of.
func TestObserver(t *testing.T) {
	db := sqlite(t)
	rows := sorted(story(time.Now(), 40), true)
	db.write(t, rows...)
	var mu sync.Mutex
	var seen []web.View
	root := serve(t, db.reader(t), web.WithObserver(func(_ context.Context, v web.View) {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, v)
	}))
	id := rows[0].EventID
	for path, want := range map[string]web.View{
		"":                          {Kind: web.KindList, Format: "html", Rows: 40},
		"?actor_id=41&limit=2":      {Kind: web.KindList, Format: "html", Rows: 2, Query: reader.Query{Actor: "41"}},
		"activities/" + id.String(): {Kind: web.KindActivity, Format: "html", Rows: 1, ID: id},
		"actor?actor_id=41&limit=1": {Kind: web.KindActor, Format: "html", Rows: 1, Query: reader.Query{Actor: "41"}},
		"object?object_type=article&object_id=17&limit=1":        {Kind: web.KindHistory, Format: "html", Rows: 1, Object: reader.Object{Type: "article", ID: "17"}},
		"failed-logins?limit=1":                                  {Kind: web.KindFailedLogins, Format: "html", Rows: 1},
		"counts?last=1h":                                         {Kind: web.KindCounts, Format: "html", Rows: 2},
		"api/v1/activities?limit=3":                              {Kind: web.KindList, Format: "json", Rows: 3},
		"api/v1/activities/" + id.String():                       {Kind: web.KindActivity, Format: "json", Rows: 1, ID: id},
		"api/v1/history?object_type=a&object_id=b":               {Kind: web.KindHistory, Format: "json", Object: reader.Object{Type: "a", ID: "b"}},
		"api/v1/counts":                                          {Kind: web.KindCounts, Format: "json", Rows: 1},
		"api/v1/activities/01a217dd-cebc-76b5-a5a2-fbb4d0dadb8a": {Kind: web.KindActivity, Format: "json", Rows: 1, Err: reader.ErrNotFound},
		"api/v1/activities?x=1":                                  {}, "?x=1": {}, "nothing": {}, "assets/style.css": {}, "api/v1/openapi.json": {}, "activities/x": {}, "?actor_id=": {},
		"?cursor=abc": {}, "api/v1/activities?cursor=abc": {}, "object?object_type=a&object_id=b&cursor=abc": {},
	} {
		seen = nil
		get(t, root+path)
		if want.Kind == "" {
			if len(seen) > 0 {
				t.Errorf("%s: got %+v, want no view", path, seen)
			}
			continue
		}
		if len(seen) != 1 {
			t.Errorf("%s: got %d views, want 1", path, len(seen))
			continue
		}
		got := seen[0]
		if got.Kind != want.Kind || got.Format != want.Format || got.Rows != want.Rows && want.Err == nil && path != "counts?last=1h" || got.Object != want.Object ||
			want.ID != (got.ID) && want.Err == nil || (got.Err != nil) != (want.Err != nil) || got.Request == nil || want.Query.Actor != got.Query.Actor {
			t.Errorf("%s: got %+v, want %+v", path, got, want)
		}
	}
}

// The headers that keep a browser safe are on all answers.
func TestHeaders(t *testing.T) {
	db := sqlite(t)
	root := serve(t, db.reader(t))
	for _, path := range []string{"", "counts", "nothing", "?x=1", "assets/style.css", "assets/x", "api/v1/activities", "api/v1/nothing", "?actor_id="} {
		a := get(t, root+path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
			"X-Content-Type-Options":  "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer",
		} {
			if got := a.Header.Get(name); got != want {
				t.Errorf("%s: %s is %q, want %q", path, name, got, want)
			}
		}
		if strings.Contains(string(a.body), "<script") || strings.Contains(string(a.body), "style=") || strings.Contains(string(a.body), "<style") {
			t.Errorf("%s has a script or a style of its own", path)
		}
	}
	for path, want := range map[string]string{"?actor_id=&last=1h&x=": "?last=1h", "?last=1h&from=2026-01-01": "?from=2026-01-01"} {
		if got := get(t, root+path); got.StatusCode != http.StatusSeeOther || got.Header.Get("Location") != want {
			t.Errorf("%s: got %d to %s, want %s", path, got.StatusCode, got.Header.Get("Location"), want)
		}
	}
	if got := get(t, strings.TrimSuffix(root, "/")+"?last=1h"); got.StatusCode != http.StatusTemporaryRedirect && got.StatusCode != http.StatusMovedPermanently {
		t.Errorf("without the slash at the end: got %d", got.StatusCode)
	}
	if got := ask(t, http.MethodDelete, root, nil); got.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("DELETE: got %d, want 405", got.StatusCode)
	}
	if got := ask(t, http.MethodHead, root, nil); got.StatusCode != http.StatusOK || len(got.body) > 0 {
		t.Errorf("HEAD: got %d", got.StatusCode)
	}
}
