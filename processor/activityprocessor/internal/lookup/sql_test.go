package lookup

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelactivity/activitylog/internal/confcheck"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// usersSQL is the configuration of a query for users, with more keys of sql and
// cache as YAML in braces has them.
func usersSQL(driver, dsn, query, sqlKeys, cacheKeys string) string {
	return fmt.Sprintf(`
lookups:
  - name: users
    key: activity.actor.id
    set: {activity.actor.name: name}
    sql: {driver: %s, dsn: %q, query: %q, timeout: 5s %s}
    cache: {%s}
`, driver, dsn, query, sqlKeys, cacheKeys)
}

// execute runs statements on a database of a driver of database/sql.
func execute(tb testing.TB, driver, dsn string, statements ...string) {
	tb.Helper()
	db, err := sql.Open(driver, dsn)
	require.NoError(tb, err)
	defer db.Close()
	for _, statement := range statements {
		_, err := db.Exec(statement)
		require.NoError(tb, err, statement)
	}
}

// people makes the table of users.
func people(id string) []string {
	return []string{
		"CREATE TABLE account (id " + id + " PRIMARY KEY, name VARCHAR(100), age INT)",
		"INSERT INTO account VALUES ('1', 'Alice', 30), ('2', ' Bob ', 31), ('3', NULL, 32)",
	}
}

// everyDatabase looks users up: there, there with blanks, NULL, absent, and twice.
func everyDatabase(t *testing.T, r *running) {
	t.Helper()
	assert.Equal(t, []string{"Alice", "Bob", "", "", "Alice"}, r.names("1", 2, "3", "4", "1"))
	assert.Equal(t, map[Result]int64{Miss: 4, Negative: 1}, r.seen.take())
	assert.Equal(t, []string{"Alice", "Bob", "", "", "Alice"}, r.names("1", 2, "3", "4", "1"))
	assert.Equal(t, map[Result]int64{Hit: 4, Negative: 1}, r.seen.take())
	assert.Empty(t, r.logs.All())
}

func TestSQLite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "some users?.db")
	writer := "file:" + strings.ReplaceAll(path, "?", "%3f") + "?_pragma=journal_mode(WAL)"
	execute(t, "sqlite", writer, people("INTEGER")...)
	const query = "SELECT name, age FROM account WHERE id = ?"
	everyDatabase(t, run(t, parse(t, usersSQL("sqlite", path, query, "", ""))))

	t.Run("a lock of a moment is waited for", func(t *testing.T) {
		locked := filepath.Join(t.TempDir(), "locked.db")
		execute(t, "sqlite", locked, people("INTEGER")...)
		db, err := sql.Open("sqlite", "file:"+locked)
		require.NoError(t, err)
		defer db.Close()
		conn, err := db.Conn(t.Context())
		require.NoError(t, err)
		defer conn.Close()
		_, err = conn.ExecContext(t.Context(), "BEGIN EXCLUSIVE")
		require.NoError(t, err)
		timer := time.AfterFunc(100*time.Millisecond, func() { _, _ = conn.ExecContext(context.Background(), "COMMIT") })
		defer timer.Stop()
		r := run(t, parse(t, usersSQL("sqlite", locked, query, "", "")))
		assert.Equal(t, []string{"Alice"}, r.names("1"))
	})
	t.Run("a wrong path makes no file", func(t *testing.T) {
		absent := filepath.Join(t.TempDir(), "users.db")
		r := run(t, parse(t, usersSQL("sqlite", absent, query, "", "")))
		assert.Empty(t, r.name("1"))
		assert.Equal(t, map[Result]int64{Failed: 1}, r.seen.take())
		assert.NoFileExists(t, absent)
		require.Equal(t, 1, r.logs.Len())
		assert.Contains(t, r.logs.All()[0].ContextMap()["error"], "(14): stat "+absent+": no such file or directory")
	})
	t.Run("another file", func(t *testing.T) {
		text := filepath.Join(t.TempDir(), "users.txt")
		require.NoError(t, os.WriteFile(text, []byte(strings.Repeat("text", 1000)), 0o600))
		r := run(t, parse(t, usersSQL("sqlite", text, query, "", "")))
		assert.Empty(t, r.name("1"))
		require.Equal(t, 1, r.logs.Len())
		assert.Contains(t, r.logs.All()[0].ContextMap()["error"], "(26): "+text+" is not a file of SQLite")
	})
	t.Run("no such column", func(t *testing.T) {
		r := run(t, parse(t, usersSQL("sqlite", path, "SELECT age FROM account WHERE id = ?", "", "")))
		assert.Empty(t, r.name("1"))
		require.Equal(t, 1, r.logs.Len())
		assert.Contains(t, r.logs.All()[0].ContextMap()["error"], `query for a lookup: no column "name"; there are: age`)
	})
	t.Run("too long a value", func(t *testing.T) {
		r := run(t, parse(t, usersSQL("sqlite", path, "SELECT printf('%5000d', id) || 'x' AS name FROM account WHERE id = ?", "", "")))
		assert.Empty(t, r.name("1"))
		require.Equal(t, 1, r.logs.Len())
		assert.Contains(t, r.logs.All()[0].ContextMap()["error"], `column "name": has a value of 5001 bytes; allowed are 4096`)
	})
	t.Run("too long a key", func(t *testing.T) {
		r := run(t, parse(t, usersSQL("sqlite", path, query, "", "")))
		assert.Empty(t, r.name(strings.Repeat("1", maxKey+1)))
		assert.Empty(t, r.seen.take())
	})
}

