package lookup

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/otelactivity/activitylog/internal/confcheck"
)

// fake is a database of which a test says how quick it is and whether it is there.
type fake struct {
	answer  func(key string) (string, error) // "" means no row
	asked   atomic.Int64
	at      atomic.Int64 // queries that run
	most    atomic.Int64
	release chan struct{} // nil: answers at once
}

func (f *fake) query(ctx context.Context, key string) (row, bool, error) {
	f.asked.Add(1)
	if n := f.at.Add(1); n > f.most.Load() {
		f.most.Store(n)
	}
	defer f.at.Add(-1)
	if f.release != nil {
		select {
		case <-f.release:
		case <-ctx.Done():
			return "", false, ctx.Err()
		}
	}
	value, err := f.answer(key)
	if err != nil || value == "" {
		return "", false, err
	}
	return makeRow([]string{value}), true, nil
}

func (*fake) close() error { return nil }

func same(key string) (string, error) { return "name of " + key, nil }

// runFake starts a lookup whose database is f.
func runFake(tb testing.TB, f *fake, change func(*SQLConfig, *CacheConfig)) *running {
	tb.Helper()
	cfgs := parse(tb, usersSQL("sqlite", "file:unused.db", "SELECT ?", "", ""))
	change(cfgs[0].SQL, &cfgs[0].Cache)
	core, logs := observer.New(zap.DebugLevel)
	r := &running{seen: &seen{}, logs: logs}
	l, err := New(cfgs, zap.New(core), r.seen)
	require.NoError(tb, err)
	loader := l.all[0].backend.(*cached).loader
	require.NoError(tb, loader.db.close())
	loader.db = f
	require.NoError(tb, l.Start(context.Background()))
	tb.Cleanup(func() { require.NoError(tb, l.Shutdown(context.Background())) })
	r.Lookups = l
	return r
}

func defaults(*SQLConfig, *CacheConfig) {}

func TestNegativeCache(t *testing.T) {
	f := &fake{answer: func(string) (string, error) { return "", nil }}
	r := runFake(t, f, func(_ *SQLConfig, c *CacheConfig) { c.NegativeTTL = confcheck.Duration(300 * time.Millisecond) })
	for range 10 {
		assert.Empty(t, r.name("1"))
	}
	assert.EqualValues(t, 1, f.asked.Load())
	assert.Equal(t, map[Result]int64{Negative: 10}, r.seen.take())
	time.Sleep(310 * time.Millisecond)
	r.name("1")
	assert.EqualValues(t, 2, f.asked.Load())
}

func TestOldRowsAreUsedWhileAskedForAgain(t *testing.T) {
	var version atomic.Int64
	f := &fake{answer: func(string) (string, error) {
		if version.Load() < 0 {
			return "", errors.New("away")
		}
		return fmt.Sprint("version ", version.Load()), nil
	}}
	r := runFake(t, f, func(_ *SQLConfig, c *CacheConfig) { c.TTL = confcheck.PositiveDuration(20 * time.Millisecond) })
	require.Equal(t, "version 0", r.name("1"))
	version.Store(1)
	time.Sleep(30 * time.Millisecond)
	assert.Equal(t, "version 0", r.name("1"))
	eventually(t, "the new row", func() bool { return r.name("1") == "version 1" })
	assert.Equal(t, int64(1), r.seen.take()[Miss], "nobody has waited for it")
	version.Store(-1)
	time.Sleep(30 * time.Millisecond)
	assert.Equal(t, "version 1", r.name("1"))
}

func TestNotForEver(t *testing.T) {
	var away atomic.Bool
	f := &fake{answer: func(key string) (string, error) {
		if away.Load() {
			return "", errors.New("away")
		}
		return same(key)
	}}
	r := runFake(t, f, func(_ *SQLConfig, c *CacheConfig) {
		c.TTL, c.MaxStale = confcheck.PositiveDuration(time.Millisecond), confcheck.Duration(100*time.Millisecond)
	})
	require.Equal(t, "name of 1", r.name("1"))
	away.Store(true)
	time.Sleep(10 * time.Millisecond)
	require.Equal(t, "name of 1", r.name("1"))
	time.Sleep(100 * time.Millisecond)
	assert.Empty(t, r.name("1"))
	assert.Equal(t, int64(1), r.seen.take()[Failed])
}

