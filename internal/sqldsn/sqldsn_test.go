package sqldsn_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/otelactivity/activitylog/internal/sqldsn"
	"github.com/otelactivity/activitylog/internal/sqldsntest"
)

func TestKind(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://u:p@h/db": sqldsn.Postgres, "POSTGRESQL://h/db": sqldsn.Postgres, "host=h dbname=db": sqldsn.Postgres,
		"u:p@tcp(h:3306)/db": sqldsn.MySQL, "u@unix(/run/mysqld.sock)/db": sqldsn.MySQL, "mysql://u:p@h/db": sqldsn.MySQL,
		"clickhouse://u:p@h:9000/db": sqldsn.ClickHouse, "file:a": sqldsn.SQLite, "/var/lib/a.db": sqldsn.SQLite,
		"sqlite:a": sqldsn.SQLite, "sqlite:///a": sqldsn.SQLite, "SQLite3://a.db": sqldsn.SQLite, "jdbc:sqlite:a": sqldsn.SQLite, // whose error says how to write it
		":memory:": sqldsn.SQLite, "activity": "", "mongodb://h/db": "", "": "",
	} {
		if got := sqldsn.Kind(dsn); got != want {
			t.Errorf("%q: got %q, want %q", dsn, got, want)
		}
	}
}

func TestParseMySQL(t *testing.T) {
	for dsn, want := range map[string]sqldsn.MySQLParts{
		"u:p@tcp(h:3306)/db":           {Server: "u:p@tcp(h:3306)", Database: "db"},
		"u:a/b?c@d@tcp(h)/db?e=1&f=?2": {Server: "u:a/b?c@d@tcp(h)", Database: "db", Params: "e=1&f=?2"},
		"u:p@unix(/run/a.sock)/":       {Server: "u:p@unix(/run/a.sock)"},
		"/db":                          {Database: "db"},
	} {
		if got, err := sqldsn.ParseMySQL(dsn); err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", dsn, got, err, want)
		}
	}
}

func TestSQLitePath(t *testing.T) {
	for dsn, want := range map[string]string{
		"a.db": "a.db", "file:a%20b.db?mode=rw": "a b.db", "file:///var/a.db": "/var/a.db",
		":memory:": "", "file::memory:?cache=shared": "", "file:a?mode=memory": "",
	} {
		if got := sqldsn.SQLitePath(dsn); got != want {
			t.Errorf("%q: got %q, want %q", dsn, got, want)
		}
	}
}

// TestErrorsHaveNoPassword also says of most of the shared cases what is wrong with them.
func TestErrorsHaveNoPassword(t *testing.T) {
	for _, c := range sqldsntest.Cases {
		var err error
		switch c.Driver {
		case sqldsn.MySQL:
			_, err = sqldsn.ParseMySQL(c.DSN)
		case sqldsn.SQLite:
			if _, _, err = sqldsn.ParseSQLite(c.DSN); err == nil {
				err = sqldsn.CheckSQLite(c.DSN)
			}
		}
		if c.OK && err != nil {
			t.Errorf("%s: %v", c.DSN, err)
		}
		if err != nil && strings.Contains(err.Error(), sqldsntest.Password) {
			t.Errorf("%s: the error has the password: %v", c.DSN, err)
		}
	}
}

// TestPrefixesOfOthers: SQLite would take them for a part of the name of the file.
func TestPrefixesOfOthers(t *testing.T) {
	for _, dsn := range []string{"sqlite:activity.db", "sqlite3:activity.db", "sqlite:///tmp/x.db", "jdbc:sqlite:x.db", "SQLITE:x.db", "File:x.db", "file:sqlite:x.db", "sqlite+pysqlite:///x.db"} {
		if err := sqldsn.CheckSQLite(dsn); err == nil || !strings.Contains(err.Error(), `such as "file:activity.db"`) {
			t.Errorf("%s: %v, want an error that says what to write", dsn, err)
		}
		if sqldsn.Kind(dsn) != sqldsn.SQLite {
			t.Errorf("%s: not of SQLite, so its error does not say what to write", dsn)
		}
	}
	for _, dsn := range []string{"file:activity.db", "file:///var/activity.db", "sqlite.db", "/var/sqlite:/a.db", `C:\sqlite\a.db`, "file:file.db"} {
		if err := sqldsn.CheckSQLite(dsn); err != nil {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

// TestIsFile: what may be shown is nothing but a file.
func TestIsFile(t *testing.T) {
	for _, dsn := range []string{"a.db", "/var/a.db", "file:a", "file:", "file:a@b.db"} {
		if want := !strings.Contains(dsn, "@"); sqldsn.IsFile("", dsn) != want {
			t.Errorf("%s: got %v", dsn, !want)
		}
	}
	if !sqldsn.IsFile(sqldsn.SQLite, "/var/activity") || sqldsn.IsFile("", "/var/activity") || sqldsn.IsFile(sqldsn.Postgres, "a.db") {
		t.Error("the driver is not looked at")
	}
	for _, dsn := range []string{"u:s3cret@h/a.db", "u/s3cret@a.db", "Source=x;Password=s3cret.db", "a.db?key=s3cret", "file:postgres://u:s3cret@h/a.db", "password=s3cret.db", ""} {
		if sqldsn.IsFile("", dsn) || sqldsn.IsFile(sqldsn.SQLite, dsn) && dsn != "" {
			t.Errorf("%s: may be shown", dsn)
		}
	}
}

// TestFileTrouble: the text names the file and the reason.
func TestFileTrouble(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "a.db")
	if err := os.WriteFile(file, []byte("text"), 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dsn  string
		code int
		want string
	}{
		{"file:" + file, 26, ": " + file + " is not a file of SQLite"},
		{file, 11, ": " + file + " is damaged"},
		{"file:" + folder, 14, ": " + folder + " is a folder"},
		{folder, 10, ": " + folder + " is a folder"},
		{"file:" + folder + "/none.db?mode=ro", 14 | 2<<8, ": stat " + folder + "/none.db: no such file or directory"},
		{"file:" + file, 8 | 6<<8, ": this account may not write to the folder of " + file + ", or to its -wal and -shm; a reader must, too"},
		{"file:" + file, 5, ""},
		{":memory:", 14, ""},
	} {
		if got := sqldsn.FileTrouble(c.dsn, c.code); got != c.want {
			t.Errorf("%s, %d: got %q, want %q", c.dsn, c.code, got, c.want)
		}
	}
	want := ": open " + file + ": permission denied"
	if os.Getuid() == 0 {
		want = ": the file is " + file // root may read all
	}
	if got := sqldsn.FileTrouble(file, 14); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	t.Chdir(folder)
	if got := sqldsn.FileTrouble("file:a.db", 26); got != ": "+file+" is not a file of SQLite" {
		t.Errorf("a relative path: got %q", got)
	}
}
