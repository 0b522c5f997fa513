package queue

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/otelactivity/activitylog/internal/seglog"
)

var marshaler plog.ProtoMarshaler

const damageRequests = 60

// damagedQueue returns the folder of a queue with requests, of one process that
// has ended.
func damagedQueue(t *testing.T) string {
	t.Helper()
	dir, db := t.TempDir(), newDatabase()
	db.away = errors.New("away")
	q, _ := open(t, config(dir), db)
	for i := range damageRequests {
		add(t, q, fmt.Sprintf("request%02d", i), 20)
	}
	stop(t, q, 0)
	return dir
}

func segments(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil || len(files) == 0 {
		t.Fatalf("segments in %s: %v, %v", dir, files, err)
	}
	return files
}

// TestDamagedFiles opens a queue whose files are not as they were. Whole requests
// may be gone, which is counted; the rest goes on, and no row is false.
func TestDamagedFiles(t *testing.T) {
	flip := func(bits int) func(*testing.T, string) {
		return func(t *testing.T, file string) {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for range bits {
				content[100+rand.IntN(len(content)-100)] ^= 1 << rand.IntN(8)
			}
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		damage func(*testing.T, string)
		least  int // requests that must survive
		silent bool
	}{
		"one bit":    {damage: flip(1), least: damageRequests - 1},
		"eight bits": {damage: flip(8), least: damageRequests - 8},
		"half a file": {damage: func(t *testing.T, file string) {
			info, err := os.Stat(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(file, info.Size()/2); err != nil {
				t.Fatal(err)
			}
		}, least: damageRequests/2 - 2},
		"empty file": {damage: func(t *testing.T, file string) {
			if err := os.Truncate(file, 0); err != nil {
				t.Fatal(err)
			}
		}},
		"no file": {damage: func(t *testing.T, file string) {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}},
		"garbage after": {damage: func(t *testing.T, file string) {
			f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteString(strings.Repeat("garbage", 100)); err != nil {
				t.Fatal(err)
			}
		}, least: damageRequests, silent: true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := damagedQueue(t)
			c.damage(t, segments(t, dir)[0])
			db := newDatabase()
			q, s := open(t, config(dir), db)
			add(t, q, "after", 20)
			wait(t, "the rest", patience, func() bool { return q.Stats().Records == 0 && db.count() >= 20 })
			stop(t, q, time.Second)
			requests := map[string]int{}
			for remarks, n := range db.rows {
				var request, i int
				if _, err := fmt.Sscanf(remarks, "request%d-%d", &request, &i); err != nil && !strings.HasPrefix(remarks, "after-") {
					t.Errorf("a false row: %q", remarks)
				}
				if n != 1 {
					t.Errorf("%s was written %d times", remarks, n)
				}
				requests[remarks[:strings.Index(remarks, "-")]]++
			}
			for request, n := range requests {
				if n != 20 {
					t.Errorf("%s has %d of 20 rows", request, n)
				}
			}
			survived, lost := len(requests)-1, uint64(0)
			for _, e := range s.events {
				t.Log(e)
				lost += e.Records
			}
			if requests["after"] != 20 || survived < c.least {
				t.Errorf("%d requests survived, want %d at least; after: %d rows", survived, c.least, requests["after"])
			}
			if !c.silent && int(lost) != damageRequests-survived {
				t.Errorf("%d requests were reported as lost, and %d are", lost, damageRequests-survived)
			}
		})
	}
}

// TestRequestThatIsNotReadableIsSetAside has requests whose checksums are right,
// as another version might write them.
func TestRequestThatIsNotReadableIsSetAside(t *testing.T) {
	dir := t.TempDir()
	log, err := seglog.Open(dir, seglog.Options{MaxBytes: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	good := encode(nil, Logs, 1, 1, nil)
	bad := [][]byte{
		{}, []byte("short"), append([]byte{2}, good[1:]...), // another format
		{format, 3, 1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, // another signal
		append(append([]byte{}, good...), 0xff, 0xff, 0xff),
		append([]byte{format, byte(Logs) | compressed}, append(good[2:], "not s2"...)...),
		append([]byte{format, byte(Traces)}, append(good[2:], 0x0a, 0x05, 1)...),
	}
	for _, payload := range bad {
		if err := log.Append(t.Context(), payload); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	db := newDatabase()
	q, s := open(t, config(dir), db)
	add(t, q, "honest", 10)
	wait(t, "the honest rows, and nothing left", patience, func() bool { return db.count() == 10 && q.Stats().Records == 0 })
	stop(t, q, time.Second)
	if len(s.aside) != len(bad) {
		t.Fatalf("%d requests were set aside, want %d: %v", len(s.aside), len(bad), s.asides)
	}
	for i, file := range s.aside {
		content, err := os.ReadFile(file)
		if err != nil || !strings.HasPrefix(file, filepath.Join(dir, "damaged")) {
			t.Errorf("%s: %v", file, err)
		}
		if i < 3 && string(content) != string(bad[i]) {
			t.Errorf("%s has %q, want %q", file, content, bad[i])
		}
	}
	again, s := open(t, config(dir), db) // and a restart does not find them
	wait(t, "an empty queue", time.Second, func() bool { return again.Stats().Records == 0 })
	stop(t, again, time.Second)
	if len(s.aside) > 0 {
		t.Errorf("after a restart: %v", s.aside)
	}
}

// TestFolderRemovedWhileRunning removes the folder, twice, under load: nothing
// that was acknowledged is lost, also when the queue is opened again.
func TestFolderRemovedWhileRunning(t *testing.T) {
	dir, db := filepath.Join(t.TempDir(), "queue"), newDatabase()
	db.away = errors.New("away")
	q, s := open(t, config(dir), db)
	acknowledged := 0
	for i := range 300 {
		if i == 100 || i == 200 {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
		if err := q.AddLogs(t.Context(), logs(fmt.Sprint(i), 10)); err == nil {
			acknowledged += 10
		}
	}
	stop(t, q, 0)
	db.set(func(d *database) { d.away = nil })
	again, _ := open(t, config(dir), db)
	wait(t, "all rows", patience, func() bool { return db.count() >= acknowledged })
	stop(t, again, time.Second)
	restored := 0
	for _, e := range s.events {
		if e.Kind == seglog.KindRestored {
			restored++
		}
	}
	if acknowledged < 2900 || restored < 2 {
		t.Errorf("%d of 3,000 acknowledged; events: %v", acknowledged, s.events)
	}
}
