package faults_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/e2e/internal/outcome"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/mariatest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

var sqliteFiles = []string{"", "-wal", "-shm"}

// TestSQLiteFileIsPrivate looks at the mode of the files, in a folder that anybody
// may enter.
func TestSQLiteFileIsPrivate(t *testing.T) {
	o := fault(t, inDatabase, "other accounts of the host read the SQLite file")
	file := filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{DSN: "file:" + file})
	mustPost(t, c, "logs", load.LogsRequest(0, 100))
	o.Count(expectRange(t, "sqlite", "file:"+file, 0, 100))
	for _, suffix := range sqliteFiles {
		info, err := os.Stat(file + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("activity.db%s has mode %o, want 600", suffix, mode)
		}
	}
	o.Say("mode 0600")
}

// TestSQLiteFileRemoved removes the file while the collector writes. What it
// acknowledges after that is in the file that it makes, also after SIGKILL.
func TestSQLiteFileRemoved(t *testing.T) {
	o := fault(t, inDatabase, "the SQLite file removed while the collector runs, then SIGKILL; counted is what came after")
	file := filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{DSN: "file:" + file})
	mustPost(t, c, "logs", load.LogsRequest(0, 1000))
	awaitRows(t, "file:"+file, 1000)
	for _, suffix := range sqliteFiles {
		if err := os.Remove(file + suffix); err != nil {
			t.Fatal(err)
		}
	}
	o.Over()
	for n := 1000; n < 2000; n += 100 {
		mustPost(t, c, "logs", load.LogsRequest(n, 100))
		time.Sleep(50 * time.Millisecond)
	}
	c.Kill()
	c.Restart()
	o.Count(expectRange(t, "sqlite", "file:"+file, 1000, 2000))
	if !strings.Contains(c.Log(), "removed or replaced") {
		t.Error("the log does not say that the file was removed")
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the new file: %v, %v", info, err)
	}
}

// TestSQLiteFileReplaced puts a backup in the place of the file, while nothing is
// written, and removes it once more.
func TestSQLiteFileReplaced(t *testing.T) {
	o := fault(t, inDatabase, "the SQLite file replaced by a backup, while nothing is written; counted is the backup and what came after")
	dir := t.TempDir()
	file, backup := filepath.Join(dir, "activity.db"), filepath.Join(dir, "backup.db")
	c := collectortest.Start(t, collectortest.Config{DSN: "file:" + file})
	mustPost(t, c, "logs", load.LogsRequest(0, 1000))
	awaitRows(t, "file:"+file, 1000)
	execute(t, load.Open(t, "sqlite", "file:"+file), "VACUUM INTO '"+backup+"'")
	mustPost(t, c, "logs", load.LogsRequest(5000, 100))
	awaitRows(t, "file:"+file, 1100)
	for _, suffix := range sqliteFiles[1:] {
		_ = os.Remove(file + suffix)
	}
	if err := os.Rename(backup, file); err != nil {
		t.Fatal(err)
	}
	o.Over()
	replaced := time.Now()
	logs(t, c, "The SQLite file is not the one that was opened")
	noticed := time.Since(replaced)
	mustPost(t, c, "logs", load.LogsRequest(1000, 1000))
	o.Count(expectRange(t, "sqlite", "file:"+file, 0, 2000))
	o.Say("noticed after %s", outcome.Seconds(noticed))
	if noticed > time.Minute {
		t.Errorf("noticed after %v, want a minute at most", noticed)
	}
}

// TestDriverFollowsFromTheDSN sets ACTIVITYLOG_DSN alone.
func TestDriverFollowsFromTheDSN(t *testing.T) {
	for name, start := range map[string]func(*testing.T) (driver, dsn, configured string){
		"postgres URL": func(t *testing.T) (driver, dsn, configured string) {
			dsn = pgtest.Start(t).DSN()
			return "pgx", dsn, dsn
		},
		"postgres words": func(t *testing.T) (driver, dsn, configured string) {
			server := pgtest.Start(t)
			host, port, _ := strings.Cut(server.Address(), ":")
			return "pgx", server.DSN(), "host=" + host + " port=" + port + " user=activity password=" + pgtest.Password + " dbname=postgres sslmode=disable"
		},
		"mysql": func(t *testing.T) (driver, dsn, configured string) {
			dsn = mariatest.Start(t).DSN()
			return "mysql", dsn, dsn
		},
		"sqlite path": func(t *testing.T) (driver, dsn, configured string) {
			file := filepath.Join(t.TempDir(), "activity.db")
			return "sqlite", "file:" + file, file
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := fault(t, atStart, "a DSN without a driver: "+name)
			driver, dsn, configured := start(t)
			c := collectortest.Start(t, collectortest.Config{DSN: configured})
			mustPost(t, c, "logs", load.LogsRequest(0, 100))
			o.Count(expectRange(t, driver, dsn, 0, 100))
		})
	}
}
