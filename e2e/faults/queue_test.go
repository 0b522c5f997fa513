package faults_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/e2e/internal/outcome"
	"github.com/otelactivity/activitylog/internal/testserver/collectortest"
	"github.com/otelactivity/activitylog/internal/testserver/pgtest"
)

// queueBytes is the setting for a queue of so many bytes.
func queueBytes(n int) string {
	return fmt.Sprintf("--config=yaml:exporters::activitylog::queue::max_bytes: %d", n)
}

// TestQueueDiskFull fills the disk of the queue for eight seconds under load, while
// the database is away, so that all of it is on that disk.
func TestQueueDiskFull(t *testing.T) {
	o := fault(t, inQueue, "the queue's disk full for 8 s under load, the database away, then SIGKILL")
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=16m"); err != nil {
		t.Skipf("mount a small tmpfs: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) })
	server := pgtest.Start(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN(), Storage: filepath.Join(disk, "queue")})
	l := load.Start(c)
	time.Sleep(time.Second)
	server.Stop()
	time.Sleep(2 * time.Second)
	filler := filepath.Join(disk, "filler")
	fill(t, filler)
	before := l.Acknowledged()
	time.Sleep(8 * time.Second)
	t.Logf("%d records acknowledged before the disk was full, %d while it was", before, l.Acknowledged()-before)
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	c.Kill() // what is only in memory is gone
	c.Restart()
	server.Start()
	o.Over()
	time.Sleep(2 * time.Second)
	l.Stop()
	o.Count(l.Expect(t, load.Open(t, "pgx", server.DSN())))
}

// fill writes a file until the disk is full.
func fill(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, size := range []int{1 << 16, 1} {
		for block := make([]byte, size); err == nil; {
			_, err = f.Write(block)
		}
		err = nil
	}
}

// TestQueueFullThatBlocks sends more than the database takes into a small queue:
// the deadlock of upstream's issue 15700.
func TestQueueFullThatBlocks(t *testing.T) {
	o := fault(t, inQueue, "a full queue whose senders wait: upstream's deadlock 15700")
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn,
		Args: []string{queueBytes(1 << 20), "--config=yaml:exporters::activitylog::queue::consumers: 1"}})
	db := load.Open(t, "sqlite", dsn)
	var loads []*load.Load
	for range 5 { // of the same records
		loads = append(loads, load.Start(c))
	}
	stalled := 0
	for range 15 {
		before := len(load.Counts(t, db))
		time.Sleep(time.Second)
		if after := len(load.Counts(t, db)); after == before {
			stalled++
			t.Errorf("no row came in a second, at %d rows", after)
		}
	}
	for _, l := range loads {
		l.Stop()
	}
	o.Over()
	o.Count(loads[0].Expect(t, db))
	o.Say("rows came in %d of 15 seconds", 15-stalled)
}

// TestRequestLargerThanTheQueue is answered at once, and for good.
func TestRequestLargerThanTheQueue(t *testing.T) {
	o := fault(t, inQueue, "a request larger than the queue")
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn, Args: []string{queueBytes(1 << 20)}})
	request := load.LogsRequest(1, 3000)
	scope := request["resourceLogs"].(load.List)[0].(load.Object)["scopeLogs"].(load.List)[0].(load.Object)
	for _, record := range scope["logRecords"].(load.List) {
		noise := make([]byte, 1000) // does not compress
		for i := range noise {
			noise[i] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[rand.IntN(62)]
		}
		record.(load.Object)["body"] = load.Object{"stringValue": string(noise)}
	}
	begin := time.Now()
	err := load.Post(t.Context(), c.HTTP, "logs", request)
	answered := time.Since(begin)
	if err == nil || !strings.Contains(err.Error(), "400") || !strings.Contains(err.Error(), "max_bytes is 1048576") || time.Since(begin) > 5*time.Second {
		t.Errorf("after %v: %v; want 400 that names max_bytes, at once", time.Since(begin), err)
	}
	if err := load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(10, 10)); err != nil {
		t.Errorf("the next request: %v", err)
	}
	awaitRows(t, dsn, 10)
	o.Count(expectRange(t, "sqlite", dsn, 10, 20))
	o.Say("answered 400 in %s, with the setting's name", outcome.Seconds(answered))
}

