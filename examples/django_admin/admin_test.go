// Package django_admin_test looks at activities in the Django admin, in a real
// browser: rows that the real collector wrote to SQLite and PostgreSQL.
package django_admin_test

import (
	"bytes"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/otelactivity/activitylog/examples/internal/otlpjson"
	"github.com/otelactivity/activitylog/examples/internal/scenes"
	"github.com/otelactivity/activitylog/internal/collectortest"
	"github.com/otelactivity/activitylog/internal/pgtest"
	"github.com/otelactivity/activitylog/internal/process"
)

var update = flag.Bool("update", false, "write the screenshots into docs/images")

const (
	user, password = "auditor", "only-looks"
	startTime      = 2 * time.Minute
	browseTime     = 2 * time.Minute
)

func TestSQLite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "activity.db")
	look(t, "sqlite", "file:"+file, "sqlite", "ACTIVITY_ENGINE=sqlite3", "ACTIVITY_NAME="+file)
}

func TestPostgreSQL(t *testing.T) {
	dsn := pgtest.Start(t).DSN()
	parsed, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	look(t, "postgres", dsn, "pgx", "ACTIVITY_ENGINE=postgresql", "ACTIVITY_NAME=postgres", "ACTIVITY_HOST="+parsed.Hostname(),
		"ACTIVITY_PORT="+parsed.Port(), "ACTIVITY_USER="+parsed.User.Username(), "ACTIVITY_PASSWORD="+pgtest.Password)
}

// look has activities written, and looks at them.
func look(t *testing.T, driver, dsn, sqlDriver string, env ...string) {
	python, browser := needDjango(t), needBrowser(t)
	write(t, driver, dsn, sqlDriver)
	site := serve(t, python, env)

	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(browser), chromedp.NoSandbox,
		chromedp.WindowSize(1400, 900), chromedp.Flag("disable-dev-shm-usage", true))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, browseTime)
	t.Cleanup(cancel)
	b := page{t, ctx, site + "/admin/audit/activitylog/"}

	b.do(chromedp.Navigate(site+"/admin/"), chromedp.SendKeys("#id_username", user), chromedp.SendKeys("#id_password", password),
		chromedp.Submit("#login-form"), chromedp.WaitVisible("#user-tools"))

	b.open("")
	b.rows(5)
	b.has("#changelist", "alice: Update article 17", "anonymous", "session", "192.0.2.7")
	b.readOnly()
	b.screenshot("django-admin-list.png")

	b.open("?action_type__exact=Update")
	b.rows(2)
	b.open("?status__exact=Failed")
	b.rows(2)
	b.open("?action_type__exact=Update&status__exact=Failed")
	b.rows(1)
	b.has("#changelist", "bob: Update article 17 failed")
	b.do(chromedp.Navigate(b.list), chromedp.SendKeys("#searchbar", "ali"), chromedp.Submit("#changelist-search"), chromedp.WaitVisible("#result_list"))
	b.rows(2)
	b.open("?q=" + traceID)
	b.rows(1)

	b.do(chromedp.Navigate(b.list+"?q="+traceID), chromedp.Click("#result_list tbody tr th a"), chromedp.WaitVisible("#activitylog_form"))
	b.has("#activitylog_form", "alice: Update article 17", `"title"`, "A mad tea party", traceID, "Mozilla/5.0")
	b.readOnly()
	b.screenshot("django-admin-detail.png")

	for _, refused := range []string{"add/", eventID + "/delete/"} {
		b.open(refused)
		b.has("body", "403 Forbidden")
	}
}

const (
	traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	eventID = "019a8f6e-5c1b-7c3a-9f10-2b6f0c9d4e71"
)

