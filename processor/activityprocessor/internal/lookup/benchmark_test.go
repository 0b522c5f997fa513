package lookup

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"
)

const million = 1_000_000

// userID is that of a user of the benchmarks: "user-0000042".
func userID(i int) string { return fmt.Sprintf("user-%07d", i) }

// million users with a name of 24 bytes and one of a thousand tenants each: 47 bytes
// in the table.
func millionUsers(b *testing.B, extension string) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "users."+extension)
	file, err := os.Create(path)
	require.NoError(b, err)
	defer file.Close()
	out := bufio.NewWriter(file)
	if extension == "csv" {
		_, _ = fmt.Fprintln(out, "id,name,tenant")
	}
	for i := range million {
		if extension == "csv" {
			_, _ = fmt.Fprintf(out, "%s,Alice Example of %07d,tenant-%03d\n", userID(i), i, i%1000)
		} else {
			_, _ = fmt.Fprintf(out, `{"id":%q,"name":"Alice Example of %07d","tenant":"tenant-%03d"}`+"\n", userID(i), i, i%1000)
		}
	}
	require.NoError(b, out.Flush())
	return path
}

// BenchmarkLookupMillion is for a batch of 1,000 records, in each of which two
// attributes are set: from a file, and from a cache that has the rows. B/user is what
// the heap has more.
func BenchmarkLookupMillion(b *testing.B) {
	for _, extension := range []string{"csv", "jsonl"} {
		b.Run("file="+extension, func(b *testing.B) {
			path := millionUsers(b, extension)
			before := heap()
			l := started(b, parse(b, usersFile(path)))
			taken := float64(heap() - before)
			enrich(b, l, million)
			b.ReportMetric(taken/million, "B/user")
			b.ReportMetric(taken/(1<<20), "MiB")
		})
	}
	b.Run("sql=cached", func(b *testing.B) {
		l := database100k(b)
		enrich(b, l, 50_000)
	})
}

// BenchmarkReload is the reading of a file of a million users: MiB is the table, and
// peak-MiB the most that the heap has more meanwhile, with what is not yet collected.
func BenchmarkReload(b *testing.B) {
	for _, extension := range []string{"csv", "jsonl"} {
		b.Run(extension, func(b *testing.B) {
			cfg := parse(b, usersFile(millionUsers(b, extension)))[0].File
			for b.Loop() {
				before := heap()
				stop := highest()
				t, err := readFile(cfg, []string{"name", "tenant"})
				require.NoError(b, err)
				b.ReportMetric(float64(stop()-before)/(1<<20), "peak-MiB")
				b.ReportMetric(float64(t.bytes())/(1<<20), "MiB")
			}
		})
	}
}

// BenchmarkSQLMillion asks SQLite for a million distinct users, in batches of 1,000,
// with a cache of 100,000; B/entry is what the heap has more.
func BenchmarkSQLMillion(b *testing.B) {
	for b.Loop() {
		before := heap()
		l := database100k(b)
		for from := 0; from < million; from += 1000 {
			l.Enrich(context.Background(), slices.Values(records(from, 1000)))
		}
		taken := float64(heap() - before)
		l.Entries(func(_ string, n int) {
			b.ReportMetric(taken/float64(n), "B/entry")
			b.ReportMetric(float64(n), "entries")
		})
		b.ReportMetric(taken/(1<<20), "MiB")
		runtime.KeepAlive(l)
	}
}

func started(b *testing.B, cfgs []Config) *Lookups {
	b.Helper()
	l, err := New(cfgs, zap.NewNop(), &seen{})
	require.NoError(b, err)
	require.NoError(b, l.Start(context.Background()))
	b.Cleanup(func() { require.NoError(b, l.Shutdown(context.Background())) })
	return l
}

// database100k is a lookup of a million users in SQLite, which remembers 100,000.
func database100k(b *testing.B) *Lookups {
	b.Helper()
	path := filepath.Join(b.TempDir(), "users.db")
	execute(b, "sqlite", path, "CREATE TABLE account (id TEXT PRIMARY KEY, name TEXT, tenant TEXT) WITHOUT ROWID")
	db, err := sql.Open("sqlite", path)
	require.NoError(b, err)
	defer db.Close()
	_, err = db.Exec(`WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999999)
		INSERT INTO account SELECT printf('user-%07d', i), printf('Alice Example of %07d', i), printf('tenant-%03d', i % 1000) FROM n`)
	require.NoError(b, err)
	cfgs := parse(b, usersSQL("sqlite", path, "SELECT name, tenant FROM account WHERE id = ?", "", ""))
	cfgs[0].Set["activity.tenant.id"] = "tenant"
	return started(b, cfgs)
}

// enrich measures records of the first users, in batches of 1,000.
func enrich(b *testing.B, l *Lookups, users int) {
	var batches [][]pcommon.Map
	for i := range 50 {
		batch := make([]pcommon.Map, 1000)
		for k := range batch {
			batch[k] = record(((i*1000 + k) * 7919) % users)
		}
		l.Enrich(context.Background(), slices.Values(batch)) // the cache is warm
		for _, attrs := range batch {
			forget(attrs)
		}
		batches = append(batches, batch)
	}
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		batch := batches[n%len(batches)]
		n++
		l.Enrich(context.Background(), slices.Values(batch))
		b.StopTimer()
		for _, attrs := range batch {
			forget(attrs)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/record")
}

// forget makes attrs what they were.
func forget(attrs pcommon.Map) {
	attrs.Remove("activity.actor.name")
	attrs.Remove("activity.tenant.id")
}

func records(from, n int) []pcommon.Map {
	maps := make([]pcommon.Map, n)
	for i := range maps {
		maps[i] = record(from + i)
	}
	return maps
}

// record has the attributes of an activity without names.
func record(user int) pcommon.Map {
	attrs := pcommon.NewMap()
	attrs.EnsureCapacity(14)
	for _, key := range []string{"activity.id", "activity.action.type", "activity.action.name", "activity.status", "activity.object.type",
		"activity.object.id", "activity.source", "client.address", "user_agent.original", "activity.actor.type"} {
		attrs.PutStr(key, "value")
	}
	attrs.PutStr("activity.actor.id", userID(user))
	return attrs
}

// highest watches the heap until it is stopped, and returns the most there was.
func highest() (stop func() uint64) {
	end, result := make(chan struct{}), make(chan uint64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		most := uint64(0)
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-end:
				result <- most
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(end); return <-result }
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
