package declared

import "sync"

// registry are the indexes in use. The Collector makes a component for each
// pipeline that a processor is in, and what they have in common is the pointer
// to their configuration.
var registry = struct {
	sync.Mutex
	indexes map[any]*Index
}{indexes: map[any]*Index{}}

// Shared returns the index of a key, a new one for the first who asks. Each who
// asks closes it in the end.
func Shared(key any, cfg Config) *Index {
	registry.Lock()
	defer registry.Unlock()
	x := registry.indexes[key]
	if x == nil {
		x = newIndex(cfg)
		x.key = key
		registry.indexes[key] = x
	}
	x.refs++
	return x
}

// Close gives the index up; the last to do so ends its metrics.
func (x *Index) Close() error {
	if x == nil {
		return nil
	}
	registry.Lock()
	defer registry.Unlock()
	x.refs--
	if x.refs != 0 {
		return nil
	}
	delete(registry.indexes, x.key)
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.registration == nil {
		return nil
	}
	return x.registration.Unregister()
}
