package lookup

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.uber.org/zap"
)

// Lookups are the lookups of a processor, in their order. After Start they are safe
// for concurrent use.
type Lookups struct {
	all     []*lookup
	watcher Watcher
}

// Watcher is told what lookups do, so that it can be explained to people. A running
// Collector has none.
type Watcher interface {
	// LookedUp is called when a lookup has set the attributes of a batch. unanswered is
	// the number of records for which its database did not answer.
	LookedUp(lookup string, unanswered int64)
	// NotStarted is called for a lookup that cannot be used. It finds no rows.
	NotStarted(lookup string, err error)
}

// Watch makes Start go on without lookups that fail, and tells w of them. It must be
// called before Start.
func (l *Lookups) Watch(w Watcher) { l.watcher = w }

// lookup is one lookup of a processor.
type lookup struct {
	name     string
	target   target
	backend  backend
	observer Observer
}

// backend finds rows by key.
type backend interface {
	start(ctx context.Context) error
	stop(ctx context.Context) error
	// find returns the row in memory: Hit, Negative, or Miss if ask may find it.
	find(key string) (row, Result)
	// ask finds the rows that were missing. It calls got for each index of keys before
	// it returns, within the timeout.
	ask(ctx context.Context, keys []string, got func(i int, r row, result Result))
	// entries returns the number of rows in memory.
	entries() int
}

// New returns the lookups of cfgs, which must be valid. It reads no file and does not
// connect; Start does.
func New(cfgs []Config, logger *zap.Logger, observer Observer) (*Lookups, error) {
	l := &Lookups{}
	for i := range cfgs {
		cfg := &cfgs[i]
		columns := slices.Sorted(maps.Values(cfg.Set))
		columns = slices.Compact(columns)
		warn := &quiet{logger: logger.With(zap.String("lookup", string(cfg.Name)))}
		one := &lookup{name: string(cfg.Name), target: newTarget(cfg, columns), observer: observer}
		switch {
		case cfg.File != nil:
			one.backend = newFileSource(cfg, columns, warn, observer)
		case cfg.SQL != nil:
			cached, err := newCached(cfg, columns, warn)
			if err != nil {
				return nil, fmt.Errorf("open lookup %q: %w", string(cfg.Name), err)
			}
			one.backend = cached
		default:
			return nil, fmt.Errorf("open lookup %q: file or sql must be set", string(cfg.Name))
		}
		l.all = append(l.all, one)
	}
	return l, nil
}

// Start reads the files, and then watches them for changes. An invalid file is an error,
// an unreachable database is not.
func (l *Lookups) Start(ctx context.Context) error {
	if l.watcher != nil {
		l.startEach(ctx)
		return nil
	}
	for i, one := range l.all {
		if err := one.backend.start(ctx); err != nil {
			for _, started := range l.all[:i] {
				_ = started.backend.stop(ctx)
			}
			return fmt.Errorf("start lookup %q: %w", one.name, err)
		}
	}
	return nil
}

// startEach starts the lookups that can be started, and forgets the others.
func (l *Lookups) startEach(ctx context.Context) {
	l.all = slices.DeleteFunc(l.all, func(one *lookup) bool {
		err := one.backend.start(ctx)
		if err != nil {
			l.watcher.NotStarted(one.name, err)
		}
		return err != nil
	})
}

// Shutdown stops the lookups. It must not be called if Start has failed.
func (l *Lookups) Shutdown(ctx context.Context) error {
	var errs []error
	for _, one := range l.all {
		errs = append(errs, one.backend.stop(ctx))
	}
	return errors.Join(errs...)
}

// Entries calls each with the number of rows that each lookup has in memory.
func (l *Lookups) Entries(each func(lookup string, entries int)) {
	for _, one := range l.all {
		each(one.name, one.backend.entries())
	}
}

// Enrich sets attributes of records. batch returns the attributes of each record, and is
// read once for each lookup. Later lookups see the attributes that earlier ones have
// set. Enrich waits for databases, for each lookup no longer than its timeout.
func (l *Lookups) Enrich(ctx context.Context, batch iter.Seq[pcommon.Map]) {
	for _, one := range l.all {
		n := one.enrich(ctx, batch)
		n.report(one.observer, one.name)
		l.tell(one, &n)
	}
}

func (l *Lookups) tell(one *lookup, n *counts) {
	if l.watcher != nil {
		l.watcher.LookedUp(one.name, n.unanswered())
	}
}

func (l *lookup) enrich(ctx context.Context, batch iter.Seq[pcommon.Map]) (n counts) {
	var keys []string // those that are not in memory
	var waiting []pcommon.Map
	for attrs := range batch {
		if !l.target.wants(attrs) {
			continue
		}
		key, ok := l.target.key(attrs)
		if !ok {
			continue
		}
		r, result := l.backend.find(key)
		if result == Miss {
			keys, waiting = append(keys, key), append(waiting, attrs)
			continue
		}
		n.add(result)
		if result == Hit {
			l.target.fill(attrs, r)
		}
	}
	l.ask(ctx, keys, waiting, &n)
	return n
}

// Find sets the attributes of the lookup of that name in into[i], by the row of keys[i].
// An empty key has no row. It waits for a database no longer than the lookup's timeout.
func (l *Lookups) Find(ctx context.Context, name string, keys []string, into []pcommon.Map) {
	for _, one := range l.all {
		if one.name == name {
			n := one.findAll(ctx, keys, into)
			n.report(one.observer, one.name)
			l.tell(one, &n)
			return
		}
	}
}

func (l *lookup) findAll(ctx context.Context, keys []string, into []pcommon.Map) (n counts) {
	var missing []string
	var waiting []pcommon.Map
	for i, key := range keys {
		if key == "" || len(key) > maxKey {
			continue
		}
		r, result := l.backend.find(key)
		if result == Miss {
			missing, waiting = append(missing, key), append(waiting, into[i])
			continue
		}
		n.add(result)
		if result == Hit {
			l.target.fill(into[i], r)
		}
	}
	l.ask(ctx, missing, waiting, &n)
	return n
}

// ask fills the attributes of records whose keys are not in memory.
func (l *lookup) ask(ctx context.Context, keys []string, waiting []pcommon.Map, n *counts) {
	if len(keys) == 0 {
		return
	}
	l.backend.ask(ctx, keys, func(i int, r row, result Result) {
		n.add(result)
		if result == Miss {
			l.target.fill(waiting[i], r)
		}
	})
}
