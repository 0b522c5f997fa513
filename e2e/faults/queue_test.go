package faults_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/e2e/internal/load"
	"github.com/otelactivity/activitylog/internal/collectortest"
	"github.com/otelactivity/activitylog/internal/pgtest"
)

// queueBytes is the setting for a queue of so many bytes.
func queueBytes(n int) string {
	return fmt.Sprintf("--config=yaml:exporters::activitylog::queue::max_bytes: %d", n)
}

// TestQueueDiskFull fills the disk of the queue for eight seconds under load, while
// the database is away, so that all of it is on that disk.
func TestQueueDiskFull(t *testing.T) {
	onlyFull(t)
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
	time.Sleep(2 * time.Second)
	l.Stop()
	l.Expect(t, load.Open(t, "pgx", server.DSN()))
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
	onlyFull(t)
	dsn := "file:" + filepath.Join(t.TempDir(), "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn,
		Args: []string{queueBytes(1 << 20), "--config=yaml:exporters::activitylog::queue::consumers: 1"}})
	db := load.Open(t, "sqlite", dsn)
	var loads []*load.Load
	for range 5 { // of the same records
		loads = append(loads, load.Start(c))
	}
	for range 15 {
		before := len(load.Counts(t, db))
		time.Sleep(time.Second)
		if after := len(load.Counts(t, db)); after == before {
			t.Errorf("no row came in a second, at %d rows", after)
		}
	}
	for _, l := range loads {
		l.Stop()
	}
	loads[0].Expect(t, db)
}

// TestRequestLargerThanTheQueue is answered at once, and for good.
func TestRequestLargerThanTheQueue(t *testing.T) {
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
	if err == nil || !strings.Contains(err.Error(), "400") || !strings.Contains(err.Error(), "max_bytes is 1048576") || time.Since(begin) > 5*time.Second {
		t.Errorf("after %v: %v; want 400 that names max_bytes, at once", time.Since(begin), err)
	}
	if err := load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(10, 10)); err != nil {
		t.Errorf("the next request: %v", err)
	}
	awaitRows(t, dsn, 10)
}

// TestQueueFull is answered with 503, so that senders try again.
func TestQueueFull(t *testing.T) {
	dsn := "file:" + filepath.Join(t.TempDir(), "missing", "activity.db")
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: dsn,
		Args: []string{queueBytes(1 << 20), "--config=yaml:exporters::activitylog::queue::full_timeout: 100ms"}})
	for n := 0; n < 10_000_000; n += 5000 {
		err := load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(n, 5000))
		if err == nil {
			continue
		}
		if !strings.Contains(err.Error(), "503") || !strings.Contains(err.Error(), "max_bytes: 1048576") {
			t.Errorf("a full queue answers %v; want 503 that names max_bytes", err)
		}
		return
	}
	t.Error("the queue was never full")
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
			col.Restart()
			if err := load.Post(t.Context(), col.HTTP, "logs", load.LogsRequest(requests*records, records)); err != nil {
				t.Fatal(err)
			}
			awaitRows(t, dsn, (c.least+1)*records)
			time.Sleep(time.Second)
			checkTrue(t, dsn)
			if rows := len(load.Counts(t, load.Open(t, "sqlite", dsn))); rows < (requests+1)*records && !strings.Contains(col.Log(), "records lost") {
				t.Errorf("%d of %d rows are missing, and the log does not say so", (requests+1)*records-rows, (requests+1)*records)
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
	l.Expect(t, load.Open(t, "pgx", server.DSN()))
}

// TestExporterRenamed has the same folder for an exporter of another name.
func TestExporterRenamed(t *testing.T) {
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
	awaitRows(t, dsn, 100)
}

