package activitylogexporter

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/component/componentstatus"
	"go.opentelemetry.io/collector/config/configopaque"
	"go.opentelemetry.io/collector/confmap"
)

func TestDriverFollowsFromTheDSN(t *testing.T) {
	for dsn, want := range map[string]string{
		"postgres://u:p@h/db": "postgres", "postgresql://h/db": "postgres", "host=h dbname=db password=p": "postgres", "dbname=audit": "postgres",
		"u:p@tcp(h:3306)/db": "mysql", "u@unix(/run/mysqld.sock)/db": "mysql", "u:p@(h)/db": "mysql", "mysql://u:p@h/db": "mysql",
		"clickhouse://u:p@h:9000/db": "clickhouse", "file:activity.db": "sqlite", "/var/lib/activity.db": "sqlite", "a.sqlite3?mode=rw": "sqlite",
		"activity": "", "mongodb://h/db": "",
	} {
		cfg := createDefaultConfig().(*Config)
		if err := confmap.NewFromStringMap(map[string]any{"dsn": dsn}).Unmarshal(cfg); err != nil {
			t.Errorf("%s: %v", dsn, err)
		}
		if cfg.driver() != want {
			t.Errorf("%s: driver %q, want %q", dsn, cfg.driver(), want)
		}
		if err := confmap.Validate(cfg); want == "" && (err == nil || !strings.Contains(err.Error(), "driver must be set")) {
			t.Errorf("%s: %v, want an error about driver", dsn, err)
		}
	}
	cfg := createDefaultConfig().(*Config)
	if err := confmap.NewFromStringMap(map[string]any{"driver": "generic", "dsn": "postgres://h/db"}).Unmarshal(cfg); err != nil || cfg.driver() != "generic" {
		t.Errorf("a driver that is set became %q, %v", cfg.driver(), err)
	}
}

func TestSQLiteTakesNoAddressOfAServer(t *testing.T) {
	for _, dsn := range []string{
		"postgres://u:" + secret + "@h/db", "file:postgres://u:" + secret + "@h/db", "host=h password=" + secret, "u:" + secret + "@tcp(h)/db",
		"u:" + secret + "@tcp(h:3306)/db", "clickhouse://u:" + secret + "@h/db", "https://u:" + secret + "@h/db", "u:" + secret + "@h:3306", "mysql://u:" + secret + "@h/db",
	} {
		cfg := createDefaultConfig().(*Config)
		cfg.Driver, cfg.DSN = "sqlite", configopaque.String(dsn)
		err := confmap.Validate(cfg)
		if err == nil || !strings.Contains(err.Error(), "driver") || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, want an error about the driver without the password", dsn, err)
		}
	}
	for _, dsn := range []string{"file:activity.db", "activity", "/var/lib/a b/activity.db?mode=rw", "file:///var/lib/activity.db", `C:\data\activity.db`, "./user@example.com/a.db", "host.db"} {
		cfg := createDefaultConfig().(*Config)
		cfg.Driver, cfg.DSN = "sqlite", configopaque.String(dsn)
		if err := confmap.Validate(cfg); err != nil {
			t.Errorf("%s: %v", dsn, err)
		}
	}
}

// TestPasswordInThePlaceOfTheProtocol is a MySQL DSN with an @ too many.
func TestPasswordInThePlaceOfTheProtocol(t *testing.T) {
	cfg := createDefaultConfig().(*Config)
	cfg.Driver, cfg.DSN = "mysql", configopaque.String("root:x@"+secret+"(db.example.com:3306)/audit")
	err := confmap.Validate(cfg)
	if err == nil || strings.Contains(err.Error(), secret) || !strings.Contains(err.Error(), "@tcp(host:3306)/database") {
		t.Errorf("got %v, want an error that says how to write it, and no part of the password", err)
	}
}

func TestSQLiteFileIsPrivate(t *testing.T) {
	file := filepath.Join(t.TempDir(), "activity.db")
	p := start(t, "sqlite", "file:"+file)
	p.send(t, 9, true, true)
	wait(t, "the rows", func() bool { return count("file:"+file) == 9 })
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(file + suffix)
		if err != nil {
			t.Errorf("%s: %v", suffix, err)
		} else if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("activity.db%s has mode %o, want 600", suffix, mode)
		}
	}
}

// TestSQLiteFileRemovedOrReplacedWhileRunning removes the file under load, and
// then puts another in its place.
func TestSQLiteFileRemovedOrReplacedWhileRunning(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "activity.db")
	p := start(t, "sqlite", "file:"+file)
	_, all := payload(300)
	records := all.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords()
	send := func(from, to int) {
		t.Helper()
		for i := from; i < to; i += 10 {
			_, ld := payload(0)
			for j := range 10 {
				records.At(i + j).CopyTo(ld.ResourceLogs().At(0).ScopeLogs().At(0).LogRecords().AppendEmpty())
			}
			if err := p.logs.ConsumeLogs(t.Context(), ld); err != nil {
				t.Fatal(err)
			}
		}
	}
	send(0, 100)
	wait(t, "the rows", func() bool { return count("file:"+file) == 100 })
	for _, suffix := range []string{"", "-wal", "-shm"} {
		_ = os.Remove(file + suffix)
	}
	send(100, 200) // acknowledged after the file was removed: in the new one, all of them
	wait(t, "the rows in a new file", func() bool { return count("file:"+file) == 100 })
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the new file: %v, %v", info, err)
	}
	other := filepath.Join(dir, "other.db")
	if err := os.Rename(file, other); err != nil { // as a restore from a backup does
		t.Fatal(err)
	}
	_ = os.Remove(file + "-wal")
	_ = os.Remove(file + "-shm")
	begin := time.Now()
	wait(t, "the file to be missed while nothing is written", func() bool {
		_, err := os.Stat(file)
		return err == nil && count("file:"+file) == 0
	})
	t.Logf("noticed after %v", time.Since(begin))
	send(200, 300)
	wait(t, "the rows in the third file", func() bool { return count("file:"+file) == 100 })
	if all := p.host.statuses(); !slices.Contains(all, componentstatus.StatusRecoverableError) {
		t.Errorf("health never said so: %v", all)
	}
	wait(t, "the component to be well", func() bool { return p.host.last().Status() == componentstatus.StatusOK })
}
