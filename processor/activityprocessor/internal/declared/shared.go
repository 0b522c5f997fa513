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

// Close gives the index up. It is forgotten when the last who asked has closed it.
func (x *Index) Close() {
	if x == nil {
		return
	}
	registry.Lock()
	defer registry.Unlock()
	if x.refs--; x.refs > 0 {
		return
	}
	delete(registry.indexes, x.key)
}
