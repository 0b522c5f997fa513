package queue

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/otelactivity/activitylog/exporter/activitylogexporter/internal/convert"
	"github.com/otelactivity/activitylog/internal/seglog"
)

// FuzzPayload reads arbitrary bytes as a request whose checksum is right: no
// panic, and no more memory than the bytes ask for.
func FuzzPayload(f *testing.F) {
	f.Add(encode(nil, Logs, 3, 7, marshaled(f)))
	f.Add(encode(nil, Logs, 0, 0, nil))
	f.Add([]byte{format, byte(Traces) | compressed, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x0f})
	q := &Queue{converter: &convert.Converter{}}
	f.Fuzz(func(_ *testing.T, payload []byte) {
		h, err := decodeHead(payload)
		if err != nil {
			return
		}
		if h.compressed && len(payload) < 1<<10 && h.bodyBytes > 1<<24 {
			return // s2 allocates what its header says, up to largestBody
		}
		b, err := q.decode(item{head: h, payload: payload})
		if err != nil {
			return
		}
		q.converter.Release(b)
	})
}

// FuzzFile opens a queue whose segment is arbitrary: no panic, no hang, no false
// row, and it goes on.
func FuzzFile(f *testing.F) {
	dir := f.TempDir()
	log, err := seglog.Open(dir, seglog.Options{MaxBytes: 1 << 20, SegmentBytes: 4096})
	if err != nil {
		f.Fatal(err)
	}
	for range 3 {
		if err := log.Append(f.Context(), encode(nil, Logs, 2, 1, marshaled(f))); err != nil {
			f.Fatal(err)
		}
	}
	if err := log.Close(); err != nil {
		f.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil || len(files) != 1 {
		f.Fatal(files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		f.Fatal(err)
	}
	name := filepath.Base(files[0])
	f.Add(content)
	f.Add(content[:len(content)/2])
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		db := newDatabase()
		cfg := config(dir)
		cfg.FlushTimeout = 0
		q, err := Open(cfg, &convert.Converter{}, db, &seen{})
		if err != nil {
			t.Fatalf("open: %v", err)
		}
		defer stop(t, q, time.Second)
		add(t, q, "after", 1)
		wait(t, "the request that came after", patience, func() bool { return q.Stats().Records == 0 })
		for remarks := range db.rows {
			if remarks != "after-0" && remarks != "seed-0" && remarks != "seed-1" {
				t.Errorf("a false row: %q", remarks)
			}
		}
	})
}

func marshaled(tb testing.TB) []byte {
	tb.Helper()
	body, err := marshaler.MarshalLogs(logs("seed", 2))
	if err != nil {
		tb.Fatal(err)
	}
	return body
}
