// Package shared gives the instances of one component what they have in common.
//
// The Collector creates an instance of a component for each signal, and of a
// processor for each pipeline. All instances of one component have the pointer to
// their configuration in common, so that pointer is the key. The package does what
// internal/sharedcomponent does in the Collector's core, which no other module can
// import.
package shared

import (
	"context"
	"errors"
	"sync"
)

// Component is what several instances use.
type Component interface {
	// Start is called by the first instance that starts. If it fails, it must
	// leave nothing running, and the next instance that starts calls it again.
	Start(ctx context.Context) error
	// Shutdown is called by the last started instance that shuts down, and only
	// if Start has succeeded.
	Shutdown(ctx context.Context) error
}

// Map holds one component for each key in use. Its zero value is ready, and it is
// safe for concurrent use.
type Map[K comparable, V Component] struct {
	mu  sync.Mutex // guards all, and the number of users of each entry
	all map[K]*entry[V]
}

// entry is a component in use.
type entry[V Component] struct {
	value V
	users int                // instances that have not shut down; guarded by Map.mu
	leave func(closing bool) // ends one use, and all of them if the component closes

	run     sync.Mutex // held while the component starts or shuts down; guards what follows
	started int        // instances that have started and not shut down
	closed  bool       // the component has been shut down
}

// Use is one instance's use of a component. It is safe for concurrent use.
type Use[V Component] struct {
	// Value is the component.
	Value V

	entry   *entry[V]
	started bool
	ended   bool
}

// Get returns a new use of the component with this key. The first call for a key
// creates the component. Each use must end with Shutdown, started or not.
func (m *Map[K, V]) Get(key K, create func() (V, error)) (*Use[V], error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e := m.all[key]
	if e == nil {
		value, err := create()
		if err != nil {
			return nil, err
		}
		e = &entry[V]{value: value}
		e.leave = func(closing bool) { m.leave(key, e, closing) }
		if m.all == nil {
			m.all = make(map[K]*entry[V])
		}
		m.all[key] = e
	}
	e.users++
	return &Use[V]{Value: e.value, entry: e}, nil
}

// leave ends one use. The key is free again after the last use, and as soon as the
// component begins to shut down.
func (m *Map[K, V]) leave(key K, e *entry[V], closing bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e.users--
	if (closing || e.users == 0) && m.all[key] == e {
		delete(m.all, key)
	}
}

// Len returns the number of components in use.
func (m *Map[K, V]) Len() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.all)
}

var errClosed = errors.New("start a component that has been shut down")

// Start starts the component if no other instance has. It returns when the
// component has started, whichever instance started it.
func (u *Use[V]) Start(ctx context.Context) error {
	e := u.entry
	e.run.Lock()
	defer e.run.Unlock()
	switch {
	case e.closed || u.ended:
		return errClosed
	case u.started:
		return nil
	case e.started == 0:
		if err := e.value.Start(ctx); err != nil {
			return err
		}
	}
	u.started = true
	e.started++
	return nil
}

// Shutdown ends this use, and shuts the component down if no other started
// instance is left. A second call does nothing.
func (u *Use[V]) Shutdown(ctx context.Context) error {
	e := u.entry
	e.run.Lock()
	defer e.run.Unlock()
	if u.ended {
		return nil
	}
	u.ended = true
	if u.started {
		e.started--
		e.closed = e.started == 0
	}
	e.leave(e.closed)
	if !u.started || !e.closed {
		return nil
	}
	return e.value.Shutdown(ctx)
}