// write sends five activities to the real collector and waits for their rows.
func write(t *testing.T, driver, dsn, sqlDriver string) {
	t.Helper()
	c := collectortest.Start(t, collectortest.Config{Driver: driver, DSN: dsn})
	at := time.Now().Add(-time.Hour)
	record := func(fields map[string]string, more ...any) otlpjson.Object {
		at = at.Add(time.Minute)
		attributes := otlpjson.List{}
		for key, value := range fields {
			attributes = append(attributes, otlpjson.Text(key, value))
		}
		return otlpjson.Object{"timeUnixNano": fmt.Sprint(at.UnixNano()), "traceId": fmt.Sprintf("%032x", at.UnixNano()),
			"body": otlpjson.Object{"stringValue": fields["activity.remarks"]}, "attributes": append(attributes, more...)}
	}
	changes := otlpjson.Object{"key": "activity.data", "value": otlpjson.Object{"stringValue": `{"changes": {"title": ["Tea", "A mad tea party"]}}`}}
	updated := record(map[string]string{
		"activity.id": eventID, "activity.action.type": "Update", "activity.actor.id": "42", "activity.actor.name": "alice",
		"activity.object.type": "article", "activity.object.id": "17", "activity.object.name": "A mad tea party",
		"activity.remarks": "alice: Update article 17", "client.address": "192.0.2.7", "user_agent.original": "Mozilla/5.0",
	}, changes)
	updated["traceId"] = traceID
	err := otlpjson.Post(t.Context(), c.HTTP, "logs", otlpjson.Logs(
		record(map[string]string{"activity.action.type": "Login Failed", "activity.actor.type": "anonymous", "activity.object.type": "session",
			"activity.remarks": "alice failed to log in with ip 192.0.2.7", "client.address": "192.0.2.7", "error.type": "401"}),
		record(map[string]string{"activity.action.type": "Login", "activity.actor.id": "42", "activity.actor.name": "alice",
			"activity.object.type": "session", "activity.remarks": "alice is logged in with ip 192.0.2.7", "client.address": "192.0.2.7"}),
		updated,
		record(map[string]string{"activity.action.type": "Update", "activity.actor.id": "7", "activity.actor.name": "bob", "activity.status": "Failed",
			"activity.object.type": "article", "activity.object.id": "17", "error.type": "403", "activity.remarks": "bob: Update article 17 failed"}),
		record(map[string]string{"activity.action.type": "Read", "activity.actor.id": "7", "activity.actor.name": "bob",
			"activity.object.type": "article", "activity.object.id": "17", "activity.remarks": "bob: Read article 17"}),
	))
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open(sqlDriver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	scenes.Await(t, db, 5)
	c.Stop()
}

// serve starts Django and returns where it is.
func serve(t *testing.T, python string, env []string) string {
	t.Helper()
	addrs, err := process.FreeAddrs(1)
	if err != nil {
		t.Fatal(err)
	}
	env = append(os.Environ(), append(env, "ADMIN_DB="+filepath.Join(t.TempDir(), "admin.sqlite3"), "PYTHONDONTWRITEBYTECODE=1",
		"DJANGO_SUPERUSER_USERNAME="+user, "DJANGO_SUPERUSER_PASSWORD="+password, "DJANGO_SUPERUSER_EMAIL=a@example.com")...)
	for _, args := range [][]string{{"migrate", "--verbosity=0"}, {"createsuperuser", "--noinput"}} {
		cmd := exec.CommandContext(t.Context(), python, append([]string{"manage.py"}, args...)...)
		cmd.Env = env
		if output, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, output)
		}
	}
	cmd := exec.Command(python, "manage.py", "runserver", "--noreload", addrs[0])
	cmd.Env = env
	var log process.Log
	django, err := process.Start(cmd, &log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		django.Kill()
		if t.Failed() {
			t.Logf("the end of Django's log:\n%s", log.Tail(30))
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	site := "http://" + addrs[0]
	err = django.WaitUntil(ctx, func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, site+"/admin/login/", nil)
		if err != nil {
			return err
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		return res.Body.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	return site
}

// page is what the browser shows.
type page struct {
	t    *testing.T
	ctx  context.Context
	list string
}

func (p page) do(actions ...chromedp.Action) {
	p.t.Helper()
	if err := chromedp.Run(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// open shows a page below the list of activities.
func (p page) open(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.list+path), chromedp.WaitReady("body"))
}

// rows checks how many activities the list has.
func (p page) rows(want int) {
	p.t.Helper()
	var n int
	p.do(chromedp.Evaluate(`document.querySelectorAll("#result_list tbody tr").length`, &n))
	if n != want {
		p.t.Errorf("%d activities are shown, want %d", n, want)
	}
}

func (p page) text(selector string) (text string) {
	p.t.Helper()
	p.do(chromedp.Text(selector, &text, chromedp.ByQuery))
	return text
}

func (p page) has(selector string, texts ...string) {
	p.t.Helper()
	shown := p.text(selector)
	for _, want := range texts {
		if !strings.Contains(shown, want) {
			p.t.Errorf("%s does not show %q:\n%s", selector, want, shown)
		}
	}
}

// readOnly checks that there is nothing to change activities with.
func (p page) readOnly() {
	p.t.Helper()
	var n int
	p.do(chromedp.Evaluate(`document.querySelectorAll("#content .addlink, .deletelink, [name^=_save], [name=_addanother], [name=action]").length`, &n))
	if n != 0 {
		p.t.Errorf("there are %d buttons to change activities with", n)
	}
}

// screenshot takes one, which goes into the docs with -update.
func (p page) screenshot(name string) {
	p.t.Helper()
	var image []byte
	p.do(chromedp.CaptureScreenshot(&image))
	picture, err := png.Decode(bytes.NewReader(image))
	if err != nil || picture.Bounds().Dx() < 1000 || len(image) < 10_000 {
		p.t.Errorf("%s is no picture of the page: %d bytes, %v", name, len(image), err)
	}
	if *update {
		if err := os.WriteFile(filepath.Join("../../docs/images", name), image, 0o644); err != nil {
			p.t.Fatal(err)
		}
	}
}

func needDjango(t *testing.T) string {
	t.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import django, psycopg2").Run() == nil {
			return python
		}
	}
	missing(t, "no Python with Django and psycopg2 (apt-get install python3-django python3-psycopg2)")
	return ""
}

func needBrowser(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	missing(t, "no browser (apt-get install chromium)")
	return ""
}

func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("NOTHING IS TESTED HERE: there is %s", what)
	}
	t.Skipf("NOTHING IS TESTED HERE: there is %s", what)
}
