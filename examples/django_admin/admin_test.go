// Package django_admin_test looks at activities in the Django admin, in a real
// browser: rows that the real collector wrote to SQLite and PostgreSQL.
package django_admin_test

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/otelactivity/activitylog/internal/testserver"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

var update = flag.Bool("update", false, "write the pictures of PostgreSQL's test into docs/images")

const (
	browseTime            = 2 * time.Minute
	insufficientPrivilege = "42501"
)

func TestSQLite(t *testing.T) {
	python, browser := needDjango(t), needBrowser(t)
	file := filepath.Join(t.TempDir(), "activity.db")
	db := open(t, "sqlite", "file:"+file)
	write(t, "sqlite", "file:"+file, db)
	list := serve(t, python, []string{"ACTIVITY_ENGINE=sqlite3", "ACTIVITY_NAME=file:" + file + "?mode=ro"})
	look(t, browser, list, t.TempDir())
	answers(t, list)
	refuses(t, list, db, "sqlite")
}

func TestPostgreSQL(t *testing.T) {
	python, browser := needDjango(t), needBrowser(t)
	dsn := pgtest.Start(t).DSN()
	db := open(t, "pgx", dsn)
	write(t, "postgres", dsn, db)
	const role = `CREATE ROLE support LOGIN PASSWORD 'reads'; GRANT SELECT ON activity_log TO support`
	if _, err := db.ExecContext(t.Context(), role); err != nil {
		t.Fatal(err)
	}
	list := serve(t, python, postgres(t, dsn, "support", "reads"))
	pictures := t.TempDir()
	if *update {
		pictures = "../../docs/images"
	}
	look(t, browser, list, pictures)
	answers(t, list)
	refuses(t, list, db, "postgres")
	mayOnlyRead(t, db)
}

// mayOnlyRead checks that PostgreSQL refuses what Django does, should somebody
// change the admin.
func mayOnlyRead(t *testing.T, db *sql.DB) {
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err = conn.ExecContext(t.Context(), "SET ROLE support"); err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"UPDATE activity_log SET remarks = 'nothing'", "DELETE FROM activity_log", "TRUNCATE activity_log",
		"DROP TABLE activity_log", "SELECT * FROM activity_log_dead_letter"} {
		var refused *pgconn.PgError
		if _, err := conn.ExecContext(t.Context(), statement); !errors.As(err, &refused) || refused.Code != insufficientPrivilege {
			t.Errorf("%s: %v, want insufficient_privilege", statement, err)
		}
	}
}

// look sees what support staff see.
func look(t *testing.T, browser, list, pictures string) {
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(browser), chromedp.NoSandbox,
		chromedp.WindowSize(1400, 900), chromedp.Flag("disable-dev-shm-usage", true))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, browseTime)
	t.Cleanup(cancel)
	b := page{t, ctx, list}

	b.do(chromedp.Navigate(list), chromedp.SendKeys("#id_username", support), chromedp.SendKeys("#id_password", password),
		chromedp.Submit("#login-form"), chromedp.WaitVisible("#user-tools"))

	b.open("")
	b.rows(5, "all")
	b.has("#result_list", "alice updated article 17", "anonymous", "session", "192.0.2.7", "March 2, 2026, 9:03 a.m.")
	b.readOnly()
	b.screenshot(filepath.Join(pictures, "django-admin-list.png"))

	for filter, count := range map[string]int{
		"?action_type__exact=Update": 2,
		"?status__exact=Failed":      2,
		"?source__exact=derived":     0,
		"?action_time__gte=2026-03-02+09:02:00Z&action_time__lt=2026-03-02+09:04:00Z": 2,
		"?q=42":                         2, // alice's id
		"?q=7":                          2, // bob's
		"?q=42&action_type__exact=Read": 0,
		"?q=article+17":                 2,
		"?q=" + traceID:                 1,
		"?q=nobody":                     0,
	} {
		b.open(filter)
		b.rows(count, filter)
	}
	b.open("?action_type__exact=Update&status__exact=Failed")
	b.rows(1, "both filters")
	b.has("#result_list", "bob failed to update article 17")

	b.open("")
	b.do(chromedp.Click(`#changelist-filter a[href="?status__exact=Failed"]`), chromedp.WaitVisible("#changelist-filter-clear"))
	b.rows(2, "by the filter's link")
	b.open("")
	b.do(chromedp.SendKeys("#searchbar", "ali"), chromedp.Submit("#changelist-search"), chromedp.WaitVisible(`#searchbar[value="ali"]`))
	b.rows(2, "by the beginning of a name")

	b.do(chromedp.Navigate(b.list+"?q="+traceID), chromedp.Click("#result_list tbody tr th a"), chromedp.WaitVisible("#activitylog_form"))
	b.has("#activitylog_form", "alice updated article 17", "A mad tea party", "Firefox/140.0", "March 2, 2026, 9:03 a.m.", updateID)
	b.has(".field-pretty_data pre", "{\n  \"changes\": {\n    \"title\": [\n      \"Tea\",")
	b.leadsTo(".field-trace a", "http://127.0.0.1:16686/trace/"+traceID)
	b.readOnly()
	b.screenshot(filepath.Join(pictures, "django-admin-detail.png"))
}

func open(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func needDjango(tb testing.TB) string {
	tb.Helper()
	for _, python := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(python, "-c", "import django, psycopg2").Run() == nil {
			return python
		}
	}
	testserver.Missing(tb, "there is no Python with Django and psycopg2 (apt-get install python3-django python3-psycopg2)")
	return ""
}

func needBrowser(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	testserver.Missing(tb, "there is no browser (apt-get install chromium)")
	return ""
}