// TestQueueFull is answered with 503, so that senders try again, and takes
// requests again once the database has come.
func TestQueueFull(t *testing.T) {
	o := fault(t, inQueue, "the queue is full while the database is away, and idle after that")
	dir := filepath.Join(t.TempDir(), "missing")
	dsn := "file:" + filepath.Join(dir, "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn,
		Args: []string{queueBytes(1 << 20), "--config=yaml:exporters::activitylog::queue::full_timeout: 100ms"}})
	n := 0
	for ; ; n += 5000 {
		err := load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(n, 5000))
		if err == nil && n < 10_000_000 {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "max_bytes: 1048576") {
			t.Fatalf("a full queue answers %v; want 503 that names max_bytes", err)
		}
		break
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	o.Over()
	awaitRows(t, dsn, n)
	for range 20 { // as much again, by a queue that was full
		mustPost(t, c, "logs", load.LogsRequest(n, 1000))
		n += 1000
		time.Sleep(20 * time.Millisecond)
	}
	o.Count(expectRange(t, "sqlite", dsn, 0, n))
}

// expectRange waits until each of the activities from..to-1 of [load.LogsRequest]
// is a row, all of which were acknowledged.
func expectRange(t *testing.T, driver, dsn string, from, to int) load.Result {
	t.Helper()
	db := load.Open(t, driver, dsn)
	result := load.Await(func() load.Result {
		found := load.Result{Acknowledged: to - from, Complete: time.Now()}
		seen := load.Counts(t, db)
		for n := from; n < to; n++ {
			rows := seen[fmt.Sprint(n)]
			found.Rows += rows
			if rows == 0 {
				found.Lost++
			} else if rows > 1 {
				found.Doubled++
			}
		}
		return found
	})
	if result.Lost > 0 || result.Doubled > 0 {
		t.Errorf("of %d acknowledged records %d have no row, and %d have two", result.Acknowledged, result.Lost, result.Doubled)
	}
	return result
}

func awaitRows(t *testing.T, dsn string, n int) {
	t.Helper()
	db := load.Open(t, "sqlite", dsn)
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if len(load.Counts(t, db)) >= n {
			return
		}
	}
	t.Errorf("%d of %d rows after 20 s", len(load.Counts(t, db)), n)
}

// TestQueueFileDamaged damages the files of a collector that was killed. It starts,
// writes what is readable, says what is not, and takes what comes.
func TestQueueFileDamaged(t *testing.T) {
	flip := func(bits int) func([]byte) []byte {
		return func(content []byte) []byte {
			for range bits {
				content[rand.IntN(len(content))] ^= 1 << rand.IntN(8)
			}
			return content
		}
	}
	const requests, records = 100, 50
	for name, c := range map[string]struct {
		damage func([]byte) []byte
		least  int // requests that are still there
	}{
		"one bit":     {flip(1), requests - 1},
		"eight bits":  {flip(8), requests - 8},
		"half a file": {func(content []byte) []byte { return content[:len(content)/2] }, requests/2 - 5},
		"empty file":  {func([]byte) []byte { return nil }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			o := fault(t, inQueue, "a file of the queue damaged while the collector is down: "+name)
			storage, dir := t.TempDir(), filepath.Join(t.TempDir(), "missing")
			dsn := "file:" + filepath.Join(dir, "activity.db")
			col := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn, Storage: storage})
			for i := range requests {
				if err := load.Post(t.Context(), col.HTTP, "logs", load.LogsRequest(i*records, records)); err != nil {
					t.Fatal(err)
				}
			}
			col.Kill()
			file := largest(t, storage)
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, c.damage(content), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			o.Over()
			col.Restart()
			if err := load.Post(t.Context(), col.HTTP, "logs", load.LogsRequest(requests*records, records)); err != nil {
				t.Fatal(err)
			}
			awaitRows(t, dsn, (c.least+1)*records)
			complete := time.Now()
			time.Sleep(time.Second)
			checkTrue(t, dsn)
			const all = (requests + 1) * records
			rows := len(load.Counts(t, load.Open(t, "sqlite", dsn)))
			if rows < all && !strings.Contains(col.Log(), " lost") {
				t.Errorf("%d of %d rows are missing, and the log does not say so", all-rows, all)
			}
			o.Count(load.Result{Acknowledged: all, Rows: rows, Lost: all - rows, Complete: complete})
			if rows < all {
				o.Say("only what was damaged is lost, set aside in damaged/ and in the log")
			}
		})
	}
}

