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
	all []*lookup
}

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
		one.enrich(ctx, batch)
	}
}

func (l *lookup) enrich(ctx context.Context, batch iter.Seq[pcommon.Map]) {
	var n counts
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
	n.report(l.observer, l.name)
}

// Find sets the attributes of the lookup of that name in into[i], by the row of keys[i].
// An empty key has no row. It waits for a database no longer than the lookup's timeout.
func (l *Lookups) Find(ctx context.Context, name string, keys []string, into []pcommon.Map) {
	for _, one := range l.all {
		if one.name == name {
			one.findAll(ctx, keys, into)
			return
		}
	}
}

func (l *lookup) findAll(ctx context.Context, keys []string, into []pcommon.Map) {
	var n counts
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
	n.report(l.observer, l.name)
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
