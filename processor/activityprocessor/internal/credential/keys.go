package credential

import (
	"bytes"
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// keySource reads a key set, and again in the background.
type keySource struct {
	where  string // for people
	load   func(ctx context.Context) ([]byte, error)
	times  times
	must   bool // the first load must succeed
	logger *zap.Logger

	set     atomic.Pointer[keySet]
	fresh   atomic.Int64 // when the set was last read, in nanoseconds since 1970
	failing bool

	wake   chan struct{}
	first  chan struct{} // closed after the first load
	done   chan struct{}
	cancel context.CancelFunc
}

// times are the intervals of a key source.
type times struct {
	refresh, retry time.Duration // after a success, after a failure
	gap            time.Duration // at least, before a refresh for an unknown key
	stale          time.Duration // how old keys may be while they cannot be read
	first          time.Duration // how long Start waits
}

func fileTimes() times {
	return times{refresh: 30 * time.Second, retry: 30 * time.Second, gap: 5 * time.Second, stale: time.Hour}
}

func urlTimes() times {
	return times{refresh: 5 * time.Minute, retry: 10 * time.Second, gap: 10 * time.Second, stale: time.Hour, first: time.Second}
}

func newKeySource(cfg *HeaderConfig, logger *zap.Logger) *keySource {
	k := &keySource{logger: logger, wake: make(chan struct{}, 1), first: make(chan struct{}), done: make(chan struct{})}
	if cfg.JWKSFile != "" {
		k.where, k.times, k.must = cfg.JWKSFile, fileTimes(), true
		k.load = func(context.Context) ([]byte, error) { return readKeyFile(cfg.JWKSFile) }
		return k
	}
	k.where, k.times = withoutQuery(string(cfg.JWKSURL)), urlTimes()
	k.load = func(ctx context.Context) ([]byte, error) { return fetchKeys(ctx, string(cfg.JWKSURL)) }
	return k
}

// current returns the keys, nil if there are none, or if they are too old.
func (k *keySource) current() *keySet {
	set := k.set.Load()
	if set == nil || time.Since(time.Unix(0, k.fresh.Load())) > k.times.refresh+k.times.stale {
		return nil
	}
	return set
}

// refresh asks for the keys to be read again, and does not wait.
func (k *keySource) refresh() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// start reads the keys for the first time. It waits for an address no longer than a
// second.
func (k *keySource) start(ctx context.Context) error {
	if k.must {
		if err := k.read(ctx); err != nil {
			return fmt.Errorf("read the keys of tokens in %s: %w", k.where, err)
		}
	}
	background, cancel := context.WithCancel(context.Background())
	k.cancel = cancel
	go k.run(background)
	if k.must {
		return nil
	}
	timer := time.NewTimer(k.times.first)
	defer timer.Stop()
	select {
	case <-k.first:
	case <-timer.C:
	case <-ctx.Done():
	}
	return nil
}

func (k *keySource) stop(ctx context.Context) error {
	k.cancel()
	select {
	case <-k.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for the reader of keys of tokens: %w", ctx.Err())
	}
}

func (k *keySource) run(ctx context.Context) {
	defer close(k.done)
	next := time.Duration(0)
	if k.must {
		next = k.times.refresh
	}
	for first := true; ; first = false {
		if !k.sleep(ctx, next) {
			return
		}
		err := k.read(ctx)
		if ctx.Err() != nil {
			return
		}
		k.report(err)
		if first {
			close(k.first)
		}
		if next = k.times.refresh; err != nil {
			next = k.times.retry
		}
	}
}

// sleep waits for so long, or for a call of refresh, but at least for the gap. It reports
// whether to go on.
func (k *keySource) sleep(ctx context.Context, d time.Duration) bool {
	gap, timer := time.NewTimer(min(d, k.times.gap)), time.NewTimer(d)
	defer gap.Stop()
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-gap.C:
	}
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-k.wake:
	}
	return true
}

// read reads the keys once.
func (k *keySource) read(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	text, err := k.load(ctx)
	if err != nil {
		return err
	}
	old := k.set.Load()
	if old == nil || !bytes.Equal(old.text, text) {
		set, err := parseKeys(text)
		if err != nil {
			return err
		}
		k.set.Store(set)
	}
	k.fresh.Store(time.Now().UnixNano())
	return nil
}

// report logs the first failure of a row, and the end of the row.
func (k *keySource) report(err error) {
	switch {
	case err != nil && !k.failing:
		k.logger.Warn("The keys of tokens cannot be read. Tokens identify nobody without them, or with new keys.",
			zap.String("keys", k.where), zap.Error(err))
	case err == nil && k.failing:
		k.logger.Info("The keys of tokens can be read again.", zap.String("keys", k.where))
	}
	k.failing = err != nil
}