// largest returns the largest file of a folder.
func largest(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	size := func(e os.DirEntry) int64 {
		if info, err := e.Info(); err == nil && !e.IsDir() {
			return info.Size()
		}
		return -1
	}
	return filepath.Join(dir, slices.MaxFunc(entries, func(a, b os.DirEntry) int { return int(size(a) - size(b)) }).Name())
}

// checkTrue checks that each row is as [load.LogsRequest] made it, and is once.
func checkTrue(t *testing.T, dsn string) {
	t.Helper()
	db := load.Open(t, "sqlite", dsn)
	rows, err := db.QueryContext(t.Context(), "SELECT object_id, object_type, action_type, actor_id, remarks FROM activity_log")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	seen := map[string]bool{}
	for rows.Next() {
		var id, object, action, actor, remarks string
		if err := rows.Scan(&id, &object, &action, &actor, &remarks); err != nil {
			t.Fatal(err)
		}
		var n int
		if _, err := fmt.Sscan(id, &n); err != nil || seen[id] || object != "article" || action != "Update" ||
			actor != fmt.Sprint(n%7) || remarks != fmt.Sprint("activity ", n) {
			t.Errorf("a false row: %s, %s, %s, %s, %s", id, object, action, actor, remarks)
		}
		seen[id] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
}

// TestQueueFolderRemoved removes the folder of the queue under load, while the
// database is away; then the collector is killed.
func TestQueueFolderRemoved(t *testing.T) {
	o := fault(t, inQueue, "the folder of the queue removed twice under load, the database away, then SIGKILL")
	server := pgtest.Start(t)
	storage := filepath.Join(t.TempDir(), "queue")
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN(), Storage: storage})
	server.Stop()
	l := load.Start(c)
	for range 2 {
		time.Sleep(time.Second)
		if err := os.RemoveAll(storage); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(time.Second)
	l.Stop()
	c.Kill()
	if log := c.Log(); !strings.Contains(log, "was removed or replaced and is written again") {
		t.Error("the log does not say that the folder was removed")
	}
	c.Restart()
	server.Start()
	o.Over()
	o.Count(l.Expect(t, load.Open(t, "pgx", server.DSN())))
}

// TestExporterRenamed has the same folder for an exporter of another name.
func TestExporterRenamed(t *testing.T) {
	o := fault(t, inQueue, "the exporter renamed while its queue has records")
	storage, dir := t.TempDir(), t.TempDir()
	nowhere := filepath.Join(dir, "missing", "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + nowhere, Storage: storage})
	if err := load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(0, 100)); err != nil {
		t.Fatal(err)
	}
	c.Stop()
	dsn := "file:" + filepath.Join(dir, "activity.db")
	content, err := os.ReadFile(shippedConfig)
	if err != nil {
		t.Fatal(err)
	}
	renamed := strings.NewReplacer("\n  activitylog:\n", "\n  activitylog/renamed:\n", "[activitylog]", "[activitylog/renamed]").Replace(string(content))
	file := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(file, []byte(renamed), 0o600); err != nil {
		t.Fatal(err)
	}
	collectortest.Start(t, collectortest.Config{ConfigFile: file, DSN: dsn, Storage: storage})
	o.Over()
	o.Count(expectRange(t, "sqlite", dsn, 0, 100))
}

// TestShutdownWhileTheDatabaseHangs stops the processes of PostgreSQL, which then
// accepts connections and is silent, and ends the collector.
func TestShutdownWhileTheDatabaseHangs(t *testing.T) {
	o := fault(t, inDatabase, "the processes of PostgreSQL stopped (SIGSTOP) under load, and SIGTERM to the collector")
	server := pgtest.Start(t)
	c := collectortest.Start(t, collectortest.Config{Driver: "postgres", DSN: server.DSN()})
	l := load.Start(c)
	time.Sleep(2 * time.Second)
	pids := server.PIDs()
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
	awake := func() {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
	t.Cleanup(awake)
	time.Sleep(2 * time.Second)
	l.Stop()
	begin := time.Now()
	c.Stop()
	took := time.Since(begin)
	t.Logf("SIGTERM took %v", took)
	if took > 24*time.Second {
		t.Errorf("SIGTERM took %v; want shutdown_timeout (20 s) and a moment", took)
	}
	awake()
	o.Over()
	c.Restart()
	o.Count(l.Expect(t, load.Open(t, "pgx", server.DSN())))
	o.Say("SIGTERM %s", outcome.Seconds(took))
}