func TestSingleFlight(t *testing.T) {
	f := &fake{answer: same, release: make(chan struct{})}
	r := runFake(t, f, defaults)
	var done sync.WaitGroup
	for range 20 {
		done.Go(func() { assert.Equal(t, []string{"name of 1", "name of 1"}, r.names("1", "1")) })
	}
	eventually(t, "the query", func() bool { return f.at.Load() == 1 })
	time.Sleep(50 * time.Millisecond) // for the others to come
	close(f.release)
	done.Wait()
	assert.EqualValues(t, 1, f.asked.Load())
}

func TestBoundedQueries(t *testing.T) {
	f := &fake{answer: same, release: make(chan struct{})}
	r := runFake(t, f, func(s *SQLConfig, _ *CacheConfig) { s.Timeout, s.MaxPending, s.MaxOpenConns = 0, 10, 3 })
	ids := make([]any, 100)
	for i := range ids {
		ids[i] = i
	}
	r.names(ids...)
	looked := r.seen.take()
	// 10 wait, and up to 3 more run, if the workers were quick enough.
	assert.EqualValues(t, 100, looked[Timeout]+looked[Failed])
	assert.GreaterOrEqual(t, looked[Timeout], int64(10))
	assert.LessOrEqual(t, looked[Timeout], int64(13))
	close(f.release)
	eventually(t, "the answers in the background", func() bool { return r.name(0) == "name of 0" })
	assert.LessOrEqual(t, f.most.Load(), int64(3))
}

// TestDeadline has a batch of many unknown users and a database that does not answer:
// they do not wait one after another.
func TestDeadline(t *testing.T) {
	f := &fake{answer: same, release: make(chan struct{})}
	r := runFake(t, f, func(s *SQLConfig, _ *CacheConfig) { s.Timeout = confcheck.Duration(100 * time.Millisecond) })
	ids := make([]any, 1000)
	for i := range ids {
		ids[i] = i
	}
	begin := time.Now()
	r.names(ids...)
	assert.Less(t, time.Since(begin), 600*time.Millisecond)
	assert.GreaterOrEqual(t, time.Since(begin), 100*time.Millisecond)
	assert.Equal(t, map[Result]int64{Timeout: 1000}, r.seen.take())
}

func TestCancelledBatchDoesNotWait(t *testing.T) {
	f := &fake{answer: same, release: make(chan struct{})}
	r := runFake(t, f, defaults)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	begin := time.Now()
	r.all[0].backend.ask(ctx, []string{"1"}, func(_ int, _ row, result Result) { assert.Equal(t, Timeout, result) })
	assert.Less(t, time.Since(begin), time.Second)
}

// TestBreaker counts what a database that is away is asked.
func TestBreaker(t *testing.T) {
	var back atomic.Bool
	f := &fake{answer: func(key string) (string, error) {
		if !back.Load() {
			return "", errors.New("away")
		}
		return same(key)
	}}
	r := runFake(t, f, func(s *SQLConfig, _ *CacheConfig) { s.MaxOpenConns = 1 })
	for id := range 1000 {
		r.name(id)
	}
	assert.EqualValues(t, maxFailures, f.asked.Load())
	assert.Equal(t, map[Result]int64{Failed: 1000}, r.seen.take())
	assert.Empty(t, r.all[0].backend.(*cached).loader.calls)

	// When it may be asked again, only one question goes there, and nobody waits for it.
	breaker := r.all[0].backend.(*cached).loader.breaker
	due := func() {
		breaker.mu.Lock()
		defer breaker.mu.Unlock()
		breaker.until = time.Time{}
	}
	asked := func(n int64) func() bool { return func() bool { return f.asked.Load() == n } }
	due()
	r.names("1", "2", "3")
	eventually(t, "one question", asked(maxFailures+1))
	r.names("1", "2", "3")
	assert.True(t, asked(maxFailures+1)())
	back.Store(true)
	due()
	r.name("1")
	eventually(t, "the database again", func() bool { return r.name("7") == "name of 7" })
	assert.Equal(t, 1, r.logs.Len(), "one warning a minute")
}