func TestPostgres(t *testing.T) {
	server := pgtest.Start(t)
	execute(t, "pgx", server.DSN(), people("BIGINT")...)
	query := "SELECT name FROM account WHERE id = $1"

	t.Run("every database", func(t *testing.T) {
		r := run(t, parse(t, usersSQL("postgres", server.DSN(), query, "", "")))
		everyDatabase(t, r)
		// Who calls himself that must not stop the lookup of others.
		assert.Equal(t, []string{"", "", "", "", ""}, r.names("a", "b", "c", "d", "\x00"))
		assert.Equal(t, map[Result]int64{Negative: 5}, r.seen.take())
		assert.Empty(t, r.logs.All())
	})
	t.Run("slow", func(t *testing.T) {
		cfgs := parse(t, usersSQL("postgres", server.DSN(), "SELECT name, pg_sleep(1)::text FROM account WHERE id = $1", "", ""))
		cfgs[0].SQL.Timeout = confcheck.Duration(100 * time.Millisecond)
		r := run(t, cfgs)
		begin := time.Now()
		assert.Equal(t, []string{"", ""}, r.names("1", "2"))
		assert.Less(t, time.Since(begin), 800*time.Millisecond)
		assert.Equal(t, map[Result]int64{Timeout: 2}, r.seen.take())
		eventually(t, "the answer in the background", func() bool { return r.name("1") == "Alice" })
	})
	t.Run("wrong password", func(t *testing.T) {
		dsn := strings.Replace(server.DSN(), pgtest.Password, "s3cret%2Fs3cret", 1)
		r := run(t, parse(t, usersSQL("postgres", dsn, query, "", "")))
		assert.Empty(t, r.name("1"))
		require.Equal(t, 1, r.logs.Len())
		assert.Contains(t, r.logs.All()[0].ContextMap()["error"], "password authentication failed")
		assert.NotContains(t, fmt.Sprint(r.logs.All()[0]), "s3cret")
	})
	t.Run("away and back", func(t *testing.T) {
		cfgs := parse(t, usersSQL("postgres", server.DSN(), query, "", "ttl: 1ns"))
		server.Stop()
		r := run(t, cfgs) // it starts all the same
		for id := range 100 {
			assert.Empty(t, r.name(id))
		}
		assert.Equal(t, map[Result]int64{Failed: 100}, r.seen.take())
		require.Equal(t, 1, r.logs.Len(), "one warning a minute")
		assert.NotContains(t, fmt.Sprint(r.logs.All()[0]), pgtest.Password)

		server.Start()
		eventually(t, "the database again", func() bool { return r.name("1") == "Alice" })
		server.Stop()
		for range 20 {
			assert.Equal(t, "Alice", r.name("1"), "what is old is better than nothing")
		}
		server.Start()
	})
}

func TestMariaDB(t *testing.T) {
	server := mariatest.Start(t)
	execute(t, "mysql", server.DSN(), people("VARCHAR(10) CHARACTER SET latin1")...)
	const query = "SELECT name FROM account WHERE id = ?"
	r := run(t, parse(t, usersSQL("mysql", server.DSN(), query, "", "")))
	everyDatabase(t, r)
	// MariaDB cannot compare these with a column of that character set.
	assert.Equal(t, []string{"", "", "", "", "Alice"}, r.names("😀", "😀1", "😀2", "😀3", "1"))
	assert.Empty(t, r.logs.All())

	// docs/develop/enrichment.md warns of this, and says what to write.
	execute(t, "mysql", server.DSN(), "CREATE TABLE numbered (id INT PRIMARY KEY, name TEXT)", "INSERT INTO numbered VALUES (1, 'Alice')")
	loose := run(t, parse(t, usersSQL("mysql", server.DSN(), "SELECT name FROM numbered WHERE id = ?", "", "")))
	assert.Equal(t, []string{"Alice", "Alice"}, loose.names("1", "1x"))
	strict := run(t, parse(t, usersSQL("mysql", server.DSN(), "SELECT name FROM numbered WHERE CAST(id AS CHAR) = ?", "", "")))
	assert.Equal(t, []string{"Alice", ""}, strict.names("1", "1x"))

	wrong := strings.Replace(server.DSN(), mariatest.Password, "s3cret", 1)
	r = run(t, parse(t, usersSQL("mysql", wrong, query, "", "")))
	assert.Empty(t, r.name("1"))
	require.Equal(t, 1, r.logs.Len())
	assert.Contains(t, r.logs.All()[0].ContextMap()["error"], "Access denied")
	assert.NotContains(t, fmt.Sprint(r.logs.All()[0]), "s3cret")
}

func TestSecretsAreReplaced(t *testing.T) {
	c := connection{password: "s3cret/"}
	got := c.secrets("postgres://u:s3cret%2F@h/d").Replace("dial postgres://u:s3cret%2F@h/d: s3cret/ and s3cret%2F")
	assert.Equal(t, "dial (the dsn): *** and ***", got)
}

func TestConcurrently(t *testing.T) {
	path := filepath.Join(t.TempDir(), "users.db")
	execute(t, "sqlite", path, people("INTEGER")...)
	r := run(t, parse(t, usersSQL("sqlite", path, "SELECT name FROM account WHERE id = ?", "", "max_entries: 2, ttl: 1ms, negative_ttl: 0s")))
	var done sync.WaitGroup
	for range 8 {
		done.Go(func() {
			for range 50 {
				assert.Equal(t, []string{"Alice", "", "Bob"}, r.names("1", "9", "2"))
				r.Entries(func(_ string, n int) { assert.LessOrEqual(t, n, 2) })
			}
		})
	}
	done.Wait()
}