// run runs the program until it ends or the time is over, and returns what it printed.
func run(t *testing.T, env []string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, collectortest.Binary(t), args...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = t.TempDir()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

const shippedConfig = "../../collector-config.yaml"

func shipped(t *testing.T) string {
	t.Helper()
	file, err := filepath.Abs(shippedConfig)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// localPorts are the environment of a collector on ports that are free.
var localPorts = []string{"OTLP_GRPC_ENDPOINT=127.0.0.1:0", "OTLP_HTTP_ENDPOINT=127.0.0.1:0", "HEALTH_ENDPOINT=127.0.0.1:0", "METRICS_PORT=0"}

// TestQueueFolderInUse starts a second collector with the folder of the first.
func TestQueueFolderInUse(t *testing.T) {
	storage := t.TempDir()
	c := collectortest.Start(t, collectortest.Config{Driver: "sqlite", DSN: "file:" + filepath.Join(t.TempDir(), "activity.db"), Storage: storage})
	out, err := run(t, append(slices.Clone(localPorts), "ACTIVITYLOG_STORAGE="+storage), "--config="+shipped(t))
	if err == nil {
		t.Fatal("it started")
	}
	for _, want := range []string{storage, fmt.Sprint("pid ", c.PID()), "queue::directory"} {
		if !strings.Contains(out, want) {
			t.Errorf("the error does not say %q:\n%s", want, out)
		}
	}
}

// TestMessagesOfAWrongConfiguration validates configurations with one fault each.
func TestMessagesOfAWrongConfiguration(t *testing.T) {
	const password = "hunter2-the-password"
	for name, c := range map[string]struct {
		env  []string
		yaml string
		want []string
	}{
		"timeout without a unit": {nil, "exporters::activitylog::timeout: 30", []string{"timeout:", `"30s"`}},
		"unit in the queue":      {nil, "exporters::activitylog::queue::full_timeout: 5", []string{"queue::full_timeout:", `"5s"`}},
		"the processor":          {nil, "processors::activity::join::window: 5", []string{"join::window:", `"5s"`}},
		"the guard":              {nil, "extensions::activity_guard::timeout: 15", []string{"timeout:", `"15s"`}},
		"sending_queue":          {nil, "exporters::activitylog::sending_queue::storage: file_storage", []string{"sending_queue:", "queue:", "directory:"}},
		"a server for SQLite": {[]string{"ACTIVITYLOG_DRIVER=sqlite", "ACTIVITYLOG_DSN=postgres://u:" + password + "@h/db"}, "receivers: {}",
			[]string{"dsn:", "driver postgres"}},
		"a password as protocol": {[]string{"ACTIVITYLOG_DRIVER=mysql", "ACTIVITYLOG_DSN=u:x@" + password + "(h:3306)/db"}, "receivers: {}", []string{"dsn:", "@tcp(host:3306)"}},
		"no known DSN":           {[]string{"ACTIVITYLOG_DSN=u/" + password}, "receivers: {}", []string{"driver:", "postgres"}},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := run(t, append(slices.Clone(localPorts), c.env...), "validate", "--config="+shipped(t), "--config=yaml:"+c.yaml)
			if err == nil {
				t.Fatal("it is valid")
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("the error does not say %q:\n%s", want, out)
				}
			}
			if strings.Contains(out, password) {
				t.Errorf("the error has the password:\n%s", out)
			}
		})
	}
}

// TestProgramWithoutFlags uses the built-in configuration.
func TestProgramWithoutFlags(t *testing.T) {
	if out, err := run(t, nil, "version"); err != nil || !strings.Contains(out, "otelcol-activitylog version ") {
		t.Errorf("version: %v, %s", err, out)
	}
	if out, err := run(t, localPorts, "validate"); err != nil {
		t.Errorf("validate: %v, %s", err, out)
	}
	shipped, err := run(t, localPorts, "print-config", "--config="+shipped(t))
	builtIn, builtInErr := run(t, localPorts, "print-config")
	if err != nil || builtInErr != nil || shipped != builtIn || !strings.Contains(builtIn, "activitylog:") {
		t.Errorf("the built-in configuration is another one: %v, %v\n%s\n%s", err, builtInErr, builtIn, shipped)
	}
}

// TestWrongFileAtSIGHUP documents what the Collector does: it ends, and what was
// acknowledged is written after the next start. collector/README.md says to
// validate first.
func TestWrongFileAtSIGHUP(t *testing.T) {
	content, err := os.ReadFile(shippedConfig)
	if err != nil {
		t.Fatal(err)
	}
	file, dir := filepath.Join(t.TempDir(), "config.yaml"), filepath.Join(t.TempDir(), "missing")
	write := func(content []byte) {
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(content)
	dsn := "file:" + filepath.Join(dir, "activity.db")
	c := collectortest.Start(t, collectortest.Config{ConfigFile: file, DSN: dsn})
	if err := load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(0, 100)); err != nil {
		t.Fatal(err)
	}
	hangUp := func() {
		if err := syscall.Kill(c.PID(), syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	hangUp() // the same file
	for deadline := time.Now().Add(20 * time.Second); load.Post(t.Context(), c.HTTP, "logs", load.LogsRequest(100, 100)) != nil; time.Sleep(100 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it does not take requests after SIGHUP")
		}
	}
	write(append(content, "\nnonsense: true\n"...))
	if out, err := run(t, localPorts, "validate", "--config="+file); err == nil || !strings.Contains(out, "nonsense") {
		t.Errorf("validate does not find what is wrong: %v, %s", err, out)
	}
	hangUp()
	select {
	case <-c.Done():
	case <-time.After(25 * time.Second):
		t.Error("the Collector went on with its old configuration: collector/README.md says that it ends")
	}
	write(content)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	c.Restart()
	awaitRows(t, dsn, 200)
}

// TestShutdownWhileTheDatabaseHangs stops the processes of PostgreSQL, which then
// accepts connections and is silent, and ends the collector.
func TestShutdownWhileTheDatabaseHangs(t *testing.T) {
	onlyFull(t)
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
	c.Restart()
	l.Expect(t, load.Open(t, "pgx", server.DSN()))
}