// TestBreakerOpensWithinABatch: what waits already when the database is found to be
// away is not asked any more.
func TestBreakerOpensWithinABatch(t *testing.T) {
	f := &fake{answer: func(string) (string, error) { return "", errors.New("away") }}
	r := runFake(t, f, func(s *SQLConfig, _ *CacheConfig) { s.MaxOpenConns = 1 })
	ids := make([]any, 100)
	for i := range ids {
		ids[i] = i
	}
	r.names(ids...)
	assert.Equal(t, map[Result]int64{Failed: 100}, r.seen.take())
	assert.EqualValues(t, maxFailures, f.asked.Load())
}

// TestNobodyWaitsForTheProbe has a database that comes back and does not answer.
func TestNobodyWaitsForTheProbe(t *testing.T) {
	f := &fake{answer: func(string) (string, error) { return "", errors.New("away") }}
	r := runFake(t, f, defaults)
	r.names("1", "2", "3")
	breaker := r.all[0].backend.(*cached).loader.breaker
	require.True(t, breaker.isOpen())
	f.release = make(chan struct{})
	breaker.mu.Lock()
	breaker.until = time.Time{}
	breaker.mu.Unlock()
	begin := time.Now()
	r.names("1", "2", "1")
	assert.Less(t, time.Since(begin), time.Second, "the timeout is 5 s")
	eventually(t, "the question", func() bool { return f.at.Load() == 1 })
}

func TestBreakerWaitsLonger(t *testing.T) {
	b := newBreaker()
	for range maxFailures {
		allowed, _ := b.allow()
		require.True(t, allowed)
		b.report(errUnreachable)
	}
	for range 20 {
		b.until = time.Time{}
		allowed, probe := b.allow()
		require.True(t, allowed && probe)
		allowed, _ = b.allow()
		require.False(t, allowed, "while one finds out")
		b.report(errUnreachable)
	}
	assert.Greater(t, time.Until(b.until), 10*time.Second)
	assert.Less(t, time.Until(b.until), 50*time.Second)
	b.report(nil)
	assert.False(t, b.isOpen())
}

// TestShutdownEndsQueries has one that would run for ever.
func TestShutdownEndsQueries(t *testing.T) {
	f := &fake{answer: same, release: make(chan struct{})}
	r := runFake(t, f, func(s *SQLConfig, _ *CacheConfig) {
		s.Timeout, s.QueryTimeout = 0, confcheck.PositiveDuration(time.Hour)
	})
	r.names("1", "2")
	require.NoError(t, r.Shutdown(context.Background()))
	assert.Empty(t, r.logs.All())
}

func TestQueryTimeout(t *testing.T) {
	f := &fake{answer: same, release: make(chan struct{})}
	r := runFake(t, f, func(s *SQLConfig, _ *CacheConfig) { s.QueryTimeout = confcheck.PositiveDuration(20 * time.Millisecond) })
	assert.Empty(t, r.name("1"))
	assert.Equal(t, map[Result]int64{Failed: 1}, r.seen.take())
}

// TestMillionKeys asks for a million distinct keys.
func TestMillionKeys(t *testing.T) {
	f := &fake{answer: same}
	r := runFake(t, f, func(_ *SQLConfig, c *CacheConfig) { c.MaxEntries = 1000 })
	ids := make([]any, 5000)
	for batch := range 200 {
		for i := range ids {
			ids[i] = batch*len(ids) + i
		}
		names := r.names(ids...)
		require.Equal(t, fmt.Sprint("name of ", ids[17]), names[17])
		r.Entries(func(_ string, n int) { require.LessOrEqual(t, n, 1000) })
	}
	assert.Empty(t, r.all[0].backend.(*cached).loader.calls)
}
