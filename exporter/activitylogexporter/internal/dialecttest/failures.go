package dialecttest

import (
	"context"
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/internal/table/dialect"
	"github.com/otelactivity/activitylog/internal/table/row"
	"github.com/otelactivity/activitylog/internal/table/store"
)

const (
	childDialect = "ACTIVITYLOG_TEST_DIALECT"
	childDSN     = "ACTIVITYLOG_TEST_DSN"
	childRows    = "ACTIVITYLOG_TEST_ROWS"
)

// Child makes a test program the process that a rule kills. TestMain calls it
// first, with the dialects that the program tests; it returns unless a rule has
// started this process.
func Child(dialects ...dialect.Dialect) {
	name := os.Getenv(childDialect)
	if name == "" {
		return
	}
	for _, d := range dialects {
		if fmt.Sprintf("%#v", d) == name {
			fmt.Fprintln(os.Stderr, child(d))
			os.Exit(1)
		}
	}
	fmt.Fprintf(os.Stderr, "no dialect %s among those of dialecttest.Child\n", name)
	os.Exit(1)
}

// child writes rows, again and again, until it is killed.
func child(d dialect.Dialect) error {
	file, err := os.Open(os.Getenv(childRows))
	if err != nil {
		return err
	}
	var rows []row.Row
	if err := gob.NewDecoder(file).Decode(&rows); err != nil {
		return err
	}
	s, err := store.Open(store.Config{Dialect: d, DSN: os.Getenv(childDSN), Table: "activity_log", CreateSchema: d.Goose() != ""}, &log{})
	if err != nil {
		return err
	}
	for {
		for batch := range slices.Chunk(rows, 500) {
			if err := s.Write(context.Background(), slices.Clone(batch)); err != nil {
				return err
			}
			fmt.Println("written")
		}
	}
}

func killed(t *testing.T, h Harness) {
	dsn := h.New(t)
	o := h.open(t, dsn, nil)
	rows := Rows(20_000)
	o.write(slices.Clone(rows[:100])...)
	path := filepath.Join(t.TempDir(), "rows")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := gob.NewEncoder(file).Encode(rows); err != nil {
		t.Fatal(err)
	}
	_ = file.Close()
	for try := range 3 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childDialect+"="+fmt.Sprintf("%#v", h.Dialect), childDSN+"="+dsn, childRows+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(out, make([]byte, 1+try*len("written\n"))); err != nil {
			t.Errorf("the other process wrote nothing: %v", err)
		}
		time.Sleep(time.Duration(try) * 7 * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	if n := o.number("SELECT count(*) FROM activity_log"); n <= 100 || n%100 != 0 {
		t.Errorf("%d rows after the other process was killed, want some, and whole batches", n)
	}
	o.writeUntil(rows...)
	o.expect(20_000, "SELECT count(*) FROM activity_log")
}

func cut(t *testing.T, h Harness) {
	if h.Through == nil {
		t.Log("does not apply: this database has no connection to cut")
		return
	}
	dsn := h.New(t)
	h.open(t, dsn, nil).write(Rows(1)...)
	p := newProxy(t, h.Server)
	o := h.open(t, h.Through(dsn, p.address()), nil)
	rows := Rows(4000) // about 2 MB
	failed := 0
	for _, limit := range []int64{20_000, 300_000, 1_000_000} {
		p.cutAfter(limit)
		if err := o.Write(t.Context(), slices.Clone(rows)); err != nil {
			failed++
		}
		p.cutAfter(-1)
		o.writeUntil(rows...)
		o.expect(4001, "SELECT count(*) FROM activity_log")
	}
	if failed == 0 {
		t.Error("no write failed, so nothing was cut")
	}
	o.expect(0, "SELECT count(*) FROM activity_log_dead_letter")
}

// restarted crashes the server again and again under load.
func restarted(t *testing.T, h Harness) {
	if h.Restart == nil {
		t.Log("does not apply: this database has no server to restart")
		return
	}
	o := h.open(t, h.New(t), nil)
	rows := Rows(12_000)
	o.write(slices.Clone(rows[:1])...)
	written := make(chan int, len(rows)) // the ends of what was acknowledged
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(written)
		for end := 0; end < len(rows); end += 300 {
			o.writeUntil(rows[end : end+300]...)
			written <- end + 300
		}
	})
	for range 2 {
		<-written
		<-written
		h.Restart()
	}
	wg.Wait()
	for range written {
	}
	o.expect(12_000, "SELECT count(*) FROM activity_log")
	o.expect(0, "SELECT count(*) FROM activity_log_dead_letter")
}

func insertOnly(t *testing.T, h Harness) {
	if h.InsertOnly == nil {
		t.Log("does not apply: this database has no accounts with fewer rights")
		return
	}
	dsn := h.New(t)
	admin := h.open(t, dsn, nil)
	rows := Rows(1000)
	admin.write(slices.Clone(rows[:300])...)
	admin.exec(h.Refuse)
	rows[999].Text[row.ActorID] = "refused"
	rows[700].Text[row.Data] = merged[0].data
	o := h.open(t, h.InsertOnly(t, dsn), func(cfg *store.Config) { cfg.CreateSchema = false })
	if _, err := o.db.ExecContext(t.Context(), "DELETE FROM activity_log"); err == nil {
		t.Error("the account may delete, so this tests nothing")
	}
	o.write(slices.Clone(rows[250:])...)
	o.write(slices.Clone(rows)...)
	admin.expect(999, "SELECT count(*) FROM activity_log")
	admin.expect(1, "SELECT count(*) FROM activity_log_dead_letter")
	if h.hasObjects(t) {
		if got := admin.objectsOf(&rows[700]); got != merged[0].want {
			t.Errorf("the objects are %s, want %s", got, merged[0].want)
		}
	}
	o.log.expect(t, 699, 1050-1, 1) // of 1749 that are not refused, 699 were new
}
