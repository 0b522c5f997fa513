package django_admin_test

import (
	"database/sql"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// BenchmarkMillion is how long the pages of a million activities in PostgreSQL
// take, from the request to the last byte: runserver, without a browser.
func BenchmarkMillion(b *testing.B) {
	python := needDjango(b)
	dsn := pgtest.Start(b).DSN()
	collectortest.Start(b, collectortest.Config{Driver: "postgres", DSN: dsn}).Stop() // it makes the table
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{fill, "VACUUM (ANALYZE) activity_log"} {
		if _, err := db.ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	v := logIn(b, serve(b, python, postgres(b, dsn, "activity", pgtest.Password)), support)
	var id, trace string
	if err := db.QueryRowContext(b.Context(), "SELECT event_id, trace_id FROM activity_log WHERE actor_id = '4711' LIMIT 1").Scan(&id, &trace); err != nil {
		b.Fatal(err)
	}
	measure(b, v, []timed{
		{"list", "", "1000 activities"},
		{"last page", "?p=20", "1000 activities"},
		{"action", "?action_type__exact=Update", "Update"},
		{"failed", "?status__exact=Failed", "Failed"},
		{"failed logins", "?action_type__exact=Login+Failed", "Login Failed"},
		{"none such", "?source__exact=derived", "0 activities"},
		{"a day", "?action_time__gte=2026-01-01&action_time__lt=2026-01-02", "user"},
		{"actor's id", "?q=4711", "user4711@"},
		{"busy actor's id", "?q=1", "user1@"},
		{"actor's name", "?q=user4711@example.com", "user4711@"},
		{"busy actor's name", "?q=user1@", "user1@"},
		{"object", "?q=article+4711", "article 4711"},
		{"object of an actor", "?q=1&action_type__exact=Delete", "Delete"},
		{"trace", "?q=" + trace, "1 activity"},
		{"nothing found", "?q=nobody", "0 activities"},
		{"detail", id + "/change/", trace},
	})
	const index = "CREATE INDEX ON activity_log (actor_name text_pattern_ops, action_time)"
	if _, err := db.ExecContext(b.Context(), index); err != nil {
		b.Fatal(err)
	}
	measure(b, v, []timed{
		{"actor's name, indexed", "?q=user4711@example.com", "user4711@"},
		{"nothing found, indexed", "?q=nobody", "0 activities"},
	})
}

// timed is a page, and what it must show so that it is the one.
type timed struct{ name, path, shows string }

func measure(b *testing.B, v *visitor, pages []timed) {
	for _, page := range pages {
		b.Run(page.name, func(b *testing.B) {
			for b.Loop() {
				if status, text := v.get(page.path); status != http.StatusOK || !strings.Contains(text, page.shows) {
					b.Fatalf("%s: %d, and no %q in it", page.path, status, page.shows)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/page")
		})
	}
}

// postgres is the environment in which Django reads a PostgreSQL as an account.
func postgres(tb testing.TB, dsn, user, password string) []string {
	tb.Helper()
	parsed, err := url.Parse(dsn)
	if err != nil {
		tb.Fatal(err)
	}
	return []string{"ACTIVITY_ENGINE=postgresql", "ACTIVITY_NAME=" + strings.Trim(parsed.Path, "/"), "ACTIVITY_HOST=" + parsed.Hostname(),
		"ACTIVITY_PORT=" + parsed.Port(), "ACTIVITY_USER=" + user, "ACTIVITY_PASSWORD=" + password}
}

// fill makes the rows of a year, one each 31 seconds: 10,000 actors, of whom the
// first has a twentieth of the rows, and 50,000 objects.
const fill = `
INSERT INTO activity_log (event_id, action_time, actor_id, actor_type, actor_name, action_type, action_name, status,
	object_type, object_id, remarks, data, client_address, user_agent, service_name, trace_id, span_id, source)
SELECT (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15))::uuid,
	at, actor::text, 'user', 'user' || actor || '@example.com',
	CASE WHEN i % 200 = 0 THEN 'Login Failed' ELSE (ARRAY['Create', 'Read', 'Update', 'Update', 'Delete', 'Login'])[1 + i % 6] END, 'PATCH /{id}',
	CASE WHEN i % 67 = 0 OR i % 200 = 0 THEN 'Failed' ELSE 'Success' END, (ARRAY['article', 'comment', 'invoice'])[1 + i % 3], (i % 50000)::text,
	'user' || actor || '@example.com updated /' || i % 50000, '{"changes": {"title": ["An old title", "A new title"]}}', '192.0.2.7',
	'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'blog', md5(i || 'trace'), substr(md5(i::text), 1, 16), 'declared'
FROM (
	SELECT i, '2025-11-01T00:00:00Z'::timestamptz + i * interval '31 seconds' AS at,
		CASE WHEN i % 20 = 0 THEN 1 ELSE 2 + (i::bigint * 7919) % 9999 END AS actor
	FROM generate_series(1, 1000000) AS i
) AS made`
